package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// A lattice of one cell, or of one place, takes a shorter way to the same numbers:
// no rows and columns are looked for, and nothing is kept per cell.

// single reports whether the lattice is one cell or one place.
func (g *lattice) single() bool { return g.w == 1 && g.h == 1 }

// setSingle makes ready what one cell needs.
func (g *lattice) setSingle() {
	furthest := max(math.Abs(g.north[0]), math.Abs(g.north[g.h])) + furthestPad
	g.perCos = 1 / math.Cos(min(furthest, 89.9)*(math.Pi/180))
}

// furthestPad is more degrees than riskgrid looks beyond a cell.
const furthestPad = 0.25

// roundOne is around for one cell: a box that is a little larger.
func (g *lattice) roundOne(reach float64) orb.Bound {
	box := g.bound(g.all)
	lat := (searchMargin*reach + 2) / data.MetresPerDegree * 1.0001
	if lat > furthestPad {
		return data.PadMetres(box, searchMargin*reach+1)
	}
	lon := lat * g.perCos
	box.Min[0], box.Min[1], box.Max[0], box.Max[1] = box.Min[0]-lon, box.Min[1]-lat, box.Max[0]+lon, box.Max[1]+lat
	return box
}

// measureOne is measure for one cell.
func (p *painter) measureOne(shape orb.Geometry, reach float64, keep bool) span {
	s := p.g.all
	if s.empty() {
		return s
	}
	p.dist, p.near, p.runs = resize(p.dist, 1), resize(p.near, 1), resize(p.runs, 1)
	p.gather(shape, s, reach)
	p.dist[0], p.runs[0] = math.Inf(1), columns{0, 1}
	if len(p.edges) > 0 {
		for i := range p.edges {
			p.nearestOne(&p.edges[i])
		}
		p.metresRow(0)
		p.lift(s, keep)
	}
	if (keep || p.dist[0] > 0) && p.insideOne(shape) {
		p.dist[0], p.near[0] = 0, orb.Point{p.g.lon[0], p.g.lat[0]}
	}
	if math.IsInf(p.dist[0], 1) {
		return span{}
	}
	return s
}

// nearestOne is nearestRow for one cell.
func (p *painter) nearestOne(e *edge) {
	g := &p.g
	lon, lat, cos := g.lon[0], g.lat[0], g.cos[0]
	ex, ey := float64((e.b[0]-e.a[0])*cos), e.b[1]-e.a[1]
	length2 := float64(ex*ex) + float64(ey*ey)
	inverse := 0.0
	if length2 > 0 {
		inverse = 1 / math.Sqrt(length2)
		inverse *= inverse
	}
	rise, first := float64(cos*ex*inverse), float64((lat-e.a[1])*ey*inverse)
	q := e.at(float64((lon-e.a[0])*rise) + first)
	x, y := float64((q[0]-lon)*cos), q[1]-lat
	if d := float64(x*x) + float64(y*y); d < p.dist[0] {
		p.dist[0], p.near[0] = d, q
	}
}

// insideOne reports whether the centre lies inside an area, as fill finds it.
func (p *painter) insideOne(shape orb.Geometry) bool {
	switch g := shape.(type) {
	case orb.Polygon:
		return p.insidePolygon(g)
	case orb.MultiPolygon:
		for _, poly := range g {
			if p.insidePolygon(poly) {
				return true
			}
		}
	}
	return false
}

func (p *painter) insidePolygon(poly orb.Polygon) bool {
	lon, lat, inside := p.g.lon[0], p.g.lat[0], false
	for _, ring := range poly {
		for i := 1; i < len(ring); i++ {
			a, b := &ring[i-1], &ring[i]
			if (a[1] > lat) != (b[1] > lat) {
				x := a[0] + float64((lat-a[1])/(b[1]-a[1])*(b[0]-a[0]))
				inside = inside != (lon < x)
			}
		}
	}
	return inside
}

// pointOne is point for one cell.
func (p *painter) pointOne(f *data.Footprint, units float64, q orb.Point) {
	g := &p.g
	if g.all.empty() {
		return
	}
	k := newKernel(f, units)
	if g.lift && q[1] <= g.north[0] && q[1] > g.north[1] && q[0] >= g.west[0] && q[0] < g.west[1] {
		p.dst[0] += k.core
		return
	}
	south := q[1] - math.Sqrt(k.reach2)/data.MetresPerDegree*(1+slack)
	lat := g.lat[0]
	if lat >= q[1]+q[1]-south || lat < south {
		return
	}
	north := float64((lat - q[1]) * data.MetresPerDegree)
	if k.reach2-float64(north*north) < 0 {
		return
	}
	p.pointRow(&k, 0, 0, 1, q[0], g.cosAt(0, (q[1]+lat)/2), north)
}

// boundOf is the shape's box.
func boundOf(shape orb.Geometry) orb.Bound {
	var line []orb.Point
	switch g := shape.(type) {
	case orb.LineString:
		line = g
	case orb.Polygon:
		if len(g) == 1 {
			line = g[0]
		}
	}
	if len(line) == 0 {
		return shape.Bound()
	}
	b := orb.Bound{Min: line[0], Max: line[0]}
	for _, q := range line[1:] {
		if q[0] < b.Min[0] {
			b.Min[0] = q[0]
		}
		if q[0] > b.Max[0] {
			b.Max[0] = q[0]
		}
		if q[1] < b.Min[1] {
			b.Min[1] = q[1]
		}
		if q[1] > b.Max[1] {
			b.Max[1] = q[1]
		}
	}
	return b
}
