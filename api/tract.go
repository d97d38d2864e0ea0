package api

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// tract is a region drawn around a place in metres: a union of convex pieces that
// all have the place in them. A place's coordinates in it are data.Offset's, so
// that distances and directions are the program's own.
type tract struct {
	at     orb.Point
	pieces []piece
	bound  orb.Bound
	drawn  orb.MultiPolygon
}

// piece is convex: all that is on the right side of each side and, when radius is
// over 0, within it.
type piece struct {
	sides  []side
	radius float64 // metres
}

// side is a half-plane: east·x + north·y <= most, metres.
type side struct{ east, north, most float64 }

// slack is how far in metres past a side a place still counts as on it: the
// rounding of coordinates in degrees.
const slack = 1e-6

// stretch is how long in metres a piece of an edge may be to be taken as
// straight: edges are straight in degrees, and the difference in the plane is
// under a millimetre.
const stretch = 250

// drawnShort is more than the metres by which a drawn arc of at most 1 degree a
// side, or a drawn square, falls short of the region at 20 km.
const drawnShort = 3

// ahead and right are unit vectors along a bearing and to the right of it.
func ahead(bearing float64) (east, north float64) {
	sin, cos := math.Sincos(bearing * math.Pi / 180)
	return sin, cos
}

func right(bearing float64) (east, north float64) {
	sin, cos := math.Sincos(bearing * math.Pi / 180)
	return cos, -sin
}

// circleTract is all within a radius in metres.
func circleTract(at orb.Point, radius float64) *tract {
	return &tract{at: at, pieces: []piece{{radius: radius}}, bound: data.PadMetres(at.Bound(), radius),
		drawn: orb.MultiPolygon{disc(at, radius)}}
}

// sectorTract is all within a radius in metres whose bearing is within half an
// angle, at most 180 degrees, of the axis. Each half is convex.
func sectorTract(at orb.Point, axis, half, radius float64) *tract {
	p := &tract{at: at, drawn: orb.MultiPolygon{fan(at, axis, half, radius)}}
	p.bound = data.PadMetres(p.drawn.Bound(), drawnShort)
	for _, w := range [2][2]float64{{axis - half, axis}, {axis, axis + half}} {
		e0, n0 := right(w[0])
		e1, n1 := right(w[1])
		p.pieces = append(p.pieces, piece{[]side{{-e0, -n0, 0}, {e1, n1, 0}}, radius})
	}
	return p
}

// squareTract is the square that begins at the place, lies along the axis and has
// it in its middle, joined by the circle of isolation; metres.
func squareTract(at orb.Point, axis, length, isolation float64) *tract {
	ae, an := ahead(axis)
	re, rn := right(axis)
	p := &tract{at: at, pieces: []piece{{sides: []side{
		{ae, an, length}, {-ae, -an, 0}, {re, rn, length / 2}, {-re, -rn, length / 2}}}}}
	corner := [][2]float64{{0, -0.5}, {1, -0.5}, {1, 0.5}, {0, 0.5}} // along, across
	var ring orb.Ring
	const parts = 16 // of each side: it is straight in metres
	for i := len(corner) - 1; i >= 0; i-- {
		from, to := corner[i], corner[(i+3)%4]
		for k := range parts {
			t := float64(k) / parts
			x, y := length*(from[0]+t*(to[0]-from[0])), length*(from[1]+t*(to[1]-from[1]))
			ring = append(ring, data.Moved(at, ae*x+re*y, an*x+rn*y))
		}
	}
	p.drawn = orb.MultiPolygon{{append(ring, ring[0])}}
	if isolation > 0 {
		p.pieces = append(p.pieces, piece{radius: isolation})
		p.drawn = append(p.drawn, disc(at, isolation))
	}
	p.bound = data.PadMetres(p.drawn.Bound(), drawnShort)
	if isolation > 0 {
		p.bound = p.bound.Union(data.PadMetres(at.Bound(), isolation))
	}
	return p
}

// disc draws a circle with 128 corners, counterclockwise.
func disc(at orb.Point, radius float64) orb.Polygon {
	const n = 128
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		e, k := ahead(-360 * float64(i) / n)
		ring = append(ring, data.Moved(at, radius*e, radius*k))
	}
	return orb.Polygon{append(ring, ring[0])}
}

