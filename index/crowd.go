package index

import (
	"math"

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
	c := circle{packed: s.roll.base, dead: &s.roll.dead, sel: sel, p: p, metres: metres, box: data.PadMetres(p.Bound(), metres)}
	if !sel.all && len(sel.classes) == 0 {
		return c.sum
	}
	c.from = newFloors(p)
	limit := int(float64(c.active/fan) * c.shapes.share(c.box))
	if !sel.all && c.count(sel, limit) <= limit {
		for _, class := range sel.classes {
			for _, place := range c.ofClass(class) {
				if b := &c.shapes.leaves[place]; meet(b, &c.box) && !c.dead.has(place) {
					c.leaf(place, b)
				}
			}
		}
	} else {
		for i := range c.shapes.trees {
			t := &c.shapes.trees[i]
			top := len(t.levels) - 1
			c.visit(t, top, 0, len(t.levels[top]))
		}
	}
	s.roll.shapes.Search(c.box.Min, c.box.Max, func(_, _ [2]float64, it item) bool {
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
	p      orb.Point
	from   floors
	metres float64
	box    orb.Bound // that holds it
	sum    Crowd
}

// visit looks at nodes of a level.
func (c *circle) visit(t *tree, level, from, to int) {
	boxes := t.levels[level]
	if level == 0 {
		for i := from; i < to; i++ {
			if place := uint32(t.first + i); meet(&boxes[i], &c.box) && c.live(c.dead, place, c.sel) {
				c.leaf(place, &boxes[i])
			}
		}
		return
	}
	below := len(t.levels[level-1])
	width := 1
	for range level {
		width *= fan
	}
	for i := from; i < to; i++ {
		if !meet(&boxes[i], &c.box) || !c.sel.mayLieIn(&t.marks[level][i]) {
			continue
		}
		if floorMetres(c.from.to(&boxes[i], c.from.narrow(&boxes[i]))) > c.metres {
			continue
		}
		first, last := i*width, min(i*width+width, len(t.levels[0]))
		if c.sel.hasAll(&t.marks[level][i]) && c.ceiling(&boxes[i]) <= c.metres && !c.dead.any(t.first+first, t.first+last) {
			c.sum.join(&t.crowds[level][i])
			continue
		}
		c.visit(t, level-1, i*fan, min(i*fan+fan, below))
	}
}

// leaf counts an item that is selected, if it lies within. A box without size
// has one place, which is the nearest whatever the shape.
func (c *circle) leaf(place uint32, b *orb.Bound) {
	switch {
	case b.Min == b.Max:
		if data.Distance(c.p, b.Min) > c.metres {
			return
		}
	case c.ceiling(b) <= c.metres:
	case floorMetres(c.from.to(b, c.from.narrow(b))) > c.metres:
		return
	default:
		if _, d := data.Nearest(c.items[place].hazard.Shape, c.p); d > c.metres {
			return
		}
	}
	c.sum.add(&c.exposed[place])
}

// ceiling is a distance in metres that no place of the box exceeds: its greatest
// gaps, the second at the latitude nearest to the equator of all means of p and
// a place of it. It is taken a little longer because Nearest rounds places on
// edges.
func (c *circle) ceiling(b *orb.Bound) float64 {
	lon := max(b.Max[0]-c.p[0], c.p[0]-b.Min[0])
	lat := max(b.Max[1]-c.p[1], c.p[1]-b.Min[1])
	lo, hi := c.p[1]+b.Min[1], c.p[1]+b.Max[1]
	mean := 0.0 // twice it
	switch {
	case lo > 0:
		mean = lo
	case hi < 0:
		mean = hi
	}
	lon *= math.Cos(mean * (math.Pi / 360))
	return math.Sqrt(lat*lat+lon*lon)*(data.MetresPerDegree*(1+1e-9)) + 1e-6
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
func (p *packed) tally(on cores) {
	for i := range p.shapes.trees {
		t := &p.shapes.trees[i]
		t.crowds = make([][]Crowd, len(t.levels))
		for level := 1; level < len(t.levels); level++ {
			t.crowds[level] = make([]Crowd, len(t.levels[level]))
			below := len(t.levels[level-1])
			on.split(len(t.levels[level]), func(from, to int) {
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
