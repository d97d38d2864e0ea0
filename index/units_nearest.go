package index

import (
	"iter"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// UnitsWithin gives the units of a kind whose shape's box meets the bound, in no
// order. They are shared and not to be changed.
func (s *Snapshot) UnitsWithin(kind string, b orb.Bound) iter.Seq[*data.Unit] {
	return func(yield func(*data.Unit) bool) {
		set := s.units[kind]
		if set == nil {
			return
		}
		set.tree.Search(b.Min, b.Max, func(_, _ [2]float64, i int) bool { return yield(&set.units[i]) })
	}
}

// NearestUnits gives the units of a kind that are wanted by ground distance in
// metres to their shape (data.Nearest; 0 inside an area), then by code. wanted
// nil wants all; it is asked at most once a unit. It is lazy as Nearest is, and
// the units are shared and not to be changed.
func (s *Snapshot) NearestUnits(kind string, p orb.Point, wanted func(*data.Unit) bool) iter.Seq2[*data.Unit, float64] {
	return func(yield func(*data.Unit, float64) bool) {
		set := s.units[kind]
		if set == nil {
			return
		}
		found := candidates[int]{before: func(a, b int) bool { return set.units[a].Code < set.units[b].Code }}
		more := true
		give := func() {
			i, metres := found.pop()
			more = yield(&set.units[i], metres)
		}
		set.tree.Nearby(func(lo, hi [2]float64, i int, isItem bool) float64 {
			if isItem && wanted != nil && !wanted(&set.units[i]) {
				return math.Inf(1)
			}
			return boxFloor(p, lo, hi)
		}, func(_, _ [2]float64, i int, floor float64) bool {
			if math.IsInf(floor, 1) { // only what is not wanted is left
				return false
			}
			for more && found.nearer(floor) {
				give()
			}
			if more {
				_, metres := data.Nearest(set.units[i].Shape, p)
				found.push(i, metres)
			}
			return more
		})
		for more && len(found.list) > 0 {
			give()
		}
	}
}
