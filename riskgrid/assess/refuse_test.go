package assess

import (
	"errors"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// What is missing or out of range is named: field, value, and what would be right.
func TestRefusals(t *testing.T) {
	l := library(t, options(t))
	windless := options(t)
	windless.Climate = nil
	still := library(t, windless)
	many := data.Detail{}
	for i := range 30 {
		many.Vessels = append(many.Vessels, data.Vessel{Substance: "gasoline", VolumeM3: 20 + float64(i)})
	}
	for _, c := range []struct {
		library            *Library
		industry           string
		shape              orb.Geometry
		detail             data.Detail
		field, value, want string
	}{
		{l, "I04", place, vessels(data.Vessel{Substance: "unobtainium", AmountKg: 1}), "vessels[0].substance", "unobtainium", "gasoline"},
		{l, "I04", place, vessels(data.Vessel{Substance: "gasoline"}), "vessels[0].amount_kg", "none", "kg"},
		{l, "I16", place, vessels(data.Vessel{Substance: "carbon_monoxide", Kind: "atmospheric_tank", VolumeM3: 1}), "vessels[0].amount_kg", "none", "density"},
		{l, "I14", place, vessels(data.Vessel{Substance: "天然气", VolumeM3: 10}), "vessels[0].pressure_mpa", "none", "100 MPa"},
		{l, "I14", place, vessels(data.Vessel{Substance: "LPG", AmountKg: 3e6}), "vessels[0].mass_kg", "3e+06", "2e+06 kg"},
		{l, "I08", place, vessels(data.Vessel{Substance: "液氨", Kind: "atmospheric_tank", AmountKg: 1e5}), "vessels[0].release_kg_s", "none", "kg/s"},
		{l, "I01", place, vessels(data.Vessel{Substance: "甲醇", Kind: "pipe", LengthM: 10, ReleaseKgS: 1}), "vessels[0].pipe_diameter_mm", "none", "mm"},
		{l, "I01", place, vessels(data.Vessel{Substance: "甲醇", Kind: "pipe", PipeMm: 50, ReleaseKgS: 1}), "vessels[0].length_m", "none", "m, over 0"},
		{l, "I11", road, vessels(data.Vessel{Substance: "天然气", Kind: "underground_pipeline", PipeMm: 500}), "vessels[0].pressure_mpa", "none", "MPa"},
		{l, "P03", road, vessels(data.Vessel{Substance: "天然气", Kind: "underground_pipeline", PipeMm: 200, PressMPa: 0.05}), "vessels[0].pressure_pa", "50000", "100000 to 2e+07 Pa"},
		{l, "I11", road, vessels(data.Vessel{Substance: "氢", Kind: "underground_pipeline", PipeMm: 500, PressMPa: 4}), "vessels[0].substance", "hydrogen", "natural_gas"},
		{l, "I15", road, vessels(data.Vessel{Substance: "LPG", Kind: "road_tanker_pressurised", AmountKg: 2e4}), "vessels[0].trips_per_year", "none", "over 0"},
		{l, "I15", place, vessels(data.Vessel{Substance: "LPG", Kind: "road_tanker_pressurised", AmountKg: 2e4, TripsYear: 10}), "vessels[0].trips_per_year", "10", "line"},
		{l, "I15", road, vessels(data.Vessel{Substance: "LPG", Kind: "road_tanker_pressurised", AmountKg: 2e4, TripsYear: 1e8}), "vessels[0].per_year", "0.1", "0.01"},
		{l, "I06", place, vessels(data.Vessel{Substance: "烟花爆竹"}), "vessels[0].amount_kg", "none", "kg"},
		{l, "I12", place, data.Detail{NetExplosiveKg: 1e7}, "net_explosive_kg as tnt_kg", "1e+07", "5e+06 kg"},
		{l, "I07", place, data.Detail{Indicators: map[string]any{"dust_mass_kg": 5.0}}, "indicators.dust_type", "<nil>", "wood_dust"},
		{l, "I07", place, data.Detail{Indicators: map[string]any{"dust_mass_kg": "much", "dust_type": "铝粉"}}, "indicators.dust_mass_kg", "much", "kg"},
		{l, "I07", place, data.Detail{Substances: []data.Substance{{Name: "铝粉", MaxT: 1}}}, "indicators.dust_mass_kg", "none", "kg"},
		{still, "I08", place, vessels(data.Vessel{Substance: "液氨", AmountKg: 1000}), "vessels[0].weather", "none", "wind rose"},
		{l, "I01", place, many, "vessels", "90 scenarios", "at most 60"},
	} {
		r := record(t, c.library, c.industry, c.shape, c.detail)
		out, err := c.library.Derive(r)
		var bad *data.Invalid
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v, want an error", c.field, out.Verdict)
			continue
		}
		if bad.Field != c.field || bad.Value != c.value || !strings.Contains(bad.Want+strings.Join(bad.Allowed, " "), c.want) {
			t.Errorf("%s %q, want %s: %s %v", bad.Field, bad.Value, c.field, bad.Want, bad.Allowed)
		}
		if out.Record != r {
			t.Errorf("%s: the record changed", c.field)
		}
	}
}

func TestRules(t *testing.T) {
	o := options(t)
	for _, c := range []struct{ from, to, field string }{
		{`"unit": "1/yr", "source": "Purple`, `"unit": "1/h", "source": "Purple`, "numbers.explosives_store"},
		{`"explosion_share": {"value": 0.4`, `"explosion_share": {"value": 1.4`, "numbers.explosion_share"},
		{`"chlorine": 0.58`, `"chlorine": -1`, "pressures.chlorine"},
		{`"butane": 0.11`, `"butanol": 0.11`, "substance"},
		{`"liquid_head"`, `"head"`, "numbers"},
		{`riskatlas-scenarios/1`, `2`, "format"},
		{`"ignition"`, `"ignitions"`, "scenarios"},
	} {
		text := strings.Replace(string(rulesFile), c.from, c.to, 1)
		if text == string(rulesFile) {
			t.Fatalf("%s is not in the rules", c.from)
		}
		o.Scenarios = []byte(text)
		_, err := New(o)
		var bad *data.Invalid
		if !errors.As(err, &bad) || bad.Field != c.field {
			t.Errorf("%s: %v", c.to, err)
		}
	}
}
