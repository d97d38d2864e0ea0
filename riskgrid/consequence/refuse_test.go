package consequence

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// refused asks for an error that names a field and says what would be right.
func refused(t *testing.T, err error, field string, says ...string) {
	t.Helper()
	var invalid *data.Invalid
	if !errors.As(err, &invalid) {
		t.Errorf("%s: %v is no *data.Invalid", field, err)
		return
	}
	if invalid.Field != field {
		t.Errorf("%v: names %s, not %s", err, invalid.Field, field)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%v: does not say %q", err, s)
		}
	}
}

func TestWrongInputsAreRefused(t *testing.T) {
	cl := chlorine(t)
	with := func(change func(*Release)) Release {
		x := cl
		change(&x)
		return x
	}
	square := orb.Polygon{{{120, 30}, {120.01, 30}, {120.01, 30.01}, {120, 30}}}
	for _, c := range []struct {
		model Model
		field string
		says  []string
	}{
		{Blast{TNTKg: -5}, "tnt_kg", []string{"-5", "0.01 to 5e+06 kg of TNT"}},
		{Blast{}, "tnt_kg", []string{"none", "kg"}},
		{Blast{TNTKg: math.NaN()}, "tnt_kg", []string{"NaN"}},
		{Blast{TNTKg: 1e9}, "tnt_kg", []string{"1e+09"}},
		{Blast{TNTKg: 1, Rule: "loud"}, "rule", []string{"step", "lung_hse"}},
		{VapourCloud{FuelKg: 100}, "heat_mj_per_kg", []string{"MJ/kg"}},
		{VapourCloud{FuelKg: 100, Substance: cl.Substance}, "substance", []string{"chlorine", "heat of combustion"}},
		{VapourCloud{FuelKg: 100, HeatMJPerKg: 46, Yield: 4}, "yield", []string{"0.02 to 0.15"}},
		{VapourCloud{FuelKg: 4e7, HeatMJPerKg: 46, Yield: .15}, "fuel_kg as TNT", []string{"kg of TNT"}},
		{VapourCloud{FuelKg: 100, HeatMJPerKg: 46e6}, "heat_mj_per_kg", []string{"4.6e+07", "5 to 150 MJ/kg"}},
		{DustExplosion{DustKg: -1, HeatMJPerKg: 17}, "dust_kg", []string{"-1", "kg"}},
		{DustExplosion{DustKg: 1, HeatMJPerKg: 17, Yield: 0.1}, "yield", []string{"0.01 to 0.04"}},
		{Fireball{MassKg: -1}, "mass_kg", []string{"1 to 2e+06 kg"}},
		{Fireball{MassKg: 1e4, WaterVapourPa: 0.016}, "water_vapour_pa", []string{"0.016", "Pa", "looks like bar (1600 Pa)"}},
		{Fireball{MassKg: 1e4, WaterVapourPa: 1.6}, "water_vapour_pa", []string{"looks like kPa (1600 Pa)"}},
		{Fireball{MassKg: 1e4, SEPKWPerM2: 350e3}, "sep_kw_per_m2", []string{"kW/m2"}},
		{PoolFire{DiameterMetres: 20, HeatMJPerKg: 43}, "burning_kg_per_m2_s", []string{"kg/(m2 s)"}},
		{PoolFire{DiameterMetres: 20, AreaM2: 314}, "area_m2", []string{"not both"}},
		{PoolFire{DiameterMetres: 1000, HeatMJPerKg: 43, BurningKgPerM2S: .05}, "diameter_metres", []string{"0.5 to 150 m"}},
		{PoolFire{AreaM2: -4, HeatMJPerKg: 43, BurningKgPerM2S: .05}, "area_m2", []string{"-4", "m2"}},
		{PoolFire{DiameterMetres: 20, Substance: cl.Substance}, "substance", []string{"burning rate"}},
		{GasPipeFire{DiameterMM: 500, PressurePa: 40}, "pressure_pa", []string{"40", "looks like bar (4e+06 Pa)"}},
		{GasPipeFire{DiameterMM: 0.5, PressurePa: 4e6}, "diameter_mm", []string{"50 to 1500 mm"}},
		{Plume{Release: cl, Weather: f15}, "wind_from", []string{"none", "degrees"}},
		{Plume{Release: cl, Weather: f15, WindFrom: from(360)}, "wind_from", []string{"360"}},
		{Plume{Release: cl, Weather: Weather{Stability: "F", WindMPerS: 0.5}, WindFrom: from(0)}, "wind_m_per_s", []string{"0.5", "1 to 30 m/s"}},
		{Plume{Release: cl, Weather: Weather{Stability: "F"}, WindFrom: from(0)}, "wind_m_per_s", []string{"none"}},
		{Plume{Release: cl, Weather: Weather{Stability: "G", WindMPerS: 2}, WindFrom: from(0)}, "stability", []string{"G", "A, B"}},
		{Plume{Release: with(func(x *Release) { x.Terrain = "" }), Weather: f15, WindFrom: from(0)}, "terrain", []string{"rural, urban"}},
		{Plume{Release: with(func(x *Release) { x.KgPerS = -1 }), Weather: f15, WindFrom: from(0)}, "kg_per_s", []string{"-1", "kg/s"}},
		{Plume{Release: with(func(x *Release) { x.ExposureMinutes = -1 }), Weather: f15, WindFrom: from(0)}, "exposure_minutes", []string{"min"}},
		{Plume{Release: with(func(x *Release) { x.Substance = nil }), Weather: f15, WindFrom: from(0)}, "substance", []string{"none"}},
		{Plume{Release: with(func(x *Release) { x.Substance = substance(t, "petrol") }), Weather: f15, WindFrom: from(0)}, "substance", []string{"gasoline", "toxic"}},
		{Plume{Release: cl, Weather: f15, WindFrom: from(0), Levels: []float64{50}}, "levels", []string{"50", "0.01"}},
		{Plume{Release: cl, Weather: f15, WindFrom: from(0), MgPerM3: []float64{-3}}, "mg_per_m3", []string{"-3"}},
		{Plume{Release: cl, Weather: f15, WindFrom: from(0), At: &orb.Point{30, 120}}, "at", []string{"lon, lat"}},
		{RosePlume{Release: cl}, "climate.rose", []string{"sum to 1"}},
		{RosePlume{Release: cl, Climate: Climate{Rose: climate.Rose}}, "climate.weather", []string{"stability"}},
		{RosePlume{Release: cl, Climate: Climate{Rose: climate.Rose, Weather: []Weather{{"D", 5, 0.3}}}}, "climate.weather.share", []string{"0.3"}},
		{RosePlume{Release: cl, Climate: Climate{Rose: [16]float64{-1, 2}, Weather: []Weather{d5, f15}}}, "climate.rose[0]", []string{"-1"}},
		{RosePlume{Release: cl, Climate: climate, SubDirections: 99}, "sub_directions", []string{"61"}},
		{FlashFire{Release: with(func(x *Release) { x.Substance = substance(t, "lpg") }), Weather: f15, WindFrom: from(0)}, "at", []string{"lon, lat"}},
		{FlashFire{Release: cl, Weather: f15, WindFrom: from(0), At: &orb.Point{120, 30}}, "substance", []string{"flammable"}},
		{Index{R1Metres: 100, R2Metres: 50}, "r1_metres", []string{"r2_metres"}},
		{Index{R2Metres: 30_000}, "r2_metres", []string{"20000 m"}},
		{Index{R2Metres: 30, Outcome: "luck"}, "outcome", []string{"crowd"}},
		{DamFlood{People: 10}, "flooded", []string{"Polygon"}},
		{DamFlood{Flooded: orb.Point{120, 30}, People: 10}, "flooded", []string{"Point", "Polygon"}},
		{DamFlood{Flooded: square, People: -10}, "people", []string{"-10"}},
		{DamFlood{Flooded: square, People: 10, WarningHours: 90}, "warning_hours", []string{"24 h"}},
		{RunOut{Ground: square, Lethality: 2}, "lethality", []string{"2"}},
		{RunOut{Ground: square, Lethality: 1, SkirtMetres: -1}, "skirt_metres", []string{"-1", "m"}},
		{External{Outcome: "toxic", Program: "SLAB"}, "pieces", []string{"polygon"}},
		{External{Outcome: "toxic", Pieces: []data.ZonePiece{{Shape: square, Lethality: 1}}}, "program", []string{"none"}},
	} {
		_, err := c.model.Result()
		refused(t, err, c.field, c.says...)
	}
}

