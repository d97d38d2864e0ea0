package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/tiles"
)

func block(code string, west, south, east, north float64) data.Unit {
	return data.Unit{Code: code, Name: "片区" + code, NameEn: "Zone " + code,
		Shape: orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}.ToPolygon()}
}

// zoneWorld has two neighbouring streets, and a park that lies over both and
// beyond; a line crosses from one street to the other and ends in neither.
func zoneWorld(t *testing.T) *world {
	streets := []data.Unit{block("S1", 120.10, 30.20, 120.20, 30.30), block("S2", 120.20, 30.20, 120.30, 30.30)}
	parks := []data.Unit{block("over", 120.15, 30.25, 120.25, 30.35), block("west", 120.10, 30.20, 120.16, 30.30)}
	line := source(t, "line", "P07", data.Low, orb.LineString{{120.12, 30.22}, {120.40, 30.22}}, scenario(t, 2e-6, step(30)))
	return newWorld(t, city.InternalView, []*data.Record{
		source(t, "a", "I04", data.Major, orb.Point{120.18, 30.28}, scenario(t, 2e-5, step(300))),
		source(t, "b", "I04", data.Low, orb.Point{120.12, 30.28}, scenario(t, 1e-6, step(300))),
		source(t, "c", "C02", data.General, orb.Point{120.24, 30.26}, scenario(t, 4e-6, step(300))),
		source(t, "edge", "C02", data.General, orb.Point{120.20, 30.21}),
		source(t, "idle", "C02", data.Major, orb.Point{120.13, 30.21}, func(h *data.Hazard) { h.Status = data.Planned }),
		source(t, "far", "I04", data.Major, orb.Point{119.5, 29.9}),
		line,
	}, map[string][]data.Unit{data.ZoneKind("streets"): streets, data.ZoneKind("key:parks"): parks})
}

func rowOf(t *testing.T, s Summary, key string) SummaryRow {
	t.Helper()
	for _, r := range s.Rows {
		if r.Key == key {
			return r
		}
	}
	t.Fatalf("no row %s: %+v", key, s.Rows)
	return SummaryRow{}
}

func TestSummaryByZone(t *testing.T) {
	w := zoneWorld(t)
	s := read[Summary](w, "/api/v1/summary?by=zone:streets")
	s1, s2, out := rowOf(t, s, "S1"), rowOf(t, s, "S2"), rowOf(t, s, "outside")
	if s1.Count.Count != 2 || s1.Levels.Major != 1 || s1.Levels.Low != 1 || s1.Meeting.Count != 4 { // a b, and the line and edge meet it
		t.Errorf("S1: %+v %+v", s1, s1.Meeting)
	}
	if s2.Count.Count != 3 || s2.Meeting.Count != 3 || s2.Meeting.Levels.General != 2 { // c edge line: the line's middle is at 120.26
		t.Errorf("S2: %+v %+v", s2, s2.Meeting)
	}
	if out.Count.Count != 1 || out.Meeting != nil || s.Total.Count.Count != 6 || s.Zones.Overlap || s.Zones.Several.Count != 0 || !strings.Contains(s.Zones.Note, "sum to the total") {
		t.Errorf("%+v %+v", s, s.Zones)
	}
	s = read[Summary](w, "/api/v1/summary?by=zone:key:parks")
	if over, west := rowOf(t, s, "over"), rowOf(t, s, "west"); over.Count.Count != 2 || west.Count.Count != 1 || s.Zones.Overlap || rowOf(t, s, "outside").Count.Count != 3 {
		t.Errorf("%+v", s)
	}
	// A source in both parks counts in each, and the answer says so.
	both := source(t, "both", "I04", data.Major, orb.Point{120.155, 30.26})
	w.apply(puts(both)...)
	for _, query := range []string{"", "&industry=I04", "&regulator=" + escape("市应急局")} {
		s = read[Summary](w, "/api/v1/summary?by=zone:key:parks"+query)
		sum := 0
		for _, r := range s.Rows {
			sum += r.Count.Count
		}
		if !s.Zones.Overlap || s.Zones.Several.Levels.Major != 1 || sum != s.Total.Count.Count+1 || !strings.Contains(s.Zones.Note, "1 sources lie in more than one") {
			t.Errorf("%s: rows sum to %d of %d: %+v", query, sum, s.Total.Count.Count, s.Zones)
		}
	}
	if s = read[Summary](w, "/api/v1/summary?by=zone:streets&level=4"); rowOf(t, s, "S1").Count.Count != 2 || s.Total.Count.Count != 3 {
		t.Errorf("filtered: %+v", s)
	}
	if p := w.problem("/api/v1/summary?by=zone:nowhere", http.StatusBadRequest); p.Parameter != "by" || len(p.Allowed) != 9 { // six keys and three sets
		t.Errorf("%+v", p)
	}
}

