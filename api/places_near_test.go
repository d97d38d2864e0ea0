package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// someUnits are places of several kinds, points, areas and roads.
func somePlaces(rng *rand.Rand, n int) []data.Unit {
	kinds := []string{"shelter", "hospital", "fire_station", "material", data.RoadClass}
	units := make([]data.Unit, n)
	for i := range units {
		p := orb.Point{120.0 + 0.4*rng.Float64(), 30.1 + 0.4*rng.Float64()}
		u := data.Unit{Code: fmt.Sprintf("p%04d", i), Name: "place", Class: kinds[i%len(kinds)], Shape: p}
		switch {
		case u.Class == data.RoadClass:
			u.Shape = orb.LineString{p, data.Moved(p, 3000*rng.Float64(), 3000*(rng.Float64()-0.5))}
		case i%7 == 0:
			u.Shape = disc(p, 50+200*rng.Float64())
		}
		units[i] = u
	}
	return units
}

// The nearest of each kind outside a zone equal a scan of all places, for a
// thousand random incidents. The zone of the scan is written out from its
// definition: a place is in it when a point of it, its own or sampled, is.
func TestNearestEqualsBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	units := somePlaces(rng, 400)
	w := newWorld(t, city.InternalView, nil, map[string][]data.Unit{data.PlaceKind: units})
	dense := make([][]orb.Point, len(units))
	for i := range units {
		dense[i] = samples(units[i].Shape, 30)
	}
	left := 0
	for range 1000 {
		p := orb.Point{120.0 + 0.4*rng.Float64(), 30.1 + 0.4*rng.Float64()}
		from, size, half := math.Floor(360*rng.Float64()), 2000+8000*rng.Float64(), 10+50*rng.Float64()
		axis := axisOf(from)
		query := fmt.Sprintf("/api/v1/nearest?%s&kind=shelter,hospital&kind=road&n=3&wind_from=%v", at(p), from)
		in := func(orb.Point) bool { return false }
		switch rng.IntN(3) {
		case 0:
			query += fmt.Sprintf("&exclude=sector&half_angle=%v&radius=%v", half, size)
			in = func(q orb.Point) bool { return inSector(p, q, axis, half, size) }
		case 1:
			query += fmt.Sprintf("&exclude=protective-zone&side=%v&isolation=1000", size)
			in = func(q orb.Point) bool { return inSquare(p, q, axis, size, 1000) }
		}
		got := read[NearestPlaces](w, query)
		if len(got.Kinds) != 3 {
			t.Fatalf("%d kinds", len(got.Kinds))
		}
		for k, kind := range []string{"shelter", "hospital", "road"} {
			var want []ranked
			for i := range units {
				u := &units[i]
				if u.Class != kind || slices.ContainsFunc(dense[i], in) {
					continue
				}
				if in(p) && areaHolds(u.Shape, p) {
					continue
				}
				_, d := data.Nearest(u.Shape, p)
				want = append(want, ranked{u.Code, d})
			}
			slices.SortFunc(want, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.metres, b.metres), cmp.Compare(a.code, b.code)) })
			left += len(units)/5 - len(want)
			checkNearest(t, query, got.Kinds[k], kind, want, units, in)
		}
	}
	if left < 2000 {
		t.Errorf("%d places left out: the zones test too little", left)
	}
}

type ranked struct {
	code   string
	metres float64
}

// checkNearest compares an answer's kind to the scan. A place whose edge grazes
// the zone between two samples may be left out by the server alone.
func checkNearest(t *testing.T, query string, got NearestKind, kind string, want []ranked, units []data.Unit, in func(orb.Point) bool) {
	t.Helper()
	if got.Kind != kind {
		t.Fatalf("%s: %s, want %s", query, got.Kind, kind)
	}
	k := 0
	for _, f := range got.Places {
		for k < len(want) && want[k].code != f.ID {
			i := slices.IndexFunc(units, func(u data.Unit) bool { return u.Code == want[k].code })
			if !slices.ContainsFunc(samples(units[i].Shape, 0.05), in) {
				t.Fatalf("%s: %s at %v m is missing among %v", query, want[k].code, want[k].metres, idsOf(got.Places))
			}
			k++
		}
		if k == len(want) || math.Abs(f.Properties.Distance-want[k].metres) > 0.001 {
			t.Fatalf("%s: %s at %v m is no answer", query, f.ID, f.Properties.Distance)
		}
		k++
	}
	if len(got.Places) < min(3, len(want)-2) {
		t.Fatalf("%s: %d of %s, want 3", query, len(got.Places), kind)
	}
}

