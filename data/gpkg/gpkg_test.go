package gpkg_test

import (
	"context"
	"database/sql"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/gpkg"
	"riskatlas/data/memory"
	"riskatlas/data/storetest"
)

func open(t testing.TB, path string) *gpkg.Store {
	t.Helper()
	s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// raw opens the file beside the store, with a connection of this process.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func put(id data.ID, n int) data.Change {
	return data.Change{ID: id, If: data.Any, New: storetest.Record(id, n)}
}

func apply(t testing.TB, s data.Store, changes ...data.Change) data.Revision {
	t.Helper()
	rev, err := s.Apply(context.Background(), data.Note{Who: "test"}, changes...)
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

func load(t testing.TB, s data.Store) (data.Revision, []*data.Hazard) {
	t.Helper()
	rev, all := s.Load(context.Background())
	var hs []*data.Hazard
	for h, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		hs = append(hs, h)
	}
	return rev, hs
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) data.Store {
		s, err := gpkg.Open(filepath.Join(t.TempDir(), "city #1 100%?.gpkg"), storetest.Taxonomy(), gpkg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestStoreOutlivesItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	ctx := context.Background()
	inMemory := memory.New(storetest.Taxonomy())
	s := open(t, path)
	for i, c := range fill(80) {
		apply(t, s, c)
		// The same records at other revisions, of which one is changed there and back.
		apply(t, inMemory, put(c.ID, i+1))
	}
	apply(t, inMemory, relax(fill(80)[7:])...)
	places := []data.Unit{{Code: "p", Name: "避难场所", Class: "shelter", Shape: orb.Point{120, 30}}}
	if _, err := s.Replace(ctx, data.Note{}, data.PlaceKind, places); err != nil {
		t.Fatal(err)
	}
	differs, err := s.Digest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want, err := inMemory.Digest(ctx)
	if err != nil || differs == want {
		t.Errorf("digest %x of stores that differ, %v", want, err)
	}
	apply(t, inMemory, relax(fill(7))...)
	if want, err = inMemory.Digest(ctx); err != nil || differs != want {
		t.Errorf("digest %x, want %x, %v", differs, want, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(path + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v: want the one file", left, err)
	}

	s = open(t, path)
	if rev, hs := load(t, s); rev != 81 || len(hs) != 80 {
		t.Errorf("revision %d, %d hazards", rev, len(hs))
	}
	if got, err := s.Digest(ctx); err != nil || got != want {
		t.Errorf("digest %x, want %x, %v", got, want, err)
	}
	if kinds, err := s.Kinds(ctx); err != nil || len(kinds) != 1 {
		t.Errorf("%v, %v", kinds, err)
	}
}

// relax makes changes apply whatever is there.
func relax(changes []data.Change) []data.Change {
	for i := range changes {
		changes[i].If = data.Any
	}
	return changes
}

// Footprints of equal content are one, over a load and what is watched after it.
func TestFootprintsAreShared(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "city.gpkg"))
	apply(t, s, fill(300)...)
	_, hs := load(t, s)
	held := map[[32]byte]*data.Footprint{}
	see := func(h *data.Hazard) {
		for _, sc := range h.Scenarios {
			f := sc.Footprint
			if first, ok := held[f.Digest()]; ok && first != f {
				t.Fatalf("%s: equal footprints at two places", h.ID)
			}
			held[f.Digest()] = f
		}
	}
	uses := 0
	for _, h := range hs {
		see(h)
		uses += len(h.Scenarios)
	}
	if len(held)*2 > uses {
		t.Errorf("%d footprints for %d scenarios: nothing to share", len(held), uses)
	}
	rev := apply(t, s, put("HZ-000003", 503))
	for b, err := range s.Watch(context.Background(), rev-1) {
		if err != nil {
			t.Fatal(err)
		}
		see(b.Changes[0].New.Hazard)
		break
	}
}

// The extent in gpkg_contents and the R-tree are those of the rows after any
// history; the oracle is the union of the loaded hazards' bounds.
func TestExtentAndIndexFollow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s := open(t, path)
	db := raw(t, path)
	rng := rand.New(rand.NewPCG(1, 2))
	for step := range 40 {
		var cs []data.Change
		for i, n := range rng.Perm(12)[:1+rng.IntN(4)] {
			id := data.ID(string(rune('a' + n)))
			if step < 34 && (i%2 == 0 || rng.IntN(2) == 0) {
				cs = append(cs, put(id, rng.IntN(500)))
			} else {
				cs = append(cs, data.Change{ID: id, If: data.Any})
			}
		}
		if step == 39 { // and at last to nothing
			cs = nil
			for n := range 12 {
				cs = append(cs, data.Change{ID: data.ID(string(rune('a' + n))), If: data.Any})
			}
		}
		apply(t, s, cs...)
		checkIndex(t, s, db)
	}
}

