package api

import (
	"context"
	"slices"

	"riskatlas/data"
	"riskatlas/tiles"
)

// NearestQuery asks for the nearest emergency places of each kind, outside a zone
// that nobody should be sent into.
type NearestQuery struct {
	PlaceQuery
	Kind      []string `query:"kind" doc:"Kinds of place; all that the city has when left out." example:"shelter,hospital"`
	N         int      `query:"n" minimum:"1" maximum:"100" default:"3" doc:"How many of each kind."`
	Exclude   string   `query:"exclude" enum:"none,sector,protective-zone" default:"none" doc:"Leave out places of which any part lies in this zone. Both zones need wind_from."`
	WindFrom  float64  `query:"wind_from" minimum:"0" maximum:"360" doc:"Where the wind comes from, degrees clockwise from north; needed with exclude."`
	HalfAngle float64  `query:"half_angle" exclusiveMinimum:"0" maximum:"180" default:"22.5" doc:"Of the sector, degrees."`
	Radius    float64  `query:"radius" exclusiveMinimum:"0" maximum:"20000" default:"2000" doc:"Of the sector, metres."`
	Side      float64  `query:"side" exclusiveMinimum:"0" maximum:"20000" default:"1500" doc:"Of the protective-action zone, metres."`
	Isolation float64  `query:"isolation" minimum:"0" maximum:"20000" default:"60" doc:"Of the protective-action zone: radius of the isolation circle, metres; 0 for none."`
	WhatIfQuery
}

// NearestKind is the nearest places of one kind.
type NearestKind struct {
	Kind   string                  `json:"kind"`
	Places []Feature[SightedPlace] `json:"places" doc:"By distance, then by code; fewer than n when there are no more."`
}

// NearestPlaces answers NearestQuery.
type NearestPlaces struct {
	Answer
	Screened
	CRS     string        `json:"datum" enum:"wgs84,gcj02,bd09"`
	Lon     float64       `json:"lon"`
	Lat     float64       `json:"lat"`
	Exclude string        `json:"exclude" enum:"none,sector,protective-zone"`
	Zone    *Geometry     `json:"zone,omitempty" doc:"The ground that is left out, drawn."`
	Kinds   []NearestKind `json:"kinds"`
}

// NearestOutput carries a NearestPlaces.
type NearestOutput struct{ Body NearestPlaces }

const nearestModel = "nearest by ground distance on the sphere of radius 6371008.8 m, as the crow flies; places of which any part lies in the excluded zone are left out"

func (s *Server) nearest(ctx context.Context, q *NearestQuery) (*NearestOutput, error) {
	v, err := s.supposing(&q.WhatIfQuery)
	if err != nil {
		return nil, err
	}
	kinds, err := askedKinds(v, q.Kind)
	if err != nil {
		return nil, err
	}
	var zone *tract
	if q.Exclude != "none" {
		if !exchangeOf(ctx).r.URL.Query().Has("wind_from") {
			p := badValue("wind_from", "", "with exclude="+q.Exclude+" a number from 0 to 360: where the wind comes from, degrees clockwise from north")
			return nil, p
		}
		zone = squareTract(q.place(), axisOf(q.WindFrom), q.Side, q.Isolation)
		if q.Exclude == "sector" {
			zone = sectorTract(q.place(), axisOf(q.WindFrom), q.HalfAngle, q.Radius)
		}
	}
	d := q.datum()
	out := NearestPlaces{Answer: s.answer(v), Screened: screened(nearestModel, "distance", "m", "bearing", "deg clockwise from north"),
		CRS: d.String(), Lon: q.Lon, Lat: q.Lat, Exclude: q.Exclude, Kinds: []NearestKind{}}
	if zone != nil {
		g := geometryOf(drawn(zone), d)
		out.Zone = &g
	}
	p := q.place()
	for _, kind := range kinds {
		row := NearestKind{Kind: kind, Places: []Feature[SightedPlace]{}}
		for u, metres := range v.NearestUnits(data.PlaceKind, p, func(u *data.Unit) bool { return u.Class == kind }) {
			if zone != nil && touches(zone, u.Shape) {
				continue
			}
			at, _ := data.Nearest(u.Shape, p)
			row.Places = append(row.Places, Feature[SightedPlace]{Type: "Feature", ID: u.Code,
				Geometry: geometryOf(u.Shape, d), Properties: placed(v, u, p, at, metres)})
			if len(row.Places) == q.N {
				break
			}
		}
		out.Kinds = append(out.Kinds, row)
	}
	return &NearestOutput{out}, ctx.Err()
}

// askedKinds are the kinds of place in the asked order, each once: of no list,
// those that the city has.
func askedKinds(v *tiles.View, list []string) ([]string, error) {
	units := v.Units(data.PlaceKind)
	if _, err := parseKinds(list, units); err != nil {
		return nil, err
	}
	var out []string
	for _, kind := range list {
		if !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	if len(list) > 0 {
		return out, nil
	}
	seen := map[string]bool{}
	for i := range units {
		if class := units[i].Class; !seen[class] {
			seen[class] = true
			out = append(out, class)
		}
	}
	slices.Sort(out)
	return out, nil
}
