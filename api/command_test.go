package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// post asks with a JSON body and wants a 200.
func post[T any](w *world, target, body string) T {
	w.t.Helper()
	rec := w.post(target, body)
	if rec.Code != http.StatusOK {
		w.t.Fatalf("%s %s: %d %s", target, body, rec.Code, rec.Body)
	}
	var v T
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		w.t.Fatalf("%s: %v: %s", target, err, rec.Body)
	}
	return v
}

func (w *world) post(target, body string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, bytes.NewReader([]byte(body)))
	r.Header.Set("Content-Type", jsonType)
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, r)
	return rec
}

func idsOf[P any](features []Feature[P]) []string {
	out := []string{}
	for _, f := range features {
		out = append(out, f.ID)
	}
	return out
}

// wantPeople checks a sum of people who are there by day and by night alike.
func wantPeople(t *testing.T, what string, got People, want int64) {
	t.Helper()
	if got.Day == nil || got.Night == nil || *got.Day != want || *got.Night != want || got.Unknown != 0 {
		t.Errorf("%s: people %+v, want %d", what, got, want)
	}
}

func checkScreened(t *testing.T, what string, s Screened, revision uint64) {
	t.Helper()
	if s.Note != "screening value, not an evacuation order" || s.Model == "" || len(s.Units) == 0 || revision == 0 {
		t.Errorf("%s: %+v at revision %d", what, s, revision)
	}
}

// Question 1: the people of what is near.
func TestNearbyAddsUpPeople(t *testing.T) {
	records := append(commandFixture(t), source(t, "U", "C01", data.Low, orb.Point{120.37, 30.30}))
	w := newWorld(t, city.InternalView, records, nil)
	got := read[Nearby](w, "/api/v1/nearby?radius=1000&"+at(incident))
	wantPeople(t, "1000 m", got.People, 5230)
	wantPeople(t, "1000 m, listed", got.Listed, 5230)
	checkScreened(t, "nearby", got.Screened, got.DataRevision)
	got = read[Nearby](w, "/api/v1/nearby?radius=1000&limit=2&"+at(incident))
	wantPeople(t, "cut", got.People, 5230)
	wantPeople(t, "cut, listed", got.Listed, 80)
	wantPeople(t, "500 m", read[Nearby](w, "/api/v1/nearby?radius=500&"+at(incident)).People, 80)
	got = read[Nearby](w, "/api/v1/nearby?radius=2000&"+at(incident))
	if p := got.People; *p.Day != 10230 || p.Known != 7 || p.Unknown != 1 || got.Listed.Unknown != 1 {
		t.Errorf("with one of unknown people: %+v", p)
	}
	if p := got.Features[0].Properties; p.People == nil || p.People.Day != 20 || p.Group != "industrial" {
		t.Errorf("%+v", p)
	}
}

// Question 2: who is downwind?
func TestSectorGivesTheFixturesList(t *testing.T) {
	shelter := data.Unit{Code: "P1", Name: "shelter", Class: "shelter", Shape: orb.Point{120.3501, 30.2950}}
	north := data.Unit{Code: "P2", Name: "north", Class: "shelter", Shape: orb.Point{120.3501, 30.3050}}
	w := newWorld(t, city.InternalView, commandFixture(t), map[string][]data.Unit{data.PlaceKind: {shelter, north}})
	ask := func(query string) Sector { return read[Sector](w, "/api/v1/sector?"+at(incident)+query) }
	for _, c := range []struct {
		query  string
		ids    []string
		people int64
	}{
		{"&wind_from=0&half_angle=22.5&radius=2000", []string{"S1"}, 1200},
		{"&wind_from=0", []string{"S1"}, 1200}, // the defaults
		{"&wind_from=360", []string{"S1"}, 1200},
		{"&wind_from=0&half_angle=30", []string{"S1", "S7"}, 6200},
		{"&wind_from=0&half_angle=29.92", []string{"S1"}, 1200},
		{"&wind_from=0&half_angle=29.94", []string{"S1", "S7"}, 6200},
		{"&wind_from=0&half_angle=30&radius=1924", []string{"S1"}, 1200},
		{"&wind_from=180", []string{"S4"}, 150},
		{"&wind_from=0&half_angle=180", []string{"S1", "S2", "S4", "S5", "S6", "S3", "S7"}, 10230},
		{"&wind_from=0&half_angle=30&industry=C13", []string{"S7"}, 5000},
		{"&wind_from=90&half_angle=1", []string{}, 0},
	} {
		got := ask(c.query)
		if ids := idsOf(got.Features); !slices.Equal(ids, c.ids) || got.Matched.Sources != len(c.ids) {
			t.Errorf("%s: %v (%d), want %v", c.query, ids, got.Matched.Sources, c.ids)
		}
		wantPeople(t, c.query, got.People, c.people)
		checkScreened(t, c.query, got.Screened, got.DataRevision)
	}
	got := ask("&wind_from=0&half_angle=30")
	s1, s7 := got.Features[0].Properties, got.Features[1].Properties
	if *s1.OffAxis != 0 || s1.Distance < 555.95 || s1.Distance > 556.05 || !s1.Sensitive || s1.Bearing != 180 {
		t.Errorf("S1 %+v", s1)
	}
	if *s7.OffAxis != 29.93 || math.Round(*s7.Downwind) != 1668 || s7.Sensitive {
		t.Errorf("S7 off axis %v, downwind %v", *s7.OffAxis, *s7.Downwind)
	}
	if got.Axis != 180 || got.Matched.Sensitive != 1 || !slices.Equal(idsOf(got.Places), []string{"P1"}) || *got.Places[0].Properties.OffAxis > 1.1 {
		t.Errorf("axis %v, %+v, places %v", got.Axis, got.Matched, idsOf(got.Places))
	}
	cut := ask("&wind_from=0&half_angle=180&limit=2")
	if !slices.Equal(idsOf(cut.Features), []string{"S1", "S2"}) || !cut.More || cut.Matched.Sources != 7 {
		t.Errorf("cut: %v %+v", idsOf(cut.Features), cut.Matched)
	}
}

