package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// point adds one scenario of a point source. Distances are data.Distance's, the
// cosine by the row's series.
func (p *painter) point(f *data.Footprint, units float64, q orb.Point) {
	g := &p.g
	if g.single() {
		p.pointOne(f, units, q)
		return
	}
	k := newKernel(f, units)
	lc, lr := -1, -1 // the lifted cell
	if g.lift && q[1] <= g.north[0] && q[1] > g.north[g.h] && q[0] >= g.west[0] && q[0] < g.west[g.w] {
		c, r := g.column(q[0]), g.row(q[1])
		if c >= g.all.c0 && c < g.all.c1 && r >= g.all.r0 && r < g.all.r1 {
			lc, lr = c, r
			p.dst[r*g.w+c] += k.core
		}
	}
	reach := math.Sqrt(k.reach2)
	south := q[1] - reach/data.MetresPerDegree*(1+slack)
	middle, each := 0.0, 0.0
	if g.step != 0 {
		middle, each = (q[0]-g.lon[0])/g.step, 1/(data.MetresPerDegree*g.step)
	}
	for r := g.firstRowUnder(q[1]+q[1]-south, g.all); r < g.all.r1 && g.lat[r] >= south; r++ {
		north := float64((g.lat[r] - q[1]) * data.MetresPerDegree)
		left2 := k.reach2 - float64(north*north)
		if left2 < 0 {
			continue
		}
		cos := g.cosAt(r, (q[1]+g.lat[r])/2)
		a, b := g.all.c0, g.all.c1
		if g.step != 0 {
			half := math.Sqrt(left2) * each / cos
			a, b = max(a, int(max(middle-half, -1))), min(b, int(min(middle+half, float64(b)))+2)
		}
		if r == lr {
			p.pointRow(&k, r, a, min(b, lc), q[0], cos, north)
			a = max(a, lc+1)
		}
		p.pointRow(&k, r, a, b, q[0], cos, north)
	}
}

// pointRow adds the cells a to b of a row that lies north metres from the point.
func (p *painter) pointRow(k *kernel, r, a, b int, lon, cos, north float64) {
	if a >= b {
		return
	}
	dst, lons := p.dst[r*p.g.w+a:r*p.g.w+b], p.g.lon[a:b]
	n2 := float64(north * north)
	switch k.f.Kind {
	case data.Step, data.Linear:
		inside2, reach2, core := k.inside2, k.reach2, k.core
		for i, x := range lons[:len(dst)] {
			e := float64(float64((x-lon)*data.MetresPerDegree) * cos)
			d2 := float64(e*e) + n2
			if d2 <= inside2 {
				dst[i] += core
			} else if d2 <= reach2 {
				dst[i] += k.linear(math.Sqrt(d2))
			}
		}
	case data.Table:
		for i, x := range lons[:len(dst)] {
			e := float64(float64((x-lon)*data.MetresPerDegree) * cos)
			if d2 := float64(e*e) + n2; d2 <= k.reach2 {
				dst[i] += fixed(k.table(math.Sqrt(d2)) * k.units)
			}
		}
	case data.Polar:
		for i, x := range lons[:len(dst)] {
			e := float64(float64((x-lon)*data.MetresPerDegree) * cos)
			if d2 := float64(e*e) + n2; d2 <= k.reach2 {
				dst[i] += k.at(math.Sqrt(d2), e, north)
			}
		}
	}
}
