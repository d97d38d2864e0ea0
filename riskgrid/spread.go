package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// stretch is some consecutive edges of a ring of a spread area, with the sign
// that makes the ring's integral count: outer rings add, holes take away,
// whichever way they run. Seen from a place that is further from its box than
// the reach, only the angle between its ends counts.
type stretch struct {
	points []orb.Point
	sign   float64
	box    orb.Bound
}

const stretchEdges = 16

// spread adds a scenario whose frequency is spread evenly over the polygon:
// f/A ∫ v(|x-y|) dA(y), A the polygon's area, both in the plane at the mean
// latitude of the place and its nearest point. The integral is a sum over edges
// in closed form (circle-polygon area and its first moment); polar footprints
// take a quadrature along the edges. A polygon of no area counts as its shape.
func (p *painter) spread(shape orb.Geometry, f *data.Footprint, units float64) {
	s := p.measure(shape, f.Reach(), true)
	if s.empty() {
		return
	}
	area := p.orient(shape)
	if !(area > 0) {
		p.apply(s, f, units)
		return
	}
	k := newKernel(f, units)
	p.profile(f)
	if f.Kind == data.Polar {
		p.directions(f)
		p.accumulate(f)
	}
	g := &p.g
	for r := s.r0; r < s.r1; r++ {
		for c := s.c0; c < s.c1; c++ {
			i := r*g.w + c
			if p.dist[i] > f.Reach() {
				continue
			}
			at, near := orb.Point{g.lon[c], g.lat[r]}, p.near[i]
			if p.dist[i] == 0 {
				at = near
			}
			p.dst[i] += fixed(p.share(at, near, p.dist[i], area, &k) * k.units)
		}
	}
}

// orient lists the area's rings as stretches and gives its area in square
// degrees of longitude times latitude.
func (p *painter) orient(shape orb.Geometry) float64 {
	p.stretches = p.stretches[:0]
	switch g := shape.(type) {
	case orb.Polygon:
		return p.orientPolygon(g)
	case orb.MultiPolygon:
		sum := 0.0
		for _, poly := range g {
			sum += p.orientPolygon(poly)
		}
		return sum
	}
	return 0
}

func (p *painter) orientPolygon(poly orb.Polygon) float64 {
	sum := 0.0
	for i, r := range poly {
		area := signedArea(r)
		sign := 1.0
		if (area < 0) != (i > 0) {
			sign = -1
		}
		sum += sign * area
		for from := 0; from+1 < len(r); from += stretchEdges {
			points := r[from:min(from+stretchEdges+1, len(r))]
			p.stretches = append(p.stretches, stretch{points, sign, orb.MultiPoint(points).Bound()})
		}
	}
	return sum
}

// signedArea is the ring's area in square degrees, positive where it runs
// counter-clockwise.
func signedArea(r orb.Ring) float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		sum += float64((r[i-1][0]-r[0][0])*(r[i][1]-r[0][1])) - float64((r[i][0]-r[0][0])*(r[i-1][1]-r[0][1]))
	}
	return sum / 2
}

// share is the mean lethality at a place over the oriented area, whose point
// nearest to the place is near, nearest metres away, and which has that many
// square degrees.
func (p *painter) share(at, near orb.Point, nearest, area float64, k *kernel) float64 {
	cos := math.Cos((at[1] + near[1]) * (math.Pi / 360))
	metres2 := area * data.MetresPerDegree * data.MetresPerDegree * cos
	furthest := p.look(at, cos, k.f.Reach())
	sum := 0.0
	if k.f.Kind == data.Polar {
		for i := range p.seen {
			sum += p.seen[i].weight * p.fan(&p.seen[i], k)
		}
		for _, s := range p.sectors {
			sum += s.sign * p.sector(s, k)
		}
		return min(max(sum/metres2, 0), 1)
	}
	first := true
	for i := range p.pieces {
		v := &p.pieces[i]
		if v.r1 <= nearest {
			continue
		}
		if v.r1 >= furthest {
			if first && v.b == 0 {
				return v.a // the whole area lies in one plain: no rounding
			}
			sum += v.a * metres2
			if v.b != 0 {
				_, moment := p.disc(v, true)
				sum += v.b * moment
			}
			break
		}
		area, moment := p.disc(v, v.db != 0)
		sum += v.da*area + v.db*moment
		first = false
	}
	return min(max(sum/metres2, 0), 1)
}
