package data

import (
	"fmt"
	"slices"
	"strconv"
)

// Exposed is how many people a source exposes, by its own record: those that are
// there by day and by night. Known is false where the record gives neither; one
// that is not given takes the other's number.
type Exposed struct {
	Day, Night int32
	Known      bool
}

// Mean is the mean over day and night, which are taken as equally long.
func (e Exposed) Mean() float64 { return (float64(e.Day) + float64(e.Night)) / 2 }

// exposed reads the people that a detail gives.
func (d *Detail) exposed() Exposed {
	day, night := d.ExposedDay, d.ExposedNight
	switch {
	case day == nil && night == nil:
		return Exposed{}
	case day == nil:
		day = night
	case night == nil:
		night = day
	}
	return Exposed{Day: int32(*day), Night: int32(*night), Known: true}
}

// People reads how many people live on a unit of PeopleKind. The error is an
// *Invalid where its property is no decimal of 0 or more.
func (u *Unit) People() (float64, error) {
	text := u.Props[PeopleProp]
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v <= 1e12) {
		return 0, &Invalid{Field: PeopleProp, Value: text, Want: "a number of people, 0 or more"}
	}
	return v, nil
}

// Protection is the class of target that a source is for the risk of others
// (GB 36894-2018, clause 3): the lower, the less risk it may be put under.
type Protection uint8

// The classes of protected targets. Unprotected is a source that is none, or of
// which it is not known.
const (
	Unprotected   Protection = iota
	HighSensitive            // 高敏感防护目标: schools, hospitals, homes
	Important                // 重要防护目标: heritage, worship, rail transit
	General1                 // 一般防护目标一类
	General2                 // 一般防护目标二类
	General3                 // 一般防护目标三类
)

// ProtectionKeys are the interchange names, by class.
var ProtectionKeys = [...]string{"", "high_sensitive", "important", "general_1", "general_2", "general_3"}

func (p Protection) String() string { return key(ProtectionKeys[:], int(p)) }

// ParseProtection reads an interchange name; the empty string is Unprotected.
func ParseProtection(s string) (Protection, error) {
	i, err := parseKey("protection_class", ProtectionKeys[:], s, 0)
	return Protection(i), err
}

// Vessel is one container, pipe or store of a hazardous substance on a site:
// what scenarios are derived from. What is not known is left out.
type Vessel struct {
	Name       string  `json:"name,omitempty"`
	Substance  string  `json:"substance"`                 // name, formula or CAS number
	Kind       string  `json:"kind,omitempty"`            // one of VesselKinds; "" is a pressure vessel where the substance boils under 20 C, else an atmospheric tank
	Count      int     `json:"count,omitempty"`           // how many alike; 0 is 1
	AmountKg   float64 `json:"amount_kg,omitempty"`       // in each; or volume and fill
	VolumeM3   float64 `json:"volume_m3,omitempty"`       // of each
	Fill       float64 `json:"fill,omitempty"`            // share of the volume, over 0 to 1; 0 is 0.9
	BundM      float64 `json:"bund_diameter_m,omitempty"` // diameter of the pool that a spill makes, metres
	PipeMm     float64 `json:"pipe_diameter_mm,omitempty"`
	LengthM    float64 `json:"length_m,omitempty"`       // of a pipe, metres
	ReleaseKgS float64 `json:"release_kg_s,omitempty"`   // rate of a leak, kg/s
	ReleaseS   float64 `json:"release_s,omitempty"`      // how long it lasts, seconds
	PressMPa   float64 `json:"pressure_mpa,omitempty"`   // gauge, MPa; 0: that of the saturated vapour at 20 C where it is known
	TripsYear  float64 `json:"trips_per_year,omitempty"` // of tankers like this one along a road
}

// VesselKinds are the kinds of vessel that default frequencies are known for.
var VesselKinds = []string{"pressure_vessel", "atmospheric_tank", "road_tanker_pressurised", "road_tanker_atmospheric", "pipe", "underground_pipeline",
	"underground_pipeline_nen3650", "gas_transmission_pipeline"}

// Derivation says how one scenario of a record was derived from its inventory.
type Derivation struct {
	Scenario  int            `json:"scenario"` // its position in the record's list
	Outcome   string         `json:"outcome"`
	Model     string         `json:"model"`
	Inputs    map[string]any `json:"inputs,omitempty"` // by name with its unit, as mass_kg
	Values    map[string]any `json:"values,omitempty"` // what the model gave, as r01_m
	Frequency string         `json:"frequency"`        // how per_year was found, with its source
	Limits    []string       `json:"limits,omitempty"` // where the model holds
	Sources   []string       `json:"sources,omitempty"`
}

func (v *Vessel) check() error {
	if v.Substance == "" {
		return &Invalid{Field: "vessels.substance", Value: "", Want: "the name, formula or CAS number of a substance"}
	}
	if v.Kind != "" && !slices.Contains(VesselKinds, v.Kind) {
		return &Invalid{Field: "vessels.kind", Value: v.Kind, Want: "one of", Allowed: VesselKinds}
	}
	for _, q := range []struct {
		name  string
		value float64
		most  float64
		unit  string
	}{{"amount_kg", v.AmountKg, 1e9, "kg"}, {"volume_m3", v.VolumeM3, 1e6, "m3"}, {"fill", v.Fill, 1, "of the volume"},
		{"bund_diameter_m", v.BundM, 1000, "m"}, {"pipe_diameter_mm", v.PipeMm, 5000, "mm"}, {"length_m", v.LengthM, 1e7, "m"},
		{"release_kg_s", v.ReleaseKgS, 1e4, "kg/s"}, {"release_s", v.ReleaseS, 1e7, "s"}, {"pressure_mpa", v.PressMPa, 100, "MPa, gauge"},
		{"trips_per_year", v.TripsYear, 1e8, "trips a year"}} {
		if !(q.value >= 0 && q.value <= q.most) {
			return &Invalid{Field: "vessels." + q.name, Value: ftoa(q.value), Want: "0 to " + ftoa(q.most) + " " + q.unit}
		}
	}
	if v.Count < 0 || v.Count > 10_000 {
		return &Invalid{Field: "vessels.count", Value: fmt.Sprint(v.Count), Want: "1 to 10000"}
	}
	return nil
}
