package ingest

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/memory"
)

func readPlaces(t *testing.T, name, text string, opts Options, class string) *Units {
	t.Helper()
	u, err := ReadPlaces(context.Background(), name, strings.NewReader(text), -1, opts, class)
	if err != nil {
		t.Fatal(err)
	}
	if r := u.Report; r.Read != r.Accepted+r.Rejected+r.Quarantined || r.Accepted != len(u.Units) {
		t.Fatalf("%s, %d units", r.Totals(), len(u.Units))
	}
	return u
}

// Roads are lines or points, every other place is a point.
func TestFormsOfPlaces(t *testing.T) {
	opts := Options{Profile: profile(t, "hangzhou")}
	for name, c := range map[string]struct{ kind, wkt, want string }{
		"a line":           {"road", "LINESTRING(120 30,120.1 30)", ""},
		"two lines":        {"road", "MULTILINESTRING((120 30,120.1 30),(120.2 30,120.3 30))", ""},
		"a road's point":   {"road", "POINT(120 30)", ""},
		"a road's ground":  {"road", "POLYGON((120 30,120.1 30,120.1 30.1,120 30))", "a Point or LineString or MultiLineString"},
		"no length":        {"road", "LINESTRING(120 30,120 30)", "valid LineString"},
		"leaving the city": {"road", "LINESTRING(120 30,125 30)", "118.3"},
		"a hospital":       {"hospital", "POINT(120 30)", ""},
		"one of several":   {"hospital", "MULTIPOINT((120 30))", ""},
		"a hospital line":  {"hospital", "LINESTRING(120 30,120.1 30)", "a Point"},
		"no such kind":     {"highway", "LINESTRING(120 30,120.1 30)", "one of: shelter"},
	} {
		u := readPlaces(t, "a.csv", "code,name,kind,geometry\nA,a,"+c.kind+",\""+c.wkt+"\"\n", opts, "")
		if c.want == "" {
			if u.Report.Accepted != 1 {
				t.Errorf("%s: %v", name, u.Report.Problems)
			}
			if err := u.Write(context.Background(), memory.New(opts.Profile.Taxonomy), data.Note{}); err != nil {
				t.Errorf("%s: the store refuses it: %v", name, err)
			}
			continue
		}
		if len(u.Report.Problems) != 1 || u.Report.Rejected != 1 || !strings.Contains(u.Report.Problems[0].Want, c.want) {
			t.Errorf("%s: %v", name, u.Report.Problems)
		}
	}
	// Lines are brought to WGS 84 as points are.
	opts.Datum = "gcj02"
	u := readPlaces(t, "a.csv", "code,name,geometry\nA,a,\"LINESTRING(120.15 30.27,120.16 30.27)\"\n", opts, "road")
	p := readPlaces(t, "a.csv", "code,name,lon,lat\nA,a,120.15,30.27\n", opts, "road")
	if line := u.Units[0].Shape.(orb.LineString); line[0] != p.Units[0].Shape || line[0] == (orb.Point{120.15, 30.27}) {
		t.Errorf("%v, %v", line, p.Units[0].Shape)
	}
}

// A duty room keeps whom to call, and the code of its district however stated.
func TestDutyRooms(t *testing.T) {
	text := "编号,名称,区县,值班电话,联系人,地址,容量,备注,lon,lat\n" +
		"D1,a,330106,000-0000,x,路1号,3,secret,120.15,30.27\n" +
		"D2,b,西湖,,,,,,120.15,30.27\nD3,c,330106003,,,,,,120.15,30.27\nD4,d,nowhere,,,,,,120.15,30.27\nD5,e,330102,,,,,,120.15,30.27\nD6,f,330104,,,,,,120.15,30.27\n"
	p := profile(t, "hangzhou")
	u := readPlaces(t, "d.csv", text, Options{Profile: p}, "duty_room")
	got := map[string]map[string]string{}
	for _, x := range u.Units {
		got[x.Code] = x.Props
	}
	want := map[string]map[string]string{
		"D1": {"district": "330106", "phone": "000-0000", "contact": "x", "address": "路1号", "capacity": "3"},
		"D2": {"district": "330106"}, "D3": {"district": "330106"}, "D4": nil, "D5": {"district": "330102"},
	}
	// 江干 (330104) was divided in 2021: the place must decide, if nothing else does.
	if code, sure := p.Convert("2019", "330104", "", "2021"); sure {
		want["D6"] = map[string]string{"district": code}
	} else {
		want["D6"] = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, problem := range u.Report.Problems {
		if strings.Contains(problem.Value, "000-0000") {
			t.Errorf("the report shows a telephone number: %+v", problem)
		}
	}
	if u.Report.Kinds["phone_form"] != 1 || u.Report.Kinds["district_unknown"] < 1 {
		t.Errorf("%v", u.Report.Kinds)
	}
	// Where a profile has no districts the text stands as it is.
	u = readPlaces(t, "d.csv", "code,name,district,lon,lat\nD,d,Camden,120.15,30.27\n", Options{Profile: profile(t, "generic")}, "duty_room")
	if u.Units[0].Props["district"] != "Camden" {
		t.Errorf("%v", u.Units[0].Props)
	}
	// adcode is a place's district, and no code of its own.
	u = readPlaces(t, "p.csv", "name,adcode,lon,lat\na,330106,120.15,30.27\nb,330106,120.16,30.27\n", Options{Profile: p}, "hospital")
	if len(u.Units) != 2 || u.Units[1].Props["district"] != "330106" {
		t.Errorf("%s %v", u.Report.Totals(), u.Report.Problems)
	}
}

// The hospitals among real points of interest, by a value table; a kind for all
// places beside the table is refused, since it would leave the table unread.
func TestRealHospitals(t *testing.T) {
	p := profile(t, "hangzhou")
	table, err := ReadValues("kinds.csv", "kind", strings.NewReader("医院,hospital\n"))
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Profile: p, Datum: "gcj02", Map: map[string]string{"kind": "type"}, Values: map[string]*ValueTable{"kind": table}}
	read := func(class string) (*Units, error) {
		f, size := realFile(t, poiFile)
		return ReadPlaces(context.Background(), filepath.Base(poiFile), f, size, opts, class)
	}
	u, err := read("")
	if err != nil || u.Report.Totals() != "read 566 accepted 18 rejected 0 quarantined 548" {
		t.Fatalf("%v %s", err, u.Report.Totals())
	}
	set := 0
	for value, n := range u.Report.Untranslated["kind"] {
		if set += n; value == "医院" {
			t.Error("a hospital was quarantined")
		}
	}
	if set != 548 {
		t.Errorf("%d places quarantined by value", set)
	}
	for _, x := range u.Units {
		if x.Class != "hospital" || x.Name == "" || !p.Bound.Contains(x.Shape.(orb.Point)) {
			t.Errorf("%+v", x)
		}
	}
	if _, err := read("hospital"); err == nil || !strings.Contains(err.Error(), "kinds.csv") {
		t.Errorf("--kind beside a value table: %v", err)
	}
	opts.Values = nil
	if u, err = read("hospital"); err != nil || u.Report.Accepted != 566 {
		t.Errorf("%v %s", err, u.Report.Totals())
	}
}
