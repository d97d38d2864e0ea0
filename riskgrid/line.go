package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// longest is the length in metres past which an edge is integrated in parts,
// each in its own plane.
const longest = 2000

// perKm adds a scenario whose frequency counts per kilometre of the line: the
// integral of the lethality along it, segment by segment in closed form or, for
// tables of many pieces and for polar footprints, by quadrature. Each segment of
// at most 2 km is taken in the plane at the mean latitude of the place and the
// segment's middle, whose scale is that at the segment's nearest point to 5e-5 at
// latitude 30 and 5e-4 at latitude 80.
func (p *painter) perKm(shape orb.Geometry, f *data.Footprint, units float64) {
	s := p.g.all
	if !p.g.single() {
		s = p.g.clip(data.PadMetres(boundOf(shape), f.Reach()))
	}
	if s.empty() {
		return
	}
	p.gather(shape, s, f.Reach())
	if len(p.edges) == 0 {
		return
	}
	p.meet(s)
	p.divide()
	l := p.linear(f)
	l.units = units / 1000
	for r := s.r0; r < s.r1; r++ {
		p.lineRow(&l, r, s)
	}
	for i := range p.met {
		m := &p.met[i]
		p.dst[m.r*p.g.w+m.c] += fixed(p.linePlace(&l, m) * l.units)
	}
}

// lineRow adds the edges' integrals to the cells of a row that the line does not
// meet, at their centres. A cell's sum runs over the edges in their order; those
// out of reach would add 0.
func (p *painter) lineRow(l *lineKernel, r int, s span) {
	g := &p.g
	p.line = resize(p.line, g.w)
	lat, from, to := g.lat[r], s.c1, s.c0
	north := l.reach * (1 + slack) / data.MetresPerDegree
	for i := range p.edges {
		e := &p.edges[i]
		if lat-north > max(e.a[1], e.b[1]) || lat+north < min(e.a[1], e.b[1]) {
			continue
		}
		v := g.view(r, lat, e)
		c0, c1 := g.reaches(&v, l.reach, s)
		if c0 >= c1 {
			continue
		}
		if from >= to {
			from, to = c0, c0
		}
		for ; from > c0; from-- {
			p.line[from-1] = 0
		}
		for ; to < c1; to++ {
			p.line[to] = 0
		}
		p.along(p.line[c0:c1], g.lon[c0:c1], &v, l)
	}
	for i := range p.met {
		if m := &p.met[i]; m.r == r && m.c >= from && m.c < to {
			p.line[m.c] = 0
		}
	}
	dst := p.dst[r*g.w:]
	for c := from; c < to; c++ {
		dst[c] += fixed(p.line[c] * l.units)
	}
}

// linePlace is the sum of the edges' integrals at the sample point of a cell that
// the line meets, in metres.
func (p *painter) linePlace(l *lineKernel, m *met) float64 {
	var sum [1]float64
	box := data.PadMetres(orb.Bound{Min: m.q, Max: m.q}, l.reach)
	for i := range p.edges {
		e := &p.edges[i]
		if box.Min[1] > max(e.a[1], e.b[1]) || box.Max[1] < min(e.a[1], e.b[1]) ||
			box.Min[0] > max(e.a[0], e.b[0]) || box.Max[0] < min(e.a[0], e.b[0]) {
			continue
		}
		v := p.g.view(m.r, m.q[1], e)
		p.along(sum[:], m.q[:1], &v, l)
	}
	return sum[0]
}

// divide cuts long edges in equal parts and drops those of no length.
func (p *painter) divide() {
	edges := p.edges
	p.whole = append(p.whole[:0], edges...)
	p.edges = edges[:0]
	for _, e := range p.whole {
		const short = longest / data.MetresPerDegree / 2
		if e.a != e.b && max(e.a[0], e.b[0])-min(e.a[0], e.b[0]) < short && max(e.a[1], e.b[1])-min(e.a[1], e.b[1]) < short {
			p.edges = append(p.edges, e) // one part, without a cosine
			continue
		}
		n := math.Ceil(data.Distance(e.a, e.b) / longest)
		for j := range int(n) {
			p.edges = append(p.edges, edge{e.at(float64(j) / n), e.at(float64(j+1) / n)})
		}
	}
}

// view is an edge seen from the places of one latitude, in their common plane.
type view struct {
	lon        float64 // of the edge's first end
	scale      float64 // metres in a degree of longitude
	ux, uy     float64 // the edge's direction
	north      float64 // its first end from the places, metres
	length     float64
	a0, cross0 float64 // what north adds to the foot's place and to the offset
}

// view sees the edge from places of a latitude in row r.
func (g *lattice) view(r int, lat float64, e *edge) view {
	const metres = data.MetresPerDegree
	v := view{lon: e.a[0], scale: metres * g.cosAt(r, (lat+(e.a[1]+e.b[1])/2)/2), north: float64((e.a[1] - lat) * metres)}
	ex, ey := float64((e.b[0]-e.a[0])*v.scale), float64((e.b[1]-e.a[1])*metres)
	v.length = math.Sqrt(float64(ex*ex) + float64(ey*ey))
	inverse := 1 / v.length
	v.ux, v.uy = float64(ex*inverse), float64(ey*inverse)
	v.a0, v.cross0 = float64(v.north*v.uy), float64(v.north*v.ux)
	return v
}

// reaches gives the columns from which the edge may be in reach, perhaps one more
// on each side: those of the two discs about its ends and the two straights that
// touch both.
func (g *lattice) reaches(v *view, reach float64, s span) (c0, c1 int) {
	if g.step == 0 {
		return s.c0, s.c1
	}
	// Places are x metres east of the first end, and y north.
	y, bx, by := -v.north, float64(v.ux*v.length), float64(v.uy*v.length)
	reach *= 1 + slack
	west, east := math.MaxFloat64, -math.MaxFloat64
	meet := func(x0, x1 float64) {
		if x0 < west {
			west = x0
		}
		if x1 > east {
			east = x1
		}
	}
	if d2 := reach*reach - y*y; d2 >= 0 {
		half := math.Sqrt(d2)
		meet(-half, half)
	}
	if d2 := reach*reach - (y-by)*(y-by); d2 >= 0 {
		half := math.Sqrt(d2)
		meet(bx-half, bx+half)
	}
	if by != 0 {
		offX, offY, inverse := reach*v.uy, reach*v.ux, 1/by
		if t := (y - offY) * inverse; t >= 0 && t <= 1 {
			meet(t*bx-offX, t*bx-offX)
		}
		if t := (y + offY) * inverse; t >= 0 && t <= 1 {
			meet(t*bx+offX, t*bx+offX)
		}
	}
	if west > east {
		return 0, 0
	}
	first, each := (v.lon-g.lon[0])*g.perDegree, g.perDegree/v.scale
	west, east = first+west*each, first+east*each
	if east < float64(s.c0)-1 || west > float64(s.c1) { // also keeps the numbers in range
		return 0, 0
	}
	return max(s.c0, int(max(west, -1))), min(s.c1, int(min(east, float64(s.c1)))+2)
}
