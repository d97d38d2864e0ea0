package api

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/datum"
	"riskatlas/data/demo"
	"riskatlas/tiles"
)

type viewAlias = tiles.View

func tileAt(p orb.Point, z int) string {
	t := maptile.At(p, maptile.Zoom(z))
	return fmt.Sprintf("%d/%d/%d", z, t.X, t.Y)
}

func near(a, b orb.Point, metres float64) bool { return data.Distance(a, b) <= metres }

// The published GCJ-02 and BD-09 points of Hangzhou's centre.
var centres = map[string]orb.Point{"wgs84": {120.1551, 30.2741}, "gcj02": {120.15979448, 30.27177122}, "bd09": {120.16635835, 30.27759922}}

func TestEveryDatumAsksAndAnswersOfTheSamePlace(t *testing.T) {
	c := centres["wgs84"]
	north := orb.Point{c[0], c[1] + 100/data.MetresPerDegree}
	zone, err := data.NewFootprint(data.Footprint{Kind: data.Zone, Zones: []data.ZonePiece{{Lethality: 1,
		Shape: orb.Polygon{{c, {c[0] + 0.01, c[1]}, {c[0] + 0.01, c[1] + 0.01}, c}}}}})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, city.InternalView, []*data.Record{
		source(t, "here", "I04", 3, north, scenario(t, 2e-5, step(120))),
		source(t, "line", "P03", 1, orb.LineString{c, north}),
		source(t, "flood", "P09", 1, orb.Point{c[0] + 0.02, c[1]}, func(h *data.Hazard) {
			h.Scenarios = []data.Scenario{{Outcome: 10, PerYear: 1e-6, Footprint: zone}}
		}),
	}, map[string][]data.Unit{data.PlaceKind: {{Code: "p", Name: "医院", Class: "hospital", Shape: c}}})
	for name, p := range centres {
		d, err := datum.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		where := fmt.Sprintf("lon=%v&lat=%v&crs=%s", p[0], p[1], name)
		nearby := read[Nearby](w, "/api/v1/nearby?"+where+"&industry=I04")
		if nearby.CRS != name || math.Abs(nearby.Features[0].Properties.Distance-100) > 0.02 {
			t.Errorf("%s: %+v", name, nearby)
		}
		var g struct{ Coordinates orb.Point }
		if err := json.Unmarshal(nearby.Features[0].Geometry, &g); err != nil || !near(g.Coordinates, d.FromWGS84(north), 0.001) {
			t.Errorf("%s: the source is shown at %v, want %v", name, g.Coordinates, d.FromWGS84(north))
		}
		risk := read[Risk](w, "/api/v1/risk?"+where+"&zoom=16&industry=I04")
		if risk.IR != 2e-5 || risk.Lon != p[0] || !near(orb.Point{risk.Cell.Worst[0], risk.Cell.Worst[1]}, p, 12) {
			t.Errorf("%s: ir %v, cell at %v", name, risk.IR, risk.Cell.Worst)
		}
		box := fmt.Sprintf("%v,%v,%v,%v", p[0]-2e-5, p[1]-2e-5, p[0]+2e-5, p[1]+2e-5)
		list := read[hazardList](w, "/api/v1/hazards?crs="+name+"&bbox="+box)
		if got := ids(list.Features); !slices.Equal(got, []string{"line"}) {
			t.Errorf("%s: in the box are %v", name, got)
		}
		flood := read[hazardFeature](w, "/api/v1/hazards/flood?crs="+name)
		zones := flood.Properties.Scenarios[0]["footprint"].(map[string]any)["zones"].([]any)
		corner := zones[0].(map[string]any)["geometry"].(map[string]any)["coordinates"].([]any)[0].([]any)[0].([]any)
		if !near(orb.Point{corner[0].(float64), corner[1].(float64)}, p, 0.01) {
			t.Errorf("%s: the zone begins at %v", name, corner)
		}
		places := read[Places](w, "/api/v1/places?crs="+name+"&bbox="+box)
		if len(places.Features) != 1 {
			t.Errorf("%s: %d places", name, len(places.Features))
		}
		hit := read[Search](w, "/api/v1/search?q=医院&crs="+name).Hits[0]
		if !near(orb.Point{hit.Lon, hit.Lat}, p, 0.01) {
			t.Errorf("%s: found at %v, %v", name, hit.Lon, hit.Lat)
		}
		tj := read[TileJSON](w, "/tiles/risk.json?crs="+name)
		if !near(orb.Point{tj.Center[0], tj.Center[1]}, d.FromWGS84(w.city.Profile().Centre), 0.01) || tj.CRS != name ||
			strings.Contains(tj.Tiles[0], "crs=") != (name != "wgs84") {
			t.Errorf("%s: %+v", name, tj)
		}
		if rec := w.get("/tiles/hazards/" + tileAt(p, 16) + ".mvt?crs=" + name); rec.Code != http.StatusOK {
			t.Errorf("%s: tile %d", name, rec.Code)
		}
	}
}

