package data

import (
	"math"

	"github.com/paulmach/orb"
)

// EarthRadiusMetres is the mean radius R1 of GRS 80 (Moritz 2000), the one
// radius for every distance in the program.
const EarthRadiusMetres = 6_371_008.8

// MetresPerDegree is the length of one degree along a meridian of that sphere.
const MetresPerDegree = EarthRadiusMetres * math.Pi / 180

// Distance is the ground distance in metres: d = R · hypot(Δφ, cos φm · Δλ) with
// φm the mean latitude, within 1e-6 of the haversine distance to 20 km.
func Distance(a, b orb.Point) float64 {
	east, north := Offset(a, b)
	return math.Sqrt(float64(east*east) + float64(north*north))
}

// Bearing is the direction from a to b in degrees clockwise from north, in
// [0, 360); 0 for equal points.
func Bearing(a, b orb.Point) float64 {
	east, north := Offset(a, b)
	deg := math.Atan2(east, north) * (180 / math.Pi)
	if deg < 0 {
		deg += 360
	}
	if deg >= 360 { // a tiny negative angle rounds up to the full circle
		deg = 0
	}
	return deg
}

// Offset is how far b lies east and north of a, metres: the legs of Distance.
func Offset(a, b orb.Point) (east, north float64) {
	cos := math.Cos((a[1] + b[1]) * (math.Pi / 360))
	return float64((b[0]-a[0])*MetresPerDegree) * cos, float64((b[1] - a[1]) * MetresPerDegree)
}

// Moved is the place that lies so many metres east and north of a: the inverse
// of Offset.
func Moved(a orb.Point, east, north float64) orb.Point {
	lat := a[1] + north/MetresPerDegree
	return orb.Point{a[0] + east/(MetresPerDegree*math.Cos((a[1]+lat)*(math.Pi/360))), lat}
}

// Nearest gives the point of the shape that is nearest to p and its distance in
// metres; inside an area it is p itself, at 0. Edges are straight in lon/lat;
// the nearest point of an edge is found in the plane scaled by the cosine of
// p's latitude, then its distance by Distance.
func Nearest(shape orb.Geometry, p orb.Point) (orb.Point, float64) {
	if q, ok := shape.(orb.Point); ok {
		return q, Distance(p, q)
	}
	n := nearest{p: p, cos: math.Cos(p[1] * math.Pi / 180), plane: math.Inf(1)}
	n.shape(shape)
	if n.inside {
		return p, 0
	}
	return n.best, Distance(p, n.best)
}

// nearest is one search: it compares in the scaled plane and remembers the best.
type nearest struct {
	p      orb.Point
	cos    float64
	best   orb.Point
	plane  float64 // squared distance of best in the scaled plane
	inside bool
}

func (n *nearest) shape(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		n.try(g)
	case orb.MultiPoint:
		for _, q := range g {
			n.try(q)
		}
	case orb.LineString:
		n.line(g)
	case orb.MultiLineString:
		for _, l := range g {
			n.line(l)
		}
	case orb.Polygon:
		n.polygon(g)
	case orb.MultiPolygon:
		for _, poly := range g {
			n.polygon(poly)
		}
	}
}

func (n *nearest) polygon(poly orb.Polygon) {
	if Contains(poly, n.p) {
		n.inside = true
		return
	}
	for _, ring := range poly {
		n.line(orb.LineString(ring))
	}
}

func (n *nearest) line(l orb.LineString) {
	if len(l) == 1 {
		n.try(l[0])
	}
	for i := 1; i < len(l); i++ {
		n.try(nearestOnEdge(n.p, l[i-1], l[i], n.cos))
	}
}

func (n *nearest) try(q orb.Point) {
	x, y := (q[0]-n.p[0])*n.cos, q[1]-n.p[1]
	if d := float64(x*x) + float64(y*y); d < n.plane {
		n.plane, n.best = d, q
	}
}

// nearestOnEdge projects p on the edge ab in the plane scaled by cos.
func nearestOnEdge(p, a, b orb.Point, cos float64) orb.Point {
	ex, ey := (b[0]-a[0])*cos, b[1]-a[1]
	length := float64(ex*ex) + float64(ey*ey)
	if length == 0 {
		return a
	}
	t := (float64((p[0]-a[0])*cos*ex) + float64((p[1]-a[1])*ey)) / length
	switch {
	case t <= 0:
		return a
	case t >= 1:
		return b
	}
	return orb.Point{a[0] + float64(t*(b[0]-a[0])), a[1] + float64(t*(b[1]-a[1]))}
}

// Contains reports whether p lies in the polygon by the even-odd rule over all
// its rings, half-open: of two polygons that share an edge, one holds it.
func Contains(poly orb.Polygon, p orb.Point) bool {
	in := false
	for _, ring := range poly {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a[1] > p[1]) == (b[1] > p[1]) {
				continue
			}
			if p[0] < a[0]+float64((p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0])) {
				in = !in
			}
		}
	}
	return in
}

// PadMetres grows a box by a ground distance on every side. It errs to the
// large side, by at most a metre in 20 km and 1 mm at least.
func PadMetres(b orb.Bound, metres float64) orb.Bound {
	metres = metres*1.00005 + 0.001
	dLat := metres / MetresPerDegree
	furthest := math.Min(math.Max(math.Abs(b.Min[1]-dLat), math.Abs(b.Max[1]+dLat)), 89.9)
	dLon := dLat / math.Cos(furthest*math.Pi/180)
	return orb.Bound{
		Min: orb.Point{b.Min[0] - dLon, b.Min[1] - dLat},
		Max: orb.Point{b.Max[0] + dLon, b.Max[1] + dLat},
	}
}
