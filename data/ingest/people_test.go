package ingest

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/planar"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/data/memory"
)

func readPeople(t *testing.T, name, text string, opts Options) *Units {
	t.Helper()
	u, err := ReadPeople(context.Background(), name, strings.NewReader(text), -1, opts)
	if err != nil {
		t.Fatal(err)
	}
	if r := u.Report; r.Read != r.Accepted+r.Rejected+r.Quarantined || r.Accepted != len(u.Units)+r.Empty {
		t.Fatalf("%s, %d empty, %d units", r.Totals(), r.Empty, len(u.Units))
	}
	return u
}

func peopleOf(t *testing.T, units []data.Unit) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, u := range units {
		if _, err := u.People(); err != nil {
			t.Fatal(err)
		}
		out[u.Code] = u.Props[data.PeopleProp]
	}
	return out
}

func TestPeople(t *testing.T) {
	opts := Options{Profile: profile(t, "hangzhou")}
	for name, c := range map[string]struct {
		file, text string
		want       map[string]string
	}{
		"points":         {"a.csv", "grid_id,人口数,lon,lat\nA,12.50,120.15,30.27\nB,0,120.16,30.27\nC,-0,120.17,30.27\nD,１２,120.18,30.27\n", map[string]string{"A": "12.5", "D": "12"}},
		"the newest":     {"a.csv", "id,POP_2011,POP_2021,POP_2001,lon,lat\nA,1,2,3,120.15,30.27\n", map[string]string{"A": "2"}},
		"no year first":  {"a.csv", "id,2021年常住人口,Population,lon,lat\nA,1,2,120.15,30.27\n", map[string]string{"A": "2"}},
		"WKT":            {"a.csv", "id,常住人口（人）,wkt\nA,1e6,\"POLYGON((120 30,120.1 30,120.1 30.1,120 30))\"\n", map[string]string{"A": "1000000"}},
		"GeoJSON":        {"a.geojson", collection("", featureText(`7`, square(120, 30, 0.1), `{"pop":0.25}`), featureText(`8`, pointText, `{"pop":"3"}`)), map[string]string{"7": "0.25", "8": "3"}},
		"people is best": {"a.csv", "id,pop,people,lon,lat\nA,1,2,120.15,30.27\n", map[string]string{"A": "2"}},
	} {
		u := readPeople(t, c.file, c.text, opts)
		if diff := cmp.Diff(c.want, peopleOf(t, u.Units)); diff != "" || u.Report.Rejected != 0 || u.Kind != data.PeopleKind {
			t.Errorf("%s: %s %v", name, diff, u.Report.Problems)
		}
	}
	// Rows without an id are named by what they say.
	u := readPeople(t, "a.csv", "pop,lon,lat\n1,120.15,30.27\n1,120.15,30.27\n", opts)
	if !strings.HasPrefix(u.Units[0].Code, "row-") || u.Units[1].Code != u.Units[0].Code+"-2" {
		t.Errorf("%v", u.Units)
	}
}