func TestWrongQuestionsAreRefused(t *testing.T) {
	r := result(t, Blast{TNTKg: 10})
	_, err := r.Radius(EffectHeatFlux, 4)
	refused(t, err, "effect", "heat_flux", "overpressure")
	_, err = r.Radius(EffectOverpressure, 30_000)
	refused(t, err, EffectOverpressure, "30000", "kPa")
	_, err = r.Radius(EffectLethality, 0)
	refused(t, err, EffectLethality, "over 0")
	_, err = BlastDamage("round", 3e4)
	refused(t, err, "target", "elongated")
	_, err = BlastDamage("atmospheric", 0.3)
	refused(t, err, "overpressure_pa", "0.3", "looks like bar")
	_, err = BlastDamage("atmospheric", 30)
	refused(t, err, "overpressure_pa", "kPa (30000 Pa)")
	_, err = SecondsToFailure(-1, 10)
	refused(t, err, "heat_flux", "kW/m2")
	_, err = SecondsToFailure(10, 0)
	refused(t, err, "volume_m3", "m3")
	_, err = r.ExpectedDeaths(-1, 0)
	refused(t, err, "per_km2", "-1")
	_, err = r.ExpectedDeaths(1, 2)
	refused(t, err, "indoor_share", "2")
	_, _, err = Sigma("sea", "D", 100)
	refused(t, err, "terrain", "rural")
}

