package tiles

import (
	"bytes"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// newBuildTown has the cuts of GB 36894-2018 for both criteria, and twin the
// same hazards in a profile whose only cuts are those for what is to be built.
func newBuildTown(t *testing.T, seed uint64, n int) (w, twin *town) {
	newBuild := [4]float64{1e-9, 3e-7, 3e-6, 1e-5}
	hazards := nearHazards(seed, n)
	p := townProfile(townCuts)
	p.NewBuild = newBuild
	return newTown(t, p, hazards), newTown(t, townProfile(newBuild), hazards)
}

// By the cuts for what is to be built a city is drawn as one whose cuts those
// are, with any filter and both statistics; and by its own as ever.
func TestCriterionDrawsAsTheCityOfItsCuts(t *testing.T) {
	w, twin := newBuildTown(t, 71, 60)
	r, other := w.renderer(Options{}), twin.renderer(Options{})
	plain := newTown(t, townProfile(townCuts), w.hazards).renderer(Options{})
	rng := rand.New(rand.NewPCG(71, 2))
	differ, drawn := 0, 0
	for _, req := range manyRequests(rng, w.profile.Taxonomy, 300) {
		req.Layers &= groundLayers & AllLayers
		if req.Layers.At(uint8(req.Tile.Z)) == 0 {
			continue
		}
		before := mustTile(t, r, req)
		if own := mustTile(t, plain, req); own.ETag != before.ETag || !bytes.Equal(own.Data, before.Data) {
			t.Fatalf("%v %s: a profile's other cuts change what is in service", req.Tile, req.Layers)
		}
		want := mustTile(t, other, req)
		req.Criterion = riskgrid.NewBuild
		got := mustTile(t, r, req)
		if !bytes.Equal(got.Data, want.Data) || got.Empty != want.Empty {
			t.Fatalf("%v %s %s %+v: %d bytes, want %d", req.Tile, req.Layers, req.Stat, req.Filter, len(got.Data), len(want.Data))
		}
		if got.ETag == before.ETag {
			t.Fatalf("%v %s: both criteria have one key", req.Tile, req.Layers)
		}
		if !got.Empty {
			drawn++
		}
		if !bytes.Equal(got.Data, before.Data) {
			differ++
		}
	}
	if drawn < 60 || differ < 40 {
		t.Errorf("%d drawn, %d differ: too few", drawn, differ)
	}
}

// Below z14 the counts of base cells by level are those of brute force under both
// criteria, kept and unkept.
func TestPooledCountsByCriterion(t *testing.T) {
	w, _ := newBuildTown(t, 72, 40)
	v := w.viewer.View()
	tile := tileAt(13, 0, 0)
	for _, zoom := range []uint8{11, 13, 15, 18, 19} {
		cell := riskgrid.CellAt(tile.Bound().Center(), zoom)
		window := riskgrid.Window{X: int(cell.X), Y: int(cell.Y), W: 1, H: 1, Zoom: zoom}
		n := 1 << (riskgrid.BaseZoom - zoom)
		base := riskgrid.Window{X: int(cell.X) * n, Y: int(cell.Y) * n, W: n, H: n, Zoom: riskgrid.BaseZoom}
		risks := make([]riskgrid.Risk, n*n)
		riskgrid.Superpose(risks, base, active(v.Snapshot))
		for c := range riskgrid.CriteriaCount {
			cuts, err := v.CutsOf(c)
			if err != nil {
				t.Fatal(err)
			}
			var want [5]uint32
			for _, r := range risks {
				want[cuts.Level(r)]++
			}
			kept := v.PoolBy(window, c)
			unkept := riskgrid.PoolWindow(window, cuts, func(b orb.Bound) iter.Seq[*data.Hazard] { return v.Reaching(b, data.All()) })
			if kept[0].Counts != want || !slices.Equal(kept, unkept) {
				t.Errorf("zoom %d %s: %v and %v, want %v", zoom, c, kept, unkept, want)
			}
		}
		if zoom == 11 && v.PoolBy(window, riskgrid.NewBuild)[0].Counts == v.Pool(window)[0].Counts {
			t.Error("both criteria count alike: nothing was tested")
		}
	}
}

// A criterion is part of the key of ground alone, and one without cuts is refused.
func TestCriterionInKeys(t *testing.T) {
	w, twin := newBuildTown(t, 73, 20)
	key := func(r Request) Key {
		k, _ := keyOf(w.viewer.View(), r.canonical(), "p")
		return k
	}
	for l := range data.LayerCount {
		r := Request{Tile: tileAt(13, 0, 0), Layers: Layers(l), Filter: data.All()}
		service := key(r)
		r.Criterion = riskgrid.NewBuild
		if same := key(r) == service; same == groundLayers.Has(l) {
			t.Errorf("%s: the same key is %t", l, same)
		}
	}
	r := Request{Tile: tileAt(13, 0, 0), Layers: Layers(data.LayerRisk), Filter: data.All(), Criterion: riskgrid.NewBuild}
	_, err := twin.renderer(Options{}).Tile(t.Context(), r)
	if invalid := (*data.Invalid)(nil); !errors.As(err, &invalid) || invalid.Field != "cuts" || invalid.Value != "new-build" || len(invalid.Allowed) != 1 {
		t.Errorf("a profile without cuts for what is to be built: %v", err)
	}
	r.Criterion = riskgrid.CriteriaCount
	if _, err := w.renderer(Options{}).Tile(t.Context(), r); err == nil {
		t.Error("a criterion that is none is taken")
	}
}
