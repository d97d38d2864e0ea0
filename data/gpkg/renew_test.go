package gpkg_test

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/storetest"
)

// firstVersion makes the file what the first release wrote: it kept no sets of
// units and no days.
const firstVersion = `
DROP TABLE past_units; DROP TABLE days; DROP INDEX revisions_at; DROP INDEX revisions_kind;
DELETE FROM gpkg_contents WHERE table_name IN ('past_units', 'days');
DELETE FROM gpkg_extensions WHERE table_name IN ('past_units', 'days');
UPDATE riskatlas_store SET schema_version = 1;`

func places(code string) []data.Unit {
	return []data.Unit{{Code: code, Name: "避难场所", Class: "shelter", Shape: orb.Point{120, 30}, Props: map[string]string{"beds": "3"}}}
}

// A file of the first version opens with all that it holds, and is one of this
// version from then on; what it did not keep is said to be forgotten.
func TestFirstVersionIsBroughtUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	ctx := context.Background()
	s := open(t, path)
	apply(t, s, fill(30)...)
	zone := data.ZoneKind("z")
	replace := func(kind, code string) {
		t.Helper()
		if _, err := s.Replace(ctx, data.Note{}, kind, places(code)); err != nil {
			t.Fatal(err)
		}
	}
	replace(data.PlaceKind, "first")  // revision 2
	replace(data.PlaceKind, "second") // 3: the first set was not kept
	replace(zone, "once")             // 4
	apply(t, s, put("HZ-000003", 77), data.Change{ID: "HZ-000004", If: data.Any})
	digest, err := s.Digest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := raw(t, path)
	if _, err := db.Exec(firstVersion); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, path)
	if got, err := s.Digest(ctx); err != nil || got != digest {
		t.Fatalf("digest %x, want %x, %v", got, digest, err)
	}
	replace(data.PlaceKind, "third") // 6: the second set is kept
	replace(zone, "twice")           // 7
	units := func(at data.Revision, kind string) ([]data.Unit, error) {
		var out []data.Unit
		for u, err := range s.UnitsAt(ctx, at, kind) {
			if err != nil {
				return nil, err
			}
			out = append(out, *u)
		}
		return out, nil
	}
	for at, want := range map[data.Revision]string{1: "", 3: "second", 5: "second", 6: "third", 7: "third"} {
		got, err := units(at, data.PlaceKind)
		if diff := cmp.Diff(map[bool][]data.Unit{true: places(want)}[want != ""], got); err != nil || diff != "" {
			t.Errorf("revision %d: %v %s", at, err, diff)
		}
	}
	for at, want := range map[data.Revision]string{3: "", 4: "once", 6: "once", 7: "twice"} {
		got, err := units(at, zone)
		if diff := cmp.Diff(map[bool][]data.Unit{true: places(want)}[want != ""], got); err != nil || diff != "" {
			t.Errorf("revision %d: %v %s", at, err, diff)
		}
	}
	if got, err := units(2, data.PlaceKind); !errors.Is(err, data.ErrForgotten) || !strings.Contains(err.Error(), "revision 3") {
		t.Errorf("%v, %v, want the set that revision 3 replaced to be forgotten", got, err)
	}
	if _, err := s.KindsAt(ctx, 2); !errors.Is(err, data.ErrForgotten) {
		t.Errorf("kinds: %v", err)
	}
	versions, err := s.Of(ctx, "HZ-000004")
	if err != nil || len(versions) != 2 || versions[0].Record != nil || versions[1].Record.Hazard.Name != storetest.Record("HZ-000004", 4).Hazard.Name {
		t.Errorf("%+v, %v", versions, err)
	}
	if bin, err := exec.LookPath("ogrinfo"); err == nil {
		out, err := exec.Command(bin, "-ro", "-so", path, "past_units").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Feature Count: 2") || strings.Contains(string(out), "Warning") {
			t.Errorf("%v: %s", err, out)
		}
	}
}
