package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/tiles"
	"riskatlas/tiles/archive"
)

// A word in an internal record, and in the personal fields of a public one, is
// in no byte of an archive that is baked for the public; baked for the inside it
// is there, so that this test can fail.
func TestPublicArchiveTellsNothingInternal(t *testing.T) {
	const canary = "CANARY"
	dir := t.TempDir()
	csv := "id,name,industry,level,lon,lat,sensitivity,responsible,duty_phone,address\n" +
		"OPEN-1,开放,I04,2,120.17,30.25,public," + canary + "," + canary + ",路\n" +
		canary + "-1," + canary + ",I04,3,120.171,30.251,internal," + canary + "," + canary + "," + canary + "\n" +
		canary + "-2," + canary + ",I06,4,120.173,30.252,,,," + canary + "\n"
	file, store := filepath.Join(dir, "in.csv"), filepath.Join(dir, "city.gpkg")
	if err := os.WriteFile(file, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "import", file, "--store", store); !strings.Contains(out, "read 3 accepted 3") {
		t.Fatalf("the import says %s", out)
	}
	for view, want := range map[string]bool{"public": false, "internal": true} {
		baked := filepath.Join(dir, view+".pmtiles")
		must(t, "bake", baked, "--store", store, "--view", view, "--zoom", "5-14", "--layers", everyLayer)
		if got := archiveHolds(t, baked, canary); got != want {
			t.Errorf("the %s archive holds the word: %v, want %v", view, got, want)
		}
	}
}

// archiveHolds looks for the word in the file and in every tile of it.
func archiveHolds(t *testing.T, path, word string) bool {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	found := bytes.Contains(raw, []byte(word)) || strings.Contains(fmt.Sprint(a.Metadata()), word)
	b, looked := a.Bound(), 0
	for z := maptile.Zoom(5); z <= 14; z++ {
		nw, se := maptile.At(b.LeftTop(), z), maptile.At(b.RightBottom(), z)
		for x := nw.X; x <= se.X; x++ {
			for y := nw.Y; y <= se.Y; y++ {
				tile, err := a.Tile(context.Background(), tiles.Request{Tile: maptile.New(x, y, z), Layers: a.Layers(), Filter: data.All()})
				if err != nil {
					t.Fatal(err)
				}
				if !tile.Empty {
					looked++
					found = found || bytes.Contains(gunzip(t, tile.Data), []byte(word))
				}
			}
		}
	}
	if looked < 10 {
		t.Errorf("%s has %d tiles", path, looked)
	}
	return found
}
