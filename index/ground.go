package index

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// nearness tests pieces of ground against one box: do they lie within some
// metres of it? Edges and the box's sides are straight in lon/lat, distances are
// data.Distance.
type nearness struct {
	box, pad orb.Bound // pad holds all places within metres of the box
	metres   float64
	cos      [2]float64 // of the southern and northern side's latitudes
}

func newNearness(box orb.Bound, metres float64) nearness {
	n := nearness{box: box, pad: box, metres: metres}
	if metres > 0 {
		n.pad = data.PadMetres(box, metres)
		n.cos = [2]float64{math.Cos(box.Min[1] * math.Pi / 180), math.Cos(box.Max[1] * math.Pi / 180)}
	}
	return n
}

// point reports whether a point lies within the metres of the box. The place of
// the box nearest to it is found by clamping: within 7 mm of the true distance at
// 20 km and a latitude of 30 degrees.
func (n *nearness) point(p orb.Point) bool {
	if !n.pad.Contains(p) {
		return false
	}
	q := orb.Point{min(max(p[0], n.box.Min[0]), n.box.Max[0]), min(max(p[1], n.box.Min[1]), n.box.Max[1])}
	return p == q || n.metres > 0 && data.Distance(p, q) <= n.metres
}

// edge reports whether any place of the edge ab lies within the metres of the
// box. Of two pieces that do not meet, the nearest places are an end of the edge
// and a place of the box, or a place of the edge and a corner of the box.
func (n *nearness) edge(a, b orb.Point) bool {
	if max(a[0], b[0]) < n.pad.Min[0] || min(a[0], b[0]) > n.pad.Max[0] ||
		max(a[1], b[1]) < n.pad.Min[1] || min(a[1], b[1]) > n.pad.Max[1] {
		return false
	}
	if n.point(a) || n.point(b) {
		return true
	}
	if a == b {
		return false
	}
	if crosses(n.box, a, b) {
		return true
	}
	if n.metres <= 0 {
		return false
	}
	for side, lat := range [2]float64{n.box.Min[1], n.box.Max[1]} {
		for _, lon := range [2]float64{n.box.Min[0], n.box.Max[0]} {
			c := orb.Point{lon, lat}
			if data.Distance(c, foot(c, a, b, n.cos[side])) <= n.metres {
				return true
			}
		}
	}
	return false
}

// edge is a straight piece in lon/lat; a point is one of no length.
type edge struct{ a, b orb.Point }

func (e edge) bound() orb.Bound {
	return orb.Bound{
		Min: orb.Point{min(e.a[0], e.b[0]), min(e.a[1], e.b[1])},
		Max: orb.Point{max(e.a[0], e.b[0]), max(e.a[1], e.b[1])},
	}
}

// edgesWithin reports whether two edges cross or lie within the metres of each
// other: if they do not cross, an end of one is nearest. cos is of a latitude
// near both.
func edgesWithin(e, f edge, cos, metres float64) bool {
	for _, p := range [2]orb.Point{e.a, e.b} {
		if data.Distance(p, foot(p, f.a, f.b, cos)) <= metres {
			return true
		}
	}
	for _, p := range [2]orb.Point{f.a, f.b} {
		if data.Distance(p, foot(p, e.a, e.b, cos)) <= metres {
			return true
		}
	}
	return side(e, f.a) != side(e, f.b) && side(f, e.a) != side(f, e.b)
}

// side tells on which side of the edge's line a point lies.
func side(e edge, p orb.Point) bool {
	return (e.b[0]-e.a[0])*(p[1]-e.a[1]) > (e.b[1]-e.a[1])*(p[0]-e.a[0])
}

// foot is the place of the edge ab that is nearest to p in the plane scaled by
// cos.
func foot(p, a, b orb.Point, cos float64) orb.Point {
	ex, ey := (b[0]-a[0])*cos, b[1]-a[1]
	t := ((p[0]-a[0])*cos*ex + (p[1]-a[1])*ey) / (ex*ex + ey*ey)
	switch {
	case !(t > 0): // also when the edge is too short to have a direction
		return a
	case t >= 1:
		return b
	}
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
}

