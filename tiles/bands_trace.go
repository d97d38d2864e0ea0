package tiles

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"riskatlas/data"
)

// The boundary of a band runs over these vertices, numbered from the cell: the
// two cuts of the band (below its level, above it) on the edge to the next cell
// east and on the edge to the next one south, and the cell's centre (only for
// cells on the window's border). Each vertex has at most one way out, so the
// rings follow without choice.
const (
	eastEdge = iota
	_        // the upper cut on the same edge
	southEdge
	_
	centre
	perCell
)

// bandTracer makes the rings of one window's bands. Its tables are all zero
// between uses: tracing takes out what marching put in.
type bandTracer struct {
	in     bandInput
	w, h   int32
	half   int32  // half of a cell's width in tile units
	origin vertex // centre of the first cell
	askew  bool   // the datum bends what is straight here

	next   [data.Major + 1][]int32 // by level and vertex: the vertex that follows, + 1
	starts [data.Major + 1][]int32 // every vertex that has a way out
	ringAt []int32                 // by vertex: its ring in the band in hand, + 1

	verts []vertex
	rings []bandRing
	order []int32
}

// bandRing is a ring of bandTracer.verts.
type bandRing struct {
	from, to  int32
	area      int64 // twice; below zero for a hole
	west      int32 // the westernmost of its vertices on eastEdges
	westX     int32 // where that is
	outer     int32 // of a hole: the number of the ring around it
	hole      int32 // of an outer ring: the number of its first hole, -1 for none
	nextAlong int32 // of a hole: the next one in the same ring, -1 for none
}

var tracers = sync.Pool{New: func() any { return new(bandTracer) }}

// begin takes the input; it reports whether any cell has a level.
func (t *bandTracer) begin(c *canvas, in bandInput) bool {
	any := false
	for _, l := range in.Level {
		if l != data.LevelNone {
			any = true
			break
		}
	}
	if !any || in.Window.W < 2 || in.Window.H < 2 {
		return false
	}
	t.in, t.w, t.h = in, int32(in.Window.W), int32(in.Window.H)
	size := c.cellSize(in.Window.Zoom)
	t.half, t.askew = size/2, c.offset
	t.origin = c.cellCorner(in.Window.Zoom, in.Window.X, in.Window.Y)
	t.origin.x += t.half
	t.origin.y += t.half
	vertices := int(t.w) * int(t.h) * perCell
	for l := data.Low; l <= data.Major; l++ {
		if len(t.next[l]) < vertices {
			t.next[l] = make([]int32, vertices)
		}
	}
	if len(t.ringAt) < vertices {
		t.ringAt = make([]int32, vertices)
	}
	return true
}

// release gives the tracer back; it holds no input longer than it must.
func (t *bandTracer) release() {
	t.in = bandInput{}
	tracers.Put(t)
}

func (t *bandTracer) link(l data.Level, from, to int32) {
	t.next[l][from] = to + 1
	t.starts[l] = append(t.starts[l], from)
}

// chords are the boundary's ways through a square, by the set of its high
// corners (bits clockwise from the north-west one), as pairs of edges (north,
// east, south, west = 0 to 3) with the high ground on the right hand: from each
// edge where a walk clockwise round the square goes down to the next one where
// it goes up, which joins two high corners across.
var chords = [16][][2]uint8{
	1: {{0, 3}}, 2: {{1, 0}}, 3: {{1, 3}}, 4: {{2, 1}}, 5: {{0, 1}, {2, 3}}, 6: {{2, 0}}, 7: {{2, 3}},
	8: {{3, 2}}, 9: {{0, 2}}, 10: {{1, 2}, {3, 0}}, 11: {{1, 2}}, 12: {{3, 1}}, 13: {{0, 1}}, 14: {{3, 0}},
}

// squares links the ways of all bands through the squares of the dual grid: the
// boundary of the region of level k and up is the lower boundary of band k and,
// walked the other way, the upper one of band k-1.
func (t *bandTracer) squares() {
	w := t.w
	for j := range t.h - 1 {
		for i := range w - 1 {
			cell := j*w + i
			nw, ne := t.in.Level[cell], t.in.Level[cell+1]
			sw, se := t.in.Level[cell+w], t.in.Level[cell+w+1]
			low, high := min(nw, ne, sw, se), max(nw, ne, sw, se)
			if low == high {
				continue
			}
			edges := [4]int32{
				cell*perCell + eastEdge, (cell+1)*perCell + southEdge,
				(cell+w)*perCell + eastEdge, cell*perCell + southEdge,
			}
			for k := low + 1; k <= high; k++ {
				set := atLeast(nw, k) | atLeast(ne, k)<<1 | atLeast(se, k)<<2 | atLeast(sw, k)<<3
				for _, ch := range chords[set] {
					from, to := edges[ch[0]], edges[ch[1]]
					t.link(k, from, to)
					if k > data.Low {
						t.link(k-1, to+1, from+1)
					}
				}
			}
		}
	}
}

