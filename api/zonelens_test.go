package api

import (
	"errors"
	"fmt"
	"maps"
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

// Through a zone a what-if is drawn as the zone of a city that its changes were
// made to, by both criteria, and diff shows what changes in the zone alone.
func TestZonesOfAWhatIf(t *testing.T) {
	w, real := zoneWorld(t), zoneWorld(t)
	in, out := orb.Point{120.13, 30.27}, orb.Point{120.24, 30.26}
	added := source(t, "added", "I04", data.Low, in, scenario(t, 4e-6, step(300)))
	id := w.whatIf(thought{Remove: []string{"a", "c"}, Add: features(t, added)})
	real.apply(append(puts(added), data.Change{ID: "a", If: data.Any}, data.Change{ID: "c", If: data.Any})...)
	city := w.tagsAt(in, "?zone=streets:S1")
	for _, query := range []string{"zone=streets:S1", "zone=streets:S2,streets:S1&cuts=new-build", "zone=key:parks:over&level=1"} {
		got, want := w.tagsAt(in, "?"+query+"&whatif="+id), real.tagsAt(in, "?"+query)
		for key := range want {
			if got[key] != want[key] {
				t.Errorf("%s %s: %s, of the changed city %s", query, key, got[key], want[key])
			}
		}
	}
	for _, by := range []string{"industry", "zone:streets", "zone:key:parks"} {
		target := "/api/v1/summary?by=" + by + "&zone=streets:S1"
		a, b := read[Summary](w, target+"&whatif="+id), read[Summary](real, target)
		if fmt.Sprint(a.Total, len(a.Rows)) != fmt.Sprint(b.Total, len(b.Rows)) || !a.WhatIf {
			t.Errorf("%s: %+v, of the changed city %+v", target, a.Total, b.Total)
		}
	}
	if again := w.tagsAt(in, "?zone=streets:S1"); !maps.Equal(again, city) {
		t.Error("the zone of the city itself has changed")
	}
	diff := func(p orb.Point, zone string) int {
		return w.get("/tiles/diff/" + tileAt(p, 14) + ".mvt?whatif=" + id + zone).Code
	}
	if diff(in, "") != 200 || diff(out, "") != 200 || diff(in, "&zone=streets:S1") != 200 || diff(out, "&zone=streets:S1") != 204 || diff(out, "&zone=streets:S2") != 200 {
		t.Errorf("diff: %d %d, through S1 %d %d, through S2 %d", diff(in, ""), diff(out, ""), diff(in, "&zone=streets:S1"), diff(out, "&zone=streets:S1"), diff(out, "&zone=streets:S2"))
	}
}
