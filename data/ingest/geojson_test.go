package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/datum"
)

func featureText(id, geometry, properties string) string {
	return fmt.Sprintf(`{"type":"Feature","id":%s,"geometry":%s,"properties":%s}`, id, geometry, properties)
}

const (
	pointText = `{"type":"Point","coordinates":[120.1551,30.2741]}`
	propsText = `{"industry":"I04","level":2,"name":"n"}`
)

func collection(members string, features ...string) string {
	return `{"type":"FeatureCollection",` + members + `"features":[` + strings.Join(features, ",\n") + `]}`
}

func TestInterchange(t *testing.T) {
	p := profile(t, "hangzhou")
	full := `{"type":"Feature","id":"HZ-I04-000123","geometry":{"type":"Point","coordinates":[120.1551,30.2741]},"properties":{"name":"站","name_en":"Station","industry":"I04","district":"330103","district_vintage":"2019","level":3,"status":"planned","sensitivity":"internal","regulator":"市应急局","scenarios":[{"outcome":"pool_fire","per_year":2e-5,"basis":"qra","footprint":{"kind":"table","metres":[0,30,60],"lethality":[1,0.5,0]}}],"kind":"site","address":"路1号","street_code":"330105001","source_crs":"GCJ02","source_geometry":{"type":"Point","coordinates":[120.16,30.28]},"coord_accuracy_m":5,"level_method":"QRA","level_inputs":{"E":6},"major_hazard_grade":2,"accident_types":["FIRE","EXPL"],"substances":[{"name":"gasoline","max_t":40}],"effect_radius_m":{"death":10,"serious":20,"minor":30},"exposed_day":120,"exposed_night":10,"occupancy_max":50,"staff":8,"measures":{"engineering":["a"],"management":[],"emergency":["b"],"monitoring":[]},"hidden_dangers_open":1,"enterprise":"e","uscc":"91350100M000100Y43","responsible":"r","duty_phone":"13000000000","regulator_contact":"c","grid_officer":"g","level_of_control":"city","emergency_plan_id":"p","nearest_fire_station":"f","shelter":"s","valid_from":"2020-01-01","valid_to":"2030-01-01","assessed_at":"2019-11-20","assessor":"q","next_review":"2021-11-20","data_source":"d","collected_at":"2019-10-01","synthetic":true,"indicators":{"tank_count":4}}}`
	want, err := p.Taxonomy.ParseFeature([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	wantText, _ := p.Taxonomy.AppendFeature(nil, want)
	// What the program writes it reads, unknown members of its answers included.
	extra := strings.Replace(full, `"rev"`, `"rev"`, 1)
	extra = strings.Replace(extra, `"properties":{`, `"properties":{"rev":7,"distance":12.5,`, 1)
	extra = strings.Replace(extra, `"scenarios":[`, `"scenarios":[{"outcome":"index","per_year":2e-5,"basis":"equivalent","derived":true,"footprint":{"kind":"linear","r1":30,"r2":100}},`, 1)
	b := parse(t, "a.geojson", collection("", extra), Options{Profile: p})
	totals(t, b, "read 1 accepted 1 rejected 0 quarantined 0")
	if diff := cmp.Diff([]string{string(wantText)}, features(t, p.Taxonomy, b)); diff != "" {
		t.Errorf("the record changed:\n%s", diff)
	}
	if len(b.Report.Kinds) != 0 || len(b.Report.Files[0].Unused) != 0 {
		t.Errorf("%v, unused %q", b.Report.Problems, b.Report.Files[0].Unused)
	}
}

func TestGeoJSONForms(t *testing.T) {
	p := profile(t, "hangzhou")
	one, two := featureText(`"a"`, pointText, propsText), featureText(`7`, pointText, strings.Replace(propsText, "I04", "I05", 1))
	want := []data.ID{"a", "7"}
	for name, text := range map[string]string{
		"collection":           collection("", one, two),
		"members after":        `{"features":[` + one + "," + two + `],"name":"x","type":"FeatureCollection","bbox":[1,2]}`,
		"members before":       collection(`"name":"a \"]} b","x":{"features":[1,[2]]},"crs":null,`, one, two),
		"lines":                one + "\n" + two + "\n",
		"text sequence":        "\x1e" + one + "\n\x1e" + two,
		"two collections":      collection("", one) + collection("", two),
		"spaces":               strings.NewReplacer(",", " ,\n ", ":", " : ", "{", "{ ").Replace(collection("", one, two)),
		"the features of none": `{"type":"FeatureCollection","features":[]}` + collection("", one, two),
	} {
		b := parse(t, "a.geojson", text, Options{Profile: p})
		var got []data.ID
		for _, r := range b.Records {
			got = append(got, r.Hazard.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, %s", name, got, b.Report.Totals())
		}
	}
	for text, words := range map[string]string{
		``:                              "empty",
		`[1]`:                           "object should begin",
		`{"type":"Topology"}`:           "Topology",
		pointText:                       "FeatureCollection",
		`{"features":[]}`:               "FeatureCollection",
		collection("", one)[:90]:        "ends in the middle",
		`{"type":"FeatureCollection",}`: "not JSON",
		collection("", one+" "+two):     "comma",
		`{"type" "x"}`:                  "not JSON",
		`{7:1}`:                         "name of a member",
		`{"type":` + strings.Repeat("9", 500) + `}`: "400 characters",
	} {
		fails(t, "a.geojson", text, Options{Profile: p}, words)
	}
	fails(t, "a.geojson", collection("", one), Options{Profile: p, Map: map[string]string{"level": "riks"}}, "riks", "industry, level, name")
}

func TestFeatureProblems(t *testing.T) {
	p := profile(t, "hangzhou")
	many := strings.Repeat("[120.2,30.2],", data.MaxVertices) + "[120.3,30.3]"
	for _, c := range []struct{ name, feature, kind, want string }{
		{"null", `null`, "row_unreadable", "Feature"},
		{"number", `1`, "row_unreadable", "Feature"},
		{"no feature", `{"type":"Point"}`, "row_unreadable", "Feature"},
		{"brackets that do not match", `{"a":[}]`, "row_unreadable", "Feature"},
		{"properties of another form", `{"type":"Feature","properties":[]}`, "row_unreadable", "Feature"},
		{"no geometry", featureText(`1`, `null`, propsText), "geometry_missing", "a geometry"},
		{"short position", featureText(`1`, `{"type":"Point","coordinates":[120.2]}`, propsText), "geometry_invalid", "not 1"},
		{"long position", featureText(`1`, `{"type":"Point","coordinates":[120.2,30.2,1,2,3]}`, propsText), "geometry_invalid", "two or three numbers"},
		{"null in a position", featureText(`1`, `{"type":"Point","coordinates":[120.2,null]}`, propsText), "geometry_invalid", "two or three numbers"},
		{"text in a position", featureText(`1`, `{"type":"Point","coordinates":["120.2",30.2]}`, propsText), "geometry_invalid", "two or three numbers"},
		{"no coordinates", featureText(`1`, `{"type":"Point"}`, propsText), "geometry_invalid", "a list"},
		{"empty line", featureText(`1`, `{"type":"LineString","coordinates":[]}`, propsText), "geometry_invalid", "at least 2"},
		{"collection", featureText(`1`, `{"type":"GeometryCollection","geometries":[]}`, propsText), "geometry_invalid", "MultiPolygon"},
		{"vertices", featureText(`1`, `{"type":"LineString","coordinates":[`+many+`]}`, propsText), "geometry_invalid", "10000"},
		{"infinite", featureText(`1`, `{"type":"Point","coordinates":[1e999,30.2]}`, propsText), "geometry_invalid", "two or three numbers"},
		{"swapped", featureText(`1`, `{"type":"LineString","coordinates":[[30.2,120.2],[30.3,120.3]]}`, propsText), "geometry_swapped", "120.2,30.2"},
		{"partly outside", featureText(`1`, `{"type":"LineString","coordinates":[[120.2,30.2],[121.3,30.3]]}`, propsText), "geometry_outside", "outside the city"},
		{"overlap", featureText(`1`, `{"type":"MultiPolygon","coordinates":[[[[120.2,30.2],[120.3,30.2],[120.3,30.3],[120.2,30.2]]],[[[120.25,30.2],[120.35,30.2],[120.35,30.3],[120.25,30.2]]]]}`, propsText), "geometry_invalid", "cross"},
	} {
		b := parse(t, "a.geojson", collection("", featureText(`"ok"`, pointText, propsText), c.feature), Options{Profile: p})
		if b.Report.Accepted != 1 || b.Report.Rejected != 1 {
			t.Errorf("%s: %s", c.name, b.Report.Totals())
			continue
		}
		i := slices.IndexFunc(b.Report.Problems, func(q Problem) bool { return q.Severity == Rejected })
		if q := b.Report.Problems[i]; q.Kind != c.kind || q.Feature != 2 || !strings.Contains(q.Want, c.want) {
			t.Errorf("%s: %+v", c.name, q)
		}
	}
}

func TestCRS(t *testing.T) {
	p := profile(t, "hangzhou")
	at := func(d datum.Datum) string {
		q := d.FromWGS84(orb.Point{120.1551, 30.2741})
		return featureText(`1`, fmt.Sprintf(`{"type":"Point","coordinates":[%v,%v]}`, q[0], q[1]), propsText)
	}
	metres := featureText(`1`, `{"type":"Point","coordinates":[514923.734,3350508.870]}`, propsText)
	named := func(name string) string { return `"crs":{"type":"name","properties":{"name":"` + name + `"}},` }
	for _, c := range []struct{ name, text, option, datum string }{
		{"none", collection("", at(datum.WGS84)), "", "wgs84"},
		{"CRS84", collection(named("urn:ogc:def:crs:OGC:1.3:CRS84"), at(datum.WGS84)), "", "wgs84"},
		{"4490", collection(named("urn:ogc:def:crs:EPSG::4490"), at(datum.CGCS2000)), "", "cgcs2000"},
		{"4549", collection(named("urn:ogc:def:crs:EPSG::4549"), metres), "", "epsg:4549"},
		{"short name", collection(named("EPSG:4549"), metres), "", "epsg:4549"},
		{"old form", collection(`"crs":{"type":"EPSG","properties":{"code":4549}},`, metres), "", "epsg:4549"},
		{"the option beats degrees", collection(named("urn:ogc:def:crs:OGC:1.3:CRS84"), at(datum.GCJ02)), "gcj02", "gcj02"},
		{"late", `{"type":"FeatureCollection","features":[` + metres + `],` + strings.TrimSuffix(named("EPSG:4549"), ",") + `}`, "", "epsg:4549"},
		{"same as the option", collection(named("EPSG:4549"), metres), "epsg:4549", "epsg:4549"},
	} {
		b := parse(t, "a.geojson", c.text, Options{Profile: p, Datum: c.option})
		if b.Report.Accepted != 1 || b.Report.Files[0].Datum != c.datum {
			t.Errorf("%s: %s as %s: %v", c.name, b.Report.Totals(), b.Report.Files[0].Datum, b.Report.Problems)
			continue
		}
		if got := b.Records[0].Hazard.Shape.(orb.Point); data.Distance(got, orb.Point{120.1551, 30.2741}) > 0.01 {
			t.Errorf("%s: at %v", c.name, got)
		}
	}
	fails(t, "a.geojson", collection(named("EPSG:4549"), metres), Options{Profile: p, Datum: "gcj02"}, "--datum", "epsg:4549")
	fails(t, "a.geojson", collection(named("EPSG:9999"), metres), Options{Profile: p}, "9999", "4326")
	fails(t, "a.geojson", collection(`"crs":{"type":"link","properties":{"href":"x"}},`, metres), Options{Profile: p}, "crs", "EPSG")
	fails(t, "a.geojson", collection(`"crs":7,`, metres), Options{Profile: p}, "crs", "EPSG")
}

// pattern reads the same bytes again and again, n times: a bomb that needs no
// memory of its own.
type pattern struct {
	head, body, tail string
	n                int
	part             string
}

func (r *pattern) Read(p []byte) (int, error) {
	for r.part == "" {
		switch {
		case r.head != "":
			r.part, r.head = r.head, ""
		case r.n > 0:
			r.part = strings.Repeat(r.body, min(r.n, 4096))
			r.n -= min(r.n, 4096)
		case r.tail != "":
			r.part, r.tail = r.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, r.part)
	r.part = r.part[n:]
	return n, nil
}

// Hostile collections end soon and with bounded memory, whatever their size.
func TestBombs(t *testing.T) {
	p := profile(t, "hangzhou")
	n := 5_000_000
	if os.Getenv("RISKATLAS_SOAK") == "1" {
		n = DefaultMaxBytes
	}
	head := `{"type":"FeatureCollection","features":[`
	for _, c := range []struct {
		name string
		bomb pattern
	}{
		{"nested arrays", pattern{head: head, body: "[", n: n}},
		{"nested arrays, closed", pattern{head: head + strings.Repeat("[", 1<<20), body: "]", n: 1 << 20, tail: "]}"}},
		{"nested objects", pattern{head: head, body: `{"a":`, n: n / 5}},
		{"nested at the top", pattern{head: "", body: `{"a":`, n: n / 5}},
		{"nested collections", pattern{head: head + `{"type":"Feature","geometry":`, body: `{"type":"GeometryCollection","geometries":[`, n: n / 40}},
		{"one long string", pattern{head: head + `"`, body: "aaaaaaaaaa", n: n / 10}},
		{"one long name", pattern{head: `{"`, body: "aaaaaaaaaa", n: n / 10}},
		{"one long number", pattern{head: head, body: "9999999999", n: n / 10}},
		{"many positions", pattern{head: head + `{"type":"Feature","geometry":{"type":"LineString","coordinates":[[1,2]`, body: ",[1,2]", n: n / 6, tail: "]}}]}"}},
		{"many nothings", pattern{head: head + "0", body: ",0", n: n / 2, tail: "]}"}},
		{"a long member", pattern{head: `{"name":[0`, body: ",0", n: n / 2, tail: "]}"}},
		{"white space", pattern{head: head, body: "          ", n: n / 10}},
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		count := 0
		m, err := newMapping(sourceFields, nil, make([]given, len(sourceFields)))
		if err != nil {
			t.Fatal(err)
		}
		err = readGeoJSON(&content{encoding: utf8Name}, &c.bomb, m, nil, maxRecordBytes, func([]byte) error { return nil }, func(x *row) error {
			if count++; x.broken == nil && x.geometry == nil {
				return errors.New("a bomb was read as a good feature")
			}
			if count > 200_000 {
				return &data.Invalid{Field: "rows"} // what take does
			}
			return nil
		})
		runtime.ReadMemStats(&after)
		if spent := time.Since(start); spent > time.Minute {
			t.Errorf("%s: took %v", c.name, spent)
		}
		if held := after.HeapSys - before.HeapSys; after.HeapSys > before.HeapSys && held > 150<<20 {
			t.Errorf("%s: the heap grew by %d MB", c.name, held>>20)
		}
		if err == nil && count == 0 {
			t.Errorf("%s: read as nothing", c.name)
		}
	}
	// And through Read, with rows that are all refused.
	text := head + strings.Repeat("0,", 120_000) + "0]}"
	b, err := Read(context.Background(), "a.json", strings.NewReader(text), -1, Options{Profile: p})
	if err != nil {
		t.Fatal(err)
	}
	if b.Report.Rejected != 120_001 || len(b.Report.Problems) != mostProblems || b.Report.NotListed["row_unreadable"] != 120_001-mostProblems {
		t.Errorf("%s, %d listed, %v not", b.Report.Totals(), len(b.Report.Problems), b.Report.NotListed)
	}
}

// The bounds hold at the limit and past it.
func TestBounds(t *testing.T) {
	p := profile(t, "hangzhou")
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	with := func(v string) string {
		return collection("", featureText(`1`, pointText, `{"industry":"I04","level":2,"x":`+v+`}`))
	}
	inside := maxDepth - 2 // the feature and its properties are two levels
	totals(t, parse(t, "a.json", with(nested(inside)), Options{Profile: p}), "read 1 accepted 1 rejected 0 quarantined 0")
	b := parse(t, "a.json", with(nested(inside+1)), Options{Profile: p})
	totals(t, b, "read 1 accepted 0 rejected 1 quarantined 0")
	if !strings.Contains(b.Report.Problems[0].Value, "deeper than 64") {
		t.Errorf("%+v", b.Report.Problems[0])
	}
	size := len(featureText(`1`, pointText, `{"industry":"I04","level":2,"x":""}`))
	totals(t, parse(t, "a.json", with(`"`+strings.Repeat("a", maxRecordBytes-size)+`"`), Options{Profile: p}), "read 1 accepted 1 rejected 0 quarantined 0")
	totals(t, parse(t, "a.json", with(`"`+strings.Repeat("a", maxRecordBytes-size+1)+`"`), Options{Profile: p}), "read 1 accepted 0 rejected 1 quarantined 0")
	fails(t, "a.csv", "industry,level,lon,lat,x\nI04,1,120.2,30.2,"+strings.Repeat("a", maxRecordBytes+100_000)+"\n", Options{Profile: p}, "after line 1", "at most")
}

// Cut values equal what encoding/json finds, however the stream is chopped.
func TestSplitterEqualsDecoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items []any
		for range rapid.IntRange(0, 8).Draw(t, "items") {
			items = append(items, anyJSON(t, 4))
		}
		if items == nil {
			items = []any{}
		}
		text, err := json.MarshalIndent(items, "", rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		var want []json.RawMessage
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		var r io.Reader = strings.NewReader(string(text))
		if rapid.Bool().Draw(t, "chopped") {
			r = iotest.OneByteReader(r)
		}
		s := newSplitter(r, 1<<20)
		var got []json.RawMessage
		err = s.array(func() error {
			raw, err := s.value(nil)
			got = append(got, raw)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d values, want %d", len(got), len(want))
		}
		for i := range got {
			if string(got[i]) != string(want[i]) {
				t.Fatalf("value %d: %s, want %s", i, got[i], want[i])
			}
		}
	})
}

func anyJSON(t *rapid.T, depth int) any {
	switch k := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case k == 0:
		return nil
	case k == 1:
		return rapid.Bool().Draw(t, "bool")
	case k == 2:
		return rapid.Float64Range(-1e300, 1e300).Draw(t, "number")
	case k == 3 || depth == 0:
		return rapid.StringOf(rapid.SampledFrom([]rune(`ab"\[]{},: 汉é`+"\n"))).Draw(t, "text")
	case k == 4:
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			list = append(list, anyJSON(t, depth-1))
		}
		return list
	}
	m := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		m[rapid.StringOf(rapid.SampledFrom([]rune(`ab"\]}`))).Draw(t, "name")] = anyJSON(t, depth-1)
	}
	return m
}

