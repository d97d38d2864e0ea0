package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// ofShape adds the scenarios of a source that is no point.
func (s *sharer) ofShape(share *Share) {
	h, g := share.Hazard, &s.g
	if g.all.empty() {
		return
	}
	met := g.lift && s.meets(h.Shape)
	measured := false
	var to sight
	for i := range h.Scenarios {
		c := &h.Scenarios[i]
		f, units := c.Footprint, c.PerYear*perUnit
		if met || f.Kind == data.Zone {
			s.byPainter(share, i)
			continue
		}
		if c.Per == data.PerKm {
			share.add(i, s.alongLine(h.Shape, f, units))
			continue
		}
		if !measured {
			to, measured = s.see(h.Shape, h.Reach()), true
		}
		if to.d > f.Reach() {
			continue
		}
		if f.Over == data.OverSpread {
			if area := s.orient(h.Shape); area > 0 {
				share.add(i, s.fromSpread(f, units, area, &to))
				continue
			}
		}
		east := float64((g.lon[0]-to.near[0])*data.MetresPerDegree) * g.cosAt(0, (g.lat[0]+to.near[1])/2)
		share.add(i, s.atDistance(f, units, to.d, east, float64((g.lat[0]-to.near[1])*data.MetresPerDegree)))
	}
}

// meets reports whether an edge may meet the cell.
func (s *sharer) meets(shape orb.Geometry) bool {
	b, met := s.g.bound(s.g.all), false
	eachLine(shape, func(line []orb.Point) {
		last := line[0]
		for _, q := range line {
			met = met || max(last[0], q[0]) >= b.Min[0] && min(last[0], q[0]) <= b.Max[0] &&
				max(last[1], q[1]) >= b.Min[1] && min(last[1], q[1]) <= b.Max[1]
			last = q
		}
	})
	return met
}

// sight is how a place sees a shape: its nearest point and how many metres it is
// there; 0 and the place itself inside an area, +Inf where all is past the reach.
type sight struct {
	near  orb.Point
	d     float64
	best2 float64 // while it is looked for: squared degrees in the plane
}

func (s *sharer) see(shape orb.Geometry, reach float64) sight {
	g := &s.g
	at := orb.Point{g.lon[0], g.lat[0]}
	for _, poly := range areaPolygons(shape) {
		if data.Contains(poly, at) {
			return sight{near: at}
		}
	}
	limit := searchLimit(reach)
	to := sight{d: math.Inf(1), best2: limit * limit}
	found := false
	eachLine(shape, func(line []orb.Point) { found = g.look(&to, line) || found })
	if found {
		east := float64((at[0]-to.near[0])*data.MetresPerDegree) * g.cosAt(0, (at[1]+to.near[1])/2)
		north := float64((at[1] - to.near[1]) * data.MetresPerDegree)
		to.d = math.Sqrt(float64(east*east) + float64(north*north))
	}
	return to
}

// roundings is more than rounding moves a place by, degrees.
const roundings = 1e-12

// look takes the edges of a line that are nearer than those before.
func (g *lattice) look(to *sight, line []orb.Point) (found bool) {
	lon, lat, cos := g.lon[0], g.lat[0], g.cos[0]
	e := edge{b: line[0]}
	for i, q := range line {
		if i == 0 && len(line) > 1 {
			continue
		}
		e.a, e.b = e.b, q
		x := max(min(e.a[0], e.b[0])-lon, lon-max(e.a[0], e.b[0]), roundings) - roundings
		y := max(min(e.a[1], e.b[1])-lat, lat-max(e.a[1], e.b[1]), roundings) - roundings
		if x *= cos; x*x+y*y >= to.best2 {
			continue
		}
		ex, ey := float64((e.b[0]-e.a[0])*cos), e.b[1]-e.a[1]
		inverse := 0.0
		if length2 := float64(ex*ex) + float64(ey*ey); length2 > 0 {
			inverse = 1 / math.Sqrt(length2)
			inverse *= inverse
		}
		rise, first := float64(cos*ex*inverse), float64((lat-e.a[1])*ey*inverse)
		at := e.at(float64((lon-e.a[0])*rise) + first)
		x, y = float64((at[0]-lon)*cos), at[1]-lat
		if d := float64(x*x) + float64(y*y); d < to.best2 {
			to.best2, to.near, found = d, at, true
		}
	}
	return found
}

// fromSpread is a scenario whose frequency is spread over the area that orient
// has listed.
func (s *sharer) fromSpread(f *data.Footprint, units, area float64, to *sight) Risk {
	k := newKernel(f, units)
	s.profile(f)
	if f.Kind == data.Polar {
		s.directions(f)
		s.accumulate(f)
	}
	at := orb.Point{s.g.lon[0], s.g.lat[0]}
	return fixed(s.painter.share(at, to.near, to.d, area, &k) * units)
}

// alongLine is a scenario whose frequency counts per kilometre.
func (s *sharer) alongLine(shape orb.Geometry, f *data.Footprint, units float64) Risk {
	g := &s.g
	at := orb.Point{g.lon[0], g.lat[0]}
	box := data.PadMetres(orb.Bound{Min: at, Max: at}, searchMargin*f.Reach()+1)
	s.edges = s.edges[:0]
	eachLine(shape, func(line []orb.Point) {
		last := line[0]
		for _, q := range line[1:] {
			s.take(edge{last, q}, &box)
			last = q
		}
	})
	if len(s.edges) == 0 {
		return 0
	}
	s.divide()
	l := s.linear(f)
	north := l.reach * (1 + slack) / data.MetresPerDegree
	var sum [1]float64
	for i := range s.edges {
		e := &s.edges[i]
		if at[1]-north > max(e.a[1], e.b[1]) || at[1]+north < min(e.a[1], e.b[1]) {
			continue
		}
		v := g.view(0, at[1], e)
		s.along(sum[:], g.lon[:1], &v, &l)
	}
	return fixed(sum[0] * (units / 1000))
}
