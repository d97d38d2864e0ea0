package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/ingest"
)

// command runs the program in this process.
func command(args ...string) (status int, out, errs string) {
	var o, e bytes.Buffer
	status = run(context.Background(), args, &o, &e)
	return status, o.String(), e.String()
}

// lastLine is the line that ends an output.
func lastLine(out string) string {
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	return lines[len(lines)-1]
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// held opens a store and gives its revision and sources.
func held(t *testing.T, store, profile string) (data.Revision, []*data.Hazard) {
	t.Helper()
	s, _, err := (&storeFlags{Store: store, City: profile}).open()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rev, all := s.Load(context.Background())
	var out []*data.Hazard
	for h, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, h)
	}
	return rev, out
}

const sources = `id,name,industry,level,lon,lat
A,one,I04,2,120.1551,30.2741
B,two,bank,2,120.1552,30.2742
C,three,C09,1,120.1553,30.2743
`

func TestImport(t *testing.T) {
	dir := t.TempDir()
	file, store, report := write(t, dir, "a.csv", sources), filepath.Join(dir, "city.gpkg"), filepath.Join(dir, "report.json")

	// A dry run makes no store.
	status, out, _ := command("import", file, "--store", store, "--dry-run", "--report", report)
	if status != 0 || lastLine(out) != "read 3 accepted 2 rejected 0 quarantined 1" || !strings.Contains(out, "would write 2 new") {
		t.Errorf("dry run: status %d\n%s", status, out)
	}
	if _, err := os.Stat(store); err == nil {
		t.Error("a dry run made a store")
	}
	var r ingest.Report
	if text, err := os.ReadFile(report); err != nil || json.Unmarshal(text, &r) != nil || r.Quarantined != 1 || r.Problems[0].Field == "" {
		t.Errorf("report: %v %+v", err, r)
	}

	status, out, _ = command("import", file, "--store", store, "--who", "t", "--why", "w")
	if status != 0 || lastLine(out) != "read 3 accepted 2 rejected 0 quarantined 1" {
		t.Errorf("status %d\n%s", status, out)
	}
	if !strings.Contains(out, `a.csv line 3 (B): quarantined: industry "bank": want the code or slug of an industry: I01`) {
		t.Errorf("the refused row is not named:\n%s", out)
	}
	rev, hazards := held(t, store, "hangzhou")
	if rev != 1 || len(hazards) != 2 {
		t.Fatalf("revision %d, %d sources", rev, len(hazards))
	}
	// The same again changes nothing; --strict only says that a row was refused.
	status, out, errs := command("import", file, "--store", store, "--strict")
	if status != 2 || lastLine(out) != "read 3 accepted 2 rejected 0 quarantined 1" || !strings.Contains(errs, "1 rows were refused") {
		t.Errorf("strict: status %d\n%s%s", status, out, errs)
	}
	if rev, _ := held(t, store, "hangzhou"); rev != 1 {
		t.Errorf("the same again made revision %d", rev)
	}
	// Two files are one revision; a value table and --set.
	table := write(t, dir, "values.csv", "bank,C09\n")
	other := write(t, dir, "b.geojson", `{"type":"Feature","id":"D","geometry":{"type":"Point","coordinates":[120.2,30.2]},"properties":{"industry":"bank","level":9}}`)
	status, out, _ = command("import", file, other, "--store", store, "--values", "industry="+table, "--set", "level=3", "--map", "name=id")
	if status != 1 {
		t.Errorf("--map of a property that one of the files lacks: status %d\n%s", status, out)
	}
	status, out, _ = command("import", file, other, "--store", store, "--values", "industry="+table, "--set", "level=3")
	if status != 0 || lastLine(out) != "read 4 accepted 2 rejected 0 quarantined 2" {
		t.Errorf("two files: status %d\n%s", status, out)
	}
	if rev, hazards := held(t, store, "hangzhou"); rev != 2 || len(hazards) != 4 {
		t.Errorf("revision %d, %d sources", rev, len(hazards))
	}
}

func TestImportFailsClearly(t *testing.T) {
	dir := t.TempDir()
	file, store := write(t, dir, "a.csv", sources), filepath.Join(dir, "city.gpkg")
	for _, c := range []struct {
		words string
		args  []string
	}{
		{"no such file", []string{"import", filepath.Join(dir, "none.csv"), "--store", store}},
		{"want a file", []string{"import", dir, "--store", store}},
		{"--store is missing", []string{"import", file}},
		{"gcj02", []string{"import", file, "--store", store, "--datum", "mars"}},
		{"one of the fields", []string{"import", file, "--store", store, "--map", "colour=level"}},
		{"one of the fields", []string{"import", file, "--store", store, "--set", "colour=red"}},
		{"no such file", []string{"import", file, "--store", store, "--values", "industry=none.csv"}},
		{"hangzhou", []string{"import", file, "--store", store, "--city", "atlantis"}},
		{"--report", []string{"import", file, "--store", store, "--report", filepath.Join(dir, "none", "r.json")}},
		{"vintage", []string{"districts", file, "--store", store, "--vintage", "1999"}},
		{"want one of them", []string{"districts", file, "--store", store, "--vintage", "2021", "--zone", "z"}},
		{"fire_station", []string{"places", file, "--store", store, "--kind", "pub"}},
	} {
		status, out, errs := command(c.args...)
		if status != 1 || !strings.Contains(errs, c.words) {
			t.Errorf("%q: status %d, want %q\n%s%s", c.args, status, c.words, out, errs)
		}
	}
}

// An import with a broken file beside a good one writes neither.
func TestImportIsWhole(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "city.gpkg")
	good, broken := write(t, dir, "a.csv", sources), write(t, dir, "b.json", `{"type":"FeatureCollection","features":[`)
	if status, out, errs := command("import", good, broken, "--store", store); status != 1 {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if rev, hazards := held(t, store, "hangzhou"); rev != 0 || len(hazards) != 0 {
		t.Errorf("revision %d, %d sources", rev, len(hazards))
	}
}

