package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// coverageSet makes the units of rows given as industry, district, status.
func coverageSet(t testing.TB, rows ...[3]string) []data.Unit {
	t.Helper()
	tax := hangzhou(t).Taxonomy
	var units []data.Unit
	for _, r := range rows {
		c := coverageOf(t, r[0], r[1])
		status, err := data.ParseCoverageStatus(r[2])
		if err != nil {
			t.Fatal(err)
		}
		if c.Status = status; status.Done() {
			c.Received = 20191120
		}
		units = append(units, tax.CoverageUnit(&c, orb.Point{120.15, 30.27}))
	}
	return units
}

func coverageOf(t testing.TB, industry, district string) data.Coverage {
	t.Helper()
	c, err := (&CoverageRowQuery{industry, district}).row(hangzhou(t).Taxonomy)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// allDone is every industry of a district but those that are left out.
func allDone(t testing.TB, district string, but ...string) []data.Unit {
	var rows [][3]string
	for _, in := range hangzhou(t).Taxonomy.Industries {
		if !slices.Contains(but, in.Code) {
			rows = append(rows, [3]string{in.Code, district, "verified"})
		}
	}
	return coverageSet(t, rows...)
}

func (w *world) here(method, target, body string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.ask(method, target, body, "127.0.0.1:40000", "localhost", header...)
}

func (w *world) into(target string, v any) {
	w.t.Helper()
	if err := json.Unmarshal(w.get(target).Body.Bytes(), v); err != nil {
		w.t.Fatal(target, err)
	}
}

// in330106 and in330105 are places of districts without and with an unasked body.
var in330106, in330105 = orb.Point{120.10, 30.27}, orb.Point{120.15, 30.32}

// A level of none or low is called so only where everybody who was asked for has
// answered.
func TestLevelsOfWhatNobodyLookedAtAreUnknown(t *testing.T) {
	low := source(t, "low", "I04", data.Low, in330105, scenario(t, 1e-7, step(300)))
	red := source(t, "red", "I04", data.Major, orb.Point{in330105[0] + 0.02, in330105[1]}, scenario(t, 1e-4, step(300)))
	at := func(p orb.Point, query string) string {
		return fmt.Sprintf("/api/v1/risk?lon=%g&lat=%g%s", p[0], p[1], query)
	}
	red1 := orb.Point{in330105[0] + 0.02, in330105[1]}
	for name, c := range map[string]struct {
		units []data.Unit
		want  map[string]string // query to level_text
	}{
		"no table": {nil, map[string]string{at(in330105, ""): "unknown", at(in330106, ""): "unknown", at(red1, ""): "major"}},
		"one body has not answered": {append(allDone(t, "330105", "I06"), allDone(t, "330106")...), map[string]string{
			at(in330105, ""): "unknown", at(in330105, "&industry=I04"): "low", at(in330105, "&industry=I06"): "unknown", at(in330105, "&group=public"): "none",
			at(in330106, ""): "none", at(in330106, "&industry=I06"): "none", at(red1, ""): "major",
			at(orb.Point{118.5, 29.2}, ""):             "unknown", // in no district
			at(in330106, "&district=330105"):           "unknown", // sources of a district that is not assessed
			at(in330105, "&district=330106"):           "none",
			at(in330105, "&level=4&zoom=15"):           "unknown",
			at(in330106, "&industry=I04&zoom=16"):      "none",
			at(in330105, "&industry=I04&vintage=2019"): "low",
		}},
		"asked is no answer": {append(allDone(t, "330105", "I06"), coverageSet(t, [3]string{"I06", "330105", "asked"})...), map[string]string{at(in330105, ""): "unknown"}},
		"none is an answer":  {append(allDone(t, "330105", "I06"), coverageSet(t, [3]string{"I06", "330105", "none_here"})...), map[string]string{at(in330105, ""): "low"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, city.InternalView, []*data.Record{low, red}, map[string][]data.Unit{data.CoverageKind: c.units})
			for target, want := range c.want {
				var got Risk
				w.into(target, &got)
				if got.LevelText != want || got.Assessed.Recorded != (c.units != nil) {
					t.Errorf("%s: level %d is called %s, want %s; %+v", target, got.Level, got.LevelText, want, got.Assessed)
				}
				if got.Cell != nil && got.Cell.LevelText != want {
					t.Errorf("%s: the cell is called %s, want %s", target, got.Cell.LevelText, want)
				}
				if strings.Contains(w.get(target).Body.String(), `"level_text":"low"`) && want != "low" {
					t.Errorf("%s says low", target)
				}
			}
		})
	}
}

