package index

import "github.com/paulmach/orb"

// outlines is the edges of shapes or of their pieces, by leaf, in one array that
// lies as the leaves do: hazards and their shapes lie all over the memory, and
// most distances need not be exact. What is none, or of several parts, has no
// places here and is asked itself.
type outlines struct {
	points []orb.Point
	ends   []uint32 // by leaf, of points
}

// of gives the places of a leaf, which are joined by straight edges.
func (o *outlines) of(leaf int) []orb.Point {
	from := uint32(0)
	if leaf > 0 {
		from = o.ends[leaf-1]
	}
	return o.points[from:o.ends[leaf]]
}

// newOutlines copies n lines.
func newOutlines(n int, line func(leaf int) []orb.Point) outlines {
	o := outlines{ends: make([]uint32, n)}
	inParallel(n, func(from, to int) {
		for i := from; i < to; i++ {
			o.ends[i] = uint32(len(line(i)))
		}
	})
	sum := uint32(0)
	for i, n := range o.ends {
		sum += n
		o.ends[i] = sum
	}
	o.points = make([]orb.Point, sum)
	inParallel(n, func(from, to int) {
		for i := from; i < to; i++ {
			copy(o.of(i), line(i))
		}
	})
	return o
}

// outlineOf is the outline of a shape of one part.
func outlineOf(g orb.Geometry) []orb.Point {
	switch g := g.(type) {
	case orb.LineString:
		return g
	case orb.Polygon:
		if len(g) == 1 {
			return g[0]
		}
	}
	return nil
}

func (p *packed) outlineSmall(bounds []orb.Bound) {
	p.lines = newOutlines(p.small, func(place int) []orb.Point {
		if b := &bounds[place]; b.Min == b.Max {
			return nil
		}
		return outlineOf(p.items[place].hazard.Shape)
	})
}

// growPieces packs the pieces of shapes that are not small.
func (p *packed) growPieces(bounds []orb.Bound, marks []mark) {
	some := pieces{boxes: make([]orb.Bound, 0, 4*(p.active-p.small)), lines: make([][]orb.Point, 0, 4*(p.active-p.small))}
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
	p.pieceLines = newOutlines(len(order), func(leaf int) []orb.Point { return some.lines[uint32(order[leaf])] })
}

// pieces is boxes that together hold shapes, and what outline there is in each.
type pieces struct {
	boxes []orb.Bound
	lines [][]orb.Point // parts of the shapes
}

func (s *pieces) add(box orb.Bound, line []orb.Point) {
	s.boxes, s.lines = append(s.boxes, box), append(s.lines, line)
}

// cut adds a shape: lines in several, small pieces, so that a long line is far
// from most places in its box.
func (s *pieces) cut(g orb.Geometry) {
	switch g := g.(type) {
	case orb.MultiPoint:
		for _, p := range g {
			s.add(p.Bound(), nil)
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
		s.add(g.Bound(), nil)
	}
}

func (s *pieces) cutLine(l orb.LineString) {
	if len(l) == 1 {
		s.add(l.Bound(), l)
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
		s.add(box, l[from:i])
	}
}
