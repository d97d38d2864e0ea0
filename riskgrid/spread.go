package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// ring is a ring of a spread area with the sign that makes its integral count:
// outer rings add, holes take away, whichever way they run.
type ring struct {
	points []orb.Point
	sign   float64
}

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

// orient lists the area's rings with their signs and gives its area in square
// degrees of longitude times latitude.
func (p *painter) orient(shape orb.Geometry) float64 {
	p.rings = p.rings[:0]
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
		p.rings = append(p.rings, ring{r, sign})
		sum += sign * area
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

// share is the mean lethality at a place over the oriented rings, whose point
// nearest to the place is near, nearest metres away, and whose area is in square
// degrees.
func (p *painter) share(at, near orb.Point, nearest, area float64, k *kernel) float64 {
	cos := math.Cos((at[1] + near[1]) * (math.Pi / 360))
	metres2 := area * data.MetresPerDegree * data.MetresPerDegree * cos
	sum := 0.0
	if k.f.Kind == data.Polar {
		for _, r := range p.rings {
			for i := 1; i < len(r.points); i++ {
				if r.points[i-1] != r.points[i] {
					s := seen(at, r.points[i-1], r.points[i], cos)
					sum += r.sign * s.side * p.fan(&s, k)
				}
			}
		}
		return min(max(sum/metres2, 0), 1)
	}
	return p.plain(at, nearest, cos, metres2)
}

// plain is share's part for footprints that are the same in all directions: the
// integral of the piece in which the furthest point lies, and for each piece
// before it what it exceeds the next one by, within its radius.
func (p *painter) plain(at orb.Point, nearest, cos, metres2 float64) float64 {
	furthest := p.look(at, cos)
	sum, first := 0.0, true
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
				_, moment := p.disc(v.r1, true)
				sum += v.b * moment
			}
			break
		}
		area, moment := p.disc(v.r1, v.db != 0)
		sum += v.da*area + v.db*moment
		first = false
	}
	return min(max(sum/metres2, 0), 1)
}

// look puts all edges of the rings in the plane about the place, as p.seen, and
// gives the distance of their furthest vertex.
func (p *painter) look(at orb.Point, cos float64) float64 {
	p.seen = p.seen[:0]
	furthest2 := 0.0
	for _, r := range p.rings {
		for i := 1; i < len(r.points); i++ {
			if r.points[i-1] == r.points[i] {
				continue
			}
			s := seen(at, r.points[i-1], r.points[i], cos)
			furthest2 = max(furthest2, s.furthest2())
			if s.h == 0 {
				continue // the place is on its line: no triangle
			}
			s.side *= r.sign
			p.seen = append(p.seen, s)
		}
	}
	return math.Sqrt(furthest2)
}

// disc is the area of the rings within a radius of the place and, if asked for,
// the integral of the distance over it. Each edge makes a triangle with the
// place, which the circle cuts into a triangle and sectors: ∫ min(r,ρ)²/2 dθ
// and ∫ min(r,ρ)³/3 dθ.
func (p *painter) disc(r float64, moments bool) (area, moment float64) {
	sectors := turns{re: 1}
	for i := range p.seen {
		s := &p.seen[i]
		s0, s1 := s.within(r)
		if s0 >= s1 {
			sectors.add(s, s.a, s.b)
			continue
		}
		area += s.side * s.h * (s1 - s0)
		if moments {
			moment += s.side * s.h * s.moment(s0, s1)
		}
		if s.a < s0 {
			sectors.add(s, s.a, s0)
		}
		if s.b > s1 {
			sectors.add(s, s1, s.b)
		}
	}
	arcs := sectors.angle() * r * r
	return (area + arcs) / 2, (moment + arcs*r) / 3
}

// turns adds up angles as a product of complex numbers, so that one arc tangent
// serves all.
type turns struct {
	re, im float64
	whole  int // full turns
}

// add turns by the angle, under half a turn, at which the place sees the
// straight from s0 to s1.
func (t *turns) add(s *straight, s0, s1 float64) {
	x, y := s.h2+float64(s0*s1), s.side*s.h*(s1-s0)
	size := 1 / math.Sqrt(float64(x*x)+float64(y*y))
	x, y = x*size, y*size
	re, im := float64(t.re*x)-float64(t.im*y), float64(t.re*y)+float64(t.im*x)
	switch { // past the negative axis
	case y > 0 && t.im >= 0 && im < 0:
		t.whole++
	case y < 0 && t.im < 0 && im >= 0:
		t.whole--
	}
	t.re, t.im = re, im
}

// angle is the sum in radians.
func (t *turns) angle() float64 { return math.Atan2(t.im, t.re) + 2*math.Pi*float64(t.whole) }