// Lists and totals say of which ground they are.
func TestAnswersSayWhatWasAssessed(t *testing.T) {
	units := append(allDone(t, "330105", "I06", "C02"), allDone(t, "330106")...)
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", data.Low, in330105)}, map[string][]data.Unit{data.CoverageKind: units})
	var near Nearby
	w.into(fmt.Sprintf("/api/v1/nearby?lon=%g&lat=%g&radius=500", in330106[0], in330106[1]), &near)
	if a := near.Assessed; *a.Share != 1 || len(a.Missing) != 0 || *a.Oldest != "2019-11-20" {
		t.Errorf("within 330106: %+v", a)
	}
	w.into(fmt.Sprintf("/api/v1/nearby?lon=%g&lat=%g&radius=15000", in330106[0], in330106[1]), &near)
	if a := near.Assessed; *a.Share >= 1 || len(a.Missing) != len(w.city.Profile().Taxonomy.Industries) {
		t.Errorf("within 15 km of 330106 there are districts that nobody asked: %+v", a)
	}
	near = Nearby{}
	w.into(fmt.Sprintf("/api/v1/nearby?lon=%g&lat=%g&reach=true&industry=I06,C02,I04", in330105[0], in330105[1]), &near)
	if a := near.Assessed; *a.Share != 0 || !slices.Equal(a.Missing, []string{"I06", "C02"}) || near.Text != "unknown" {
		t.Errorf("what reaches a place of 330105: %+v, %q", a, near.Text)
	}
	var sum Summary
	w.into("/api/v1/summary?by=district&district=330105,330106", &sum)
	a := sum.Total.Assessed
	var one, both float64
	for _, r := range sum.Rows {
		km2 := r.GroundKM2.Rest + r.GroundKM2.Low + r.GroundKM2.General + r.GroundKM2.Significant + r.GroundKM2.Major
		switch r.Key {
		case "330106":
			one = km2
			fallthrough
		case "330105":
			both += km2
			if want := map[string]float64{"330105": 0, "330106": 1}[r.Key]; *r.Assessed.Share != want || r.DistrictFigures.Text == "low" {
				t.Errorf("%s: %+v %s", r.Key, r.Assessed, r.DistrictFigures.Text)
			}
		}
	}
	if d := *a.Share - one/both; d > 1e-6 || d < -1e-6 || !slices.Equal(a.Missing, []string{"I06", "C02"}) {
		t.Errorf("share %g, want %g by area; missing %v", *a.Share, one/both, a.Missing)
	}
	w.into("/api/v1/summary?by=industry&district=330105", &sum)
	for _, r := range sum.Rows {
		if want := r.Key != "I06" && r.Key != "C02"; (*r.Assessed.Share == 1) != want {
			t.Errorf("%s in 330105: %+v", r.Key, r.Assessed)
		}
	}
	var d District
	w.into("/api/v1/districts/330105", &d)
	if p := d.Properties; p.LevelText != "unknown" || !slices.Equal(p.Assessed.Missing, []string{"I06", "C02"}) {
		t.Errorf("330105: %s %+v", p.LevelText, p.Assessed)
	}
	w.into("/api/v1/districts/330106?vintage=2019", &d)
	if p := d.Properties; p.LevelText != "none" || *p.Assessed.Share != 1 {
		t.Errorf("330106 of 2019: %s %+v", p.LevelText, p.Assessed)
	}
}

