package data

import (
	"fmt"
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
	Kind       string  `json:"kind"`                      // one of VesselKinds
	Count      int     `json:"count,omitempty"`           // how many alike; 0 is 1
	AmountKg   float64 `json:"amount_kg,omitempty"`       // in each; or volume and fill
	VolumeM3   float64 `json:"volume_m3,omitempty"`       // of each
	Fill       float64 `json:"fill,omitempty"`            // share of the volume, over 0 to 1; 0 is 0.9
	BundM      float64 `json:"bund_diameter_m,omitempty"` // diameter of the pool that a spill makes, metres
	PipeMm     float64 `json:"pipe_diameter_mm,omitempty"`
	LengthM    float64 `json:"length_m,omitempty"`     // of a pipe, metres
	ReleaseKgS float64 `json:"release_kg_s,omitempty"` // rate of a leak, kg/s
	ReleaseS   float64 `json:"release_s,omitempty"`    // how long it lasts, seconds
}

// VesselKinds are the kinds of vessel that default frequencies are known for.
var VesselKinds = []string{"pressure_vessel", "atmospheric_tank", "road_tanker_pressurised", "road_tanker_atmospheric", "pipe", "underground_pipeline"}

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
	for _, k := range VesselKinds {
		if k != v.Kind {
			continue
		}
		for name, x := range map[string]float64{"amount_kg": v.AmountKg, "volume_m3": v.VolumeM3, "bund_diameter_m": v.BundM,
			"pipe_diameter_mm": v.PipeMm, "length_m": v.LengthM, "release_kg_s": v.ReleaseKgS, "release_s": v.ReleaseS} {
			if !(x >= 0) {
				return &Invalid{Field: "vessels." + name, Value: ftoa(x), Want: "a number of 0 or more"}
			}
		}
		if !(v.Fill >= 0 && v.Fill <= 1) {
			return &Invalid{Field: "vessels.fill", Value: ftoa(v.Fill), Want: "a share of the volume, 0 to 1"}
		}
		if v.Count < 0 || v.Count > 10_000 {
			return &Invalid{Field: "vessels.count", Value: fmt.Sprint(v.Count), Want: "1 to 10000"}
		}
		return nil
	}
	return &Invalid{Field: "vessels.kind", Value: v.Kind, Want: "one of", Allowed: VesselKinds}
}
