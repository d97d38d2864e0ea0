package consequence

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

func TestFindSubstance(t *testing.T) {
	s := substances(t)
	for key, names := range map[string][]string{
		"chlorine":         {"氯", "液氯", "Chlorine", " CHLORINE ", "Cl2", "7782-50-5", "1017", "UN1017", "UN 1017", "chlorine"},
		"ammonia":          {"氨", "液氨", "nh3", "7664-41-7"},
		"gasoline":         {"汽油", "Petrol", "86290-81-5"},
		"hydrogen_sulfide": {"hydrogen sulfide", "Hydrogen-Sulfide", "硫化氢"},
		"natural_gas":      {"天然气", "1971"},
		"tnt":              {"TNT", "三硝基甲苯"},
	} {
		for _, name := range names {
			x, err := s.Find(name)
			if err != nil {
				t.Error(err)
			} else if x.Key != key {
				t.Errorf("%q is %s, not %s", name, x.Key, key)
			}
		}
	}
	for _, name := range []string{"", "unobtainium", "UN", "-"} {
		_, err := s.Find(name)
		refused(t, err, "substance", "chlorine", "ammonia")
	}
	for _, x := range s.All() {
		if x.LFL != nil && x.MolarMass == nil {
			t.Errorf("%s has a flammable limit and no molar mass", x.Key)
		}
	}
}

func TestBrokenTablesAreRefused(t *testing.T) {
	one := func(members string) string {
		return `{"format": "riskatlas-substances/1", "substances": [{"key": "x", "name": "某", "name_en": "X"` + members + `}]}`
	}
	for raw, field := range map[string]string{
		`{"format": "other", "substances": []}`: "format",
		`{`:                                     "substances",
		`{"format": "riskatlas-substances/1", "substances": [null]}`: "substances[0]",
		one(`, "mass": 3`):                                                             "substances",
		one(`, "toxic": {"a": -6, "b": 1, "n": 1}`):                                    "substances.x.toxic.source",
		one(`, "toxic": {"a": -6, "b": -1, "n": 1, "source": "s"}`):                    "substances.x.toxic.b",
		one(`, "heat_of_combustion": {"value": 46e6, "unit": "MJ/kg", "source": "s"}`): "substances.x.heat_of_combustion.value",
		one(`, "heat_of_combustion": {"value": 46, "unit": "J/kg", "source": "s"}`):    "substances.x.heat_of_combustion.unit",
		one(`, "lfl": {"value": 2, "unit": "% by volume", "source": " "}`):             "substances.x.lfl.source",
		one(`, "gb18218": {"threshold_t": -2, "beta": 1, "source": "s"}`):              "substances.x.gb18218.threshold_t",
		one(`}, {"key": "y", "name": "某", "name_en": "Y"`):                             "substances.y",
		strings.Replace(one(``), `"key": "x"`, `"key": ""`, 1):                         "substances.",
		one(`, "burning_rate": {"value": 3, "unit": "kg/(m2 s)", "source": "s"}`):      "substances.x.burning_rate.value",
	} {
		_, err := ReadSubstances([]byte(raw))
		refused(t, err, field)
	}
	for raw, field := range map[string]string{
		`{"format": "riskatlas-frequencies/1", "equipment": [{"key": "e", "failures": [{"key": "f", "value": 1, "unit": "1/yr", "source": "s"}]}]}`:   "equipment.e.f.value",
		`{"format": "riskatlas-frequencies/1", "equipment": [{"key": "e", "failures": [{"key": "f", "value": 1e-6, "unit": "1/h", "source": "s"}]}]}`: "equipment.e.f.unit",
		`{"format": "riskatlas-frequencies/1", "equipment": [{"key": "e", "failures": [{"key": "f", "value": 1e-6, "unit": "1/yr"}]}]}`:               "equipment.e.f.source",
		`{"format": "riskatlas-frequencies/1", "equipment": [{"key": "e", "failures": []}]}`:                                                          "equipment.e.failures",
		`{"format": "riskatlas-frequencies/1", "direct_ignition": [{"key": "g", "source": "s", "steps": [{"to_kg_per_s": 3, "probability": 0.1}]}]}`:  "direct_ignition.g.to_kg_per_s",
		`{"format": "riskatlas-frequencies/1", "direct_ignition": [{"key": "g", "source": "s", "steps": [{"probability": 2}]}]}`:                      "direct_ignition.g.probability",
	} {
		_, err := ReadFrequencies([]byte(raw))
		refused(t, err, field)
	}
	for raw, field := range map[string]string{
		`{"format": "riskatlas-domino/1", "criteria": [{"key": "k", "effect": "noise", "value": 1, "unit": "dB", "source": "s"}]}`:            "criteria.k.effect",
		`{"format": "riskatlas-domino/1", "criteria": [{"key": "k", "effect": "overpressure", "value": 16000, "unit": "Pa", "source": "s"}]}`: "criteria.k.unit",
		`{"format": "riskatlas-domino/1", "criteria": [{"key": "k", "effect": "overpressure", "value": 16, "unit": "kPa"}]}`:                  "criteria.k.source",
	} {
		_, err := ReadDomino([]byte(raw))
		refused(t, err, field)
	}
}

