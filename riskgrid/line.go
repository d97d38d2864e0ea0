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
	far2   float64 // square of what is past it in any plane, in degrees of latitude
}

// longest is the length in metres past which an edge is integrated in parts,
// each in its own plane.
const longest = 5000

// perKm adds a scenario whose frequency counts per kilometre of the line: the
// integral of the lethality along it, segment by segment in closed form in the
// plane at the mean latitude of the place and the segment's nearest point.
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
	limit := searchLimit(f.Reach())
	p.search(s, search{limit: limit, line: &line{newKernel(f, units/1000), f.Reach() * f.Reach(), limit * limit}})
}

// divide cuts long edges in equal parts and drops those of no length.
func (p *painter) divide() {
	for i := 0; i < len(p.edges); i++ {
		e := p.edges[i]
		if e.a == e.b {
			p.edges[i] = p.edges[len(p.edges)-1]
			p.edges = p.edges[:len(p.edges)-1]
			i--
			continue
		}
		n := int(math.Ceil(data.Distance(e.a, e.b) / longest))
		if n < 2 {
			continue
		}
		for j := range n {
			part := edge{e.at(float64(j) / float64(n)), e.at(float64(j+1) / float64(n))}
			if j == 0 {
				p.edges[i] = part
			} else {
				p.edges = append(p.edges, part)
			}
		}
	}
}

// integrate adds the found edges' integrals to the cells of the span, each at
// its sample point or its centre.
func (p *painter) integrate(s span, found []int32, l *line) {
	g := &p.g
	for r := s.r0; r < s.r1; r++ {
		for c := s.c0; c < s.c1; c++ {
			i := r*g.w + c
			at, cos := orb.Point{g.lon[c], g.lat[r]}, g.cos[r]
			if p.dist[i] == 0 {
				at = p.near[i]
				cos = g.cosAt(r, at[1])
			}
			sum := 0.0
			for _, j := range found {
				e := &p.edges[j]
				// The latitude of the edge's nearest point, as data.Nearest finds it.
				x, y := (at[0]-e.a[0])*cos, at[1]-e.a[1]
				ex, ey := (e.b[0]-e.a[0])*cos, e.b[1]-e.a[1]
				t := (float64(x*ex) + float64(y*ey)) / (float64(ex*ex) + float64(ey*ey))
				if t < 0 {
					t = 0
				} else if t > 1 {
					t = 1
				}
				dx, dy := x-float64(t*ex), y-float64(t*ey)
				if float64(dx*dx)+float64(dy*dy) > l.far2 {
					continue
				}
				mean := g.cosAt(r, at[1]-dy/2)
				straight := seen(at, e.a, e.b, mean)
				if straight.nearest2() <= l.reach2 {
					sum += p.along(&straight, l)
				}
			}
			p.dst[i] += fixed(sum * l.kernel.units)
		}
	}
}

// along is the integral of the lethality at a place over a straight, in metres:
// that of the piece in which its furthest point lies, and for each piece before
// it what it exceeds the next one by, within its radius.
func (p *painter) along(s *straight, l *line) float64 {
	if l.kernel.f.Kind == data.Polar {
		return p.alongPolar(s, &l.kernel)
	}
	nearest2, furthest2 := s.nearest2(), s.furthest2()
	sum := 0.0
	for i := range p.pieces {
		v := &p.pieces[i]
		r2 := float64(v.r1 * v.r1)
		if r2 <= nearest2 {
			continue
		}
		a, b, s0, s1 := v.da, v.db, s.a, s.b
		last := r2 >= furthest2
		if last {
			a, b = v.a, v.b
		} else if s0, s1 = s.within(v.r1); s0 >= s1 {
			continue
		}
		sum += float64(a * (s1 - s0))
		if b != 0 {
			sum += float64(b * s.moment(s0, s1))
		}
		if last {
			break
		}
	}
	if sum < 0 { // rounding
		return 0
	}
	return sum
}
