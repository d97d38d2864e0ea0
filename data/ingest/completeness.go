package ingest

import (
	"slices"

	"riskatlas/data"
)

// head are the fields that count in the completeness of a record, those of the
// head of the form that every source is asked for: what a record cannot be without
// counts for nothing.
var head = []struct {
	name     string
	personal bool
	asked    func(*data.Hazard) bool // nil: of every source
	has      func(*data.Hazard, *data.Detail) bool
}{
	{name: "name", has: func(h *data.Hazard, _ *data.Detail) bool { return h.Name != "" }},
	{name: "address", has: func(_ *data.Hazard, d *data.Detail) bool { return d.Address != "" }},
	{name: "district", has: func(h *data.Hazard, _ *data.Detail) bool { return h.Stated != 0 }},
	{name: "level_method", has: func(_ *data.Hazard, d *data.Detail) bool { return d.LevelMethod != "" }},
	{name: "level_inputs", has: func(_ *data.Hazard, d *data.Detail) bool {
		return len(d.LevelInputs) > 0 || d.OverrideReason != "" || len(d.Substances) > 0 || d.MajorHazardGrade > 0
	}},
	{name: "accident_types", has: func(_ *data.Hazard, d *data.Detail) bool { return len(d.AccidentTypes) > 0 }},
	{name: "exposed_day", has: func(_ *data.Hazard, d *data.Detail) bool { return d.ExposedDay != nil }},
	{name: "exposed_night", has: func(_ *data.Hazard, d *data.Detail) bool { return d.ExposedNight != nil }},
	{name: "measures", asked: func(h *data.Hazard) bool { return h.Level >= data.Significant },
		has: func(_ *data.Hazard, d *data.Detail) bool {
			m := d.Measures
			return m != nil && len(m.Engineering)+len(m.Management)+len(m.Emergency)+len(m.Monitoring) > 0
		}},
	{name: "enterprise", has: func(_ *data.Hazard, d *data.Detail) bool { return d.Enterprise != "" }},
	{name: "uscc", has: func(_ *data.Hazard, d *data.Detail) bool { return validUSCC(d.USCC) }},
	{name: "responsible", personal: true, has: func(_ *data.Hazard, d *data.Detail) bool { return d.Responsible != "" }},
	{name: "duty_phone", personal: true, has: func(_ *data.Hazard, d *data.Detail) bool { return phoneForm.MatchString(d.DutyPhone) }},
	{name: "level_of_control", has: func(_ *data.Hazard, d *data.Detail) bool { return d.LevelOfControl != "" }},
	{name: "emergency_plan_id", asked: func(h *data.Hazard) bool { return h.Level >= data.Significant },
		has: func(_ *data.Hazard, d *data.Detail) bool { return d.EmergencyPlan != "" }},
	{name: "assessed_at", has: func(_ *data.Hazard, d *data.Detail) bool { return d.AssessedAt != "" }},
	{name: "next_review", has: func(_ *data.Hazard, d *data.Detail) bool { return d.NextReview != "" }},
	{name: "data_source", has: func(_ *data.Hazard, d *data.Detail) bool { return d.DataSource != "" }},
	{name: "indicators", has: func(_ *data.Hazard, d *data.Detail) bool { return len(d.Indicators) > 0 }},
}

// Completeness is the share, 0 to 1, of the head's fields that a record says
// something of, of those that a source of its level is asked for; missing names
// the others. Where personal is false those fields are not counted at all, so that
// the share tells nothing of them.
func Completeness(r *data.Record, named, personal bool) (share float64, missing []string) {
	asked := 0
	for i := range head {
		f := &head[i]
		if f.personal && !personal || f.asked != nil && !f.asked(r.Hazard) {
			continue
		}
		asked++
		if f.name == "name" && !named || !f.has(r.Hazard, &r.Detail) {
			missing = append(missing, f.name)
		}
	}
	slices.Sort(missing)
	return float64(asked-len(missing)) / float64(asked), missing
}
