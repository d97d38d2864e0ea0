package assess

import (
	"encoding/json"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid/consequence"
)

var (
	place = orb.Point{120.15, 30.27}
	road  = orb.LineString{{120.1, 30.27}, {120.2, 30.27}}
)

// rose are the shares of domain tables: wind from N .08, E .09, S .06, W .05.
var rose = [16]float64{.08, .06, .07, .07, .09, .07, .06, .05, .06, .06, .06, .04, .05, .05, .06, .07}

func options(t testing.TB) Options {
	t.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Taxonomy: p.Taxonomy, Terrain: consequence.Urban, Climate: &consequence.Climate{Rose: rose, Source: "test",
		Weather: []consequence.Weather{{Stability: "D", WindMPerS: 5, Share: 0.6}, {Stability: "F", WindMPerS: 1.5, Share: 0.4}}}}
}

func library(t testing.TB, o Options) *Library {
	t.Helper()
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func record(t testing.TB, l *Library, industry string, shape orb.Geometry, d data.Detail, scenarios ...data.Scenario) *data.Record {
	t.Helper()
	i, err := l.tax.Industry(industry)
	if err != nil {
		t.Fatal(err)
	}
	h, err := data.Hazard{ID: "T-1", Name: "test", Class: data.Class{Industry: i, Level: data.General}, Shape: shape, Scenarios: scenarios}.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return &data.Record{Hazard: h, Detail: d}
}

func vessels(vs ...data.Vessel) data.Detail { return data.Detail{Vessels: vs} }

// want is a scenario worked by hand.
type want struct {
	outcome string
	perYear float64
	value   string // of the derivation
	is      float64
}

var flooded = json.RawMessage(`{"type":"Polygon","coordinates":[[[120.1,30.2],[120.12,30.2],[120.12,30.22],[120.1,30.2]]]}`)

// ignites is the share of spills of gasoline that burn: at once 0.065, or late
// 0.935 x 0.065 of which 0.6 flash.
const ignites = 0.065 + 0.935*0.065*0.6

var trees = []struct {
	name     string
	industry string
	shape    orb.Geometry
	per      data.Per
	detail   data.Detail
	want     []want
}{
	// 30 m3 x 0.9 x 740 kg/m3 spread 5 mm thick over more than 1500 m2: 43.702 m.
	{"petrol", "I04", place, data.PerSource, vessels(data.Vessel{Substance: "汽油", Kind: "atmospheric_tank", VolumeM3: 30, Count: 3}), []want{
		{"pool_fire", 3 * (5e-6 + 5e-6) * ignites, "engulfment_1_m", 21.851},
		{"vce", 3 * 1e-5 * 0.935 * 0.065 * 0.4, "tnt_kg", 0.04 * (0.0015 * 600 * 1500) * 43.7 / 4.52},
		{"pool_fire", 3 * 1e-4 * ignites, "engulfment_1_m", 1.43720}}}, // 0.3569 kg/s / 0.055 kg/m2 s
	{"delivery", "I04", place, data.PerSource, vessels(data.Vessel{Substance: "gasoline", Kind: "road_tanker_atmospheric", AmountKg: 13_320, BundM: 10}), []want{
		{"pool_fire", 1e-5 * ignites, "engulfment_1_m", 5},
		{"vce", 1e-5 * 0.935 * 0.065 * 0.4, "tnt_kg", 0.04 * (0.0015 * 600 * math.Pi * 25) * 43.7 / 4.52}}},
	{"diesel", "I04", place, data.PerSource, vessels(data.Vessel{Substance: "柴油", VolumeM3: 30, BundM: 10}), []want{
		{"pool_fire", 1e-5 * 0.01, "engulfment_1_m", 5}, {"pool_fire", 1e-4 * 0.01, "engulfment_1_m", 1.69284}}}, // 0.4051 kg/s / 0.045 kg/m2 s
	{"lpg", "I14", place, data.PerSource, vessels(data.Vessel{Name: "1", Substance: "LPG", Kind: "pressure_vessel", AmountKg: 50_000},
		data.Vessel{Name: "2", Substance: "液化石油气", Kind: "pressure_vessel", AmountKg: 50_000}), []want{ // alike: one with a count
		{"fireball", 2 * 5e-7 * 0.7, "r01_m", 548.1},
		{"vce", 2 * 5e-7 * 0.3 * 0.4, "tnt_kg", 0.04 * 50_000 * 46 / 4.52},
		{"flash_fire", 2 * (5e-7*0.3 + 5e-7*0.5) * 0.6, "", 0},
		{"vce", 2 * 5e-7 * 0.5 * 0.4, "", 0},
		{"flash_fire", 2 * 1e-5 * 0.8 * 0.6, "", 0},
		{"vce", 2 * 1e-5 * 0.8 * 0.4, "", 0}}},
	{"ammonia", "I08", place, data.PerSource, vessels(data.Vessel{Substance: "NH3", VolumeM3: 5}), []want{
		{"toxic", 5e-7 + 5e-7, "", 0}, {"toxic", 1e-5, "", 0}}},
	// 1 kg/s for ten minutes: the printed reaches of chlorine over a town.
	{"chlorine", "I16", place, data.PerSource, vessels(data.Vessel{Substance: "7782-50-5", Kind: "pressure_vessel", AmountKg: 600, ReleaseKgS: 1}), []want{
		{"toxic", 1e-6, "r01_F_1.5_m", 318.3}, {"toxic", 1e-5, "r01_D_5_m", 97.65}}},
	{"chlorine by amount", "I16", place, data.PerSource, data.Detail{Substances: []data.Substance{{Name: "x", CAS: "7782-50-5", MaxT: 0.6}}}, []want{
		{"toxic", 1e-6, "r01_F_1.5_m", 318.3}, {"toxic", 1e-5, "", 0}}},
	{"explosives", "I12", place, data.PerSource, data.Detail{NetExplosiveKg: 1000}, []want{{"condensed_explosion", 1e-5, "r01_m", 62.22}}},
	{"fireworks", "I06", place, data.PerSource, vessels(data.Vessel{Substance: "烟花爆竹", AmountKg: 2500, Count: 4}), []want{{"condensed_explosion", 4e-5, "r01_m", 62.22}}},
	{"dust", "I07", place, data.PerSource, data.Detail{Indicators: map[string]any{"dust_mass_kg": 50.0, "dust_type": "铝粉"}}, []want{
		{"dust_explosion", 1e-4, "tnt_kg", 0.04 * 50 * 31 / 4.52}}},
	{"gas pipeline", "I11", road, data.PerKm, vessels(data.Vessel{Substance: "natural_gas", Kind: "underground_pipeline_nen3650", PipeMm: 610, PressMPa: 6.3}), []want{
		{"jet_fire", 1000 * 1.525e-7 * 0.09, "potential_impact_radius_m", 151.63}}},
	{"gas pipeline by EGIG", "I11", road, data.PerKm, vessels(data.Vessel{Substance: "natural_gas", Kind: "gas_transmission_pipeline", PipeMm: 610, PressMPa: 6.3}), []want{
		{"jet_fire", 1000 * 3e-7 * 0.13 * 0.09, "", 0}}},
	{"oil pipeline", "I11", road, data.PerKm, vessels(data.Vessel{Substance: "gasoline", Kind: "underground_pipeline", PipeMm: 300, ReleaseKgS: 100}), []want{
		{"pool_fire", 1000 * 5e-7 * ignites, "", 0}, {"vce", 1000 * 5e-7 * 0.935 * 0.065 * 0.4, "", 0},
		{"pool_fire", 1000 * 1.5e-6 * ignites, "engulfment_1_m", 2.40571}}}, // a tenth of the diameter: 1 kg/s
	{"plant pipe", "I03", place, data.PerSource, vessels(data.Vessel{Substance: "甲醇", Kind: "pipe", PipeMm: 100, LengthM: 200, ReleaseKgS: 10}), []want{
		{"pool_fire", 200 * 3e-7 * ignites, "", 0}, {"vce", 200 * 3e-7 * 0.935 * 0.065 * 0.4, "", 0}, {"pool_fire", 200 * 2e-6 * ignites, "", 0}}},
	// The printed road: 2e-7 x 20 000 x 0.05 x 0.1 = 2e-5 per km and year.
	{"road, gas", "I15", road, data.PerKm, vessels(data.Vessel{Substance: "LPG", Kind: "road_tanker_pressurised", AmountKg: 20_000, TripsYear: 20_000}), []want{
		{"fireball", 2e-5, "", 0}}},
	{"road, chlorine", "I15", road, data.PerKm, vessels(data.Vessel{Substance: "液氯", Kind: "road_tanker_pressurised", AmountKg: 600, TripsYear: 1000}), []want{
		{"toxic", 1e-5, "r01_F_1.5_m", 318.3}}},
	{"dam", "P09", place, data.PerSource, data.Detail{Flood: &data.Flood{Geometry: flooded, People: 5000, WarningHours: 0.5, Forceful: true}}, []want{
		{"flood", 4e-5, "loss_of_life", 86.93}}},
}

func TestTrees(t *testing.T) {
	l := library(t, options(t))
	for _, c := range trees {
		t.Run(c.name, func(t *testing.T) {
			out, err := l.Derive(record(t, l, c.industry, c.shape, c.detail))
			if err != nil || out.Verdict != Derived {
				t.Fatalf("%v, %v", out.Verdict, err)
			}
			scenarios, derivations := out.Record.Hazard.Scenarios, out.Record.Detail.Derivations
			if len(scenarios) != len(c.want) || len(derivations) != len(c.want) {
				t.Fatalf("%d scenarios, %d derivations, want %d", len(scenarios), len(derivations), len(c.want))
			}
			for i, w := range c.want {
				s, d := &scenarios[i], &derivations[i]
				if s.Outcome.String() != w.outcome || math.Abs(s.PerYear/w.perYear-1) > 1e-9 || s.Per != c.per || s.Basis != data.QRA || s.Derived {
					t.Errorf("%d: %v %g, want %s %g", i, s.Outcome, s.PerYear, w.outcome, w.perYear)
				}
				if d.Scenario != i || d.Outcome != w.outcome || d.Model == "" || len(d.Inputs) == 0 || len(d.Limits) == 0 || len(d.Sources) == 0 {
					t.Errorf("%d: derivation %+v", i, d)
				}
				if w.value == "" {
					continue
				}
				if got, _ := d.Values[w.value].(float64); math.Abs(got/w.is-1) > 5e-4 {
					t.Errorf("%d: %s %g, want %g", i, w.value, got, w.is)
				}
			}
			if c.detail.Flood == nil && out.Record.Hazard.Reach() > data.MaxReachMetres {
				t.Error("reach over 20 km")
			}
		})
	}
}

// What a frequency is made of is written down.
func TestFrequencyIsSaid(t *testing.T) {
	l := library(t, options(t))
	out, err := l.Derive(record(t, l, "I14", place, trees[3].detail))
	if err != nil {
		t.Fatal(err)
	}
	const said = "2 (vessels or pipes alike) x 5e-07 (1/yr, Pressure vessel, instantaneous) x 0.7 (direct ignition, high at 500 kg/s, taken for all at once by a hundredth of the mass per second) = 7e-07 per year. " +
		"Sources: Purple Book CPR 18E chapter 3, by recollection; direct ignition of the table of frequencies (by default Purple Book CPR 18E chapter 4, by recollection)"
	if got := out.Record.Detail.Derivations[0].Frequency; got != said {
		t.Error(cmp.Diff(said, got))
	}
}

// A toxic footprint follows the winds: to the south of the store goes what comes
// from the north.
func TestPlumesFollowTheWinds(t *testing.T) {
	l := library(t, options(t))
	out, err := l.Derive(record(t, l, "I08", place, vessels(data.Vessel{Substance: "液氨", VolumeM3: 5})))
	if err != nil {
		t.Fatal(err)
	}
	f := out.Record.Hazard.Scenarios[0].Footprint
	if f.Kind != data.Polar {
		t.Fatalf("kind %v", f.Kind)
	}
	south := f.At(180, 180)
	for bearing, share := range map[float64]float64{270: .09, 0: .06, 90: .05} {
		if got := f.At(180, bearing) / south; math.Abs(got/(share/.08)-1) > 0.01 {
			t.Errorf("bearing %g: %g of the south's, want %g", bearing, got, share/.08)
		}
	}
}

// stored is a record as a store gives it back.
func stored(t *testing.T, l *Library, r *data.Record) *data.Record {
	t.Helper()
	raw, err := l.tax.AppendFeature(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	out, err := l.tax.ParseFeature(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDerivingAgain(t *testing.T) {
	l := library(t, options(t))
	for _, c := range trees {
		first, err := l.Derive(record(t, l, c.industry, c.shape, c.detail))
		if err != nil {
			t.Fatal(c.name, err)
		}
		// A library that remembers nothing gives the same.
		again, err := library(t, options(t)).Derive(stored(t, l, first.Record))
		if err != nil || again.Verdict != Unchanged {
			t.Errorf("%s: %v, %v", c.name, again.Verdict, err)
		}
	}
	first, err := l.Derive(record(t, l, "I08", place, trees[4].detail))
	if err != nil {
		t.Fatal(err)
	}
	derived := stored(t, l, first.Record)

	other := options(t)
	turned := *other.Climate
	slices.Reverse(turned.Rose[:])
	other.Climate = &turned
	if out, err := library(t, other).Derive(derived); err != nil || out.Verdict != Derived {
		t.Errorf("another wind rose: %v, %v", out.Verdict, err)
	}
	more := *derived
	more.Detail.Vessels = []data.Vessel{{Substance: "NH3", VolumeM3: 6}}
	if out, err := l.Derive(&more); err != nil || out.Verdict != Derived || len(out.Record.Hazard.Scenarios) != 2 {
		t.Errorf("another inventory: %v, %v", out.Verdict, err)
	}
	gone := *derived
	gone.Detail.Vessels = nil
	if out, err := l.Derive(&gone); err != nil || out.Verdict != Withdrawn || len(out.Record.Hazard.Scenarios) != 0 || out.Record.Detail.Derivations != nil {
		t.Errorf("no inventory any more: %v, %v", out.Verdict, err)
	}
	if h := derived.Hazard; h.Level != data.General || len(h.Scenarios) != 2 {
		t.Error("the record given was changed")
	}
}

func TestLeftAlone(t *testing.T) {
	l := library(t, options(t))
	f, err := data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: 10, R2: 10})
	if err != nil {
		t.Fatal(err)
	}
	own := data.Scenario{PerYear: 1e-6, Footprint: f}
	ours := data.Derivation{Outcome: "pool_fire", Model: "m", Frequency: "f"}
	for name, c := range map[string]struct {
		industry  string
		detail    data.Detail
		scenarios []data.Scenario
		want      Verdict
	}{
		"no inventory":         {"I04", data.Detail{}, nil, NoInventory},
		"by index":             {"C06", vessels(data.Vessel{Substance: "LPG", AmountKg: 100}), nil, ByIndex},
		"stated":               {"I04", trees[0].detail, []data.Scenario{own}, Stated},
		"one added by hand":    {"I04", data.Detail{Vessels: trees[0].detail.Vessels, Derivations: []data.Derivation{ours}}, []data.Scenario{own, own}, Stated},
		"stated, nothing else": {"I04", data.Detail{}, []data.Scenario{own}, NoInventory},
		"nothing that burns":   {"I01", data.Detail{Substances: []data.Substance{{Name: "硫酸", MaxT: 3}}}, nil, NoInventory},
		"derived before":       {"I04", data.Detail{Derivations: []data.Derivation{ours}}, []data.Scenario{own}, Withdrawn},
	} {
		r := record(t, l, c.industry, place, c.detail, c.scenarios...)
		out, err := l.Derive(r)
		if err != nil || out.Verdict != c.want {
			t.Errorf("%s: %v, %v, want %v", name, out.Verdict, err, c.want)
		}
		if (out.Record != r) != (c.want == Withdrawn) {
			t.Errorf("%s: the record changed", name)
		}
		if (len(out.Notes) > 0) != (name == "nothing that burns") {
			t.Errorf("%s: notes %q", name, out.Notes)
		}
	}
}

// What reaches further than is followed says that it is cut.
func TestFarReachesAreCut(t *testing.T) {
	l := library(t, options(t))
	out, err := l.Derive(record(t, l, "I16", place, vessels(data.Vessel{Substance: "光气", AmountKg: 5e6, ReleaseKgS: 1})))
	if err != nil {
		t.Fatal(err)
	}
	const said = "the effect reaches further than 20 km and is cut there"
	for i, far := range []bool{true, false} {
		reach, limits := out.Record.Hazard.Scenarios[i].Footprint.Reach(), out.Record.Detail.Derivations[i].Limits
		if far != (reach == data.MaxReachMetres) || reach > data.MaxReachMetres || far != slices.Contains(limits, said) {
			t.Errorf("%d: reach %g, %q", i, reach, limits)
		}
	}
}

// On an area, and from a bare list of amounts, what was assumed is said.
func TestAssumptionsAreSaid(t *testing.T) {
	l := library(t, options(t))
	site := orb.Polygon{{{120.1, 30.2}, {120.101, 30.2}, {120.101, 30.201}, {120.1, 30.2}}}
	out, err := l.Derive(record(t, l, "I01", site, data.Detail{Substances: []data.Substance{{Name: "甲醇", MaxT: 40}}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range out.Record.Detail.Derivations {
		if !slices.Contains(d.Limits, "no vessel is stated: the greatest amount of methanol is taken as one vessel") ||
			!slices.Contains(d.Limits, "where on the site it happens is not known: distance counts from the site's edge, and is 0 on it") {
			t.Errorf("%s: %q", d.Outcome, d.Limits)
		}
	}
}

// One library serves many goroutines.
func TestDerivingTogether(t *testing.T) {
	l := library(t, options(t))
	var records, got [8]*data.Record
	for i := range records {
		records[i] = record(t, l, trees[4].industry, place, trees[4].detail)
	}
	var all sync.WaitGroup
	for i := range records {
		all.Go(func() {
			if out, err := l.Derive(records[i]); err == nil {
				got[i] = out.Record
			}
		})
	}
	all.Wait()
	for i, r := range got {
		if alike, err := same(r, got[0]); err != nil || !alike || len(r.Hazard.Scenarios) != 2 {
			t.Errorf("%d: another result (%v)", i, err)
		}
	}
}