func TestSearchRanks(t *testing.T) {
	named := func(id, name, en string) *data.Record {
		return source(t, id, "C05", 2, orb.Point{120.15, 30.27}, func(h *data.Hazard) { h.Name, h.NameEn = name, en })
	}
	w := newWorld(t, city.InternalView, []*data.Record{
		named("a1", "西湖医院分院", ""), named("a2", "西湖医院", "West Lake Hospital"), named("a3", "新西湖医院", ""), named("a4", "ＡＢＣ仓库", "abc store"),
		named("a5", "其他", "The ABC")}, map[string][]data.Unit{data.PlaceKind: {{Code: "p1", Name: "西湖避难场所", Class: "shelter", Shape: orb.Point{120.1, 30.2}}}})
	for q, want := range map[string][]string{
		"西湖医院":        {"a2", "a1", "a3"},
		"西湖区":         {"330106", "330106"}, // in both divisions
		"west lake h": {"a2"},
		"LAKE":        {"a2"},
		"abc":         {"a4", "a5"},
		"ａｂｃ仓":        {"a4"},
		"A3":          {"a3"},
		"330113":      {"330113"},
		"nowhere":     {},
	} {
		got := []string{}
		for _, h := range read[Search](w, "/api/v1/search?q="+escape(q)).Hits {
			got = append(got, h.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", q, got, want)
		}
	}
	if got := read[Search](w, "/api/v1/search?q="+escape("西湖")+"&limit=2").Hits; len(got) != 2 || got[0].Kind != "district" || len(got[0].Bounds) != 4 {
		t.Errorf("%+v", got)
	}
	// Names follow changes, and old ones are forgotten.
	w.apply(data.Change{ID: "a2", If: data.Any}, puts(named("a9", "西湖医院", ""))[0])
	if got := read[Search](w, "/api/v1/search?q="+escape("西湖医院")).Hits; got[0].ID != "a9" || len(got) != 3 {
		t.Errorf("after a change: %+v", got)
	}
}

func TestPlacesPageAndFilter(t *testing.T) {
	var units []data.Unit
	for i := range 25 {
		units = append(units, data.Unit{Code: fmt.Sprintf("点%02d", i), Name: fmt.Sprint("place ", i), Class: placeKinds[i%2], Shape: orb.Point{120 + 0.01*float64(i), 30.2},
			Props: map[string]string{"capacity": "5"}})
	}
	w := newWorld(t, city.InternalView, nil, map[string][]data.Unit{data.PlaceKind: units})
	seen := []string{}
	for next := "/api/v1/places?limit=4&kind=fire_station"; next != ""; {
		got := read[Places](w, next)
		seen = append(seen, ids(got.Features)...)
		next = ""
		if len(got.Links) > 0 {
			next = strings.TrimPrefix(got.Links[0].Href, "http://example.com")
		}
	}
	if len(seen) != 12 || !slices.IsSorted(seen) || len(slices.Compact(seen)) != 12 {
		t.Errorf("%v", seen)
	}
	got := read[Places](w, "/api/v1/places?bbox=120.095,30,120.125,31")
	if !slices.Equal(ids(got.Features), []string{"点10", "点11", "点12"}) || got.Features[0].Properties.More["capacity"] != "5" {
		t.Errorf("%+v", got.Features)
	}
	if q := read[Places](w, "/api/v1/places?q=PLACE%2024"); len(q.Features) != 1 {
		t.Errorf("%+v", q.Features)
	}
}

// A road is found by its real shape, not by its box or its middle.
func TestPlacesThatAreRoads(t *testing.T) {
	bend := orb.LineString{{120.0, 30.0}, {120.1, 30.0}, {120.1, 30.1}}
	parts := orb.MultiLineString{{{120.3, 30.0}, {120.4, 30.0}}, {{120.3, 30.1}, {120.4, 30.1}}}
	units := []data.Unit{{Code: "bend", Name: "弯路", Class: "road", Shape: bend, Props: map[string]string{"phone": "0"}}, {Code: "parts", Class: "road", Shape: parts}}
	for _, view := range []city.View{city.InternalView, city.PublicView} {
		w := newWorld(t, view, nil, map[string][]data.Unit{data.PlaceKind: units})
		for box, want := range map[string][]string{
			"120.04,29.99,120.06,30.01": {"bend"}, // crossed, no vertex inside
			"120.02,30.05,120.05,30.09": {},       // within its box, off the road
			"120.34,29.99,120.36,30.2":  {"parts"},
			"120.34,30.04,120.36,30.06": {}, // between the parts
			"119.9,29.9,120.5,30.2":     {"bend", "parts"},
		} {
			if got := ids(read[Places](w, "/api/v1/places?kind=road&bbox="+box).Features); !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Errorf("%s: %v, want %v", box, got, want)
			}
		}
		got := read[Places](w, "/api/v1/places?q="+escape("弯")).Features
		if len(got) != 1 || got[0].Properties.Kind != "road" {
			t.Fatalf("%+v", got)
		}
		if line, _ := json.Marshal(got[0].Geometry); !strings.Contains(string(line), `"LineString","coordinates":[[120,30],[120.1,30],[120.1,30.1]]`) {
			t.Errorf("%s", line)
		}
		if more := got[0].Properties.More; (view == city.InternalView) != (more["phone"] == "0") {
			t.Errorf("view %v shows %v", view, more)
		}
		if hits := read[Search](w, "/api/v1/search?q="+escape("弯路")).Hits; len(hits) != 1 || hits[0].ID != "bend" {
			t.Errorf("%+v", hits)
		}
	}
}

