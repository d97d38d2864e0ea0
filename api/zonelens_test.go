package api

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/tiles"
)

// Of many who ask for the same zones at once one makes the view; a change makes
// another, of the last one; and no more are kept than the bound.
func TestPartsAreMadeOnceAndBounded(t *testing.T) {
	w := zoneWorld(t)
	cell := func(i int) data.Unit {
		x := 120.0 + 0.01*float64(i)
		return block(fmt.Sprintf("G%02d", i), x, 30.1, x+0.01, 30.4)
	}
	var grid []data.Unit
	for i := range 2 * mostParts {
		grid = append(grid, cell(i))
	}
	rev, err := w.store.Replace(t.Context(), data.Note{Who: "test"}, data.ZoneKind("grid"), grid)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	for w.viewer.View().Revision() < rev {
		w.changed.Wait()
	}
	w.mu.Unlock()

	var cache partCache
	var made atomic.Int32
	hold := func() (func(), error) { made.Add(1); return func() {}, nil }
	ask := func(v *tiles.View, codes ...string) *tiles.View {
		zones, err := zonesOf(v, codes)
		if err != nil {
			t.Error(err)
			return nil
		}
		part, err := cache.of(v, zones, hold)
		if err != nil {
			t.Error(err)
		}
		return part
	}
	base := w.viewer.View()
	var all sync.WaitGroup
	views := make([]*tiles.View, 20)
	for i := range views {
		codes := []string{"streets:S1", "key:parks:over"}
		if i%2 == 1 {
			codes = []string{"key:parks:over", "streets:S1", "streets:S1"}
		}
		all.Go(func() { views[i] = ask(base, codes...) })
	}
	all.Wait()
	for _, v := range views {
		if v == nil || v != views[0] || v.Len() != 4 { // a, b, c, idle
			t.Fatalf("%v, want the one view", v)
		}
	}
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
	w.apply(puts(source(t, "new", "I04", data.Low, orb.Point{120.11, 30.21}))...)
	if v := ask(w.viewer.View(), "streets:S1", "key:parks:over"); v.Len() != 5 || v.Revision() != w.viewer.View().Revision() || made.Load() != 2 {
		t.Errorf("after a change: %d sources at revision %d, made %d times", v.Len(), v.Revision(), made.Load())
	}
	for _, k := range cache.kept {
		if k.base == base {
			t.Error("the base that the city has left behind is kept")
		}
	}
	for i := range grid {
		ask(w.viewer.View(), "grid:"+grid[i].Code)
	}
	if len(cache.kept) != mostParts {
		t.Errorf("%d are kept, want %d", len(cache.kept), mostParts)
	}
	// The last asked for is still there; a failure is not kept.
	before := made.Load()
	ask(w.viewer.View(), "grid:"+grid[len(grid)-1].Code)
	if made.Load() != before {
		t.Error("the newest was dropped")
	}
	zones, _ := zonesOf(w.viewer.View(), []string{"streets:S2"})
	if _, err := cache.of(w.viewer.View(), zones, func() (func(), error) { return nil, tiles.ErrBusy }); !errors.Is(err, tiles.ErrBusy) {
		t.Errorf("%v, want busy", err)
	}
	if v := ask(w.viewer.View(), "streets:S2"); v == nil || v.Len() != 3 {
		t.Errorf("after a failure: %v", v)
	}
}
