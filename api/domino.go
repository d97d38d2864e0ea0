package api

import (
	"context"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/datum"
	"riskatlas/riskgrid/consequence"
	"riskatlas/tiles"
)

// DominoTargets says which sources an accident may pass on to.
type DominoTargets struct {
	FilterQuery
	CRSQuery
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most sources to list."`
}

// DominoQuery asks what may go next if a stored source goes.
type DominoQuery struct {
	Source    string `query:"source" required:"true" maxLength:"64" doc:"Id of the source that goes."`
	Criterion string `query:"criterion" required:"true" doc:"From which effect on equipment may fail: screen_15kW, pressurised_50kW, legacy_37_5kW, engulfment, overpressure_16kPa, overpressure_22kPa, overpressure_16kPa_toxic, overpressure_31kPa_flammable."`
	DominoTargets
}

// DominoBody asks the same of an accident in figures, at a place or at a stored
// source.
type DominoBody struct {
	Source    string `json:"source,omitempty" maxLength:"64" doc:"Id of the source that goes, instead of lon and lat."`
	Criterion string `json:"criterion" doc:"From which effect on equipment may fail."`
	AccidentBody
}

// Domino answers what may go next.
type Domino struct {
	Collection
	Screened
	Criterion Criterion                   `json:"criterion" doc:"From which effect on the answer counts a source as at risk."`
	Source    data.ID                     `json:"source,omitempty"`
	Radius    float64                     `json:"radius" doc:"How far from the source the criterion is met, metres; 0 is nowhere."`
	Basis     string                      `json:"basis" enum:"inputs,derivation,footprint,none" doc:"Where radius comes from: the question's figures, how the record's scenarios were derived, their footprints in its place, or nothing."`
	BasisNote string                      `json:"basis_note" doc:"The same in words."`
	Steps     int                         `json:"steps" doc:"Always 1: what those sources may pass on in turn is not followed."`
	Matched   int                         `json:"number_matched"`
	Returned  int                         `json:"number_returned"`
	Features  []Feature[NearbyProperties] `json:"features" doc:"Industrial sources within radius, shape to shape, by distance, then by id."`
}

// Criterion is a criterion with its source.
type Criterion struct {
	Key    string  `json:"key"`
	Name   string  `json:"name"`
	NameEn string  `json:"name_en"`
	Effect string  `json:"effect"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Target string  `json:"target" doc:"The kind of equipment that it is for."`
	Source string  `json:"source"`
}

// DominoOutput carries a Domino.
type DominoOutput struct{ Body Domino }

// dominoGroup is the group of industries whose sources may go next.
const dominoGroup = "industrial"

func (s *Server) domino(ctx context.Context, q *DominoQuery) (*DominoOutput, error) {
	return s.pass(ctx, &q.DominoTargets, data.ID(q.Source), q.Criterion, nil)
}

func (s *Server) dominoOf(ctx context.Context, q *DominoTargets, body *DominoBody) (*DominoOutput, error) {
	if body.Source != "" && (body.Lon != nil || body.Lat != nil) {
		return nil, badValue("source", "beside lon and lat", "one of", "source", "lon and lat")
	}
	return s.pass(ctx, q, data.ID(body.Source), body.Criterion, &body.AccidentBody)
}

// pass finds what a source, or an accident at a place, may be passed on to.
func (s *Server) pass(ctx context.Context, q *DominoTargets, id data.ID, criterion string, accident *AccidentBody) (*DominoOutput, error) {
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	k, err := s.accidents.domino.Criterion(criterion)
	if err != nil {
		return nil, err
	}
	from, source, err := origin(v, id, accident, q.datum())
	if err != nil {
		return nil, err
	}
	var r reached
	if accident != nil {
		r, err = s.accidents.reachOf(accident, k, v.City)
	} else {
		r, err = s.storedReach(ctx, v, source, k)
	}
	if err != nil {
		return nil, err
	}
	out := Domino{Collection: s.collection(s.answer(v), q.datum()), Criterion: Criterion(*k), Source: id, Steps: 1,
		Radius: millimetres(r.metres), Basis: r.basis, BasisNote: r.note, Features: []Feature[NearbyProperties]{},
		Screened: screened("domino screening, one step: industrial sources within the radius of the criterion "+k.Key+" of "+r.model, append(sightUnits, "radius", "m")...)}
	passed := industrial(v, from, source, r.metres, f)
	out.Matched = len(passed)
	for _, p := range passed[:min(q.Limit, len(passed))] {
		out.Features = append(out.Features, Feature[NearbyProperties]{Type: "Feature", ID: string(p.hazard.ID),
			Geometry: geometryOf(p.hazard.Shape, q.datum()), Properties: described(v, p.sight, p.from)})
	}
	out.Returned = len(out.Features)
	return &DominoOutput{out}, ctx.Err()
}

// origin is where the accident is: the shape of a stored source, or a place.
func origin(v *tiles.View, id data.ID, accident *AccidentBody, d datum.Datum) (orb.Geometry, *data.Hazard, error) {
	if id != "" || accident == nil {
		h, ok := v.Get(id)
		if !ok {
			return nil, nil, notFound("there is no source with this id")
		}
		return h.Shape, h, nil
	}
	p, err := accident.place(d)
	if err == nil && p == nil {
		err = badValue("lon", "none", "where it happens, by one of", "source", "lon and lat")
	}
	if err != nil {
		return nil, nil, err
	}
	return *p, nil, nil
}

// passedOn is a source within the radius, and the origin's place nearest to it.
type passedOn struct {
	sight
	from orb.Point
}

// industrial finds the active industrial sources that match within metres of the
// origin, other than itself, by distance and id.
func industrial(v *tiles.View, from orb.Geometry, self *data.Hazard, metres float64, f data.Filter) []passedOn {
	if metres <= 0 {
		return nil
	}
	tax := v.City.Taxonomy
	var out []passedOn
	for h := range v.Within(data.PadMetres(from.Bound(), metres), f) {
		if self != nil && h.ID == self.ID || tax.Groups[tax.Industries[h.Industry].Group].Key != dominoGroup {
			continue
		}
		if at, to, d, ok := apart(from, h.Shape, metres); ok {
			out = append(out, passedOn{sight{h, to, d}, at})
		}
	}
	slices.SortFunc(out, func(a, b passedOn) int { return a.compare(b.sight) })
	return out
}

// reached is how far a criterion is met, and by what that is known.
type reached struct {
	metres             float64
	model, basis, note string
}

// reachOf runs an accident for a criterion.
func (a *accidents) reachOf(b *AccidentBody, k *consequence.Criterion, c *city.Profile) (reached, error) {
	r, err := a.compute(b, &orb.Point{}, c)
	if err != nil {
		return reached{}, err
	}
	metres, err := k.Metres(r)
	note := "computed from the question's figures by " + r.Model
	if err == nil && metres == 0 {
		note += ", which has the criterion's effect nowhere so strong, or not at all"
	}
	return reached{metres, r.Model, "inputs", note}, err
}
