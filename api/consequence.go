package api

import (
	"context"
	"fmt"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
	"riskatlas/tiles"
)

// ConsequenceQuery selects the sources that count in the zones.
type ConsequenceQuery struct {
	FilterQuery
	CRSQuery
}

// ReachedProperties is one zone of an accident.
type ReachedProperties struct {
	Kind      string   `json:"kind" enum:"circle,contour" doc:"All within a reach, or the ground inside a line downwind."`
	Effect    string   `json:"effect" enum:"lethality,heat_flux,overpressure,concentration,engulfment"`
	Value     float64  `json:"value" doc:"The effect at the zone's edge; inside it is more."`
	Unit      string   `json:"unit" doc:"Of the value."`
	Metres    float64  `json:"metres" doc:"Of a circle its radius, of a contour how far it goes downwind."`
	Width     *float64 `json:"width_metres,omitempty" doc:"Of a contour: its greatest width."`
	MgPerM3   *float64 `json:"mg_per_m3,omitempty" doc:"Of a contour: the concentration on it."`
	Sources   int      `json:"sources" doc:"Active matching sources of which any part lies in it."`
	Sensitive int      `json:"high_sensitive" doc:"Of them, those of high sensitivity."`
	People    People   `json:"people" doc:"Those of its sources."`
}

// Consequence answers how far an accident reaches.
type Consequence struct {
	Collection
	Screened
	Outcome  string                       `json:"outcome" doc:"What happens."`
	Inputs   []consequence.Quantity       `json:"inputs" doc:"What went in, defaults too."`
	Values   []consequence.Quantity       `json:"values" doc:"What came out."`
	Reaches  []consequence.Reach          `json:"reaches" doc:"How far from the accident each effect is at least so strong, metres; of a plume along its axis."`
	Limits   []string                     `json:"limits" doc:"Where the model holds."`
	Sources  []string                     `json:"sources" doc:"Where the model comes from."`
	Features []Feature[ReachedProperties] `json:"features" doc:"Its zones; none without a place, nor for a model over all winds."`
}

// ConsequenceOutput carries a Consequence.
type ConsequenceOutput struct{ Body Consequence }

func (s *Server) consequence(ctx context.Context, q *ConsequenceQuery, body *AccidentBody) (*ConsequenceOutput, error) {
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	at, err := body.place(q.datum())
	if err != nil {
		return nil, err
	}
	release, err := s.hold(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.accidents.compute(body, at, v.City)
	release()
	if err != nil {
		return nil, err
	}
	out := Consequence{Collection: s.collection(s.answer(v), q.datum()), Screened: screened(r.Model, "metres", "m", "width_metres", "m", "mg_per_m3", "mg/m3", "people", "persons"),
		Outcome: r.Outcome.String(), Inputs: orEmpty(r.Inputs), Values: orEmpty(r.Values), Reaches: orEmpty(r.Reaches), Limits: r.Limits, Sources: r.Sources,
		Features: []Feature[ReachedProperties]{}}
	if at == nil {
		return &ConsequenceOutput{out}, nil
	}
	for i := range r.Contours {
		c := &r.Contours[i]
		ground, err := newParcel(c.Shape)
		if err != nil {
			return nil, fmt.Errorf("a contour of %s: %w", r.Model, err)
		}
		width, mg := rounded(c.WidthMetres), rounded(c.MgPerM3)
		out.add(zoneIn(v, ground, f, ReachedProperties{Kind: "contour", Effect: consequence.EffectLethality, Value: c.Lethality, Unit: "1",
			Metres: c.LengthMetres, Width: &width, MgPerM3: &mg}), geometryOf(c.Shape, q.datum()))
	}
	if directional(body.Model) {
		return &ConsequenceOutput{out}, nil
	}
	for _, x := range r.Reaches {
		if x.Metres > 0 && x.Metres <= data.MaxReachMetres {
			ground := circleTract(*at, x.Metres)
			out.add(zoneIn(v, ground, f, ReachedProperties{Kind: "circle", Effect: x.Effect, Value: x.Value, Unit: x.Unit, Metres: x.Metres}),
				geometryOf(drawn(ground), q.datum()))
		}
	}
	return &ConsequenceOutput{out}, ctx.Err()
}

// directional reports whether a model's reaches hold in one direction alone.
func directional(model string) bool {
	switch model {
	case "plume", "flash_fire", "plume_rose", "flash_fire_rose":
		return true
	}
	return false
}

func (c *Consequence) add(p ReachedProperties, g Geometry) {
	c.Features = append(c.Features, Feature[ReachedProperties]{Type: "Feature", ID: fmt.Sprintf("%s-%s-%v", p.Kind, p.Effect, p.Value), Geometry: g, Properties: p})
}

// zoneIn counts what lies in a zone.
func zoneIn(v *tiles.View, ground region, f data.Filter, p ReachedProperties) ReachedProperties {
	var people crowd
	for h := range v.Within(ground.box(), f) {
		if touches(ground, h.Shape) {
			people.add(h)
			if h.Protection == data.HighSensitive {
				p.Sensitive++
			}
		}
	}
	p.Sources, p.People = people.count(), people.people("both")
	return p
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
