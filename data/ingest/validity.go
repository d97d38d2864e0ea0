package ingest

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"riskatlas/data"
)

// checkValid reports where a line or polygon breaks the rules of Simple
// Features: polygons must not cross themselves, overlap or have holes outside,
// lines must have a length. Lines may cross themselves.
func checkValid(g orb.Geometry) error {
	switch g.(type) {
	case orb.Point, orb.MultiPoint:
		return nil
	}
	err := toGeom(g).Validate()
	if err == nil {
		return nil
	}
	want := "a valid " + g.GeoJSONType() + ": " + err.Error()
	if at, ok := firstCrossing(g); ok {
		want = fmt.Sprintf("a %s that does not cross itself; it does near %.7f,%.7f", g.GeoJSONType(), at[0], at[1])
	}
	return &data.Invalid{Field: "geometry", Value: g.GeoJSONType(), Want: want}
}

// toGeom gives the geometry for simplefeatures, unchecked.
func toGeom(g orb.Geometry) geom.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return geom.XY{X: g[0], Y: g[1]}.AsPoint().AsGeometry()
	case orb.LineString:
		return lineOf(g).AsGeometry()
	case orb.MultiLineString:
		lines := make([]geom.LineString, len(g))
		for i, l := range g {
			lines[i] = lineOf(l)
		}
		return geom.NewMultiLineString(lines).AsGeometry()
	case orb.Polygon:
		return polygonOf(g).AsGeometry()
	case orb.MultiPolygon:
		polygons := make([]geom.Polygon, len(g))
		for i, p := range g {
			polygons[i] = polygonOf(p)
		}
		return geom.NewMultiPolygon(polygons).AsGeometry()
	}
	return geom.Geometry{}
}

func lineOf(ps []orb.Point) geom.LineString {
	flat := make([]float64, 0, 2*len(ps))
	for _, p := range ps {
		flat = append(flat, p[0], p[1])
	}
	return geom.NewLineString(geom.NewSequence(flat, geom.DimXY))
}

func polygonOf(p orb.Polygon) geom.Polygon {
	rings := make([]geom.LineString, len(p))
	for i, r := range p {
		rings[i] = lineOf(r)
	}
	return geom.NewPolygon(rings)
}

// fromGeom gives the geometry for orb and the number of its vertices; nil for a
// collection.
func fromGeom(g geom.Geometry) (orb.Geometry, int) {
	n := 0
	points := func(s geom.Sequence) []orb.Point {
		out := make([]orb.Point, s.Length())
		for i := range out {
			xy := s.GetXY(i)
			out[i] = orb.Point{xy.X, xy.Y}
		}
		n += len(out)
		return out
	}
	polygon := func(p geom.Polygon) orb.Polygon {
		var out orb.Polygon
		for _, r := range p.DumpRings() {
			out = append(out, points(r.Coordinates()))
		}
		return out
	}
	switch g.Type() {
	case geom.TypePoint:
		xy, _ := g.MustAsPoint().XY()
		return orb.Point{xy.X, xy.Y}, 1
	case geom.TypeMultiPoint:
		return orb.MultiPoint(points(g.MustAsMultiPoint().Coordinates())), n
	case geom.TypeLineString:
		return orb.LineString(points(g.MustAsLineString().Coordinates())), n
	case geom.TypeMultiLineString:
		var out orb.MultiLineString
		for _, l := range g.MustAsMultiLineString().Dump() {
			out = append(out, points(l.Coordinates()))
		}
		return out, n
	case geom.TypePolygon:
		return polygon(g.MustAsPolygon()), n
	case geom.TypeMultiPolygon:
		var out orb.MultiPolygon
		for _, p := range g.MustAsMultiPolygon().Dump() {
			out = append(out, polygon(p))
		}
		return out, n
	}
	return nil, 0
}

// mostPairs bounds the search for a crossing: it only serves the message.
const mostPairs = 5_000_000

// firstCrossing finds a point at which two segments of the polygon's rings
// cross inside both of them.
func firstCrossing(g orb.Geometry) (orb.Point, bool) {
	var segments [][2]orb.Point
	add := func(p orb.Polygon) {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				segments = append(segments, [2]orb.Point{r[i-1], r[i]})
			}
		}
	}
	switch g := g.(type) {
	case orb.Polygon:
		add(g)
	case orb.MultiPolygon:
		for _, p := range g {
			add(p)
		}
	default:
		return orb.Point{}, false
	}
	slices.SortFunc(segments, func(a, b [2]orb.Point) int {
		switch x, y := min(a[0][0], a[1][0]), min(b[0][0], b[1][0]); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	pairs := 0
	for i, a := range segments {
		east := max(a[0][0], a[1][0])
		for _, b := range segments[i+1:] {
			if min(b[0][0], b[1][0]) > east {
				break
			}
			if pairs++; pairs > mostPairs {
				return orb.Point{}, false
			}
			if at, ok := crossing(a, b); ok {
				return at, true
			}
		}
	}
	return orb.Point{}, false
}

// crossing is where two segments cross strictly inside both.
func crossing(a, b [2]orb.Point) (orb.Point, bool) {
	ax, ay := a[1][0]-a[0][0], a[1][1]-a[0][1]
	bx, by := b[1][0]-b[0][0], b[1][1]-b[0][1]
	det := ax*by - ay*bx
	if det == 0 {
		return orb.Point{}, false
	}
	cx, cy := b[0][0]-a[0][0], b[0][1]-a[0][1]
	t, u := (cx*by-cy*bx)/det, (cx*ay-cy*ax)/det
	if !(t > 0 && t < 1 && u > 0 && u < 1) {
		return orb.Point{}, false
	}
	return orb.Point{a[0][0] + t*ax, a[0][1] + t*ay}, true
}

// mostRepairShare is how much of its area a polygon may change when it is
// repaired, as a share: beyond it the repair is a guess.
const mostRepairShare = 1e-3

// repair makes a valid polygon of an invalid one by noding its rings with each
// other and keeping the ground that they enclose. It reports the share of the
// area that changed, and fails where that is more than mostRepairShare.
func repair(g orb.Geometry) (orb.Geometry, float64, error) {
	before := toGeom(g)
	after, err := geom.UnaryUnion(before)
	if err != nil {
		return nil, 0, fmt.Errorf("it cannot be repaired: %w", err)
	}
	area := before.Area()
	share := math.Abs(after.Area()-area) / area
	if !(share <= mostRepairShare) {
		return nil, share, fmt.Errorf("a repair would change its area by %.3g %%, more than %g %%", share*100, mostRepairShare*100)
	}
	shape, _ := fromGeom(after)
	switch shape.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return shape, share, nil
	}
	return nil, share, fmt.Errorf("a repair leaves no polygon")
}
