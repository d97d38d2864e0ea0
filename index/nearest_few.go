package index

import (
	"cmp"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Near is a hazard at its distance: data.Nearest's place and metres.
type Near struct {
	Hazard *data.Hazard
	At     orb.Point
	Metres float64
}

func (a *Near) compare(b *Near) int {
	if a.Metres != b.Metres {
		return cmp.Compare(a.Metres, b.Metres)
	}
	return cmp.Compare(a.Hazard.ID, b.Hazard.ID)
}

// NearestFew gives the first n of Nearest that lie within a ground distance in
// metres of p, in the same order, with their places.
func (s *Snapshot) NearestFew(p orb.Point, f data.Filter, n int, metres float64) []Near {
	sel := s.classes.selection(f)
	if n <= 0 || !sel.all && len(sel.classes) == 0 {
		return nil
	}
	w := fewSearches.Get().(*fewSearch)
	defer w.release()
	w.packed, w.dead, w.sel, w.ring = s.roll.base, &s.roll.dead, sel, newRing(p, metres)
	w.every = sel.all && w.dead.n == 0
	w.n, w.bound, w.found = n, metres, make([]Near, 0, min(n, 128))
	w.walk()
	if s.roll.shapes.Len() > 0 {
		s.roll.shapes.Nearby(func(lo, hi [2]float64, _ item, _ bool) float64 { return boxFloor(p, lo, hi) },
			func(_, _ [2]float64, it item, floor float64) bool {
				if floor <= w.bound && sel.has(it.class) {
					w.measure(it.hazard)
				}
				return floor <= w.bound
			})
	}
	slices.SortFunc(w.found, func(a, b Near) int { return a.compare(&b) })
	return w.found
}

// fewSearch goes through a packed base outwards from a place and keeps the n
// nearest of what it met.
type fewSearch struct {
	*packed
	dead  *tombs
	sel   *selection
	every bool // all is selected and nothing dead
	n     int
	bound float64 // metres: what is further is not wanted
	ring  ring    // of the bound
	found []Near  // a heap, the last in order at index 0
	queue nearQueue
	done  placeSet // places of which a piece was measured
}

// fewSearches keeps the memory of searches that ended.
var fewSearches = sync.Pool{New: func() any { return new(fewSearch) }}

func (s *fewSearch) release() {
	if cap(s.queue) > 1<<14 {
		s.queue = nil
	}
	s.done.reset()
	*s = fewSearch{queue: s.queue[:0], done: s.done}
	fewSearches.Put(s)
}

// walk looks at all of the base that may be wanted. A tree's number is its
// position in shapes or, after those, in pieces.
func (s *fewSearch) walk() {
	if !s.sel.all && s.count(s.sel, s.few()) <= s.few() {
		for _, class := range s.sel.classes {
			for _, place := range s.ofClass(class) {
				if least, _ := s.ring.gaps(&s.shapes.leaves[place]); least <= s.ring.far && !s.dead.has(place) {
					s.leaf(place, least)
				}
			}
		}
		return
	}
	if s.small > 0 { // first: most are points, which are measured at once and narrow the ring
		s.openTop(0)
		s.drain()
	}
	for i := range s.pieces.trees {
		s.openTop(len(s.shapes.trees) + i)
	}
	s.drain()
}

// drain looks at what is queued, outwards, as far as the ring.
func (s *fewSearch) drain() {
	for len(s.queue) > 0 {
		next := s.queue.pop()
		if next.floor > s.ring.far { // and so is all else
			s.queue = s.queue[:0]
			return
		}
		from, below := int(next.index)*fan, len(s.tree(int(next.tree)).levels[next.level-1])
		s.open(int(next.tree), int(next.level)-1, from, min(from+fan, below))
	}
}

func (s *fewSearch) tree(i int) *tree {
	if i < len(s.shapes.trees) {
		return &s.shapes.trees[i]
	}
	return &s.pieces.trees[i-len(s.shapes.trees)]
}

func (s *fewSearch) openTop(tree int) {
	t := s.tree(tree)
	top := len(t.levels) - 1
	s.open(tree, top, 0, len(t.levels[top]))
}

// open queues nodes of a level, and looks at leaves.
func (s *fewSearch) open(tree, level, from, to int) {
	t := s.tree(tree)
	boxes := t.levels[level]
	for i := from; i < to; i++ {
		least, _ := s.ring.gaps(&boxes[i])
		switch {
		case least > s.ring.far:
		case level > 0:
			if s.every || s.sel.mayLieIn(&t.marks[level][i]) {
				s.queue.push(near{least, uint32(i), uint16(level), uint16(tree)})
			}
		case tree < len(s.shapes.trees):
			if place := uint32(t.first + i); s.every || s.live(s.dead, place, s.sel) {
				s.leaf(place, least)
			}
		default:
			s.piece(t.first+i, least)
		}
	}
}

// leaf looks at an item whose box is within the outer circle of the ring. A box
// without size has one place, which is the nearest whatever the shape.
func (s *fewSearch) leaf(place uint32, least float64) {
	if b := &s.shapes.leaves[place]; b.Min == b.Max {
		s.keep(s.items[place].hazard, b.Min, data.Distance(s.ring.p, b.Min))
		return
	}
	if int(place) < s.small {
		least, inside, known := s.ring.outline(s.lines.of(int(place)), least)
		if inside {
			s.keep(s.items[place].hazard, s.ring.p, 0)
			return
		} else if known && least > s.ring.far {
			return
		}
	}
	s.measure(s.items[place].hazard)
}

// piece looks likewise at a piece of an item that is not small.
func (s *fewSearch) piece(leaf int, least float64) {
	place := s.pieces.places[leaf]
	if !s.every && !s.live(s.dead, place, s.sel) {
		return
	}
	least, inside, known := s.ring.outline(s.pieceLines.of(leaf), least)
	if known && least > s.ring.far || !s.done.add(place) {
		return
	}
	if inside {
		s.keep(s.items[place].hazard, s.ring.p, 0)
		return
	}
	s.measure(s.items[place].hazard)
}

func (s *fewSearch) measure(h *data.Hazard) {
	at, metres := data.Nearest(h.Shape, s.ring.p)
	s.keep(h, at, metres)
}

// keep takes what is among the n nearest so far, and lets the last of them go.
func (s *fewSearch) keep(h *data.Hazard, at orb.Point, metres float64) {
	if metres > s.bound {
		return
	}
	next := Near{h, at, metres}
	if len(s.found) < s.n {
		s.found = append(s.found, next)
		for i := len(s.found) - 1; i > 0; {
			up := (i - 1) / 2
			if s.found[up].compare(&s.found[i]) >= 0 {
				break
			}
			s.found[up], s.found[i] = s.found[i], s.found[up]
			i = up
		}
		if len(s.found) < s.n {
			return
		}
	} else {
		if next.compare(&s.found[0]) >= 0 {
			return
		}
		s.found[0] = next
		s.sink()
	}
	if s.found[0].Metres < s.bound {
		s.bound = s.found[0].Metres
		s.ring.set(s.bound)
	}
}

// sink puts the first of the heap where its place is.
func (s *fewSearch) sink() {
	list := s.found
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(list) {
			return
		}
		if child+1 < len(list) && list[child+1].compare(&list[child]) > 0 {
			child++
		}
		if list[i].compare(&list[child]) >= 0 {
			return
		}
		list[i], list[child] = list[child], list[i]
		i = child
	}
}
