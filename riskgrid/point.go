package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// point adds one scenario of a point source. Distances are data.Distance's to
// the bit: what it computes from the row alone is taken out of the row.
func (p *painter) point(f *data.Footprint, units float64, q orb.Point) {
	g := &p.g
	k := newKernel(f, units)
	lc, lr := -1, -1 // the lifted cell
	if g.lift {
		c, r := g.column(q[0]), g.row(q[1])
		if c >= g.all.c0 && c < g.all.c1 && r >= g.all.r0 && r < g.all.r1 {
			lc, lr = c, r
			p.dst[r*g.w+c] += k.core
		}
	}
	s := g.clip(data.PadMetres(orb.Bound{Min: q, Max: q}, f.Reach()))
	if s.empty() {
		return
	}
	p.dx = resize(p.dx, g.w)
	for c := s.c0; c < s.c1; c++ {
		p.dx[c] = float64((g.lon[c] - q[0]) * data.MetresPerDegree)
	}
	for r := s.r0; r < s.r1; r++ {
		north := float64((g.lat[r] - q[1]) * data.MetresPerDegree)
		n2 := float64(north * north)
		if n2 > k.reach2 {
			continue
		}
		cos := math.Cos((q[1] + g.lat[r]) * (math.Pi / 360))
		a, b := s.c0, s.c1
		if g.step != 0 {
			half := math.Sqrt(k.reach2-n2) / (cos * data.MetresPerDegree * g.step)
			middle := (q[0] - g.lon[0]) / g.step
			a, b = max(a, int(middle-half)), min(b, int(middle+half)+2)
		}
		if r == lr {
			p.pointRow(&k, r, a, min(b, lc), cos, north)
			a = max(a, lc+1)
		}
		p.pointRow(&k, r, a, b, cos, north)
	}
}

// pointRow adds the cells a to b of a row that lies north metres from the point.
func (p *painter) pointRow(k *kernel, r, a, b int, cos, north float64) {
	if a >= b {
		return
	}
	dst, dx := p.dst[r*p.g.w+a:r*p.g.w+b], p.dx[a:b]
	n2 := float64(north * north)
	switch k.f.Kind {
	case data.Step, data.Linear:
		k.linearRow(dst, dx, cos, n2)
	case data.Table:
		for i, x := range dx {
			e := float64(x * cos)
			if d2 := float64(e*e) + n2; d2 <= k.reach2 {
				dst[i] += fixed(k.table(math.Sqrt(d2)) * k.units)
			}
		}
	case data.Polar:
		for i, x := range dx {
			e := float64(x * cos)
			if d2 := float64(e*e) + n2; d2 <= k.reach2 {
				dst[i] += k.at(math.Sqrt(d2), e, north)
			}
		}
	}
}

func (k *kernel) linearRow(dst []Risk, dx []float64, cos, n2 float64) {
	inside2, reach2, core := k.inside2, k.reach2, k.core
	for i, x := range dx[:len(dst)] {
		e := float64(x * cos)
		d2 := float64(e*e) + n2
		if d2 <= inside2 {
			dst[i] += core
		} else if d2 <= reach2 {
			dst[i] += k.linear(math.Sqrt(d2))
		}
	}
}
