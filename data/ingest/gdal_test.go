package ingest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// ogr2ogr converts a file by GDAL, or skips the test where that is not there.
func ogr2ogr(t *testing.T, to, from string, args ...string) {
	t.Helper()
	program, err := exec.LookPath("ogr2ogr")
	if err != nil {
		t.Skip("GDAL is not here: no ogr2ogr")
	}
	// #nosec: the arguments are the tests' own.
	out, err := exec.CommandContext(t.Context(), program, append(args, to, from)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ogr2ogr %v: %v\n%s", args, err, out)
	}
}

// readFile reads a file with those that lie beside it.
func readFile(t *testing.T, path string, opts Options) *Batch {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	opts.Beside = os.DirFS(filepath.Dir(path))
	b, err := Read(context.Background(), filepath.Base(path), f, -1, opts)
	if err != nil {
		t.Fatal(err)
	}
	addsUp(t, b)
	return b
}

// mixed has a point, a line and areas with a hole and an island in it, in three
// layers, since a Shapefile holds one kind of shape.
var mixed = map[string]string{
	"points": `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"p1","name":"武林加油站","industry":"I04","level":3,"exposed_day":12},"geometry":{"type":"Point","coordinates":[120.1631,30.2721]}},
{"type":"Feature","properties":{"id":"p2","name":"下沙储罐","industry":"I04","level":4},"geometry":{"type":"Point","coordinates":[120.35,30.31]}}]}`,
	"lines": `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"l1","name":"管道","industry":"I11","level":2},"geometry":{"type":"LineString","coordinates":[[120.1,30.2],[120.2,30.25],[120.25,30.3]]}},
{"type":"Feature","properties":{"id":"l2","name":"管道二","industry":"I11","level":2},"geometry":{"type":"MultiLineString","coordinates":[[[120.1,30.2],[120.2,30.25]],[[120.25,30.3],[120.3,30.31]]]}}]}`,
	"areas": `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"a1","name":"景区","industry":"C08","level":2},"geometry":{"type":"MultiPolygon","coordinates":[
[[[120.0,30.0],[120.1,30.0],[120.1,30.1],[120.0,30.1],[120.0,30.0]],[[120.02,30.02],[120.02,30.08],[120.08,30.08],[120.08,30.02],[120.02,30.02]]],
[[[120.04,30.04],[120.06,30.04],[120.06,30.06],[120.04,30.06],[120.04,30.04]]]]}}]}`,
}

// written are the forms in which GDAL writes each layer.
var written = map[string]map[string][]string{
	"points": {
		"gbk.shp":   {"-f", "ESRI Shapefile", "-lco", "ENCODING=GBK"},
		"plane.shp": {"-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", "-t_srs", "EPSG:4549"},
		"feet.shp":  {"-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", "-t_srs", "+proj=tmerc +lon_0=120 +lat_0=0 +k=1 +x_0=500000 +y_0=0 +datum=WGS84 +units=us-ft"},
		"b.gpkg":    {"-f", "GPKG", "-t_srs", "EPSG:32651", "-lco", "GEOMETRY_NAME=the shape"},
		"a.kml":     {"-f", "KML"},
	},
	"lines": {
		"degrees.shp": {"-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"},
		"a.gpkg":      {"-f", "GPKG"},
		"a.kmz":       {"-f", "LIBKML"},
	},
	"areas": {
		"degrees.shp": {"-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"},
		"conic.gpkg":  {"-f", "GPKG", "-t_srs", "+proj=lcc +lon_0=120 +lat_0=30 +lat_1=29.5 +lat_2=30.5 +x_0=500000 +y_0=0 +datum=WGS84 +units=ft"},
		"libkml.kml":  {"-f", "LIBKML"},
	},
}

// TestAgainstGDAL has GDAL write GeoJSON in every format and in planes of metres
// and of feet, and wants the records of the GeoJSON back, within a millimetre.
func TestAgainstGDAL(t *testing.T) {
	p := profile(t, "hangzhou")
	for layer, text := range mixed {
		dir := t.TempDir()
		from := filepath.Join(dir, layer+".geojson")
		if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want := readFile(t, from, Options{Profile: p, Map: map[string]string{"id": "id"}})
		if want.Report.Rejected > 0 {
			t.Fatal(want.Report.Problems)
		}
		for name, args := range written[layer] {
			to := filepath.Join(dir, name)
			ogr2ogr(t, to, from, args...)
			got := readFile(t, to, Options{Profile: p})
			if len(got.Records) != len(want.Records) {
				t.Errorf("%s %s: %s, %v", layer, name, got.Report.Totals(), got.Report.Problems)
				continue
			}
			for i, r := range got.Records {
				w := want.Records[i]
				if r.Hazard.ID != w.Hazard.ID || r.Hazard.Name != w.Hazard.Name || r.Hazard.Industry != w.Hazard.Industry || r.Hazard.Level != w.Hazard.Level {
					t.Errorf("%s %s: %+v, want %+v", layer, name, r.Hazard, w.Hazard)
				}
				if d := apart(r.Hazard.Shape, w.Hazard.Shape); !(d < 1e-3) {
					t.Errorf("%s %s: %s is %g m away: %v, want %v", layer, name, r.Hazard.ID, d, r.Hazard.Shape, w.Hazard.Shape)
				}
			}
		}
	}
}

