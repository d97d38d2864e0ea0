package riskgrid

import (
	"github.com/paulmach/orb"
)

// met is a cell that a shape meets, and its sample point.
type met struct {
	c, r  int
	q     orb.Point
	plane float64 // squared degrees from the centre to q
}

// lift applies the cell rule for the gathered edges: every cell of the span that
// one of them meets gets distance 0 and, with keep, the edges' point in the cell
// that is nearest to the centre as its sample point (in the plane scaled by the
// cosine of the centre's latitude, as data.Nearest measures).
func (p *painter) lift(s span, keep bool) {
	g := &p.g
	if !keep {
		p.eachMet(s, func(_ *edge, c, r int) {
			p.dist[r*g.w+c] = 0
			p.runs[r].include(c, c+1)
		})
		return
	}
	p.meet(s)
	for i := range p.met {
		m := &p.met[i]
		p.dist[m.r*g.w+m.c], p.near[m.r*g.w+m.c] = 0, m.q
		p.runs[m.r].include(m.c, m.c+1)
	}
}

// meet lists in p.met the cells of the span that the gathered edges meet, each
// once, with their sample points.
func (p *painter) meet(s span) {
	g := &p.g
	p.met = p.met[:0]
	if len(p.mark) < g.w*g.h {
		p.mark = make([]int32, g.w*g.h)
	}
	p.eachMet(s, func(e *edge, c, r int) {
		q, plane := g.sample(c, r, e)
		k := &p.mark[r*g.w+c]
		switch {
		case *k == 0:
			p.met = append(p.met, met{c, r, q, plane})
			*k = int32(len(p.met))
		case plane < p.met[*k-1].plane:
			p.met[*k-1].q, p.met[*k-1].plane = q, plane
		}
	})
	for i := range p.met {
		p.mark[p.met[i].r*g.w+p.met[i].c] = 0
	}
}

// eachMet calls do with each gathered edge and the column and row of each cell of
// the span that it meets. Places are met by nothing.
func (p *painter) eachMet(s span, do func(e *edge, c, r int)) {
	if !p.g.lift {
		return
	}
	for i := range p.edges {
		p.g.eachMet(&p.edges[i], s, do)
	}
}

func (g *lattice) eachMet(e *edge, s span, do func(e *edge, c, r int)) {
	south, north := e.a, e.b
	if south[1] > north[1] {
		south, north = north, south
	}
	first, last := g.row(north[1]), g.row(south[1])
	for r := max(first, s.r0); r <= min(last, s.r1-1); r++ {
		// The part of the edge in the row's band, which has its north edge and
		// not its south one.
		top, bottom := north[0], south[0]
		if r > first {
			top = crossing(south, north, g.north[r])
		}
		if r < last {
			bottom = crossing(south, north, g.north[r+1])
		}
		c0, c1 := g.column(min(top, bottom)), g.column(max(top, bottom))
		if r < last && bottom > top && c1 < g.w && c1 > c0 && bottom == g.west[c1] {
			c1-- // it leaves the row exactly at the corner, which is not the row's
		}
		for c := max(c0, s.c0); c <= min(c1, s.c1-1); c++ {
			do(e, c, r)
		}
	}
}

// crossing is the longitude at which the edge crosses a parallel.
func crossing(south, north orb.Point, lat float64) float64 {
	x := south[0] + float64((lat-south[1])/(north[1]-south[1])*(north[0]-south[0]))
	return min(max(x, min(south[0], north[0])), max(south[0], north[0]))
}

// sample is the edge's point in a cell that is nearest to the centre, and how far
// it is in the plane, in squared degrees.
func (g *lattice) sample(c, r int, e *edge) (orb.Point, float64) {
	t0, t1 := within(e.a[0], e.b[0], g.west[c], g.west[c+1], 0, 1)
	t0, t1 = within(e.a[1], e.b[1], g.north[r+1], g.north[r], t0, t1)
	centre := orb.Point{g.lon[c], g.lat[r]}
	cos := g.cos[r]
	ex, ey := (e.b[0]-e.a[0])*cos, e.b[1]-e.a[1]
	t := t0
	if length := float64(ex*ex) + float64(ey*ey); length > 0 {
		t = (float64((centre[0]-e.a[0])*cos*ex) + float64((centre[1]-e.a[1])*ey)) / length
		t = max(min(t, t1), t0)
	}
	q := e.at(t)
	x, y := (q[0]-centre[0])*cos, q[1]-centre[1]
	return q, float64(x*x) + float64(y*y)
}

// at is the point at a share t of the edge; its ends are exact.
func (e edge) at(t float64) orb.Point {
	switch {
	case t <= 0:
		return e.a
	case t >= 1:
		return e.b
	}
	return orb.Point{e.a[0] + float64(t*(e.b[0]-e.a[0])), e.a[1] + float64(t*(e.b[1]-e.a[1]))}
}

// within narrows the shares t0..t1 of an edge whose coordinate runs from a to b
// to where it lies between lo and hi. The caller knows that there is such a
// part; rounding can at most leave one share.
func within(a, b, lo, hi, t0, t1 float64) (float64, float64) {
	if a == b {
		return t0, t1
	}
	u, v := (lo-a)/(b-a), (hi-a)/(b-a)
	if u > v {
		u, v = v, u
	}
	t0, t1 = max(t0, u), min(t1, v)
	if t0 > t1 {
		t0 = min(max((t0+t1)/2, 0), 1)
		t1 = t0
	}
	return t0, t1
}
