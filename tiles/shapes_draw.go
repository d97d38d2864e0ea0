package tiles

import (
	"math"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// simplifyZoom is the zoom below which shapes are simplified. From it on a unit
// is under a metre and long shapes are cut down to the tile's surroundings
// before they are projected.
const simplifyZoom = 14

// tolerance is how far simplifying may move a line, in tile units.
const tolerance = 1.0

// The box to which shapes are clipped, in tile units.
const (
	boxLow  = -buffer
	boxHigh = extent + buffer
)

// spot is a place in tile units, not rounded.
type spot struct{ x, y float64 }

// shapeDrawer draws lines and areas on a canvas: project, simplify, clip, round,
// and for areas make valid. It never changes a shape that it is given. It keeps
// its buffers between shapes and layers and is not safe for concurrent use.
type shapeDrawer struct {
	c        *canvas
	w        *layerWriter
	hazards  []*data.Hazard
	starts   []int
	features []byte

	spots, clipped []spot
	keep           []bool
	stack          [][2]int
	verts          []vertex
	rings          []ringSpan
	edges          []edge
}

// ringSpan is a ring of shapeDrawer.verts.
type ringSpan struct {
	from, to int
	hole     bool
}

var drawers = sync.Pool{New: func() any { return new(shapeDrawer) }}

func newDrawer(c *canvas, w *layerWriter) *shapeDrawer {
	d := drawers.Get().(*shapeDrawer)
	d.c, d.w = c, w
	return d
}

func (d *shapeDrawer) release() {
	clear(d.hazards) // no hazard is held by the pool
	d.c, d.w, d.hazards, d.starts = nil, nil, d.hazards[:0], d.starts[:0]
	drawers.Put(d)
}

// lines draws a LineString or MultiLineString; it reports whether anything of it
// is in the tile and its buffer and at least a unit long.
func (d *shapeDrawer) lines(g orb.Geometry) bool {
	switch g := g.(type) {
	case orb.LineString:
		return d.line(g)
	case orb.MultiLineString:
		any := false
		for _, l := range g {
			any = d.line(l) || any
		}
		return any
	}
	return false
}

func (d *shapeDrawer) line(l orb.LineString) bool {
	d.outline(l)
	any := false
	d.verts = d.verts[:0]
	for i := 1; i < len(d.spots); i++ {
		a, b, ok := clipSegment(d.spots[i-1], d.spots[i])
		if !ok {
			continue
		}
		from, to := a.round(), b.round()
		if n := len(d.verts); n > 0 && d.verts[n-1] != from {
			any = d.flushLine() || any
		}
		if len(d.verts) == 0 {
			d.verts = append(d.verts, from)
		}
		if to != from {
			d.verts = append(d.verts, to)
		}
	}
	return d.flushLine() || any
}

func (d *shapeDrawer) flushLine() bool {
	long := len(d.verts) >= 2
	if long {
		d.w.line(d.verts)
	}
	d.verts = d.verts[:0]
	return long
}

func (s spot) round() vertex {
	return vertex{int32(math.Floor(s.x + 0.5)), int32(math.Floor(s.y + 0.5))}
}

// project fills spots with the points on the tile. From simplifyZoom on, of a
// run of points on one side of the tile only the first and the last are kept,
// which changes nothing inside it.
func (d *shapeDrawer) project(ps []orb.Point) {
	d.spots = d.spots[:0]
	cut := d.c.tile.Z >= simplifyZoom
	common := uint8(0) // the sides beyond which all lie from the last point kept on
	for i, p := range ps {
		if cut {
			here := sides(d.c.bounds, p)
			common &= here
			if i < len(ps)-1 && common&sides(d.c.bounds, ps[i+1]) != 0 {
				continue
			}
			common = here
		}
		x, y := d.c.at(p)
		d.spots = append(d.spots, spot{x, y})
	}
}

// sides gives the sides of the bound beyond which p lies.
func sides(b orb.Bound, p orb.Point) (s uint8) {
	if p[0] < b.Min[0] {
		s |= 1
	}
	if p[0] > b.Max[0] {
		s |= 2
	}
	if p[1] < b.Min[1] {
		s |= 4
	}
	if p[1] > b.Max[1] {
		s |= 8
	}
	return s
}

// simplify takes out of spots what lies within the tolerance of the rest: the
// algorithm of D. Douglas and T. Peucker, Cartographica 10 (1973).
func (d *shapeDrawer) simplify() {
	n := len(d.spots)
	if n < 3 {
		return
	}
	d.keep = append(d.keep[:0], make([]bool, n)...)
	d.keep[0], d.keep[n-1] = true, true
	d.stack = append(d.stack[:0], [2]int{0, n - 1})
	for len(d.stack) > 0 {
		from, to := d.stack[len(d.stack)-1][0], d.stack[len(d.stack)-1][1]
		d.stack = d.stack[:len(d.stack)-1]
		far, most := 0, tolerance*tolerance
		for i := from + 1; i < to; i++ {
			if q := squaredDistance(d.spots[i], d.spots[from], d.spots[to]); q > most {
				far, most = i, q
			}
		}
		if far > 0 {
			d.keep[far] = true
			d.stack = append(d.stack, [2]int{from, far}, [2]int{far, to})
		}
	}
	kept := d.spots[:0]
	for i, s := range d.spots {
		if d.keep[i] {
			kept = append(kept, s)
		}
	}
	d.spots = kept
}

// squaredDistance is that of p from the segment from a to b. It takes differences
// alone, so that it is the same wherever the tile's corner is.
func squaredDistance(p, a, b spot) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	px, py := p.x-a.x, p.y-a.y
	if length := float64(dx*dx) + float64(dy*dy); length > 0 {
		t := (float64(px*dx) + float64(py*dy)) / length
		t = max(0, min(1, t))
		px -= float64(t * dx)
		py -= float64(t * dy)
	}
	return float64(px*px) + float64(py*py)
}

// clipSegment gives the part of a segment in the box: Y.-D. Liang and B. Barsky,
// ACM Transactions on Graphics 3 (1984).
func clipSegment(a, b spot) (spot, spot, bool) {
	t0, t1 := 0.0, 1.0
	dx, dy := b.x-a.x, b.y-a.y
	for _, e := range [4][2]float64{{-dx, a.x - boxLow}, {dx, boxHigh - a.x}, {-dy, a.y - boxLow}, {dy, boxHigh - a.y}} {
		switch p, q := e[0], e[1]; {
		case p == 0:
			if q < 0 {
				return a, b, false
			}
		case p < 0:
			t0 = max(t0, q/p)
		default:
			t1 = min(t1, q/p)
		}
	}
	if t0 > t1 {
		return a, b, false
	}
	from, to := a, b
	if t0 > 0 {
		from = spot{a.x + float64(t0*dx), a.y + float64(t0*dy)}.inBox()
	}
	if t1 < 1 {
		to = spot{a.x + float64(t1*dx), a.y + float64(t1*dy)}.inBox()
	}
	return from, to, true
}

func (s spot) inBox() spot {
	return spot{max(boxLow, min(boxHigh, s.x)), max(boxLow, min(boxHigh, s.y))}
}
