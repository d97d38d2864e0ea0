package riskgrid

import (
	"math"

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

// see puts the edge from a to b, metres from the place, as part of a ring of that
// sign. It reports whether the place is off the edge's line.
func (s *straight) see(ax, ay, bx, by, sign float64) bool {
	ex, ey := bx-ax, by-ay
	s.b = math.Sqrt(float64(ex*ex) + float64(ey*ey))
	if s.b == 0 {
		return false
	}
	inverse := 1 / s.b
	s.u[0], s.u[1] = ex*inverse, ey*inverse
	cross := float64(ax*s.u[1]) - float64(ay*s.u[0])
	s.a = float64(ax*s.u[0]) + float64(ay*s.u[1])
	s.b += s.a
	s.h, s.h2, s.side = math.Abs(cross), float64(cross*cross), math.Copysign(1, cross)
	s.weight = s.side * sign
	return s.h > 0
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
		sum += float64(s.h2 * logOver((d0-s0)*(d1+s1)/s.h2))
	}
	return sum / 2
}

// logStep is a part of the mantissas from 1 to 2: one over its begin, and the
// logarithm of that begin.
type logStep struct{ inverse, log float64 }

const logBits = 7

var logSteps = func() (t [1 << logBits]logStep) {
	for i := range t {
		x := 1 + float64(i)/(1<<logBits)
		t[i] = logStep{1 / x, math.Log(x)}
	}
	return t
}()

// logOver is ln(x) of a finite x >= 1, to 1e-11 of it: what an integral along a
// line needs, in a third of math.Log's time.
func logOver(x float64) float64 {
	bits := math.Float64bits(x)
	step := &logSteps[bits>>(52-logBits)&(1<<logBits-1)]
	y := math.Float64frombits(bits&(1<<52-1)|1023<<52)*step.inverse - 1 // 0 to 1/128
	return float64(int(bits>>52)-1023)*math.Ln2 + step.log + y*(1-y*(1.0/2-y*(1.0/3-y*(1.0/4-y*(1.0/5)))))
}
