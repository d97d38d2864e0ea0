package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// sector is the angle at which a place sees a stretch that is past the reach:
// from one of its ends to the other.
type sector struct {
	sign           float64
	ax, ay, bx, by float64 // the ends from the place, metres
}

// look puts the oriented area in the plane about a place: near edges in p.seen,
// stretches past the reach in p.sectors and, as a sum of angles, in p.turned. It
// gives the distance of the furthest vertex, +Inf if some are past the reach.
func (p *painter) look(at orb.Point, cos, reach float64) float64 {
	const metres = data.MetresPerDegree
	p.seen, p.sectors, p.turned = p.seen[:0], p.sectors[:0], turns{re: 1}
	furthest2 := 0.0
	for i := range p.stretches {
		s := &p.stretches[i]
		x := max(s.box.Min[0]-at[0], at[0]-s.box.Max[0], 0) * (metres * cos)
		y := max(s.box.Min[1]-at[1], at[1]-s.box.Max[1], 0) * metres
		if math.Sqrt(x*x+y*y) > reach {
			a, b := s.points[0], s.points[len(s.points)-1]
			f := sector{s.sign, (a[0] - at[0]) * (metres * cos), (a[1] - at[1]) * metres,
				(b[0] - at[0]) * (metres * cos), (b[1] - at[1]) * metres}
			p.sectors = append(p.sectors, f)
			p.turned.turn(f.ax*f.bx+f.ay*f.by, s.sign*(f.ax*f.by-f.ay*f.bx))
			furthest2 = math.Inf(1)
			continue
		}
		bx, by := (s.points[0][0]-at[0])*(metres*cos), (s.points[0][1]-at[1])*metres
		for j := 1; j < len(s.points); j++ {
			ax, ay := bx, by
			bx, by = (s.points[j][0]-at[0])*(metres*cos), (s.points[j][1]-at[1])*metres
			furthest2 = max(furthest2, ax*ax+ay*ay, bx*bx+by*by)
			if s.points[j-1] == s.points[j] {
				continue
			}
			n := len(p.seen)
			if n == cap(p.seen) {
				p.seen = append(p.seen, straight{})
			}
			p.seen = p.seen[:n+1]
			if !p.seen[n].see(ax, ay, bx, by, s.sign) {
				p.seen = p.seen[:n] // the place is on its line: no triangle
			}
		}
	}
	return math.Sqrt(furthest2)
}

// disc is the area of what p.look saw within the piece's radius of the place
// and, if asked for, the integral of the distance over it. Each edge makes a
// triangle with the place, which the circle cuts into a triangle and sectors:
// ∫ min(r,ρ)²/2 dθ and ∫ min(r,ρ)³/3 dθ.
func (p *painter) disc(v *piece, moments bool) (area, moment float64) {
	sectors := p.turned
	for i := range p.seen {
		s := &p.seen[i]
		s0, s1 := s.within(v.r2)
		if s0 >= s1 {
			sectors.add(s, s.a, s.b)
			continue
		}
		area += s.weight * s.h * (s1 - s0)
		if moments {
			moment += s.weight * s.h * s.moment(s0, s1)
		}
		if s.a < s0 {
			sectors.add(s, s.a, s0)
		}
		if s.b > s1 {
			sectors.add(s, s1, s.b)
		}
	}
	arcs := sectors.angle() * v.r2
	return (area + arcs) / 2, (moment + arcs*v.r1) / 3
}

// turns adds up angles as a product of complex numbers, so that one arc tangent
// serves all. Only its direction counts.
type turns struct {
	re, im float64
	whole  int // full turns
}

// add turns by the angle at which the place sees the straight from s0 to s1.
func (t *turns) add(s *straight, s0, s1 float64) {
	t.turn(s.h2+float64(s0*s1), s.weight*s.h*(s1-s0))
}

// turn turns by the angle of x + iy, which is under half a turn.
func (t *turns) turn(x, y float64) {
	re, im := float64(t.re*x)-float64(t.im*y), float64(t.re*y)+float64(t.im*x)
	size := math.Abs(re) + math.Abs(im)
	if size < 1e-60 || size > 1e60 { // rarely: squares of metres are no such sizes
		if size = math.Hypot(x, y); size == 0 {
			return
		}
		last := math.Abs(t.re) + math.Abs(t.im)
		t.re, t.im, x, y = t.re/last, t.im/last, x/size, y/size
		re, im = float64(t.re*x)-float64(t.im*y), float64(t.re*y)+float64(t.im*x)
	}
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
