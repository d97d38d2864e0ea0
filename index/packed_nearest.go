package index

import (
	"math"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// floors gives distances in metres from p that no place of a box falls short of,
// without a cosine for each box.
type floors struct {
	p        orb.Point
	sin, cos float64 // of p's latitude
}

func newFloors(p orb.Point) floors {
	sin, cos := math.Sincos(p[1] * (math.Pi / 180))
	return floors{p, math.Abs(sin), cos}
}

// to is the floor of a box. The cosine of the mean latitude of p and a place, δ
// from p's, is cos φ cos δ - sin φ sin δ, and so at least cos φ (1 - δ²/2) -
// |sin φ| |δ|. It is taken a little shorter because Nearest rounds places on edges.
func (f *floors) to(b *orb.Bound) float64 {
	lon := max(b.Min[0]-f.p[0], f.p[0]-b.Max[0], 0)
	lat := max(b.Min[1]-f.p[1], f.p[1]-b.Max[1], 0)
	d := lat
	if lon > 0 {
		δ := max(f.p[1]-b.Min[1], b.Max[1]-f.p[1]) * (math.Pi / 360)
		east := lon * max(0, f.cos*(1-δ*δ/2)-f.sin*δ)
		d = math.Sqrt(lat*lat + east*east)
	}
	return max(0, d*(data.MetresPerDegree*(1-1e-9))-1e-6)
}

// near is a node or an item that is still to be looked at.
type near struct {
	floor float64 // metres
	index uint32  // of the level
	level uint32
}

// nearQueue is a binary heap, the nearest at index 0.
type nearQueue []near

func (q *nearQueue) push(n near) {
	s := append(*q, n)
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if s[up].floor <= n.floor {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = n
	*q = s
}

func (q *nearQueue) pop() near {
	s := *q
	first, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*q = s
	if len(s) > 0 {
		s.sink(0, last)
	}
	return first
}

// sink puts n at i or below it, where its place is.
func (q nearQueue) sink(i int, n near) {
	for {
		child := 2*i + 1
		if child >= len(q) {
			break
		}
		if child+1 < len(q) && q[child+1].floor < q[child].floor {
			child++
		}
		if q[child].floor >= n.floor {
			break
		}
		q[i] = q[child]
		i = child
	}
	q[i] = n
}

// nearSearch goes through a packed base outwards from a place.
type nearSearch struct {
	*packed
	dead  *tombs
	sel   *selection
	from  floors
	queue nearQueue
	found candidates[*data.Hazard] // exact distances, also of what the delta has
	yield func(*data.Hazard, float64) bool
}

// nearSearches keeps the memory of searches that ended.
var nearSearches = sync.Pool{New: func() any {
	return &nearSearch{found: candidates[*data.Hazard]{before: func(a, b *data.Hazard) bool { return a.ID < b.ID }}}
}}

func (s *nearSearch) release() {
	clear(s.found.list[:cap(s.found.list)])
	if cap(s.found.list) > 1<<12 {
		s.found.list = nil
	}
	if cap(s.queue) > 1<<14 {
		s.queue = nil
	}
	*s = nearSearch{queue: s.queue[:0], found: candidates[*data.Hazard]{list: s.found.list[:0], before: s.found.before}}
	nearSearches.Put(s)
}

// start queues where to look first.
func (s *nearSearch) start() {
	if s.active == 0 {
		return
	}
	if !s.sel.all && s.count(s.sel, s.few()) <= s.few() {
		for _, class := range s.sel.classes {
			for _, place := range s.ofClass(class) {
				if !s.dead.has(place) {
					s.queue = append(s.queue, near{s.from.to(&s.shapes[0][place]), place, 0})
				}
			}
		}
		for i := len(s.queue)/2 - 1; i >= 0; i-- {
			s.queue.sink(i, s.queue[i])
		}
		return
	}
	top := len(s.shapes) - 1
	s.open(top, 0, len(s.shapes[top]))
}

// open queues what may be wanted of a range of a level.
func (s *nearSearch) open(level, from, to int) {
	boxes := s.shapes[level]
	for i := from; i < to; i++ {
		if level == 0 && s.live(s.dead, uint32(i), s.sel) || level > 0 && s.sel.mayLieIn(&s.marks[level][i]) {
			s.queue.push(near{s.from.to(&boxes[i]), uint32(i), uint32(level)})
		}
	}
}

// advance gives all that is final when only things at limit metres or further are
// still to come from elsewhere, and reports whether more is wanted.
func (s *nearSearch) advance(limit float64) bool {
	for len(s.queue) > 0 && s.queue[0].floor < limit {
		// What is nearer than the floor of all that is still to come is
		// final; at the same distance an item to come may have a lesser id.
		if !s.give(s.queue[0].floor) {
			return false
		}
		switch n := s.queue.pop(); n.level {
		case 0:
			s.found.push(s.items[n.index].hazard, s.metres(n.index))
		default:
			from := int(n.index) * fan
			s.open(int(n.level)-1, from, min(from+fan, len(s.shapes[n.level-1])))
		}
	}
	return s.give(limit)
}

// metres is the exact distance. A box without size has one place, which is the
// nearest whatever the shape.
func (s *nearSearch) metres(place uint32) float64 {
	if b := &s.shapes[0][place]; b.Min == b.Max {
		return data.Distance(s.from.p, b.Min)
	}
	_, d := data.Nearest(s.items[place].hazard.Shape, s.from.p)
	return d
}

func (s *nearSearch) give(limit float64) bool {
	for s.found.nearer(limit) {
		if !s.yield(s.found.pop()) {
			return false
		}
	}
	return true
}

// nearest gives the active items that are selected by distance from p, then by
// id. The base and the delta are gone through side by side.
func (r *roll) nearest(p orb.Point, sel *selection, yield func(*data.Hazard, float64) bool) {
	if !sel.all && len(sel.classes) == 0 {
		return
	}
	s := nearSearches.Get().(*nearSearch)
	defer s.release()
	s.packed, s.dead, s.sel, s.from, s.yield = r.base, &r.dead, sel, newFloors(p), yield
	s.start()
	wanted := true
	if r.shapes.Len() > 0 {
		r.shapes.Nearby(func(lo, hi [2]float64, it item, isItem bool) float64 {
			if isItem && !sel.has(it.class) {
				return math.Inf(1)
			}
			return s.from.to(&orb.Bound{Min: lo, Max: hi})
		}, func(_, _ [2]float64, it item, floor float64) bool {
			if math.IsInf(floor, 1) { // only what does not match is left
				return false
			}
			if wanted = s.advance(floor); wanted {
				_, d := data.Nearest(it.hazard.Shape, p)
				s.found.push(it.hazard, d)
			}
			return wanted
		})
	}
	if wanted && s.advance(math.Inf(1)) {
		for len(s.found.list) > 0 && yield(s.found.pop()) {
		}
	}
}
