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
				s := seen(at, r.points[i-1], r.points[i], cos)
				sum += r.sign * s.side * p.fan(&s, k)
			}
		}
		return min(max(sum/metres2, 0), 1)
	}
	furthest := p.furthest(at, cos)
	inner, innerMoment := 0.0, 0.0
	for i := range p.pieces {
		v := &p.pieces[i]
		if v.r1 <= nearest {
			continue
		}
		if v.r0 <= nearest && v.r1 >= furthest && v.b == 0 {
			return v.a // the whole area lies in one plain: no rounding
		}
		moments := v.b != 0 || i+1 < len(p.pieces) && p.pieces[i+1].b != 0
		outer, outerMoment := p.disc(at, cos, v.r1, moments)
		if v.r1 >= furthest {
			outer = metres2
		}
		sum += v.a * (outer - inner)
		if v.b != 0 {
			sum += v.b * (outerMoment - innerMoment)
		}
		inner, innerMoment = outer, outerMoment
		if v.r1 >= furthest {
			break
		}
	}
	return min(max(sum/metres2, 0), 1)
}

// furthest is the distance of the rings' furthest vertex.
func (p *painter) furthest(at orb.Point, cos float64) float64 {
	most := 0.0
	for _, r := range p.rings {
		for _, q := range r.points {
			x := float64((q[0]-at[0])*data.MetresPerDegree) * cos
			y := float64((q[1] - at[1]) * data.MetresPerDegree)
			most = max(most, float64(x*x)+float64(y*y))
		}
	}
	return math.Sqrt(most)
}

// disc is the area of the rings within a radius of the place and the integral of
// the distance over it (if moments are asked for): for each edge, the triangle to
// the place is cut by the circle into a triangle and sectors.
func (p *painter) disc(at orb.Point, cos, radius float64, moments bool) (area, moment float64) {
	for _, r := range p.rings {
		for i := 1; i < len(r.points); i++ {
			s := seen(at, r.points[i-1], r.points[i], cos)
			a, m := s.disc(radius, moments)
			area += r.sign * s.side * a
			moment += r.sign * s.side * m
		}
	}
	return area, moment
}

// disc is the area of the triangle from the place to the straight within a
// radius, and its moment: ∫ min(R,ρ)²/2 dθ and ∫ min(R,ρ)³/3 dθ.
func (s *straight) disc(r float64, moments bool) (area, moment float64) {
	if s.h == 0 {
		return 0, 0
	}
	c := s.within(r)
	angle := 0.0
	if c.s0 >= c.s1 {
		angle = s.angle(s.a, s.b)
	} else {
		area = s.h * (c.s1 - c.s0) / 2
		if moments {
			moment = s.h / 3 * c.moment(s.h)
		}
		if s.a < c.s0 {
			angle += s.angle(s.a, c.s0)
		}
		if s.b > c.s1 {
			angle += s.angle(c.s1, s.b)
		}
	}
	r2 := r * r
	return area + angle*r2/2, moment + angle*r2*r/3
}

// angle is the angle under which the place sees the straight from s0 to s1.
func (s *straight) angle(s0, s1 float64) float64 {
	return math.Atan2(s.h*(s1-s0), float64(s.h*s.h)+float64(s0*s1))
}
