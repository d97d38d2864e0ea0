package ingest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"riskatlas/data"
)

// parseGeometry reads a GeoJSON geometry in any datum: it checks form and number
// of vertices, not ranges. Collections are refused; a third coordinate is
// dropped. most bounds the vertices.
//
// It is not orb's decoder, which fills a position that is too short with zeros.
func parseGeometry(raw []byte, most int) (orb.Geometry, error) {
	if len(raw) == 0 {
		return nil, &data.Invalid{Field: "geometry", Value: "", Want: "a geometry"}
	}
	if tooDeep(raw) {
		return nil, &data.Invalid{Field: "geometry", Value: string(raw), Want: fmt.Sprintf("at most %d levels of brackets", maxDepth)}
	}
	var head struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, &data.Invalid{Field: "geometry", Value: string(raw), Want: "a GeoJSON geometry"}
	}
	p := coordinates{b: head.Coordinates, most: most}
	g, err := p.shape(head.Type)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// coordinates reads the coordinates member; its bytes are valid JSON.
type coordinates struct {
	b        []byte
	i        int
	vertices int
	most     int
}

// shape reads a geometry of the type.
func (p *coordinates) shape(kind string) (orb.Geometry, error) {
	switch kind {
	case "Point":
		return p.position()
	case "MultiPoint":
		v, err := p.positions()
		return orb.MultiPoint(v), err
	case "LineString":
		v, err := p.positions()
		return orb.LineString(v), err
	case "MultiLineString":
		var v orb.MultiLineString
		err := p.list(func() error {
			l, err := p.positions()
			v = append(v, l)
			return err
		})
		return v, err
	case "Polygon":
		return p.polygon()
	case "MultiPolygon":
		var v orb.MultiPolygon
		err := p.list(func() error {
			l, err := p.polygon()
			v = append(v, l)
			return err
		})
		return v, err
	}
	return nil, &data.Invalid{Field: "geometry.type", Value: kind, Want: "one of",
		Allowed: []string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}}
}

func (p *coordinates) skip() byte {
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case ' ', '\t', '\r', '\n':
			p.i++
		default:
			return p.b[p.i]
		}
	}
	return 0
}

func (p *coordinates) wrong(want string) error {
	at := p.b[min(p.i, len(p.b)):]
	return &data.Invalid{Field: "geometry.coordinates", Value: string(at[:min(len(at), 60)]),
		Want: want + fmt.Sprintf(" at position %d", p.vertices+1)}
}

func (p *coordinates) list(item func() error) error {
	if p.skip() != '[' {
		return p.wrong("a list")
	}
	p.i++
	if p.skip() == ']' {
		p.i++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		c := p.skip()
		p.i++
		if c != ',' {
			return nil // valid JSON: it is the closing bracket
		}
	}
}

func (p *coordinates) positions() ([]orb.Point, error) {
	var v []orb.Point
	err := p.list(func() error {
		q, err := p.position()
		v = append(v, q)
		return err
	})
	return v, err
}

func (p *coordinates) polygon() (orb.Polygon, error) {
	var v orb.Polygon
	err := p.list(func() error {
		r, err := p.positions()
		v = append(v, r)
		return err
	})
	return v, err
}

func (p *coordinates) position() (orb.Point, error) {
	var q [4]float64
	n := 0
	err := p.list(func() error {
		p.skip()
		start := p.i
		for p.i < len(p.b) && strings.IndexByte("+-.0123456789eE", p.b[p.i]) >= 0 {
			p.i++
		}
		v, err := strconv.ParseFloat(string(p.b[start:p.i]), 64)
		if err != nil || n == len(q) {
			p.i = start
			return p.wrong("two or three numbers")
		}
		q[n] = v
		n++
		p.skip()
		return nil
	})
	if err != nil {
		return orb.Point{}, err
	}
	if n < 2 {
		return orb.Point{}, p.wrong(fmt.Sprintf("two or three numbers, not %d,", n))
	}
	if p.vertices++; p.vertices > p.most {
		return orb.Point{}, &data.Invalid{Field: "geometry", Value: fmt.Sprint("over ", p.most, " vertices"), Want: fmt.Sprintf("at most %d vertices", p.most)}
	}
	return orb.Point{q[0], q[1]}, nil
}

// tooDeep reports whether JSON is nested deeper than maxDepth.
func tooDeep(raw []byte) bool {
	depth, quoted, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// parseCellGeometry reads the geometry cell of a row: GeoJSON, WKT, or a
// longitude and a latitude.
func parseCellGeometry(text string, most int) (orb.Geometry, error) {
	if strings.HasPrefix(text, "{") {
		return parseGeometry([]byte(text), most)
	}
	if p, ok := parsePair(text); ok {
		return p, nil
	}
	if strings.Contains(strings.ToUpper(text[:min(len(text), 40)]), "COLLECTION") {
		return nil, &data.Invalid{Field: "geometry", Value: text, Want: "no collection"}
	}
	g, err := geom.UnmarshalWKT(text, geom.NoValidate{})
	if err != nil {
		return nil, &data.Invalid{Field: "geometry", Value: text, Want: "a geometry in WKT or GeoJSON, or longitude,latitude: " + err.Error()}
	}
	if g.IsEmpty() {
		return nil, &data.Invalid{Field: "geometry", Value: text, Want: "a geometry that is not empty"}
	}
	shape, n := fromGeom(g)
	if shape == nil || n > most {
		return nil, &data.Invalid{Field: "geometry", Value: fmt.Sprintf("%s of %d vertices", g.Type(), n),
			Want: fmt.Sprintf("a Point, LineString, Polygon or a Multi of one, of at most %d vertices", most)}
	}
	return shape, nil
}
