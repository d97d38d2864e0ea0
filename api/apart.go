package api

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// apart gives the places of two shapes that are nearest to each other and their
// ground distance in metres, 0 where they meet. Of two shapes that do not meet,
// the nearest places are a corner of one and a place of the other. Only corners
// within most metres of the other's box are looked at; false when they are
// further apart than that.
func apart(a, b orb.Geometry, most float64) (at, to orb.Point, metres float64, ok bool) {
	if p, point := a.(orb.Point); point {
		to, metres = data.Nearest(b, p)
		return p, to, metres, metres <= most
	}
	metres = math.Inf(1)
	nearA, nearB := data.PadMetres(a.Bound(), most), data.PadMetres(b.Bound(), most)
	if !nearA.Intersects(b.Bound()) {
		return at, to, metres, false
	}
	corners := func(of, other orb.Geometry, near orb.Bound, turn bool) {
		try := func(p orb.Point) {
			if !near.Contains(p) || metres == 0 {
				return
			}
			if q, d := data.Nearest(other, p); d < metres {
				at, to, metres = p, q, d
				if turn {
					at, to = q, p
				}
			}
		}
		eachEdge(of, func(p, q orb.Point) bool { try(p); try(q); return metres > 0 })
	}
	corners(a, b, nearB, false)
	corners(b, a, nearA, true)
	if metres > 0 && a.Dimensions() > 0 && b.Dimensions() > 0 {
		if p, cross := meeting(a, b); cross {
			return p, p, 0, true
		}
	}
	return at, to, metres, metres <= most
}

// meeting is a place where edges of two shapes cross.
func meeting(a, b orb.Geometry) (at orb.Point, ok bool) {
	box := b.Bound()
	eachEdge(a, func(p, q orb.Point) bool {
		edge := edgeBox(p, q)
		if !edge.Intersects(box) {
			return true
		}
		return eachEdge(b, func(c, d orb.Point) bool {
			if !edge.Intersects(edgeBox(c, d)) {
				return true
			}
			var t float64
			if t, ok = crossing(p, q, c, d); ok {
				at = along(p, q, t)
			}
			return !ok
		})
	})
	return at, ok
}
