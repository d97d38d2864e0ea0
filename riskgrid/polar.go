package riskgrid

import (
	"math"
	"slices"

	"riskatlas/data"
)

// Integrals of polar footprints are quadratures along edges, whose panels end
// wherever the lethality has a corner: at the footprint's metres and bearings.
// Between them it is smooth and three points of Gauss and Legendre are enough.

var gauss = [3]struct{ x, w float64 }{
	{-0.774596669241483377, 5.0 / 9}, {0, 8.0 / 9}, {0.774596669241483377, 5.0 / 9},
}

// widest is the angle in radians under which the place sees a panel at most.
const widest = 0.25

// panels cuts a straight where the lethality has corners; with fan also so that
// distances no more than double over a panel. The ends are p.cuts.
func (p *painter) panels(s *straight, f *data.Footprint, fan bool) []float64 {
	east0, north0 := s.foot()
	p.cuts = append(p.cuts[:0], s.a, s.b)
	cut := func(at float64) {
		if at > s.a && at < s.b {
			p.cuts = append(p.cuts, at)
		}
	}
	cut(0)
	for _, m := range f.Metres {
		if c2 := (m - s.h) * (m + s.h); c2 > 0 {
			half := math.Sqrt(c2)
			cut(half)
			cut(-half)
		}
	}
	for _, b := range f.Bearings {
		// The point of the line that sees the place at this bearing.
		east, north := math.Sincos(b * (math.Pi / 180))
		along := s.u[0]*east + s.u[1]*north
		across := s.u[0]*north - s.u[1]*east
		off := east0*north - north0*east
		if across == 0 {
			continue
		}
		at := -off / across
		if (east0*east+north0*north)+at*along < 0 {
			cut(at)
		}
	}
	for angle := widest; angle < math.Pi/2; angle += widest {
		half := s.h * math.Tan(angle)
		cut(half)
		cut(-half)
	}
	if fan {
		for half := 4 * s.h; half < max(-s.a, s.b) && half > 0; half *= 2 {
			cut(half)
			cut(-half)
		}
	}
	slices.Sort(p.cuts)
	return p.cuts
}

// alongPolar is the integral of a polar lethality along a straight, in metres.
func (p *painter) alongPolar(s *straight, k *kernel) float64 {
	sum := 0.0
	east, north := s.foot()
	cuts := p.panels(s, k.f, false)
	for i := 1; i < len(cuts); i++ {
		middle, half := (cuts[i]+cuts[i-1])/2, (cuts[i]-cuts[i-1])/2
		for _, q := range gauss {
			at := middle + q.x*half
			if d := math.Sqrt(s.h2 + at*at); d > 0 && d <= k.f.Reach() {
				sum += q.w * half * k.polar(d, -(east+at*s.u[0]), -(north+at*s.u[1]))
			}
		}
	}
	return sum
}

// fan is the integral of a polar lethality over the triangle from the place to
// the straight: ∫ W(ρ, θ) dθ with W = ∫ v r dr and dθ = h/ρ² ds.
func (p *painter) fan(s *straight, k *kernel) float64 {
	if s.h < 1e-6 { // a triangle of at most 0.02 m²
		return 0
	}
	sum := 0.0
	east, north := s.foot()
	cuts := p.panels(s, k.f, true)
	for i := 1; i < len(cuts); i++ {
		middle, half := (cuts[i]+cuts[i-1])/2, (cuts[i]-cuts[i-1])/2
		for _, q := range gauss {
			at := middle + q.x*half
			d2 := s.h2 + at*at
			w := p.radial(math.Sqrt(d2), -(east + at*s.u[0]), -(north + at*s.u[1]), k)
			sum += q.w * half * w * s.h / d2
		}
	}
	return sum
}

// accumulate fills p.sums with ∫ v r dr from 0 to each metre, by bearing.
func (p *painter) accumulate(f *data.Footprint) {
	n := len(f.Metres)
	p.sums = resize(p.sums, len(f.Lethality))
	for row := 0; row < len(f.Lethality); row += n {
		v := f.Lethality[row : row+n]
		p.sums[row] = v[0] * f.Metres[0] * f.Metres[0] / 2
		for i := 1; i < n; i++ {
			p.sums[row+i] = p.sums[row+i-1] + ramp(f.Metres[i-1], f.Metres[i], v[i-1], v[i], f.Metres[i])
		}
	}
}

// ramp is ∫ v r dr from m0 to r, for v that runs straight from v0 at m0 to v1 at
// m1.
func ramp(m0, m1, v0, v1, r float64) float64 {
	if m1 <= m0 {
		return 0
	}
	x := r - m0
	slope := (v1 - v0) / (m1 - m0)
	return x * (v0*(m0+x/2) + slope*x*(m0/2+x/3))
}

// radial is ∫ v r dr from the place to a distance d, where the bearing back to
// the place is that of east and north.
func (p *painter) radial(d, east, north float64, k *kernel) float64 {
	i := k.seek(d)
	lo, hi, t := k.turn(degrees(east, north))
	a := p.row(lo, i, d, k.f)
	if lo == hi {
		return a
	}
	return a + (p.row(hi, i, d, k.f)-a)*t
}

func (p *painter) row(bearing, i int, d float64, f *data.Footprint) float64 {
	n := len(f.Metres)
	v, sums := f.Lethality[bearing*n:bearing*n+n], p.sums[bearing*n:bearing*n+n]
	switch i {
	case 0:
		return v[0] * d * d / 2
	case n:
		return sums[n-1]
	}
	return sums[i-1] + ramp(f.Metres[i-1], f.Metres[i], v[i-1], v[i], d)
}
