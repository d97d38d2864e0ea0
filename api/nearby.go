package api

import (
	"cmp"
	"context"

	"github.com/paulmach/orb"

	"riskatlas/data"
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
	Text     string                      `json:"level_text,omitempty" enum:"none,low,general,significant,major,unknown" doc:"With reach=true: the level in words; unknown where it is 0 or 1 and the ground is not assessed for what is asked."`
	Assessed Assessed                    `json:"assessed" doc:"Whether the ground of the districts within the radius was looked at; with reach=true that of the place's district. An empty list of ground that was not says nothing."`
	Features []Feature[NearbyProperties] `json:"features"`
}

// NearbyOutput carries a Nearby.
type NearbyOutput struct{ Body Nearby }

// nearby appends the answer.
func (s *Server) nearby(ctx context.Context, q *NearbyQuery, b []byte) ([]byte, error) {
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	n := &neighbours{v: v, p: q.place(), q: q, radius: q.Radius}
	if len(q.Regulator) > 0 {
		if n.answers, err = s.regulators(v, q.Regulator); err != nil {
			return nil, err
		}
	}
	if q.Reach {
		n.reaching(f)
		n.assessed = assessedAt(v, n.p, f)
	} else {
		n.radius = cmp.Or(q.Radius, defaultRadius)
		n.around(f)
		n.assessed = assessedWithin(v, n.p, n.radius, f)
	}
	return n.append(b, s.collection(s.answer(v), q.datum())), ctx.Err()
}

// neighbours is one search, and what it found.
type neighbours struct {
	v       *tiles.View
	p       orb.Point
	q       *NearbyQuery
	answers func(regulator string) bool // nil: all
	radius  float64                     // metres; 0: none

	assessed tiles.Assessed

	all    crowd
	more   bool
	listed []sight
	ir     riskgrid.Risk    // by reach
	shares []riskgrid.Share // by reach, of listed
}

// around looks at what lies within the radius.
func (n *neighbours) around(f data.Filter) {
	if n.answers != nil {
		n.amongAnswering(f)
		return
	}
	n.all = crowd(n.v.Snapshot.Crowd(n.p, n.radius, f))
	n.more = n.all.count() > n.q.Limit
	few := n.v.NearestFew(n.p, f, min(n.q.Limit, n.all.count()), n.radius)
	n.listed = make([]sight, len(few))
	for i := range few {
		n.listed[i] = sight{few[i].Hazard, few[i].At, few[i].Metres}
	}
}

// amongAnswering is around for some bodies' sources, each of which is looked at.
func (n *neighbours) amongAnswering(f data.Filter) {
	near := firsts[sight]{limit: n.q.Limit, order: sight.compare, list: make([]sight, 0, min(n.q.Limit, 128))}
	for h := range n.v.Within(data.PadMetres(n.p.Bound(), n.radius), f) {
		at, metres := data.Nearest(h.Shape, n.p)
		if metres > n.radius || !n.answers(h.Regulator) {
			continue
		}
		n.all.add(h)
		near.add(sight{h, at, metres})
	}
	n.listed = near.sorted()
	n.more = n.all.count() > len(n.listed)
}

// reaching looks at what reaches the place, from within the radius if there is
// one.
func (n *neighbours) reaching(f data.Filter) {
	ir, shares := riskgrid.At(n.p, func(yield func(*data.Hazard) bool) {
		for h := range n.v.Reaching(orb.Bound{Min: n.p, Max: n.p}, f) {
			if n.asks(h) && n.within(h) && !yield(h) {
				return
			}
		}
	})
	for i := range shares {
		n.all.add(shares[i].Hazard)
	}
	n.ir, n.shares = ir, shares[:min(n.q.Limit, len(shares))]
	n.more = len(n.shares) < len(shares)
	for i := range n.shares {
		h := n.shares[i].Hazard
		at, metres := data.Nearest(h.Shape, n.p)
		n.listed = append(n.listed, sight{h, at, metres})
	}
}

// asks reports whether one of the bodies that were asked for answers for it.
func (n *neighbours) asks(h *data.Hazard) bool { return n.answers == nil || n.answers(h.Regulator) }

func (n *neighbours) within(h *data.Hazard) bool {
	if n.radius == 0 {
		return true
	}
	_, metres := data.Nearest(h.Shape, n.p)
	return metres <= n.radius
}
