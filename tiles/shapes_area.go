package tiles

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// areas draws a Polygon or MultiPolygon; it reports whether anything of it is in
// the tile and its buffer and has area after rounding. What it draws is valid:
// where simplifying, clipping or rounding, or the shape itself, makes rings that
// cross or touch, they are drawn anew around the ground that lies in an exterior
// ring and in no hole.
func (d *shapeDrawer) areas(g orb.Geometry) bool {
	d.verts, d.rings = d.verts[:0], d.rings[:0]
	switch g := g.(type) {
	case orb.Polygon:
		d.polygon(g)
	case orb.MultiPolygon:
		for _, p := range g {
			d.polygon(p)
		}
	}
	if len(d.rings) == 0 {
		return false
	}
	if d.valid() {
		for _, r := range d.rings {
			d.w.ring(d.verts[r.from:r.to])
		}
		return true
	}
	polygons := rebuild(d.edgeList())
	for _, p := range polygons {
		for _, r := range p {
			d.w.ring(r)
		}
	}
	return len(polygons) > 0
}

// polygon adds the rings of a polygon that are left on the tile, exterior ones
// turned clockwise as seen, holes the other way.
func (d *shapeDrawer) polygon(p orb.Polygon) {
	for i, r := range p {
		if !d.ring(r, i > 0) && i == 0 {
			return
		}
	}
}

func (d *shapeDrawer) ring(r orb.Ring, hole bool) bool {
	d.outline(r)
	d.clipRing()
	from := len(d.verts)
	for _, s := range d.spots {
		if v := s.round(); len(d.verts) == from || v != d.verts[len(d.verts)-1] {
			d.verts = append(d.verts, v)
		}
	}
	for len(d.verts) > from+1 && d.verts[len(d.verts)-1] == d.verts[from] {
		d.verts = d.verts[:len(d.verts)-1]
	}
	ring := d.verts[from:]
	if len(ring) < 3 {
		d.verts = d.verts[:from]
		return false
	}
	// A ring that folds onto itself may have area all the same, in parts.
	if (signedArea(ring) < 0) != hole {
		for i, k := 0, len(ring)-1; i < k; i, k = i+1, k-1 {
			ring[i], ring[k] = ring[k], ring[i]
		}
	}
	d.rings = append(d.rings, ringSpan{from, len(d.verts), hole})
	return true
}

// clipRing clips the ring in spots, whose last point repeats the first, to the
// box: I. Sutherland and G. Hodgman, Communications of the ACM 17 (1974). Parts
// of the outcome may run along the box's sides more than once.
func (d *shapeDrawer) clipRing() {
	if n := len(d.spots); n > 1 && d.spots[0] == d.spots[n-1] {
		d.spots = d.spots[:n-1]
	}
	for side := range 4 {
		out := d.clipped[:0]
		for i, b := range d.spots {
			a := d.spots[(i+len(d.spots)-1)%len(d.spots)]
			da, db := beyond(a, side), beyond(b, side)
			if (da > 0) != (db > 0) {
				t := da / (da - db)
				cut := spot{a.x + float64(t*(b.x-a.x)), a.y + float64(t*(b.y-a.y))}
				// Exactly on the side, whatever the division gave.
				switch side {
				case 0:
					cut.x = boxLow
				case 1:
					cut.x = boxHigh
				case 2:
					cut.y = boxLow
				default:
					cut.y = boxHigh
				}
				out = append(out, cut)
			}
			if db <= 0 {
				out = append(out, b)
			}
		}
		d.spots, d.clipped = out, d.spots
	}
}

// beyond is how far s lies beyond a side of the box.
func beyond(s spot, side int) float64 {
	switch side {
	case 0:
		return boxLow - s.x
	case 1:
		return s.x - boxHigh
	case 2:
		return boxLow - s.y
	}
	return s.y - boxHigh
}

