package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// line is a scenario that counts per kilometre.
type line struct {
	kernel kernel
	reach2 float64 // square of the reach
}

// longest is the length in metres past which an edge is integrated in parts,
// each in its own plane.
const longest = 2000

// perKm adds a scenario whose frequency counts per kilometre of the line: the
// integral of the lethality along it, segment by segment in closed form. Each
// segment of at most 2 km is taken in the plane at the mean latitude of the
// place and the segment's middle, whose scale is that at the segment's nearest
// point to 5e-5 at latitude 30 and 5e-4 at latitude 80.
func (p *painter) perKm(shape orb.Geometry, f *data.Footprint, units float64) {
	s := p.g.clip(data.PadMetres(shape.Bound(), f.Reach()))
	if s.empty() {
		return
	}
	p.blank(s, true)
	p.gather(shape, s, f.Reach())
	p.lift(s, true)
	p.divide()
	p.profile(f)
	if f.Kind == data.Polar {
		p.directions(f)
	}
	l := &line{newKernel(f, units/1000), f.Reach() * f.Reach()}
	p.search(s, search{limit: searchLimit(f.Reach()), line: l})
}

// divide cuts long edges in equal parts and drops those of no length.
func (p *painter) divide() {
	edges := p.edges
	p.whole = append(p.whole[:0], edges...)
	p.edges = edges[:0]
	for _, e := range p.whole {
		n := math.Ceil(data.Distance(e.a, e.b) / longest)
		for j := range int(n) {
			p.edges = append(p.edges, edge{e.at(float64(j) / n), e.at(float64(j+1) / n)})
		}
	}
}

// integrate adds the found edges' integrals to the cells of the span, each at
// its sample point or its centre.
func (p *painter) integrate(s span, found []int32, l *line) {
	g := &p.g
	p.views = resize(p.views, len(found))
	for r := s.r0; r < s.r1; r++ {
		for j, e := range found {
			p.views[j] = g.view(r, g.lat[r], &p.edges[e])
		}
		for c := s.c0; c < s.c1; c++ {
			i := r*g.w + c
			sum := 0.0
			if p.dist[i] == 0 {
				at := p.near[i]
				for _, e := range found {
					v := g.view(r, at[1], &p.edges[e])
					sum += p.along(&v, at[0], l)
				}
			} else {
				for j := range p.views {
					sum += p.along(&p.views[j], g.lon[c], l)
				}
			}
			p.dst[i] += fixed(sum * l.kernel.units)
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
	v.ux, v.uy = ex/v.length, ey/v.length
	v.a0, v.cross0 = float64(v.north*v.uy), float64(v.north*v.ux)
	return v
}

// along is the integral of the lethality at a place over an edge, in metres:
// that of the piece in which its furthest point lies, and for each piece before
// it what it exceeds the next one by, within its radius.
func (p *painter) along(v *view, lon float64, l *line) float64 {
	east := float64((v.lon - lon) * v.scale)
	cross := float64(east*v.uy) - v.cross0
	a := float64(east*v.ux) + v.a0
	s := straight{h2: float64(cross * cross), a: a, b: a + v.length}
	nearest2 := s.nearest2()
	if nearest2 > l.reach2 {
		return 0
	}
	if l.kernel.f.Kind == data.Polar {
		s.h, s.side, s.u = math.Abs(cross), math.Copysign(1, cross), [2]float64{v.ux, v.uy}
		return p.alongPolar(&s, &l.kernel)
	}
	furthest2 := s.furthest2()
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
	if sum < 0 { // rounding
		return 0
	}
	return sum
}
