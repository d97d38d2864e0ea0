package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// piece is a straight part of a footprint: v = a + b·r up to r1 metres, from
// where the piece before it ends; r2 is the square of r1. da and db are what a
// and b exceed those of the next piece by.
type piece struct{ r1, r2, a, b, da, db float64 }

// narrowest is the width in metres under which a slope counts as a jump in its
// middle: an integral does not see the difference, and its terms do not cancel.
const narrowest = 1e-3

// profile cuts a step, linear or table footprint into straight pieces.
func (p *painter) profile(f *data.Footprint) {
	p.pieces = p.pieces[:0]
	add := func(r0, r1, v0, v1 float64) {
		switch {
		case r1-r0 < narrowest && v0 != v1:
			p.pieces = append(p.pieces, piece{r1: (r0 + r1) / 2, a: v0}, piece{r1: r1, a: v1})
		case r1 > r0:
			b := (v1 - v0) / (r1 - r0)
			p.pieces = append(p.pieces, piece{r1: r1, a: v0 - float64(b*r0), b: b})
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
	for i := range p.pieces {
		v := &p.pieces[i]
		v.r2, v.da, v.db = float64(v.r1*v.r1), v.a, v.b
		if i+1 < len(p.pieces) {
			v.da -= p.pieces[i+1].a
			v.db -= p.pieces[i+1].b
		}
	}
}

// straight is an edge seen from a place in a plane of metres: h off its line,
// from s = a to s = b along it, the place's foot at 0.
type straight struct {
	h, h2, a, b float64    // h2 is the square of h
	side        float64    // 1 where the edge runs counter-clockwise about the place, else -1
	weight      float64    // in a ring's integral: side times the ring's sign
	u           [2]float64 // its direction, east and north
}

// seen puts the edge, which has a length, in the plane about a place whose
// degrees of longitude are scaled by cos.
func seen(at, a, b orb.Point, cos float64) straight {
	const metres = data.MetresPerDegree
	ax, ay := float64((a[0]-at[0])*(metres*cos)), float64((a[1]-at[1])*metres)
	ex, ey := float64((b[0]-a[0])*(metres*cos)), float64((b[1]-a[1])*metres)
	length := math.Sqrt(float64(ex*ex) + float64(ey*ey))
	inverse := 1 / length
	ux, uy := ex*inverse, ey*inverse
	cross := float64(ax*uy) - float64(ay*ux)
	along := float64(ax*ux) + float64(ay*uy)
	return straight{
		h: math.Abs(cross), h2: float64(cross * cross), side: math.Copysign(1, cross),
		u: [2]float64{ux, uy}, a: along, b: along + length,
	}
}

// foot is the point of the straight's line that is nearest to the place.
func (s *straight) foot() (east, north float64) {
	return float64(s.side * s.h * s.u[1]), -float64(s.side * s.h * s.u[0])
}

// nearest2 and furthest2 are the squares of the least and the greatest distance
// of its points.
func (s *straight) nearest2() float64 {
	switch {
	case s.a > 0:
		return s.h2 + float64(s.a*s.a)
	case s.b < 0:
		return s.h2 + float64(s.b*s.b)
	}
	return s.h2
}

func (s *straight) furthest2() float64 {
	most := s.b
	if -s.a > most {
		most = -s.a
	}
	return s.h2 + float64(most*most)
}

// within is the part of the straight within a radius whose square is r2, from s0
// to s1; empty where s0 >= s1.
func (s *straight) within(r2 float64) (s0, s1 float64) {
	c2 := r2 - s.h2
	if c2 <= 0 {
		return 0, 0
	}
	half := math.Sqrt(c2)
	s0, s1 = s.a, s.b
	if s0 < -half {
		s0 = -half
	}
	if s1 > half {
		s1 = half
	}
	if s0 > s1 {
		return 0, 0
	}
	return s0, s1
}

// moment is the integral of the distance from the place along s0..s1:
// ∫ √(h²+s²) ds = ½ (s d + h² asinh(s/h)). The difference of the two inverse
// hyperbolic sines is one logarithm, ln((d0-s0)(d1+s1)/h²); what cancels in it
// is lost from a term that is small by as much.
func (s *straight) moment(s0, s1 float64) float64 {
	d0 := math.Sqrt(s.h2 + float64(s0*s0))
	d1 := math.Sqrt(s.h2 + float64(s1*s1))
	sum := float64(s1*d1) - float64(s0*d0)
	if s.h2 > 1e-12*(float64(d0*d0)+float64(d1*d1)) {
		sum += float64(s.h2 * logRatio((d0-s0)*(d1+s1), s.h2))
	}
	return sum / 2
}

// logRatio is ln(num/den) of positive numbers, to about 1e-13, by the series of
// the inverse hyperbolic tangent: one division, and a third of math.Log's time,
// which is most of a segment's integral.
func logRatio(num, den float64) float64 {
	const tiny = 1e-300
	if num < tiny || den < tiny {
		return math.Log(num / den)
	}
	const mantissa = 1<<52 - 1
	n, d := math.Float64bits(num), math.Float64bits(den)
	k := float64(int(n>>52) - int(d>>52))
	x := math.Float64frombits(n&mantissa | 1023<<52) // in [1, 2)
	y := math.Float64frombits(d&mantissa | 1023<<52)
	switch {
	case x > math.Sqrt2*y:
		x, k = x/2, k+1
	case y > math.Sqrt2*x:
		y, k = y/2, k-1
	}
	f := (x - y) / (x + y)
	q := float64(f * f)
	q2 := float64(q * q)
	q4 := float64(q2 * q2)
	low := float64(1+float64(q*(1.0/3))) + float64(q2*(1.0/5+float64(q*(1.0/7))))
	high := float64(1.0/9+float64(q*(1.0/11))) + float64(q2*(1.0/13+float64(q*(1.0/15))))
	return float64(2*f*(low+float64(q4*high))) + float64(k*math.Ln2)
}