// valid reports whether the rings can be drawn as they are: none touches itself
// or another, each has the turn that is its own, each hole lies in the exterior
// ring before it and in nothing else, exterior rings lie in no other.
func (d *shapeDrawer) valid() bool {
	for _, r := range d.rings {
		if a := signedArea(d.verts[r.from:r.to]); a == 0 || (a < 0) != r.hole {
			return false
		}
	}
	d.edgeList()
	if conflicts(d.edges) {
		return false
	}
	if len(d.rings) == 1 {
		return true
	}
	outer := 0
	for i, r := range d.rings {
		if !r.hole {
			outer = i
		}
		// Nothing touches, so that one vertex says where a ring lies.
		for k, s := range d.rings {
			if k != i && insideRing(d.verts[s.from:s.to], d.verts[r.from]) != (r.hole && k == outer) {
				return false
			}
		}
	}
	return true
}

// edgeList gives the edges of all rings.
func (d *shapeDrawer) edgeList() []edge {
	d.edges = d.edges[:0]
	for n, r := range d.rings {
		for i := r.from; i < r.to; i++ {
			next := i + 1
			if next == r.to {
				next = r.from
			}
			d.edges = append(d.edges, edge{d.verts[i], d.verts[next], int32(n), r.hole})
		}
	}
	return d.edges
}

// edge is a directed edge of a ring.
type edge struct {
	a, b vertex
	ring int32
	hole bool
}

func (e *edge) left() int32   { return min(e.a.x, e.b.x) }
func (e *edge) right() int32  { return max(e.a.x, e.b.x) }
func (e *edge) top() int32    { return min(e.a.y, e.b.y) }
func (e *edge) bottom() int32 { return max(e.a.y, e.b.y) }

// conflicts reports whether two edges share more than the vertex in which one
// follows the other.
func conflicts(edges []edge) bool {
	found := false
	eachPair(edges, func(i, k int) bool {
		found = !follow(&edges[i], &edges[k]) && touch(&edges[i], &edges[k])
		return !found
	})
	return found
}

// eachPair calls f with the numbers of every two edges whose boxes meet, until f
// gives false. It sorts the edges by their left ends.
func eachPair(edges []edge, f func(i, k int) bool) {
	slices.SortFunc(edges, edge.compare)
	for i := range edges {
		e := &edges[i]
		right, top, bottom := e.right(), e.top(), e.bottom()
		for k := i + 1; k < len(edges) && edges[k].left() <= right; k++ {
			if g := &edges[k]; g.bottom() >= top && g.top() <= bottom && !f(i, k) {
				return
			}
		}
	}
}

func (e edge) compare(f edge) int {
	return cmp.Or(cmp.Compare(e.left(), f.left()), cmp.Compare(e.a.x, f.a.x), cmp.Compare(e.a.y, f.a.y),
		cmp.Compare(e.b.x, f.b.x), cmp.Compare(e.b.y, f.b.y), cmp.Compare(e.ring, f.ring))
}

// follow reports whether two edges meet in one vertex, as successive ones do,
// without folding back onto each other.
func follow(e, f *edge) bool {
	if e.ring != f.ring {
		return false
	}
	switch {
	case e.b == f.a && e.a != f.b:
		return cross(e.a, e.b, f.b) != 0 || dot(e.a, e.b, f.b) > 0
	case f.b == e.a && f.a != e.b:
		return cross(f.a, f.b, e.b) != 0 || dot(f.a, f.b, e.b) > 0
	}
	return false
}

// dot is over zero when the way from b to c goes on in the direction from a to b.
func dot(a, b, c vertex) int64 {
	return int64(b.x-a.x)*int64(c.x-b.x) + int64(b.y-a.y)*int64(c.y-b.y)
}

// touch reports whether two edges share a point.
func touch(e, f *edge) bool {
	c, d := cross(e.a, e.b, f.a), cross(e.a, e.b, f.b)
	if c > 0 && d > 0 || c < 0 && d < 0 {
		return false
	}
	a, b := cross(f.a, f.b, e.a), cross(f.a, f.b, e.b)
	if a > 0 && b > 0 || a < 0 && b < 0 {
		return false
	}
	// On one line their boxes decide, and eachPair gives only pairs whose boxes meet.
	return true
}
