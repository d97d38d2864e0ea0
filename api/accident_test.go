package api

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid/consequence"
)

// printed reports whether a number is the printed one to its digits.
func printed(got float64, want string) bool {
	_, decimals, _ := strings.Cut(want, ".")
	return fmt.Sprintf("%.*f", len(decimals), got) == want
}

func valueOf(list []consequence.Quantity, name string) float64 {
	for _, q := range list {
		if q.Name == name {
			return q.Value
		}
	}
	return math.NaN()
}

func reachOf(list []consequence.Reach, effect string, value float64) float64 {
	for _, r := range list {
		if r.Effect == effect && r.Value == value {
			return r.Metres
		}
	}
	return math.NaN()
}

func atIncident(rest string) string {
	return fmt.Sprintf(`{"lon":%v,"lat":%v,%s}`, incident[0], incident[1], rest)
}

// Question 5: which substance, how far?
func TestFireballGivesThePrintedReaches(t *testing.T) {
	w := newWorld(t, city.InternalView, commandFixture(t), nil)
	got := post[Consequence](w, "/api/v1/consequence", atIncident(`"model":"fireball","mass_kg":50000`))
	for _, c := range []struct {
		name string
		got  float64
		want string
	}{
		{"D", valueOf(got.Values, "diameter"), "213.7"}, {"t", valueOf(got.Values, "duration"), "15.78"},
		{"r50", reachOf(got.Reaches, "lethality", 0.5), "362.6"}, {"r01", reachOf(got.Reaches, "lethality", 0.01), "548.1"},
		{"15 kW/m2", reachOf(got.Reaches, "heat_flux", 15), "476.2"}, {"4 kW/m2", reachOf(got.Reaches, "heat_flux", 4), "979.8"},
	} {
		if !printed(c.got, c.want) {
			t.Errorf("%s: %v, want %s", c.name, c.got, c.want)
		}
	}
	checkScreened(t, "consequence", got.Screened, got.DataRevision)
	if got.Outcome != "fireball" || len(got.Limits) == 0 || len(got.Sources) == 0 || len(got.Features) != len(got.Reaches) {
		t.Errorf("%s with %d limits, %d sources, %d zones", got.Outcome, len(got.Limits), len(got.Sources), len(got.Features))
	}
	for i, f := range got.Features {
		p := f.Properties
		ring := ringOf(t, f.Geometry)
		if len(ring) < 65 {
			t.Errorf("%s: %d corners", f.ID, len(ring))
		}
		for _, q := range ring {
			if d := data.Distance(incident, q); math.Abs(d-p.Metres) > 1e-6 {
				t.Fatalf("%s: a corner at %v m, want %v", f.ID, d, p.Metres)
			}
		}
		if p.Metres != got.Reaches[i].Metres {
			t.Errorf("%s: %v m", f.ID, p.Metres)
		}
	}
	i := slices.IndexFunc(got.Features, func(f Feature[ReachedProperties]) bool {
		return f.Properties.Effect == "heat_flux" && f.Properties.Value == 15
	})
	if p := got.Features[i].Properties; p.Sources != 2 || *p.People.Day != 80 {
		t.Errorf("within 15 kW/m2: %+v", p)
	}
	bare := post[Consequence](w, "/api/v1/consequence", `{"model":"fireball","mass_kg":50000}`)
	if len(bare.Features) != 0 || len(bare.Reaches) != len(got.Reaches) {
		t.Errorf("without a place: %d zones", len(bare.Features))
	}
}

func ringOf(t *testing.T, g Geometry) orb.Ring {
	t.Helper()
	shape, err := data.ParseGeometry(g)
	if err != nil {
		t.Fatal(err)
	}
	return shape.(orb.Polygon)[0]
}

