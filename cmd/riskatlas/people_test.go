package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// heldPeople opens a store and gives its pieces of ground and all their people.
func heldPeople(t *testing.T, store string) (pieces int, people float64) {
	t.Helper()
	s, _, err := (&storeFlags{Store: store, City: "hangzhou"}).open()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for u, err := range s.Units(context.Background(), data.PeopleKind) {
		if err != nil {
			t.Fatal(err)
		}
		n, err := u.People()
		if err != nil {
			t.Fatal(err)
		}
		pieces, people = pieces+1, people+n
	}
	return pieces, people
}

func TestPeople(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "city.gpkg")
	file := write(t, dir, "grid.csv", "id,户数,常住人口,lon,lat\nA,3,10,120.15,30.27\nB,2,0,120.16,30.27\nC,1,-4,120.17,30.27\n")
	status, out, errs := command("people", file, "--store", store, "--strict")
	if status != 2 || lastLine(out) != "read 3 accepted 2 rejected 1 quarantined 0" || !strings.Contains(out, `grid.csv line 4 (C): rejected: people "-4"`) ||
		!strings.Contains(out, "10 people on 1 of the accepted rows; 1 have none") || !strings.Contains(errs, "rejected 1") {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if pieces, people := heldPeople(t, store); pieces != 1 || people != 10 {
		t.Errorf("%d pieces, %v people", pieces, people)
	}
	// Another column; the set is replaced whole. A dry run replaces nothing.
	for _, dry := range []bool{true, false} {
		args := []string{"people", file, "--store", store, "--field", "户数"}
		if dry {
			args = append(args, "--dry-run")
		}
		if status, out, errs := command(args...); status != 0 || !strings.Contains(out, "people from 户数") {
			t.Errorf("status %d\n%s%s", status, out, errs)
		}
		want := map[bool]float64{true: 10, false: 6}[dry]
		if _, people := heldPeople(t, store); people != want {
			t.Errorf("%v people, want %v", people, want)
		}
	}
	for words, args := range map[string][]string{
		"a column of the file": {"--field", "EWZ"},
		"want one of them":     {"--field", "户数", "--map", "people=常住人口"},
		"one of the fields":    {"--map", "industry=id"},
	} {
		status, _, errs := command(append([]string{"people", file, "--store", store}, args...)...)
		if status != 1 || !strings.Contains(errs, words) {
			t.Errorf("%v: status %d, want %q\n%s", args, status, words, errs)
		}
	}
}

func TestDemonstrationPeople(t *testing.T) {
	store := filepath.Join(t.TempDir(), "city.gpkg")
	must(t, "demo", "--store", store, "--hazards", "40")
	profile, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	made := demo.People(profile, 40, 1)
	for i := range made {
		n, _ := made[i].People()
		want += n
	}
	if pieces, people := heldPeople(t, store); pieces != len(made) || people != want || people < 1e6 {
		t.Errorf("%d pieces, %v people, want %d, %v", pieces, people, len(made), want)
	}
}

// Places that another process writes show within a second: in the list, and in
// the tiles that draw them and no others.
func TestReplacedPlacesShow(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "city.gpkg")
	must(t, "demo", "--store", store, "--hazards", "40", "--seed", "3")
	url := serveForTest(t, "serve", "--store", store, "--listen", "127.0.0.1:0")
	tile := func(p orb.Point) string {
		m := maptile.At(p, 14)
		return fmt.Sprintf("%s/tiles/places/%d/%d/%d.mvt", url, m.Z, m.X, m.Y)
	}
	middle, end := tile(orb.Point{119.30, 29.60}), tile(orb.Point{119.25, 29.60})
	etag := func(path string) string {
		resp, body := get(t, path)
		if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
			t.Fatalf("%s: %d %s", path, resp.StatusCode, body)
		}
		return resp.Header.Get("ETag")
	}
	before := [2]string{etag(middle), etag(end)}
	file := write(t, dir, "roads.csv", "code,name,geometry\nNEW-ROAD,新路,\"LINESTRING(119.25 29.60,119.35 29.60)\"\n")
	if out, err := another("places", file, "--kind", "road", "--store", store).CombinedOutput(); err != nil {
		t.Fatalf("places: %v\n%s", err, out)
	}
	committed := time.Now()
	for {
		_, body := get(t, url+"/api/v1/places?kind=road&limit=100")
		if strings.Contains(string(body), "NEW-ROAD") {
			if strings.Contains(string(body), "DEMO-ROAD") {
				t.Errorf("the old roads are still there: %s", body)
			}
			break
		}
		if time.Since(committed) > time.Second {
			t.Fatalf("the new road does not show within a second: %s", body)
		}
	}
	t.Logf("shown %v after the import ended", time.Since(committed).Round(time.Millisecond))
	if _, body := get(t, url+"/api/v1/places?kind=hospital&limit=1"); !strings.Contains(string(body), "DEMO-PLACE") {
		t.Errorf("the hospitals went with the roads: %s", body)
	}
	if after := etag(middle); after == before[0] {
		t.Error("the tile of the road's middle kept its ETag")
	}
	if after := etag(end); after != before[1] {
		t.Error("the tile of the road's end was renewed, though the road is not drawn there")
	}
}