// fan draws a sector, counterclockwise.
func fan(at orb.Point, axis, half, radius float64) orb.Polygon {
	n := max(16, int(math.Ceil(half))) // 1 degree a side at most
	ring := orb.Ring{at}
	if half >= 180 { // the whole circle
		ring = nil
	}
	for i := n; i >= -n; i-- {
		e, k := ahead(axis + half*float64(i)/float64(n))
		ring = append(ring, data.Moved(at, radius*e, radius*k))
	}
	if half >= 180 {
		ring = ring[:len(ring)-1]
	}
	return orb.Polygon{append(ring, ring[0])}
}

func (p *tract) box() orb.Bound            { return p.bound }
func (p *tract) anchors() []orb.Point      { return []orb.Point{p.at} }
func (p *tract) outline() orb.MultiPolygon { return p.drawn }

func (p *tract) holds(q orb.Point) bool {
	if !p.bound.Contains(q) {
		return false
	}
	e, n := data.Offset(p.at, q)
	metres := math.Sqrt(float64(e*e) + float64(n*n)) // as data.Distance
	for i := range p.pieces {
		if p.pieces[i].holds(e, n, metres) {
			return true
		}
	}
	return false
}

func (c *piece) holds(e, n, metres float64) bool {
	for _, s := range c.sides {
		if s.past(e, n) > 0 {
			return false
		}
	}
	return c.radius == 0 || metres <= c.radius
}

// past is how far beyond the side and its slack a place lies; at most 0 on the
// right side.
func (s side) past(e, n float64) float64 { return s.east*e + s.north*n - s.most - slack }

func (p *tract) spans(a, b orb.Point) []span {
	if a == b {
		if p.holds(a) {
			return []span{{0, 1}}
		}
		return nil
	}
	from, to, ok := cutByBox(p.bound, a, b)
	if !ok {
		return nil
	}
	var out []span
	n := max(1, math.Ceil((to-from)*data.Distance(a, b)/stretch))
	e0, n0 := data.Offset(p.at, along(a, b, from))
	for i := 1.0; i <= n; i++ {
		t0, t1 := from+(to-from)*(i-1)/n, from+(to-from)*i/n
		e1, n1 := data.Offset(p.at, along(a, b, t1))
		for k := range p.pieces {
			if s, ok := p.pieces[k].cut(e0, n0, e1, n1); ok {
				out = append(out, span{t0 + s.from*(t1-t0), t0 + s.to*(t1-t0)})
			}
		}
		e0, n0 = e1, n1
	}
	return merged(out)
}

// cut is the part of a straight edge that lies in the piece.
func (c *piece) cut(e0, n0, e1, n1 float64) (span, bool) {
	s := span{0, 1}
	for _, h := range c.sides {
		a, b := h.past(e0, n0), h.past(e1, n1)
		switch {
		case a > 0 && b > 0:
			return s, false
		case a > 0:
			s.from = max(s.from, a/(a-b))
		case b > 0:
			s.to = min(s.to, a/(a-b))
		}
	}
	if c.radius > 0 {
		// |q0 + t d| <= radius: a quadratic in t.
		de, dn := e1-e0, n1-n0
		dd, qd := de*de+dn*dn, e0*de+n0*dn
		rest := qd*qd - dd*(e0*e0+n0*n0-c.radius*c.radius)
		if dd == 0 || rest < 0 {
			return s, dd == 0 && math.Hypot(e0, n0) <= c.radius && s.from <= s.to
		}
		root := math.Sqrt(rest)
		s.from, s.to = max(s.from, (-qd-root)/dd), min(s.to, (-qd+root)/dd)
	}
	return s, s.from <= s.to
}

// cutByBox is the part of the edge ab in a closed box (Liang and Barsky 1984).
func cutByBox(box orb.Bound, a, b orb.Point) (from, to float64, ok bool) {
	from, to = 0, 1
	for axis := range 2 {
		d := b[axis] - a[axis]
		if d == 0 {
			if a[axis] < box.Min[axis] || a[axis] > box.Max[axis] {
				return 0, 0, false
			}
			continue
		}
		enter, leave := (box.Min[axis]-a[axis])/d, (box.Max[axis]-a[axis])/d
		if enter > leave {
			enter, leave = leave, enter
		}
		from, to = max(from, enter), min(to, leave)
		if from > to {
			return 0, 0, false
		}
	}
	return from, to, true
}
