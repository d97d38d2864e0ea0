package index

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// search calls yield with every live item that is selected and whose box meets b,
// until it gives false.
func (p *packed) search(by byExtent, dead *tombs, b orb.Bound, sel *selection, yield func(*data.Hazard) bool) bool {
	if !sel.all && len(sel.classes) == 0 {
		return true
	}
	f := &p.shapes
	if by {
		f = &p.extents
	}
	// A rare class in a wide box: its own items are fewer than nodes to look at.
	if limit := int(float64(p.active/fan) * f.share(b)); !sel.all && p.count(sel, limit) <= limit {
		return p.searchClasses(by, dead, b, sel, yield)
	}
	s := boxSearch{forest: f, dead: dead, box: b, sel: sel, yield: yield, every: sel.all && dead.n == 0}
	for i := range f.trees {
		s.tree = &f.trees[i]
		top := len(s.tree.levels) - 1
		if !s.visit(top, 0, len(s.tree.levels[top]), false) {
			return false
		}
	}
	return true
}

// share is about the share of the forest's ground that the box has.
func (f *forest) share(b orb.Bound) float64 {
	share := 1.0
	for axis := range 2 {
		size := f.whole.Max[axis] - f.whole.Min[axis]
		if common := min(f.whole.Max[axis], b.Max[axis]) - max(f.whole.Min[axis], b.Min[axis]); size > 0 {
			share *= max(common, 0) / size
		}
	}
	return share
}

func (p *packed) searchClasses(by byExtent, dead *tombs, b orb.Bound, sel *selection, yield func(*data.Hazard) bool) bool {
	for _, class := range sel.classes {
		for _, place := range p.ofClass(class) {
			if by {
				if e := p.items[place].hazard.Extent(); !meet(&e, &b) {
					continue
				}
			} else if !meet(&p.shapes.leaves[place], &b) {
				continue
			}
			if !dead.has(place) && !yield(p.items[place].hazard) {
				return false
			}
		}
	}
	return true
}

func meet(a, b *orb.Bound) bool {
	return a.Min[0] <= b.Max[0] && a.Max[0] >= b.Min[0] && a.Min[1] <= b.Max[1] && a.Max[1] >= b.Min[1]
}

// holds reports whether all of b lies in a.
func holds(a, b *orb.Bound) bool {
	return a.Min[0] <= b.Min[0] && a.Max[0] >= b.Max[0] && a.Min[1] <= b.Min[1] && a.Max[1] >= b.Max[1]
}

type boxSearch struct {
	forest *forest
	tree   *tree
	dead   *tombs
	box    orb.Bound
	sel    *selection
	yield  func(*data.Hazard) bool
	every  bool // nothing is left out but by its box
}

// visit looks at nodes of a level; inside says that all of them lie in the box.
func (s *boxSearch) visit(level, from, to int, inside bool) bool {
	if level == 0 {
		return s.leaves(from, to, inside)
	}
	boxes, marks, below := s.tree.levels[level], s.tree.marks[level], len(s.tree.levels[level-1])
	for i := from; i < to; i++ {
		in := inside
		if !in {
			if !meet(&boxes[i], &s.box) {
				continue
			}
			in = holds(&s.box, &boxes[i])
		}
		if !s.sel.mayLieIn(&marks[i]) {
			continue
		}
		if !s.visit(level-1, i*fan, min(i*fan+fan, below), in) {
			return false
		}
	}
	return true
}

func (s *boxSearch) leaves(from, to int, inside bool) bool {
	boxes := s.tree.levels[0][from:to]
	for i, it := range s.forest.items[s.tree.first+from : s.tree.first+to] {
		if !inside && !meet(&boxes[i], &s.box) {
			continue
		}
		if !s.every && (!s.sel.has(it.class) || s.dead.n > 0 && s.dead.has(s.forest.place(s.tree.first+from+i))) {
			continue
		}
		if !s.yield(it.hazard) {
			return false
		}
	}
	return true
}
