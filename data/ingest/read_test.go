package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"riskatlas/data"
	"riskatlas/data/datum"
)

// parse reads text as a file of that name.
func parse(t testing.TB, name, text string, opts Options) *Batch {
	t.Helper()
	b, err := Read(context.Background(), name, strings.NewReader(text), int64(len(text)), opts)
	if err != nil {
		t.Fatal(err)
	}
	addsUp(t, b)
	return b
}

// fails wants the file refused with an error that holds the words.
func fails(t testing.TB, name, text string, opts Options, words ...string) {
	t.Helper()
	_, err := Read(context.Background(), name, strings.NewReader(text), -1, opts)
	if err == nil {
		t.Fatalf("%s was read; want an error of %q", shorten(text), words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

// features gives the records in the interchange form.
func features(t testing.TB, tax *data.Taxonomy, b *Batch) []string {
	t.Helper()
	var out []string
	for _, r := range b.Records {
		text, err := tax.AppendFeature(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

const list = `编号,名称,行业,风险等级,经度,纬度,地址,街道,负责人,联系电话,员工人数,评估日期,管理措施,事故类型,备注
A-1,武林加油站,加油站,较大风险,120.1631,30.2721,环城北路1号,天水街道,甲,0571-12345678,12,2019年11月20日,巡检；禁火,火灾；FIRE,x
A-2,"老城 ""东""市场",C01,红,120.171,30.252,,330102003,,,120.0,2019/3/4,,,
`

func TestChineseList(t *testing.T) {
	p := profile(t, "hangzhou")
	b := parse(t, "list.csv", list, Options{Profile: p})
	totals(t, b, "read 2 accepted 2 rejected 0 quarantined 0")
	one, two := b.Records[0], b.Records[1]
	if h := one.Hazard; h.ID != "A-1" || h.Name != "武林加油站" || p.Taxonomy.Industries[h.Industry].Code != "I04" ||
		h.Level != data.Significant || h.Shape != (orb.Point{120.1631, 30.2721}) || h.Stated != 0 || h.Status != data.Active {
		t.Errorf("first hazard: %+v", h)
	}
	if d := one.Detail; d.Address != "环城北路1号" || d.Responsible != "甲" || *d.Staff != 12 || d.AssessedAt != "2019-11-20" ||
		!slices.Equal(d.Measures.Management, []string{"巡检", "禁火"}) || !slices.Equal(d.AccidentTypes, []string{"FIRE"}) || d.Indicators["street"] != "天水街道" {
		t.Errorf("first detail: %+v", d)
	}
	if two.Hazard.Name != `老城 "东"市场` || two.Hazard.Level != data.Major || *two.Detail.Staff != 120 || two.Detail.StreetCode != "330102003" {
		t.Errorf("second record: %+v %+v", two.Hazard, two.Detail)
	}
	if got := b.Report.Files[0].Unused; !slices.Equal(got, []string{"备注"}) {
		t.Errorf("unused columns: %q", got)
	}
	want := map[string]int{"level_method_missing": 2, "accident_types_missing": 1, "measures_missing": 1}
	if diff := cmp.Diff(want, b.Report.Kinds); diff != "" {
		t.Errorf("problems by kind:\n%s", diff)
	}
}

// One list in every encoding and with every delimiter gives the same records.
func TestEncodingsAgree(t *testing.T) {
	p := profile(t, "hangzhou")
	tab := strings.NewReplacer(",", "\t", "；", ";")
	gb := func(s string) string { return must(simplifiedchinese.GB18030.NewEncoder().String(s)) }
	forms := map[string]string{
		"UTF-8":          list,
		"UTF-8 with BOM": "\ufeff" + list,
		"GB18030":        gb(list),
		"UTF-16":         must(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(list)),
	}
	want := features(t, p.Taxonomy, parse(t, "list.csv", list, Options{Profile: p}))
	for encoding, text := range forms {
		b := parse(t, "list.csv", text, Options{Profile: p})
		if got := b.Report.Files[0].Encoding; got != encoding {
			t.Errorf("%s was read as %s", encoding, got)
		}
		if diff := cmp.Diff(want, features(t, p.Taxonomy, b)); diff != "" {
			t.Errorf("%s:\n%s", encoding, diff)
		}
	}
	for name, text := range map[string]string{"tab": tab.Replace(list), "semicolon": strings.ReplaceAll(list, ",", ";"),
		"sep line": "sep=;\r\n" + strings.ReplaceAll(list, ",", ";"), "CRLF": strings.ReplaceAll(list, "\n", "\r\n")} {
		b := parse(t, "list.csv", text, Options{Profile: p})
		if diff := cmp.Diff(want, features(t, p.Taxonomy, b)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	// GeoJSON in GB18030 as well.
	collection := `{"type":"FeatureCollection","features":[` + strings.Join(want, ",") + `]}`
	for _, text := range []string{collection, gb(collection)} {
		b := parse(t, "list.json", text, Options{Profile: p})
		if diff := cmp.Diff(want, features(t, p.Taxonomy, b)); diff != "" {
			t.Errorf("GeoJSON as %s:\n%s", b.Report.Files[0].Encoding, diff)
		}
	}
}

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

// A UTF-8 file with a broken byte stays UTF-8: the row that holds it is
// rejected, the others are not turned into other characters.
func TestBrokenByte(t *testing.T) {
	p := profile(t, "hangzhou")
	var text strings.Builder
	text.WriteString("id,name,industry,level,lon,lat\n")
	for i := range 30 {
		fmt.Fprintf(&text, "A-%d,加油站%d,I04,1,120.1%d,30.2%d\n", i, i, i, i)
	}
	text.WriteString("B-1,加油\xff站,I04,1,120.15,30.25\n")
	b := parse(t, "a.csv", text.String(), Options{Profile: p})
	totals(t, b, "read 31 accepted 30 rejected 1 quarantined 0")
	if b.Records[3].Hazard.Name != "加油站3" {
		t.Errorf("name %q", b.Records[3].Hazard.Name)
	}
	if q := b.Report.Problems[len(b.Report.Problems)-1]; q.Kind != "row_unreadable" || q.Line != 32 || !strings.Contains(q.Want, "UTF-8") {
		t.Errorf("%+v", q)
	}
}

// row is a valid row of CSV with some cells replaced.
func csvOf(cells map[string]string) string {
	all := map[string]string{"id": "A-1", "name": "n", "industry": "I04", "level": "2", "lon": "120.1551", "lat": "30.2741"}
	maps.Copy(all, cells)
	var head, body []string
	for _, k := range sortedKeys(all) {
		head = append(head, k)
		body = append(body, `"`+strings.ReplaceAll(all[k], `"`, `""`)+`"`)
	}
	return strings.Join(head, ",") + "\n" + strings.Join(body, ",") + "\n"
}

func TestRefused(t *testing.T) {
	p := profile(t, "hangzhou")
	geometry := func(g string) map[string]string { return map[string]string{"geometry": g} }
	for _, c := range []struct {
		name, kind, field, want string
		cells                   map[string]string
	}{
		{"no longitude", "geometry_missing", "lon", "a longitude and a latitude", map[string]string{"lon": "", "lat": ""}},
		{"no latitude", "geometry_invalid", "lat", "latitude", map[string]string{"lat": ""}},
		{"NaN", "geometry_invalid", "lon", "decimal", map[string]string{"lon": "NaN"}},
		{"Inf", "geometry_invalid", "lat", "decimal", map[string]string{"lat": "Inf"}},
		{"hexadecimal", "geometry_invalid", "lat", "decimal", map[string]string{"lat": "0x1e"}},
		{"decimal comma", "geometry_invalid", "lat", "decimal", map[string]string{"lat": "30,27"}},
		{"too large", "geometry_invalid", "lon", "decimal", map[string]string{"lon": "1e999"}},
		{"sixty minutes", "geometry_invalid", "lon", "decimal", map[string]string{"lon": `120°60'`}},
		{"the other hemisphere's letter", "geometry_invalid", "lon", "decimal", map[string]string{"lon": `120°9'N`}},
		{"outside", "geometry_outside", "geometry", "118.3 to 120.8", map[string]string{"lon": "116.4", "lat": "39.9"}},
		{"metres", "geometry_outside", "geometry", "epsg:4549", map[string]string{"lon": "514923.7", "lat": "3350508.9"}},
		{"crossing", "geometry_invalid", "geometry", "near 120.2500000,30.2500000", geometry("POLYGON((120.2 30.2,120.3 30.3,120.3 30.2,120.2 30.3,120.2 30.2))")},
		{"open ring", "geometry_invalid", "geometry", "ends where it begins", geometry("POLYGON((120.2 30.2,120.3 30.3,120.3 30.2,120.25 30.1))")},
		{"line of one place", "geometry_invalid", "geometry", "LineString", geometry("LINESTRING(120.2 30.2,120.2 30.2)")},
		{"hole outside", "geometry_invalid", "geometry", "Polygon", geometry("POLYGON((120.2 30.2,120.3 30.2,120.3 30.3,120.2 30.2),(120.4 30.2,120.5 30.2,120.5 30.3,120.4 30.2))")},
		{"collection", "geometry_invalid", "geometry", "collection", geometry("GEOMETRYCOLLECTION(POINT(120.2 30.2))")},
		{"no WKT", "geometry_invalid", "geometry", "WKT", geometry("120.2 30.2 1")},
		{"empty WKT", "geometry_invalid", "geometry", "empty", geometry("POINT EMPTY")},
		{"no industry", "industry_missing", "industry", "I01, I02", map[string]string{"industry": ""}},
		{"no level", "level_missing", "level", "1 (low) to 4", map[string]string{"level": ""}},
		{"level 0", "level_unknown", "level", "1 (low) to 4", map[string]string{"level": "0"}},
		{"level 5", "level_unknown", "level", "1 (low) to 4", map[string]string{"level": "5"}},
		{"level 2.5", "level_unknown", "level", "1 (low) to 4", map[string]string{"level": "2.5"}},
		{"a grade", "level_unknown", "level", "which end is worst", map[string]string{"level": "一级"}},
		{"green", "level_unknown", "level", "蓝", map[string]string{"level": "绿"}},
		{"status", "status_unknown", "status", "active, suspended", map[string]string{"status": "open"}},
		{"sensitivity", "sensitivity_unknown", "sensitivity", "public, internal", map[string]string{"sensitivity": "hush"}},
		{"id", "id_invalid", "id", "characters", map[string]string{"id": "甲 1"}},
		{"long id", "id_invalid", "id", "64", map[string]string{"id": strings.Repeat("a", 65)}},
		{"people", "number_range", "exposed_day", "0 to 1000000", map[string]string{"exposed_day": "1000001"}},
		{"half a person", "number_range", "staff", "whole number", map[string]string{"staff": "1.5"}},
		{"about", "number_range", "staff", "whole number", map[string]string{"staff": "约12"}},
		{"effect radius", "number_range", "effect_radius_m", "death <= serious", map[string]string{"effect_radius_m": `{"death":9,"serious":5,"minor":20}`}},
		{"substance", "number_range", "substances.max_t", "tonnes", map[string]string{"substances": `[{"name":"Cl2","max_t":0}]`}},
		{"frequency", "scenario_invalid", "scenarios.per_year", "1e-2", map[string]string{"scenarios": `[{"outcome":"toxic","per_year":0.02,"basis":"qra","footprint":{"kind":"step","r":5}}]`}},
		{"outcome", "scenario_invalid", "outcome", "pool_fire", map[string]string{"scenarios": `[{"outcome":"boom","per_year":1e-5,"basis":"qra","footprint":{"kind":"step","r":5}}]`}},
		{"no scenarios", "scenario_invalid", "scenarios", "JSON list", map[string]string{"scenarios": "fire"}},
		{"deep scenarios", "scenario_invalid", "scenarios", "depth", map[string]string{"scenarios": strings.Repeat("[", 100)}},
	} {
		b := parse(t, "a.csv", csvOf(c.cells), Options{Profile: p})
		if b.Report.Rejected != 1 {
			t.Errorf("%s: %s", c.name, b.Report.Totals())
			continue
		}
		q := b.Report.Problems[0]
		if q.Kind != c.kind || q.Field != c.field || !strings.Contains(q.Want, c.want) || q.Line != 2 || q.Severity != Rejected {
			t.Errorf("%s: %+v\nwant %s of %s: %s", c.name, q, c.kind, c.field, c.want)
		}
	}
}

func TestWarned(t *testing.T) {
	p := profile(t, "hangzhou")
	for _, c := range []struct {
		kind, want string
		cells      map[string]string
	}{
		{"name_missing", "", map[string]string{"name": ""}},
		{"name_shortened", "", map[string]string{"name": strings.Repeat("长", 201)}},
		{"district_mismatch", "330105", map[string]string{"district": "330122", "district_vintage": "2021"}},
		{"district_mismatch", "330105", map[string]string{"district": "桐庐", "district_vintage": "2021"}},
		{"district_unknown", "2021", map[string]string{"district": "330199", "district_vintage": "2021"}},
		{"district_vintage_missing", "2021", map[string]string{"district": "330105"}},
		{"district_vintage_missing", "2019", map[string]string{"district": "330103"}},
		{"district_vintage_unknown", "", map[string]string{"district": "330105", "district_vintage": "1999"}},
		{"outside_districts", "schematic", map[string]string{"lon": "120.68", "lat": "30.51"}},
		{"coarse_coordinates", "two decimals", map[string]string{"lon": "120.16", "lat": "30.27"}},
		{"date_unreadable", "2019-11-20", map[string]string{"assessed_at": "20/11/2019"}},
		{"date_unreadable", "2019-11-20", map[string]string{"assessed_at": "2019-02-30"}},
		{"accident_type_unknown", "", map[string]string{"accident_types": "FIRE;ALIENS"}},
		{"phone_form", "", map[string]string{"duty_phone": "12"}},
		{"uscc_check", "", map[string]string{"uscc": "91350100M000100Y44"}},
		{"geometry_unusual", "P", map[string]string{"geometry": "LINESTRING(120.15 30.27,120.16 30.27)"}},
		{"level_of_control_unknown", "city", map[string]string{"level_of_control": "world"}},
		{"measures_unsorted", "measures.engineering", map[string]string{"measures": "看守"}},
		{"source_crs_alone", "--datum", map[string]string{"source_crs": "GCJ02"}},
	} {
		b := parse(t, "a.csv", csvOf(c.cells), Options{Profile: p})
		if b.Report.Accepted != 1 || b.Report.Kinds[c.kind] != 1 {
			t.Errorf("%s: %s, %v, %v", c.kind, b.Report.Totals(), b.Report.Kinds, b.Report.Problems)
			continue
		}
		for _, q := range b.Report.Problems {
			if q.Kind == c.kind && !strings.Contains(q.Want, c.want) {
				t.Errorf("%s says %q, not %q", c.kind, q.Want, c.want)
			}
			if strings.Contains(q.Value, "12") && q.Field == "duty_phone" {
				t.Errorf("the report holds a telephone number: %+v", q)
			}
		}
	}
	// What is right is not warned of.
	b := parse(t, "a.csv", csvOf(map[string]string{"district": "拱墅区", "district_vintage": "2021", "uscc": "91350100M000100Y43", "duty_phone": "13000000000",
		"level_method": "lec", "accident_types": "FIRE", "lon": "120.1634", "lat": "30.2723"}), Options{Profile: p})
	if len(b.Report.Kinds) != 0 {
		t.Errorf("warned of a good row: %v", b.Report.Problems)
	}
	if got := p.Taxonomy.DistrictCode(b.Records[0].Hazard.Stated); got != "330105" {
		t.Errorf("stated district %q", got)
	}
}

func TestValueTable(t *testing.T) {
	p := profile(t, "hangzhou")
	table, err := ReadValues("v.csv", "industry", strings.NewReader("type,industry\n中学,C09\n银行,\n"))
	if err != nil {
		t.Fatal(err)
	}
	text := "id,种类,level,lon,lat\n1,中学,1,120.1551,30.2741\n2,银行,1,120.1551,30.2742\n3,住宅区,9,999,30.2743\n4,住宅区,1,120.1551,30.2744\n5,C09,1,120.1551,30.2745\n"
	b := parse(t, "a.csv", text, Options{Profile: p, Map: map[string]string{"industry": "种类"}, Values: map[string]*ValueTable{"industry": table}})
	totals(t, b, "read 5 accepted 1 rejected 0 quarantined 4")
	if diff := cmp.Diff(map[string]map[string]int{"industry": {"住宅区": 2, "银行": 1, "C09": 1}}, b.Report.Untranslated); diff != "" {
		t.Error(diff)
	}
	gb, err := ReadValues("v.csv", "industry", strings.NewReader(must(simplifiedchinese.GB18030.NewEncoder().String("中学;C09\n小学;C09\n"))))
	if err != nil || gb.To["小学"] != "C09" {
		t.Errorf("GB18030 table: %v %v", gb, err)
	}
	for text, words := range map[string]string{"中学\n": "two columns", "a,b,c\n": "two columns", "中学,C09\n中学,C05\n": "already"} {
		if _, err := ReadValues("v.csv", "industry", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("table %q: %v", text, err)
		}
	}
	bad := &ValueTable{Name: "v.csv", To: map[string]string{"中学": "C99"}}
	fails(t, "a.csv", text, Options{Profile: p, Values: map[string]*ValueTable{"industry": bad}}, "v.csv", "中学", "C99", "C09")
}

func TestOptions(t *testing.T) {
	p := profile(t, "hangzhou")
	text := "行业,risk,lon,lat,name,level\nI04,3,120.1551,30.2741,a,1\n"
	b := parse(t, "a.csv", text, Options{Profile: p, Map: map[string]string{"level": "risk"}, Set: map[string]string{"industry": "C09", "data_source": "survey"}})
	if h := b.Records[0]; h.Hazard.Level != data.Significant || p.Taxonomy.Industries[h.Hazard.Industry].Code != "C09" || h.Detail.DataSource != "survey" {
		t.Errorf("%+v", h)
	}
	if got := b.Report.Files[0].Unused; !slices.Equal(got, []string{"level", "行业"}) {
		t.Errorf("unused %q", got)
	}
	fails(t, "a.csv", text, Options{Profile: p, Map: map[string]string{"level": "rsk"}}, "rsk", "risk, lon")
	fails(t, "a.csv", text, Options{Profile: p, Map: map[string]string{"levle": "risk"}}, "levle", "level")
	fails(t, "a.csv", text, Options{Profile: p, Map: map[string]string{"level": "risk", "name": "risk"}}, "one field")
	fails(t, "a.csv", text, Options{Profile: p, Set: map[string]string{"level": "9"}}, "--set level", "9")
	fails(t, "a.csv", text, Options{Profile: p, Set: map[string]string{"lon": "9"}}, "--set")
	fails(t, "a.csv", text, Options{Profile: p, Datum: "mars"}, "mars", "gcj02", "epsg:")
	fails(t, "a.csv", text, Options{Profile: p, Datum: "epsg:1"}, "4549")
	fails(t, "a.csv", "name,level\na,1\n", Options{Profile: p}, "lon", "--map")
	fails(t, "a.csv", "lon,lat,经度,level,level\n", Options{Profile: p}, "level", "--map")
	fails(t, "a.csv", "", Options{Profile: p}, "empty")
	fails(t, "a.xlsx", text, Options{Profile: p}, ".xlsx", "something else")
	fails(t, "a.csv", "PK\x03\x04", Options{Profile: p}, "ZIP")
	fails(t, "a.csv", "a\x00b", Options{Profile: p}, "zero bytes")
	fails(t, "a", "<kml>", Options{Profile: p}, "XML")
	fails(t, "a.csv", text, Options{Profile: p, MaxBytes: int64(len(text) - 1)}, "at most")
	parse(t, "a.csv", text, Options{Profile: p, MaxBytes: int64(len(text))})
	fails(t, "a.csv", text+"I04,3,120.1551,30.2741,b,1\n", Options{Profile: p, MaxRows: 1}, "at most 1")
	fails(t, "a.csv", "lon,lat,name\n120.1,30.2,\"x\n120.1,30.3,y\n", Options{Profile: p}, "lines 2 to", "quotes")
	parse(t, "a", text, Options{Profile: p})
	parse(t, "A.CSV", text, Options{Profile: p})
}

func TestRowForm(t *testing.T) {
	p := profile(t, "hangzhou")
	text := "id,industry,level,lon,lat\n1,I04,1,120.1551,30.2741\n,,,,\n2,I04,1,120.1551\n3,I04,1,120.1551,30.2743,extra\n4,I04,1,120.1551,30.2744,\n5,I04,1,120.1551,\"30.2\"7\n"
	b := parse(t, "a.csv", text, Options{Profile: p})
	totals(t, b, "read 5 accepted 2 rejected 3 quarantined 0")
	var lines []int
	for _, q := range b.Report.Problems {
		if q.Kind == "row_unreadable" {
			lines = append(lines, q.Line)
		}
	}
	if !slices.Equal(lines, []int{4, 5, 7}) || b.Report.Files[0].Blank != 1 {
		t.Errorf("unreadable lines %v, blank %d", lines, b.Report.Files[0].Blank)
	}
}

func TestIDs(t *testing.T) {
	p := profile(t, "hangzhou")
	opts := Options{Profile: p}
	ids := func(text string, opts Options) (out []data.ID) {
		for _, r := range parse(t, "a.csv", text, opts).Records {
			out = append(out, r.Hazard.ID)
		}
		return out
	}
	a := ids("name,industry,level,lon,lat,memo\nx,I04,1,120.15,30.27,\ny,I04,1,120.15,30.27,\nx,I04,1,120.15,30.27,\nx,I04,1,120.15,30.27,2\n", opts)
	if len(a) != 4 || a[2] != a[0]+"-2" || a[1] == a[0] || a[3] == a[0] || strings.HasPrefix(string(a[3]), string(a[0])) {
		t.Errorf("ids %v", a)
	}
	// The order of columns and rows, spaces, the encoding and the options do not matter.
	b := ids("lat;name;industry;lon;memo;level\n30.27; x;I04;120.15;;1\n30.27;y;I04;120.15;;1\n30.27;x;I04;120.15;;1\n30.27;x;I04;120.15;2;1\n",
		Options{Profile: p, Set: map[string]string{"level": "4"}, Datum: "gcj02"})
	if !slices.Equal(a, b) {
		t.Errorf("ids %v and %v", a, b)
	}
	for _, id := range a {
		if id.Validate() != nil {
			t.Errorf("id %q is invalid", id)
		}
	}
	// A row without id beside rows that have one.
	if c := ids("id,name,industry,level,lon,lat\nA,x,I04,1,120.15,30.27\n,y,I04,1,120.15,30.27\n", opts); c[0] != "A" || !strings.HasPrefix(string(c[1]), "row-") {
		t.Errorf("ids %v", c)
	}
}

func TestDuplicates(t *testing.T) {
	p := profile(t, "hangzhou")
	text := "id,name,industry,level,lon,lat\nA,x,I04,9,120.15,30.27\nA,x,I04,1,120.15,30.27\nB,x,I04,1,120.15,30.27\nA,y,I04,1,120.15,30.27\n"
	b := parse(t, "a.csv", text, Options{Profile: p})
	totals(t, b, "read 4 accepted 2 rejected 2 quarantined 0")
	last := b.Report.Problems[len(b.Report.Problems)-1]
	if last.Kind != "duplicate_id" || last.Line != 5 || !strings.Contains(last.Want, "line 3") {
		t.Errorf("%+v", last)
	}
	other := parse(t, "b.csv", "id,name,industry,level,lon,lat\nA,x,I04,1,120.15,30.27\nB,z,I04,1,120.15,30.27\nC,z,I04,1,120.15,30.27\n", Options{Profile: p})
	if err := b.Merge(other, p.Taxonomy); err != nil {
		t.Fatal(err)
	}
	// A is the same in both, B is not, C is new.
	if got := b.Report.Totals(); got != "read 7 accepted 4 rejected 3 quarantined 0" || len(b.Records) != 3 {
		t.Errorf("%s, %d records", got, len(b.Records))
	}
	if b.Report.Kinds["same_record"] != 1 || b.Report.Kinds["duplicate_id"] != 2 {
		t.Errorf("%v", b.Report.Kinds)
	}
}

func TestDatum(t *testing.T) {
	p := profile(t, "hangzhou")
	wgs := orb.Point{120.1551, 30.2741}
	for name, d := range map[string]datum.Datum{"gcj02": datum.GCJ02, "bd09": datum.BD09, "cgcs2000": datum.CGCS2000} {
		at := d.FromWGS84(wgs)
		b := parse(t, "a.csv", csvOf(map[string]string{"lon": fmt.Sprint(at[0]), "lat": fmt.Sprint(at[1])}), Options{Profile: p, Datum: name})
		got := b.Records[0].Hazard.Shape.(orb.Point)
		if max(got[0]-wgs[0], wgs[0]-got[0], got[1]-wgs[1], wgs[1]-got[1]) > 1e-7 {
			t.Errorf("%s: %v, want %v", name, got, wgs)
		}
		if tag := map[string]string{"gcj02": "GCJ02", "bd09": "BD09", "cgcs2000": "EPSG:4490"}[name]; b.Records[0].Detail.SourceCRS != tag {
			t.Errorf("%s kept as %q", name, b.Records[0].Detail.SourceCRS)
		}
	}
	// The published points of the offset systems.
	for name, at := range map[string]orb.Point{"gcj02": {120.15979448, 30.27177122}, "bd09": {120.16635835, 30.27759922}} {
		b := parse(t, "a.csv", csvOf(map[string]string{"lon": fmt.Sprint(at[0]), "lat": fmt.Sprint(at[1])}), Options{Profile: p, Datum: name})
		got := b.Records[0].Hazard.Shape.(orb.Point)
		if max(got[0]-wgs[0], wgs[0]-got[0], got[1]-wgs[1], wgs[1]-got[1]) > 1e-7 {
			t.Errorf("%s: %v, want %v", name, got, wgs)
		}
	}
	// EPSG:4549 in either order of axes (domain point).
	for _, c := range [][2]string{{"514923.734", "3350508.870"}, {"3350508.870", "514923.734"}} {
		b := parse(t, "a.csv", csvOf(map[string]string{"lon": c[0], "lat": c[1]}), Options{Profile: p, Datum: "epsg:4549"})
		if b.Report.Accepted != 1 || data.Distance(b.Records[0].Hazard.Shape.(orb.Point), wgs) > 0.01 {
			t.Errorf("epsg:4549 %v: %v", c, b.Report.Problems)
		}
	}
	b := parse(t, "a.csv", csvOf(map[string]string{"lon": "1e7", "lat": "1e7"}), Options{Profile: p, Datum: "epsg:4549"})
	if b.Report.Kinds["geometry_invalid"] != 1 {
		t.Errorf("%v", b.Report.Problems)
	}
	// Zones of scenarios come to WGS 84 as well.
	zone := `[{"outcome":"flood","per_year":1e-5,"basis":"qra","footprint":{"kind":"zone","skirt":[0,0],"zones":[{"lethality":0.5,"geometry":{"type":"Polygon","coordinates":[[[120.2,30.2],[120.3,30.2],[120.3,30.3],[120.2,30.2]]]}}]}}]`
	b = parse(t, "a.csv", csvOf(map[string]string{"scenarios": zone}), Options{Profile: p, Datum: "gcj02"})
	z := b.Records[0].Hazard.Scenarios[0].Footprint.Zones[0].Shape.(orb.Polygon)
	if want := datum.GCJ02.ToWGS84(orb.Point{120.2, 30.2}); data.Distance(z[0][0], want) > 0.001 {
		t.Errorf("zone begins at %v, want %v", z[0][0], want)
	}
}

// failing is a reader that fails after some bytes.
type failing struct{ io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("disk on fire")
	}
	return n, err
}

func TestReadErrors(t *testing.T) {
	p := profile(t, "hangzhou")
	if _, err := Read(context.Background(), "a.csv", failing{strings.NewReader(list)}, -1, Options{Profile: p}); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("a failing reader: %v", err)
	}
	if _, err := Read(context.Background(), "a.csv", strings.NewReader(list), 1<<40, Options{Profile: p}); err == nil {
		t.Error("a file of a terabyte was read")
	}
	if _, err := Read(context.Background(), "a.csv", strings.NewReader(list), -1, Options{}); err == nil {
		t.Error("read without a profile")
	}
	// A reader that cannot seek, and one longer than it said.
	b, err := Read(context.Background(), "a.csv", bytes.NewBufferString(list), 3, Options{Profile: p})
	if err != nil || b.Report.Accepted != 2 {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var long strings.Builder
	long.WriteString("industry,level,lon,lat\n")
	for range 2 * rowSteps {
		long.WriteString("I04,1,120.1551,30.2741\n")
	}
	if _, err := Read(ctx, "a.csv", strings.NewReader(long.String()), -1, Options{Profile: p}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	calls := 0
	opts := Options{Profile: p, Progress: func(n int64, rows int) { calls++ }}
	if _, err := Read(context.Background(), "a.csv", strings.NewReader(long.String()), -1, opts); err != nil || calls < 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
}