func TestFrequencies(t *testing.T) {
	f, err := LoadFrequencies()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		equipment, failure string
		value              float64
		unit               string
	}{
		{"pressure_vessel", "instantaneous", 5e-7, "1/yr"}, {"pressure_vessel", "hole_10mm", 1e-5, "1/yr"},
		{"atmospheric_tank", "ten_minutes", 5e-6, "1/yr"}, {"pipe_under_75mm", "leak", 5e-6, "1/(m yr)"},
		{"pipe_over_150mm", "rupture", 1e-7, "1/(m yr)"}, {"tanker_pressurised", "instantaneous", 5e-7, "1/yr"},
		{"underground_pipeline_nen3650", "rupture", 1.525e-7, "1/(m yr)"}, {"gas_transmission_pipeline", "all", 3e-7, "1/(m yr)"},
		{"dam_china", "breach", 4e-5, "1/yr"},
	} {
		e, err := f.Equipment(c.equipment)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Failure(c.failure)
		if err != nil {
			t.Fatal(err)
		}
		if got.Value != c.value || got.Unit != c.unit {
			t.Errorf("%s %s: %+v", c.equipment, c.failure, got)
		}
	}
	for _, c := range []struct {
		reactivity string
		rate, want float64
	}{{"low", 10, .02}, {"low", 10.1, .04}, {"low", 101, .09}, {"high", 1, .2}, {"high", 100, .5}, {"high", 1000, .7}, {"gasoline", 50, .065}} {
		got, err := f.Ignition(c.reactivity, c.rate)
		if err != nil || got != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	_, err = f.Ignition("none", 1)
	refused(t, err, "reactivity", "gasoline")
	_, err = f.Ignition("low", -1)
	refused(t, err, "kg_per_s", "-1")
	_, err = f.Equipment("kettle")
	refused(t, err, "equipment", "pressure_vessel")
	e, _ := f.Equipment("dam_china")
	_, err = e.Failure("leak")
	refused(t, err, "failure", "breach")
}

func TestDominoRadii(t *testing.T) {
	d, err := LoadDomino()
	if err != nil {
		t.Fatal(err)
	}
	blast, pool := result(t, Blast{TNTKg: 1000}), result(t, PoolFire{Substance: substance(t, "gasoline"), DiameterMetres: 20})
	for _, c := range []struct {
		key         string
		blast, pool bool
	}{
		{"overpressure_16kPa", true, false}, {"overpressure_16kPa_toxic", true, false},
		{"overpressure_22kPa", true, false}, {"overpressure_31kPa_flammable", true, false},
		{"screen_15kW", false, true}, {"pressurised_50kW", false, true}, {"engulfment", false, true},
	} {
		k, err := d.Criterion(c.key)
		if err != nil {
			t.Fatal(err)
		}
		a, err := k.Metres(blast)
		if err != nil || (a > 0) != c.blast {
			t.Errorf("%s: %v m from a blast, %v", c.key, a, err)
		}
		if p := PeakKPa(a / 10); c.blast && math.Abs(p/k.Value-1) > 1e-9 {
			t.Errorf("%s at %v m, where the pressure is %v kPa", c.key, a, p)
		}
		b, err := k.Metres(pool)
		if err != nil || (b > 0) != c.pool {
			t.Errorf("%s: %v m from a pool fire, %v", c.key, b, err)
		}
	}
	_, err = d.Criterion("luck")
	refused(t, err, "criterion", "screen_15kW")
}