// Question 9: those in the zones of questions 2 and 3 are left out.
func TestNearestLeavesOutTheFixturesZones(t *testing.T) {
	place := func(code, kind string, e, n float64) data.Unit {
		return data.Unit{Code: code, Name: code, Class: kind, Shape: data.Moved(incident, e, n), Props: map[string]string{"contact": "x"}}
	}
	units := []data.Unit{place("south", "shelter", 0, -400), place("square", "shelter", 600, -700), place("north", "shelter", 0, 900),
		place("east", "shelter", 1200, 0), place("far", "shelter", 0, 3000), place("h", "hospital", 0, -100)}
	w := newWorld(t, city.PublicView, nil, map[string][]data.Unit{data.PlaceKind: units})
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"&kind=shelter&n=3", []string{"south", "north", "square"}},
		{"&kind=shelter&n=3&exclude=sector&wind_from=0", []string{"north", "square", "east"}},
		{"&kind=shelter&n=3&exclude=protective-zone&wind_from=0", []string{"north", "east", "far"}},
		{"&kind=shelter&n=9&exclude=sector&wind_from=180&radius=20000", []string{"south", "square", "east"}},
		{"&kind=material", []string{}},
	} {
		got := read[NearestPlaces](w, "/api/v1/nearest?"+at(incident)+c.query)
		if ids := idsOf(got.Kinds[0].Places); len(got.Kinds) != 1 || !slices.Equal(ids, c.want) {
			t.Errorf("%s: %v, want %v", c.query, ids, c.want)
		}
		checkScreened(t, c.query, got.Screened, got.DataRevision)
		for _, f := range got.Kinds[0].Places {
			if f.Properties.More != nil {
				t.Error("the public view shows a place's other columns")
			}
		}
	}
	all := read[NearestPlaces](w, "/api/v1/nearest?"+at(incident))
	if len(all.Kinds) != 2 || all.Kinds[0].Kind != "hospital" || all.Kinds[1].Places[0].Properties.Bearing != 180 {
		t.Errorf("%+v", all.Kinds)
	}
	if p := w.problem("/api/v1/nearest?"+at(incident)+"&exclude=sector", http.StatusBadRequest); p.Parameter != "wind_from" || !strings.Contains(p.Detail, "degrees clockwise from north") {
		t.Errorf("%+v", p)
	}
}

// Question 11: which lines, areas and roads cross the zone, and how much of them.
func TestIntersectsGivesLengthsInside(t *testing.T) {
	line := func(coords ...float64) orb.LineString {
		var l orb.LineString
		for i := 0; i < len(coords); i += 2 {
			l = append(l, data.Moved(incident, coords[i], coords[i+1]))
		}
		return l
	}
	area := orb.Polygon{disc(data.Moved(incident, 1100, 0), 200)[0]}
	records := append(commandFixture(t),
		source(t, "pipe", "I11", data.Significant, line(-2000, 600, 2000, 600)),
		source(t, "metro", "P07", data.General, orb.MultiLineString{line(0, -200, 0, 200), line(5000, 0, 6000, 0)}),
		source(t, "away", "I11", data.Low, line(-2000, 1001, 2000, 1001)),
		source(t, "park", "C08", data.Low, area))
	roads := []data.Unit{{Code: "R1", Name: "road", Class: data.RoadClass, Shape: line(-500, 0, 500, 0)}, {Code: "R2", Name: "past", Class: data.RoadClass, Shape: line(0, 1100, 10, 2000)},
		{Code: "P1", Name: "shelter", Class: "shelter", Shape: data.Moved(incident, 10, 10)}}
	w := newWorld(t, city.InternalView, records, map[string][]data.Unit{data.PlaceKind: roads})
	circle := atCircle(1000)
	for _, c := range []struct {
		layer string
		ids   []string
		in    []float64
	}{
		{"lines", []string{"pipe", "metro"}, []float64{1600, 400}}, // 2 sqrt(1000^2 - 600^2)
		{"areas", []string{"park"}, nil},
		{"roads", []string{"R1"}, []float64{1000}},
		{"places", []string{"P1"}, nil},
		{"hazards", []string{"pipe", "metro", "S1", "S2", "S3", "S4", "S5", "S6", "park"}, nil},
	} {
		got := post[Intersects](w, "/api/v1/intersects", fmt.Sprintf(`{%s,"layer":%q}`, circle, c.layer))
		if !slices.Equal(idsOf(got.Features), c.ids) || got.Matched != len(c.ids) {
			t.Errorf("%s: %v, want %v", c.layer, idsOf(got.Features), c.ids)
			continue
		}
		sum := 0.0
		for i, want := range c.in {
			if in := *got.Features[i].Properties.LengthIn; math.Abs(in-want) > 0.05 {
				t.Errorf("%s: %s has %v m inside, want %v", c.layer, got.Features[i].ID, in, want)
			}
			sum += want
		}
		if c.in != nil && math.Abs(got.LengthIn-sum) > 0.1 {
			t.Errorf("%s: %v m in all, want %v", c.layer, got.LengthIn, sum)
		}
		checkScreened(t, c.layer, got.Screened, got.DataRevision)
	}
	if got := post[Intersects](w, "/api/v1/intersects?industry=P07", fmt.Sprintf(`{%s,"layer":"lines"}`, circle)); !slices.Equal(idsOf(got.Features), []string{"metro"}) ||
		got.Features[0].Properties.Whole || math.Abs(*got.Features[0].Properties.Length-1400) > 1 {
		t.Errorf("%+v", got.Features)
	}
	if r1 := post[Intersects](w, "/api/v1/intersects", fmt.Sprintf(`{%s,"layer":"roads"}`, circle)).Features[0].Properties; !r1.Whole {
		t.Errorf("all of the road lies inside: %+v", r1)
	}
	// The same ground drawn in another datum.
	ring, err := json.Marshal(shownShape(disc(incident, 1000), (&CRSQuery{CRS: "gcj02"}).datum()).(orb.Polygon)[0])
	if err != nil {
		t.Fatal(err)
	}
	got := post[Intersects](w, "/api/v1/intersects?crs=gcj02", fmt.Sprintf(`{"polygon":{"type":"Polygon","coordinates":[%s]},"layer":"lines"}`, ring))
	if math.Abs(got.LengthIn-2000) > 3 { // a polygon of 128 corners
		t.Errorf("in gcj02: %v m", got.LengthIn)
	}
}

