package index

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// stock has hazards to draw from, more than a few levels of a packed tree.
func stock() []*data.Hazard { return citytest.Hazards(newRand(81), 3000, citytest.Bound) }

// Whatever was added, moved and removed, and whenever the delta was merged, each
// state of the past and the present answers as a look at every hazard does.
func TestPackedWithDeltaIsAListOfHazards(t *testing.T) {
	tax, all := citytest.Taxonomy(), stock()
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		m := citytest.NewMaker(rng, citytest.Bound)
		n := rapid.SampledFrom([]int{0, 1, 15, 17, 300, 2500}).Draw(t, "hazards")
		city := map[data.ID]*data.Hazard{}
		for _, h := range all[:n] {
			city[h.ID] = h
		}
		s := newSnapshot(tax).next(news(slices.SortedFunc(maps.Values(city), byID)))
		merges := newMerging(func(*roll) bool { return rng.IntN(3) == 0 })
		defer merges.wait()
		first, firstCity := s, maps.Clone(city)
		for range rapid.IntRange(0, 8).Draw(t, "batches") {
			var batch []data.Change
			for range rapid.SampledFrom([]int{1, 2, 30, 150}).Draw(t, "changes") {
				id := citytest.ID(rng.IntN(n + 20))
				if rng.IntN(3) == 0 {
					delete(city, id)
					batch = append(batch, data.Change{ID: id})
				} else {
					city[id] = m.Hazard(id)
					batch = append(batch, record(city[id]))
				}
			}
			if rng.IntN(2) == 0 {
				merges.wait() // else the merge may be taken over later
			}
			s = merges.finished(s)
			changes := s.resolve(batch)
			s = s.next(changes)
			merges.saw(s, changes)
		}
		isList(t, rng, tax, s, city)
		isList(t, rng, tax, first, firstCity)
	})
}

// isList compares answers with looks at every hazard.
func isList(t *rapid.T, rng *rand.Rand, tax *data.Taxonomy, s *Snapshot, city map[data.ID]*data.Hazard) {
	hs := slices.SortedFunc(maps.Values(city), byID)
	if s.Len() != len(hs) || !slices.Equal(slices.Collect(s.All(data.All(), "")), hs) {
		t.Fatalf("%d hazards, want %d", s.Len(), len(hs))
	}
	for i := range 20 {
		id := citytest.ID(i * 7)
		if h, ok := s.Get(id); h != city[id] || ok != (h != nil) {
			t.Fatalf("%s: %v, want %v", id, h, city[id])
		}
	}
	for range 4 {
		f, b := randomFilter(rng, tax), randomTile(rng, hs).Bound()
		after := citytest.ID(rng.IntN(len(hs) + 5))
		var within, reaching, later []data.ID
		for _, h := range hs {
			if f.Match(h) && h.ID > after {
				later = append(later, h.ID)
			}
			if f.Match(h) && h.Status == data.Active && b.Intersects(h.Bound()) {
				within = append(within, h.ID)
			}
			if f.Match(h) && h.Status == data.Active && b.Intersects(h.Extent()) {
				reaching = append(reaching, h.ID)
			}
		}
		if got := sortedIDs(s.Within(b, f)); !slices.Equal(got, within) {
			t.Fatalf("Within %v %+v: %d, want %d", b, f, len(got), len(within))
		}
		if got := sortedIDs(s.Reaching(b, f)); !slices.Equal(got, reaching) {
			t.Fatalf("Reaching %v %+v: %d, want %d", b, f, len(got), len(reaching))
		}
		if got := ids(s.All(f, after)); !slices.Equal(got, later) {
			t.Fatalf("All after %s: %d, want %d", after, len(got), len(later))
		}
		isSorted(t, s, hs, citytest.Bound.Center(), f)
		if len(hs) > 0 {
			isSorted(t, s, hs, hs[rng.IntN(len(hs))].Label(), f)
		}
	}
}

// isSorted compares the nearest with the sorted list, up to some number of them.
func isSorted(t *rapid.T, s *Snapshot, hs []*data.Hazard, p orb.Point, f data.Filter) {
	want := bruteNearest(hs, p, f)
	most := rapid.SampledFrom([]int{1, 10, 10_000}).Draw(t, "most")
	i := 0
	for h, d := range s.Nearest(p, f) {
		if i >= len(want) || h != want[i].thing || d != want[i].metres {
			t.Fatalf("%v %+v: at %d %s at %v m, want %v", p, f, i, h.ID, d, want[i:min(i+1, len(want))])
		}
		if i++; i == most {
			return
		}
	}
	if i != len(want) {
		t.Fatalf("%v %+v: %d hazards, want %d", p, f, i, len(want))
	}
}

