package main

import (
	"fmt"
	"os"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid/assess"
	"riskatlas/riskgrid/consequence"
)

// libraryFlags name what scenarios are derived by, in the place of the tables
// that come with the program.
type libraryFlags struct {
	Substances  string `help:"Table of substances, in the form of the program's own." placeholder:"FILE.json"`
	Frequencies string `help:"Table of frequencies of failure and chances of ignition." placeholder:"FILE.json"`
	Scenarios   string `help:"Rules of the event trees." placeholder:"FILE.json"`
}

// library makes the scenario library of a city.
func (f *libraryFlags) library(p *city.Profile) (*assess.Library, error) {
	o := assess.Options{Taxonomy: p.Taxonomy}
	o.Climate, o.Terrain = climate(p.Weather)
	for _, file := range []struct {
		flag, path string
		to         *[]byte
	}{{"--substances", f.Substances, &o.Substances}, {"--frequencies", f.Frequencies, &o.Frequencies}, {"--scenarios", f.Scenarios, &o.Scenarios}} {
		if file.path == "" {
			continue
		}
		var err error
		if *file.to, err = os.ReadFile(file.path); err != nil {
			return nil, fmt.Errorf("%s: %w", file.flag, err)
		}
	}
	return assess.New(o)
}

// climate is a profile's weather as the models take it; nil of a city without.
func climate(w *city.Weather) (*consequence.Climate, consequence.Terrain) {
	if w == nil {
		return nil, ""
	}
	c := &consequence.Climate{Source: w.Source, Placeholder: w.Placeholder}
	copy(c.Rose[:], w.RoseFrom)
	for _, x := range w.Classes {
		c.Weather = append(c.Weather, consequence.Weather{Stability: x.Stability, WindMPerS: x.WindMS, Share: x.Share})
	}
	return c, consequence.Terrain(w.Terrain)
}

// deriving puts what a library derives into a record as a file is read.
func deriving(l *assess.Library) func(*data.Record) ([]string, error) {
	return func(r *data.Record) ([]string, error) {
		out, err := l.Derive(r)
		if err != nil {
			return out.Notes, err
		}
		*r = *out.Record
		return out.Notes, nil
	}
}

// demoScenarios derives the scenarios of demonstration sources that have an
// inventory, in the place of the synthetic ones that they come with.
func demoScenarios(p *city.Profile) (func(*data.Record) (*data.Record, error), error) {
	l, err := (&libraryFlags{}).library(p)
	if err != nil {
		return nil, err
	}
	return func(r *data.Record) (*data.Record, error) {
		if !assess.HasInventory(&r.Detail) || !l.By(r.Hazard.Industry) {
			return r, nil
		}
		h := *r.Hazard
		h.Scenarios = nil
		out, err := l.Derive(&data.Record{Hazard: &h, Detail: r.Detail})
		if err != nil {
			return nil, fmt.Errorf("demonstration source %s: %w", r.Hazard.ID, err)
		}
		return out.Record, nil
	}, nil
}
