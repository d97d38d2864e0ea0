package api

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// region is a piece of ground that a question is about.
type region interface {
	box() orb.Bound              // holds all of it
	holds(p orb.Point) bool      // whether a place lies in it
	spans(a, b orb.Point) []span // the parts of the edge ab that lie in it, in order and apart
	anchors() []orb.Point        // a place of each connected part
	outline() orb.MultiPolygon   // it, drawn
}

// span is a part of an edge: 0 is its first end, 1 the other.
type span struct{ from, to float64 }

func along(a, b orb.Point, t float64) orb.Point {
	switch t { // the ends exactly
	case 0:
		return a
	case 1:
		return b
	}
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
}

// merged joins spans that meet.
func merged(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.from <= out[n-1].to+1e-12 {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// eachEdge calls f with every edge of the shape until f gives false, and reports
// whether it never did. A point is an edge of no length.
func eachEdge(g orb.Geometry, f func(a, b orb.Point) bool) bool {
	line := func(l []orb.Point) bool {
		for i := 1; i < len(l); i++ {
			if !f(l[i-1], l[i]) {
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
	default:
		for _, p := range polygons(g) {
			for _, r := range p {
				if !line(r) {
					return false
				}
			}
		}
	}
	return true
}

func areaHolds(g orb.Geometry, p orb.Point) bool {
	return slices.ContainsFunc(polygons(g), func(poly orb.Polygon) bool { return data.Contains(poly, p) })
}

// touches reports whether any part of the shape lies in the region.
func touches(r region, g orb.Geometry) bool {
	if p, ok := g.(orb.Point); ok {
		return r.holds(p)
	}
	box := r.box()
	if !box.Intersects(g.Bound()) {
		return false
	}
	if !eachEdge(g, func(a, b orb.Point) bool {
		if !edgeBox(a, b).Intersects(box) {
			return true
		}
		return !r.holds(a) && !r.holds(b) && len(r.spans(a, b)) == 0
	}) {
		return true
	}
	if g.Dimensions() < 2 {
		return false
	}
	return slices.ContainsFunc(r.anchors(), func(p orb.Point) bool { return areaHolds(g, p) })
}

func edgeBox(a, b orb.Point) orb.Bound {
	return orb.Bound{Min: orb.Point{min(a[0], b[0]), min(a[1], b[1])}, Max: orb.Point{max(a[0], b[0]), max(a[1], b[1])}}
}

// nearestIn gives the place of the shape inside the region that is nearest to a
// place from which the region is seen whole (every line of sight to it stays in
// it), and its ground distance in metres; false when they do not meet.
func nearestIn(r region, g orb.Geometry, from orb.Point) (at orb.Point, metres float64, ok bool) {
	if p, point := g.(orb.Point); point {
		if !r.holds(p) {
			return at, 0, false
		}
		return p, data.Distance(from, p), true
	}
	box := r.box()
	if !box.Intersects(g.Bound()) {
		return at, 0, false
	}
	if g.Dimensions() == 2 && areaHolds(g, from) {
		return from, 0, true
	}
	metres = math.Inf(1)
	eachEdge(g, func(a, b orb.Point) bool {
		if !edgeBox(a, b).Intersects(box) {
			return true
		}
		for _, s := range r.spans(a, b) {
			q, d := data.Nearest(orb.LineString{along(a, b, s.from), along(a, b, s.to)}, from)
			if d < metres {
				at, metres = q, d
			}
		}
		return true
	})
	return at, metres, !math.IsInf(metres, 1)
}

// lengthIn is the ground length in metres of the part of a line that lies in the
// region; 0 for what is no line.
func lengthIn(r region, g orb.Geometry) float64 {
	if g.Dimensions() != 1 {
		return 0
	}
	box, sum := r.box(), 0.0
	eachEdge(g, func(a, b orb.Point) bool {
		if edgeBox(a, b).Intersects(box) {
			for _, s := range r.spans(a, b) {
				sum += data.Distance(along(a, b, s.from), along(a, b, s.to))
			}
		}
		return true
	})
	return sum
}
