package index

import (
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// A crowd is the sum over a look at each hazard, whatever the radius, the filter
// and the changes since the city was packed.
func TestCrowdIsTheSumOverEach(t *testing.T) {
	rng, tax := newRand(31), citytest.Taxonomy()
	hs := citytest.Hazards(rng, 3000, citytest.Bound)
	for i, h := range hs {
		c := *h
		if rng.IntN(4) > 0 {
			c.Exposed = data.Exposed{Day: int32(rng.IntN(1000)), Night: int32(rng.IntN(500)), Known: true}
		}
		if rng.IntN(2) == 0 {
			c.Shape, c.Scenarios = c.Label(), nil
		}
		hs[i] = citytest.Seal(c)
	}
	s := cityOf(t, hs)
	now := map[data.ID]*data.Hazard{}
	for _, h := range hs {
		now[h.ID] = h
	}
	check := func(s *Snapshot) (found int) {
		t.Helper()
		for range 150 {
			p := orb.Point{119.9 + rng.Float64()*0.6, 30 + rng.Float64()*0.6}
			if rng.IntN(3) == 0 {
				p = hs[rng.IntN(len(hs))].Label()
			}
			metres := []float64{0, 30, 1000, 7000, 20000, 60000, 5e6}[rng.IntN(7)] * (0.5 + rng.Float64())
			f := randomFilter(rng, tax)
			if rng.IntN(3) == 0 {
				f = data.All()
			}
			var want Crowd
			for _, h := range now {
				if _, d := data.Nearest(h.Shape, p); h.Status == data.Active && f.Match(h) && d <= metres {
					want.Add(h)
				}
			}
			if got := s.Crowd(p, metres, f); got != want {
				t.Fatalf("%v m of %v, %+v: %+v, want %+v", metres, p, f, got, want)
			}
			found += want.Known
		}
		return found
	}
	if n := check(s); n < 10_000 {
		t.Errorf("%d hazards met", n)
	}
	var changes []data.Change
	m := citytest.NewMaker(rng, citytest.Bound)
	for i := range 25 { // fewer than are packed anew
		h := hs[rng.IntN(len(hs))]
		if i%3 == 0 {
			delete(now, h.ID)
			changes = append(changes, data.Change{ID: h.ID, If: data.Any})
			continue
		}
		h = m.Hazard(h.ID)
		now[h.ID] = h
		changes = append(changes, data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
	}
	changed := s.With(changes...)
	if changed.roll.dead.n == 0 || changed.roll.added.Len() == 0 {
		t.Fatal("the changes are no delta")
	}
	check(changed)
}

func TestTombsAnyInARange(t *testing.T) {
	rng := newRand(32)
	set := newTombs(20_000)
	for range 12 {
		set.add(uint32(rng.IntN(20_000)))
	}
	hits := 0
	for range 5000 {
		lo := rng.IntN(20_000)
		hi := min(20_000, lo+rng.IntN([]int{2, 70, 300, 9000}[rng.IntN(4)]))
		want := false
		for i := lo; i < hi; i++ {
			want = want || set.has(uint32(i))
		}
		if set.any(lo, hi) != want {
			t.Fatalf("%d to %d: %v", lo, hi, !want)
		}
		if want {
			hits++
		}
	}
	if hits < 100 {
		t.Errorf("%d hits", hits)
	}
}
