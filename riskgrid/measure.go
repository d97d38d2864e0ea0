package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// edge is a straight piece of a shape's line or boundary; a point is an edge of
// no length.
type edge struct{ a, b orb.Point }

// measure finds the distance in metres from each cell's centre to the shape and
// leaves it in p.dist for the cells of the span that it returns: 0 inside an
// area and, by the cell rule, in every cell that the shape meets; +Inf or
// something past reach further away. Of a row only p.runs has some that are not
// +Inf. p.near has the shape's nearest point where the distance is neither 0 nor
// +Inf; with keep also where it is 0, the sample point.
func (p *painter) measure(shape orb.Geometry, reach float64, keep bool) span {
	if p.g.single() {
		return p.measureOne(shape, reach, keep)
	}
	s := p.g.clip(data.PadMetres(boundOf(shape), reach))
	if s.empty() {
		return s
	}
	p.blank(s)
	p.gather(shape, s, reach)
	p.search(s, p.g.searchLimit(s, reach))
	p.lift(s, keep)
	p.fill(shape, s, keep)
	return s
}

// blank forgets what was measured in the span before.
func (p *painter) blank(s span) {
	g := &p.g
	n := g.w * g.h
	p.dist, p.near, p.runs = resize(p.dist, n), resize(p.near, n), resize(p.runs, g.h)
	for r := s.r0; r < s.r1; r++ {
		p.runs[r] = columns{}
		row := p.dist[r*g.w+s.c0 : r*g.w+s.c1]
		for i := range row {
			row[i] = math.Inf(1)
		}
	}
}

// eachLine calls do with every line or ring of the shape; a point is a line of
// one vertex.
func eachLine(shape orb.Geometry, do func([]orb.Point)) {
	switch g := shape.(type) {
	case orb.Point:
		do([]orb.Point{g})
	case orb.MultiPoint:
		for i := range g {
			do(g[i : i+1])
		}
	case orb.LineString:
		do(g)
	case orb.MultiLineString:
		for _, l := range g {
			do(l)
		}
	case orb.Polygon:
		for _, r := range g {
			do(r)
		}
	case orb.MultiPolygon:
		for _, poly := range g {
			for _, r := range poly {
				do(r)
			}
		}
	}
}

// gather collects the edges that may count in the span. Which ones are left out
// never changes a value: they are past searchLimit of every cell.
func (p *painter) gather(shape orb.Geometry, s span, reach float64) {
	b := p.around(s, reach)
	p.edges = p.edges[:0]
	eachLine(shape, func(line []orb.Point) {
		if len(line) == 1 {
			p.take(edge{line[0], line[0]}, &b)
		}
		for i := 1; i < len(line); i++ {
			p.take(edge{line[i-1], line[i]}, &b)
		}
	})
}

// around is a box beyond which no edge counts in the span.
func (p *painter) around(s span, reach float64) orb.Bound {
	if p.g.single() {
		return p.g.roundOne(reach)
	}
	return data.PadMetres(p.g.bound(s), searchMargin*reach+1)
}

// take collects an edge that meets the box.
func (p *painter) take(e edge, b *orb.Bound) {
	if max(e.a[0], e.b[0]) >= b.Min[0] && min(e.a[0], e.b[0]) <= b.Max[0] &&
		max(e.a[1], e.b[1]) >= b.Min[1] && min(e.a[1], e.b[1]) <= b.Max[1] {
		p.edges = append(p.edges, e)
	}
}

// fill sets the distance to 0 where the centre lies inside an area, by
// data.Contains' rule and arithmetic, a row at a time.
func (p *painter) fill(shape orb.Geometry, s span, keep bool) {
	switch g := shape.(type) {
	case orb.Polygon:
		p.fillPolygon(g, s, keep)
	case orb.MultiPolygon:
		for _, poly := range g {
			p.fillPolygon(poly, s, keep)
		}
	}
}

func (p *painter) fillPolygon(poly orb.Polygon, s span, keep bool) {
	g := &p.g
	stride := s.c1 - s.c0 + 1
	p.odd = resize(p.odd, stride*(s.r1-s.r0))
	clear(p.odd)
	crossed := false
	for _, ring := range poly {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			south, north := min(a[1], b[1]), max(a[1], b[1])
			for r := g.firstRowUnder(north, s); r < s.r1 && g.lat[r] >= south; r++ {
				x := a[0] + float64((g.lat[r]-a[1])/(b[1]-a[1])*(b[0]-a[0]))
				c := g.firstColumnFrom(x, s)
				p.odd[(r-s.r0)*stride+c-s.c0] = !p.odd[(r-s.r0)*stride+c-s.c0]
				crossed = true
			}
		}
	}
	if !crossed {
		return
	}
	for r := s.r0; r < s.r1; r++ {
		inside := false
		for c := s.c1 - 1; c >= s.c0; c-- {
			inside = inside != p.odd[(r-s.r0)*stride+c-s.c0+1]
			if inside {
				i := r*g.w + c
				p.dist[i] = 0
				p.runs[r].include(c, c+1)
				if keep {
					p.near[i] = orb.Point{g.lon[c], g.lat[r]}
				}
			}
		}
	}
}

// firstRowUnder is the first row of the span whose centre lies south of lat.
func (g *lattice) firstRowUnder(lat float64, s span) int {
	lo, hi := s.r0, s.r1
	for lo < hi {
		if mid := (lo + hi) / 2; g.lat[mid] < lat {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// firstColumnFrom is the first column of the span whose centre is not west of lon.
func (g *lattice) firstColumnFrom(lon float64, s span) int {
	c := s.c0
	if g.step != 0 {
		c = int(min(max((lon-g.lon[0])/g.step, float64(s.c0)), float64(s.c1)))
	}
	for c > s.c0 && g.lon[c-1] >= lon {
		c--
	}
	for c < s.c1 && g.lon[c] < lon {
		c++
	}
	return c
}