// Through a zone every question and tile has its sources alone.
func TestZoneFilter(t *testing.T) {
	w := zoneWorld(t)
	for query, want := range map[string]string{
		"zone=streets:S1":                     "a b idle",
		"zone=streets:S1&status=active":       "a b",
		"zone=streets:S2":                     "c edge line",
		"zone=streets:S2,streets:S1":          "a b c edge idle line",
		"zone=streets:S1&zone=key:parks:over": "a b c idle",
		"zone=key:parks:over&industry=C02":    "c",
		"zone=key:parks:over&q=source":        "a c",
	} {
		var got []string
		for _, f := range read[hazardList](w, "/api/v1/hazards?"+query).Features {
			got = append(got, fmt.Sprint(f.ID))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
	in := at(orb.Point{120.18, 30.28})
	if r := read[Risk](w, "/api/v1/risk?zoom=10&"+in+"&zone=streets:S1"); r.IR != 2e-5 || r.Cell.IR != 2e-5 {
		t.Errorf("%+v", r)
	}
	if r := read[Risk](w, "/api/v1/risk?zoom=10&"+in+"&zone=streets:S2"); r.IR != 0 || r.DataRevision == 0 {
		t.Errorf("%+v", r)
	}
	if n := read[Nearby](w, "/api/v1/nearby?radius=20000&"+in+"&zone=streets:S2"); len(n.Features) != 3 {
		t.Errorf("%+v", n.Features)
	}
	if s := read[Summary](w, "/api/v1/summary?by=industry&zone=streets:S1"); s.Total.Count.Count != 2 {
		t.Errorf("%+v", s.Total)
	}
	if s := read[Summary](w, "/api/v1/summary?by=zone:key:parks&zone=streets:S1"); s.Total.Count.Count != 2 || rowOf(t, s, "west").Count.Count != 1 {
		t.Errorf("%+v", s)
	}
	tile := "/tiles/risk,hazards/10/853/421.mvt"
	whole, part := w.get(tile), w.get(tile+"?zone=streets:S1")
	if whole.Code != http.StatusOK || part.Code != http.StatusOK || whole.Header().Get("Etag") == part.Header().Get("Etag") {
		t.Errorf("%d, %d: one tag for both", whole.Code, part.Code)
	}
	if again := w.get(tile); again.Header().Get("Etag") != whole.Header().Get("Etag") {
		t.Error("the whole city's tile has changed")
	}
	// What is in the zone comes and goes with the data.
	w.apply(puts(source(t, "new", "I04", data.Low, orb.Point{120.11, 30.21}))...)
	if s := read[Summary](w, "/api/v1/summary?zone=streets:S1"); s.Total.Count.Count != 3 {
		t.Errorf("after a change: %+v", s.Total)
	}
	if tag := w.get(tile + "?zone=streets:S1").Header().Get("Etag"); tag == part.Header().Get("Etag") {
		t.Error("after a change the zone's tile is the old one")
	}
}

func TestZoneFilterIsKeptAndChecked(t *testing.T) {
	w := zoneWorld(t)
	if tj := read[TileJSON](w, "/tiles/risk,hazards.json?zone=streets:S1,key:parks:over&cuts=new-build"); !strings.HasSuffix(tj.Tiles[0], "?cuts=new-build&zone=streets%3AS1,key%3Aparks%3Aover") {
		t.Errorf("%v", tj.Tiles)
	}
	if style := w.get("/styles/day/style.json?zone=streets:S1").Body.String(); !strings.Contains(style, "?zone=streets%3AS1") {
		t.Errorf("%.400s", style)
	}
	for _, target := range []string{"/tiles/risk.json?", "/styles/day/style.json?", "/api/v1/summary?", "/api/v1/hazards?", "/tiles/risk/10/853/421.mvt?"} {
		for value, allowed := range map[string]string{"streets:S9": "streets:S2", "roads:1": "key:parks:CODE", "streets": "streets:CODE"} {
			p := w.problem(target+"zone="+value, http.StatusBadRequest)
			if p.Parameter != "zone" || !strings.Contains(strings.Join(p.Allowed, " "), allowed) {
				t.Errorf("%s %s: %+v", target, value, p)
			}
		}
	}
}

func TestZonesAnswer(t *testing.T) {
	w := zoneWorld(t)
	z := read[Zones](w, "/api/v1/zones")
	// The profile has a set of its own, which is drawn by hand.
	if len(z.Sets) != 3 || z.Sets[0].Name != "functional-2019" || !z.Sets[0].Schematic || z.Sets[2].Schematic {
		t.Fatalf("%+v", z)
	}
	if z.Sets = z.Sets[1:]; z.Sets[0].Name != "key:parks" || z.Sets[1].Zones != 2 || z.Sets[1].Codes[1].Code != "S2" || z.Sets[1].Outside.Count != 1 ||
		z.Sets[1].Bounds[0] != 120.10 || z.Sets[1].Bounds[2] != 120.30 {
		t.Errorf("%+v", z)
	}
	one := read[Zone](w, "/api/v1/zones/streets/S1")
	p := one.Properties
	if p.Set != "streets" || p.Sources.Count != 2 || p.Meeting.Count != 4 || p.Rule.ID != tiles.ShareRule || p.LabelPoint[0] < 120.1 || one.DataRevision == 0 {
		t.Errorf("%+v", p)
	}
	// 0.1 by 0.1 degrees at 30.25: 9.606 km by 11.119 km; 300 m around a is orange.
	g := p.GroundKM2
	if total := g.Rest + g.Low + g.General + g.Significant + g.Major; total < 106.2 || total > 107.2 || g.Significant < 0.27 || g.Significant > 0.29 || g.Major != 0 {
		t.Errorf("%+v", g)
	}
	if want := w.viewer.View().ZoneLevel("streets", 0); p.Level != want || want != data.General { // one source of level 4
		t.Errorf("level %d, the map shows %d", p.Level, want)
	}
	for path, parameter := range map[string]string{"roads/S1": "name", "streets/S9": "code"} {
		if p := w.problem("/api/v1/zones/"+path, http.StatusNotFound); p.Parameter != parameter || p.Allowed[len(p.Allowed)-1] != map[string]string{"name": "streets", "code": "S2"}[parameter] {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

// The cuts for what is new, rebuilt or extended: 1e-5, 3e-6 and 3e-7, inclusive,
// with a relative tolerance of 1e-9; the floor exclusive.
func TestNewBuildCuts(t *testing.T) {
	cases := []struct {
		perYear float64
		level   data.Level
	}{{1e-9, 0}, {1.1e-9, 1}, {2.99e-7, 1}, {3e-7, 2}, {2.99e-6, 2}, {3e-6, 3}, {9.99e-6, 3}, {1e-5, 4}, {1e-2, 4}, {9.99999999e-6, 4}, {9.9999999e-6, 3}}
	place := func(i int) orb.Point { return orb.Point{120.1 + 0.03*float64(i), 30.27} }
	var records []*data.Record
	for i, c := range cases {
		records = append(records, source(t, fmt.Sprint("h", i), "I04", data.Low, place(i), scenario(t, c.perYear, step(100))))
	}
	w := newWorld(t, city.InternalView, records, nil)
	for i, c := range cases {
		for _, zoom := range []string{"", "&zoom=9", "&zoom=16"} {
			got := read[Risk](w, "/api/v1/risk?cuts=new-build&"+at(place(i))+zoom)
			if got.Level != c.level || got.Cuts != "new-build" || got.Cell != nil && got.Cell.Level != c.level {
				t.Errorf("%v%s: level %d, want %d: %+v", c.perYear, zoom, got.Level, c.level, got.Cell)
			}
		}
		if got := read[Risk](w, "/api/v1/risk?"+at(place(i))); got.Cuts != "in-service" || got.IR != c.perYear {
			t.Errorf("%+v", got)
		}
	}
	tax := read[Taxonomy](w, "/api/v1/taxonomy")
	if n := tax.NewBuild; n == nil || *n != (Cuts{1e-9, 3e-7, 3e-6, 1e-5}) || len(tax.Criteria) != 2 || tax.Sources["new_build"] == "" {
		t.Errorf("%+v %v %q", tax.NewBuild, tax.Criteria, tax.Sources["new_build"])
	}
	if p := w.problem("/api/v1/risk?cuts=old&"+at(place(0)), http.StatusBadRequest); p.Parameter != "cuts" || len(p.Allowed) != 2 {
		t.Errorf("%+v", p)
	}
	a, b := w.get("/tiles/risk/12/3414/1687.mvt"), w.get("/tiles/risk/12/3414/1687.mvt?cuts=new-build")
	if a.Header().Get("Etag") == b.Header().Get("Etag") || b.Code != a.Code {
		t.Errorf("%d and %d, one tag for both", a.Code, b.Code)
	}
}
