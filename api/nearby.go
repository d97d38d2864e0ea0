package api

import (
	"context"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// NearbyQuery asks what is near a place, or what can reach it.
type NearbyQuery struct {
	PlaceQuery
	FilterQuery
	Regulator []string `query:"regulator" doc:"Bodies that answer for the sources, by name."`
	Radius    float64  `query:"radius" exclusiveMinimum:"0" maximum:"20000" doc:"Farthest ground distance, metres; 1000 when left out. With reach=true there is none when left out."`
	Limit     int      `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most sources to list."`
	Reach     bool     `query:"reach" doc:"true: the sources whose risk reaches the place, by contribution."`
}

const defaultRadius = 1000 // metres

// NearbyProperties is a source beside its distance.
type NearbyProperties struct {
	Name       string         `json:"name"`
	NameEn     string         `json:"name_en,omitempty"`
	Industry   string         `json:"industry" doc:"Code."`
	Group      string         `json:"group" doc:"Key of the industry's group."`
	District   string         `json:"district,omitempty" doc:"Code in the default vintage."`
	Level      data.Level     `json:"level" doc:"Assessed level, 1 to 4."`
	Regulator  string         `json:"regulator,omitempty"`
	Protection string         `json:"protection_class,omitempty" doc:"What target of others' risk it is, by GB 36894-2018."`
	Sensitive  bool           `json:"high_sensitive,omitempty" doc:"True for schools, hospitals, homes and the like: those who cannot leave by themselves."`
	People     *SightedPeople `json:"people,omitempty" doc:"Whom it exposes by its own record."`
	Distance   float64        `json:"distance" doc:"Ground distance to the nearest point of the source, metres; 0 inside an area."`
	Bearing    float64        `json:"bearing" doc:"Direction there, degrees clockwise from north."`
	OffAxis    *float64       `json:"off_axis,omitempty" doc:"In questions of wind: the angle between that direction and the one that the wind blows to, degrees."`
	Downwind   *float64       `json:"downwind,omitempty" doc:"In questions of wind: how far its nearest point lies along the wind, metres."`
	Crosswind  *float64       `json:"crosswind,omitempty" doc:"In questions of wind: how far beside the wind's line, metres; right of it is over 0."`
	IR         *float64       `json:"ir,omitempty" doc:"With reach=true: its part of the individual risk at the place, 1/yr."`
	Share      *float64       `json:"share,omitempty" doc:"With reach=true: the same as a part of the whole, 0 to 1."`
}

// Nearby answers NearbyQuery.
type Nearby struct {
	Collection
	Screened
	Lon      float64                     `json:"lon"`
	Lat      float64                     `json:"lat"`
	Radius   float64                     `json:"radius,omitempty" doc:"Metres."`
	Returned int                         `json:"number_returned"`
	More     bool                        `json:"more" doc:"True when the limit cut the list."`
	Listed   People                      `json:"people_listed" doc:"Those of the sources that are listed."`
	People   People                      `json:"people" doc:"Those of all matching sources within the radius or, with reach=true, of all that reach the place."`
	IR       *float64                    `json:"ir,omitempty" doc:"With reach=true: individual risk at the place of all matching sources, 1/yr."`
	Level    *data.Level                 `json:"level,omitempty" doc:"With reach=true: the level of that risk."`
	Features []Feature[NearbyProperties] `json:"features"`
}

// NearbyOutput carries a Nearby.
type NearbyOutput struct{ Body Nearby }

func (s *Server) nearby(ctx context.Context, q *NearbyQuery) (*NearbyOutput, error) {
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	answers, err := s.regulators(v, q.Regulator)
	if err != nil {
		return nil, err
	}
	out := Nearby{Collection: s.collection(s.answer(v), q.datum()), Screened: screened(groundModel, append(sightUnits, "ir", "1/yr")...), Lon: q.Lon, Lat: q.Lat, Radius: q.Radius,
		Features: []Feature[NearbyProperties]{}}
	n := &neighbours{v: v, p: q.place(), q: q, answers: answers, out: &out}
	if q.Reach {
		n.reaching(f)
	} else {
		if out.Radius == 0 {
			out.Radius = defaultRadius
		}
		n.around(f)
	}
	out.Returned = len(out.Features)
	out.Listed, out.People = n.listed.people("both"), n.all.people("both")
	return &NearbyOutput{out}, ctx.Err()
}

// neighbours is one search at work.
type neighbours struct {
	v       *tiles.View
	p       orb.Point
	q       *NearbyQuery
	answers func(regulator string) bool
	out     *Nearby

	listed, all crowd
}

func (n *neighbours) around(f data.Filter) {
	for h := range n.v.Within(data.PadMetres(n.p.Bound(), n.out.Radius), f) {
		if _, metres := data.Nearest(h.Shape, n.p); metres <= n.out.Radius && n.answers(h.Regulator) {
			n.all.add(h)
		}
	}
	for h, metres := range n.v.Nearest(n.p, f) {
		if metres > n.out.Radius {
			return
		}
		if !n.answers(h.Regulator) {
			continue
		}
		if len(n.out.Features) == n.q.Limit {
			n.out.More = true
			return
		}
		n.out.Features = append(n.out.Features, n.feature(h, nil, 0))
	}
}

func (n *neighbours) reaching(f data.Filter) {
	ir, shares := riskgrid.At(n.p, func(yield func(*data.Hazard) bool) {
		for h := range n.v.Reaching(orb.Bound{Min: n.p, Max: n.p}, f) {
			if n.answers(h.Regulator) && n.within(h) && !yield(h) {
				return
			}
		}
	})
	perYear, level := ir.PerYear(), n.v.Cuts.Level(ir)
	n.out.IR, n.out.Level = &perYear, &level
	for i := range shares {
		n.all.add(shares[i].Hazard)
	}
	for i := range shares {
		if len(n.out.Features) == n.q.Limit {
			n.out.More = true
			return
		}
		n.out.Features = append(n.out.Features, n.feature(shares[i].Hazard, &shares[i], ir))
	}
}

func (n *neighbours) within(h *data.Hazard) bool {
	if n.q.Radius == 0 {
		return true
	}
	_, metres := data.Nearest(h.Shape, n.p)
	return metres <= n.q.Radius
}

func (n *neighbours) feature(h *data.Hazard, share *riskgrid.Share, ir riskgrid.Risk) Feature[NearbyProperties] {
	at, metres := data.Nearest(h.Shape, n.p)
	n.listed.add(h)
	p := described(n.v, sight{h, at, metres}, n.p)
	if share != nil {
		perYear := share.Risk.PerYear()
		part := float64(share.Risk) / float64(max(ir, 1))
		p.IR, p.Share = &perYear, &part
	}
	return Feature[NearbyProperties]{Type: "Feature", ID: string(h.ID), Geometry: geometryOf(h.Shape, n.datum()), Properties: p}
}

func (n *neighbours) datum() datum.Datum { return n.q.datum() }