// Geometries read here equal those that the vocabulary's own decoder reads.
func TestGeometryEqualsDecoder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		text := randomGeometry(rng)
		want, wantErr := data.ParseGeometry([]byte(text))
		got, gotErr := parseGeometry([]byte(text), data.MaxVertices)
		if gotErr == nil {
			gotErr = data.CheckShape(got)
		}
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("%s: %v, want %v", text, gotErr, wantErr)
		}
		if wantErr == nil && !orb.Equal(got, want) {
			t.Fatalf("%s: %v, want %v", text, got, want)
		}
	}
}

func randomGeometry(rng *rand.Rand) string {
	var nest func(depth int) string
	nest = func(depth int) string {
		if depth == 0 {
			if rng.IntN(40) == 0 {
				return "[1]"
			}
			return fmt.Sprintf("[%.4f , %d%s]", 118+rng.Float64()*2, 29+rng.IntN(2), strings.Repeat(",5", rng.IntN(2)))
		}
		n := rng.IntN(6)
		list := make([]string, n)
		for i := range list {
			list[i] = nest(depth - 1)
		}
		if n > 3 {
			list[n-1] = list[0]
		}
		return "[ " + strings.Join(list, ",") + "]"
	}
	kinds := []struct {
		name  string
		depth int
	}{{"Point", 0}, {"MultiPoint", 1}, {"LineString", 1}, {"MultiLineString", 2}, {"Polygon", 2}, {"MultiPolygon", 3}}
	k := kinds[rng.IntN(len(kinds))]
	return fmt.Sprintf(`{"type":%q,"coordinates":%s}`, k.name, nest(k.depth))
}
