package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/memory"
	"riskatlas/riskgrid"
	"riskatlas/riskgrid/assess"
)

// inventories are five sources; one was surveyed with scenarios, one names a
// substance that nobody knows.
const inventories = `id,name,industry,level,district,lon,lat,vessels,substance,max_t,净药量,scenarios
AMMONIA,cold store,I08,2,330105,120.1551,30.2741,"[{""substance"":""液氨"",""kind"":""pressure_vessel"",""volume_m3"":5}]",,,,
PETROL,station,I04,2,330102,120.3000,30.3000,,汽油,20,,
FIREWORKS,store,I06,2,330111,119.9000,30.1000,,,,1000,
STATED,station,I04,2,330108,120.2000,30.2000,,汽油,20,,"[{""outcome"":""pool_fire"",""per_year"":1e-6,""basis"":""qra"",""footprint"":{""kind"":""step"",""r"":30}}]"
UNKNOWN,works,I01,2,330109,120.2500,30.2500,"[{""substance"":""unobtainium"",""amount_kg"":5}]",,,,
`

func TestAssess(t *testing.T) {
	dir := t.TempDir()
	file, store, report := write(t, dir, "a.csv", inventories), filepath.Join(dir, "city.gpkg"), filepath.Join(dir, "report.json")

	status, out, errs := command("import", file, "--store", store, "--no-assess")
	if status != 0 || lastLine(out) != "read 5 accepted 5 rejected 0 quarantined 0" {
		t.Fatalf("status %d\n%s%s", status, out, errs)
	}
	status, out, _ = command("assess", "--store", store, "--dry-run")
	if status != 0 || lastLine(out) != "would write 3 records" {
		t.Errorf("dry run: status %d\n%s", status, out)
	}
	status, out, _ = command("assess", "--store", store, "--industry", "I08,fireworks")
	if status != 0 || lastLine(out) != "wrote 2 records; revision 2" {
		t.Errorf("two industries: status %d\n%s", status, out)
	}
	status, out, errs = command("assess", "--store", store, "--strict", "--report", report)
	if status != 2 || lastLine(out) != "wrote 1 records; revision 3" || !strings.Contains(errs, "1 records could not be assessed") {
		t.Errorf("strict: status %d\n%s%s", status, out, errs)
	}
	if !strings.Contains(out, `UNKNOWN (I01): not assessed: vessels[0].substance "unobtainium": want a known substance`) {
		t.Errorf("the failure is not named:\n%s", out)
	}
	var r assessReport
	if text, err := os.ReadFile(report); err != nil || json.Unmarshal(text, &r) != nil {
		t.Fatal(err)
	}
	want := map[string]assessed{
		"I01": {Records: 1, Inventory: 1, Failed: 1}, "I04": {Records: 2, Inventory: 2, Derived: 1, Own: 1, Scenarios: 3},
		"I06": {Records: 1, Inventory: 1, Unchanged: 1, Scenarios: 1}, "I08": {Records: 1, Inventory: 1, Unchanged: 1, Scenarios: 2}}
	for _, got := range r.Industries {
		w := want[got.Code]
		w.Code, w.Slug = got.Code, got.Slug
		if got != w {
			t.Errorf("%+v, want %+v", got, w)
		}
	}
	if len(r.Industries) != len(want) {
		t.Errorf("%d industries", len(r.Industries))
	}
	// The same again makes no revision; the import derives the same by itself.
	for _, again := range [][]string{{"assess", "--store", store}, {"import", file, "--store", store}} {
		if status, out, _ := command(again...); status != 0 {
			t.Errorf("%q: status %d\n%s", again, status, out)
		}
		if rev, _ := held(t, store, "hangzhou"); rev != 3 {
			t.Errorf("%q made revision %d", again, rev)
		}
	}
	// Another table of frequencies derives again.
	text, err := os.ReadFile("../../riskgrid/consequence/frequencies.json")
	if err != nil {
		t.Fatal(err)
	}
	twice := write(t, dir, "f.json", strings.ReplaceAll(string(text), `"value": 5e-07`, `"value": 1e-06`))
	if status, out, _ := command("assess", "--store", store, "--frequencies", twice, "--dry-run"); status != 0 || lastLine(out) != "would write 1 records" {
		t.Errorf("other frequencies: status %d\n%s", status, out)
	}
	for _, c := range []struct{ flag, value, words string }{{"--substances", twice, "substances"}, {"--store", filepath.Join(dir, "none.gpkg"), "no such file"}, {"--industry", "I99", "I01"}} {
		args := []string{"assess", "--store", store, c.flag, c.value}
		if status, _, errs := command(args...); status != 1 || !strings.Contains(errs, c.words) {
			t.Errorf("%q: status %d, %s", args, status, errs)
		}
	}
}