func TestSociety(t *testing.T) {
	fire, blast := result(t, Fireball{MassKg: 50000}), result(t, Blast{TNTKg: 1000})
	indoors := func(r *Result) *data.Footprint {
		f, err := r.Indoors()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	r35, err := fire.Radius(EffectHeatFlux, 35)
	if err != nil {
		t.Fatal(err)
	}
	if f := indoors(fire); f.At(r35-1, 0) != 1 || f.At(r35+1, 0) != 0 {
		t.Error("heat indoors: 1 from 35 kW/m2, else 0")
	}
	f := indoors(blast)
	for x, want := range map[float64]float64{0: 1, 62: 1, 63: 0.025, 135: 0.025, 136: 0} {
		if got := f.At(x, 0); got != want {
			t.Errorf("blast indoors at %v m: %v, want %v", x, got, want)
		}
	}
	gas := result(t, RosePlume{Release: chlorine(t), Climate: climate})
	if a, b := indoors(gas).At(100, 180), gas.Footprint.At(100, 180); math.Abs(a-b/10) > 1e-12 || b == 0 {
		t.Errorf("gas indoors %v, outdoors %v", a, b)
	}
	out, err := fire.OutdoorsClothed()
	if err != nil {
		t.Fatal(err)
	}
	flame, _ := fire.Reach(EffectEngulfment, 1)
	if a, b := out.At(300, 0), fire.Footprint.At(300, 0); math.Abs(a-0.14*b) > 1e-5 || out.At(flame, 0) != 1 || out.At(flame+1, 0) > 0.14 {
		t.Errorf("clothed %v of %v; %v at the flame's edge, %v past it", a, b, out.At(flame, 0), out.At(flame+1, 0))
	}
	pipe := result(t, GasPipeFire{DiameterMM: 813, PressurePa: 6.3e6})
	if out, err = pipe.OutdoorsClothed(); err != nil || out.At(1, 0) > 0.14 {
		t.Errorf("no flame's edge: %v, %v", out.At(1, 0), err)
	}
	whole, err := fire.ExpectedDeaths(5000, 0)
	if err != nil {
		t.Fatal(err)
	}
	inside, err := fire.ExpectedDeaths(5000, 1)
	if err != nil {
		t.Fatal(err)
	}
	mixed, err := fire.ExpectedDeaths(5000, IndoorDay)
	if err != nil || math.Abs(mixed-(0.07*whole+0.93*inside)) > 1e-9 {
		t.Errorf("%v of %v outdoors and %v indoors", mixed, whole, inside)
	}
	is(t, "dead outdoors, cut", whole, "459")
	if want := 5000e-6 * math.Pi * r35 * r35; math.Abs(inside-want) > 1e-6 {
		t.Errorf("%v dead indoors, want %v", inside, want)
	}
}

// TestExpectedDeaths compares with a plain sum over the ground.
func TestExpectedDeaths(t *testing.T) {
	square := orb.Polygon{{{120, 30}, {120.02, 30}, {120.02, 30.01}, {120, 30.01}, {120, 30}}}
	side := data.Distance(orb.Point{120, 30.005}, orb.Point{120.02, 30.005})
	if got, want := ExpectedDeaths(result(t, RunOut{Ground: square, Lethality: 0.3}).Footprint, 1000),
		0.3*1000e-6*side*data.Distance(orb.Point{120, 30}, orb.Point{120, 30.01}); math.Abs(got/want-1) > 0.005 {
		t.Errorf("zone: %v, want %v", got, want)
	}
	for _, m := range []Model{Blast{TNTKg: 1000}, Blast{TNTKg: 1000, Rule: RuleLungHSE}, Index{V0: 0.5, R1Metres: 100, R2Metres: 500},
		Fireball{MassKg: 5000}, RosePlume{Release: chlorine(t), Climate: climate}} {
		f := result(t, m).Footprint
		const n = 700
		step, sum := 2*f.Reach()/n, 0.0
		for i := range n {
			for j := range n {
				east, north := (float64(i)+0.5)*step-f.Reach(), (float64(j)+0.5)*step-f.Reach()
				bearing := math.Mod(math.Atan2(east, north)*180/math.Pi+360, 360)
				sum += step * step * f.At(math.Hypot(east, north), bearing)
			}
		}
		if got, want := ExpectedDeaths(f, 1e6), sum; math.Abs(got/want-1) > 0.003 {
			t.Errorf("%T: %v, by a plain sum %v", m, got, want)
		}
	}
}

// A table steps where the lethality does, and nowhere else: on both sides of a
// joint, a hair from it, it has the value of that side.
func TestTableStepsAtJoints(t *testing.T) {
	const joint, end = 37.123456789, 80.0
	v := func(metres float64) float64 {
		if metres <= joint {
			return 0.9 - metres/100
		}
		return 0.4 - metres/1000
	}
	f, err := tabulate(v, 1, end, 0.5, joint, 50, end, 90)
	if err != nil {
		t.Fatal(err)
	}
	for x := 1.001; x < end; x += 0.013 {
		if got := f.At(x, 0); math.Abs(got-v(x)) > 2*tableError {
			t.Fatalf("at %v m: %v, want %v", x, got, v(x))
		}
	}
	for _, x := range []float64{joint - 1e-7, joint, joint + 1e-7, 50} {
		if got := f.At(x, 0); math.Abs(got-v(x)) > 2*tableError {
			t.Errorf("at %v m: %v, want %v", x, got, v(x))
		}
	}
	if got := len(f.Metres); got > 7 {
		t.Errorf("%d points %v: want those of two straight pieces", got, f.Metres)
	}
}
