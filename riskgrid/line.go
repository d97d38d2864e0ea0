package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// piece is a straight part of a footprint: v = a + b·r for r0 < r <= r1, metres.
type piece struct{ r0, r1, a, b float64 }

// narrowest is the width in metres under which a slope counts as a jump in its
// middle: an integral does not see the difference, and its terms do not cancel.
const narrowest = 1e-3

// profile cuts a step, linear or table footprint into straight pieces.
func (p *painter) profile(f *data.Footprint) {
	p.pieces = p.pieces[:0]
	add := func(r0, r1, v0, v1 float64) {
		switch {
		case r1-r0 < narrowest && v0 != v1:
			middle := (r0 + r1) / 2
			p.pieces = append(p.pieces, piece{r0, middle, v0, 0}, piece{middle, r1, v1, 0})
		case r1 > r0:
			b := (v1 - v0) / (r1 - r0)
			p.pieces = append(p.pieces, piece{r0, r1, v0 - float64(b*r0), b})
		}
	}
	switch f.Kind {
	case data.Step, data.Linear:
		add(0, f.R1, f.V0, f.V0)
		add(f.R1, f.R2, f.V0, 0)
	case data.Table:
		m, v := f.Metres, f.Lethality
		add(0, m[0], v[0], v[0])
		for i := 1; i < len(m); i++ {
			add(m[i-1], m[i], v[i-1], v[i])
		}
	}
}

// straight is an edge seen from a place in a plane of metres: h off its line,
// from s = a to s = b along it, the place's foot at 0. Points of it lie at
// foot + s·u.
type straight struct {
	h, a, b float64
	da, db  float64 // distances of its ends
	side    float64 // 1 where the edge runs counter-clockwise about the place, else -1
	u, foot [2]float64
}

// seen puts the edge in the plane about a place, whose degrees of longitude are
// scaled by cos. An edge of no length gives a straight of no length.
func seen(at, a, b orb.Point, cos float64) straight {
	ax, ay := float64((a[0]-at[0])*data.MetresPerDegree)*cos, float64((a[1]-at[1])*data.MetresPerDegree)
	bx, by := float64((b[0]-at[0])*data.MetresPerDegree)*cos, float64((b[1]-at[1])*data.MetresPerDegree)
	ex, ey := bx-ax, by-ay
	length := math.Sqrt(float64(ex*ex) + float64(ey*ey))
	s := straight{da: math.Sqrt(float64(ax*ax) + float64(ay*ay)), db: math.Sqrt(float64(bx*bx) + float64(by*by)), side: 1}
	if length == 0 {
		s.h = s.da
		return s
	}
	s.u = [2]float64{ex / length, ey / length}
	s.a = float64(ax*s.u[0]) + float64(ay*s.u[1])
	s.b = float64(bx*s.u[0]) + float64(by*s.u[1])
	cross := float64(ax*s.u[1]) - float64(ay*s.u[0])
	if cross < 0 {
		s.side = -1
	}
	s.h = math.Abs(cross)
	s.foot = [2]float64{float64(cross * s.u[1]), -float64(cross * s.u[0])}
	s.da, s.db = max(s.da, s.h), max(s.db, s.h) // at the foot rounding may have it otherwise
	return s
}

// nearest and furthest are the least and greatest distance of its points.
func (s *straight) nearest() float64 {
	if s.a <= 0 && s.b >= 0 {
		return s.h
	}
	return min(s.da, s.db)
}

func (s *straight) furthest() float64 { return max(s.da, s.db) }

// chord is the part of a straight within a radius: from s0 to s1, whose
// distances are d0 and d1. It is empty where s0 >= s1.
type chord struct{ s0, s1, d0, d1 float64 }

func (s *straight) within(r float64) chord {
	c2 := float64((r - s.h) * (r + s.h))
	if c2 <= 0 {
		return chord{}
	}
	half := math.Sqrt(c2)
	c := chord{s.a, s.b, s.da, s.db}
	if c.s0 < -half {
		c.s0, c.d0 = -half, r
	}
	if c.s1 > half {
		c.s1, c.d1 = half, r
	}
	if c.s0 >= c.s1 {
		return chord{}
	}
	return c
}