func atLeast(l, k data.Level) uint8 {
	if l >= k {
		return 1
	}
	return 0
}

// border closes the bands along the window's outermost centres, walked clockwise.
func (t *bandTracer) border() {
	w, h := t.w, t.h
	last := (h - 1) * w
	for i := range w - 1 {
		t.side(i, i+1, i*perCell+eastEdge)
		t.side(last+i+1, last+i, (last+i)*perCell+eastEdge)
	}
	for j := range h - 1 {
		t.side((j+1)*w-1, (j+2)*w-1, ((j+1)*w-1)*perCell+southEdge)
		t.side((j+1)*w, j*w, j*w*perCell+southEdge)
	}
}

// side links, for every band that it meets, its part of the border from cell a
// to cell b, whose edge has its cuts at the vertices edge and edge+1.
func (t *bandTracer) side(a, b, edge int32) {
	la, lb := t.in.Level[a], t.in.Level[b]
	for l := max(min(la, lb), data.Low); l <= max(la, lb); l++ {
		from, to := a*perCell+centre, b*perCell+centre
		switch {
		case la < l:
			from = edge
		case la > l:
			from = edge + 1
		}
		switch {
		case lb < l:
			to = edge
		case lb > l:
			to = edge + 1
		}
		t.link(l, from, to)
	}
}

// place is where a vertex of band l lies.
func (t *bandTracer) place(l data.Level, v int32) vertex {
	cell, kind := v/perCell, v%perCell
	p := t.origin
	p.x += cell % t.w * 2 * t.half
	p.y += cell / t.w * 2 * t.half
	if kind == centre {
		return p
	}
	k, other := l+data.Level(kind&1), cell+1
	if kind >= southEdge {
		other = cell + t.w
	}
	var along int32
	if t.in.Level[cell] < t.in.Level[other] {
		along = t.in.crossing(cell, other, k, t.half)
	} else {
		along = 2*t.half - t.in.crossing(other, cell, k, t.half)
	}
	if kind >= southEdge {
		p.y += along
	} else {
		p.x += along
	}
	return p
}

// trace takes the rings of band l out of the table.
func (t *bandTracer) trace(l data.Level) {
	t.verts, t.rings = t.verts[:0], t.rings[:0]
	next := t.next[l]
	for _, start := range t.starts[l] {
		if next[start] == 0 {
			continue
		}
		b := bandRing{from: int32(len(t.verts)), westX: math.MaxInt32, hole: -1}
		for v := start; next[v] != 0; {
			p := t.place(l, v)
			if v%perCell < southEdge && p.x < b.westX {
				b.west, b.westX = v, p.x
			}
			if n := int32(len(t.verts)); n-b.from >= 2 && t.between(t.verts[n-2], t.verts[n-1], p) {
				t.verts = t.verts[:n-1]
			}
			t.verts = append(t.verts, p)
			t.ringAt[v] = int32(len(t.rings)) + 1
			v, next[v] = next[v]-1, 0
		}
		t.close(b)
	}
	t.assign(l)
	for _, v := range t.starts[l] {
		t.ringAt[v] = 0
	}
	t.starts[l] = t.starts[l][:0]
}

// between reports whether b, on the straight way from a to c, may be left out.
// Cuts within a cell of the border stay, so that a neighbour, whose border runs
// elsewhere, has the same vertices.
func (t *bandTracer) between(a, b, c vertex) bool {
	if cross(a, b, c) != 0 {
		return false
	}
	size := 2 * t.half
	x, y := b.x-t.origin.x, b.y-t.origin.y
	if x%size == 0 && y%size == 0 {
		return true // a centre
	}
	return !t.askew && x > size && x < (t.w-2)*size && y > size && y < (t.h-2)*size
}

// cross is twice the area of the triangle, over zero when a, b, c turn clockwise
// as seen (y runs south).
func cross(a, b, c vertex) int64 {
	return int64(b.x-a.x)*int64(c.y-a.y) - int64(b.y-a.y)*int64(c.x-a.x)
}

