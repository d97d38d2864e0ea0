package api

import (
	"encoding/json"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data/city"
	"riskatlas/data/datum"
	"riskatlas/riskgrid/consequence"
)

// AccidentBody is an accident in figures: a model and its inputs, each with its
// unit in its name. An input that the model does not take is refused; one that is
// left out takes the model's default or is asked for by name.
type AccidentBody struct {
	Model string   `json:"model" enum:"blast,vapour_cloud,dust,fireball,pool_fire,gas_pipe,plume,flash_fire,plume_rose,flash_fire_rose,index" doc:"Which accident."`
	Lon   *float64 `json:"lon,omitempty" minimum:"-180" maximum:"180" doc:"Where, longitude, degrees of crs=. Without a place there are no zones."`
	Lat   *float64 `json:"lat,omitempty" minimum:"-85" maximum:"85" doc:"Where, latitude, degrees of crs=."`
	AccidentInputs
}

// AccidentInputs are the inputs of all models.
type AccidentInputs struct {
	Substance       *string   `json:"substance,omitempty" doc:"Name, formula, CAS or UN number: pool_fire, vapour_cloud, dust, plume, flash_fire."`
	MassKg          *float64  `json:"mass_kg,omitempty" doc:"fireball: fuel in it, 1 to 2e6 kg."`
	TNTKg           *float64  `json:"tnt_kg,omitempty" doc:"blast: TNT equivalent, 0.01 to 5e6 kg."`
	FuelKg          *float64  `json:"fuel_kg,omitempty" doc:"vapour_cloud: flammable mass in the cloud, kg."`
	DustKg          *float64  `json:"dust_kg,omitempty" doc:"dust: dust in suspension, kg."`
	HeatMJPerKg     *float64  `json:"heat_mj_per_kg,omitempty" doc:"Heat of combustion, MJ/kg; the substance's when left out."`
	Yield           *float64  `json:"yield,omitempty" doc:"vapour_cloud 0.02 to 0.15, dust 0.01 to 0.04: share of the heat that counts as TNT; default 0.04."`
	Rule            *string   `json:"rule,omitempty" enum:"step,lung_eisenberg,lung_hse,collapse" doc:"blast, vapour_cloud: how overpressure becomes lethality; default step."`
	TNO             *bool     `json:"tno,omitempty" doc:"fireball: TNO's size and duration instead of CCPS's."`
	Touching        *bool     `json:"touching,omitempty" doc:"fireball: it touches the ground."`
	SEPKWPerM2      *float64  `json:"sep_kw_per_m2,omitempty" doc:"fireball: surface emissive power, 100 to 450 kW/m2; default 350."`
	WaterVapourPa   *float64  `json:"water_vapour_pa,omitempty" doc:"fireball, pool_fire: partial pressure, 100 to 13000 Pa; none: the air absorbs nothing."`
	DiameterMetres  *float64  `json:"diameter_metres,omitempty" doc:"pool_fire: of the pool, 0.5 to 150 m."`
	AreaM2          *float64  `json:"area_m2,omitempty" doc:"pool_fire: of the pool, instead of its diameter, m2."`
	BurningKgPerM2S *float64  `json:"burning_kg_per_m2_s,omitempty" doc:"pool_fire: burning rate, kg/(m2 s); the substance's when left out."`
	RadiantShare    *float64  `json:"radiant_share,omitempty" doc:"pool_fire: 0.1 to 0.6; default 0.35."`
	DiameterMM      *float64  `json:"diameter_mm,omitempty" doc:"gas_pipe: outside diameter, 50 to 1500 mm."`
	PressurePa      *float64  `json:"pressure_pa,omitempty" doc:"gas_pipe: gauge pressure, 1e5 to 2e7 Pa."`
	KgPerS          *float64  `json:"kg_per_s,omitempty" doc:"plume, flash_fire: release, over 0 to 1e4 kg/s."`
	ExposureMinutes *float64  `json:"exposure_minutes,omitempty" doc:"plume: how long people breathe it, minutes; default 10, counted to 30."`
	Terrain         *string   `json:"terrain,omitempty" enum:"rural,urban" doc:"plume, flash_fire: needed, since it changes concentrations tenfold."`
	HeightMetres    *float64  `json:"height_metres,omitempty" doc:"plume, flash_fire: of the release, 0 to 300 m; default 1."`
	ReceiverMetres  *float64  `json:"receiver_metres,omitempty" doc:"plume, flash_fire: of the receiver, 0 to 50 m; default 1."`
	Stability       *string   `json:"stability,omitempty" enum:"A,B,C,D,E,F" doc:"plume, flash_fire: Pasquill's class."`
	WindMPerS       *float64  `json:"wind_m_per_s,omitempty" doc:"plume, flash_fire: wind at 10 m, 1 to 30 m/s."`
	WindFrom        *float64  `json:"wind_from,omitempty" minimum:"0" maximum:"360" doc:"plume, flash_fire: where the wind comes from, degrees clockwise from north; needed."`
	Levels          []float64 `json:"levels,omitempty" maxItems:"16" doc:"plume: lethalities of the contours, 0.01 to under 1; default 0.5, 0.1, 0.01."`
	MgPerM3         []float64 `json:"mg_per_m3,omitempty" maxItems:"16" doc:"plume: concentrations whose reaches are wanted, mg/m3."`
	LFLShare        *float64  `json:"lfl_share,omitempty" doc:"flash_fire: share of the lower flammable limit that counts, 0.25 to 1; default 1."`
	SubDirections   *int      `json:"sub_directions,omitempty" doc:"plume_rose: directions in each of 16 sectors, 1 to 61; default 15."`
	Cut             *float64  `json:"cut,omitempty" doc:"plume_rose: lethality below which nothing is followed; default 0.01."`
	Outcome         *string   `json:"outcome,omitempty" doc:"index: what happens; default index."`
	V0              *float64  `json:"v0,omitempty" doc:"index: lethality near, 0 to 1; default 1."`
	R1Metres        *float64  `json:"r1_metres,omitempty" doc:"index: how far v0 holds, m."`
	R2Metres        *float64  `json:"r2_metres,omitempty" doc:"index: where it has fallen to 0, m."`
}

