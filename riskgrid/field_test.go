package riskgrid

import (
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

var hangzhouCuts = NewCuts([4]float64{1e-9, 3e-6, 1e-5, 3e-5})

// reachingIn answers for a list of hazards by linear scan.
func reachingIn(hs []*data.Hazard) func(orb.Bound) iter.Seq[*data.Hazard] {
	return func(b orb.Bound) iter.Seq[*data.Hazard] {
		return func(yield func(*data.Hazard) bool) {
			for _, h := range hs {
				if h.Extent().Intersects(b) && !yield(h) {
					return
				}
			}
		}
	}
}

// sameField compares two fields to the last block.
func sameField(t *testing.T, got, want *Field) {
	t.Helper()
	if len(got.regions) != len(want.regions) {
		t.Fatalf("%d regions, want %d", len(got.regions), len(want.regions))
	}
	for at, w := range want.regions {
		g := got.regions[at]
		if g == nil || g.top != w.top {
			t.Fatalf("region %v differs", at)
		}
		for i, b := range w.blocks {
			if (g.blocks[i] == nil) != (b == nil) || b != nil && !g.blocks[i].same(b) {
				t.Fatalf("block %d of region %v differs", i, at)
			}
		}
	}
}

// same reports whether two blocks hold the same to the bit. Their prints may
// differ by hazards that put nothing on them.
func (b *block) same(o *block) bool {
	return b.have == o.have && b.top == o.top && slices.Equal(b.plots, o.plots) && slices.Equal(b.cells, o.cells)
}

func TestFieldHoldsWhatSuperposeAdds(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	hs := citytest.Hazards(rng, 150, town)
	f := NewField(hangzhouCuts, slices.Values(hs))
	for range 4 {
		at := cellNear(rng, hs[rng.IntN(len(hs))], BaseZoom)
		w := Window{X: int(at.X) - 40, Y: int(at.Y) - 40, W: 80, H: 80, Zoom: BaseZoom}
		want := make([]Risk, w.W*w.H)
		Superpose(want, w, slices.Values(hs))
		for i, p := range f.Pool(w) {
			one := Pooled{Max: want[i], Sum: want[i]}
			one.Counts[hangzhouCuts.Level(want[i])] = 1
			if p != one {
				t.Fatalf("cell %d of %v: %+v, superposed %+v", i, w, p, one)
			}
		}
	}
}

// brutePool pools base cells one by one.
func brutePool(base []Risk, cuts Cuts) Pooled {
	var p Pooled
	for _, r := range base {
		p.Max = max(p.Max, r)
		p.Sum += r
		p.Counts[cuts.Level(r)]++
	}
	return p
}

func TestPoolsEqualBruteForceAndEachOther(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	hs := citytest.Hazards(rng, 100, town)
	f := NewField(hangzhouCuts, slices.Values(hs))
	for zoom := uint8(regionZoom); zoom <= BaseZoom; zoom++ {
		at := CellAt(hs[rng.IntN(len(hs))].Label(), zoom)
		w := Window{X: int(at.X) - 1, Y: int(at.Y) - 2, W: 3, H: 4, Zoom: zoom}
		if zoom > 15 {
			w = Window{X: int(at.X) - 20, Y: int(at.Y) - 20, W: 33, H: 35, Zoom: zoom}
		}
		got := f.Pool(w)
		if diff := cmp.Diff(got, PoolWindow(w, hangzhouCuts, reachingIn(hs))); diff != "" {
			t.Fatalf("zoom %d: Field.Pool and PoolWindow differ:\n%s", zoom, diff)
		}
		for range 2 {
			i := rng.IntN(len(got))
			if zoom < 13 {
				i = w.W*2 + 1 // the cell at the hazard
			}
			base := Window{X: w.X + i%w.W, Y: w.Y + i/w.W, W: 1, H: 1, Zoom: zoom}.at(BaseZoom)
			cells := make([]Risk, base.W*base.H)
			Superpose(cells, base, slices.Values(hs))
			if want := brutePool(cells, hangzhouCuts); got[i] != want {
				t.Fatalf("zoom %d cell %d: %+v, brute force %+v", zoom, i, got[i], want)
			}
		}
	}
}

func TestPoolOverTheEdgeOfTheWorld(t *testing.T) {
	h := point(t, orb.Point{180, 84.99}, linear(t, 30, 1000), 1e-5)
	f := NewField(hangzhouCuts, slices.Values([]*data.Hazard{h}))
	n := 1 << 12
	w := Window{X: n - 2, Y: -1, W: 4, H: 3, Zoom: 12}
	got := f.Pool(w)
	if diff := cmp.Diff(got, PoolWindow(w, hangzhouCuts, reachingIn([]*data.Hazard{h}))); diff != "" {
		t.Fatal(diff)
	}
	if r, _ := At(orb.Point{180, 84.99}, slices.Values([]*data.Hazard{h})); r.PerYear() != 1e-5 {
		t.Errorf("at the corner itself: %v", r.PerYear())
	}
	if got[0].Counts[0] != 1<<16 || got[2].Max != 0 {
		t.Errorf("cells outside the world: %+v %+v", got[0], got[2])
	}
	c := CellAt(orb.Point{180, 84.99}, BaseZoom)
	if r, _ := AtCell(c, slices.Values([]*data.Hazard{h})); c.X != 1<<BaseZoom-1 || r.PerYear() != 1e-5 {
		t.Errorf("the last column's cell %v: %v", c, r.PerYear())
	}
}

func TestAnyHistoryGivesTheSameField(t *testing.T) {
	for seed := range many(15) {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		m := citytest.NewMaker(rng, orb.Bound{Min: orb.Point{120.15, 30.25}, Max: orb.Point{120.19, 30.28}})
		f := NewField(hangzhouCuts, slices.Values([]*data.Hazard(nil)))
		held := map[data.ID]*data.Hazard{}
		for range 1 + rng.IntN(6) {
			var swaps []Swap
			for range 1 + rng.IntN(5) {
				id := citytest.ID(rng.IntN(12))
				s := Swap{Old: held[id]}
				switch {
				case s.Old == nil:
					s.New = m.Hazard(id)
				case rng.IntN(3) > 0:
					s.New = m.Changed(s.Old)
				}
				if s.New == nil {
					delete(held, id)
				} else {
					held[id] = s.New
				}
				swaps = append(swaps, s)
			}
			f = f.Apply(swaps...)
		}
		var hs []*data.Hazard
		for _, h := range held {
			hs = append(hs, h)
		}
		sameField(t, f, NewField(hangzhouCuts, slices.Values(hs)))
		var all []Swap
		for _, h := range hs {
			all = append(all, Swap{Old: h})
		}
		if gone := f.Apply(all...); len(gone.regions) != 0 {
			t.Errorf("%d blocks left after all was taken back", gone.Blocks())
		}
	}
}

func TestApplyLeavesTheOldField(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 4))
	hs := citytest.Hazards(rng, 40, town)
	f := NewField(hangzhouCuts, slices.Values(hs))
	twin := NewField(hangzhouCuts, slices.Values(hs))
	g := f.Apply(Swap{Old: hs[3]}, Swap{New: citytest.NewMaker(rng, town).Hazard("X")})
	sameField(t, f, twin)
	if reflect.DeepEqual(f, g) {
		t.Error("nothing changed")
	}
	shared := 0
	for at, r := range g.regions {
		for i, b := range r.blocks {
			if old := f.regions[at]; b != nil && old != nil && old.blocks[i] == b {
				shared++
			}
		}
	}
	if shared == 0 {
		t.Error("no block is shared with the field before")
	}
}

