package shapefile

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// mostRings bounds the rings of one polygon: each is compared with those that
// are larger.
const mostRings = 5_000

func lineOf(parts [][]orb.Point) orb.Geometry {
	parts = slices.DeleteFunc(parts, func(p []orb.Point) bool { return len(p) == 0 })
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return orb.LineString(parts[0])
	}
	lines := make(orb.MultiLineString, len(parts))
	for i, p := range parts {
		lines[i] = p
	}
	return lines
}

// ring is one ring with what the search for its place needs.
type ring struct {
	points orb.Ring
	bound  orb.Bound
	area   float64
	depth  int // how many rings it lies in
	home   int // the smallest ring that it lies in, or -1
}

// areaOf makes polygons of rings: a ring inside an even number of others is an
// outline, inside an odd number a hole of the smallest of them. The description
// says outlines run clockwise and holes do not, but many writers turn them, so
// that direction decides nothing; where it is right, both agree. Outlines come
// in the order of the file, holes too.
func areaOf(parts [][]orb.Point) (orb.Geometry, *data.Invalid) {
	if len(parts) > mostRings {
		return nil, &data.Invalid{Field: "geometry", Value: fmt.Sprintf("%d rings", len(parts)), Want: fmt.Sprintf("at most %d", mostRings)}
	}
	rings := make([]ring, 0, len(parts))
	for _, p := range parts {
		if len(p) > 0 {
			rings = append(rings, ring{points: p, bound: orb.Ring(p).Bound(), area: math.Abs(doubleArea(p)), home: -1})
		}
	}
	nest(rings)
	at := make([]int, len(rings))
	var out orb.MultiPolygon
	for i := range rings {
		if rings[i].depth%2 == 0 {
			at[i] = len(out)
			out = append(out, orb.Polygon{rings[i].points})
		}
	}
	for i := range rings {
		if rings[i].depth%2 == 1 {
			home := at[rings[i].home]
			out[home] = append(out[home], rings[i].points)
		}
	}
	switch len(out) {
	case 0:
		return nil, nil
	case 1:
		return out[0], nil
	}
	return out, nil
}

// nest finds for every ring how many others it lies in and the smallest of them.
func nest(rings []ring) {
	order := make([]int, len(rings))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rings[b].area, rings[a].area) })
	for k, i := range order {
		r := &rings[i]
		for _, j := range order[:k] { // the larger ones, the largest first
			if o := &rings[j]; contains(o.bound, r.bound) && o.encloses(r) {
				r.depth++
				r.home = j
			}
		}
	}
	// The smallest ring around one of odd depth is an outline where rings do not
	// cross; where they do, the hole goes to the outline around that.
	for i := range rings {
		for r := &rings[i]; r.depth%2 == 1 && rings[r.home].depth%2 == 1; {
			r.home = rings[r.home].home
		}
	}
}

func contains(o, b orb.Bound) bool {
	return o.Min[0] <= b.Min[0] && o.Min[1] <= b.Min[1] && o.Max[0] >= b.Max[0] && o.Max[1] >= b.Max[1]
}

// encloses says whether the first vertex of the other ring that is not on this
// one's outline lies inside it.
func (r *ring) encloses(o *ring) bool {
	for _, p := range o.points {
		switch side(r.points, p) {
		case inside:
			return true
		case outside:
			return false
		}
	}
	// All of its vertices lie on this outline: its middle decides.
	a, b := o.points[0], o.points[len(o.points)/2]
	return side(r.points, orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}) == inside
}

const (
	outside = iota
	inside
	border
)

// side casts a ray to the east.
func side(r orb.Ring, p orb.Point) int {
	in := outside
	for i, b := range r {
		a := r[(i+len(r)-1)%len(r)]
		if a == p || b == p {
			return border
		}
		if a[1] > p[1] == (b[1] > p[1]) {
			if a[1] == p[1] && b[1] == p[1] && (a[0] > p[0]) != (b[0] > p[0]) {
				return border
			}
			continue
		}
		turn := float64((b[0]-a[0])*(p[1]-a[1])) - float64((p[0]-a[0])*(b[1]-a[1]))
		if turn == 0 {
			return border
		}
		if turn > 0 == (b[1] > a[1]) {
			in = inside - in
		}
	}
	return in
}

func doubleArea(r []orb.Point) float64 {
	sum := 0.0
	for i, b := range r {
		a := r[(i+len(r)-1)%len(r)]
		sum += float64((a[0]-r[0][0])*(b[1]-r[0][1])) - float64((b[0]-r[0][0])*(a[1]-r[0][1]))
	}
	return sum
}