// From a list to the map: the answers show the derivation, the risk near a source
// is its footprint's, and what is exported comes back.
func TestAssessedSourcesAreServed(t *testing.T) {
	dir := t.TempDir()
	file, store := write(t, dir, "a.csv", inventories), filepath.Join(dir, "city.gpkg")
	if status, out, _ := command("import", file, "--store", store); status != 0 || !strings.Contains(out, "unobtainium") {
		t.Fatalf("status %d\n%s", status, out)
	}
	_, hazards := held(t, store, "hangzhou")
	url := serveForTest(t, "serve", "--store", store, "--listen", "127.0.0.1:0")

	_, body := get(t, url+"/api/v1/hazards/AMMONIA")
	var source struct {
		Properties struct {
			Level       int
			Derivations []data.Derivation
			Scenarios   []json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &source); err != nil {
		t.Fatal(err)
	}
	p := source.Properties
	if p.Level != 2 || len(p.Scenarios) != 2 || len(p.Derivations) != 2 || p.Derivations[0].Model != "gaussian_passive_rose" || p.Derivations[1].Inputs["substance"] != "ammonia" {
		t.Errorf("%s", body)
	}
	for _, c := range []struct{ id, bearing string }{{"AMMONIA", "south"}, {"AMMONIA", "west"}, {"FIREWORKS", "south"}} {
		for _, h := range hazards {
			if string(h.ID) != c.id {
				continue
			}
			from := h.Label()
			to := orb.Point{from[0], from[1] - 50/data.MetresPerDegree}
			if c.bearing == "west" {
				to = orb.Point{from[0] - 50/(data.MetresPerDegree*math.Cos(from[1]*math.Pi/180)), from[1]}
			}
			want := 0.0
			for _, s := range h.Scenarios {
				want += s.PerYear * s.Footprint.At(data.Distance(from, to), data.Bearing(from, to))
			}
			_, body := get(t, fmt.Sprintf("%s/api/v1/risk?lon=%.12f&lat=%.12f", url, to[0], to[1]))
			var risk struct{ IR float64 }
			if err := json.Unmarshal(body, &risk); err != nil || want == 0 || math.Abs(risk.IR/want-1) > 1e-6 {
				t.Errorf("50 m %s of %s: %g, want %g (%v)", c.bearing, c.id, risk.IR, want, err)
			}
		}
	}
	// An export states what the city fills in (bodies, districts); all of the
	// inventory and what was derived from it comes back as it was.
	before := inventoriesOf(t, store)
	for i, format := range []string{"csv", "csv", "geojson"} {
		_, body = get(t, url+"/api/v1/hazards?format="+format)
		again := write(t, dir, "again."+format, string(body))
		status, out, _ := command("import", again, "--store", store, "--no-assess")
		if status != 0 || i > 0 && !strings.Contains(out, "wrote 0 new, 0 changed; 5 unchanged") {
			t.Errorf("%s: status %d\n%s", format, status, out)
		}
		if diff := cmp.Diff(before, inventoriesOf(t, store)); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
	if status, out, _ := command("assess", "--store", store); status != 0 || lastLine(out) != "nothing to write" {
		t.Errorf("assessing what came back: status %d\n%s", status, out)
	}
}

// inventoriesOf are the inventories and scenarios of a store as JSON, by id.
func inventoriesOf(t *testing.T, store string) map[data.ID]string {
	t.Helper()
	s, _, err := (&storeFlags{Store: store, City: "hangzhou"}).open()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := map[data.ID]string{}
	for _, id := range []data.ID{"AMMONIA", "PETROL", "FIREWORKS", "STATED", "UNKNOWN"} {
		records, err := s.Detail(context.Background(), id)
		if err != nil || records[0] == nil {
			t.Fatalf("%s: %v", id, err)
		}
		d := records[0].Detail
		text, err := json.Marshal([]any{d.Vessels, d.Substances, d.NetExplosiveKg, d.Derivations, records[0].Hazard.Scenarios})
		if err != nil {
			t.Fatal(err)
		}
		out[id] = string(text)
	}
	return out
}

// The demonstration city shows derived scenarios in every industry that has
// them, and its map is still not all red.
func TestTheDemonstrationCityIsAssessed(t *testing.T) {
	profile, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New(profile.Taxonomy)
	began := time.Now()
	if err := fillDemo(context.Background(), store, profile, 3000, 1, func(int) {}); err != nil {
		t.Fatal(err)
	}
	t.Logf("filled in %v", time.Since(began))
	var hazards []*data.Hazard
	var ids []data.ID
	_, all := city.Wrap(store, profile, city.InternalView).Load(context.Background())
	for h, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		hazards, ids = append(hazards, h), append(ids, h.ID)
	}
	records, err := store.Detail(context.Background(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	library, err := (&libraryFlags{}).library(profile)
	if err != nil {
		t.Fatal(err)
	}
	derived := map[string]int{}
	for _, r := range records {
		if len(r.Detail.Derivations) == 0 {
			continue
		}
		derived[profile.Taxonomy.Industries[r.Hazard.Industry].Code]++
		if out, err := library.Derive(r); err != nil || out.Verdict != assess.Unchanged {
			t.Errorf("%s: %v %v", r.Hazard.ID, out.Verdict, err)
		}
	}
	t.Logf("derived: %v", derived)
	for _, code := range []string{"I01", "I02", "I03", "I04", "I06", "I07", "I08", "I11", "I12", "I14", "I15", "I16", "P09"} {
		if derived[code] == 0 {
			t.Errorf("no derived source of %s", code)
		}
	}
	cuts := riskgrid.NewCuts(profile.Cuts)
	field := riskgrid.NewField(cuts, slices.Values(hazards))
	nw, se := riskgrid.CellAt(orb.Point{120.0, 30.4}, riskgrid.BaseZoom), riskgrid.CellAt(orb.Point{120.4, 30.1}, riskgrid.BaseZoom)
	var byLevel [5]int
	total := 0
	for _, c := range field.Pool(riskgrid.Window{X: int(nw.X), Y: int(nw.Y), W: int(se.X-nw.X) + 1, H: int(se.Y-nw.Y) + 1, Zoom: riskgrid.BaseZoom}) {
		total++
		byLevel[cuts.Level(c.Max)]++
	}
	t.Logf("core base cells by level %v of %d", byLevel, total)
	if red := float64(byLevel[data.Major]) / float64(total); red > 0.1 || red < 0.001 {
		t.Errorf("%.2f %% of the core is red, want 0.1 to 10 %%", 100*red)
	}
}
