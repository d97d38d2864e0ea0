package index

import (
	"iter"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Nearest gives the active hazards that match by ground distance in metres to
// their shape (data.Nearest; 0 inside an area), then by id. It is lazy: taking
// the first ten costs little in a city of any size.
func (s *Snapshot) Nearest(p orb.Point, f data.Filter) iter.Seq2[*data.Hazard, float64] {
	return func(yield func(*data.Hazard, float64) bool) {
		s.roll.nearest(p, s.classes.selection(f), yield)
	}
}

// boxFloor is a distance in metres that no place of the box falls short of. For a
// place of the box dLat and dLon are at least the gaps, and the cosine of the
// mean latitude is at least that of the mean furthest from the equator. It is
// taken a little shorter because Nearest rounds places on edges.
func boxFloor(p orb.Point, lo, hi [2]float64) float64 {
	lon := max(lo[0]-p[0], p[0]-hi[0], 0)
	lat := max(lo[1]-p[1], p[1]-hi[1], 0)
	d := lat
	if lon > 0 {
		mean := max(math.Abs(p[1]+lo[1]), math.Abs(p[1]+hi[1]))
		east := lon * math.Cos(mean*(math.Pi/360))
		d = math.Sqrt(lat*lat + east*east)
	}
	return max(0, d*(data.MetresPerDegree*(1-1e-9))-1e-6)
}

// candidate is a thing at a distance.
type candidate[T any] struct {
	thing  T
	metres float64
}

// candidates is a binary heap, the nearest at index 0, of equally near ones the
// first by before. It is not container/heap, which boxes every element.
type candidates[T any] struct {
	list   []candidate[T]
	before func(a, b T) bool
}

func (h *candidates[T]) less(a, b candidate[T]) bool {
	if a.metres != b.metres {
		return a.metres < b.metres
	}
	return h.before(a.thing, b.thing)
}

// nearer reports whether something nearer than the metres is held.
func (h *candidates[T]) nearer(metres float64) bool {
	return len(h.list) > 0 && h.list[0].metres < metres
}

func (h *candidates[T]) push(thing T, metres float64) {
	h.list = append(h.list, candidate[T]{thing, metres})
	s := h.list
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(s[i], s[up]) {
			return
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

func (h *candidates[T]) pop() (T, float64) {
	s := h.list
	first, last := s[0], len(s)-1
	s[0], s[last] = s[last], candidate[T]{}
	s = s[:last]
	h.list = s
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h.less(s[child], s[least]) {
				least = child
			}
		}
		if least == i {
			return first.thing, first.metres
		}
		s[i], s[least] = s[least], s[i]
		i = least
	}
}
