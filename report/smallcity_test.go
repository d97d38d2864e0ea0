package report

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
)

var here, there = orb.Point{120.15, 30.27}, orb.Point{120.35, 30.31}

// smallCity is two sources with 50 and 10 people beside them, one that is closed,
// and one that is not for the public.
func smallCity(t *testing.T) ([]*data.Record, map[string][]data.Unit) {
	exposed := 7
	a := data.Detail{Responsible: "CANARY", DutyPhone: "CANARY", AccidentTypes: []string{"EXPL", "TOX"}, AssessedAt: "2020-02-29", NextReview: "2021-03-02",
		Derivations: []data.Derivation{{Model: "tnt", Sources: []string{"paper two", "paper one"}}}, ExposedDay: &exposed,
		Measures: &data.Measures{Engineering: []string{"wall"}, Monitoring: []string{"wall", "camera"}}}
	records := []*data.Record{
		source(t, "A", "I01", data.Major, here, a, blast(t, 1e-4, 150)),
		source(t, "B", "C02", data.General, there, data.Detail{MajorHazardGrade: 3, LevelMethod: "LS"}, blast(t, 1e-5, 150)),
		source(t, "C", "I14", data.Significant, here, data.Detail{}, func(h *data.Hazard) { h.Status = data.Closed }),
		source(t, "D", "I04", data.Major, orb.Point{120.5, 30.3}, data.Detail{Enterprise: "CANARY"}, func(h *data.Hazard) { h.Sensitivity = data.Internal }),
	}
	people := []data.Unit{{Code: "1", Shape: here, Props: map[string]string{data.PeopleProp: "50"}},
		{Code: "2", Shape: there, Props: map[string]string{data.PeopleProp: "10"}}}
	return records, map[string][]data.Unit{data.PeopleKind: people, data.PlaceKind: {{Code: "s", Class: "shelter", Shape: here}, {Code: "t", Class: "shelter", Shape: there}}}
}

func chapter(t *testing.T, cs []Chapter, key string) Chapter {
	t.Helper()
	for _, c := range cs {
		if c.Key == key {
			return c
		}
	}
	t.Fatalf("no chapter %s", key)
	return Chapter{}
}

func TestSmallCity(t *testing.T) {
	records, units := smallCity(t)
	r := newTown(t, city.PublicView, records, units).report(t, riskgrid.InService)
	o := r.Overall
	near(t, "PLL", o.PLL, 50*1e-4+10*1e-5)
	near(t, "mean IR", o.MeanIR, (50*1e-4+10*1e-5)/60)
	if o.People != 60 || o.Counts != (Counts{2: 1, 4: 1}) || o.MajorHazard != [5]int{3: 1} || o.QRA != o.PLL || o.PeopleFrom != fromGrid {
		t.Errorf("%+v", o)
	}
	if o.PeopleBy[data.Major] != 50 || o.PeopleBy[data.Significant] != 10 || o.Level != data.Major || o.Rule.From != "people" || o.Rule.Floor != data.General {
		t.Errorf("%+v", o)
	}
	if len(o.PlacesKinds) != 1 || o.PlacesKinds[0].Value != 2 || o.PlacesKinds[0].Name != "避难场所" {
		t.Errorf("places %+v", o.PlacesKinds)
	}
	// 2 scenarios: F(10) = 1.1e-4, F(50) = 1e-4; the upper line is 1e-4 and 2e-5 there.
	if c := r.Curve; len(c.Points) != 2 || c.Points[0].N != 10 || c.Points[1].N != 50 || c.Points[1].F != 1e-4 || c.Zone != "unacceptable" || c.Worst.N != 10 {
		t.Errorf("%+v", c)
	}
	in := chapter(t, r.Industries, "I01")
	near(t, "share of I01", in.Share, 0.005/0.0051)
	if in.Survey != surveyed || in.Counts[4] != 1 || len(in.Types) != 2 || in.Types[0].Value != 1 || in.Types[0].Key != "EXPL" ||
		len(in.Measures) != 2 || in.Measures[1] != (Tally{"wall", 1}) || in.Top[0].ID != "A" || in.Top[0].Severity != "particularly_serious" || in.Accidents[0].Key != "condensed_explosion" {
		t.Errorf("%+v", in)
	}
	if s := chapter(t, r.Industries, "C02").Top[0]; s.Severity != "serious" || s.Deaths != 10 || s.Grade != 3 {
		t.Errorf("%+v", s)
	}
	if got := chapter(t, r.Industries, "I14").Survey; got != noneAtWork {
		t.Errorf("closed sources alone: %s", got)
	}
	if got := chapter(t, r.Industries, "I05").Survey; got != notShown || len(r.Quality.NotSurveyed) != 0 {
		t.Errorf("no record in the public view: %s", got)
	}
	if m := r.Main; m.Matched != 2 || m.Sources[0].ID != "A" || m.Sources[1].ID != "B" {
		t.Errorf("%+v", m)
	}
	gaps := map[string]float64{}
	for _, g := range r.Quality.Gaps {
		gaps[g.Key] = g.Value
	}
	if gaps["late_review"] != 1 || gaps["measures"] != 0 || gaps["emergency_plan"] != 1 || gaps["method"] != 1 || gaps["review"] != 0 {
		t.Errorf("gaps %v: 2021-03-02 is more than a year after the assessment", gaps)
	}
	if q := r.Quality; q.Active != 2 || q.Records != 3 || q.NoPeople != 1 || q.Outside != 0 || len(q.ByMethod) != 2 || q.ByMethod[1].Key != "LS" || q.ByMethod[1].Share != 0.5 {
		t.Errorf("%+v", q)
	}
	raw, err := json.Marshal(r)
	if err != nil || strings.Contains(string(raw), "CANARY") || r.Shown == nil || r.Shown.LeftOut != 1 {
		t.Errorf("the public report: %v, %+v", err, r.Shown)
	}
	if i := slices.IndexFunc(r.Methods, func(m Method) bool { return m.Key == "model.tnt" }); i < 0 || r.Methods[i].Source != "paper one; paper two" {
		t.Errorf("the model of a derivation is not among the methods")
	}
}