// accidents is what accidents are computed with.
type accidents struct {
	substances *consequence.Substances
	domino     *consequence.Domino
}

func loadAccidents() (a accidents, err error) {
	if a.substances, err = consequence.LoadSubstances(); err != nil {
		return a, err
	}
	a.domino, err = consequence.LoadDomino()
	return a, err
}

// mostContours bounds the lists of a plume.
const mostContours = 16

// place is the accident's place in WGS 84; nil when none is given.
func (b *AccidentBody) place(d datum.Datum) (*orb.Point, error) {
	if b.Lon == nil && b.Lat == nil {
		return nil, nil
	}
	lon, err := inRange("lon", b.Lon, -180, 180, "degrees")
	if err != nil {
		return nil, err
	}
	lat, err := inRange("lat", b.Lat, -85, 85, "degrees")
	if err != nil {
		return nil, err
	}
	p := d.ToWGS84(orb.Point{lon, lat})
	return &p, nil
}

// compute runs the accident at its place.
func (a *accidents) compute(b *AccidentBody, at *orb.Point, c *city.Profile) (*consequence.Result, error) {
	in := b.AccidentInputs
	if len(in.Levels) > mostContours {
		return nil, badValue("levels", number(float64(len(in.Levels)))+" levels", "at most 16")
	}
	if len(in.MgPerM3) > mostContours {
		return nil, badValue("mg_per_m3", number(float64(len(in.MgPerM3)))+" concentrations", "at most 16")
	}
	if in.WindFrom != nil && *in.WindFrom == 360 {
		north := 0.0
		in.WindFrom = &north
	}
	// A number of 0 is no default here: it was sent.
	if err := in.zeros(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	var members map[string]any
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	switch b.Model {
	case "plume", "flash_fire":
		if at != nil {
			members["at"] = at
		}
	case "plume_rose", "flash_fire_rose":
		if members["climate"], err = climateOf(c); err != nil {
			return nil, err
		}
	}
	if raw, err = json.Marshal(members); err != nil {
		return nil, err
	}
	return consequence.Compute(b.Model, raw, a.substances)
}

// zeros refuses the zeros that the models take as left out.
func (in *AccidentInputs) zeros() error {
	for _, x := range []struct {
		name string
		v    *float64
		want string
	}{{"heat_mj_per_kg", in.HeatMJPerKg, "5 to 150 MJ/kg"}, {"yield", in.Yield, "0.01 to 0.15"}, {"sep_kw_per_m2", in.SEPKWPerM2, "100 to 450 kW/m2"},
		{"water_vapour_pa", in.WaterVapourPa, "100 to 13000 Pa"}, {"diameter_metres", in.DiameterMetres, "0.5 to 150 m"},
		{"area_m2", in.AreaM2, "0.2 to 17671 m2"}, {"burning_kg_per_m2_s", in.BurningKgPerM2S, "0.005 to 0.2 kg/(m2 s)"},
		{"radiant_share", in.RadiantShare, "0.1 to 0.6"}, {"exposure_minutes", in.ExposureMinutes, "minutes over 0"},
		{"lfl_share", in.LFLShare, "0.25 to 1"}, {"cut", in.Cut, "a lethality over 0"}, {"v0", in.V0, "a lethality over 0 and at most 1"}} {
		if x.v != nil && *x.v == 0 {
			return badValue(x.name, "0", x.want)
		}
	}
	return nil
}

// climateOf is the city's weather as the models take it.
func climateOf(c *city.Profile) (*consequence.Climate, error) {
	w := c.Weather
	if w == nil {
		return nil, badValue("model", "over all winds", "a model of one wind: the city's profile has no weather")
	}
	out := &consequence.Climate{Source: w.Source, Placeholder: w.Placeholder}
	copy(out.Rose[:], w.RoseFrom)
	for _, k := range w.Classes {
		out.Weather = append(out.Weather, consequence.Weather{Stability: k.Stability, WindMPerS: k.WindMS, Share: k.Share})
	}
	return out, nil
}

// rounded keeps six digits: no input of an accident is known better.
func rounded(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) {
		return x
	}
	scale := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}