func TestPeopleRefused(t *testing.T) {
	opts := Options{Profile: profile(t, "hangzhou")}
	const header = "id,pop,geometry\n"
	for name, c := range map[string]struct{ row, kind, field, value, want string }{
		"below 0":    {"A,-3,POINT(120.15 30.27)", "people_invalid", "people", "-3", "0 to"},
		"a word":     {"A,many,POINT(120.15 30.27)", "people_invalid", "people", "many", "such as 120"},
		"not finite": {"A,NaN,POINT(120.15 30.27)", "people_invalid", "people", "NaN", "0 to"},
		"thousands":  {"A,\"1,200\",POINT(120.15 30.27)", "people_invalid", "people", "1,200", "0 to"},
		"too many":   {"A,1e10,POINT(120.15 30.27)", "people_invalid", "people", "1e10", "1000000000"},
		"nothing":    {"A,,POINT(120.15 30.27)", "people_missing", "people", "", "--field"},
		"a line":     {"A,1,\"LINESTRING(120 30,120.1 30)\"", "geometry_invalid", "geometry", "LineString", "a Point or Polygon or MultiPolygon"},
		"outside":    {"A,1,POINT(9 45)", "geometry_outside", "geometry", "9,45", "118.3"},
		"twice":      {"G,1,POINT(120.15 30.27)", "duplicate_id", "code", "G", "line 2"},
	} {
		u := readPeople(t, "a.csv", header+"G,5,POINT(120.2 30.2)\n"+c.row+"\n", opts)
		if u.Report.Totals() != "read 2 accepted 1 rejected 1 quarantined 0" || len(u.Report.Problems) != 1 {
			t.Errorf("%s: %s %v", name, u.Report.Totals(), u.Report.Problems)
			continue
		}
		p := u.Report.Problems[0]
		if p.Kind != c.kind || p.Field != c.field || p.Value != c.value || p.Line != 3 || !strings.Contains(p.Want, c.want) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	// The same ground twice counts twice, and the report says so.
	u := readPeople(t, "a.geojson", collection("", featureText(`1`, square(120, 30, 0.1), `{"pop":1}`), featureText(`2`, square(120, 30, 0.1), `{"pop":2}`)), opts)
	if u.Report.Kinds["same_ground"] != 1 || u.Report.People != 3 {
		t.Errorf("%v, %v people", u.Report.Problems, u.Report.People)
	}
	opts.Map = map[string]string{"people": "ewz"}
	if _, err := ReadPeople(context.Background(), "a.csv", strings.NewReader("id,pop,lon,lat\n"), -1, opts); err == nil || !strings.Contains(err.Error(), "ewz") {
		t.Errorf("a column that is not there: %v", err)
	}
}

// The set is replaced whole; a file in which nobody lives replaces nothing.
func TestPeopleReplaceTheSet(t *testing.T) {
	p := profile(t, "hangzhou")
	ctx, store, opts := context.Background(), memory.New(p.Taxonomy), Options{Profile: p}
	write := func(text string) (*Units, error) {
		u := readPeople(t, "a.csv", "id,pop,lon,lat\n"+text, opts)
		return u, u.Write(ctx, store, data.Note{Who: "t"})
	}
	if _, err := write("A,1,120.15,30.27\nB,2,120.16,30.27\n"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if u, err := write("B,2.0,120.16,30.27\nC,3,120.16,30.27\nD,0,120.16,30.27\n"); err != nil || u.Report.Empty != 1 {
			t.Fatalf("%v, %d empty", err, u.Report.Empty)
		}
	}
	for _, text := range []string{"A,0,120.15,30.27\n", "A,-1,120.15,30.27\n"} {
		if _, err := write(text); err == nil {
			t.Errorf("%q was written", text)
		}
	}
	held := unitsOf(t, store, data.PeopleKind)
	if rev, _ := store.Load(ctx); rev != 2 || len(held) != 2 || held["B"].Props["people"] != "2" || held["C"].Props["people"] != "3" {
		t.Errorf("revision %d, %v", rev, held)
	}
	if _, err := store.Replace(ctx, data.Note{}, data.PeopleKind, []data.Unit{{Code: "x", Shape: orb.Point{120, 30}, Props: map[string]string{"people": "-1"}}}); err == nil {
		t.Error("a store took -1 people")
	}
}

// The grid of Milan, by what a store keeps of it, counted within the city's
// boundary in the grid's own plane: by the share of each square's area, and by
// its centre.
func TestRealPeople(t *testing.T) {
	f, size := realFile(t, "milan/population_grid.geojson")
	opts := Options{Profile: profile(t, "generic")}
	u, err := ReadPeople(context.Background(), "population_grid.geojson", f, size, opts)
	if err != nil {
		t.Fatal(err)
	}
	if u.Report.Totals() != "read 6687 accepted 6687 rejected 0 quarantined 0" || u.Report.Empty != 380 || u.Report.Kinds["same_ground"] != 0 {
		t.Fatalf("%s, %d empty, %v", u.Report.Totals(), u.Report.Empty, u.Report.Kinds)
	}
	store := memory.New(opts.Profile.Taxonomy)
	if err := u.Write(context.Background(), store, data.Note{}); err != nil {
		t.Fatal(err)
	}
	_, toGrid, err := datum.ByEPSG(32632)
	if err != nil {
		t.Fatal(err)
	}
	boundary := realBoundary(t, "milan/boundary.geojson")
	edges := edgeBoxes(boundary)
	var all, byArea, byCentre float64
	for u, err := range store.Units(context.Background(), data.PeopleKind) {
		if err != nil {
			t.Fatal(err)
		}
		people, err := u.People()
		if err != nil {
			t.Fatal(err)
		}
		box := datum.Geometry(u.Shape, toGrid).Bound()
		if math.Abs(box.Max[0]-box.Min[0]-500) > 0.001 || math.Abs(box.Max[1]-box.Min[1]-500) > 0.001 {
			t.Fatalf("square %s came back as %v", u.Code, box)
		}
		all += people
		inside := planar.MultiPolygonContains(boundary, box.Center())
		if inside {
			byCentre += people
		}
		switch {
		case slices.ContainsFunc(edges, box.Intersects):
			for _, part := range boundary {
				byArea += people * planar.Area(clip.Polygon(box, part.Clone())) / 250_000
			}
		case inside:
			byArea += people
		}
	}
	if math.Round(all) != 3_214_630 || math.Round(u.Report.People) != 3_214_630 {
		t.Errorf("%.1f people, the report says %.1f; want 3214630", all, u.Report.People)
	}
	if math.Abs(byArea-3_205_160) > 0.001*3_205_160 {
		t.Errorf("%.0f people inside by area, want 3205160", byArea)
	}
	if math.Round(byCentre) != 3_209_781 {
		t.Errorf("%.1f people inside by centre, want 3209781", byCentre)
	}
	t.Logf("%.0f in all; inside the boundary %.0f by area, %.0f by centre", all, byArea, byCentre)
}

// edgeBoxes gives the box of every edge. A square that meets none of them lies
// inside or outside as its centre does.
func edgeBoxes(m orb.MultiPolygon) []orb.Bound {
	var boxes []orb.Bound
	for _, p := range m {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				boxes = append(boxes, orb.LineString{r[i-1], r[i]}.Bound())
			}
		}
	}
	return boxes
}

// realBoundary reads the multipolygon of a file, in its own coordinates and by
// another reader than ours.
func realBoundary(t *testing.T, name string) orb.MultiPolygon {
	t.Helper()
	f, _ := realFile(t, name)
	var raw struct {
		Features []struct {
			Geometry struct{ Coordinates orb.MultiPolygon }
		}
	}
	if err := json.NewDecoder(f).Decode(&raw); err != nil || len(raw.Features) != 1 {
		t.Fatalf("%v, %d features", err, len(raw.Features))
	}
	return raw.Features[0].Geometry.Coordinates
}
