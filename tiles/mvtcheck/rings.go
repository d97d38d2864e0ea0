package mvtcheck

import (
	"cmp"
	"fmt"
	"slices"
)

// segment is one edge of a polygon's ring.
type segment struct {
	a, b             Point
	ring, edge, size int // size: edges of the ring
}

// check holds the polygon to section 4.3.4.4: rings without self-intersection or
// self-tangency, holes inside the exterior ring that cross nothing and lie in no
// other hole. Two rings may touch in points.
func (p Polygon) check() error {
	var segments []segment
	for r, ring := range p {
		for i, a := range ring {
			segments = append(segments, segment{a, ring[(i+1)%len(ring)], r, i, len(ring)})
		}
	}
	touched := map[[2]int]bool{}
	slices.SortFunc(segments, func(s, t segment) int { return cmp.Compare(min(s.a.X, s.b.X), min(t.a.X, t.b.X)) })
	for i := range segments {
		s := &segments[i]
		right, top, bottom := max(s.a.X, s.b.X), min(s.a.Y, s.b.Y), max(s.a.Y, s.b.Y)
		for k := i + 1; k < len(segments) && min(segments[k].a.X, segments[k].b.X) <= right; k++ {
			t := &segments[k]
			if max(t.a.Y, t.b.Y) < top || min(t.a.Y, t.b.Y) > bottom {
				continue
			}
			touch, err := s.conflict(t)
			if err != nil {
				return err
			}
			if touch {
				touched[[2]int{s.ring, t.ring}], touched[[2]int{t.ring, s.ring}] = true, true
			}
		}
	}
	return p.checkHoles(touched)
}

func (p Polygon) checkHoles(touched map[[2]int]bool) error {
	bounds := make([][2]Point, len(p))
	for i, r := range p {
		bounds[i] = r.bound()
	}
	for i := 1; i < len(p); i++ {
		if sidesOf(p[0], p[i], touched[[2]int{0, i}])&outside != 0 {
			return fmt.Errorf("hole %d is not inside the exterior ring", i-1)
		}
		for k := 1; k < len(p); k++ {
			a, b := bounds[i], bounds[k]
			if i == k || a[0].X < b[0].X || a[0].Y < b[0].Y || a[1].X > b[1].X || a[1].Y > b[1].Y {
				continue
			}
			if sidesOf(p[k], p[i], touched[[2]int{k, i}])&inside != 0 {
				return fmt.Errorf("hole %d lies in hole %d", i-1, k-1)
			}
		}
	}
	return nil
}

func (r Ring) bound() [2]Point {
	b := [2]Point{r[0], r[0]}
	for _, p := range r {
		b[0] = Point{min(b[0].X, p.X), min(b[0].Y, p.Y)}
		b[1] = Point{max(b[1].X, p.X), max(b[1].Y, p.Y)}
	}
	return b
}

// conflict says what two segments of a polygon must not do, or whether they
// touch where they may.
func (s *segment) conflict(t *segment) (touch bool, err error) {
	kind := meet(s.a, s.b, t.a, t.b)
	if kind == apart {
		return false, nil
	}
	next := (s.edge+1)%s.size == t.edge || (t.edge+1)%s.size == s.edge
	switch {
	case s.ring != t.ring && kind == crossing:
		return false, fmt.Errorf("rings %d and %d cross near %d, %d", s.ring, t.ring, t.a.X, t.a.Y)
	case s.ring == t.ring && (kind == crossing || !next):
		return false, fmt.Errorf("ring %d meets itself near %d, %d", s.ring, t.a.X, t.a.Y)
	}
	return s.ring != t.ring, nil
}

type meeting uint8

const (
	apart    meeting = iota
	touching         // in one point that is an end of one of them
	crossing         // in inner points, or along a length
)

func turn(a, b, c Point) int {
	return cmp.Compare((b.X-a.X)*(c.Y-a.Y), (b.Y-a.Y)*(c.X-a.X))
}

// meet compares two segments, exactly within mostCoordinate.
func meet(a, b, c, d Point) meeting {
	ta, tb := turn(c, d, a), turn(c, d, b)
	tc, td := turn(a, b, c), turn(a, b, d)
	if ta == 0 && tb == 0 { // on one line
		lo, hi := order(a, b)
		lo2, hi2 := order(c, d)
		from, to := maxPoint(lo, lo2), minPoint(hi, hi2)
		switch c := comparePoints(from, to); {
		case c > 0:
			return apart
		case c == 0:
			return touching
		}
		return crossing
	}
	if ta*tb > 0 || tc*td > 0 {
		return apart
	}
	if ta == 0 || tb == 0 || tc == 0 || td == 0 {
		return touching
	}
	return crossing
}

func comparePoints(a, b Point) int {
	return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
}

func order(a, b Point) (Point, Point) {
	if comparePoints(a, b) > 0 {
		return b, a
	}
	return a, b
}

func maxPoint(a, b Point) Point {
	_, p := order(a, b)
	return p
}

func minPoint(a, b Point) Point {
	p, _ := order(a, b)
	return p
}

type side uint8

const (
	inside side = 1 << iota
	on
	outside
)

// sidesOf gives on which sides of ring r the ring s lies, which does not cross
// it: where all its vertices and the middles of its edges lie when they touch,
// else where any vertex does.
func sidesOf(r, s Ring, touch bool) side {
	var all side
	for i, a := range s {
		b := s[(i+1)%len(s)]
		all |= r.side(Point{2 * a.X, 2 * a.Y})
		if !touch {
			break
		}
		all |= r.side(Point{a.X + b.X, a.Y + b.Y})
	}
	return all
}

// Contains reports whether a point lies in the polygon; on is its second answer.
func (p Polygon) Contains(q Point) (in, onBorder bool) {
	for i, r := range p {
		s := r.side(Point{2 * q.X, 2 * q.Y})
		if s == on {
			return false, true
		}
		if (s == inside) != (i == 0) {
			return false, false
		}
	}
	return true, false
}

// side places q, in half units, by the ring.
func (r Ring) side(q Point) side {
	in := false
	for i := range r {
		a, b := r[i], r[0]
		if i+1 < len(r) {
			b = r[i+1]
		}
		a, b = Point{2 * a.X, 2 * a.Y}, Point{2 * b.X, 2 * b.Y}
		if a.Y > q.Y && b.Y > q.Y || a.Y < q.Y && b.Y < q.Y {
			continue
		}
		if turn(a, b, q) == 0 && min(a.X, b.X) <= q.X && q.X <= max(a.X, b.X) && min(a.Y, b.Y) <= q.Y && q.Y <= max(a.Y, b.Y) {
			return on
		}
		if (a.Y > q.Y) != (b.Y > q.Y) && (turn(a, b, q) > 0) == (b.Y > a.Y) {
			in = !in
		}
	}
	if in {
		return inside
	}
	return outside
}
