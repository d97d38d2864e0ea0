package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/tiles"
)

// IntersectsQuery selects the sources that count; layers of places take none.
type IntersectsQuery struct {
	FilterQuery
	CRSQuery
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"Most things to list."`
}

// IntersectsBody is the ground and what is looked for in it.
type IntersectsBody struct {
	GroundBody
	Layer string `json:"layer" enum:"hazards,lines,areas,places,roads" doc:"What is looked for: all sources, those that are lines or areas, emergency places, or roads."`
}

// CrossedProperties is what crosses the ground.
type CrossedProperties struct {
	Name     string     `json:"name"`
	NameEn   string     `json:"name_en,omitempty"`
	Kind     string     `json:"kind,omitempty" doc:"Of a place."`
	Industry string     `json:"industry,omitempty" doc:"Code, of a source."`
	Level    data.Level `json:"level,omitempty" doc:"Assessed level, of a source."`
	LengthIn *float64   `json:"length_in,omitempty" doc:"Of a line: the ground length inside, metres."`
	Length   *float64   `json:"length,omitempty" doc:"Of a line: its whole ground length, metres."`
	Whole    bool       `json:"whole,omitempty" doc:"Of a line: true when all of it lies inside."`
}

// Intersects answers which things cross a piece of ground.
type Intersects struct {
	Collection
	Screened
	Layer    string                       `json:"layer"`
	Zone     Geometry                     `json:"zone" doc:"The ground, drawn."`
	Matched  int                          `json:"number_matched"`
	Returned int                          `json:"number_returned"`
	LengthIn float64                      `json:"length_in" doc:"Sum over all matched lines of the ground length inside, metres."`
	Features []Feature[CrossedProperties] `json:"features" doc:"Lines by their length inside, longest first; then by id."`
}

// IntersectsOutput carries an Intersects.
type IntersectsOutput struct{ Body Intersects }

const intersectsModel = "things of which any part lies in the ground, which is closed; lengths on the sphere of radius 6371008.8 m, cut where a line crosses the ground's edge"

var crossedLayers = []string{"hazards", "lines", "areas", "places", "roads"}

func (s *Server) intersects(ctx context.Context, q *IntersectsQuery, body *IntersectsBody) (*IntersectsOutput, error) {
	if !slices.Contains(crossedLayers, body.Layer) {
		return nil, badValue("layer", body.Layer, "one of", crossedLayers...)
	}
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	places := body.Layer == "places" || body.Layer == "roads"
	if places && (f != data.All() || len(q.Zone) > 0) {
		return nil, badValue("layer", body.Layer, "a layer of sources beside a filter of sources, one of", crossedLayers[:3]...)
	}
	ground, err := body.region(q.datum())
	if err != nil {
		return nil, err
	}
	c := crossings{ground: ground}
	if places {
		c.units(v, body.Layer)
	} else {
		c.hazards(v, f, body.Layer)
	}
	slices.SortFunc(c.list, func(a, b crossed) int { return cmp.Or(cmp.Compare(b.inside, a.inside), cmp.Compare(a.id, b.id)) })
	out := Intersects{Collection: s.collection(s.answer(v), q.datum()), Layer: body.Layer, Matched: len(c.list),
		Screened: screened(intersectsModel, "length_in", "m", "length", "m"),
		Zone:     geometryOf(drawn(ground), q.datum()), Features: []Feature[CrossedProperties]{}}
	total := 0.0
	for i, x := range c.list {
		total += x.inside
		if i < q.Limit {
			out.Features = append(out.Features, Feature[CrossedProperties]{Type: "Feature", ID: x.id, Geometry: geometryOf(x.shape, q.datum()), Properties: x.properties()})
		}
	}
	out.LengthIn, out.Returned = millimetres(total), len(out.Features)
	return &IntersectsOutput{out}, ctx.Err()
}

// crossed is one thing that crosses the ground.
type crossed struct {
	id     string
	shape  orb.Geometry
	props  CrossedProperties
	inside float64 // metres
}

// properties adds the lengths of a line.
func (x *crossed) properties() CrossedProperties {
	p := x.props
	if x.shape.Dimensions() == 1 {
		in, whole := millimetres(x.inside), millimetres(data.LengthMetres(x.shape))
		p.LengthIn, p.Length, p.Whole = &in, &whole, in == whole
	}
	return p
}

// crossings gathers what crosses the ground.
type crossings struct {
	ground region
	list   []crossed
}

func (c *crossings) add(id string, shape orb.Geometry, props CrossedProperties) {
	if touches(c.ground, shape) {
		c.list = append(c.list, crossed{id, shape, props, lengthIn(c.ground, shape)})
	}
}

func (c *crossings) hazards(v *tiles.View, f data.Filter, layer string) {
	dimensions := map[string]int{"lines": 1, "areas": 2}
	for h := range v.Within(c.ground.box(), f) {
		if want, some := dimensions[layer]; some && h.Shape.Dimensions() != want {
			continue
		}
		c.add(string(h.ID), h.Shape, CrossedProperties{Name: h.Name, NameEn: h.NameEn,
			Industry: v.City.Taxonomy.Industries[h.Industry].Code, Level: h.Level})
	}
}

func (c *crossings) units(v *tiles.View, layer string) {
	for u := range v.UnitsWithin(data.PlaceKind, c.ground.box()) {
		if (layer == "roads") == (u.Class == data.RoadClass) {
			c.add(u.Code, u.Shape, CrossedProperties{Name: u.Name, NameEn: u.NameEn, Kind: u.Class})
		}
	}
}
