package ingest

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/datum"
	"riskatlas/data/memory"
)

// realFile opens a file of the real data that is kept beside the repository, or
// skips the test.
func realFile(t testing.TB, name string) (*os.File, int64) {
	t.Helper()
	dir := os.Getenv("RISKATLAS_REALDATA")
	if dir == "" {
		dir = "../../../shared/realdata"
	}
	path := filepath.Join(dir, name)
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("real data is not here: no %s (set RISKATLAS_REALDATA to its folder)", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return f, info.Size()
}

func profile(t testing.TB, name string) *city.Profile {
	t.Helper()
	p, err := city.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// readReal reads a real file and checks that its rows add up.
func readReal(t testing.TB, name string, opts Options) *Batch {
	t.Helper()
	f, size := realFile(t, name)
	b, err := Read(context.Background(), filepath.Base(name), f, size, opts)
	if err != nil {
		t.Fatal(err)
	}
	addsUp(t, b)
	return b
}

func addsUp(t testing.TB, b *Batch) {
	t.Helper()
	r := b.Report
	if r.Read != r.Accepted+r.Rejected+r.Quarantined {
		t.Fatalf("%s: does not add up", r.Totals())
	}
	if len(b.Records) != r.Accepted {
		t.Fatalf("%d records, %s", len(b.Records), r.Totals())
	}
}

func totals(t testing.TB, b *Batch, want string) {
	t.Helper()
	if got := b.Report.Totals(); got != want {
		var text strings.Builder
		_ = b.Report.WriteText(&text)
		t.Fatalf("got %s, want %s\n%s", got, want, text.String())
	}
}

// reimports writes the batch into a new store, then reads and writes the file
// again and wants nothing to change.
func reimports(t *testing.T, b *Batch, again func() *Batch, tax *data.Taxonomy) *memory.Store {
	t.Helper()
	ctx, store := context.Background(), memory.New(tax)
	if err := b.Write(ctx, store, tax, data.Note{Who: "test"}); err != nil {
		t.Fatal(err)
	}
	if b.Report.Added != len(b.Records) || b.Report.Revision != 1 {
		t.Fatalf("first import added %d of %d at revision %d", b.Report.Added, len(b.Records), b.Report.Revision)
	}
	b = again()
	if err := b.Write(ctx, store, tax, data.Note{Who: "test"}); err != nil {
		t.Fatal(err)
	}
	if rev, _ := store.Load(ctx); rev != 1 || b.Report.Unchanged != len(b.Records) || b.Report.Revision != 0 {
		t.Fatalf("second import: %d of %d unchanged, store at revision %d", b.Report.Unchanged, len(b.Records), rev)
	}
	return store
}

// withDistricts gives a store that holds the surveyed districts of 2021.
func withDistricts(t testing.TB) (*memory.Store, *city.Profile) {
	t.Helper()
	p := profile(t, "hangzhou")
	f, size := realFile(t, "hangzhou/licence-unclear/datav-330100-2021-13districts-gcj02.geojson")
	u, err := ReadDistricts(context.Background(), "datav.geojson", f, size, Options{Profile: p, Datum: "gcj02"}, "2021")
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Units) != 13 || u.Report.Totals() != "read 13 accepted 13 rejected 0 quarantined 0" {
		t.Fatalf("%d units, %s, %v", len(u.Units), u.Report.Totals(), u.Report.Problems)
	}
	store := memory.New(p.Taxonomy)
	if err := u.Write(context.Background(), store, data.Note{Who: "test"}); err != nil {
		t.Fatal(err)
	}
	return store, p
}

const poiValues = `中学,C09
小学,C09
高等院校,C09
职业技术学校,C09
医院,C05
商场,C02
电影院,C04
KTV,C04
剧场,C04
旅馆招待所,C07
三星级宾馆,C07
四星级宾馆,C07
五星级宾馆,C07
经济型连锁酒店,C07
餐饮美食,C06
中餐厅,C06
综合体育馆,C13
寺庙道观,C12
长途汽车站,I15
`

func poiOptions(t testing.TB, p *city.Profile, units data.Units) Options {
	t.Helper()
	table, err := ReadValues("poi.csv", "industry", strings.NewReader(poiValues))
	if err != nil {
		t.Fatal(err)
	}
	return Options{Profile: p, Units: units, Datum: "gcj02",
		Values: map[string]*ValueTable{"industry": table}, Set: map[string]string{"level": "1"}}
}

const poiFile = "hangzhou/licence-unclear/lmapview-poi-fuyang-tonglu.geojson"

func TestRealPOI(t *testing.T) {
	districts, p := withDistricts(t)
	opts := poiOptions(t, p, districts)
	b := readReal(t, poiFile, opts)

	// The file's own counts, by another reader.
	f, _ := realFile(t, poiFile)
	var raw struct {
		Features []struct{ Properties struct{ Type string } }
	}
	if err := json.NewDecoder(f).Decode(&raw); err != nil {
		t.Fatal(err)
	}
	want, quarantined := map[string]int{}, 0
	for _, x := range raw.Features {
		if _, known := opts.Values["industry"].To[x.Properties.Type]; !known {
			want[x.Properties.Type]++
			quarantined++
		}
	}
	if b.Report.Read != 566 || b.Report.Quarantined != quarantined || b.Report.Rejected != 0 {
		t.Fatalf("%s, want 566 read and %d quarantined", b.Report.Totals(), quarantined)
	}
	got := b.Report.Untranslated["industry"]
	if len(got) != len(want) {
		t.Fatalf("%d values without an industry, want %d", len(got), len(want))
	}
	for value, n := range want {
		if got[value] != n {
			t.Errorf("%s %d times, want %d", value, got[value], n)
		}
	}
	for value, n := range map[string]int{"住宅区": 76, "未知分类": 51, "银行": 11} {
		if got[value] != n {
			t.Errorf("%s %d times, want %d", value, got[value], n)
		}
	}
	for code, n := range b.Report.Districts {
		if code != "330111" && code != "330122" && code != "330106" && n > 3 {
			t.Errorf("%d sources in %s: the file is of 富阳, 桐庐 and 西湖", n, code)
		}
	}
	for _, r := range b.Records {
		if r.Detail.SourceCRS != "GCJ02" || len(r.Detail.SourceCoords) == 0 {
			t.Fatalf("%s keeps %q %s of what was sent", r.Hazard.ID, r.Detail.SourceCRS, r.Detail.SourceCoords)
		}
		var sent struct{ Coordinates orb.Point }
		if err := json.Unmarshal(r.Detail.SourceCoords, &sent); err != nil {
			t.Fatal(err)
		}
		back := datum.GCJ02.FromWGS84(r.Hazard.Shape.(orb.Point))
		if data.Distance(back, sent.Coordinates) > 0.001 {
			t.Fatalf("%s was sent %v and comes back as %v", r.Hazard.ID, sent.Coordinates, back)
		}
	}
	reimports(t, b, func() *Batch { return readReal(t, poiFile, opts) }, p.Taxonomy)
}

func TestRealPowerPlants(t *testing.T) {
	const file = "china/wri-china-power-plants.csv"
	// Another reader's count of rows without coordinates and rows in the box.
	f, _ := realFile(t, file)
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	empty := 0
	lat, lon := slices.Index(rows[0], "Latitude"), slices.Index(rows[0], "Longitude")
	for _, row := range rows[1:] {
		if row[lat] == "" || row[lon] == "" {
			empty++
		}
	}
	if empty != 11 || len(rows) != 3138 {
		t.Fatalf("the file has %d rows, %d without coordinates", len(rows)-1, empty)
	}
	set := map[string]string{"industry": "P01", "level": "2"}
	generic := Options{Profile: profile(t, "generic"), Set: set}
	b := readReal(t, file, generic)
	totals(t, b, "read 3137 accepted 3126 rejected 11 quarantined 0")
	if n := b.Report.Kinds["geometry_missing"]; n != 11 {
		t.Errorf("%d rows reported without coordinates", n)
	}
	for _, problem := range b.Report.Problems {
		if problem.Severity == Rejected && (problem.Line < 2 || problem.Field != "lon" && problem.Field != "lat" || problem.Want == "") {
			t.Errorf("%+v names no line, field or what would be right", problem)
		}
	}
	reimports(t, b, func() *Batch { return readReal(t, file, generic) }, generic.Profile.Taxonomy)

	b = readReal(t, file, Options{Profile: profile(t, "hangzhou"), Set: set})
	totals(t, b, "read 3137 accepted 16 rejected 3121 quarantined 0")
	if n := b.Report.Kinds["geometry_outside"]; n != 3110 {
		t.Errorf("%d rows outside the city, want 3110", n)
	}
}

func TestRealPetrolStations(t *testing.T) {
	opts := Options{Profile: profile(t, "generic"), Set: map[string]string{"industry": "I04", "level": "1"}}
	b := readReal(t, "melbourne/Petrol_Stations.csv", opts)
	totals(t, b, "read 6646 accepted 6646 rejected 0 quarantined 0")
	if e := b.Report.Files[0].Encoding; e != "UTF-8 with BOM" {
		t.Errorf("read as %s", e)
	}
	if h := b.Records[0].Hazard; h.Name != "7-ELEVEN BRABHAM" || h.Shape != (orb.Point{115.968131, -31.8326299999999}) {
		t.Errorf("first record is %q at %v", h.Name, h.Shape)
	}
	reimports(t, b, func() *Batch { return readReal(t, "melbourne/Petrol_Stations.csv", opts) }, opts.Profile.Taxonomy)

	g := readReal(t, "melbourne/Petrol_Stations.geojson", opts)
	totals(t, g, "read 734 accepted 734 rejected 0 quarantined 0")
	reimports(t, g, func() *Batch { return readReal(t, "melbourne/Petrol_Stations.geojson", opts) }, opts.Profile.Taxonomy)
}

func TestRealTubeLines(t *testing.T) {
	opts := Options{Profile: profile(t, "generic"), Set: map[string]string{"industry": "P07", "level": "2"}, Map: map[string]string{"name": "id"}}
	b := readReal(t, "london/london-tube-lines.geojson", opts)
	totals(t, b, "read 394 accepted 394 rejected 0 quarantined 0")
	for _, r := range b.Records {
		if _, ok := r.Hazard.Shape.(orb.LineString); !ok || r.Hazard.Name == "" {
			t.Fatalf("%s is a %T named %q", r.Hazard.ID, r.Hazard.Shape, r.Hazard.Name)
		}
	}
	reimports(t, b, func() *Batch { return readReal(t, "london/london-tube-lines.geojson", opts) }, opts.Profile.Taxonomy)
}

func TestRealProjected(t *testing.T) {
	opts := Options{Profile: profile(t, "generic"), Set: map[string]string{"industry": "C03", "level": "1"}}
	b := readReal(t, "milan/population_grid.geojson", opts)
	totals(t, b, "read 6687 accepted 6687 rejected 0 quarantined 0")
	if b.Report.Files[0].Datum != "epsg:32632" || b.Records[0].Detail.SourceCRS != "EPSG:32632" {
		t.Errorf("read in %s, kept as %s", b.Report.Files[0].Datum, b.Records[0].Detail.SourceCRS)
	}
	// The stations carry their degrees as properties: the metres must agree.
	f, size := realFile(t, "milan/stations.geojson")
	s, err := Read(context.Background(), "stations.geojson", f, size, opts)
	if err != nil {
		t.Fatal(err)
	}
	totals(t, s, "read 16 accepted 16 rejected 0 quarantined 0")
	if p := s.Records[0].Hazard.Shape.(orb.Point); data.Distance(p, orb.Point{9.231667, 45.478347}) > 1 {
		t.Errorf("first station at %v", p)
	}
	opts.Datum = "gcj02"
	f, size = realFile(t, "milan/stations.geojson")
	if _, err := Read(context.Background(), "stations.geojson", f, size, opts); err == nil || !strings.Contains(err.Error(), "epsg:32632") {
		t.Errorf("metres read as gcj02: %v", err)
	}
}

func TestRealBoroughs(t *testing.T) {
	f, size := realFile(t, "london/london-boroughs.geojson")
	u, err := ReadZones(context.Background(), "boroughs.geojson", f, size, Options{Profile: profile(t, "generic")}, "boroughs")
	if err != nil {
		t.Fatal(err)
	}
	if u.Report.Totals() != "read 33 accepted 33 rejected 0 quarantined 0" || u.Report.Kinds["geometry_repaired"] != 1 {
		t.Fatalf("%s, %v", u.Report.Totals(), u.Report.Kinds)
	}
	for _, p := range u.Report.Problems {
		if p.Kind == "geometry_repaired" && (p.ID != "Richmond upon Thames" || !strings.Contains(p.Want, "area")) {
			t.Errorf("repaired %s: %s", p.ID, p.Want)
		}
	}
	for _, x := range u.Units {
		if err := checkValid(x.Shape); err != nil {
			t.Errorf("%s: %v", x.Code, err)
		}
	}
	store := memory.New(profile(t, "generic").Taxonomy)
	for i := range 2 {
		if err := u.Write(context.Background(), store, data.Note{}); err != nil {
			t.Fatal(err)
		}
		if rev, _ := store.Load(context.Background()); rev != 1 {
			t.Fatalf("revision %d after import %d", rev, i+1)
		}
	}
}

func TestRealDistrictsOfAnotherVintage(t *testing.T) {
	p := profile(t, "hangzhou")
	f, size := realFile(t, "hangzhou/hangzhou-counties-2016-gcj02.geojson")
	u, err := ReadDistricts(context.Background(), "2016.geojson", f, size, Options{Profile: p, Datum: "gcj02"}, "2019")
	if err != nil {
		t.Fatal(err)
	}
	// In 2016 临安 was 330185, which vintage 2019 does not have: refused by name,
	// and nothing of the file is written.
	if u.Report.Rejected != 1 || u.Report.Problems[0].Value != "330185" {
		t.Fatalf("%s: %v", u.Report.Totals(), u.Report.Problems)
	}
	if err := u.Write(context.Background(), memory.New(p.Taxonomy), data.Note{}); err == nil {
		t.Error("an incomplete set of districts was written")
	}
	table := &ValueTable{Name: "codes.csv", To: map[string]string{}}
	v, _ := p.Taxonomy.Vintage("2019")
	for _, d := range v.Districts {
		table.To[d.Code] = d.Code
	}
	table.To["330185"] = "330112"
	f, size = realFile(t, "hangzhou/hangzhou-counties-2016-gcj02.geojson")
	opts := Options{Profile: p, Datum: "gcj02", Values: map[string]*ValueTable{"code": table}}
	if u, err = ReadDistricts(context.Background(), "2016.geojson", f, size, opts, "2019"); err != nil {
		t.Fatal(err)
	}
	if u.Report.Accepted != 13 || u.Report.Kinds["district_missing"] != 0 {
		t.Errorf("%s: %v", u.Report.Totals(), u.Report.Kinds)
	}
}