func checkIndex(t *testing.T, s *gpkg.Store, db *sql.DB) {
	t.Helper()
	var box [4]sql.NullFloat64
	if err := db.QueryRow("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'hazards'").Scan(&box[0], &box[1], &box[2], &box[3]); err != nil {
		t.Fatal(err)
	}
	_, hs := load(t, s)
	bounds := map[data.ID]orb.Bound{}
	for i, h := range hs {
		bounds[h.ID] = h.Bound()
		if i > 0 {
			bounds[""] = bounds[""].Union(h.Bound())
		} else {
			bounds[""] = h.Bound()
		}
	}
	got := orb.Bound{Min: orb.Point{box[0].Float64, box[1].Float64}, Max: orb.Point{box[2].Float64, box[3].Float64}}
	if box[0].Valid != (len(hs) > 0) || got != bounds[""] {
		t.Fatalf("extent %v, want %v of %d hazards", got, bounds[""], len(hs))
	}
	rows, err := db.Query("SELECT h.id, r.minx, r.miny, r.maxx, r.maxy FROM rtree_hazards_geom r LEFT JOIN hazards h ON h.fid = r.id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var id data.ID
		var r [4]float64
		if err := rows.Scan(&id, &r[0], &r[1], &r[2], &r[3]); err != nil {
			t.Fatal(err)
		}
		n++
		b := bounds[id]
		for i, want := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
			if outside := (r[i] - want) * []float64{-1, -1, 1, 1}[i]; outside < 0 || math.Abs(r[i]-want) > 1e-4 {
				t.Fatalf("%s: index %v, bound %v", id, r, b)
			}
		}
	}
	var verdict string
	if err := db.QueryRow("SELECT rtreecheck('rtree_hazards_geom')").Scan(&verdict); err != nil || verdict != "ok" || n != len(hs) || rows.Err() != nil {
		t.Fatalf("index of %d rows for %d hazards: %s, %v, %v", n, len(hs), verdict, err, rows.Err())
	}
}

func TestFileIsAGeoPackage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	apply(t, open(t, path), fill(10)...)
	db := raw(t, path)
	for query, want := range map[string]int64{
		"PRAGMA application_id": 0x47504B47,
		"PRAGMA user_version":   10300,
		"SELECT count(*) FROM gpkg_spatial_ref_sys WHERE srs_id IN (-1, 0, 4326)":                                                3,
		"SELECT count(*) FROM gpkg_contents WHERE data_type = 'features' AND srs_id = 4326":                                      2,
		"SELECT count(*) FROM gpkg_geometry_columns WHERE column_name = 'geom' AND z = 0 AND m = 0":                              2,
		"SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'":                                         2,
		"SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'rtree_hazards_geom_%'":                         6,
		"SELECT count(*) FROM hazards WHERE substr(geom, 1, 8) = x'47500003E6100000' AND json_valid(record)":                     10,
		"SELECT count(*) FROM pragma_foreign_key_check":                                                                          0,
		"SELECT count(*) FROM revisions WHERE at GLOB '20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].???Z'": 1,
		"SELECT count(*) FROM gpkg_contents c JOIN revisions r ON c.last_change = r.at WHERE c.table_name = 'hazards'":           1,
	} {
		var got int64
		if err := db.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", query, got, err, want)
		}
	}
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("%s, %v", verdict, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o022 != 0 && os.Getuid() != 0 {
		t.Errorf("%v, %v", info, err)
	}
}
