package ingest

import (
	"cmp"
	"fmt"
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

// mostPairs bounds the search for crossings.
const mostPairs = 1_000_000

// firstCrossing finds a point at which two segments of the polygon's rings
// cross inside both of them.
func firstCrossing(g orb.Geometry) (at orb.Point, found bool) {
	var segments []segment
	for _, p := range polygons(g) {
		for _, r := range p {
			segments = append(segments, segmentsOf(r)...)
		}
	}
	crossings(segments, func(a, b segment, t, u float64) bool {
		if t > 0 && t < 1 && u > 0 && u < 1 {
			at, found = a.at(t), true
		}
		return !found
	})
	return at, found
}

// polygons are the polygons of an area; none of another shape.
func polygons(g orb.Geometry) []orb.Polygon {
	switch g := g.(type) {
	case orb.Polygon:
		return []orb.Polygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

// segment is one side of a ring; i numbers it in its ring.
type segment struct {
	from, to orb.Point
	i        int
}

func (s segment) at(t float64) orb.Point {
	switch t {
	case 0:
		return s.from
	case 1:
		return s.to
	}
	return orb.Point{s.from[0] + t*(s.to[0]-s.from[0]), s.from[1] + t*(s.to[1]-s.from[1])}
}

func segmentsOf(r orb.Ring) []segment {
	out := make([]segment, 0, len(r))
	for i := 1; i < len(r); i++ {
		if r[i-1] != r[i] {
			out = append(out, segment{r[i-1], r[i], i - 1})
		}
	}
	return out
}

// crossings calls each for every pair of segments that are not parallel and
// have a point in common: at share t of a and u of b, both 0 to 1. It ends when
// each says so, and reports false when there are more than mostPairs to look at.
// It sorts the segments.
func crossings(segments []segment, each func(a, b segment, t, u float64) bool) bool {
	west := func(s segment) float64 { return min(s.from[0], s.to[0]) }
	slices.SortFunc(segments, func(a, b segment) int { return cmp.Compare(west(a), west(b)) })
	pairs := 0
	for i, a := range segments {
		east := max(a.from[0], a.to[0])
		for _, b := range segments[i+1:] {
			if west(b) > east {
				break
			}
			if pairs++; pairs > mostPairs {
				return false
			}
			ax, ay := a.to[0]-a.from[0], a.to[1]-a.from[1]
			bx, by := b.to[0]-b.from[0], b.to[1]-b.from[1]
			det := ax*by - ay*bx
			if det == 0 {
				continue
			}
			cx, cy := b.from[0]-a.from[0], b.from[1]-a.from[1]
			t, u := (cx*by-cy*bx)/det, (cx*ay-cy*ax)/det
			if t >= 0 && t <= 1 && u >= 0 && u <= 1 && !each(a, b, t, u) {
				return true
			}
		}
	}
	return true
}
