package riskgrid

import (
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// selector fills a selection of a filter as it is asked, from a list of hazards.
type selector struct {
	filter data.Filter
	kept   *Selection
	pieces int
}

func (q *selector) field(f *Field, hs []*data.Hazard, w Window, but bool) *Field {
	for _, g := range q.kept.Gaps(f, w) {
		var in, out []*data.Hazard
		if b, ok := g.Bound(); ok {
			for h := range reachingIn(hs)(b) {
				if q.filter.Match(h) {
					in = append(in, h)
				} else {
					out = append(out, h)
				}
			}
		}
		q.pieces++
		if but {
			q.kept = q.kept.With(f.SelectBut(g, 2, out))
		} else {
			q.kept = q.kept.With(f.Select(g, 2, in))
		}
	}
	out, ok := q.kept.Read(f, w)
	if !ok {
		panic("gaps were filled, and the window cannot be read")
	}
	return out
}

// randomWindow is some cells of a zoom from 11 to 20 where the town is.
func randomWindow(rng *rand.Rand, ground orb.Bound) Window {
	zoom := uint8(regionZoom + rng.IntN(BaseZoom-regionZoom+1))
	p := orb.Point{ground.Min[0] + rng.Float64()*(ground.Max[0]-ground.Min[0]), ground.Min[1] + rng.Float64()*(ground.Max[1]-ground.Min[1])}
	c := CellAt(p, zoom)
	side := 1 + rng.IntN(min(40, 1<<(zoom-regionZoom)*4))
	return Window{X: int(c.X) - rng.IntN(side), Y: int(c.Y) - rng.IntN(side), W: side, H: 1 + rng.IntN(side), Zoom: zoom}
}

func selectedOf(f data.Filter, hs []*data.Hazard) func(orb.Bound) iter.Seq[*data.Hazard] {
	return reachingIn(slices.DeleteFunc(slices.Clone(hs), func(h *data.Hazard) bool { return !f.Match(h) }))
}

// Cities change at random, in thought as well; selections are asked at random
// moments and always say what PoolWindow says.
func TestSelectionsEqualPoolWindow(t *testing.T) {
	ground := orb.Bound{Min: orb.Point{120.10, 30.20}, Max: orb.Point{120.30, 30.35}}
	asked, pieces := 0, 0
	for seed := range many(2) {
		rng := rand.New(rand.NewPCG(uint64(seed), 9))
		m := citytest.NewMaker(rng, ground)
		type town struct {
			field *Field
			held  map[data.ID]*data.Hazard
		}
		first := town{NewFieldOf([CriteriaCount]Cuts{hangzhouCuts, NewCuts([4]float64{1e-9, 3e-7, 3e-6, 1e-5})}, slices.Values([]*data.Hazard(nil))), map[data.ID]*data.Hazard{}}
		change := func(c town, n int) town {
			next := town{held: map[data.ID]*data.Hazard{}}
			for id, h := range c.held {
				next.held[id] = h
			}
			var swaps []Swap
			for range n {
				id := citytest.ID(rng.IntN(60))
				s := Swap{Old: next.held[id]}
				switch {
				case s.Old == nil:
					s.New = m.Hazard(id)
				case rng.IntN(3) == 0: // the same risk in another class
					h := *s.Old
					h.Level = data.Level(1 + rng.IntN(4))
					h.Districts[0] = data.District(rng.IntN(5))
					s.New = citytest.Seal(h)
				case rng.IntN(2) == 0:
					s.New = m.Changed(s.Old)
				}
				delete(next.held, id)
				if s.New != nil {
					next.held[id] = s.New
				}
				swaps = append(swaps, s)
			}
			next.field = c.field.Apply(swaps...)
			return next
		}
		city := change(first, 50)
		views := []town{city, change(city, 3), change(city, 3)}
		var filters []*selector
		for range 3 {
			f := data.All()
			f.Industries, f.Levels = data.Set(rng.Uint64()), data.Set(rng.Uint64()|2)
			filters = append(filters, &selector{filter: f, kept: &Selection{}})
		}
		for range 30 {
			if rng.IntN(3) == 0 {
				city = change(city, 1+rng.IntN(3))
				views[0], views[1+rng.IntN(2)] = city, change(city, 2)
			}
			c := views[rng.IntN(3)]
			var hs []*data.Hazard
			for _, h := range c.held {
				hs = append(hs, h)
			}
			q, w := filters[rng.IntN(3)], randomWindow(rng, ground)
			got := q.field(c.field, hs, w, rng.IntN(2) == 0)
			for crit := range CriteriaCount {
				if diff := cmp.Diff(got.PoolBy(w, crit), PoolWindow(w, c.field.cuts[crit], selectedOf(q.filter, hs))); diff != "" {
					t.Fatalf("seed %d %v: the selection and PoolWindow differ:\n%s", seed, w, diff)
				}
			}
			checkMaxima(t, got, w)
			asked++
		}
		for _, q := range filters {
			checkBytes(t, q.kept)
			pieces += q.pieces
		}
	}
	if pieces >= asked*2 {
		t.Errorf("%d pieces were made for %d questions: nothing was kept", pieces, asked)
	}
}

func checkMaxima(t *testing.T, f *Field, w Window) {
	t.Helper()
	most := make([]Risk, w.W*w.H)
	f.Maxima(most, w)
	for i, p := range f.Pool(w) {
		if most[i] != p.Max {
			t.Fatalf("cell %d of %v: maximum %d, pooled %d", i, w, most[i], p.Max)
		}
	}
}

// checkBytes weighs a selection anew: no block twice, and all of them.
func checkBytes(t *testing.T, s *Selection) {
	t.Helper()
	var want int64
	seen := map[*block]bool{}
	for _, versions := range s.regions {
		if len(versions) > mostVersions {
			t.Errorf("%d versions of a region", len(versions))
		}
		for _, v := range versions {
			for _, b := range v.region.blocks {
				if b != nil && !seen[b] {
					seen[b] = true
					want += b.bytes()
				}
			}
		}
	}
	if s.Bytes() < want || s.Bytes() > 3*want+100_000 {
		t.Errorf("a selection of %d bytes in blocks says that it takes %d", want, s.Bytes())
	}
}

// Numbers of every width come back from a plot as they were put in.
func TestPlotsHoldNumbersOfEveryWidth(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	cuts := [CriteriaCount]Cuts{hangzhouCuts, hangzhouCuts}
	for width := range 64 {
		for range 4 {
			var m mason
			for range 1 + rng.IntN(blockCells) {
				m.ground[rng.IntN(blockCells)] = Risk(rng.Uint64() >> (63 - width) >> rng.IntN(2) >> 1)
			}
			if m.ground == [blockCells]Risk{} {
				continue
			}
			want, b := m.ground, m.block(1, &cuts)
			var got [blockCells]Risk
			b.unpack(&got)
			if got != want {
				t.Fatalf("width %d: cells come back as others", width)
			}
			for range 50 {
				i := rng.IntN(blockCells)
				if b.cell(i) != want[i] {
					t.Fatalf("width %d cell %d: %d, want %d", width, i, b.cell(i), want[i])
				}
			}
			f := &Field{cuts: cuts, regions: map[place]*region{{0, 0}: {blocks: [regionBlocks]*block{b}}}}
			for zoom := uint8(blockZoom); zoom <= BaseZoom; zoom++ {
				w := Window{W: 1, H: 1, Zoom: blockZoom}.at(zoom)
				k := BaseZoom - zoom
				most := make([]Risk, w.W*w.H)
				f.Maxima(most, w)
				for i, p := range f.Pool(w) {
					var cells []Risk
					for y := i / w.W << k; y < (i/w.W+1)<<k; y++ {
						cells = append(cells, want[y<<blockShift+i%w.W<<k:][:1<<k]...)
					}
					brute := brutePool(cells, hangzhouCuts)
					if width > 50 { // sums stay at the greatest
						brute.Sum = 0
						for _, r := range cells {
							brute.Sum = brute.Sum.plus(r)
						}
					}
					if p != brute || most[i] != p.Max {
						t.Fatalf("width %d zoom %d cell %d: %+v, brute force %+v", width, zoom, i, p, brute)
					}
				}
			}
		}
	}
}

func TestBlocksOfABoxAreCellAts(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for range many(2000) {
		x, y := rng.IntN(1<<blockZoom+1), rng.IntN(1<<blockZoom+1)
		p := orb.Point{rng.Float64()*362 - 181, rng.Float64()*178 - 89}
		if rng.IntN(2) == 0 { // a corner of blocks
			p = orb.Point{edgeLon(float64(x), blockZoom), edgeLat(float64(y), blockZoom)}
		}
		c := CellAt(p, blockZoom)
		if w := blocksOf(orb.Bound{Min: p, Max: p}); w != c.window() {
			t.Fatalf("%v lies in block %v, want %v", p, w, c)
		}
	}
}
