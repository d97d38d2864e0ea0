package report

import (
	"context"
	"errors"
	"fmt"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/grading"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// Input is what a report is gathered from.
type Input struct {
	View      *tiles.View
	City      *city.City         // gives the details of the view's sources
	Rules     *grading.Rules     // severity, zones of the F-N diagram, limits
	Criterion riskgrid.Criterion // by which ground is judged
	Synthetic bool               // the city is the demonstration
	Top       int                // most sources in a list of top ones; 0: 10
}

const defaultTop = 10

// Gather puts the report of a view together. A source that was removed or hidden
// since the view is in its sums and in no list. The error is the context's, the
// store's, or a *data.Invalid for a criterion that the city has no cuts for.
func Gather(ctx context.Context, in Input) (*Report, error) {
	if in.View == nil || in.City == nil || in.Rules == nil {
		return nil, errors.New("report: Input needs View, City and Rules")
	}
	if in.Criterion == riskgrid.NewBuild && in.View.City.NewBuild == [4]float64{} {
		return nil, &data.Invalid{Field: "cuts", Value: in.Criterion.String(), Want: "in-service: this city has no cuts for what is new"}
	}
	if in.Top <= 0 {
		in.Top = defaultTop
	}
	if err := in.View.Wait(ctx); err != nil { // for what sources cost
		return nil, fmt.Errorf("gathering the report: %w", err)
	}
	g, err := newGatherer(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := g.read(ctx); err != nil {
		return nil, fmt.Errorf("gathering the report: %w", err)
	}
	return g.report(), nil
}

// gatherer holds what the chapters are made of.
type gatherer struct {
	Input
	totals  *riskgrid.Totals
	tax     *data.Taxonomy
	vintage *data.Vintage // the default one
	at      int           // its position
	book    *book
	facts   []toll  // active sources by id
	rank    []int32 // positions in facts, greatest loss first, then by id
	zones   []zoneSet
	picks   map[string][]int32 // top sources by what they are the top of
	details details

	sensitive sensitive
}

// toll is what a report knows of an active source without its detail.
type toll struct {
	hazard *data.Hazard
	loss   riskgrid.Loss
	deaths float64 // expected, of its worst scenario
}

func newGatherer(ctx context.Context, in Input) (*gatherer, error) {
	t := in.View.City.Taxonomy
	g := &gatherer{Input: in, tax: t, at: t.Default, vintage: &t.Vintages[t.Default]}
	g.totals = in.View.Totals
	g.book = newBook(in.View, g.totals, g.at)
	if err := g.listFacts(ctx); err != nil {
		return nil, err
	}
	if err := g.listZones(ctx); err != nil {
		return nil, err
	}
	if err := g.judgeTargets(ctx); err != nil {
		return nil, err
	}
	g.pick()
	return g, nil
}

// report writes the chapters.
func (g *gatherer) report() *Report {
	v, p := g.View, g.View.City
	r := &Report{
		City:      Title{p.Key, p.Name, p.NameEn},
		Revision:  uint64(v.Revision()),
		View:      string(v.Who),
		Synthetic: g.Synthetic,
		WhatIf:    v.Base() != nil,
		Criterion: g.Criterion.String(),
		Curve:     g.curve(),
		Main:      g.mainList(),
		Targets:   g.targets(),
		Methods:   g.methods(),
		Quality:   g.quality(),
		Map:       g.drawMap(),
	}
	if v.Who == city.PublicView {
		r.LeftOut = g.City.LeftOut()
		r.Shown = &Shown{r.View, r.LeftOut}
	}
	r.Overall = g.overall(r.Curve)
	r.Composition = g.composition()
	r.Top = g.sources("")
	r.Districts = g.districts()
	r.Zones = g.zoneChapters()
	r.Groups = g.groups()
	r.Industries = g.industries()
	for _, in := range r.Industries {
		if in.Survey == notSurveyed {
			r.Quality.NotSurveyed = append(r.Quality.NotSurveyed, in.Title)
		}
	}
	r.Suggestions = suggest(r, g)
	return r
}
