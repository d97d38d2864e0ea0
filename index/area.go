package index

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
)

// area is a unit's ground prepared for many questions: the edges of all its
// rings, sorted into bands of latitude. Immutable.
type area struct {
	bound orb.Bound
	parts []orb.Point // a vertex of each of its polygons
	bands [][]edge    // each edge from its lower end to its higher one
	scale float64     // bands per degree of latitude
}

// edgesPerBand is about how many edges a band is to hold: more make a question
// longer, fewer make more bands.
const edgesPerBand = 4

// newArea prepares a Polygon or MultiPolygon; of any other shape it is empty.
func newArea(g orb.Geometry) *area {
	a := &area{}
	switch g.(type) {
	case orb.Polygon, orb.MultiPolygon:
	default:
		return a
	}
	a.bound = g.Bound()
	eachPart(g, func(p orb.Point) { a.parts = append(a.parts, p) })
	var all []edge
	edges(g, func(p, q orb.Point) bool {
		// Both neighbours of a border see its edges in one direction, and so
		// compute the same crossings.
		if p[1] > q[1] {
			p, q = q, p
		}
		all = append(all, edge{p, q})
		return true
	})
	n := max(1, len(all)/edgesPerBand)
	if height := a.bound.Max[1] - a.bound.Min[1]; height > 0 {
		a.scale = float64(n) / height
	}
	a.bands = make([][]edge, n)
	for _, e := range all {
		for b := a.band(e.a[1]); b <= a.band(e.b[1]); b++ {
			a.bands[b] = append(a.bands[b], e)
		}
	}
	return a
}

func (a *area) band(lat float64) int {
	return min(max(int((lat-a.bound.Min[1])*a.scale), 0), len(a.bands)-1)
}

// holds reports whether p lies in the area by the rule of districts: even-odd,
// half-open, so that of two areas that share a border one holds it.
func (a *area) holds(p orb.Point) bool {
	if len(a.bands) == 0 || !a.bound.Contains(p) {
		return false
	}
	in := false
	for _, e := range a.bands[a.band(p[1])] {
		if e.a[1] <= p[1] && p[1] < e.b[1] && p[0] < e.a[0]+float64((p[1]-e.a[1])/(e.b[1]-e.a[1])*(e.b[0]-e.a[0])) {
			in = !in
		}
	}
	return in
}

// meets reports whether the area, its border included, and the shape have a
// place in common. It is exact for the coordinates as they are.
func (a *area) meets(g orb.Geometry) bool {
	if len(a.bands) == 0 || !a.bound.Intersects(g.Bound()) {
		return false
	}
	if !edges(g, func(p, q orb.Point) bool { return !a.crossed(p, q) }) {
		return true
	}
	// No edge meets the border: every part lies wholly on one side of it.
	found := false
	eachPart(g, func(p orb.Point) { found = found || a.holds(p) })
	for _, p := range a.parts {
		found = found || areaHolds(g, p)
	}
	return found
}

// crossed reports whether the edge pq, which may be a point, meets the border.
func (a *area) crossed(p, q orb.Point) bool {
	if p[1] > q[1] {
		p, q = q, p
	}
	west, east := min(p[0], q[0]), max(p[0], q[0])
	if q[1] < a.bound.Min[1] || p[1] > a.bound.Max[1] || east < a.bound.Min[0] || west > a.bound.Max[0] {
		return false
	}
	for b := a.band(p[1]); b <= a.band(q[1]); b++ {
		for _, e := range a.bands[b] {
			if e.b[1] < p[1] || e.a[1] > q[1] || max(e.a[0], e.b[0]) < west || min(e.a[0], e.b[0]) > east {
				continue
			}
			if turn(p, q, e.a)*turn(p, q, e.b) <= 0 && turn(e.a, e.b, p)*turn(e.a, e.b, q) <= 0 {
				return true // the boxes meet, and neither lies on one side of the other
			}
		}
	}
	return false
}

// turn is on which side of the line from p to q the place r lies: 1 left, -1
// right, 0 on it. The float's sign is taken where it is beyond the error bound of
// Shewchuk (Adaptive Precision Floating-Point Arithmetic and Fast Robust
// Geometric Predicates, 1997), else exact arithmetic decides.
func turn(p, q, r orb.Point) int {
	const bound = (3 + 16*0x1p-53) * 0x1p-53
	left := float64((p[0] - r[0]) * (q[1] - r[1]))
	right := float64((p[1] - r[1]) * (q[0] - r[0]))
	d := left - right
	switch least := bound * (math.Abs(left) + math.Abs(right)); {
	case d > least:
		return 1
	case -d > least:
		return -1
	case left == 0 && right == 0 && (p[0] == r[0] || q[1] == r[1]) && (p[1] == r[1] || q[0] == r[0]):
		return 0
	}
	less := func(x, y float64) *big.Float { return exact().Sub(big.NewFloat(x), big.NewFloat(y)) }
	l := exact().Mul(less(p[0], r[0]), less(q[1], r[1]))
	return l.Cmp(exact().Mul(less(p[1], r[1]), less(q[0], r[0])))
}

// exact is a number with bits for any product of two differences of degrees.
func exact() *big.Float { return new(big.Float).SetPrec(2400) }
