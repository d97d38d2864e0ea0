package index

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// outlines is the edges of shapes or of their pieces, by leaf, in one array that
// lies as the leaves do: hazards and their shapes lie all over the memory, and
// most distances need not be exact. What is none, or of several parts, has no
// places here and is asked itself.
type outlines struct {
	points []orb.Point
	ends   []uint32 // by leaf: of its points, and whether they are an area's
}

// outline is a line, or the only ring of an area.
type outline struct {
	line []orb.Point
	area bool
}

const areaBit = 1 << 31 // of ends

// of gives the outline of a leaf.
func (o *outlines) of(leaf int) outline {
	from, end := uint32(0), o.ends[leaf]
	if leaf > 0 {
		from = o.ends[leaf-1] &^ areaBit
	}
	return outline{o.points[from : end&^areaBit], end&areaBit != 0}
}

// newOutlines copies n outlines.
func newOutlines(n int, of func(leaf int) outline) outlines {
	o := outlines{ends: make([]uint32, n)}
	inParallel(n, func(from, to int) {
		for i := from; i < to; i++ {
			l := of(i)
			if o.ends[i] = uint32(len(l.line)); l.area {
				o.ends[i] |= areaBit
			}
		}
	})
	sum := uint32(0)
	for i, n := range o.ends {
		sum += n &^ areaBit
		o.ends[i] = sum | n&areaBit
	}
	o.points = make([]orb.Point, sum)
	inParallel(n, func(from, to int) {
		for i := from; i < to; i++ {
			copy(o.of(i).line, of(i).line)
		}
	})
	return o
}

// outlineOf is the outline of a shape of one part.
func outlineOf(g orb.Geometry) outline {
	switch g := g.(type) {
	case orb.LineString:
		return outline{line: g}
	case orb.Polygon:
		if len(g) == 1 {
			return outline{g[0], true}
		}
	}
	return outline{}
}

// holds reports whether p lies inside, as data.Nearest sees it.
func (o outline) holds(p orb.Point) bool {
	return o.area && data.Contains(orb.Polygon{o.line}, p)
}

func (p *packed) outlineSmall(bounds []orb.Bound) {
	p.lines = newOutlines(p.small, func(place int) outline {
		if b := &bounds[place]; b.Min == b.Max {
			return outline{}
		}
		return outlineOf(p.items[place].hazard.Shape)
	})
}

// growPieces packs the pieces of shapes that are not small.
func (p *packed) growPieces(bounds []orb.Bound, marks []mark) {
	some := pieces{boxes: make([]orb.Bound, 0, 4*(p.active-p.small)), outlines: make([]outline, 0, 4*(p.active-p.small))}
	places := make([]uint32, 0, 4*(p.active-p.small))
	for place := p.small; place < p.active; place++ {
		switch shape := p.items[place].hazard.Shape.(type) {
		case orb.Point, orb.Polygon:
			some.add(bounds[place], outlineOf(shape))
		default:
			some.cut(shape)
		}
		for len(places) < len(some.boxes) {
			places = append(places, uint32(place))
		}
	}
	var order []uint64
	p.pieces, order = p.forestOf(some.boxes, places, marks)
	p.pieceLines = newOutlines(len(order), func(leaf int) outline { return some.outlines[uint32(order[leaf])] })
}

// pieces is boxes that together hold shapes, and what outline there is in each.
type pieces struct {
	boxes    []orb.Bound
	outlines []outline
}

func (s *pieces) add(box orb.Bound, o outline) {
	s.boxes, s.outlines = append(s.boxes, box), append(s.outlines, o)
}

// cut adds a shape: lines in several, small pieces, so that a long line is far
// from most places in its box.
func (s *pieces) cut(g orb.Geometry) {
	switch g := g.(type) {
	case orb.MultiPoint:
		for _, p := range g {
			s.add(p.Bound(), outline{})
		}
	case orb.LineString:
		s.cutLine(g)
	case orb.MultiLineString:
		for _, l := range g {
			s.cutLine(l)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			s.add(p.Bound(), outlineOf(p))
		}
	default:
		s.add(g.Bound(), outline{})
	}
}

func (s *pieces) cutLine(l orb.LineString) {
	if len(l) == 1 {
		s.add(l.Bound(), outline{line: l})
		return
	}
	for i := 1; i < len(l); {
		from, box := i-1, edge{l[i-1], l[i]}.bound()
		for i++; i < len(l); i++ {
			more := joined(box, l[i].Bound())
			if bandOf(&more) > 0 {
				break
			}
			box = more
		}
		s.add(box, outline{line: l[from:i]})
	}
}
