package index

import (
	"math"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// floors gives squares of distances in degrees of a meridian from p that no
// place of a box falls short of, without a root or a cosine for each box.
type floors struct {
	p        orb.Point
	sin, cos float64 // of p's latitude
}

func newFloors(p orb.Point) floors {
	sin, cos := math.Sincos(p[1] * (math.Pi / 180))
	return floors{p, math.Abs(sin), cos}
}

// narrow is a square of a cosine, at most that of the mean latitude of p and any
// place of the box: of a mean δ from p's it is cos φ cos δ - sin φ sin δ, and so
// at least cos φ (1 - δ²/2) - |sin φ| |δ|.
func (f *floors) narrow(b *orb.Bound) float64 {
	δ := max(f.p[1]-b.Min[1], b.Max[1]-f.p[1], 0) * (math.Pi / 360)
	cos := max(0, f.cos*(1-δ*δ/2)-f.sin*δ)
	return cos * cos
}

// to is the floor of a box that lies in the one of which narrow is.
func (f *floors) to(b *orb.Bound, narrow float64) float64 {
	lon, lat := b.Min[0]-f.p[0], b.Min[1]-f.p[1]
	if lon < 0 {
		if lon = f.p[0] - b.Max[0]; lon < 0 {
			lon = 0
		}
	}
	if lat < 0 {
		if lat = f.p[1] - b.Max[1]; lat < 0 {
			lat = 0
		}
	}
	return lat*lat + lon*lon*narrow
}

// floorMetres is a floor in metres. It is taken a little shorter because Nearest
// rounds places on edges.
func floorMetres(square float64) float64 {
	return max(0, math.Sqrt(square)*(data.MetresPerDegree*(1-1e-9))-1e-6)
}

// near is a node or a leaf that is still to be looked at.
type near struct {
	floor float64 // a square of floors
	index uint32  // of the level
	level uint16
	tree  uint16 // of the search
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
	every bool // all is selected and nothing dead
	from  floors
	trees []*tree  // that of small shapes, then those of pieces
	done  placeSet // places of which a piece was met
	queue nearQueue
	found candidates[*data.Hazard] // exact distances, also of what the delta has
	yield func(*data.Hazard, float64) bool
}

// nearSearches keeps the memory of searches that ended.
var nearSearches = sync.Pool{New: func() any {
	return &nearSearch{found: candidates[*data.Hazard]{before: func(a, b *data.Hazard) bool { return a.ID < b.ID }}}
}}

func (s *nearSearch) release() {
	clear(s.found.list) // beyond its length pop has left nothing
	if cap(s.found.list) > 1<<12 {
		s.found.list = nil
	}
	if cap(s.queue) > 1<<14 {
		s.queue = nil
	}
	s.done.reset()
	clear(s.trees)
	*s = nearSearch{queue: s.queue[:0], trees: s.trees[:0], done: s.done,
		found: candidates[*data.Hazard]{list: s.found.list[:0], before: s.found.before}}
	nearSearches.Put(s)
}

// start queues where to look first.
func (s *nearSearch) start() {
	if !s.sel.all && s.count(s.sel, s.few()) <= s.few() {
		for _, class := range s.sel.classes {
			for _, place := range s.ofClass(class) {
				if b := &s.shapes.leaves[place]; !s.dead.has(place) {
					s.queue = append(s.queue, near{floor: s.from.to(b, s.from.narrow(b)), index: place, tree: oneByOne})
				}
			}
		}
		for i := len(s.queue)/2 - 1; i >= 0; i-- {
			s.queue.sink(i, s.queue[i])
		}
		return
	}
	if s.small > 0 {
		s.trees = append(s.trees, &s.shapes.trees[0])
	}
	for i := range s.pieces.trees {
		s.trees = append(s.trees, &s.pieces.trees[i])
	}
	for i, t := range s.trees {
		top := len(t.levels) - 1
		s.open(i, top, 0, len(t.levels[top]), &s.shapes.whole)
	}
}

// oneByOne stands for a tree where items were queued without one.
const oneByOne = 1<<16 - 1

// open queues what may be wanted of a range of a level, all of it in the box.
func (s *nearSearch) open(tree, level, from, to int, box *orb.Bound) {
	t, narrow := s.trees[tree], s.from.narrow(box)
	boxes := t.levels[level][from:to]
	for i := range boxes {
		at := from + i
		if !s.every {
			if level == 0 {
				if !s.live(s.dead, s.place(tree, at), s.sel) {
					continue
				}
			} else if !s.sel.mayLieIn(&t.marks[level][at]) {
				continue
			}
		}
		s.queue.push(near{s.from.to(&boxes[i], narrow), uint32(at), uint16(level), uint16(tree)})
	}
}

// place is the item of a leaf: those of small shapes are the first.
func (s *nearSearch) place(tree, leaf int) uint32 {
	if tree == oneByOne || tree == 0 && s.small > 0 {
		return uint32(leaf)
	}
	return s.pieces.places[s.trees[tree].first+leaf]
}

// advance gives all that is final when only things at limit metres or further are
// still to come from elsewhere, and reports whether more is wanted.
func (s *nearSearch) advance(limit float64) bool {
	for len(s.queue) > 0 {
		floor := floorMetres(s.queue[0].floor)
		if floor >= limit {
			break
		}
		// What is nearer than the floor of all that is still to come is
		// final; at the same distance an item to come may have a lesser id.
		if !s.give(floor) {
			return false
		}
		switch n := s.queue.pop(); n.level {
		case 0:
			s.measure(s.place(int(n.tree), int(n.index)), n.tree)
		default:
			from, levels := int(n.index)*fan, s.trees[n.tree].levels
			s.open(int(n.tree), int(n.level)-1, from, min(from+fan, len(levels[n.level-1])), &levels[n.level][n.index])
		}
	}
	return s.give(limit)
}

// measure notes an item's exact distance, once. A box without size has one
// place, which is the nearest whatever the shape.
func (s *nearSearch) measure(place uint32, tree uint16) {
	h := s.items[place].hazard
	b := &s.shapes.leaves[place]
	if b.Min == b.Max {
		s.found.push(h, data.Distance(s.from.p, b.Min))
		return
	}
	if int(place) >= s.small && tree != oneByOne && !s.done.add(place) {
		return
	}
	_, d := data.Nearest(h.Shape, s.from.p)
	s.found.push(h, d)
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
	s.every = sel.all && r.dead.n == 0
	s.start()
	wanted := true
	if r.shapes.Len() > 0 {
		r.shapes.Nearby(func(lo, hi [2]float64, it item, isItem bool) float64 {
			if isItem && !sel.has(it.class) {
				return math.Inf(1)
			}
			b := orb.Bound{Min: lo, Max: hi}
			return floorMetres(s.from.to(&b, s.from.narrow(&b)))
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
