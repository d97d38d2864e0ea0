package api

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/datum"
)

// GroundBody is the ground that a question is about: a polygon or a circle, one
// of the two, in the coordinate system of crs=.
type GroundBody struct {
	Polygon *Geometry   `json:"polygon,omitempty" doc:"GeoJSON Polygon or MultiPolygon: at most 10000 vertices and 50000 km2, rings closed and not crossing."`
	Circle  *CircleBody `json:"circle,omitempty" doc:"All within a distance of a place."`
}

// CircleBody is all within a distance of a place, the distance included.
type CircleBody struct {
	Lon     *float64 `json:"lon" minimum:"-180" maximum:"180" doc:"Longitude, degrees."`
	Lat     *float64 `json:"lat" minimum:"-85" maximum:"85" doc:"Latitude, degrees."`
	RadiusM *float64 `json:"radius_m" exclusiveMinimum:"0" maximum:"20000" doc:"Ground distance, metres."`
}

// region checks the ground and makes it ready to be asked.
func (b *GroundBody) region(d datum.Datum) (region, error) {
	switch {
	case b.Polygon != nil && b.Circle != nil:
		return nil, badValue("circle", "beside polygon", "one of", "polygon", "circle")
	case b.Circle != nil:
		return b.Circle.tract(d)
	case b.Polygon == nil:
		return nil, badValue("polygon", "none", "the ground, as one of", "polygon", "circle")
	}
	g, err := data.ParseGeometry(*b.Polygon)
	if err != nil {
		var invalid *data.Invalid
		if errors.As(err, &invalid) {
			invalid.Field = "polygon" + strings.TrimPrefix(invalid.Field, "geometry")
		}
		return nil, err
	}
	if d != datum.WGS84 {
		g = datum.Geometry(g, d.ToWGS84)
	}
	return newParcel(g)
}

func (c *CircleBody) tract(d datum.Datum) (*tract, error) {
	lon, err := inRange("circle.lon", c.Lon, -180, 180, "degrees")
	if err != nil {
		return nil, err
	}
	lat, err := inRange("circle.lat", c.Lat, -85, 85, "degrees")
	if err != nil {
		return nil, err
	}
	radius, err := inRange("circle.radius_m", c.RadiusM, math.SmallestNonzeroFloat64, 20_000, "metres")
	if err != nil {
		return nil, err
	}
	return circleTract(d.ToWGS84(orb.Point{lon, lat}), radius), nil
}

// inRange gives a member's number; least SmallestNonzeroFloat64 means over 0.
func inRange(field string, x *float64, least, most float64, unit string) (float64, error) {
	want := unit + " from " + number(least) + " to " + number(most)
	if least == math.SmallestNonzeroFloat64 {
		want = unit + " over 0 and at most " + number(most)
	}
	switch {
	case x == nil:
		return 0, badValue(field, "none", want)
	case !(*x >= least && *x <= most):
		return 0, badValue(field, number(*x), want)
	}
	return *x, nil
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
