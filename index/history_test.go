package index

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// state is all that a snapshot says of its hazards, with classes in words, so
// that two snapshots with different pasts can be compared.
type state struct {
	All            []data.ID
	Hazards        map[data.ID]*data.Hazard
	Shapes, Extent []data.ID
	Counts         map[data.Class]int
	Sums           map[sumKey]uint64
	Reach          []uint64
}

type sumKey struct {
	group int
	tile  uint32
	class data.Class
}

// diffOf tells how two states differ, "" when they do not; the slow library only
// where there is something to tell.
func diffOf(a, b state) string {
	if slices.Equal(a.All, b.All) && maps.Equal(a.Hazards, b.Hazards) && slices.Equal(a.Shapes, b.Shapes) &&
		slices.Equal(a.Extent, b.Extent) && maps.Equal(a.Counts, b.Counts) && maps.Equal(a.Sums, b.Sums) && slices.Equal(a.Reach, b.Reach) {
		return ""
	}
	return "differ:\n" + cmp.Diff(a, b, cmp.Comparer(func(a, b *data.Hazard) bool { return a == b }))
}

func stateOf(s *Snapshot) state {
	everywhere := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	out := state{
		All:     ids(s.All(data.All(), "")),
		Hazards: map[data.ID]*data.Hazard{},
		Shapes:  sortedIDs(s.Within(everywhere, data.All())),
		Extent:  sortedIDs(s.Reaching(everywhere, data.All())),
		Counts:  maps.Collect(s.Classes()),
		Sums:    map[sumKey]uint64{},
		Reach:   s.reach,
	}
	for _, id := range out.All {
		out.Hazards[id], _ = s.Get(id)
	}
	for g, p := range s.prints {
		p.Scan(func(run uint64, es []entry) bool {
			tile := uint32(run >> 32)
			if len(es) == 0 || es[0].class < uint32(run) {
				panic("an entry before its run, or none")
			}
			if !slices.IsSortedFunc(es, func(a, b entry) int { return int(a.class) - int(b.class) }) {
				panic("entries out of order")
			}
			for _, e := range es {
				out.Sums[sumKey{g, tile, s.classes.list[e.class]}] = e.sum
			}
			return true
		})
	}
	return out
}

// Whatever happened before, a snapshot is the one that loading its hazards gives,
// and the snapshots before it stay as they were.
func TestHistoryLeavesNoTrace(t *testing.T) {
	tax := citytest.Taxonomy()
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		m := citytest.NewMaker(rng, citytest.Bound)
		city := map[data.ID]*data.Hazard{}
		s := newSnapshot(tax)
		var first *Snapshot
		var firstState state
		for step := range rapid.IntRange(1, 6).Draw(t, "batches") {
			if rapid.IntRange(0, 3).Draw(t, "districts") == 0 {
				s = districtsOf(t, s, tax, rng.IntN(3))
			}
			var batch []data.Change
			for range rapid.SampledFrom([]int{0, 1, 3, 20, 300}).Draw(t, "size") {
				id := citytest.ID(rng.IntN(200))
				switch old := city[id]; {
				case rng.IntN(4) == 0:
					delete(city, id)
					batch = append(batch, data.Change{ID: id})
					continue
				case old != nil && rng.IntN(2) == 0:
					city[id] = m.Changed(old)
				default:
					city[id] = m.Hazard(id)
				}
				batch = append(batch, record(city[id]))
			}
			s = s.next(s.resolve(batch))
			if step == 0 {
				first, firstState = s, stateOf(s)
			}
		}
		fresh := newSnapshot(tax)
		if set := s.units[s.districtKind]; set != nil {
			fresh, _ = fresh.withUnits(tax, s.districtKind, set.units)
		}
		fresh = fresh.next(news(slices.SortedFunc(maps.Values(city), byID)))
		if diff := diffOf(stateOf(fresh), stateOf(s)); diff != "" {
			t.Fatalf("loaded (-) and lived (+) %s", diff)
		}
		if diff := diffOf(firstState, stateOf(first)); diff != "" {
			t.Fatalf("the first snapshot changed:\n%s", diff)
		}
		for range 12 {
			tile, f := randomTile(rng, nil), randomFilter(rng, tax)
			for l := range data.LayerCount {
				if a, b := fresh.Fingerprint(tile, l, f), s.Fingerprint(tile, l, f); a != b {
					t.Fatalf("%v %s %+v: loaded %x, lived %x", tile, l, f, a, b)
				}
			}
			if a, b := fresh.Count(f), s.Count(f); a != b {
				t.Fatalf("%+v: loaded %v, lived %v", f, a, b)
			}
		}
	})
}