// Question 3: the first zone of protective action.
func TestProtectiveZoneGivesTheFixturesList(t *testing.T) {
	w := newWorld(t, city.InternalView, commandFixture(t), nil)
	ask := func(query string) ProtectiveZone {
		return read[ProtectiveZone](w, "/api/v1/protective-zone?"+at(incident)+query)
	}
	for _, query := range []string{"&wind_from=0&side=1500&isolation=60", "&wind_from=0"} {
		got := ask(query)
		if ids := idsOf(got.Features); !slices.Equal(ids, []string{"S1", "S2", "S6"}) {
			t.Errorf("%s: %v", query, ids)
		}
		wantPeople(t, query, got.People, 2060)
		checkScreened(t, query, got.Screened, got.DataRevision)
		if got.IsolationZone == nil {
			t.Error("no circle of isolation")
		}
	}
	// S7 lies 1668 m downwind and 960 m beside the axis.
	got := ask("&wind_from=0&side=1930")
	i := slices.Index(idsOf(got.Features), "S7")
	if i < 0 {
		t.Fatalf("S7 is out of %v", idsOf(got.Features))
	}
	if p := got.Features[i].Properties; math.Round(*p.Downwind) != 1668 || math.Round(*p.Crosswind) != 960 {
		t.Errorf("S7 %v m downwind, %v m beside", *p.Downwind, *p.Crosswind)
	}
	if slices.Contains(idsOf(ask("&wind_from=0&side=1900").Features), "S7") {
		t.Error("S7 is in a square that is too narrow")
	}
	all := ask("&wind_from=0&isolation=309")
	if ids := idsOf(all.Features); !slices.Equal(ids, []string{"S1", "S2", "S5", "S6"}) {
		t.Errorf("with an isolation of 309 m: %v", ids)
	}
	if none := ask("&wind_from=0&isolation=0"); none.IsolationZone != nil || none.Matched.Sources != 3 {
		t.Errorf("without isolation: %+v", none.Matched)
	}
}

// Question 8: how many are exposed, by class?
func TestExposureGivesTheFixturesClasses(t *testing.T) {
	w := newWorld(t, city.InternalView, commandFixture(t), nil)
	circle := fmt.Sprintf(`{"circle":{"lon":%v,"lat":%v,"radius_m":1000}`, incident[0], incident[1])
	check := func(got Exposure) {
		t.Helper()
		wantPeople(t, "all", got.People, 5230)
		wantPeople(t, "high sensitive", got.Sensitive.People, 2150)
		checkScreened(t, "exposure", got.Screened, got.DataRevision)
		var ids []string
		for _, h := range got.Listed {
			ids = append(ids, string(h.ID))
		}
		if !slices.Equal(ids, []string{"S1", "S2", "S4"}) || got.Sources != 6 || got.Basis != "sources" {
			t.Errorf("%v of %d by %s", ids, got.Sources, got.Basis)
		}
		sources, people := 0, int64(0)
		for _, g := range got.Groups {
			sources, people = sources+g.Sources, people+*g.People.Day
			if want := map[string]int{"industrial": 2, "crowded": 4}[g.Key]; g.Sources != want {
				t.Errorf("%s: %d sources, want %d", g.Key, g.Sources, want)
			}
		}
		for _, c := range got.Classes {
			sources, people = sources+c.Sources, people+*c.People.Day
		}
		if sources != 12 || people != 2*5230 {
			t.Errorf("the parts have %d sources, %d people", sources, people)
		}
	}
	check(post[Exposure](w, "/api/v1/exposure", circle+"}"))
	ring, err := json.Marshal(disc(incident, 1000)[0])
	if err != nil {
		t.Fatal(err)
	}
	check(post[Exposure](w, "/api/v1/exposure", fmt.Sprintf(`{"polygon":{"type":"Polygon","coordinates":[%s]}}`, ring)))
	day := post[Exposure](w, "/api/v1/exposure?group=industrial", circle+`,"time":"day"}`)
	if day.People.Night != nil || *day.People.Day != 80 || day.Time != "day" {
		t.Errorf("%+v", day.People)
	}
}
