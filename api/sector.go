package api

import (
	"context"
)

// SectorQuery asks who is downwind.
type SectorQuery struct {
	PlaceQuery
	WindQuery
	FilterQuery
	HalfAngle float64 `query:"half_angle" exclusiveMinimum:"0" maximum:"180" default:"22.5" doc:"How far off the axis still counts, on either side, degrees."`
	Radius    float64 `query:"radius" exclusiveMinimum:"0" maximum:"20000" default:"2000" doc:"Farthest ground distance, metres."`
	Limit     int     `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most sources and most places to list."`
}

// Sector answers SectorQuery.
type Sector struct {
	Downwind
	HalfAngle float64 `json:"half_angle" doc:"Degrees."`
	Radius    float64 `json:"radius" doc:"Metres."`
}

// SectorOutput carries a Sector.
type SectorOutput struct{ Body Sector }

const sectorModel = "sector downwind of the place, closed: angle off the axis at most half_angle and ground distance at most radius; people as the sources' records give them"

func (s *Server) sector(ctx context.Context, q *SectorQuery) (*SectorOutput, error) {
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	out := Sector{Downwind: s.begin(v, &q.PlaceQuery, q.WindFrom, sectorModel), HalfAngle: q.HalfAngle, Radius: q.Radius}
	g := &gaze{v: v, ground: sectorTract(q.place(), out.Axis, q.HalfAngle, q.Radius), axis: out.Axis, limit: q.Limit, datum: q.datum()}
	return &SectorOutput{out}, g.fill(ctx, &out.Downwind, f)
}
