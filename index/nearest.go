package index

import (
	"cmp"
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
		sel := s.classes.selection(f)
		var found candidates
		wanted := true
		s.shapes.Nearby(func(lo, hi [2]float64, it item, isItem bool) float64 {
			if isItem && !sel.has(it.class) {
				return math.Inf(1)
			}
			return boxFloor(p, lo, hi)
		}, func(_, _ [2]float64, it item, floor float64) bool {
			if math.IsInf(floor, 1) { // only what does not match is left
				return false
			}
			// What is nearer than the floor of all that is still to come is
			// final; at the same distance an item to come may have a lesser id.
			for wanted && len(found) > 0 && found[0].metres < floor {
				c := found.pop()
				wanted = yield(c.hazard, c.metres)
			}
			if wanted {
				_, d := data.Nearest(it.hazard.Shape, p)
				found.push(candidate{it.hazard, d})
			}
			return wanted
		})
		for wanted && len(found) > 0 {
			c := found.pop()
			wanted = yield(c.hazard, c.metres)
		}
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

type candidate struct {
	hazard *data.Hazard
	metres float64
}

func (c candidate) before(d candidate) bool {
	if c.metres != d.metres {
		return c.metres < d.metres
	}
	return cmp.Less(c.hazard.ID, d.hazard.ID)
}

// candidates is a binary heap, first by before at index 0. It is not
// container/heap, which boxes every element.
type candidates []candidate

func (h *candidates) push(c candidate) {
	*h = append(*h, c)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if !s[i].before(s[up]) {
			return
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

func (h *candidates) pop() candidate {
	s := *h
	first, last := s[0], len(s)-1
	s[0], s[last] = s[last], candidate{}
	s = s[:last]
	*h = s
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if s[child].before(s[least]) {
				least = child
			}
		}
		if least == i {
			return first
		}
		s[i], s[least] = s[least], s[i]
		i = least
	}
}
