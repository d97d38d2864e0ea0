package api

import (
	"context"

	"github.com/paulmach/orb"
)

// ProtectiveQuery asks for the first zone of protective action.
type ProtectiveQuery struct {
	PlaceQuery
	WindQuery
	FilterQuery
	Side      float64 `query:"side" exclusiveMinimum:"0" maximum:"20000" default:"1500" doc:"Protective-action distance: how far the zone goes downwind, and how wide it is, metres."`
	Isolation float64 `query:"isolation" minimum:"0" maximum:"20000" default:"60" doc:"Initial isolation distance: the radius of the circle around the place, metres; 0 for none."`
	Limit     int     `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most sources and most places to list."`
}

// ProtectiveZone answers ProtectiveQuery.
type ProtectiveZone struct {
	Downwind
	Side          float64   `json:"side" doc:"Metres."`
	Isolation     float64   `json:"isolation" doc:"Metres."`
	IsolationZone *Geometry `json:"isolation_zone,omitempty" doc:"The circle of isolation, drawn; zone has the square alone."`
}

// ProtectiveOutput carries a ProtectiveZone.
type ProtectiveOutput struct{ Body ProtectiveZone }

const protectiveModel = "protective-action zone of the Emergency Response Guidebook: a square of side = protective-action distance that begins at the place, with the axis downwind in its middle, and the circle of initial isolation; people as the sources' records give them"

func (s *Server) protectiveZone(ctx context.Context, q *ProtectiveQuery) (*ProtectiveOutput, error) {
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	out := ProtectiveZone{Downwind: s.begin(v, &q.PlaceQuery, q.WindFrom, protectiveModel), Side: q.Side, Isolation: q.Isolation}
	ground := squareTract(q.place(), out.Axis, q.Side, q.Isolation)
	g := &gaze{v: v, ground: ground, axis: out.Axis, limit: q.Limit, datum: q.datum()}
	if err := g.fill(ctx, &out.Downwind, f); err != nil {
		return nil, err
	}
	out.Zone = geometryOf(ground.drawn[0], q.datum())
	if q.Isolation > 0 {
		circle := geometryOf(orb.Geometry(ground.drawn[1]), q.datum())
		out.IsolationZone = &circle
	}
	return &ProtectiveOutput{out}, nil
}
