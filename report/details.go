package report

import (
	"context"
	"slices"
	"strings"
	"time"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/grading"
)

// batch is how many details are read at once.
const batch = 1000

// details is what the records' cold parts come to.
type details struct {
	rows     map[int32]*Source // of listed sources, by position in facts
	main     []int32           // of the main list, by id
	grades   [5]int            // major hazard installations by grade
	types    []map[string]int  // records by accident type, by industry
	measures []map[string]int  // records by measure, by industry
	methods  map[string]int    // records by level_method
	complete map[string]int    // records that have the field
	gaps     map[string]int
	models   map[string]*model // of accidents, that scenarios are derived by
	changed  int
}

// model is what records say of a model of accidents.
type model struct {
	scenarios int
	sources   map[string]bool
}

// read reads the details of every active source in batches.
func (g *gatherer) read(ctx context.Context) error {
	n := len(g.tax.Industries)
	g.details = details{rows: map[int32]*Source{}, types: tallies(n), measures: tallies(n), methods: map[string]int{},
		complete: map[string]int{}, gaps: map[string]int{}, models: map[string]*model{}}
	wanted := map[int32]bool{g.sensitive.worst: true}
	for _, list := range g.picks {
		for _, i := range list {
			wanted[i] = true
		}
	}
	ids := make([]data.ID, 0, batch)
	for from := 0; from < len(g.facts); from += batch {
		part := g.facts[from:min(from+batch, len(g.facts))]
		ids = ids[:0]
		for i := range part {
			ids = append(ids, part[i].hazard.ID)
		}
		records, err := g.City.Detail(ctx, ids...)
		if err != nil {
			return err
		}
		for i, r := range records {
			if thought, ok := g.View.Supposed(ids[i]); ok {
				r = thought
			}
			g.take(int32(from+i), r, wanted[int32(from+i)])
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func tallies(n int) []map[string]int {
	out := make([]map[string]int, n)
	for i := range out {
		out[i] = map[string]int{}
	}
	return out
}

// take counts one record. One that was written since the view keeps its row but
// for the detail, which is of another revision; one that is gone has no row.
func (g *gatherer) take(i int32, r *data.Record, wanted bool) {
	f, d := &g.facts[i], data.Detail{}
	switch {
	case r == nil:
		g.details.changed++
		return
	case r.Hazard.Rev != f.hazard.Rev:
		g.details.changed++
	default:
		d = r.Detail
		g.count(f.hazard, &d)
	}
	rule := g.View.City.MainList
	main := int(f.hazard.Level) >= rule.MinLevel || rule.MajorHazard && d.MajorHazardGrade > 0
	if main {
		g.details.main = append(g.details.main, i)
	}
	if main || wanted {
		g.details.rows[i] = g.row(f, &d)
	}
}

func (g *gatherer) count(h *data.Hazard, d *data.Detail) {
	c := &g.details
	c.grades[d.MajorHazardGrade]++
	for _, t := range slices.Compact(slices.Sorted(slices.Values(d.AccidentTypes))) {
		c.types[h.Industry][t]++
	}
	measures := phrases(d.Measures)
	for _, m := range slices.Compact(slices.Sorted(slices.Values(measures))) {
		c.measures[h.Industry][m]++
	}
	c.methods[d.LevelMethod]++
	for i := range d.Derivations {
		c.derived(&d.Derivations[i])
	}
	for key, has := range g.fields(h, d, len(measures) > 0) {
		if has {
			c.complete[key]++
		}
	}
	if h.Level >= data.Significant {
		c.gap("measures", len(measures) == 0)
		c.gap("review", d.NextReview == "")
		c.gap("method", d.LevelMethod == "" || d.LevelMethod == "expert")
		c.gap("emergency_plan", d.EmergencyPlan == "" && (d.Measures == nil || len(d.Measures.Emergency) == 0))
	}
	c.gap("late_review", reviewsLate(h.Level, d))
	if d.HiddenDangersOpen != nil {
		c.gaps["hidden_dangers"] += *d.HiddenDangersOpen
	}
}

func (c *details) derived(d *data.Derivation) {
	m := c.models[d.Model]
	if m == nil {
		m = &model{sources: map[string]bool{}}
		c.models[d.Model] = m
	}
	m.scenarios++
	for _, s := range d.Sources {
		m.sources[s] = true
	}
}

func (c *details) gap(key string, lacks bool) {
	if lacks {
		c.gaps[key]++
	}
}

// fields says which of the fields that a survey asks for a record has.
func (g *gatherer) fields(h *data.Hazard, d *data.Detail, measures bool) map[string]bool {
	own := !slices.ContainsFunc(h.Scenarios, func(s data.Scenario) bool { return s.Derived })
	has := map[string]bool{"address": d.Address != "", "enterprise": d.Enterprise != "", "level_method": d.LevelMethod != "",
		"level_inputs": len(d.LevelInputs) > 0, "accident_types": len(d.AccidentTypes) > 0, "measures": measures,
		"exposed": h.Exposed.Known, "level_of_control": d.LevelOfControl != "", "assessed_at": d.AssessedAt != "",
		"next_review": d.NextReview != "", "scenarios": own && len(h.Scenarios) > 0, "regulator": h.Regulator != ""}
	if g.View.Who == city.InternalView {
		has["responsible"] = d.Responsible != ""
	}
	return has
}

// phrases are the measures of every kind.
func phrases(m *data.Measures) []string {
	if m == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Concat(m.Engineering, m.Management, m.Emergency, m.Monitoring),
		func(s string) bool { return strings.TrimSpace(s) == "" })
}

// reviewYears is how long after its assessment a source may wait for its review
// (convention of this project), by level.
var reviewYears = [...]int{0, 3, 3, 2, 1}

// reviewsLate reports that the stated review comes later than the level allows.
// It looks at the record's own dates: a report knows no today.
func reviewsLate(l data.Level, d *data.Detail) bool {
	assessed, err := time.Parse(time.DateOnly, d.AssessedAt)
	next, err2 := time.Parse(time.DateOnly, d.NextReview)
	return err == nil && err2 == nil && next.After(assessed.AddDate(reviewYears[l], 0, 0))
}

// row is a source as lists show it.
func (g *gatherer) row(f *toll, d *data.Detail) *Source {
	h := f.hazard
	return &Source{ID: h.ID, Name: h.Name, NameEn: h.NameEn, Industry: g.tax.Industries[h.Industry].Code,
		District: g.districtKey(h), Level: h.Level, Grade: d.MajorHazardGrade, PLL: f.loss.PerYear(), Share: f.loss.Of(g.book.all),
		Deaths: f.deaths, Severity: g.severity(f.deaths), Regulator: h.Regulator, Enterprise: d.Enterprise, Address: d.Address,
		Responsible: d.Responsible, Control: d.LevelOfControl, Assessed: d.AssessedAt, Review: d.NextReview,
		Accidents: d.AccidentTypes, Measures: phrases(d.Measures), At: h.Label()}
}

// severity is the class of an accident by its expected deaths alone.
func (g *gatherer) severity(deaths float64) string {
	s, err := g.Rules.Severity(grading.Toll{Deaths: deaths})
	if err != nil { // deaths are finite and not under 0
		return ""
	}
	return s.Key
}
