package tiles

import (
	"cmp"
	"slices"
)

// mostCuts bounds the crossings of a shape's edges, and the points at which they
// are divided, so that a shape of nothing but crossings cannot hold up a tile.
const mostCuts = 20_000

// rebuild draws valid polygons, exterior ring first, around the ground that the
// exterior rings among the edges wind around and their holes do not. The rings
// are closed; they may cross, touch and overlap in any way. All vertices are
// whole, so edges bend where they are divided, but no point of one moves by more
// than half a unit in x or in y. No ground gives nil. A shape too tangled for
// mostCuts is drawn as its box. It sorts the edges.
func rebuild(edges []edge) [][][]vertex {
	parts, ok := snap(edges)
	if !ok {
		return boxOf(edges)
	}
	return polygonsOf(loops(borders(merge(parts))))
}

func boxOf(edges []edge) [][][]vertex {
	low, high := edges[0].a, edges[0].a
	for i := range edges {
		e := &edges[i]
		low = vertex{min(low.x, e.left()), min(low.y, e.top())}
		high = vertex{max(high.x, e.right()), max(high.y, e.bottom())}
	}
	if low.x == high.x || low.y == high.y {
		return nil
	}
	return [][][]vertex{{{low, {high.x, low.y}, high, {low.x, high.y}}}}
}

// winding is how often exterior rings and holes wind around a place, clockwise
// as seen.
type winding struct{ outer, hole int32 }

func (w winding) plus(v winding) winding { return winding{w.outer + v.outer, w.hole + v.hole} }

// inside is the ground of a polygon.
func (w winding) inside() bool { return w.outer != 0 && w.hole == 0 }

// way is the sum of all edges between two points, in the direction from the
// northern (of two as far north, the western) point.
type way struct {
	a, b vertex
	sum  winding
}

// merge sums the edges that share both ends; those that cancel out are gone.
func merge(edges []edge) []way {
	ways := make([]way, 0, len(edges))
	for _, e := range edges {
		one := int32(1)
		if e.b.y < e.a.y || e.b.y == e.a.y && e.b.x < e.a.x {
			e.a, e.b, one = e.b, e.a, -1
		}
		w := way{a: e.a, b: e.b, sum: winding{outer: one}}
		if e.hole {
			w.sum = winding{hole: one}
		}
		ways = append(ways, w)
	}
	slices.SortFunc(ways, func(v, w way) int {
		return cmp.Or(cmp.Compare(v.a.y, w.a.y), cmp.Compare(v.a.x, w.a.x), cmp.Compare(v.b.y, w.b.y), cmp.Compare(v.b.x, w.b.x))
	})
	out := ways[:0]
	for i, w := range ways {
		if n := len(out); i > 0 && n > 0 && out[n-1].a == w.a && out[n-1].b == w.b {
			out[n-1].sum = out[n-1].sum.plus(w.sum)
			continue
		}
		out = append(out, w)
	}
	return slices.DeleteFunc(out, func(w way) bool { return w.sum == winding{} })
}

// rows are the ways by the row of tile units in which they are, each in all of
// its rows.
type rows struct {
	ways   []way
	first  int32 // the north end of the first row
	height int32
	in     [][]int32
}

// rowCount is the number of rows into which ways are sorted at most.
const rowCount = 256

func newRows(ways []way) *rows {
	r := &rows{ways: ways}
	if len(ways) == 0 {
		return r
	}
	r.first = ways[0].a.y // sorted from north to south
	last := r.first
	for i := range ways {
		last = max(last, ways[i].b.y)
	}
	r.height = (last-r.first)/rowCount + 1
	r.in = make([][]int32, (last-r.first)/r.height+1)
	for i := range ways {
		for k := (ways[i].a.y - r.first) / r.height; k <= (ways[i].b.y-r.first)/r.height; k++ {
			r.in[k] = append(r.in[k], int32(i))
		}
	}
	return r
}

// beyond is the winding of the ground next to way i: east of one that runs
// south, north of one that runs east. It is the sum of the ways that a ray to the
// east crosses, of which those that run south count as they are.
func (r *rows) beyond(i int) (sum winding) {
	w := &r.ways[i]
	middle := vertex{w.a.x + w.b.x, w.a.y + w.b.y} // in half units
	level := w.a.y == w.b.y
	for _, k := range r.in[(middle.y>>1-r.first)/r.height] {
		v := &r.ways[k]
		top, bottom := 2*v.a.y, 2*v.b.y
		met := top <= middle.y && middle.y < bottom
		if level { // the ray runs just north of the way
			met = top < middle.y && middle.y <= bottom
		}
		if met && int(k) != i && cross(vertex{2 * v.a.x, top}, vertex{2 * v.b.x, bottom}, middle) > 0 {
			sum = sum.plus(v.sum)
		}
	}
	return sum
}