func TestLevelAreas(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 5))
	hs := citytest.Hazards(rng, 60, town)
	f := NewField(hangzhouCuts, slices.Values(hs))
	star := orb.Polygon{
		{{120.09, 30.19}, {120.16, 30.24}, {120.23, 30.20}, {120.18, 30.26}, {120.2, 30.32}, {120.11, 30.29}, {120.09, 30.19}},
		{{120.14, 30.25}, {120.15, 30.27}, {120.17, 30.25}, {120.14, 30.25}},
	}
	for _, mp := range []orb.MultiPolygon{{star}, {{{{120.1, 30.2}, {120.1, 30.3}, {120.21, 30.3}, {120.21, 30.2}, {120.1, 30.2}}}}} {
		var want [5]float64
		b := mp.Bound()
		nw, se := CellAt(orb.Point{b.Min[0], b.Max[1]}, BaseZoom), CellAt(orb.Point{b.Max[0], b.Min[1]}, BaseZoom)
		w := Window{X: int(nw.X), Y: int(nw.Y), W: int(se.X-nw.X) + 1, H: int(se.Y-nw.Y) + 1, Zoom: BaseZoom}
		for i, p := range f.Pool(w) {
			c := Cell{uint32(w.X + i%w.W), uint32(w.Y + i/w.W), BaseZoom}
			if data.Contains(mp[0], c.Centre()) {
				box := c.Bound()
				side := data.Distance(orb.Point{box.Min[0], c.Centre()[1]}, orb.Point{box.Max[0], c.Centre()[1]})
				want[hangzhouCuts.Level(p.Max)] += side * side
			}
		}
		got := f.LevelAreas(mp)
		all := 0.0
		for l := range want {
			all += want[l]
		}
		for l := range want {
			if d := got[l] - want[l]; d > 2e-4*want[l]+1e-6*all || -d > 2e-4*want[l]+1e-6*all {
				t.Errorf("level %d: %.0f m², brute force %.0f", l, got[l], want[l])
			}
		}
		if want[0] == 0 || want[3] == 0 {
			t.Fatalf("the test has no ground of some level: %v", want)
		}
	}
}
