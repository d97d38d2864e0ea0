package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
)

// asked is one tile that a client has, with its ETag.
type asked struct {
	layer, filter string
	tile          maptile.Tile
	etag          string
}

func (a asked) path() string {
	p := fmt.Sprintf("/tiles/%s/%d/%d/%d.mvt", a.layer, a.tile.Z, a.tile.X, a.tile.Y)
	if a.filter != "" {
		p += "?" + a.filter
	}
	return p
}

// A change by another process shows within a second, in a new ETag for the
// tiles that show it; all other tiles are still answered 304.
func TestAChangeRenewsJustItsTiles(t *testing.T) {
	store := filepath.Join(t.TempDir(), "city.gpkg")
	must(t, "demo", "--store", store, "--hazards", "400", "--seed", "3")
	url := serveForTest(t, "serve", "--store", store, "--listen", "127.0.0.1:0")
	at := orb.Point{120.1711, 30.2537}
	known := clientCache(t, url, at)

	file := filepath.Join(t.TempDir(), "new.csv")
	csv := fmt.Sprintf("id,name,industry,level,lon,lat\nNEW-1,新加油站,I04,2,%v,%v\n", at[0], at[1])
	if err := os.WriteFile(file, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := another("import", file, "--store", store).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	committed := time.Now()
	awaitSource(t, url, "NEW-1", committed.Add(time.Second))
	t.Logf("shown %v after the import ended", time.Since(committed).Round(time.Millisecond))

	renewed, kept := map[string]int{}, map[string]int{}
	for _, a := range known {
		resp, _ := get(t, url+a.path(), "If-None-Match", a.etag)
		name := fmt.Sprintf("%-10s %s", a.layer, a.filter)
		if resp.StatusCode == http.StatusNotModified {
			kept[name]++
			if a.mustRenew(at) {
				t.Errorf("%s: still 304 though the new source shows in it", a.path())
			}
			continue
		}
		renewed[name]++
		if a.mustKeep(at) {
			t.Errorf("%s: %d, a new ETag, though nothing in it changed", a.path(), resp.StatusCode)
		}
	}
	names := make([]string, 0, len(kept))
	for name := range kept {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		t.Logf("%-40s renewed %3d, kept %3d", name, renewed[name], kept[name])
	}
}

// mustRenew: a point source of I04, level 2 shows in the tile that holds it.
func (a asked) mustRenew(at orb.Point) bool {
	if a.filter == "group=crowded" || a.filter == "level=4" {
		return false
	}
	layer, err := data.ParseLayer(a.layer)
	if err != nil || uint8(a.tile.Z) < data.Layers[layer].MinZoom {
		return false
	}
	switch layer {
	case data.LayerRisk, data.LayerGrid, data.LayerHazards, data.LayerDistricts:
		return a.tile.Bound().Contains(at)
	}
	return false
}

// mustKeep: what the tile shows cannot have changed.
func (a asked) mustKeep(at orb.Point) bool {
	if a.filter == "group=crowded" || a.filter == "level=4" || a.layer == "lines" || a.layer == "areas" || a.layer == "places" {
		return true
	}
	b := a.tile.Bound()
	cell := (b.Max[0] - b.Min[0]) / 64
	reach := cell + 0.0012 // an I04 of the usual radii reaches 100 m
	away := math.Max(math.Max(b.Min[0]-at[0], at[0]-b.Max[0]), math.Max(b.Min[1]-at[1], at[1]-b.Max[1]))
	switch a.layer {
	case "risk", "grid":
		return away > reach
	case "hazards":
		return away > cell
	}
	return false
}

func clientCache(t *testing.T, url string, at orb.Point) []asked {
	t.Helper()
	var known []asked
	for _, layer := range []string{"risk", "grid", "hazards", "lines", "areas", "districts", "labels", "places"} {
		for _, filter := range []string{"", "industry=I04", "group=crowded", "level=4"} {
			for z := maptile.Zoom(6); z <= 16; z++ {
				home := maptile.At(at, z)
				for dx := -2; dx <= 2; dx++ {
					for dy := -1; dy <= 1; dy++ {
						a := asked{layer: layer, filter: filter, tile: maptile.New(uint32(int(home.X)+dx), uint32(int(home.Y)+dy), z)}
						resp, body := get(t, url+a.path())
						if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
							t.Fatalf("%s: %d %s", a.path(), resp.StatusCode, body)
						}
						if a.etag = resp.Header.Get("ETag"); a.etag == "" {
							t.Fatalf("%s: no ETag", a.path())
						}
						known = append(known, a)
					}
				}
			}
		}
	}
	return known
}

// awaitSource asks until the source is there, or fails at the deadline.
func awaitSource(t *testing.T, url, id string, deadline time.Time) {
	t.Helper()
	for {
		resp, body := get(t, url+"/api/v1/hazards/"+id)
		if resp.StatusCode == http.StatusOK {
			var f struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(body, &f); err != nil || f.ID != id {
				t.Fatalf("%s: %v %s", id, err, body)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not show within a second: %d %s", id, resp.StatusCode, strings.TrimSpace(string(body)))
		}
	}
}