// Each node's box and mark hold what lies below, and the curve visits every
// active hazard once.
func TestPackedNodesHoldWhatLiesBelow(t *testing.T) {
	s := newSnapshot(citytest.Taxonomy()).next(news(stock()))
	p := s.roll.base
	for leaf, it := range p.extents.items {
		if it != p.items[p.extents.places[leaf]] || p.extents.leaves[leaf] != it.hazard.Extent() {
			t.Fatalf("%s is at a leaf of another", it.hazard.ID)
		}
	}
	for name, f := range map[string]*forest{"shapes": &p.shapes, "extents": &p.extents, "pieces": &p.pieces} {
		leaves, deepest := 0, 0
		for _, tr := range f.trees {
			if tr.first != leaves || len(tr.levels) != len(tr.marks) {
				t.Fatalf("%s: a tree of %d and %d levels from %d, want it from %d", name, len(tr.levels), len(tr.marks), tr.first, leaves)
			}
			leaves, deepest = leaves+len(tr.levels[0]), max(deepest, len(tr.levels))
			for leaf := range tr.levels[0] {
				it := p.items[f.place(tr.first+leaf)]
				for level, i := 0, leaf; level < len(tr.levels); level, i = level+1, i/fan {
					if !holds(&tr.levels[level][i], &f.leaves[tr.first+leaf]) {
						t.Fatalf("%s: a leaf of %s sticks out of level %d", name, it.hazard.ID, level)
					}
					if level > 0 {
						all := tr.marks[level][i]
						if all.join(markOf(&it.hazard.Class)); all != tr.marks[level][i] {
							t.Fatalf("%s: the class of %s is not marked at level %d", name, it.hazard.ID, level)
						}
					}
				}
			}
		}
		if leaves != len(f.leaves) || deepest < 2 {
			t.Errorf("%s: %d leaves in trees of %d, %d levels", name, leaves, len(f.leaves), deepest)
		}
	}
	for place, it := range p.items[:p.active] {
		if it.hazard.Status != data.Active || p.shapes.leaves[place] != it.hazard.Bound() || place < p.small != (bandOf(&p.shapes.leaves[place]) == 0) {
			t.Fatalf("%s is out of place", it.hazard.ID)
		}
	}
	seen := map[uint32]bool{}
	for _, place := range p.byID {
		seen[place] = true
	}
	if len(seen) != len(p.items) || len(p.items) != 3000 {
		t.Errorf("%d places of %d", len(seen), len(p.items))
	}
}

// Neighbours on the curve are neighbours on the ground.
func TestHilbertGoesFromCellToCell(t *testing.T) {
	at := map[uint32][2]uint32{}
	for x := range uint32(64) {
		for y := range uint32(64) {
			at[hilbert(x, y)] = [2]uint32{x, y}
		}
	}
	for d := range uint32(64*64 - 1) {
		a, ok := at[d]
		b, also := at[d+1]
		if dx, dy := int(a[0])-int(b[0]), int(a[1])-int(b[1]); !ok || !also || dx*dx+dy*dy != 1 {
			t.Fatalf("from %v to %v at %d", a, b, d)
		}
	}
}

func TestTombsLeaveTheirPastAlone(t *testing.T) {
	rng := newRand(82)
	type state struct {
		tombs
		want map[uint32]bool
	}
	const places = 3 * 4096
	states := []state{{newTombs(places), map[uint32]bool{}}}
	for range 40 {
		last := states[len(states)-1]
		next := state{last.fork(), maps.Clone(last.want)}
		for range rng.IntN(30) {
			place := uint32(rng.IntN(places))
			next.add(place)
			next.want[place] = true
		}
		states = append(states, next)
	}
	for i, s := range states {
		for place := range uint32(places) {
			if s.has(place) != s.want[place] {
				t.Fatalf("state %d: %d is %v", i, place, s.has(place))
			}
		}
		if s.n != len(s.want) {
			t.Fatalf("state %d has %d, want %d", i, s.n, len(s.want))
		}
	}
}

func TestPlaceSetIsASet(t *testing.T) {
	rng := newRand(83)
	var s placeSet
	for range 5 {
		want := map[uint32]bool{}
		for range rng.IntN(6000) {
			place := uint32(rng.IntN(4000)) * 512
			if s.add(place) == want[place] {
				t.Fatalf("%d was new: %t", place, want[place])
			}
			want[place] = true
		}
		s.reset()
	}
}
