package tiles

import "riskatlas/riskgrid"

// outliner draws the outlines of sets of cells: one polygon for each piece whose
// cells hang together by their edges, its exterior ring and then its holes. The
// rings are simple: a piece that meets itself at a corner does so between two of
// its rings.
type outliner struct {
	window riskgrid.Window
	in     []bool // the cells of the set
	seen   []bool // cells of pieces that are drawn, or in hand
	piece  []bool // the cells of the piece in hand
	stack  []int
	used   []uint8 // by corner: sides of the piece that leave it and are drawn, by direction
	path   []int   // corners on the way
	at     []int32 // by corner: its place on the way + 1
	rings  [][]int
}

func newOutliner(w riskgrid.Window) *outliner {
	n, corners := w.W*w.H, (w.W+1)*(w.H+1)
	return &outliner{window: w, in: make([]bool, n), seen: make([]bool, n), piece: make([]bool, n),
		used: make([]uint8, corners), at: make([]int32, corners)}
}

// meets reports whether the cell shares ground with the tile.
func (o *outliner) meets(c *canvas, k int) bool {
	x, y := k%o.window.W, k/o.window.W
	quad := [4]vertex{o.vertex(c, x, y), o.vertex(c, x+1, y), o.vertex(c, x+1, y+1), o.vertex(c, x, y+1)}
	return meetsTile(&quad)
}

// vertex is a corner of the cells in tile units, by its column and row.
func (o *outliner) vertex(c *canvas, x, y int) vertex {
	return c.moved(c.cellCorner(o.window.Zoom, o.window.X+x, o.window.Y+y))
}

// draw writes the outlines of the set.
func (o *outliner) draw(c *canvas, w *layerWriter) {
	clear(o.seen)
	for k, in := range o.in {
		if !in || o.seen[k] {
			continue
		}
		o.gather(k)
		o.trace()
		// The first ring runs along the north side of the piece's first cell in
		// row order, so it is the exterior one.
		for _, ring := range o.rings {
			w.ring(o.corners(c, ring))
		}
	}
}

// gather finds the piece that holds a cell.
func (o *outliner) gather(first int) {
	clear(o.piece)
	width, height := o.window.W, o.window.H
	o.stack = append(o.stack[:0], first)
	o.seen[first], o.piece[first] = true, true
	for len(o.stack) > 0 {
		k := o.stack[len(o.stack)-1]
		o.stack = o.stack[:len(o.stack)-1]
		for d := range 4 {
			x, y := k%width+ways[d].x, k/width+ways[d].y
			if n := y*width + x; x >= 0 && y >= 0 && x < width && y < height && o.in[n] && !o.seen[n] {
				o.seen[n], o.piece[n] = true, true
				o.stack = append(o.stack, n)
			}
		}
	}
}

// ways are the directions east, south, west and north: turning right is the
// next one.
var ways = [4]struct{ x, y int }{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}

// has reports whether the piece has the cell.
func (o *outliner) has(x, y int) bool {
	return x >= 0 && y >= 0 && x < o.window.W && y < o.window.H && o.piece[y*o.window.W+x]
}

// leaves reports whether a side of the piece leaves the corner in the direction,
// the piece on its right.
func (o *outliner) leaves(x, y, d int) bool {
	switch d {
	case 0:
		return o.has(x, y) && !o.has(x, y-1)
	case 1:
		return o.has(x-1, y) && !o.has(x, y)
	case 2:
		return o.has(x-1, y-1) && !o.has(x-1, y)
	}
	return o.has(x, y-1) && !o.has(x-1, y-1)
}

// trace finds the piece's rings.
func (o *outliner) trace() {
	o.rings = o.rings[:0]
	clear(o.used)
	width := o.window.W + 1
	for v := range o.used {
		// Every ring has a side that runs east.
		if x, y := v%width, v/width; o.leaves(x, y, 0) && o.used[v]&1 == 0 {
			o.follow(x, y)
		}
	}
}

// follow walks along the sides from a corner, first east, until it is back. What
// it finds closed on the way is a ring of its own: a walk that passes a corner
// twice has gone round a hole.
func (o *outliner) follow(x, y int) {
	width := o.window.W + 1
	o.path = o.path[:0]
	own := len(o.rings)
	for d := 0; ; {
		v := y*width + x
		if n := o.at[v]; n > 0 {
			ring := append([]int(nil), o.path[n-1:]...)
			for _, p := range ring {
				o.at[p] = 0
			}
			o.path = o.path[:n-1]
			o.rings = append(o.rings, ring)
			if len(o.path) == 0 {
				break
			}
		}
		o.path = append(o.path, v)
		o.at[v] = int32(len(o.path))
		for _, turn := range [3]int{1, 0, 3} { // right, which stays with the same cell; on; left
			if e := (d + turn) % 4; o.leaves(x, y, e) && o.used[v]>>e&1 == 0 {
				d = e
				break
			}
		}
		o.used[v] |= 1 << d
		x, y = x+ways[d].x, y+ways[d].y
	}
	// The walk itself closes last; it stands before the holes that it found.
	last := len(o.rings) - 1
	o.rings[own], o.rings[last] = o.rings[last], o.rings[own]
}

// corners is a ring in tile units. On the map of its own datum a corner where it
// goes straight on is left out.
func (o *outliner) corners(c *canvas, ring []int) []vertex {
	width := o.window.W + 1
	out := make([]vertex, 0, len(ring))
	for i, v := range ring {
		before, after := ring[(i+len(ring)-1)%len(ring)], ring[(i+1)%len(ring)]
		if !c.offset && v-before == after-v {
			continue
		}
		out = append(out, o.vertex(c, v%width, v/width))
	}
	return out
}
