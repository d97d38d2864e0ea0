package data

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/paulmach/orb"
)

func itoa(i int) string     { return strconv.Itoa(i) }
func utoa(i uint64) string  { return strconv.FormatUint(i, 10) }
func ftoa(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// AppendGeometry writes the shape as a GeoJSON geometry (RFC 7946), coordinates
// with the fewest digits that read back as the same float64.
func AppendGeometry(b []byte, g orb.Geometry) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, g.GeoJSONType()...)
	b = append(b, `","coordinates":`...)
	switch g := g.(type) {
	case orb.Point:
		b = appendPosition(b, g)
	case orb.MultiPoint:
		b = appendPositions(b, g)
	case orb.LineString:
		b = appendPositions(b, g)
	case orb.MultiLineString:
		b = appendList(b, len(g), func(b []byte, i int) []byte { return appendPositions(b, g[i]) })
	case orb.Polygon:
		b = appendPolygon(b, g)
	case orb.MultiPolygon:
		b = appendList(b, len(g), func(b []byte, i int) []byte { return appendPolygon(b, g[i]) })
	default:
		b = append(b, "[]"...)
	}
	return append(b, '}')
}

func appendPosition(b []byte, p orb.Point) []byte {
	b = strconv.AppendFloat(append(b, '['), p[0], 'f', -1, 64)
	b = strconv.AppendFloat(append(b, ','), p[1], 'f', -1, 64)
	return append(b, ']')
}

func appendPositions(b []byte, ps []orb.Point) []byte {
	return appendList(b, len(ps), func(b []byte, i int) []byte { return appendPosition(b, ps[i]) })
}

func appendPolygon(b []byte, p orb.Polygon) []byte {
	return appendList(b, len(p), func(b []byte, i int) []byte { return appendPositions(b, p[i]) })
}

func appendList(b []byte, n int, item func([]byte, int) []byte) []byte {
	b = append(b, '[')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, i)
	}
	return append(b, ']')
}

// ParseGeometry reads a GeoJSON geometry into a shape that CheckShape accepts.
// Collections are refused, so that nesting is bounded; a third coordinate is
// dropped. Datum and order are the sender's: it converts nothing.
func ParseGeometry(raw []byte) (orb.Geometry, error) {
	if len(bytes.TrimSpace(raw)) == 0 || bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return nil, &Invalid{Field: "geometry", Value: "none", Want: "a geometry"}
	}
	var head struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, &Invalid{Field: "geometry", Value: string(raw), Want: "a GeoJSON geometry"}
	}
	g, err := parseCoordinates(head.Type, head.Coordinates)
	if err != nil {
		return nil, err
	}
	return g, CheckShape(g)
}

type position orb.Point

func (p *position) UnmarshalJSON(raw []byte) error {
	var v []float64
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	if len(v) < 2 || len(v) > 4 {
		return fmt.Errorf("a position has 2 or 3 numbers, not %d", len(v))
	}
	*p = position{v[0], v[1]}
	return nil
}

func parseCoordinates(kind string, raw json.RawMessage) (orb.Geometry, error) {
	var (
		g   orb.Geometry
		err error
	)
	switch kind {
	case "Point":
		var c position
		err = json.Unmarshal(raw, &c)
		g = orb.Point(c)
	case "MultiPoint":
		var c []position
		err = json.Unmarshal(raw, &c)
		g = orb.MultiPoint(points(c))
	case "LineString":
		var c []position
		err = json.Unmarshal(raw, &c)
		g = orb.LineString(points(c))
	case "MultiLineString":
		var c [][]position
		err = json.Unmarshal(raw, &c)
		m := make(orb.MultiLineString, len(c))
		for i := range c {
			m[i] = points(c[i])
		}
		g = m
	case "Polygon":
		var c [][]position
		err = json.Unmarshal(raw, &c)
		g = polygon(c)
	case "MultiPolygon":
		var c [][][]position
		err = json.Unmarshal(raw, &c)
		m := make(orb.MultiPolygon, len(c))
		for i := range c {
			m[i] = polygon(c[i])
		}
		g = m
	default:
		return nil, &Invalid{Field: "geometry.type", Value: kind, Want: "one of",
			Allowed: []string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}}
	}
	if err != nil || len(raw) == 0 {
		return nil, &Invalid{Field: "geometry.coordinates", Value: string(raw), Want: "the coordinates of a " + kind}
	}
	return g, nil
}

func points(c []position) []orb.Point {
	out := make([]orb.Point, len(c))
	for i, p := range c {
		out[i] = orb.Point(p)
	}
	return out
}

func polygon(c [][]position) orb.Polygon {
	p := make(orb.Polygon, len(c))
	for i := range c {
		p[i] = points(c[i])
	}
	return p
}
