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

// fans are the tangents of the angles, 0.25 apart, where the panels of a straight
// end: the place sees none of them wider.
var fans = [...]float64{0.2553419212210363, 0.5463024898437905, 0.9315964599440725,
	1.5574077246549023, 3.0095696738628313, 14.101419947171719}

// bearing is what is kept of one bearing of a polar footprint.
type bearing struct {
	east, north float64 // its direction
	from        float64 // ∫ of all that lies in reach, from north to here, over the angle in radians
}

// panels cuts a straight where the lethality has corners; with fan also so that
// distances no more than double over a panel. The ends are p.cuts.
func (p *painter) panels(s *straight, f *data.Footprint, fan bool) []float64 {
	p.cuts = append(p.cuts[:0], s.a, s.b)
	cut := func(at float64) {
		if at > s.a && at < s.b {
			p.cuts = append(p.cuts, at)
		}
	}
	both := func(at float64) { cut(at); cut(-at) }
	cut(0)
	nearest2, furthest2 := s.nearest2(), s.furthest2()
	for _, m := range f.Metres {
		if m2 := m * m; m2 > nearest2 && m2 < furthest2 {
			both(math.Sqrt(m2 - s.h2))
		}
	}
	east0, north0 := s.foot()
	for _, b := range p.rose {
		// The point of the line that sees the place at this bearing.
		across := s.u[0]*b.north - s.u[1]*b.east
		if across == 0 {
			continue
		}
		at := -(east0*b.north - north0*b.east) / across
		if at > s.a && at < s.b && (east0+at*s.u[0])*b.east+(north0+at*s.u[1])*b.north < 0 {
			cut(at)
		}
	}
	for _, t := range fans {
		both(s.h * t)
	}
	if fan {
		for at := 4 * s.h; at < max(-s.a, s.b) && at > 0; at *= 2 {
			both(at)
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

// directions fills p.rose.
func (p *painter) directions(f *data.Footprint) {
	p.rose = p.rose[:0]
	for _, b := range f.Bearings {
		east, north := math.Sincos(b * (math.Pi / 180))
		p.rose = append(p.rose, bearing{east: east, north: north})
	}
}

// accumulate fills p.sums with ∫ v r dr from 0 to each metre, by bearing, and
// p.rose with its integral over the bearings.
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
	for i := 1; i < len(p.rose); i++ {
		mean := (p.sums[i*n-1] + p.sums[i*n+n-1]) / 2
		p.rose[i].from = p.rose[i-1].from + mean*(f.Bearings[i]-f.Bearings[i-1])*(math.Pi/180)
	}
}

// sector is the integral over all in reach in the angle at which the place sees
// a stretch past the reach, positive where it runs counter-clockwise.
func (p *painter) sector(s sector, k *kernel) float64 {
	if s.ax*s.by == s.ay*s.bx {
		return 0
	}
	b0, b1 := degrees(-s.ax, -s.ay), degrees(-s.bx, -s.by)
	sum := p.until(b0, k) - p.until(b1, k)
	// Counter-clockwise the bearing falls, and by less than half a turn.
	switch {
	case b1-b0 > 180:
		sum += p.round(k)
	case b0-b1 > 180:
		sum -= p.round(k)
	}
	return sum
}

// until is the integral over all in reach from the first bearing to one that is
// counted on from it.
func (p *painter) until(bearing float64, k *kernel) float64 {
	bs, n := k.f.Bearings, len(k.f.Metres)
	lo, hi, t := k.turn(bearing)
	width := bs[hi] - bs[lo]
	if width <= 0 {
		width += 360
	}
	v0, v1 := p.sums[lo*n+n-1], p.sums[hi*n+n-1]
	part := t * width * (math.Pi / 180) * (v0 + t*(v1-v0)/2)
	if bearing <= bs[0] { // it comes after the last one
		part -= p.round(k)
	}
	return p.rose[lo].from + part
}

// round is the integral over all in reach in all directions.
func (p *painter) round(k *kernel) float64 {
	bs, n := k.f.Bearings, len(k.f.Metres)
	last := len(bs) - 1
	width := bs[0] + 360 - bs[last]
	return p.rose[last].from + width*(math.Pi/180)*(p.sums[n-1]+p.sums[last*n+n-1])/2
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
