package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// place reads the row's geometry, brings it to WGS 84 and checks it.
func (b *builder) place(h *data.Hazard, d *data.Detail) {
	shape, err := b.geometry()
	if err != nil {
		kind := "geometry_invalid"
		if b.row.geometry == nil && b.row.drawn == nil && b.cell() == "" {
			kind = "geometry_missing"
		}
		b.rejectError(kind, "geometry", err)
		return
	}
	b.row.shape = shape
	made := b.frame.convert(shape)
	if p, ok := b.outside(shape); ok {
		b.reject(p.Kind, p.Field, p.Value, p.Want)
		return
	}
	if err := data.CheckShape(made); err != nil {
		b.rejectError("geometry_invalid", "geometry", err)
		return
	}
	if err := checkValid(made); err != nil {
		if there := checkValid(shape); there != nil {
			err = there // its place in the sender's coordinates
		}
		b.rejectError("geometry_invalid", "geometry", err)
		return
	}
	h.Shape = made
	b.coarse(shape)
}

// cell is what a CSV row says about its place.
func (b *builder) cell() string {
	v := b.row.values
	return v[fieldGeometry] + v[fieldLon] + v[fieldLat]
}

// geometry reads the shape as sent: the geometry of a feature, a geometry cell,
// or two ordinates.
func (b *builder) geometry() (orb.Geometry, error) {
	v := b.row.values
	switch {
	case b.row.drawn != nil:
		return b.row.drawn, nil
	case b.row.geometry != nil:
		return parseGeometry(b.row.geometry, b.most)
	case v[fieldGeometry] != "":
		return parseCellGeometry(v[fieldGeometry], b.most)
	case b.row.feature > 0:
		return nil, &data.Invalid{Field: "geometry", Value: "", Want: "a geometry"}
	case v[fieldLon] == "":
		return nil, &data.Invalid{Field: "lon", Value: "", Want: "a longitude and a latitude"}
	case v[fieldLat] == "":
		return nil, &data.Invalid{Field: "lat", Value: "", Want: "a longitude and a latitude"}
	}
	lon, err := parseCoordinate("lon", v[fieldLon])
	if err != nil {
		return nil, err
	}
	lat, err := parseCoordinate("lat", v[fieldLat])
	if err != nil {
		return nil, err
	}
	return orb.Point{lon, lat}, nil
}

// sent is the geometry as it was sent, as GeoJSON without spaces.
func (b *builder) sent() json.RawMessage {
	var out bytes.Buffer
	if b.row.geometry != nil && json.Compact(&out, b.row.geometry) == nil {
		return out.Bytes()
	}
	return data.AppendGeometry(nil, b.row.shape)
}

// outside finds the first vertex that lies outside the city, and why that may
// be. It knows nothing of shapes without vertices.
func (b *builder) outside(shape orb.Geometry) (Problem, bool) {
	bound := b.opts.Profile.Bound
	for p := range vertices(shape) {
		at := b.frame.toWGS84(p)
		if inside(bound, at) {
			continue
		}
		turned := b.frame.toWGS84(orb.Point{p[1], p[0]})
		problem := Problem{Kind: "geometry_outside", Field: "geometry", Value: point(p),
			Want: fmt.Sprintf("a place in %s: longitude %g to %g, latitude %g to %g; it lies outside the city", b.opts.Profile.NameEn,
				bound.Min[0], bound.Max[0], bound.Min[1], bound.Max[1])}
		switch {
		case b.frame.projected && !finite(at):
			problem.Kind, problem.Want = "geometry_invalid", "an easting and a northing of "+b.frame.name
		case b.frame.projected:
		case inside(bound, turned):
			problem.Kind = "geometry_swapped"
			problem.Want = fmt.Sprintf("longitude, then latitude: they look swapped, %s would lie in the city", point(orb.Point{p[1], p[0]}))
		case math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90:
			problem.Want += "; these are no degrees: say the system with --datum, such as epsg:4549"
		}
		return problem, true
	}
	return Problem{}, false
}

func finite(p orb.Point) bool {
	return !math.IsNaN(p[0]+p[1]) && !math.IsInf(p[0], 0) && !math.IsInf(p[1], 0)
}

func inside(b orb.Bound, p orb.Point) bool {
	return p[0] >= b.Min[0] && p[0] <= b.Max[0] && p[1] >= b.Min[1] && p[1] <= b.Max[1]
}

// coarse warns of points that look rounded or never filled in.
func (b *builder) coarse(shape orb.Geometry) {
	p, ok := shape.(orb.Point)
	if !ok || b.frame.projected {
		return
	}
	switch {
	case p == orb.Point{}:
		b.warn("at_zero", "geometry", "0,0", "a surveyed place: 0,0 often stands for none")
	case round2(p[0]) && round2(p[1]):
		b.warn("coarse_coordinates", "geometry", point(p), "more than two decimals, which are about a kilometre")
	}
}

func round2(v float64) bool { return math.Abs(v*100-math.Round(v*100)) < 1e-9 }

func point(p orb.Point) string {
	return strconv.FormatFloat(p[0], 'f', -1, 64) + "," + strconv.FormatFloat(p[1], 'f', -1, 64)
}

// vertices gives every vertex of a shape.
func vertices(g orb.Geometry) iter.Seq[orb.Point] {
	return func(yield func(orb.Point) bool) {
		all := func(ps []orb.Point) bool {
			for _, p := range ps {
				if !yield(p) {
					return false
				}
			}
			return true
		}
		polygon := func(p orb.Polygon) bool {
			for _, r := range p {
				if !all(r) {
					return false
				}
			}
			return true
		}
		switch g := g.(type) {
		case orb.Point:
			yield(g)
		case orb.MultiPoint:
			all(g)
		case orb.LineString:
			all(g)
		case orb.MultiLineString:
			for _, l := range g {
				if !all(l) {
					return
				}
			}
		case orb.Polygon:
			polygon(g)
		case orb.MultiPolygon:
			for _, p := range g {
				if !polygon(p) {
					return
				}
			}
		}
	}
}