// moment is the integral of the distance along the chord of a straight h off:
// ∫ √(h²+s²) ds = ½ (s d + h² asinh(s/h)).
func (c chord) moment(h float64) float64 {
	if c.s0 >= c.s1 {
		return 0
	}
	sum := float64(c.s1*c.d1) - float64(c.s0*c.d0)
	if h2 := float64(h * h); h2 > 0 {
		sum += float64(h2 * math.Log(grown(c.s1, c.d1, h2)/grown(c.s0, c.d0, h2)))
	}
	return sum / 2
}

// grown is s + d for d = √(h²+s²), without cancellation where s is negative.
func grown(s, d, h2 float64) float64 {
	if s >= 0 {
		return s + d
	}
	return h2 / (d - s)
}

// line is a scenario that counts per kilometre.
type line struct {
	kernel kernel
	reach  float64
}

// longest is the length in metres past which an edge is integrated in parts,
// each in its own plane.
const longest = 5000

// perKm adds a scenario whose frequency counts per kilometre of the line: the
// integral of the lethality along it, segment by segment in closed form in the
// plane at the mean latitude of the place and the segment's nearest point.
func (p *painter) perKm(shape orb.Geometry, f *data.Footprint, units float64) {
	s := p.g.clip(data.PadMetres(shape.Bound(), f.Reach()))
	if s.empty() {
		return
	}
	p.blank(s, true)
	p.gather(shape, s, f.Reach())
	p.lift(s, true)
	p.divide()
	p.profile(f)
	p.search(s, search{limit: searchLimit(f.Reach()), line: &line{newKernel(f, units/1000), f.Reach()}})
}

// divide cuts long edges in equal parts.
func (p *painter) divide() {
	for i := range p.edges {
		e := p.edges[i]
		n := int(math.Ceil(data.Distance(e.a, e.b) / longest))
		if n < 2 {
			continue
		}
		for j := range n {
			part := edge{e.at(float64(j) / float64(n)), e.at(float64(j+1) / float64(n))}
			if j == 0 {
				p.edges[i] = part
			} else {
				p.edges = append(p.edges, part)
			}
		}
	}
}

// integrate adds the found edges' integrals to the cells of the span, each at
// its sample point or its centre.
func (p *painter) integrate(s span, found []int32, l *line) {
	g := &p.g
	for r := s.r0; r < s.r1; r++ {
		for c := s.c0; c < s.c1; c++ {
			i := r*g.w + c
			at, cos := orb.Point{g.lon[c], g.lat[r]}, g.cos[r]
			if p.dist[i] == 0 {
				at = p.near[i]
				cos = math.Cos(at[1] * (math.Pi / 180))
			}
			sum := 0.0
			for _, j := range found {
				sum += p.along(at, cos, &p.edges[j], l)
			}
			p.dst[i] += fixed(sum * l.kernel.units)
		}
	}
}

// along is the integral of the lethality at a place over one edge, in metres.
func (p *painter) along(at orb.Point, cos float64, e *edge, l *line) float64 {
	q := nearestOnEdge(at, e, cos)
	s := seen(at, e.a, e.b, math.Cos((at[1]+q[1])*(math.Pi/360)))
	nearest := s.nearest()
	if nearest > l.reach {
		return 0
	}
	if l.kernel.f.Kind == data.Polar {
		return p.alongPolar(&s, &l.kernel)
	}
	furthest := s.furthest()
	sum := 0.0
	for i := range p.pieces {
		v := &p.pieces[i]
		if v.r1 <= nearest {
			continue
		}
		if v.r0 >= furthest {
			break
		}
		outer, inner := s.within(v.r1), s.within(v.r0)
		sum += v.a * ((outer.s1 - outer.s0) - (inner.s1 - inner.s0))
		if v.b != 0 {
			sum += v.b * (outer.moment(s.h) - inner.moment(s.h))
		}
	}
	return max(sum, 0)
}
