package riskgrid

import (
	"math"

	"riskatlas/data"
)

// lineKernel turns the place of an edge into the integral of a footprint along it.
type lineKernel struct {
	kernel
	units  float64 // of Risk for a metre of lethality 1
	reach  float64 // metres
	reach2 float64 // its square
	inside float64 // step, linear: the square of the radius to which V0 holds
	slope  float64 // and how it falls from there, per metre; 0 for a step
	ramp   bool    // step, linear: the integral is alongRamp's
	table  *tabled // not nil: it is alongTable's
}

// linear makes ready to integrate the footprint along lines.
func (p *painter) linear(f *data.Footprint) lineKernel {
	l := lineKernel{kernel: newKernel(f, 1), reach: f.Reach(), reach2: f.Reach() * f.Reach()}
	switch f.Kind {
	case data.Step, data.Linear:
		l.ramp, l.inside = true, f.R1*f.R1
		if f.R2-f.R1 >= narrowest {
			l.slope = f.V0 / (f.R2 - f.R1)
		} else {
			middle := (f.R1 + f.R2) / 2
			l.inside = middle * middle
		}
	case data.Polar:
		p.directions(f)
	default:
		if l.table = p.table(f); l.table.panel == 0 {
			l.table = nil
			p.profile(f)
		}
	}
	return l
}

// along adds to sums the integral of the lethality over an edge, in metres, at
// places of the view's latitude.
func (p *painter) along(sums, lons []float64, v *view, l *lineKernel) {
	if l.ramp {
		l.alongRamp(sums, lons, v)
		return
	}
	if l.table != nil {
		l.table.alongTable(sums, lons, v, l.reach2)
		return
	}
	for i, lon := range lons {
		east := float64((v.lon - lon) * v.scale)
		cross := float64(east*v.uy) - v.cross0
		a := float64(east*v.ux) + v.a0
		s := straight{h2: float64(cross * cross), a: a, b: a + v.length}
		switch {
		case s.nearest2() > l.reach2:
		case l.f.Kind == data.Polar:
			s.h, s.side, s.u = math.Abs(cross), math.Copysign(1, cross), [2]float64{v.ux, v.uy}
			sums[i] += p.alongPolar(&s, &l.kernel)
		default:
			sums[i] += max(p.alongPieces(&s), 0)
		}
	}
}

// alongPieces is the integral over a straight of the footprint in p.pieces: that
// of the piece in which its furthest point lies, and for each piece before it
// what it exceeds the next one by, within its radius.
func (p *painter) alongPieces(s *straight) float64 {
	nearest2, furthest2 := s.nearest2(), s.furthest2()
	sum := 0.0
	for i := range p.pieces {
		v := &p.pieces[i]
		if v.r2 <= nearest2 {
			continue
		}
		if v.r2 >= furthest2 {
			sum += float64(v.a * (s.b - s.a))
			if v.b != 0 {
				sum += float64(v.b * s.moment(s.a, s.b))
			}
			break
		}
		s0, s1 := s.within(v.r2)
		sum += float64(v.da * (s1 - s0))
		if v.db != 0 {
			sum += float64(v.db * s.moment(s0, s1))
		}
	}
	return sum
}
