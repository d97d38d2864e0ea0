package data

import (
	"fmt"
	"math"
	"sort"

	"github.com/paulmach/orb"
)

// MaxVertices bounds the vertices of one shape.
const MaxVertices = 10_000

// CheckShape reports whether the geometry is one that a source may have: Point,
// LineString, Polygon or a Multi of one, with 1 to MaxVertices finite vertices
// in the range of Web Mercator, lines of at least two points, rings closed and
// of at least four. It does not look for self-crossings.
func CheckShape(g orb.Geometry) error {
	c := shapeCheck{}
	switch g := g.(type) {
	case nil:
		return &Invalid{Field: "geometry", Value: "none", Want: "a geometry"}
	case orb.Point:
		c.points([]orb.Point{g}, 1)
	case orb.MultiPoint:
		c.points(g, 1)
	case orb.LineString:
		c.points(g, 2)
	case orb.MultiLineString:
		c.parts(len(g))
		for _, l := range g {
			c.points(l, 2)
		}
	case orb.Polygon:
		c.polygon(g)
	case orb.MultiPolygon:
		c.parts(len(g))
		for _, p := range g {
			c.polygon(p)
		}
	default:
		return &Invalid{Field: "geometry", Value: g.GeoJSONType(), Want: "a Point, LineString, Polygon or a Multi of one"}
	}
	if c.err == nil && c.vertices > MaxVertices {
		c.fail(fmt.Sprint(c.vertices, " vertices"), fmt.Sprintf("at most %d", MaxVertices))
	}
	return c.err
}

type shapeCheck struct {
	vertices int
	err      error
}

func (c *shapeCheck) fail(value, want string) {
	if c.err == nil {
		c.err = &Invalid{Field: "geometry", Value: value, Want: want}
	}
}

func (c *shapeCheck) parts(n int) {
	if n == 0 {
		c.fail("empty", "at least one part")
	}
}

func (c *shapeCheck) points(ps []orb.Point, least int) {
	c.vertices += len(ps)
	if len(ps) < least {
		c.fail(fmt.Sprint(len(ps), " points"), fmt.Sprintf("at least %d", least))
	}
	for _, p := range ps {
		if !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 85) {
			c.fail(fmt.Sprintf("%v,%v", p[0], p[1]), "longitude -180 to 180, latitude -85 to 85")
		}
	}
}

func (c *shapeCheck) polygon(p orb.Polygon) {
	c.parts(len(p))
	for _, r := range p {
		c.points(r, 4)
		if len(r) > 0 && r[0] != r[len(r)-1] {
			c.fail(fmt.Sprintf("ring from %v to %v", r[0], r[len(r)-1]), "a ring that ends where it begins")
		}
	}
}

// labelPoint is the point that stands for a shape.
func labelPoint(g orb.Geometry) orb.Point {
	switch g := g.(type) {
	case orb.Point:
		return g
	case orb.MultiPoint:
		return g[0]
	case orb.LineString:
		return midpoint(g)
	case orb.MultiLineString:
		longest := g[0]
		for _, l := range g[1:] {
			if lineMetres(l) > lineMetres(longest) {
				longest = l
			}
		}
		return midpoint(longest)
	case orb.Polygon:
		return inner(g)
	case orb.MultiPolygon:
		largest := g[0]
		for _, p := range g[1:] {
			if ringArea(p[0]) > ringArea(largest[0]) {
				largest = p
			}
		}
		return inner(largest)
	}
	return orb.Point{}
}

func lineMetres(l orb.LineString) float64 {
	sum := 0.0
	for i := 1; i < len(l); i++ {
		sum += Distance(l[i-1], l[i])
	}
	return sum
}

// LengthMetres is the ground length of a line; 0 for other shapes.
func LengthMetres(g orb.Geometry) float64 {
	switch g := g.(type) {
	case orb.LineString:
		return lineMetres(g)
	case orb.MultiLineString:
		sum := 0.0
		for _, l := range g {
			sum += lineMetres(l)
		}
		return sum
	}
	return 0
}

func midpoint(l orb.LineString) orb.Point {
	half := lineMetres(l) / 2
	for i := 1; i < len(l); i++ {
		d := Distance(l[i-1], l[i])
		if d >= half && d > 0 {
			t := half / d
			return orb.Point{l[i-1][0] + t*(l[i][0]-l[i-1][0]), l[i-1][1] + t*(l[i][1]-l[i-1][1])}
		}
		half -= d
	}
	return l[len(l)-1]
}

// ringArea is the unsigned planar area in square degrees: to compare only.
func ringArea(r orb.Ring) float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		sum += (r[i-1][0]-r[0][0])*(r[i][1]-r[0][1]) - (r[i][0]-r[0][0])*(r[i-1][1]-r[0][1])
	}
	return math.Abs(sum) / 2
}

// inner is a point inside the polygon: the centroid of the outer ring if it is
// inside, else the middle of the longest run along some parallel.
func inner(p orb.Polygon) orb.Point {
	ring, area, c := p[0], 0.0, orb.Point{}
	for i := 1; i < len(ring); i++ {
		ax, ay := ring[i-1][0]-ring[0][0], ring[i-1][1]-ring[0][1]
		bx, by := ring[i][0]-ring[0][0], ring[i][1]-ring[0][1]
		w := ax*by - bx*ay
		area += w
		c[0] += w * (ax + bx) / 3
		c[1] += w * (ay + by) / 3
	}
	if area != 0 {
		c = orb.Point{ring[0][0] + c[0]/area, ring[0][1] + c[1]/area}
		if Contains(p, c) {
			return c
		}
	}
	b := ring.Bound()
	best, width := ring[0], -1.0
	for _, share := range []float64{0.5, 0.37, 0.63, 0.21, 0.79, 0.05, 0.95} {
		lat := b.Min[1] + share*(b.Max[1]-b.Min[1])
		xs := crossings(p, lat)
		for i := 1; i < len(xs); i += 2 {
			if w := xs[i] - xs[i-1]; w > width {
				best, width = orb.Point{(xs[i] + xs[i-1]) / 2, lat}, w
			}
		}
	}
	return best
}

func crossings(p orb.Polygon, lat float64) []float64 {
	var xs []float64
	for _, ring := range p {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a[1] > lat) != (b[1] > lat) {
				xs = append(xs, a[0]+(lat-a[1])/(b[1]-a[1])*(b[0]-a[0]))
			}
		}
	}
	sort.Float64s(xs)
	return xs
}