func TestTaxonomyAndDistricts(t *testing.T) {
	w, _ := theTown(t)
	tax := read[Taxonomy](w, "/api/v1/taxonomy")
	groups := map[string]int{}
	for _, in := range tax.Industries {
		groups[in.Group]++
	}
	if len(tax.Industries) != 39 || groups["industrial"] != 16 || groups["crowded"] != 14 || groups["public"] != 9 {
		t.Errorf("%d industries: %v", len(tax.Industries), groups)
	}
	if tax.Cuts != (Cuts{1e-9, 3e-6, 1e-5, 3e-5}) || len(tax.Levels) != 4 || tax.Levels[3].Colours["night"] != "#FF0000" || tax.Levels[3].From != 3e-5 ||
		tax.Levels[3].Equivalent != 1e-4 || tax.Levels[0].Name != "低风险" {
		t.Errorf("cuts %v levels %+v", tax.Cuts, tax.Levels)
	}
	if len(tax.Districts) != 13 || len(tax.Vintages) != 2 || !slices.Contains(tax.Regulators, "市应急局") || !tax.Schematic || tax.Units["ir"] != "1/yr" {
		t.Errorf("%d districts, %d vintages, %v", len(tax.Districts), len(tax.Vintages), tax.Regulators)
	}
	for _, vintage := range tax.Vintages {
		sum := read[Summary](w, "/api/v1/summary?by=district&vintage="+vintage.Name)
		rows := map[string]int{}
		for _, r := range sum.Rows {
			rows[r.Key] = r.Count.Count
		}
		for _, info := range vintage.Districts {
			d := read[District](w, "/api/v1/districts/"+info.Code+"?vintage="+vintage.Name)
			p := d.Properties
			if d.ID != info.Code || p.Sources.Count != rows[info.Code] || p.Vintage != vintage.Name || !p.Schematic {
				t.Errorf("%s of %s: %+v, summary says %d", info.Code, vintage.Name, p, rows[info.Code])
			}
			g := p.GroundKM2
			if total := g.Rest + g.Low + g.General + g.Significant + g.Major; total < 5 || total > 6000 {
				t.Errorf("%s has %v km2", info.Code, total)
			}
			if vintage.Default && p.Level != w.viewer.View().DistrictLevel(info.Code) {
				t.Errorf("%s: level %d, the map shows %d", info.Code, p.Level, w.viewer.View().DistrictLevel(info.Code))
			}
		}
	}
}