// Question 6: the toxic footprint now.
func TestPlumeGivesThePrintedReachesAndItsContours(t *testing.T) {
	w := newWorld(t, city.InternalView, commandFixture(t), nil)
	got := post[Consequence](w, "/api/v1/consequence", atIncident(
		`"model":"plume","substance":"chlorine","kg_per_s":1,"terrain":"urban","stability":"F","wind_m_per_s":1.5,"wind_from":0`))
	if r50, r01 := reachOf(got.Reaches, "lethality", 0.5), reachOf(got.Reaches, "lethality", 0.01); !printed(r50, "126.5") || !printed(r01, "318.3") {
		t.Errorf("r50 %v, r01 %v", r50, r01)
	}
	if axis := valueOf(got.Values, "axis"); axis != 180 {
		t.Errorf("axis %v", axis)
	}
	if len(got.Features) != 3 || got.Model != "gaussian_passive" {
		t.Fatalf("%d contours of %s", len(got.Features), got.Model)
	}
	for _, f := range got.Features {
		far, at := 0.0, orb.Point{}
		for _, q := range ringOf(t, f.Geometry) {
			if d := data.Distance(incident, q); d > far {
				far, at = d, q
			}
		}
		if math.Abs(far-f.Properties.Metres) > 0.02*f.Properties.Metres || math.Abs(data.Bearing(incident, at)-180) > 2 {
			t.Errorf("%s: goes %v m to %v, want %v m to 180", f.ID, far, data.Bearing(incident, at), f.Properties.Metres)
		}
	}
	if n := len(post[Consequence](w, "/api/v1/consequence", atIncident(
		`"model":"plume_rose","substance":"氯","kg_per_s":1,"terrain":"urban"`)).Features); n != 0 {
		t.Errorf("a plume over all winds has %d zones", n)
	}
}

// Question 7: what may go next?
func TestDominoGivesTheFixturesLists(t *testing.T) {
	records := commandFixture(t)
	tank := source(t, "TANK", "I14", data.Major, incident)
	tank.Detail.Derivations = []data.Derivation{{Scenario: 0, Outcome: "fireball", Model: "fireball", Frequency: "f",
		Inputs: map[string]any{"mass_kg": 50000.0}, Values: map[string]any{"heat_flux_15_kw_m2_m": 476.2}}}
	stated := source(t, "STATED", "I12", data.Major, incident, scenario(t, 1e-6, step(310), func(s *data.Scenario) {
		s.Outcome, _ = data.ParseOutcome("condensed_explosion")
	}))
	index := source(t, "INDEX", "C01", data.Low, incident)
	w := newWorld(t, city.InternalView, append(records, tank, stated, index), nil)
	for _, c := range []struct {
		criterion, radius string
		ids               []string
	}{
		{"screen_15kW", "476.2", []string{"S5", "S6"}},
		{"legacy_37_5kW", "253.8", []string{}},
		{"engulfment", "106.8", []string{}},
		{"overpressure_16kPa", "0", []string{}},
	} {
		body := fmt.Sprintf(`"model":"fireball","mass_kg":50000,"criterion":%q`, c.criterion)
		got := post[Domino](w, "/api/v1/domino?industry=I14,I02", atIncident(body))
		ids := slices.DeleteFunc(idsOf(got.Features), func(id string) bool { return id == "TANK" }) // which stands there
		if !slices.Equal(ids, c.ids) || !printed(got.Radius, c.radius) || got.Criterion.Key != c.criterion || got.Basis != "inputs" || got.Steps != 1 {
			t.Errorf("%s: %v within %v m by %s", c.criterion, ids, got.Radius, got.Basis)
		}
		checkScreened(t, c.criterion, got.Screened, got.DataRevision)
		// The same from the record's derivation: listed, and computed again.
		stored := read[Domino](w, "/api/v1/domino?source=TANK&industry=I14,I02&criterion="+c.criterion)
		if !slices.Equal(idsOf(stored.Features), c.ids) {
			t.Errorf("%s of TANK: %v", c.criterion, idsOf(stored.Features))
		}
		if c.radius != "0" && (!printed(stored.Radius, c.radius) || stored.Basis != "derivation") {
			t.Errorf("%s of TANK: %v m by %s", c.criterion, stored.Radius, stored.Basis)
		}
	}
	by := read[Domino](w, "/api/v1/domino?source=STATED&criterion=overpressure_16kPa")
	if by.Basis != "footprint" || by.Radius != 310 || !slices.Equal(idsOf(by.Features), []string{"TANK", "S5", "S6"}) {
		t.Errorf("%v within %v m by %s", idsOf(by.Features), by.Radius, by.Basis)
	}
	if none := read[Domino](w, "/api/v1/domino?source=INDEX&criterion=overpressure_16kPa"); none.Basis != "none" || none.Radius != 0 || none.Matched != 0 {
		t.Errorf("a market: %+v", none)
	}
	if p := w.problem("/api/v1/domino?source=nobody&criterion=engulfment", http.StatusNotFound); p.Detail != "there is no source with this id" {
		t.Error(p.Detail)
	}
	if p := w.problem("/api/v1/domino?source=TANK&criterion=hot", http.StatusBadRequest); p.Parameter != "criterion" || !slices.Contains(p.Allowed, "screen_15kW") {
		t.Errorf("%+v", p)
	}
	if p := w.problem("/api/v1/domino?source=TANK", http.StatusBadRequest); p.Parameter != "criterion" {
		t.Errorf("%+v", p)
	}
}

