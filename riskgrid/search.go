package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// The search for the nearest edge halves the span again and again and keeps, for
// each part, only edges that can be nearest to some place in it. What it leaves
// out cannot change a value: data.Nearest compares in the plane scaled by the
// cosine of the place's latitude, so a part's bounds hold for every cosine that
// occurs in it.

// searchMargin is how much further than the reach edges are kept. The nearest
// edge in the plane need not be the nearest by data.Distance, whose cosine is
// taken at the mean latitude; to 22 km and latitude 85 the two differ by less
// than 2 %, and an edge that is left out must be past the reach by both.
const searchMargin = 1.1

func searchLimit(reach float64) float64 {
	return (searchMargin*reach + 0.01) / data.MetresPerDegree
}

// search is what one search is for.
type search struct {
	limit float64 // degrees in the plane
	keep  bool    // remember nearest points
}

// search fills p.dist in the span from the gathered edges.
func (p *painter) search(s span, how search) {
	p.found = p.found[:0]
	for i := range p.edges {
		p.found = append(p.found, int32(i))
	}
	p.halve(s, 0, &how)
}

// halve searches a part whose candidates lie in p.found from lo.
func (p *painter) halve(s span, lo int, how *search) {
	hi := len(p.found)
	p.narrow(s, lo, how)
	n, cells := len(p.found)-hi, s.cells()
	switch {
	case n == 0:
	case cells <= 4 || n <= 1 && cells <= 256 || n <= 4 && cells <= 32:
		p.nearest(s, p.found[hi:], how.keep)
	case s.c1-s.c0 >= s.r1-s.r0:
		c := (s.c0 + s.c1) / 2
		p.halve(span{s.c0, c, s.r0, s.r1}, hi, how)
		p.halve(span{c, s.c1, s.r0, s.r1}, hi, how)
	default:
		r := (s.r0 + s.r1) / 2
		p.halve(span{s.c0, s.c1, s.r0, r}, hi, how)
		p.halve(span{s.c0, s.c1, r, s.r1}, hi, how)
	}
	p.found = p.found[:hi]
}

// narrow appends to p.found those of its candidates from lo that can count in
// the part.
func (p *painter) narrow(s span, lo int, how *search) {
	b := p.g.bound(s)
	least, most := p.g.cosines(s)
	m := orb.Point{(b.Min[0] + b.Max[0]) / 2, (b.Min[1] + b.Max[1]) / 2}
	x, y := (b.Max[0]-m[0])*most, b.Max[1]-m[1]
	radius := math.Sqrt(x*x+y*y) * (1 + 1e-9)
	limit := how.limit
	hi := len(p.found)
	p.far = resize(p.far, hi-lo)
	for j, i := range p.found[lo:hi] {
		e := &p.edges[i]
		q := nearestOnEdge(m, e, most)
		x, y := (q[0]-m[0])*most, q[1]-m[1]
		d := math.Sqrt(float64(x*x) + float64(y*y))
		p.far[j] = d
		limit = min(limit, (d+radius)*(1+1e-9)+1e-13)
	}
	for j, d := range p.far {
		// Cosines under the greatest shorten a distance by at most their ratio.
		if d*(least/most)-radius <= limit {
			p.found = append(p.found, p.found[lo+j])
		}
	}
}

// nearestOnEdge is data.Nearest's projection on an edge, to the bit.
func nearestOnEdge(p orb.Point, e *edge, cos float64) orb.Point {
	ex, ey := (e.b[0]-e.a[0])*cos, e.b[1]-e.a[1]
	length := float64(ex*ex) + float64(ey*ey)
	if length == 0 {
		return e.a
	}
	return e.at((float64((p[0]-e.a[0])*cos*ex) + float64((p[1]-e.a[1])*ey)) / length)
}

// nearest sets the distance of the span's cells that are not at 0 already.
func (p *painter) nearest(s span, found []int32, keep bool) {
	g := &p.g
	for r := s.r0; r < s.r1; r++ {
		cos, lat := g.cos[r], g.lat[r]
		for c := s.c0; c < s.c1; c++ {
			i := r*g.w + c
			if p.dist[i] == 0 {
				continue
			}
			at := orb.Point{g.lon[c], lat}
			var best orb.Point
			plane := math.Inf(1)
			for _, j := range found {
				q := nearestOnEdge(at, &p.edges[j], cos)
				x, y := (q[0]-at[0])*cos, q[1]-at[1]
				if d := float64(x*x) + float64(y*y); d < plane {
					plane, best = d, q
				}
			}
			east := float64((at[0]-best[0])*data.MetresPerDegree) * g.cosAt(r, (lat+best[1])/2)
			north := float64((lat - best[1]) * data.MetresPerDegree)
			p.dist[i] = math.Sqrt(float64(east*east) + float64(north*north))
			if keep {
				p.near[i] = best
			}
		}
	}
}