func TestComputeRefuses(t *testing.T) {
	s := substances(t)
	for _, c := range []struct{ model, inputs, field, says string }{
		{"warp", `{}`, "model", "fireball"},
		{"fireball", `{"mass": 5}`, "inputs", "mass"},
		{"fireball", `{"mass_kg": "much"}`, "inputs", "mass_kg"},
		{"fireball", `[]`, "inputs", "object"},
		{"fireball", `{"mass_kg": -5}`, "mass_kg", "-5"},
		{"fireball", `null`, "mass_kg", "none"},
		{"plume", `{"substance": "kryptonite"}`, "substance", "chlorine"},
		{"plume", `{"substance": 17}`, "substance", "17"},
		{"plume", `{"substance": "氯", "kg_per_s": 1, "terrain": "urban", "stability": "F", "wind_m_per_s": 1.5}`, "wind_from", "none"},
	} {
		_, err := Compute(c.model, []byte(c.inputs), s)
		refused(t, err, c.field, c.says)
	}
}

func TestComputeRuns(t *testing.T) {
	s := substances(t)
	weather := `"stability": "D", "wind_m_per_s": 5, "terrain": "rural"`
	rose := `"climate": {"rose": [0.25,0,0,0,0.25,0,0,0,0.25,0,0,0,0.25,0,0,0], "weather": [{"stability": "D", "wind_m_per_s": 5, "share": 1}]}, "terrain": "rural"`
	inputs := map[string]string{
		"blast":           `{"tnt_kg": 100, "rule": "lung_hse"}`,
		"vapour_cloud":    `{"fuel_kg": 1000, "substance": "74-98-6"}`,
		"dust":            `{"dust_kg": 50, "substance": "铝粉"}`,
		"fireball":        `{"mass_kg": 1000, "tno": true}`,
		"pool_fire":       `{"diameter_metres": 10, "substance": "Methanol"}`,
		"gas_pipe":        `{"diameter_mm": 813, "pressure_pa": 6.3e6}`,
		"plume":           `{"substance": "NH3", "kg_per_s": 5, "wind_from": 90, ` + weather + `}`,
		"flash_fire":      `{"substance": "UN1075", "kg_per_s": 20, "wind_from": 90, "at": [120, 30], ` + weather + `}`,
		"plume_rose":      `{"substance": "氨", "kg_per_s": 5, ` + rose + `}`,
		"flash_fire_rose": `{"substance": "LPG", "kg_per_s": 20, ` + rose + `}`,
		"index":           `{"outcome": "crowd", "r1_metres": 20, "r2_metres": 100}`,
	}
	outcomes := map[string]string{"blast": "condensed_explosion", "vapour_cloud": "vce", "dust": "dust_explosion",
		"fireball": "fireball", "pool_fire": "pool_fire", "gas_pipe": "jet_fire", "plume": "toxic", "flash_fire": "flash_fire",
		"plume_rose": "toxic", "flash_fire_rose": "flash_fire", "index": "crowd"}
	for _, model := range Models() {
		r, err := Compute(model, []byte(inputs[model]), s)
		if err != nil {
			t.Errorf("%s: %v", model, err)
			continue
		}
		if r.Outcome.String() != outcomes[model] {
			t.Errorf("%s: outcome %s", model, r.Outcome)
		}
		if r.Model == "" || len(r.Inputs) == 0 || len(r.Limits) == 0 || len(r.Sources) == 0 || r.Footprint == nil || len(r.Reaches) == 0 {
			t.Errorf("%s: %+v leaves something out", model, r)
		}
		for _, q := range append(r.Inputs, r.Values...) {
			if q.Name == "" || q.Unit == "" || !finite(q.Value) {
				t.Errorf("%s: %+v", model, q)
			}
		}
		scenario := data.Scenario{Outcome: r.Outcome, PerYear: 1e-5, Footprint: r.Footprint}
		if err := scenario.Check(orb.Point{120, 30}); err != nil {
			t.Errorf("%s: %v", model, err)
		}
	}
}
