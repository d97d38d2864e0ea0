package api

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// Bounds of the ground that advice is given on.
const (
	mostAdviceVertices = 5000
	mostAdviceMetres   = 20_000 // of its box's sides
	mostAdviceM2       = 1e8    // of its base cells together
)

// topSources is how many sources are listed where nothing has to go.
const topSources = 10

// AdviceQuery says what the ground is looked at through.
type AdviceQuery struct {
	WhatIfQuery
	CRSQuery
}

// AdviceBody is a piece of ground and what is to stand on it.
type AdviceBody struct {
	Polygon Geometry       `json:"polygon" doc:"Polygon or MultiPolygon; at most 5000 vertices, 20 km wide and high, 100 km2."`
	Target  string         `json:"target,omitempty" doc:"Class of the protected target: high_sensitive, important, general_1, general_2 or general_3; or use."`
	Use     string         `json:"use,omitempty" doc:"Use from which the class follows (GB 36894-2018 clause 3), as dwelling or office; with sizes."`
	Sizes   map[string]any `json:"sizes,omitempty" doc:"Sizes of the use: floor_area_m2, ground_area_m2, people, beds, households, staff_on_shift."`
}

// AdviceCriterion is the judgement by one criterion.
type AdviceCriterion struct {
	Criterion string         `json:"criterion" enum:"new-build,in-service"`
	Allowed   bool           `json:"allowed" doc:"Whether no cell is over the limit."`
	Limit     float64        `json:"limit" doc:"Greatest individual risk that the target may be put under, 1/yr."`
	IR        float64        `json:"ir" doc:"Greatest individual risk on the ground, 1/yr."`
	At        []float64      `json:"at" doc:"Longitude, latitude of the centre of the cell that has it."`
	OverCells int            `json:"cells_over" doc:"Cells over the limit."`
	Deciding  bool           `json:"deciding" doc:"True: without the listed sources the answer is that it is allowed. False: it is allowed already, and those that add most at the worst cell are listed to inform."`
	Sources   []Contribution `json:"sources" doc:"Each with its part of the risk of the cell for which it is named: the worst cell, then the worst of what the sources before it leave."`
}

// Advice answers AdviceBody.
type Advice struct {
	Answer
	Target   string            `json:"target"`
	Unit     string            `json:"unit" doc:"Of every ir and limit." example:"1/yr"`
	Cells    int               `json:"cells" doc:"Cells of zoom 20 whose centres lie in the polygon; where none does, the one of its label point."`
	AreaM2   float64           `json:"area_m2" doc:"Their ground, square metres."`
	Criteria []AdviceCriterion `json:"criteria"`
	Source   string            `json:"source" doc:"Where the limits come from."`
	Note     string            `json:"note"`
}

// AdviceOutput carries an Advice.
type AdviceOutput struct{ Body Advice }

const (
	limitSource = "GB 36894-2018, table 1"
	adviceNote  = "The limits are written for the off-site risk of hazardous-chemical plants; here they are held against the sum of all sources. Screening value, not a permit."
	publicNote  = " Of the sources in the public view only: those that it leaves out may turn the answer."
)

func (s *Server) advice(ctx context.Context, q *AdviceQuery, b *AdviceBody) (*AdviceOutput, error) {
	v, err := s.supposing(&q.WhatIfQuery)
	if err != nil {
		return nil, err
	}
	class, err := s.adviceTarget(b)
	if err != nil {
		return nil, err
	}
	ground, err := adviceGround(b.Polygon, q.datum())
	if err != nil {
		return nil, err
	}
	release, err := s.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	ground.Read(v.Field)
	out := Advice{Answer: s.answer(v), Target: class.String(), Unit: "1/yr", Cells: ground.Cells(), AreaM2: math.Round(ground.AreaM2()),
		Source: limitSource, Note: adviceNote}
	if v.Who == city.PublicView {
		out.Note += publicNote
	}
	for _, c := range []riskgrid.Criterion{riskgrid.NewBuild, riskgrid.InService} {
		judged, err := s.judge(ctx, v, ground.Copy(), s.rules.Limit(class, c == riskgrid.NewBuild), q.datum())
		if err != nil {
			return nil, err
		}
		judged.Criterion = c.String()
		out.Criteria = append(out.Criteria, judged)
	}
	return &AdviceOutput{out}, nil
}

