package index

import (
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Crowd is the people whom hazards expose, each by its own record.
type Crowd struct {
	Day, Night     int64
	Known, Unknown int // hazards whose record gives a number of people, and others
}

// Add counts one hazard's.
func (c *Crowd) Add(h *data.Hazard) { c.add(&h.Exposed) }

func (c *Crowd) add(e *data.Exposed) {
	if !e.Known {
		c.Unknown++
		return
	}
	c.Known++
	c.Day += int64(e.Day)
	c.Night += int64(e.Night)
}

func (c *Crowd) join(o *Crowd) {
	c.Day += o.Day
	c.Night += o.Night
	c.Known += o.Known
	c.Unknown += o.Unknown
}

// Crowd sums over the active hazards that match and whose shape lies within a
// ground distance in metres of p (data.Nearest), without looking at each: what
// is wholly within is summed by nodes.
func (s *Snapshot) Crowd(p orb.Point, metres float64, f data.Filter) Crowd {
	sel := s.classes.selection(f)
	if !sel.all && len(sel.classes) == 0 {
		return Crowd{}
	}
	c := circles.Get().(*circle)
	defer c.release()
	c.packed, c.dead, c.sel, c.ring, c.metres = s.roll.base, &s.roll.dead, sel, newRing(p, metres), metres
	c.every = sel.all && c.dead.n == 0
	box := data.PadMetres(p.Bound(), metres)
	limit := int(float64(c.active/fan) * c.shapes.share(box))
	if !sel.all && c.count(sel, limit) <= limit {
		for _, class := range sel.classes {
			for _, place := range c.ofClass(class) {
				if !c.dead.has(place) {
					c.leaf(place)
				}
			}
		}
	} else {
		c.walk()
	}
	s.roll.shapes.Search(box.Min, box.Max, func(_, _ [2]float64, it item) bool {
		if _, d := data.Nearest(it.hazard.Shape, p); sel.has(it.class) && d <= metres {
			c.sum.Add(it.hazard)
		}
		return true
	})
	return c.sum
}

// circle is one sum over a packed base.
type circle struct {
	*packed
	dead   *tombs
	sel    *selection
	every  bool // all is selected and nothing dead
	ring   ring
	metres float64
	sum    Crowd
	done   placeSet // places that are counted or known to be out
	rim    []uint32 // places with a piece of which the ring cannot tell
}

// circles keeps the memory of sums that ended.
var circles = sync.Pool{New: func() any { return new(circle) }}

func (c *circle) release() {
	if cap(c.rim) > 1<<14 {
		c.rim = nil
	}
	c.done.reset()
	*c = circle{done: c.done, rim: c.rim[:0]}
	circles.Put(c)
}

// byPieces is up to which radius in metres shapes that are not small are met by
// their pieces: in a small circle most of their boxes are neither within nor out
// of it, in a wide one there are more pieces than shapes at its rim.
const byPieces = 4000

// walk goes down all trees.
func (c *circle) walk() {
	pieces := c.metres <= byPieces
	for i := range c.shapes.trees {
		if t := &c.shapes.trees[i]; !pieces || t.first < c.small {
			top := len(t.levels) - 1
			c.visit(t, top, 0, len(t.levels[top]))
		}
	}
	if !pieces {
		return
	}
	for i := range c.pieces.trees {
		t := &c.pieces.trees[i]
		top := len(t.levels) - 1
		c.meet(t, top, 0, len(t.levels[top]), false)
	}
	for _, place := range c.rim {
		if c.done.add(place) {
			c.measure(place)
		}
	}
}

// visit looks at nodes of a level of shapes.
func (c *circle) visit(t *tree, level, from, to int) {
	if level == 0 {
		for i := from; i < to; i++ {
			if place := uint32(t.first + i); c.every || c.live(c.dead, place, c.sel) {
				c.leaf(place)
			}
		}
		return
	}
	boxes, below := t.levels[level], len(t.levels[level-1])
	width := 1
	for range level {
		width *= fan
	}
	for i := from; i < to; i++ {
		least, most := c.ring.gaps(&boxes[i])
		if least > c.ring.far || !c.every && !c.sel.mayLieIn(&t.marks[level][i]) {
			continue
		}
		first, last := t.first+i*width, t.first+min(i*width+width, len(t.levels[0]))
		if most <= c.ring.sure && c.sel.hasAll(&t.marks[level][i]) && !c.dead.any(first, last) {
			c.sum.join(&t.crowds[level][i])
			continue
		}
		c.visit(t, level-1, i*fan, min(i*fan+fan, below))
	}
}

// leaf counts an item that is selected, if it lies within.
func (c *circle) leaf(place uint32) {
	least, most := c.ring.gaps(&c.shapes.leaves[place])
	if least > c.ring.far {
		return
	}
	if most > c.ring.sure {
		if int(place) >= c.small {
			c.measure(place)
			return
		}
		if least, _, known := c.ring.outline(c.lines.of(int(place)), least); known && least > c.ring.far {
			return
		} else if !known || least > c.ring.sure {
			c.measure(place)
			return
		}
	}
	c.sum.add(&c.exposed[place])
}

func (c *circle) measure(place uint32) {
	if _, d := data.Nearest(c.items[place].hazard.Shape, c.ring.p); d <= c.metres {
		c.sum.add(&c.exposed[place])
	}
}

// meet looks at nodes of a level of pieces; inside says that all of them lie
// within. A shape of which one piece is within is within.
func (c *circle) meet(t *tree, level, from, to int, inside bool) {
	boxes := t.levels[level]
	for i := from; i < to; i++ {
		in, least := inside, 0.0
		if !in {
			var most float64
			if least, most = c.ring.gaps(&boxes[i]); least > c.ring.far {
				continue
			}
			in = most <= c.ring.sure
		}
		if level > 0 {
			if c.every || c.sel.mayLieIn(&t.marks[level][i]) {
				c.meet(t, level-1, i*fan, min(i*fan+fan, len(t.levels[level-1])), in)
			}
			continue
		}
		place := c.pieces.places[t.first+i]
		if !c.every && !c.live(c.dead, place, c.sel) {
			continue
		}
		if !in {
			if least, _, known := c.ring.outline(c.pieceLines.of(t.first+i), least); known && least > c.ring.far {
				continue
			} else if !known || least > c.ring.sure {
				c.rim = append(c.rim, place)
				continue
			}
		}
		if c.done.add(place) {
			c.sum.add(&c.exposed[place])
		}
	}
}

// hasAll reports whether all that lies below a node is of the set, as far as the
// marks can tell: false where districts are restricted.
func (s *selection) hasAll(m *mark) bool {
	if s.all {
		return true
	}
	return len(s.districts) == 0 && m.industries&^s.wants.industries == 0 && m.levels&^s.wants.levels == 0
}

// any reports whether one of the places from lo up to hi is in the set.
func (t *tombs) any(lo, hi int) bool {
	if t.n == 0 {
		return false
	}
	for lo < hi {
		c := t.chunks[lo/(tombWords*64)]
		if c == nil {
			lo = (lo/(tombWords*64) + 1) * (tombWords * 64)
			continue
		}
		word := c[lo/64%tombWords] >> (lo % 64)
		if span := min(64-lo%64, hi-lo); span < 64 {
			word &= 1<<span - 1
		}
		if word != 0 {
			return true
		}
		lo = (lo/64 + 1) * 64
	}
	return false
}

// tally sums people under the nodes of shapes.
func (p *packed) tally() {
	for i := range p.shapes.trees {
		t := &p.shapes.trees[i]
		t.crowds = make([][]Crowd, len(t.levels))
		for level := 1; level < len(t.levels); level++ {
			t.crowds[level] = make([]Crowd, len(t.levels[level]))
			below := len(t.levels[level-1])
			inParallel(len(t.levels[level]), func(from, to int) {
				for i := from; i < to; i++ {
					sum := &t.crowds[level][i]
					for k := i * fan; k < min(i*fan+fan, below); k++ {
						if level == 1 {
							sum.add(&p.exposed[t.first+k])
						} else {
							sum.join(&t.crowds[level-1][k])
						}
					}
				}
			})
		}
	}
}
