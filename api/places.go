package api

import (
	"context"
	"slices"
	"strings"

	"riskatlas/data"
)

// PlacesQuery selects emergency places.
type PlacesQuery struct {
	Kind   []string `query:"kind" doc:"Kinds of place: shelter, fire_station, hospital, rescue_team, material, duty_room, road, place."`
	BBox   string   `query:"bbox" doc:"west,south,east,north in degrees of crs: places with a point in the box."`
	Q      string   `query:"q" maxLength:"100" doc:"Part of the name in Chinese or English, or of the code."`
	Limit  int      `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most places on a page."`
	Cursor string   `query:"cursor" maxLength:"4000" doc:"Where the page begins: from the next link of the page before."`
	WhatIfQuery
	CRSQuery
}

// PlaceProperties is what is known of a place.
type PlaceProperties struct {
	Name   string            `json:"name"`
	NameEn string            `json:"name_en,omitempty"`
	Kind   string            `json:"kind"`
	More   map[string]string `json:"more,omitempty" doc:"What else the list that it came from says, as capacity; not in the public view."`
}

// Places answers PlacesQuery.
type Places struct {
	Collection
	Returned int                        `json:"number_returned"`
	Links    []PageLink                 `json:"links"`
	Features []Feature[PlaceProperties] `json:"features"`
}

// PlacesOutput carries a Places.
type PlacesOutput struct {
	Link string `header:"Link"`
	Body Places
}

// placeKinds are the kinds of emergency place.
var placeKinds = []string{"shelter", "fire_station", "hospital", "rescue_team", "material", "duty_room", data.RoadClass, "place"}

func (s *Server) places(ctx context.Context, q *PlacesQuery) (*PlacesOutput, error) {
	v, err := s.supposing(&q.WhatIfQuery)
	if err != nil {
		return nil, err
	}
	units := v.Units(data.PlaceKind)
	kinds, err := parseKinds(q.Kind, units)
	if err != nil {
		return nil, err
	}
	d := q.datum()
	b, err := parseBox(q.BBox, d)
	if err != nil {
		return nil, err
	}
	from := cursor{}
	if q.Cursor != "" {
		c, err := parseCursor(q.Cursor, "code")
		if err != nil {
			return nil, err
		}
		from = *c
	}
	words := fold(strings.TrimSpace(q.Q))
	out := &PlacesOutput{Body: Places{Collection: s.collection(s.answer(v), d), Links: []PageLink{}, Features: []Feature[PlaceProperties]{}}}
	last := ""
	for i := range units {
		u := &units[i]
		if u.Code <= string(from.ID) || kinds != nil && !kinds[u.Class] || !b.meets(u.Shape, u.Shape.Bound()) ||
			words != "" && !strings.Contains(folded(u.Name, u.NameEn, u.Code), words) {
			continue
		}
		if len(out.Body.Features) == q.Limit {
			x := exchangeOf(ctx).r
			next := nextURL(x.URL, baseURL(x), cursor{Sort: "code", ID: data.ID(last)}.String())
			out.Link = "<" + next + `>; rel="next"`
			out.Body.Links = append(out.Body.Links, PageLink{"next", geoJSONType, next})
			break
		}
		last = u.Code
		out.Body.Features = append(out.Body.Features, Feature[PlaceProperties]{Type: "Feature", ID: u.Code,
			Geometry: geometryOf(u.Shape, d), Properties: placeProperties(v, u)})
	}
	out.Body.Returned = len(out.Body.Features)
	return out, nil
}

// parseKinds reads kinds of place: the usual ones and those that the city has.
func parseKinds(list []string, units []data.Unit) (map[string]bool, error) {
	if len(list) == 0 {
		return nil, nil
	}
	known := slices.Clone(placeKinds)
	for i := range units {
		if class := units[i].Class; class != "" && !slices.Contains(known, class) {
			known = append(known, class)
		}
	}
	kinds := map[string]bool{}
	for _, kind := range list {
		if !slices.Contains(known, kind) {
			return nil, badValue("kind", kind, "one of", known...)
		}
		kinds[kind] = true
	}
	return kinds, nil
}