// crosses reports whether the edge ab has a place in the closed box, by cutting
// it with one side after the other (Liang and Barsky 1984).
func crosses(box orb.Bound, a, b orb.Point) bool {
	from, to := 0.0, 1.0
	for axis := range 2 {
		d := b[axis] - a[axis]
		if d == 0 {
			if a[axis] < box.Min[axis] || a[axis] > box.Max[axis] {
				return false
			}
			continue
		}
		enter, leave := (box.Min[axis]-a[axis])/d, (box.Max[axis]-a[axis])/d
		if enter > leave {
			enter, leave = leave, enter
		}
		from, to = max(from, enter), min(to, leave)
		if from > to {
			return false
		}
	}
	return true
}

// within reports whether any place of the shape lies within the metres of the
// box; an area has all that is inside it. Zero metres asks whether they meet.
func within(g orb.Geometry, box orb.Bound, metres float64) bool {
	n := newNearness(box, metres)
	if edges(g, func(a, b orb.Point) bool { return !n.edge(a, b) }) {
		return areaHolds(g, box.Center())
	}
	return true
}

// edges calls f with every edge of the shape until f gives false, and reports
// whether it never did. A point is an edge of no length.
func edges(g orb.Geometry, f func(a, b orb.Point) bool) bool {
	line := func(l []orb.Point) bool {
		for i := 1; i < len(l); i++ {
			if !f(l[i-1], l[i]) {
				return false
			}
		}
		return true
	}
	polygon := func(p orb.Polygon) bool {
		for _, r := range p {
			if !line(r) {
				return false
			}
		}
		return true
	}
	switch g := g.(type) {
	case orb.Point:
		return f(g, g)
	case orb.MultiPoint:
		for _, p := range g {
			if !f(p, p) {
				return false
			}
		}
	case orb.LineString:
		return line(g)
	case orb.MultiLineString:
		for _, l := range g {
			if !line(l) {
				return false
			}
		}
	case orb.Polygon:
		return polygon(g)
	case orb.MultiPolygon:
		for _, p := range g {
			if !polygon(p) {
				return false
			}
		}
	}
	return true
}

// areaHolds reports whether the shape is an area with p inside.
func areaHolds(g orb.Geometry, p orb.Point) bool {
	switch g := g.(type) {
	case orb.Polygon:
		return data.Contains(g, p)
	case orb.MultiPolygon:
		for _, poly := range g {
			if data.Contains(poly, p) {
				return true
			}
		}
	}
	return false
}

// ground is a piece of ground and the distance within which it counts.
type ground struct {
	shape  orb.Geometry
	metres float64
	bound  orb.Bound // the shape's
}

// grounds appends the pieces of ground from which the hazard's risk spreads,
// each with its reach and the extra metres.
func grounds(dst []ground, h *data.Hazard, extra float64) []ground {
	fromShape := false
	for i := range h.Scenarios {
		f := h.Scenarios[i].Footprint
		if f.Kind != data.Zone {
			fromShape = true
			continue
		}
		for _, z := range f.Zones {
			b := z.Shape.Bound()
			dst = append(dst, ground{z.Shape, allow(f.Reach(), b) + extra, b})
		}
	}
	if fromShape {
		dst = append(dst, ground{h.Shape, allow(h.Reach(), h.Bound()) + extra, h.Bound()})
	}
	return dst
}

// allow is the distance to search for ground that reaches some metres: 1 m
// longer, and longer still by the error of nearness, which takes a corner's
// nearest place in a plane scaled by one latitude's cosine: the angle between
// that plane and the sphere's distance is e, and the error of the second order in
// it (0.3 m at 20 km and latitude 30).
func allow(metres float64, b orb.Bound) float64 {
	lat := min(max(math.Abs(b.Min[1]), math.Abs(b.Max[1]))+metres/data.MetresPerDegree, 89)
	e := metres / data.EarthRadiusMetres * math.Tan(lat*math.Pi/180)
	return metres + 1 + 4*metres*e*e
}