func TestTileJSONAndCatalogue(t *testing.T) {
	w, _ := theTown(t)
	c := read[Catalogue](w, "/tiles")
	if len(c.Layers) != int(data.LayerCount) || len(c.Styles) != 3 {
		t.Fatalf("%d layers, %d styles", len(c.Layers), len(c.Styles))
	}
	for _, l := range c.Layers {
		if l.ID == data.LayerDiff.String() { // it wants a what-if
			w.problem(strings.TrimPrefix(l.TileJSON, "http://example.com"), http.StatusBadRequest)
			continue
		}
		tj := read[TileJSON](w, strings.TrimPrefix(l.TileJSON, "http://example.com"))
		info, err := data.ParseLayer(l.ID)
		if err != nil {
			t.Fatal(err)
		}
		if tj.TileJSON != "3.0.0" || tj.MinZoom != int(data.Layers[info].MinZoom) || tj.MaxZoom != int(data.Layers[info].MaxZoom) || tj.Scheme != "xyz" ||
			len(tj.VectorLayers) != 1 || tj.VectorLayers[0].ID != l.ID || len(tj.VectorLayers[0].Fields) == 0 || tj.Tiles[0] != l.Tiles || tj.Attribution == "" {
			t.Errorf("%+v", tj)
		}
		b := tj.Bounds
		if len(b) != 4 || !(b[0] < b[2] && b[1] < b[3]) || len(tj.Center) != 3 || tj.Center[2] < float64(tj.MinZoom) || tj.Center[2] > float64(tj.MaxZoom) ||
			!(b[0] <= tj.Center[0] && tj.Center[0] <= b[2]) {
			t.Errorf("bounds %v, center %v", b, tj.Center)
		}
		tile := strings.NewReplacer("{z}/{x}/{y}", tileAt(orb.Point{120.15, 30.27}, 13), "http://example.com", "").Replace(tj.Tiles[0])
		if rec := w.get(tile); rec.Code != 200 && rec.Code != 204 {
			t.Errorf("%s: %d", tile, rec.Code)
		}
	}
	for _, c := range []struct{ ask, want string }{
		{"level=4&industry=I05&industry=I04&stat=worst", "/tiles/risk,hazards/{z}/{x}/{y}.mvt?industry=I05,I04&level=4"},
		{"stat=share&vintage=2019&district=330103", "/tiles/risk,hazards/{z}/{x}/{y}.mvt?district=330103&stat=share&vintage=2019"},
	} {
		for _, target := range []string{"/tiles/hazards,risk.json?" + c.ask} {
			if got := read[TileJSON](w, target).Tiles[0]; got != "http://example.com"+c.want {
				t.Errorf("%s: %s", target, got)
			}
		}
	}
	if got := w.get("/tiles/risk.json", "X-Forwarded-Proto", "https"); !strings.Contains(got.Body.String(), "https://example.com/tiles/risk/") {
		t.Errorf("behind TLS: %s", got.Body)
	}
}