func TestDistrictsAndPlaces(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "city.gpkg")
	square := write(t, dir, "zones.csv", "code,name,geometry\nZ1,core,\"POLYGON((120.1 30.2,120.2 30.2,120.2 30.3,120.1 30.3,120.1 30.2))\"\n")
	status, out, _ := command("districts", square, "--store", store, "--zone", "centre", "--datum", "gcj02")
	if status != 0 || lastLine(out) != "read 1 accepted 1 rejected 0 quarantined 0" || !strings.Contains(out, "revision 1") {
		t.Errorf("zones: status %d\n%s", status, out)
	}
	// Districts are written whole or not at all, and the unknown code is named.
	status, out, errs := command("districts", square, "--store", store, "--vintage", "2021")
	if status != 1 || !strings.Contains(out, `code "Z1"`) || !strings.Contains(out, "330102") || !strings.Contains(errs, "nothing was written") {
		t.Errorf("districts: status %d\n%s%s", status, out, errs)
	}
	for i, kind := range []string{"shelter", "hospital", "shelter"} {
		file := write(t, dir, "places.csv", fmt.Sprintf("code,name,lon,lat\nP%d,x,120.15,30.27\nQ%d,y,1,2\n", i, i))
		status, out, _ := command("places", file, "--store", store, "--kind", kind, "--strict")
		if status != 2 || lastLine(out) != "read 2 accepted 1 rejected 1 quarantined 0" {
			t.Errorf("places: status %d\n%s", status, out)
		}
	}
	s, _, err := (&storeFlags{Store: store, City: "hangzhou"}).open()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var codes []string
	for u, err := range s.Units(context.Background(), data.PlaceKind) {
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, u.Code+" "+u.Class)
	}
	if got := strings.Join(codes, ", "); got != "P1 hospital, P2 shelter" {
		t.Errorf("places: %s", got)
	}
}

// Real files through the whole command, into a real store, twice.
func TestImportRealFiles(t *testing.T) {
	dir := os.Getenv("RISKATLAS_REALDATA")
	if dir == "" {
		dir = "../../../shared/realdata"
	}
	real := func(name string) string { return filepath.Join(dir, name) }
	if _, err := os.Stat(real("README.md")); err != nil {
		t.Skipf("real data is not here: no %s (set RISKATLAS_REALDATA to its folder)", dir)
	}
	tmp := t.TempDir()
	table := write(t, tmp, "values.csv", "中学,C09\n小学,C09\n医院,C05\n商场,C02\n电影院,C04\n旅馆招待所,C07\n长途汽车站,I15\n")
	hospitals := write(t, tmp, "kinds.csv", "医院,hospital\n")
	const poi = "hangzhou/licence-unclear/lmapview-poi-fuyang-tonglu.geojson"
	for i, c := range []struct {
		want string
		rev  data.Revision
		city string
		args []string
	}{
		{"read 13 accepted 13 rejected 0 quarantined 0", 1, "hangzhou",
			[]string{"districts", real("hangzhou/licence-unclear/datav-330100-2021-13districts-gcj02.geojson"), "--datum", "gcj02", "--vintage", "2021"}},
		{"read 566 accepted 94 rejected 0 quarantined 472", 2, "hangzhou",
			[]string{"import", real(poi), "--datum", "gcj02", "--values", "industry=" + table, "--set", "level=1"}},
		{"read 3137 accepted 16 rejected 3121 quarantined 0", 3, "hangzhou",
			[]string{"import", real("china/wri-china-power-plants.csv"), "--set", "industry=P01", "--set", "level=1"}},
		{"read 566 accepted 18 rejected 0 quarantined 548", 4, "hangzhou",
			[]string{"places", real(poi), "--datum", "gcj02", "--map", "kind=type", "--values", "kind=" + hospitals}},
		{"read 6687 accepted 6687 rejected 0 quarantined 0", 1, "generic",
			[]string{"people", real("milan/population_grid.geojson"), "--strict"}},
		{"read 33 accepted 33 rejected 0 quarantined 0", 2, "generic",
			[]string{"districts", real("london/london-boroughs.geojson"), "--zone", "boroughs"}},
		{"read 394 accepted 394 rejected 0 quarantined 0", 3, "generic",
			[]string{"import", real("london/london-tube-lines.geojson"), "--set", "industry=P07", "--set", "level=1", "--map", "name=id"}},
		{"read 734 accepted 734 rejected 0 quarantined 0", 4, "generic",
			[]string{"import", real("melbourne/Petrol_Stations.geojson"), "--set", "industry=I04", "--set", "level=1"}},
		{"read 6646 accepted 6646 rejected 0 quarantined 0", 5, "generic",
			[]string{"import", real("melbourne/Petrol_Stations.csv"), "--set", "industry=I04", "--set", "level=1"}},
		{"read 3137 accepted 3126 rejected 11 quarantined 0", 6, "generic",
			[]string{"import", real("china/wri-china-power-plants.csv"), "--set", "industry=P01", "--set", "level=1"}},
	} {
		store := filepath.Join(tmp, c.city+".gpkg")
		for again := range 2 {
			status, out, errs := command(append(c.args, "--store", store, "--city", c.city)...)
			if status != 0 || lastLine(out) != c.want {
				t.Fatalf("%d: status %d, want %s\n%s%s", i, status, c.want, out, errs)
			}
			if rev, _ := held(t, store, c.city); rev != c.rev {
				t.Fatalf("%d, time %d: revision %d, want %d", i, again+1, rev, c.rev)
			}
		}
	}
}