func atCircle(radius float64) string {
	return fmt.Sprintf(`"circle":{"lon":%v,"lat":%v,"radius_m":%v}`, incident[0], incident[1], radius)
}

// Ground that is none is refused by name.
func TestGroundThatIsNoneIsNamed(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	polygon := func(coords string) string {
		return `"polygon":{"type":"Polygon","coordinates":` + coords + `}`
	}
	var many strings.Builder
	for i := range 10_001 {
		fmt.Fprintf(&many, "[%v,30],", 120+float64(i)/1e5)
	}
	for _, c := range []struct{ body, parameter, says string }{
		{``, "polygon", "circle"},
		{`"circle":{"lon":120,"lat":30}`, "circle.radius_m", "metres over 0 and at most 20000"},
		{`"circle":{"lat":30,"radius_m":5}`, "circle.lon", "-180 to 180"},
		{`"circle":{"lon":120,"lat":30,"radius_m":-5}`, "circle.radius_m", "-5"},
		{`"circle":{"lon":120,"lat":30,"radius_m":20001}`, "circle.radius_m", "20001"},
		{`"circle":{"lon":120,"lat":91,"radius_m":5}`, "circle.lat", "91"},
		{`"circle":{"lon":120,"lat":30,"radius":5}`, "radius", "member"},
		{atCircle(5) + "," + polygon(`[[[120,30],[121,30],[121,31],[120,30]]]`), "circle", "polygon"},
		{polygon(`[[[120,30],[120.1,30.1],[120.1,30],[120,30.1],[120,30]]]`), "polygon", "cross"},
		{polygon(`[[[120,30],[120.1,30],[120.1,30.1]]]`), "polygon", ""},
		{polygon(`[[[120,30],[120.1,30],[120.1,30.1],[120.2,30]]]`), "polygon", "ends where it begins"},
		{polygon(`[[[120,30],[130,30],[130,40],[120,30]]]`), "polygon", "50000 km2"},
		{polygon(`[[[120,30],[120.1,30],[120.2,30],[120,30]]]`), "polygon", ""},
		{polygon(`[[[120,30],[720.1,30],[120.2,31],[120,30]]]`), "polygon", "longitude"},
		{polygon(`[[` + many.String() + `[120,30]]]`), "polygon", "10000"},
		{`"polygon":{"type":"Point","coordinates":[120,30]}`, "polygon", "Polygon"},
		{`"polygon":{"type":"GeometryCollection","geometries":[]}`, "polygon.type", "MultiPolygon"},
		{`"polygon":7`, "polygon", ""},
	} {
		body := "{" + c.body + "}"
		p := checkProblem(t, body[:min(len(body), 80)], w.post("/api/v1/exposure", body), http.StatusBadRequest)
		if p.Parameter != c.parameter || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s: %+v", body[:min(len(body), 120)], p)
		}
	}
	for body, parameter := range map[string]string{
		`{` + atCircle(5) + `,"time":"noon"}`: "time",
	} {
		if p := checkProblem(t, body, w.post("/api/v1/exposure", body), http.StatusBadRequest); p.Parameter != parameter {
			t.Errorf("%s: %+v", body, p)
		}
	}
	for body, target := range map[string]string{
		`{` + atCircle(5) + `,"layer":"rails"}`: "/api/v1/intersects",
		`{` + atCircle(5) + `,"layer":"roads"}`: "/api/v1/intersects?level=4",
		`{` + atCircle(5) + `}`:                 "/api/v1/intersects",
	} {
		if p := checkProblem(t, body, w.post(target, body), http.StatusBadRequest); p.Parameter != "layer" {
			t.Errorf("%s: %+v", body, p)
		}
	}
}