func TestStylesFollowTheQuestion(t *testing.T) {
	w, _ := theTown(t)
	for _, id := range []string{"day", "night", "colour-blind"} {
		style := read[struct {
			Version int
			Sources map[string]struct{ Tiles []string }
			Layers  []any
		}](w, "/styles/"+id+"/style.json?level=3,4&group=public&crs=gcj02")
		if style.Version != 8 || len(style.Sources) == 0 || len(style.Layers) == 0 {
			t.Errorf("%s: %+v", id, style)
		}
		for name, s := range style.Sources {
			if !strings.HasPrefix(s.Tiles[0], "http://example.com/tiles/") || !strings.HasSuffix(s.Tiles[0], "?crs=gcj02&group=public&level=3,4") {
				t.Errorf("%s: %s has %s", id, name, s.Tiles[0])
			}
			tile := strings.NewReplacer("{z}/{x}/{y}", tileAt(orb.Point{120.15, 30.27}, 12), "http://example.com", "").Replace(s.Tiles[0])
			if rec := w.get(tile); rec.Code != 200 && rec.Code != 204 {
				t.Errorf("%s: %d %s", tile, rec.Code, rec.Body)
			}
		}
	}
}

// Every JSON answer of the demonstration says that it is synthetic.
func TestTheDemonstrationSaysSo(t *testing.T) {
	p := hangzhou(t)
	w := newWorld(t, city.InternalView, slices.Collect(demo.Hazards(p, 150, 1)), map[string][]data.Unit{data.PlaceKind: demo.Places(p, 20, 1)},
		func(o *Options) { o.Synthetic = true })
	for _, target := range []string{"/api/v1/risk?" + onePlace, "/api/v1/nearby?" + onePlace, "/api/v1/hazards?limit=3", "/api/v1/summary", "/api/v1/taxonomy",
		"/api/v1/places", "/api/v1/search?q=演示", "/api/v1/districts/330106", "/tiles", "/tiles/risk.json", "/readyz"} {
		if got := read[Answer](w, target); !got.Synthetic || got.DataRevision == 0 {
			t.Errorf("%s: %+v", target, got)
		}
	}
	id := read[Search](w, "/api/v1/search?q=DEMO-I").Hits[0].ID
	if got := read[Answer](w, "/api/v1/hazards/"+id); !got.Synthetic {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(w.get("/styles/day/style.json").Body.String(), "synthetic") {
		t.Error("the style does not say that its data is synthetic")
	}
}

func TestNegotiate(t *testing.T) {
	offers := []string{geoJSONType, jsonType, csvType}
	for accept, want := range map[string]string{
		"*/*": geoJSONType, "text/*": csvType, "application/json": jsonType, "text/csv;q=0.5, application/json;q=0.4": csvType,
		"application/json, text/csv": jsonType, "*/*;q=0.1, text/csv": csvType, "application/*, text/csv;q=0": geoJSONType, "text/csv;q=0": "",
		"image/png": "", "": "", "TEXT/CSV": csvType, "text/csv;charset=utf-8;q=0.3, */*;q=0.2": csvType, "text/csv;q=nan": "", ";,;q=,": "",
		"application/geo+json;q=0, */*": jsonType,
	} {
		if got := negotiate(accept, offers); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
}

// The document passes a validator where there is one.
func TestOpenAPIParsesElsewhere(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import openapi_spec_validator").Run() != nil {
		t.Skip("openapi-spec-validator is not installed: the document is checked by TestOpenAPIListsEveryRoute alone")
	}
	w, _ := theTown(t)
	cmd := exec.Command(python, "-c", "import sys, json; from openapi_spec_validator import validate; validate(json.load(sys.stdin))")
	cmd.Stdin = w.get("/openapi.json").Body
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