// signedArea is twice the area of a ring, over zero when it runs clockwise as
// seen, as an exterior ring of MVT does.
func signedArea(r []vertex) int64 {
	var sum int64
	for i := range r {
		a, b := r[i], r[(i+1)%len(r)]
		sum += int64(a.x)*int64(b.y) - int64(b.x)*int64(a.y)
	}
	return sum
}

// close ends the ring whose vertices were appended last.
func (t *bandTracer) close(b bandRing) {
	r := t.verts[b.from:]
	// The first and the last vertex may lie between their neighbours too.
	for len(r) > 3 && t.between(r[len(r)-1], r[0], r[1]) {
		r = r[1:]
		b.from++
	}
	for len(r) > 3 && t.between(r[len(r)-2], r[len(r)-1], r[0]) {
		r = r[:len(r)-1]
	}
	b.to = b.from + int32(len(r))
	t.verts = t.verts[:b.to]
	b.area = signedArea(r)
	t.rings = append(t.rings, b)
}

// assign finds for each hole the exterior ring around it. Every ring goes around
// a cell's centre, so it crosses a row of them. West of where a hole first does,
// the ground is the band's, up to the next ring in that row: that is the exterior
// ring, or another hole in it that reaches further west and is done before.
func (t *bandTracer) assign(l data.Level) {
	t.order = t.order[:0]
	for i := range t.rings {
		if t.rings[i].area < 0 {
			t.order = append(t.order, int32(i))
		}
	}
	slices.SortFunc(t.order, func(i, k int32) int {
		return cmp.Or(cmp.Compare(t.rings[i].westX, t.rings[k].westX), cmp.Compare(i, k))
	})
	for _, i := range t.order {
		hole := &t.rings[i]
		hole.outer = t.westOf(l, hole.west, hole.westX)
		if o := &t.rings[hole.outer]; o.area < 0 {
			hole.outer = o.outer
		}
	}
	// From the last to the first, so that the chains run in the rings' order.
	slices.SortFunc(t.order, func(i, k int32) int { return cmp.Compare(k, i) })
	for _, i := range t.order {
		o := &t.rings[t.rings[i].outer]
		t.rings[i].nextAlong, o.hole = o.hole, i
	}
}

// westOf gives the number of the ring that crosses the row of vertex v next to
// the west of it, where v is at x.
func (t *bandTracer) westOf(l data.Level, v, x int32) int32 {
	for cell := v / perCell; ; cell-- {
		near, ring := int32(math.MinInt32), int32(-1)
		for e := cell*perCell + eastEdge; e < cell*perCell+southEdge; e++ {
			if t.ringAt[e] == 0 {
				continue
			}
			if at := t.place(l, e).x; at < x && at > near {
				near, ring = at, t.ringAt[e]-1
			}
		}
		if ring < 0 && cell%t.w == 0 { // the band begins at the window's border
			ring = t.ringAt[cell*perCell+centre] - 1
		}
		if ring >= 0 {
			return ring
		}
	}
}

// insideRing reports whether p, which is on no edge, lies in the ring.
func insideRing(r []vertex, p vertex) bool {
	in := false
	for i := range r {
		a, b := r[i], r[(i+1)%len(r)]
		if (a.y > p.y) != (b.y > p.y) {
			if c := cross(a, b, p); (c > 0) == (b.y > a.y) {
				in = !in
			}
		}
	}
	return in
}

// draw writes the rings, each exterior followed by its holes; it reports whether
// there was any.
func (t *bandTracer) draw(w *layerWriter, c *canvas) bool {
	any := false
	for i := range t.rings {
		o := &t.rings[i]
		if o.area < 0 || !t.drawRing(w, c, o) {
			continue
		}
		any = true
		for k := o.hole; k >= 0; k = t.rings[k].nextAlong {
			t.drawRing(w, c, &t.rings[k])
		}
	}
	return any
}

// drawRing writes a ring, moved to the canvas's datum; one that the rounding
// there leaves without area is passed over.
func (t *bandTracer) drawRing(w *layerWriter, c *canvas, b *bandRing) bool {
	r := t.verts[b.from:b.to]
	if c.offset {
		n := 0
		for _, p := range r {
			p = c.moved(p)
			if n == 0 || p != r[n-1] {
				r[n] = p
				n++
			}
		}
		for n > 1 && r[n-1] == r[0] {
			n--
		}
		r = r[:n]
		if n < 3 || (signedArea(r) > 0) != (b.area > 0) || signedArea(r) == 0 {
			return false
		}
	}
	w.ring(r)
	return true
}
