package tiles

import (
	"cmp"
	"slices"
)

// pixels are the hot pixels of a set of edges: the squares of one unit around
// every vertex and every whole point to which a crossing is rounded. The pixel
// of p holds the points from p - 1/2 on, short of p + 1/2, in x and in y, so
// every place is in one pixel.
type pixels struct {
	at   []vertex // the centres, by y, then x
	rows []int    // where each row that has any begins in at, from north to south, and the end
}

// snap divides edges of closed rings so that they share nothing but ends, all of
// them whole: each goes through the centres of all hot pixels that it passes, in
// order along it. Only the edges as they came are asked, so nothing wanders: an
// edge is nowhere more than half a unit in x or in y from where it was. Snap
// rounding: J. Hobby, Computational Geometry 13 (1999); L. Guibas and D. Marimont,
// International Journal of Computational Geometry and Applications 8 (1998). It
// reports false past mostCuts, and sorts the edges.
func snap(edges []edge) ([]edge, bool) {
	hot, ok := crossings(edges)
	if !ok {
		return nil, false
	}
	for _, e := range edges {
		hot = append(hot, e.a) // where another ends
	}
	p := newPixels(hot)
	out := make([]edge, 0, len(edges)+len(hot))
	var way []vertex
	for _, e := range edges {
		way = p.along(way[:0], e.a, e.b)
		for i := 1; i < len(way); i++ {
			out = append(out, edge{way[i-1], way[i], e.ring, e.hole})
		}
		if len(out) > len(edges)+mostCuts {
			return nil, false
		}
	}
	return out, true
}

// crossings gives the whole points nearest to where inner points of two edges
// cross. Edges that touch do so in an end of one, which is whole already.
func crossings(edges []edge) ([]vertex, bool) {
	var out []vertex
	eachPair(edges, func(i, k int) bool {
		e, f := &edges[i], &edges[k]
		ea, eb := cross(f.a, f.b, e.a), cross(f.a, f.b, e.b)
		fa, fb := cross(e.a, e.b, f.a), cross(e.a, e.b, f.b)
		if (ea > 0 && eb < 0 || ea < 0 && eb > 0) && (fa > 0 && fb < 0 || fa < 0 && fb > 0) {
			out = append(out, crossing(e, ea, eb))
		}
		return len(out) <= mostCuts
	})
	return out, len(out) <= mostCuts
}

// crossing is the centre of the pixel in which the edge crosses a line from which
// its ends are as far as from and to say, of different signs. It is exact for
// edges in a tile's box: the products stay under 2^41.
func crossing(e *edge, from, to int64) vertex {
	whole := from - to
	if whole < 0 {
		from, whole = -from, -whole
	}
	part := func(a, b int32) int32 { // a + (b - a) * from / whole, rounded, halves up
		return a + int32(floored(2*from*int64(b-a)+whole, 2*whole))
	}
	return vertex{part(e.a.x, e.b.x), part(e.a.y, e.b.y)}
}

// floored is n / d rounded down, for d > 0.
func floored(n, d int64) int64 {
	q := n / d
	if n%d < 0 {
		q--
	}
	return q
}

func newPixels(at []vertex) *pixels {
	slices.SortFunc(at, func(v, w vertex) int { return cmp.Or(cmp.Compare(v.y, w.y), cmp.Compare(v.x, w.x)) })
	p := &pixels{at: slices.Compact(at)}
	for i, v := range p.at {
		if i == 0 || v.y != p.at[i-1].y {
			p.rows = append(p.rows, i)
		}
	}
	p.rows = append(p.rows, len(p.at))
	return p
}

// along adds the centres of the hot pixels that the edge from a to b passes, in
// its order. Both ends are hot.
func (p *pixels) along(out []vertex, a, b vertex) []vertex {
	back := b.y < a.y || b.y == a.y && b.x < a.x
	if back {
		a, b = b, a
	}
	begin := len(out)
	n, _ := slices.BinarySearchFunc(p.rows[:len(p.rows)-1], a.y, func(r int, y int32) int { return cmp.Compare(p.at[r].y, y) })
	for ; n+1 < len(p.rows) && p.at[p.rows[n]].y <= b.y; n++ {
		row := p.at[p.rows[n]:p.rows[n+1]]
		west, east := passed(a, b, row[0].y)
		i, _ := slices.BinarySearchFunc(row, west, func(v vertex, x int32) int { return cmp.Compare(v.x, x) })
		from := len(out)
		for ; i < len(row) && row[i].x <= east; i++ {
			out = append(out, row[i])
		}
		if b.x < a.x {
			slices.Reverse(out[from:])
		}
	}
	if back {
		slices.Reverse(out[begin:])
	}
	return out
}

// passed gives the x of the first and the last pixel, from west to east, that the
// edge from a to b passes in row y, one of its rows. Here b is not north of a.
func passed(a, b vertex, y int32) (west, east int32) {
	dx, dy := int64(b.x-a.x), int64(b.y-a.y)
	if dy == 0 {
		return min(a.x, b.x), max(a.x, b.x)
	}
	// How far south of a, in half units, the edge is where it comes into the row
	// and where it leaves it or ends.
	enter, leave := max(0, 2*int64(y-a.y)-1), min(2*dy, 2*int64(y-a.y)+1)
	first, last := enter*dx+dy, leave*dx+dy // half a unit on, times 2 dy
	if dx > 0 {
		last-- // a pixel reached only where the next row begins is not passed
	}
	west, east = a.x+int32(floored(first, 2*dy)), a.x+int32(floored(last, 2*dy))
	return min(west, east), max(west, east)
}
