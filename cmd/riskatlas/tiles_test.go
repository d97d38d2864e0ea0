package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/tiles"
	"riskatlas/tiles/archive"
	"riskatlas/tiles/mvtcheck"
)

const everyLayer = "risk,grid,hazards,lines,areas,districts,labels,places"

// Every tile of a baked demonstration city holds to the rules of MVT 2.1 under
// our own strict checker, and GDAL reads each zoom without a complaint.
func TestEveryTileOfTheCityIsValid(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "city.pmtiles")
	t.Log(strings.TrimSpace(must(t, "bake", file, "--demo", strconv.Itoa(cityOfTest()), "--zoom", "5-14", "--view", "internal", "--layers", everyLayer)))
	a, err := archive.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	checked, largest := map[maptile.Zoom]int{}, 0
	b := a.Bound()
	for z := maptile.Zoom(5); z <= 14; z++ {
		nw, se := maptile.At(b.LeftTop(), z), maptile.At(b.RightBottom(), z)
		for x := nw.X; x <= se.X; x++ {
			for y := nw.Y; y <= se.Y; y++ {
				tile, err := a.Tile(context.Background(), tiles.Request{Tile: maptile.New(x, y, z), Layers: a.Layers(), Filter: data.All()})
				if err != nil {
					t.Fatal(err)
				}
				if tile.Empty {
					continue
				}
				checked[z]++
				largest = max(largest, len(tile.Data))
				raw := gunzip(t, tile.Data)
				if _, err := mvtcheck.Strict(raw, 512); err != nil {
					t.Errorf("%d/%d/%d: %v", z, x, y, err)
				}
				save(t, filepath.Join(dir, fmt.Sprint(z), fmt.Sprint(x)), fmt.Sprintf("%d.pbf", y), raw)
			}
		}
		if checked[z] == 0 {
			t.Errorf("no tile at zoom %d", z)
		}
	}
	t.Logf("tiles by zoom %v, the largest %d bytes gzipped", checked, largest)
	if largest > 500_000 {
		t.Errorf("a tile of %d bytes, 500 kB is the most", largest)
	}
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("ogrinfo is not here: GDAL's answer is not asked for ('make tools' installs it where it may)")
	}
	for z := range checked {
		out, err := exec.Command("ogrinfo", "-ro", "-so", "-al", fmt.Sprintf("MVT:%s/%d", dir, z)).CombinedOutput()
		if err != nil || strings.Contains(string(out), "ERROR") || !strings.Contains(string(out), "Layer name: districts") {
			t.Errorf("zoom %d: ogrinfo %v\n%.2000s", z, err, out)
		}
	}
}

// cityOfTest is how many sources the city has whose every tile is looked at.
func cityOfTest() int {
	if os.Getenv("RISKATLAS_SOAK") == "" {
		return 600
	}
	return 12_000
}

func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func save(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// An archive is served byte for byte as the living city serves it, and may be
// kept for ever.
func TestAnArchiveServesTheSameBytes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "city.pmtiles")
	must(t, "bake", file, "--demo", "600", "--seed", "9", "--zoom", "8-13", "--view", "public", "--layers", "risk,hazards")
	city := []string{"serve", "--demo", "--demo-hazards", "600", "--demo-seed", "9", "--view", "public", "--listen", "127.0.0.1:0"}
	live := serveForTest(t, city...)
	frozen := serveForTest(t, append(city, "--archive", file)...)
	same, empty := 0, 0
	for z, home := maptile.Zoom(8), maptile.New(213, 105, 8); z <= 13; z, home = z+1, maptile.New(home.X*2+1, home.Y*2, z+1) {
		for dx := -1; dx <= 1; dx++ {
			for dy := -1; dy <= 1; dy++ {
				path := fmt.Sprintf("/tiles/risk,hazards/%d/%d/%d.mvt", z, int(home.X)+dx, int(home.Y)+dy)
				a, bytesA := get(t, live+path, "Accept-Encoding", "gzip")
				b, bytesB := get(t, frozen+path, "Accept-Encoding", "gzip")
				if a.StatusCode != b.StatusCode || !bytes.Equal(bytesA, bytesB) {
					t.Errorf("%s: live %d, %d bytes; archive %d, %d bytes", path, a.StatusCode, len(bytesA), b.StatusCode, len(bytesB))
				}
				if b.StatusCode == http.StatusOK {
					same++
				} else {
					empty++
				}
				if c := b.Header.Get("Cache-Control"); !strings.Contains(c, "immutable") {
					t.Errorf("%s: the archive's Cache-Control is %q", path, c)
				}
			}
		}
	}
	if same < 10 {
		t.Errorf("only %d tiles compared (%d empty)", same, empty)
	}
	alone := serveForTest(t, "serve", "--archive", file, "--view", "public", "--listen", "127.0.0.1:0")
	path := "/tiles/risk,hazards/10/853/421.mvt"
	a, bytesA := get(t, live+path)
	b, bytesB := get(t, alone+path)
	if a.StatusCode != http.StatusOK || b.StatusCode != http.StatusOK || !bytes.Equal(bytesA, bytesB) {
		t.Errorf("an archive alone: %d and %d, %d bytes, live %d", a.StatusCode, b.StatusCode, len(bytesB), len(bytesA))
	}
	// Nobody must take the silence of an empty city for safety.
	if resp, body := get(t, alone+"/api/v1/risk?lon=120.17&lat=30.26"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an archive alone answers a question about risk: %d %s", resp.StatusCode, body)
	}
	if _, body := get(t, alone+"/api/v1/taxonomy"); !bytes.Contains(body, []byte(`"synthetic":true`)) {
		t.Errorf("an archive of the demonstration city does not say so: %.200s", body)
	}
}

