package gpkg_test

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/memory"
	"riskatlas/data/storetest"
)

// sound checks the file as SQLite itself does, its R-tree against the rows, and
// that windows of the R-tree find what they must.
func sound(t *testing.T, path string, hs []*data.Hazard) {
	t.Helper()
	db := raw(t, path)
	for _, check := range []string{"SELECT rtreecheck('rtree_hazards_geom')", "PRAGMA integrity_check"} {
		var said string
		if err := db.QueryRow(check).Scan(&said); err != nil || said != "ok" {
			t.Fatalf("%s: %s, %v", check, said, err)
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		at := orb.Point{120 + rng.Float64(), 30 + rng.Float64()}
		w := orb.Bound{Min: at, Max: at}.Pad(0.1 * rng.Float64())
		want := 0
		for _, h := range hs {
			if h.Bound().Intersects(w) {
				want++
			}
		}
		got := 0
		if err := db.QueryRow("SELECT count(*) FROM rtree_hazards_geom r JOIN hazards h ON h.fid = r.id WHERE r.minx <= ? AND r.maxx >= ? AND r.miny <= ? AND r.maxy >= ? "+
			"AND ST_MinX(h.geom) <= ?1 AND ST_MaxX(h.geom) >= ?2 AND ST_MinY(h.geom) <= ?3 AND ST_MaxY(h.geom) >= ?4",
			w.Max[0], w.Min[0], w.Max[1], w.Min[1]).Scan(&got); err != nil || got != want {
			t.Fatalf("%v: %d in the R-tree, want %d, %v", w, got, want, err)
		}
	}
}

// schemaOf is what the file's tables, indexes and triggers are.
func schemaOf(t *testing.T, path string) string {
	t.Helper()
	var all sql.NullString
	err := raw(t, path).QueryRow("SELECT group_concat(type || name || tbl_name || coalesce(sql, ''), char(10) ORDER BY type, name) FROM sqlite_schema").Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	return all.String
}

func digest(t *testing.T, s interface {
	Digest(context.Context) (uint64, error)
}) uint64 {
	t.Helper()
	d, err := s.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A first large batch leaves the file as many small ones would, and what comes
// after it finds all in place.
func TestLargeFirstBatch(t *testing.T) {
	path, small := filepath.Join(t.TempDir(), "large.gpkg"), filepath.Join(t.TempDir(), "small.gpkg")
	s, inMemory := open(t, path), memory.New(storetest.Taxonomy())
	open(t, small)
	const n = 2500
	batch := append(fill(n), data.Change{ID: "not-there", If: data.Any}, data.Change{ID: "nor-this", If: 0})
	for _, store := range []data.Store{s, inMemory} {
		if rev := apply(t, store, batch...); rev != 1 {
			t.Fatalf("revision %d", rev)
		}
	}
	_, hs := load(t, s)
	if got, want := digest(t, s), digest(t, inMemory); len(hs) != n || got != want {
		t.Fatalf("%d hazards, digest %x, want %x", len(hs), got, want)
	}
	sound(t, path, hs)
	if got, want := schemaOf(t, path), schemaOf(t, small); got != want {
		t.Errorf("tables %s, want %s", got, want)
	}
	// Some move, some change in place, some go, some come.
	var next []data.Change
	for i, c := range fill(n) {
		switch i % 4 {
		case 0:
			next = append(next, put(c.ID, i+7))
		case 1:
			r := *c.New
			r.Detail.Address = "elsewhere"
			next = append(next, data.Change{ID: c.ID, If: 1, New: &r})
		case 2:
			next = append(next, data.Change{ID: c.ID, If: 1}, put("new-"+c.ID, i))
		}
	}
	apply(t, s, next...)
	apply(t, inMemory, next...)
	_, hs = load(t, s)
	if got, want := digest(t, s), digest(t, inMemory); got != want {
		t.Errorf("digest %x, want %x", got, want)
	}
	sound(t, path, hs)
	rev := data.Revision(0)
	for b, err := range s.Watch(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if rev++; len(b.Changes) != []int{n, len(next)}[rev-1] {
			t.Errorf("revision %d has %d changes", rev, len(b.Changes))
		}
		if rev == 2 {
			break
		}
	}
	// All go, and as many come again into a log that is not empty.
	var all []data.Change
	for _, h := range hs {
		all = append(all, data.Change{ID: h.ID, If: h.Rev})
	}
	apply(t, s, all...)
	sound(t, path, nil)
	apply(t, s, fill(n)...)
	_, hs = load(t, s)
	sound(t, path, hs)
	if got, want := schemaOf(t, path), schemaOf(t, small); got != want || len(hs) != n {
		t.Errorf("%d hazards, tables %s, want %s", len(hs), got, want)
	}
}

// A first large batch that fails leaves nothing, not even for a moment.
func TestLargeFirstBatchOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s := open(t, path)
	before := schemaOf(t, path)
	conflict := fill(2500)
	conflict[2400].If = 3
	if _, err := s.Apply(context.Background(), data.Note{}, conflict...); !errors.Is(err, data.ErrConflict) || !strings.Contains(err.Error(), string(conflict[2400].ID)) {
		t.Errorf("%v", err)
	}
	ctx := &endsAfter{Context: context.Background(), calls: 2000}
	if _, err := s.Apply(ctx, data.Note{}, fill(2500)...); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if rev, hs := load(t, s); rev != 0 || len(hs) != 0 || schemaOf(t, path) != before {
		t.Errorf("revision %d, %d hazards, tables %s", rev, len(hs), schemaOf(t, path))
	}
	apply(t, s, fill(10)...)
	apply(t, s, relax(fill(10))...)
}

// endsAfter is a context that ends when its error was asked for so many times.
type endsAfter struct {
	context.Context
	calls int
}

func (c *endsAfter) Err() error {
	if c.calls--; c.calls < 0 {
		return context.Canceled
	}
	return nil
}
