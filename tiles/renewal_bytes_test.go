package tiles

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/index"
)

// tracked is one tile that a client has, with the name it came by.
type tracked struct {
	req   Request
	layer data.Layer
	bound orb.Bound // of the tile, and a tile more on each side
	key   Key
	bytes []byte
}

// After each of many random changes (sources of every shape are new, move, grow,
// shrink, turn inactive, are removed), for any layer and filter: a tile whose bytes
// changed has a new key, and one that keeps its key is to the byte what is computed
// anew. Now and then all of that is asked of a city made afresh. From z14 on hardly
// a tile of grid or hazards is renewed without need; below, a cell's greatest value
// may hide a change.
func TestRandomChangesRenewJustTheirTiles(t *testing.T) {
	changes, tiles, afresh := 60, 250, 30
	if soaking() {
		changes, tiles, afresh = 2000, 400, 250
	}
	w := compactTown(t, 41, 40)
	w.withZones()
	rng := rand.New(rand.NewPCG(41, 2))
	m := citytest.NewMaker(rng, downtown)
	r := w.renderer(Options{})
	all := w.track(t, rng, r, tiles)
	count := newRenewalCount()
	for n := range changes {
		w.apply(w.randomChanges(rng, m, 0.012)...)
		v := w.viewer.View()
		spare := rng.IntN(40)
		for i := range all {
			a := &all[i]
			key, _ := keyOf(v, a.req, r.program)
			if key == a.key && !meetsAny(w.last.Changes, a.bound) && (i+spare)%40 != 0 {
				continue // far off; a few are looked at all the same
			}
			drawn, err := r.pack(t.Context(), v, a.req)
			if err != nil {
				t.Fatal(err)
			}
			same := bytes.Equal(drawn, a.bytes)
			if key == a.key && !same {
				t.Fatalf("change %d: %s of %v %+v keeps its key and has other bytes: %+v", n, a.layer, a.req.Tile, a.req.Filter, w.last.Changes)
			}
			count.add(a.layer, a.req.Tile.Z, !same, key != a.key)
			a.key, a.bytes = key, drawn
		}
		if n%afresh == afresh-1 {
			w.compareAfresh(t, r, all)
		}
	}
	t.Log("\n" + count.table("renewed without need"))
	for _, l := range []data.Layer{data.LayerGrid, data.LayerHazards} {
		renewed := 0
		for z := 14; z <= 18; z++ {
			renewed += count.renewed[l][z]
		}
		if share := count.share(l, 14, 18); share >= 0.1 || renewed < 20 {
			t.Errorf("%s from z14 on: %.1f %% of %d renewals were needless, want under 10 %%", l, 100*share, renewed)
		}
		if !soaking() {
			continue
		}
		for z := maptile.Zoom(14); z <= 18; z++ {
			if share := count.share(l, z, z); share >= 0.1 {
				t.Errorf("%s at z%d: %.1f %% of renewals were needless, want under 10 %%", l, z, 100*share)
			}
		}
	}
}

// track draws tiles of every layer and zoom near the town's sources.
func (w *town) track(t *testing.T, rng *rand.Rand, r *Renderer, n int) (all []tracked) {
	t.Helper()
	v := w.viewer.View()
	for len(all) < n {
		a := tracked{layer: data.Layer(rng.IntN(int(data.LayerCount)))}
		if rng.IntN(2) == 0 { // those of which most is asked
			a.layer = []data.Layer{data.LayerGrid, data.LayerHazards}[rng.IntN(2)]
		}
		info := data.Layers[a.layer]
		z := maptile.Zoom(int(info.MinZoom) + rng.IntN(int(info.MaxZoom-info.MinZoom)+1))
		if !AllLayers.Has(a.layer) || z < 13 && rng.IntN(4) > 0 { // there are few wide tiles, and each holds the whole town
			continue
		}
		a.req = Request{Tile: w.tile(rng, z), Layers: Layers(a.layer), Filter: randomFilter(rng, w.profile.Taxonomy), Stat: Stat(rng.IntN(2))}
		if rng.IntN(8) == 0 {
			a.req.Datum = datum.GCJ02
		}
		a.req = a.req.canonical()
		a.bound = a.req.Tile.Bound(1)
		a.key, _ = keyOf(v, a.req, r.program)
		var err error
		if a.bytes, err = r.pack(t.Context(), v, a.req); err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

func meetsAny(changes []index.Change, b orb.Bound) bool {
	for _, c := range changes {
		for _, h := range []*data.Hazard{c.Old, c.New} {
			if h != nil && h.Extent().Intersects(b) {
				return true
			}
		}
	}
	return false
}

// compareAfresh compares tiles with those of a city that is loaded anew.
func (w *town) compareAfresh(t *testing.T, r *Renderer, all []tracked) {
	t.Helper()
	viewer := NewViewer(w.profile, w.viewer.who)
	defer viewer.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_ = index.New(w.profile.Taxonomy).Follow(ctx, placedStore{w.store, citytest.NewPlacer(downtown)}, func(u index.Update) {
		viewer.Publish(u)
		stop()
	})
	fresh, err := NewRenderer(viewer, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	v := viewer.View()
	for i := range all {
		a := &all[i]
		drawn, err := fresh.pack(t.Context(), v, a.req)
		if err != nil {
			t.Fatal(err)
		}
		if key, _ := keyOf(v, a.req, r.program); key != a.key || !bytes.Equal(drawn, a.bytes) {
			t.Fatalf("%s of %v: the key is as it was: %v, the bytes: %v; of a city made afresh", a.layer, a.req.Tile, key == a.key, bytes.Equal(drawn, a.bytes))
		}
	}
}
