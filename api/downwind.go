package api

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/tiles"
)

// WindQuery is the wind of a question; it has no default, since any would be a
// guess.
type WindQuery struct {
	WindFrom float64 `query:"wind_from" required:"true" minimum:"0" maximum:"360" doc:"Where the wind comes from, degrees clockwise from north." example:"315"`
}

// axisOf is the bearing that the wind blows to, in [0, 360).
func axisOf(windFrom float64) float64 { return math.Mod(windFrom+180, 360) }

// Downwind is what lies in ground downwind of a place.
type Downwind struct {
	Collection
	Screened
	Lon      float64                     `json:"lon"`
	Lat      float64                     `json:"lat"`
	WindFrom float64                     `json:"wind_from" doc:"Degrees clockwise from north."`
	Axis     float64                     `json:"axis" doc:"Where the wind blows to, degrees clockwise from north."`
	Zone     Geometry                    `json:"zone" doc:"The ground, drawn."`
	People   People                      `json:"people" doc:"Those of all matching sources in it."`
	Matched  Matched                     `json:"matched" doc:"All that lies in it, whatever the limit."`
	Returned int                         `json:"number_returned"`
	More     bool                        `json:"more" doc:"True when the limit cut a list."`
	Features []Feature[NearbyProperties] `json:"features" doc:"Sources of which any part lies in it: those of high sensitivity first, then by distance, then by id. Distance, bearing and off_axis are those of their nearest point in it."`
	Places   []Feature[SightedPlace]     `json:"places" doc:"Emergency places of which any part lies in it, by distance, then by code."`
}

// Matched counts what lies in ground.
type Matched struct {
	Sources   int `json:"sources"`
	Sensitive int `json:"high_sensitive" doc:"Of the sources, those of high sensitivity."`
	Places    int `json:"places"`
}

// gaze is one look downwind.
type gaze struct {
	v      *tiles.View
	ground *tract
	axis   float64
	limit  int
	datum  datum.Datum
}

// fill lists what lies in the ground.
func (g *gaze) fill(ctx context.Context, out *Downwind, f data.Filter) error {
	p := g.ground.at
	sights := firsts[sight]{limit: g.limit, order: sensitiveFirst}
	var people crowd
	for h := range g.v.Within(g.ground.bound, f) {
		at, metres, ok := nearestIn(g.ground, h.Shape, p)
		if !ok {
			continue
		}
		sights.add(sight{h, at, metres})
		people.add(h)
		if h.Protection == data.HighSensitive {
			out.Matched.Sensitive++
		}
	}
	out.People, out.Matched.Sources = people.people("both"), people.count()
	out.Features = []Feature[NearbyProperties]{}
	for _, s := range sights.sorted() {
		props := described(g.v, s, p)
		props.OffAxis, props.Downwind, props.Crosswind = g.wind(s.at)
		out.Features = append(out.Features, Feature[NearbyProperties]{Type: "Feature", ID: string(s.hazard.ID),
			Geometry: geometryOf(s.hazard.Shape, g.datum), Properties: props})
	}
	g.places(out)
	out.Returned = len(out.Features)
	out.More = out.Matched.Sources > g.limit || out.Matched.Places > g.limit
	out.Zone = geometryOf(drawn(g.ground), g.datum)
	return ctx.Err()
}

func (g *gaze) places(out *Downwind) {
	type place struct {
		unit   *data.Unit
		at     orb.Point
		metres float64
	}
	found := firsts[place]{limit: g.limit, order: func(a, b place) int {
		return cmp.Or(cmp.Compare(a.metres, b.metres), cmp.Compare(a.unit.Code, b.unit.Code))
	}}
	p := g.ground.at
	for u := range g.v.UnitsWithin(data.PlaceKind, g.ground.bound) {
		if at, metres, ok := nearestIn(g.ground, u.Shape, p); ok {
			out.Matched.Places++
			found.add(place{u, at, metres})
		}
	}
	out.Places = []Feature[SightedPlace]{}
	for _, x := range found.sorted() {
		props := placed(g.v, x.unit, p, x.at, x.metres)
		props.OffAxis, props.Downwind, props.Crosswind = g.wind(x.at)
		out.Places = append(out.Places, Feature[SightedPlace]{Type: "Feature", ID: x.unit.Code,
			Geometry: geometryOf(x.unit.Shape, g.datum), Properties: props})
	}
}

// wind gives a place's angle off the axis in degrees, 0 at the origin, and how
// far it lies along the axis and to the right of it, metres.
func (g *gaze) wind(at orb.Point) (off, down, cross *float64) {
	e, n := data.Offset(g.ground.at, at)
	ae, an := ahead(g.axis)
	re, rn := right(g.axis)
	x, y := millimetres(e*ae+n*an), millimetres(e*re+n*rn)
	angle := hundredths(offAxis(g.ground.at, at, g.axis))
	return &angle, &x, &y
}

// offAxis is the angle in degrees, 0 to 180, between an axis and the direction
// from one place to another; 0 where they are the same.
func offAxis(from, to orb.Point, axis float64) float64 {
	if from == to {
		return 0
	}
	d := math.Abs(data.Bearing(from, to) - axis)
	return min(d, 360-d)
}

// drawn is a region's outline as the simplest geometry.
func drawn(r region) orb.Geometry {
	if m := r.outline(); len(m) > 1 {
		return m
	} else if len(m) == 1 {
		return m[0]
	}
	return orb.MultiPolygon{}
}

// begin is the head of an answer about ground downwind of the asked place.
func (s *Server) begin(v *tiles.View, p *PlaceQuery, windFrom float64, model string) Downwind {
	return Downwind{Collection: s.collection(s.answer(v), p.datum()), Lon: p.Lon, Lat: p.Lat, WindFrom: windFrom, Axis: axisOf(windFrom),
		Screened: screened(model, slices.Concat(sightUnits, []string{"radius", "m", "side", "m", "isolation", "m",
			"half_angle", "deg", "wind_from", "deg clockwise from north", "axis", "deg clockwise from north"})...)}
}
