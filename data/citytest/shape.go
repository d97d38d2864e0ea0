package citytest

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// place is a random place in the bound, now and then the last one again, or the
// corner or centre of a cell of zoom 20.
func (m *Maker) place() orb.Point {
	r := m.rng
	if r.IntN(20) == 0 {
		return m.last
	}
	p := orb.Point{
		m.bound.Min[0] + r.Float64()*(m.bound.Max[0]-m.bound.Min[0]),
		m.bound.Min[1] + r.Float64()*(m.bound.Max[1]-m.bound.Min[1]),
	}
	if r.IntN(20) == 0 {
		p = snap(p, float64(r.IntN(2))/2)
	}
	m.last = p
	return p
}

// snap moves a place to the north-west corner (share 0) or the centre (0.5) of
// its cell of zoom 20.
func snap(p orb.Point, share float64) orb.Point {
	n := math.Exp2(20)
	x := math.Floor((p[0]+180)/360*n) + share
	lat := p[1] * math.Pi / 180
	y := math.Floor((1-math.Asinh(math.Tan(lat))/math.Pi)/2*n) + share
	return orb.Point{x/n*360 - 180, math.Atan(math.Sinh(math.Pi*(1-2*y/n))) * 180 / math.Pi}
}

// from gives the place at a ground offset from p.
func from(p orb.Point, eastMetres, northMetres float64) orb.Point {
	return orb.Point{
		p[0] + eastMetres/(data.MetresPerDegree*math.Cos(p[1]*math.Pi/180)),
		p[1] + northMetres/data.MetresPerDegree,
	}
}

func (m *Maker) shape() orb.Geometry {
	p := m.place()
	switch k := m.rng.IntN(100); {
	case k < 67:
		return p
	case k < 79:
		return m.line(p)
	case k < 91:
		return m.polygon(p)
	case k < 94:
		ps := orb.MultiPoint{p}
		for range 1 + m.rng.IntN(3) {
			ps = append(ps, from(p, m.signed(2000), m.signed(2000)))
		}
		return ps
	case k < 97:
		return orb.MultiLineString{m.line(p), m.line(from(p, m.signed(1500), m.signed(1500)))}
	}
	// A polygon stays within 1.25 of its size and no size is over 2 km.
	return orb.MultiPolygon{m.polygon(p), m.polygon(from(p, 6000, m.signed(1000)))}
}

// signed is a random number between -most and most.
func (m *Maker) signed(most float64) float64 { return (m.rng.Float64()*2 - 1) * most }

// size is a length in metres between 20 m and 2 km, evenly over its logarithm.
func (m *Maker) size() float64 { return 20 * math.Pow(100, m.rng.Float64()) }

// line is a wandering line of 2 to 12 vertices; sometimes a vertex is repeated.
func (m *Maker) line(p orb.Point) orb.LineString {
	l := orb.LineString{p}
	step, heading := m.size(), m.rng.Float64()*2*math.Pi
	for range 1 + m.rng.IntN(11) {
		heading += m.signed(0.8)
		p = from(p, step*math.Sin(heading), step*math.Cos(heading))
		l = append(l, p)
		if m.rng.IntN(30) == 0 {
			l = append(l, p)
		}
	}
	return l
}

// polygon is star-shaped about p, concave as often as not, with a hole in one
// of three.
func (m *Maker) polygon(p orb.Point) orb.Polygon {
	size, n := m.size(), 4+m.rng.IntN(12)
	outer, hole := make(orb.Ring, 0, n+1), make(orb.Ring, 0, n+1)
	for i := range n {
		angle := float64(i) / float64(n) * 2 * math.Pi
		r := size * (0.5 + 0.75*m.rng.Float64())
		outer = append(outer, from(p, r*math.Cos(angle), r*math.Sin(angle)))
		// The hole is inside the outer ring's least circle about p.
		r = size * 0.2 * (0.5 + 0.5*m.rng.Float64())
		hole = append(hole, from(p, r*math.Cos(-angle), r*math.Sin(-angle)))
	}
	poly := orb.Polygon{append(outer, outer[0])}
	if m.rng.IntN(3) == 0 {
		poly = append(poly, append(hole, hole[0]))
	}
	return poly
}