// Wrong inputs get an error that names field, value, unit and range.
func TestWrongInputsOfAccidentsAreNamed(t *testing.T) {
	w := newWorld(t, city.InternalView, commandFixture(t), nil)
	plume := `"model":"plume","substance":"chlorine","kg_per_s":1,"terrain":"urban","stability":"F","wind_m_per_s":1.5`
	for _, c := range []struct{ body, parameter, value, says string }{
		{`"model":"fireball","mass_kg":-5`, "mass_kg", "-5", "1 to 2e+06 kg"},
		{`"model":"fireball","mass_kg":0`, "mass_kg", "none or 0", "kg"},
		{`"model":"fireball"`, "mass_kg", "none or 0", "kg"},
		{`"model":"fireball","mass_kg":"much"`, "mass_kg", "a string", "number"},
		{`"model":"fireball","mass_kg":1e999`, "mass_kg", "a number 1e999", "number"},
		{`"model":"fireball","mass_kg":NaN`, "body", "byte 55", "JSON"},
		{`"model":"fireball","mass_kg":50000,"sep_kw_per_m2":0`, "sep_kw_per_m2", "0", "100 to 450 kW/m2"},
		{`"model":"fireball","mass_kg":50000,"tnt_kg":5`, "inputs", "", "tnt_kg"},
		{`"model":"fireball","mass":50000`, "mass", "", "mass_kg"},
		{`"model":"meteor"`, "model", "meteor", "fireball"},
		{`"model":"gas_pipe","diameter_mm":600,"pressure_pa":40`, "pressure_pa", "40", "looks like bar (4e+06 Pa)"},
		{`"model":"pool_fire","diameter_metres":20,"substance":"unobtainium"`, "substance", "unobtainium", ""},
		{plume, "wind_from", "none", "degrees clockwise from north"},
		{plume + `,"wind_from":400`, "wind_from", "400", "0 to under 360 degrees"},
		{plume + `,"wind_from":0,"levels":[1e-300]`, "levels", "", "0.01"},
		{`"model":"plume","substance":"chlorine","kg_per_s":1,"stability":"F","wind_m_per_s":1.5,"wind_from":0`, "terrain", "", "urban"},
		{`"model":"plume","substance":"chlorine","kg_per_s":1,"terrain":"urban","wind_m_per_s":1.5,"wind_from":0`, "stability", "", ""},
		{`"model":"plume","substance":"chlorine","kg_per_s":1,"terrain":"urban","stability":"F","wind_from":0`, "wind_m_per_s", "none or 0", "m/s"},
		{`"model":"plume","substance":"chlorine","kg_per_s":1e-300,"terrain":"urban","stability":"F","wind_m_per_s":1.5,"wind_from":0`, "", "", ""},
	} {
		rec := w.post("/api/v1/consequence", atIncident(c.body))
		if c.parameter == "" { // a release too small to harm: no underflow, no reach
			if rec.Code != http.StatusOK {
				t.Errorf("%s: %d %s", c.body, rec.Code, rec.Body)
			}
			continue
		}
		p := checkProblem(t, c.body, rec, http.StatusBadRequest)
		if p.Parameter != c.parameter || c.value != "" && p.Value != c.value || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s: %+v", c.body, p)
		}
	}
	for body, parameter := range map[string]string{
		`{"model":"fireball","mass_kg":5,"lon":120}`:              "lat",
		`{"model":"fireball","mass_kg":5,"lon":200,"lat":30}`:     "lon",
		`{"model":"fireball","mass_kg":5,"lon":120,"lat":"here"}`: "lat",
	} {
		if p := checkProblem(t, body, w.post("/api/v1/consequence", body), http.StatusBadRequest); p.Parameter != parameter {
			t.Errorf("%s: %+v", body, p)
		}
	}
	if p := checkProblem(t, "domino", w.post("/api/v1/domino", `{"model":"fireball","mass_kg":5,"criterion":"engulfment"}`), http.StatusBadRequest); p.Parameter != "lon" {
		t.Errorf("%+v", p)
	}
}
