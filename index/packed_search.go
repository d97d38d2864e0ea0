package index

import (
	"github.com/paulmach/orb"
)

// live reports whether an item is selected and not taken away since.
func (p *packed) live(dead *tombs, place uint32, sel *selection) bool {
	return sel.has(p.items[place].class) && !dead.has(place)
}

// few is up to how many items that a selection has in a whole city they are asked
// one by one when looking for the nearest; opening nodes costs as much by then.
func (p *packed) few() int { return min(2048, p.active/fan) }

// count is how many items of the base the selection has, dead ones included;
// counting ends beyond the limit.
func (p *packed) count(sel *selection, limit int) (n int) {
	if sel.all {
		return p.active
	}
	for _, class := range sel.classes {
		if n += len(p.ofClass(class)); n > limit {
			break
		}
	}
	return n
}

// search calls yield with the place of every live item that is selected and
// whose box meets b, until it gives false.
func (p *packed) search(tree boxTree, dead *tombs, b orb.Bound, sel *selection, yield func(place uint32) bool) bool {
	if p.active == 0 || !sel.all && len(sel.classes) == 0 {
		return true
	}
	// A rare class in a wide box: its own items are fewer than nodes to look at.
	if limit := int(float64(p.active/fan) * shareOf(tree, b)); !sel.all && p.count(sel, limit) <= limit {
		return p.searchClasses(tree, dead, b, sel, yield)
	}
	s := boxSearch{packed: p, tree: tree, dead: dead, box: b, sel: sel, yield: yield}
	top := len(tree) - 1
	return s.visit(top, 0, len(tree[top]), false)
}

// shareOf is about the share of the city's ground that the box has.
func shareOf(tree boxTree, b orb.Bound) float64 {
	whole := tree[len(tree)-1][0]
	for _, o := range tree[len(tree)-1] {
		whole = joined(whole, o)
	}
	share := 1.0
	for axis := range 2 {
		size := whole.Max[axis] - whole.Min[axis]
		if common := min(whole.Max[axis], b.Max[axis]) - max(whole.Min[axis], b.Min[axis]); size > 0 {
			share *= max(common, 0) / size
		}
	}
	return share
}

func (p *packed) searchClasses(tree boxTree, dead *tombs, b orb.Bound, sel *selection, yield func(place uint32) bool) bool {
	for _, class := range sel.classes {
		for _, place := range p.ofClass(class) {
			if meet(&tree[0][place], &b) && !dead.has(place) && !yield(place) {
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
	*packed
	tree  boxTree
	dead  *tombs
	box   orb.Bound
	sel   *selection
	yield func(place uint32) bool
}

// visit looks at nodes of a level; inside says that all of them lie in the box.
func (s *boxSearch) visit(level, from, to int, inside bool) bool {
	if level == 0 {
		return s.leaves(from, to, inside)
	}
	boxes, marks, below := s.tree[level], s.marks[level], len(s.tree[level-1])
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
	boxes := s.tree[0]
	for i := from; i < to; i++ {
		if (inside || meet(&boxes[i], &s.box)) && s.live(s.dead, uint32(i), s.sel) && !s.yield(uint32(i)) {
			return false
		}
	}
	return true
}