func TestCoverageIsWritten(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I06", data.Low, in330105)}, map[string][]data.Unit{data.CoverageKind: allDone(t, "330105", "I06")})
	const path = "/api/v1/coverage/I06/330105"
	jsonBody := []string{"Content-Type", jsonType}
	var one CoverageOne
	w.into(path, &one)
	if one.Status != "not_started" || *one.Found != 1 {
		t.Fatalf("%+v", one)
	}
	was := w.viewer.View().Revision()
	for name, c := range map[string]struct {
		body   string
		header []string
		status int
	}{
		"without a condition": {`{"status":"asked"}`, jsonBody, http.StatusPreconditionRequired},
		"of another state":    {`{"status":"asked"}`, append(jsonBody, "If-Match", `"x"`), http.StatusPreconditionFailed},
		"with a wrong date":   {`{"status":"asked","received":"2019-11-01"}`, append(jsonBody, "If-Match", "*"), http.StatusBadRequest},
		"with a wrong status": {`{"status":"done"}`, append(jsonBody, "If-Match", "*"), http.StatusBadRequest},
		"with a new member":   {`{"status":"asked","x":1}`, append(jsonBody, "If-Match", "*"), http.StatusBadRequest},
	} {
		if rec := w.here("PUT", path, c.body, c.header...); rec.Code != c.status {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if now := w.viewer.View().Revision(); now != was {
		t.Errorf("refusals made revision %d", now)
	}
	tag := one.ETag
	rec := w.here("PUT", path, `{"status":"none_here","received":"2019-12-01","body":"市公安局"}`, append(jsonBody, "If-Match", tag)...)
	if err := json.Unmarshal(rec.Body.Bytes(), &one); err != nil || rec.Code != http.StatusOK {
		t.Fatal(rec.Code, rec.Body)
	}
	if one.Flag != "found_where_none" || one.Body != "市公安局" || rec.Header().Get("ETag") != one.ETag || one.ETag == tag {
		t.Errorf("%s: %+v", rec.Header(), one)
	}
	var risk Risk
	w.into(fmt.Sprintf("/api/v1/risk?lon=%g&lat=%g", in330105[0], in330105[1]), &risk)
	if *risk.Assessed.Share != 1 {
		t.Errorf("after the write: %+v", risk.Assessed)
	}
	if rec := w.here("PUT", path, `{"status":"asked"}`, append(jsonBody, "If-Match", tag)...); rec.Code != http.StatusPreconditionFailed {
		t.Errorf("the old tag: %d", rec.Code)
	}
	was = w.viewer.View().Revision()
	wrong := w.here("POST", "/api/v1/coverage", `{"rows":[{"industry":"I04","district":"330106","status":"received"},{"industry":"I04","district":"330103","status":"received"}]}`, jsonBody...)
	if wrong.Code != http.StatusBadRequest || !strings.Contains(wrong.Body.String(), "rows[1].district") || w.viewer.View().Revision() != was {
		t.Errorf("a wrong row: %d %s", wrong.Code, wrong.Body)
	}
	var done CoverageDone
	rec = w.here("POST", "/api/v1/coverage", "industry,district,status\nI04,330106,received\nI06,330105,verified\n", "Content-Type", "text/csv; charset=utf-8")
	if err := json.Unmarshal(rec.Body.Bytes(), &done); err != nil || done.Added != 1 || done.Changed != 1 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	var table CoverageTable
	w.into("/api/v1/coverage?district=330105,330106&status=received", &table)
	industries := len(w.city.Profile().Taxonomy.Industries)
	if len(table.Rows) != 1 || table.Total.Rows != 2*industries || table.Total.Verified != industries || table.Total.NotStarted != industries-1 ||
		table.ByDistrict[0].Done != industries || table.ByIndustry[3].Done != 2 {
		t.Errorf("%+v", table.Total)
	}
}

// Of many who write the same rows by what they read, none undoes another's.
func TestNoRowOfCoverageIsLost(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, map[string][]data.Unit{data.CoverageKind: coverageSet(t, [3]string{"I01", "330105", "asked"})})
	counts := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for editor := range 20 {
		all.Go(func() {
			for i := range 4 {
				path := fmt.Sprintf("/api/v1/coverage/I0%d/330105", 1+(editor+i)%4)
				for {
					var one CoverageOne
					if err := json.Unmarshal(w.do("GET", path).Body.Bytes(), &one); err != nil {
						t.Error(err)
						return
					}
					n := 0
					if one.Expected != nil {
						n = *one.Expected
					}
					rec := w.here("PUT", path, fmt.Sprintf(`{"status":"asked","expected":%d}`, n+1), "Content-Type", jsonType, "If-Match", one.ETag)
					if rec.Code == http.StatusOK {
						break
					}
					if rec.Code != http.StatusPreconditionFailed {
						t.Error(rec.Code, rec.Body)
						return
					}
				}
				mu.Lock()
				counts[path]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for path, n := range counts {
		var one CoverageOne
		if w.into(path, &one); *one.Expected != n {
			t.Errorf("%s: %d writes are left of %d", path, *one.Expected, n)
		}
	}
}

// The public view tells nobody who was asked or how many there are to find, and
// counts no industry that it hides.
func TestCoverageInThePublicView(t *testing.T) {
	tax := hangzhou(t).Taxonomy
	n := 4321
	hidden, seen := coverageOf(t, "I06", "330105"), coverageOf(t, "I04", "330105")
	for _, c := range []*data.Coverage{&hidden, &seen} {
		c.Status, c.Body, c.Note, c.Expected = data.Verified, canary, canary, &n
	}
	units := []data.Unit{tax.CoverageUnit(&hidden, in330105), tax.CoverageUnit(&seen, in330105)}
	records := []*data.Record{source(t, "h", "I06", data.Low, in330105), source(t, "s", "I04", data.Low, in330105)}
	w := newWorld(t, city.PublicView, records, map[string][]data.Unit{data.CoverageKind: units})
	for _, target := range []string{"/api/v1/coverage", "/api/v1/coverage?format=csv", "/api/v1/coverage/I06/330105", "/api/v1/coverage/I04/330105",
		"/tiles/coverage/" + tileAt(in330105, 12) + ".mvt", "/api/v1/districts/330105"} {
		body := w.get(target).Body.String()
		if strings.Contains(body, canary) || strings.Contains(body, "4321") || strings.Contains(body, "fewer_than") {
			t.Errorf("%s tells: %s", target, body)
		}
	}
	var one CoverageOne
	if w.into("/api/v1/coverage/I06/330105", &one); one.Found != nil || one.Status != "verified" {
		t.Errorf("of a hidden industry: %+v", one)
	}
	if w.into("/api/v1/coverage/I04/330105", &one); one.Found == nil || *one.Found != 1 {
		t.Errorf("of one that is shown: %+v", one)
	}
	if rec := w.here("PUT", "/api/v1/coverage/I04/330105", `{"status":"asked"}`, "Content-Type", jsonType, "If-Match", "*"); rec.Code != http.StatusForbidden {
		t.Errorf("a write through the public view: %d", rec.Code)
	}
	inside := newWorld(t, city.InternalView, records, map[string][]data.Unit{data.CoverageKind: units})
	if body := inside.get("/api/v1/coverage").Body.String(); !strings.Contains(body, canary) || !strings.Contains(body, "4321") || !strings.Contains(body, "fewer_than_expected") {
		t.Error("the internal view hides it too: the test above cannot fail")
	}
}