// The inside sees all of it, so that the test above can fail.
func TestInternalReportShowsAll(t *testing.T) {
	records, units := smallCity(t)
	w := newTown(t, city.InternalView, records, units)
	r := w.report(t, riskgrid.NewBuild)
	raw, err := json.Marshal(r)
	if err != nil || strings.Count(string(raw), "CANARY") < 2 || r.Shown != nil || r.Main.Matched != 3 || r.Main.Sources[0].Responsible != "CANARY" {
		t.Errorf("%v: %s", err, raw)
	}
	if got := chapter(t, r.Industries, "I05").Survey; got != notSurveyed || len(r.Quality.NotSurveyed) != 39-4 {
		t.Errorf("no record: %s, %d not surveyed", got, len(r.Quality.NotSurveyed))
	}
	// By the new-build cuts B's 1e-5 per year is red.
	if r.Overall.PeopleBy[data.Major] != 60 || r.Criterion != "new-build" || !slices.Contains(r.Map.Window.Level, data.Major) {
		t.Errorf("%+v", r.Overall)
	}
}

// What was written after the view is of another revision: its detail is left
// out, and what is gone or hidden now stands in no list.
func TestRecordsThatChangeMeanwhile(t *testing.T) {
	records, units := smallCity(t)
	w := newTown(t, city.PublicView, records, units)
	b := *records[1]
	b.Detail.Address = "LATER"
	a := source(t, "A", "I01", data.Major, here, data.Detail{}, blast(t, 1e-4, 150), func(h *data.Hazard) { h.Sensitivity = data.Secret })
	w.apply(t, a, &b)
	r := w.report(t, riskgrid.InService)
	raw, err := json.Marshal(r)
	if err != nil || strings.Contains(string(raw), "source A") || strings.Contains(string(raw), "LATER") {
		t.Errorf("%v: %s", err, raw)
	}
	near(t, "PLL", r.Overall.PLL, 0.0051)
	if r.Quality.Changed != 2 || len(r.Top) != 1 || r.Top[0].ID != "B" || r.Main.Matched != 0 {
		t.Errorf("%d changed, top %+v, main %+v", r.Quality.Changed, r.Top, r.Main)
	}
}

func TestGatherRefuses(t *testing.T) {
	records, _ := smallCity(t)
	w := newTown(t, city.InternalView, records, nil)
	if _, err := Gather(t.Context(), Input{View: w.view, City: w.city}); err == nil {
		t.Error("without rules there is no report")
	}
	in := w.input(t)
	profile := *w.view.City
	profile.NewBuild = [4]float64{}
	view := *w.view
	view.City = &profile
	in.View, in.Criterion = &view, riskgrid.NewBuild
	var invalid *data.Invalid
	if _, err := Gather(t.Context(), in); !errors.As(err, &invalid) || invalid.Field != "cuts" {
		t.Errorf("a criterion without cuts: %v", err)
	}
}