func byID(a, b *data.Hazard) int {
	if a.ID < b.ID {
		return -1
	}
	return 1
}

// districtsOf gives the city no districts, its own, or those with one moved.
func districtsOf(t *rapid.T, s *Snapshot, tax *data.Taxonomy, which int) *Snapshot {
	units := citytest.Districts("2021", citytest.Bound)
	switch which {
	case 0:
		units = nil
	case 1:
		ring := units[4].Shape.(orb.Polygon)[0]
		ring[1][0] += 0.02
	}
	n, err := s.withUnits(tax, s.districtKind, units)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestQueriesEqualLinearScans(t *testing.T) {
	rng, tax := newRand(41), citytest.Taxonomy()
	hs := citytest.Hazards(rng, 800, citytest.Bound)
	s := cityOf(t, hs)
	scan := func(active bool, keep func(h *data.Hazard) bool) []data.ID {
		var out []data.ID
		for _, h := range hs {
			if (!active || h.Status == data.Active) && keep(h) {
				out = append(out, h.ID)
			}
		}
		return out
	}
	for range 200 {
		f, b := randomFilter(rng, tax), randomTile(rng, hs).Bound()
		after := citytest.ID(rng.IntN(900) - 50)
		for _, c := range []struct {
			name      string
			got, want []data.ID
		}{
			{"Within", sortedIDs(s.Within(b, f)), scan(true, func(h *data.Hazard) bool { return f.Match(h) && b.Intersects(h.Bound()) })},
			{"Reaching", sortedIDs(s.Reaching(b, f)), scan(true, func(h *data.Hazard) bool { return f.Match(h) && b.Intersects(h.Extent()) })},
			{"All", ids(s.All(f, "")), scan(false, f.Match)},
			{"All after", ids(s.All(f, after)), scan(false, func(h *data.Hazard) bool { return f.Match(h) && h.ID > after })},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%s %v %+v: %v, want %v", c.name, b, f, c.got, c.want)
			}
		}
		var want [5]int
		for _, h := range hs {
			if h.Status == data.Active && f.Match(h) {
				want[h.Level]++
			}
		}
		if got := s.Count(f); got != want {
			t.Errorf("Count %+v: %v, want %v", f, got, want)
		}
	}
	for range s.All(data.All(), "") { // readers may stop anywhere
		break
	}
	for range s.Within(citytest.Bound, data.All()) {
		break
	}
	for range s.Classes() {
		break
	}
}

func TestWithIsPrivate(t *testing.T) {
	rng := newRand(42)
	hs := citytest.Hazards(rng, 120, citytest.Bound)
	s := cityOf(t, hs)
	before := stateOf(s)
	m := citytest.NewMaker(rng, citytest.Bound)
	extra := m.Hazard("what-if")
	n := s.With(record(extra), data.Change{ID: hs[3].ID}, record(m.Hazard(hs[4].ID)), data.Change{ID: "nobody"})
	if n.Len() != len(hs) || n.Revision() != s.Revision() {
		t.Errorf("%d hazards at revision %d", n.Len(), n.Revision())
	}
	if h, ok := n.Get("what-if"); !ok || h != extra {
		t.Error("the added hazard is not there")
	}
	if _, ok := n.Get(hs[3].ID); ok {
		t.Error("the removed hazard is there")
	}
	if diff := diffOf(before, stateOf(s)); diff != "" {
		t.Errorf("the base changed:\n%s", diff)
	}
	back := n.With(data.Change{ID: "what-if"}, record(hs[3]), record(hs[4]))
	if diff := diffOf(before, stateOf(back)); diff != "" {
		t.Errorf("taking it back does not restore:\n%s", diff)
	}
}

func TestResolveTakesTheLastOfAnID(t *testing.T) {
	rng := newRand(43)
	hs := citytest.Hazards(rng, 3, citytest.Bound)
	s := cityOf(t, hs[:2])
	m := citytest.NewMaker(rng, citytest.Bound)
	a, b := m.Hazard(hs[0].ID), m.Hazard(hs[0].ID)
	got := s.resolve([]data.Change{
		record(a), record(hs[2]), {ID: hs[1].ID}, record(b), {ID: hs[2].ID}, {ID: "nobody"}})
	want := []Change{{hs[0], b}, {hs[1], nil}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