// adviceTarget is the class that the body states, or that its use has.
func (s *Server) adviceTarget(b *AdviceBody) (data.Protection, error) {
	if (b.Target == "") == (b.Use == "") {
		return 0, badValue("target", b.Target, "either a target or a use; target is one of", data.ProtectionKeys[1:]...)
	}
	if b.Use != "" {
		return s.rules.Target(b.Use, b.Sizes)
	}
	class, err := data.ParseProtection(b.Target)
	if err != nil {
		return 0, badValue("target", b.Target, "one of", data.ProtectionKeys[1:]...)
	}
	return class, nil
}

// adviceGround reads the ground, within bounds.
func adviceGround(raw Geometry, d datum.Datum) (*riskgrid.Ground, error) {
	shape, err := data.ParseGeometry(raw)
	if err == nil {
		err = data.CheckShape(shape)
	}
	if err != nil {
		return nil, under("polygon", err)
	}
	ground := polygons(shape)
	if ground == nil {
		return nil, badValue("polygon", shape.GeoJSONType(), "a Polygon or MultiPolygon")
	}
	if n := vertices(ground); n > mostAdviceVertices {
		return nil, badValue("polygon", fmt.Sprint(n, " vertices"), fmt.Sprintf("%d vertices at most", mostAdviceVertices))
	}
	if d != datum.WGS84 {
		ground = polygons(datum.Geometry(ground, d.ToWGS84))
	}
	b := ground.Bound()
	wide := data.Distance(orb.Point{b.Min[0], b.Center()[1]}, orb.Point{b.Max[0], b.Center()[1]})
	high := data.Distance(b.Min, orb.Point{b.Min[0], b.Max[1]})
	if wide > mostAdviceMetres || high > mostAdviceMetres {
		return nil, badValue("polygon", fmt.Sprintf("%.0f m wide, %.0f m high", wide, high), fmt.Sprintf("%d m at most", mostAdviceMetres))
	}
	g := riskgrid.NewGround(ground, data.LabelPoint(ground))
	if g.AreaM2() > mostAdviceM2 {
		return nil, badValue("polygon", fmt.Sprintf("%.0f m2", g.AreaM2()), fmt.Sprintf("%.0f m2 at most", float64(mostAdviceM2)))
	}
	return g, nil
}

func vertices(p orb.MultiPolygon) (n int) {
	for _, poly := range p {
		for _, ring := range poly {
			n += len(ring)
		}
	}
	return n
}

// judge holds the ground against a limit. Which sources decide is found
// greedily: at the worst cell the greatest contributions go until the rest is
// within the limit, and so on over all that is left, until no cell is over it.
// ground is used up.
func (s *Server) judge(ctx context.Context, v *tiles.View, ground *riskgrid.Ground, perYear float64, d datum.Datum) (AdviceCriterion, error) {
	limit := riskgrid.Limit(perYear)
	cell, worst := ground.Worst()
	at := shown(cell.Centre(), d)
	out := AdviceCriterion{Allowed: worst <= limit, Deciding: worst > limit, Limit: perYear, IR: worst.PerYear(), At: at[:],
		OverCells: ground.Over(limit), Sources: []Contribution{}}
	gone := map[data.ID]bool{}
	for first := true; first || worst > limit; first = false {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		_, shares := riskgrid.AtCell(cell, without(v, cell, gone))
		n := min(topSources, len(shares))
		if !out.Allowed {
			n = 0
			for left := worst; left > limit && n < len(shares); n++ {
				left -= shares[n].Risk
			}
		}
		named, err := s.contributions(ctx, v, cell.Centre(), worst, shares[:n])
		if err != nil {
			return out, err
		}
		out.Sources = append(out.Sources, named...)
		if out.Allowed {
			break
		}
		if n == 0 { // the field and the sources agree to the last digit: cannot happen
			return out, fmt.Errorf("advice: cell %v has %d over its limit and no source", cell, worst)
		}
		var taken []*data.Hazard
		for i := range shares[:n] {
			taken = append(taken, shares[i].Hazard)
			gone[shares[i].Hazard.ID] = true
		}
		ground.Take(taken...)
		cell, worst = ground.Worst()
	}
	return out, nil
}

// without gives the sources that may reach the cell, but for those that are gone.
func without(v *tiles.View, cell riskgrid.Cell, gone map[data.ID]bool) func(yield func(*data.Hazard) bool) {
	return func(yield func(*data.Hazard) bool) {
		for h := range v.Reaching(cell.Bound(), data.All()) {
			if !gone[h.ID] && !yield(h) {
				return
			}
		}
	}
}