// What was baked for the inside is not served to the outside.
func TestAnInternalArchiveIsNotServedPublicly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "inside.pmtiles")
	must(t, "bake", file, "--demo", "60", "--zoom", "8-9", "--view", "internal", "--layers", "hazards")
	l := newLogs()
	if status := run(context.Background(), []string{"serve", "--archive", file, "--view", "public", "--listen", "127.0.0.1:0"}, io.Discard, l); status == 0 || !strings.Contains(l.String(), "public") {
		t.Errorf("status %d, says %q", status, l)
	}
}

// A city of one's own: other industries, districts and cuts, from a file.
func TestAProfileOfOnesOwn(t *testing.T) {
	profile := filepath.Join("..", "..", "data", "city", "testdata", "riverton.json")
	if _, err := os.Stat(profile); err != nil {
		t.Fatalf("the example profile is gone: %v", err)
	}
	store := filepath.Join(t.TempDir(), "riverton.gpkg")
	must(t, "demo", "--city", profile, "--store", store, "--hazards", "200")
	url := serveForTest(t, "serve", "--city", profile, "--store", store, "--listen", "127.0.0.1:0")
	var taxonomy struct {
		Industries []struct{ Code string } `json:"industries"`
		Districts  []struct{ Code string } `json:"districts"`
	}
	_, body := get(t, url+"/api/v1/taxonomy")
	if err := json.Unmarshal(body, &taxonomy); err != nil {
		t.Fatal(err)
	}
	if len(taxonomy.Industries) != 12 || len(taxonomy.Districts) != 5 {
		t.Errorf("%d industries and %d districts, want 12 and 5", len(taxonomy.Industries), len(taxonomy.Districts))
	}
	var total struct {
		Total struct{ Count int } `json:"total"`
	}
	_, body = get(t, url+"/api/v1/summary?by=district")
	if err := json.Unmarshal(body, &total); err != nil || total.Total.Count != 200 {
		t.Errorf("summary: %v %s", err, body)
	}

	many := manyIndustries(t, profile, 65)
	l := newLogs()
	if status := run(context.Background(), []string{"serve", "--city", many, "--demo", "--listen", "127.0.0.1:0"}, io.Discard, l); status == 0 {
		t.Error("65 industries started")
	}
	if said := strings.TrimSpace(l.String()); strings.Count(said, "\n") != 0 || !strings.Contains(said, "64") {
		t.Errorf("65 industries: says %q, want one line that names the limit", said)
	}
}

// manyIndustries writes a copy of the profile with n industries.
func manyIndustries(t *testing.T, profile string, n int) string {
	t.Helper()
	raw, err := os.ReadFile(profile)
	if err != nil {
		t.Fatal(err)
	}
	var p map[string]any
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	industries := p["industries"].(map[string]any)
	list := industries["list"].([]any)
	for i := len(list); i < n; i++ {
		copied := map[string]any{}
		for k, v := range list[0].(map[string]any) {
			copied[k] = v
		}
		copied["code"], copied["slug"] = fmt.Sprintf("X%02d", i), fmt.Sprintf("extra-%d", i)
		list = append(list, copied)
	}
	industries["list"] = list
	out, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "many.json")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
