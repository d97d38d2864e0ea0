package kml

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// geometry reads an element that is a geometry (10.1); taken is false for any
// other, which is then still to be read.
func (k *Reader) geometry(p *Placemark, s xml.StartElement, into *[]orb.Geometry) (taken bool, err error) {
	switch s.Name.Local {
	case "Point":
		points, err := k.positions(p)
		if p.Broken == nil && len(points) != 1 {
			p.Broken = &data.Invalid{Field: "coordinates", Value: fmt.Sprintf("%d positions", len(points)), Want: "one, of a Point"}
		}
		if p.Broken == nil {
			*into = append(*into, points[0])
		}
		return true, err
	case "LineString", "LinearRing":
		points, err := k.positions(p)
		*into = append(*into, orb.LineString(points))
		return true, err
	case "Polygon":
		area, err := k.polygon(p)
		*into = append(*into, area)
		return true, err
	case "MultiGeometry":
		return true, k.children(func(s xml.StartElement) error {
			taken, err := k.geometry(p, s, into)
			if err != nil || taken {
				return err
			}
			return k.skip()
		})
	case "Model", "Track", "MultiTrack":
		p.Broken = &data.Invalid{Field: "geometry", Value: s.Name.Local, Want: "a Point, LineString, Polygon or a MultiGeometry of one"}
		return true, k.skip()
	}
	return false, nil
}

func (k *Reader) polygon(p *Placemark) (orb.Polygon, error) {
	var area orb.Polygon
	var holes []orb.Ring
	ring := func(into *[]orb.Ring) func(xml.StartElement) error {
		return func(s xml.StartElement) error {
			if s.Name.Local != "LinearRing" {
				return k.skip()
			}
			points, err := k.positions(p)
			*into = append(*into, points)
			return err
		}
	}
	var outlines []orb.Ring
	err := k.children(func(s xml.StartElement) error {
		switch s.Name.Local {
		case "outerBoundaryIs":
			return k.children(ring(&outlines))
		case "innerBoundaryIs":
			return k.children(ring(&holes))
		}
		return k.skip()
	})
	if len(outlines) != 1 && p.Broken == nil {
		p.Broken = &data.Invalid{Field: "Polygon", Value: fmt.Sprintf("%d outer boundaries", len(outlines)), Want: "one"}
	}
	return append(append(area, outlines...), holes...), err
}

// positions reads the coordinates of a geometry: tuples of longitude, latitude
// and perhaps altitude, with commas inside and white space between (16.9).
func (k *Reader) positions(p *Placemark) ([]orb.Point, error) {
	var points []orb.Point
	err := k.children(func(s xml.StartElement) error {
		if s.Name.Local != "coordinates" {
			return k.skip()
		}
		text, err := k.text()
		if err != nil || p.Broken != nil {
			return err
		}
		for tuple := range strings.FieldsSeq(text) {
			at, ok := position(tuple)
			if !ok {
				p.Broken = &data.Invalid{Field: "coordinates", Value: tuple, Want: fmt.Sprintf("longitude,latitude without spaces at position %d", len(points)+1)}
				return nil
			}
			if len(points) == k.vertices {
				p.Broken = &data.Invalid{Field: "coordinates", Value: fmt.Sprint("over ", k.vertices, " vertices"), Want: fmt.Sprintf("at most %d vertices", k.vertices)}
				return nil
			}
			points = append(points, at)
		}
		return nil
	})
	return points, err
}

func position(tuple string) (orb.Point, bool) {
	lon, rest, ok := strings.Cut(tuple, ",")
	lat, _, _ := strings.Cut(rest, ",")
	x, errX := strconv.ParseFloat(lon, 64)
	y, errY := strconv.ParseFloat(lat, 64)
	return orb.Point{x, y}, ok && errX == nil && errY == nil
}

// join makes one shape of several of one kind.
func join(shapes []orb.Geometry) (orb.Geometry, *data.Invalid) {
	if len(shapes) == 0 {
		return nil, nil
	}
	if len(shapes) == 1 {
		return shapes[0], nil
	}
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var areas orb.MultiPolygon
	for _, s := range shapes {
		switch s := s.(type) {
		case orb.Point:
			points = append(points, s)
		case orb.LineString:
			lines = append(lines, s)
		case orb.Polygon:
			areas = append(areas, s)
		}
	}
	switch len(shapes) {
	case len(points):
		return points, nil
	case len(lines):
		return lines, nil
	case len(areas):
		return areas, nil
	}
	return nil, &data.Invalid{Field: "geometry", Value: "MultiGeometry", Want: "points, lines or polygons: one kind in one placemark"}
}
