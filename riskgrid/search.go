package riskgrid

import (
	"math"

	"riskatlas/data"
)

// The search for the nearest edge goes over the edges and, for each, over the
// rows and columns from which it may be in reach. What it leaves out cannot
// change a value. data.Nearest compares in the plane scaled by the cosine of the
// place's latitude, which is one for all of a row.

// searchMargin is how much further than the reach edges are looked at. The
// nearest edge in the plane need not be the nearest by data.Distance, whose
// cosine is taken at the mean latitude; to 22 km and latitude 85 the two differ
// by less than 2 %, and an edge that is left out must be past the reach by both.
const searchMargin = 1.1

func searchLimit(reach float64) float64 {
	return (searchMargin*reach + 0.01) / data.MetresPerDegree
}

// searchLimit is how far from centres of the span edges need to be looked for, degrees
// in the plane. A place d metres off by data.Distance differs from a centre at
// latitude φ by at most d/R in latitude, so the cosine at their mean is at least that
// of φ times 1 - tan φ d/2R - d²/8R²: to a kilometre at latitude 60 the plane's
// distance is within 2e-4 of d, and searchMargin is for far and polar places.
func (g *lattice) searchLimit(s span, reach float64) float64 {
	tan := max(math.Abs(g.sin[s.r0])/g.cos[s.r0], math.Abs(g.sin[s.r1-1])/g.cos[s.r1-1])
	margin := 1 + (tan+1)*reach/data.EarthRadiusMetres
	if !(margin < searchMargin) {
		return searchLimit(reach)
	}
	return (margin*reach + 0.01) / data.MetresPerDegree
}

// columns is a part of a row, half-open.
type columns struct{ from, to int }

func (s *columns) include(from, to int) {
	if s.from >= s.to {
		*s = columns{from, to}
		return
	}
	s.from, s.to = min(s.from, from), max(s.to, to)
}

// search fills p.dist and p.near in the span from the gathered edges that are
// within the limit, degrees in the plane.
func (p *painter) search(s span, limit float64) {
	g := &p.g
	for i := range p.edges {
		e := &p.edges[i]
		south, north := min(e.a[1], e.b[1])-limit, max(e.a[1], e.b[1])+limit
		for r := g.firstRowUnder(north, s); r < s.r1 && g.lat[r] >= south; r++ {
			p.nearestRow(e, r, limit, s)
		}
	}
	for r := s.r0; r < s.r1; r++ {
		p.metresRow(r)
	}
}

// nearestRow takes an edge for the nearest where it is nearer than those before
// it. Until the search is over p.dist is in squared degrees of the plane.
func (p *painter) nearestRow(e *edge, r int, limit float64, s span) {
	g := &p.g
	lat, cos := g.lat[r], g.cos[r]
	v := view{lon: e.a[0], scale: cos, north: e.a[1] - lat}
	ex, ey := float64((e.b[0]-e.a[0])*cos), e.b[1]-e.a[1]
	length2 := float64(ex*ex) + float64(ey*ey)
	inverse := 0.0
	if length2 > 0 {
		v.length = math.Sqrt(length2)
		inverse = 1 / v.length
		v.ux, v.uy = float64(ex*inverse), float64(ey*inverse)
		inverse *= inverse
	}
	c0, c1 := g.reaches(&v, limit, s)
	if c0 >= c1 {
		return
	}
	p.runs[r].include(c0, c1)
	i := r * g.w
	dist, near, lons := p.dist[i+c0:i+c1], p.near[i+c0:i+c1], g.lon[c0:c1]
	// The share of the edge at the foot rises evenly along the row.
	rise, first := float64(cos*ex*inverse), float64((lat-e.a[1])*ey*inverse)
	for i, lon := range lons[:len(dist)] {
		q := e.at(float64((lon-e.a[0])*rise) + first)
		x, y := float64((q[0]-lon)*cos), q[1]-lat
		if d := float64(x*x) + float64(y*y); d < dist[i] {
			dist[i], near[i] = d, q
		}
	}
}

// metresRow turns the squares of a row into distances as data.Distance has them.
func (p *painter) metresRow(r int) {
	g := &p.g
	lat, run := g.lat[r], p.runs[r]
	for c := run.from; c < run.to; c++ {
		i := r*g.w + c
		if math.IsInf(p.dist[i], 1) {
			continue
		}
		q := p.near[i]
		east := float64((g.lon[c]-q[0])*data.MetresPerDegree) * g.cosAt(r, (lat+q[1])/2)
		north := float64((lat - q[1]) * data.MetresPerDegree)
		p.dist[i] = math.Sqrt(float64(east*east) + float64(north*north))
	}
}