// borders gives the edges between ground inside and ground outside, with the
// inside on the right hand: west of a way that runs south, south of one that runs
// east.
func borders(ways []way) []edge {
	r := newRows(ways)
	var out []edge
	for i, w := range ways {
		left := r.beyond(i)
		right := left.plus(w.sum)
		switch {
		case right.inside() && !left.inside():
			out = append(out, edge{a: w.a, b: w.b})
		case left.inside() && !right.inside():
			out = append(out, edge{a: w.b, b: w.a})
		}
	}
	return out
}

// loops joins border edges to simple rings.
func loops(edges []edge) [][]vertex {
	slices.SortFunc(edges, func(e, f edge) int {
		return cmp.Or(cmp.Compare(e.a.y, f.a.y), cmp.Compare(e.a.x, f.a.x), cmp.Compare(e.b.y, f.b.y), cmp.Compare(e.b.x, f.b.x))
	})
	used := make([]bool, len(edges))
	var out [][]vertex
	for i := range edges {
		var path []vertex
		for n := i; !used[n]; n = following(edges, used, n) {
			used[n] = true
			// Back at a point of the path, what lies between is a ring of its own.
			if k := slices.Index(path, edges[n].a); k >= 0 {
				out = append(out, slices.Clone(path[k:]))
				path = path[:k]
			}
			path = append(path, edges[n].a)
		}
		if len(path) > 0 {
			out = append(out, path)
		}
	}
	for i, r := range out {
		out[i] = straighten(r)
	}
	return slices.DeleteFunc(out, func(r []vertex) bool { return len(r) < 3 })
}

// following is the edge that goes on from edge n around the same piece of
// ground: the first that is met when the way back turns counterclockwise as
// seen, over the inside. It is n itself when there is none left.
func following(edges []edge, used []bool, n int) int {
	from, at := edges[n].a, edges[n].b
	i, _ := slices.BinarySearchFunc(edges, at, func(e edge, v vertex) int {
		return cmp.Or(cmp.Compare(e.a.y, v.y), cmp.Compare(e.a.x, v.x))
	})
	best := n
	for ; i < len(edges) && edges[i].a == at; i++ {
		if !used[i] && (best == n || sooner(at, from, edges[i].b, edges[best].b)) {
			best = i
		}
	}
	return best
}

// sooner reports whether a ray from the centre that turns counterclockwise as
// seen (y runs south), from the direction of zero, meets p before q.
func sooner(centre, zero, p, q vertex) bool {
	// half is false for the first half turn.
	half := func(v vertex) bool { return cross(centre, zero, v) > 0 }
	if half(p) != half(q) {
		return !half(p)
	}
	return cross(centre, p, q) < 0
}

// straighten takes out vertices on the straight way between their neighbours.
func straighten(r []vertex) []vertex {
	out := make([]vertex, 0, len(r))
	for i, p := range r {
		before, after := r[(i+len(r)-1)%len(r)], r[(i+1)%len(r)]
		if cross(before, p, after) != 0 {
			out = append(out, p)
		}
	}
	return out
}

// polygonsOf puts each hole into the least exterior ring around it.
func polygonsOf(rings [][]vertex) [][][]vertex {
	var out [][][]vertex
	var holes [][]vertex
	for _, r := range rings {
		if signedArea(r) > 0 {
			out = append(out, [][]vertex{r})
		} else {
			holes = append(holes, r)
		}
	}
	for _, h := range holes {
		// Rings may touch in vertices, so the middle of an edge decides.
		middle := vertex{h[0].x + h[1].x, h[0].y + h[1].y}
		best := -1
		for i := range out {
			if insideDoubled(out[i][0], middle) && (best < 0 || signedArea(out[i][0]) < signedArea(out[best][0])) {
				best = i
			}
		}
		if best >= 0 {
			out[best] = append(out[best], h)
		}
	}
	return out
}

// insideDoubled is insideRing for a place in half units.
func insideDoubled(r []vertex, p vertex) bool {
	doubled := make([]vertex, len(r))
	for i, v := range r {
		doubled[i] = vertex{2 * v.x, 2 * v.y}
	}
	return insideRing(doubled, p)
}