// apart is the greatest distance in metres from a vertex of one shape to the
// nearest of the other, either way, since rings may turn and begin elsewhere.
func apart(a, b orb.Geometry) float64 {
	far := 0.0
	for _, g := range [][2]orb.Geometry{{a, b}, {b, a}} {
		for p := range vertices(g[0]) {
			near := 1e9
			for q := range vertices(g[1]) {
				near = min(near, data.Distance(p, q))
			}
			far = max(far, near)
		}
	}
	if len(polygons(a)) != len(polygons(b)) {
		return 1e9
	}
	return far
}

// TestStatePlaneFeet reads American sources in US survey feet, as counties send
// them, where their degrees say they are.
func TestStatePlaneFeet(t *testing.T) {
	p := profile(t, "generic")
	places := map[string]orb.Point{"sf": {-122.4194, 37.7749}, "sj": {-121.8863, 37.3382}, "modesto": {-120.9969, 37.6391}}
	var features []string
	for _, id := range sortedKeys(places) {
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"id":%q,"industry":"I04","level":1},"geometry":{"type":"Point","coordinates":[%v,%v]}}`, id, places[id][0], places[id][1]))
	}
	dir := t.TempDir()
	from := filepath.Join(dir, "in.geojson")
	if err := os.WriteFile(from, []byte(collection("", features...)), 0o600); err != nil {
		t.Fatal(err)
	}
	// EPSG:4269 as source: NAD83 and WGS 84 count as one.
	ogr2ogr(t, filepath.Join(dir, "feet.shp"), from, "-f", "ESRI Shapefile", "-s_srs", "EPSG:4269", "-t_srs", "EPSG:2227")
	b := readFile(t, filepath.Join(dir, "feet.shp"), Options{Profile: p})
	totals(t, b, "read 3 accepted 3 rejected 0 quarantined 0")
	if f := b.Report.Files[0]; f.Datum != "NAD_1983_StatePlane_California_III_FIPS_0403_Feet" {
		t.Errorf("read in %s", f.Datum)
	}
	for _, r := range b.Records {
		sent := string(r.Detail.SourceCoords)
		if d := data.Distance(r.Hazard.Shape.(orb.Point), places[string(r.Hazard.ID)]); d > 0.001 || !strings.Contains(sent, "[6") && !strings.Contains(sent, "[59") {
			t.Errorf("%s is %g m away; sent %s", r.Hazard.ID, d, sent)
		}
	}
}

func TestRealRails(t *testing.T) {
	opts := Options{Profile: profile(t, "generic"), Set: map[string]string{"industry": "P07", "level": "2"}}
	f, size := realFile(t, "misc/nl_rails.gpkg")
	if _, err := Read(context.Background(), "nl_rails.gpkg", f, size, opts); err == nil || !strings.Contains(err.Error(), "srs_id 0") || !strings.Contains(err.Error(), "--datum") {
		t.Fatalf("coordinates of no system: %v", err)
	}
	opts.Datum = "wgs84"
	b := readReal(t, "misc/nl_rails.gpkg", opts)
	totals(t, b, "read 500 accepted 500 rejected 0 quarantined 0")
	dir := t.TempDir()
	ogr2ogr(t, filepath.Join(dir, "rails.geojson"), f.Name(), "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15")
	want := readFile(t, filepath.Join(dir, "rails.geojson"), opts)
	for i, r := range b.Records {
		if d := apart(r.Hazard.Shape, want.Records[i].Hazard.Shape); d > 1e-6 {
			t.Fatalf("line %d is %g m from GDAL's", i, d)
		}
	}
	reimports(t, b, func() *Batch { return readReal(t, "misc/nl_rails.gpkg", opts) }, opts.Profile.Taxonomy)
}

// TestRealDistrictsInAllFormats reads the city's districts as GDAL writes them.
func TestRealDistrictsInAllFormats(t *testing.T) {
	p := profile(t, "hangzhou")
	name := "hangzhou/licence-unclear/datav-330100-2021-13districts-gcj02.geojson"
	f, size := realFile(t, name)
	want, err := ReadDistricts(context.Background(), "d.geojson", f, size, Options{Profile: p, Datum: "gcj02"}, "2021")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for to, args := range map[string][]string{"d.shp": {"-f", "ESRI Shapefile", "-lco", "ENCODING=GBK"}, "d.gpkg": {"-f", "GPKG"}, "d.kml": {"-f", "LIBKML"}} {
		ogr2ogr(t, filepath.Join(dir, to), f.Name(), append(args, "-select", "adcode,name")...)
		g, err := os.Open(filepath.Join(dir, to))
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		got, err := ReadDistricts(context.Background(), to, g, -1, Options{Profile: p, Datum: "gcj02", Beside: os.DirFS(dir)}, "2021")
		if err != nil {
			t.Fatal(err)
		}
		if got.Report.Totals() != "read 13 accepted 13 rejected 0 quarantined 0" {
			t.Errorf("%s: %s, %v", to, got.Report.Totals(), got.Report.Problems)
			continue
		}
		for i, u := range got.Units {
			w := want.Units[i]
			// KML and Shapefiles may turn rings: the ground is what counts.
			a, b := toGeom(u.Shape).Area(), toGeom(w.Shape).Area()
			if u.Code != w.Code || u.Name != w.Name || a < b*(1-1e-9) || a > b*(1+1e-9) {
				t.Errorf("%s: %s %s of %g, want %s %s of %g", to, u.Code, u.Name, a, w.Code, w.Name, b)
			}
		}
	}
}
