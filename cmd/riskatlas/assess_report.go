package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"riskatlas/data"
	"riskatlas/riskgrid/assess"
)

// assessed counts what became of the records of one industry.
type assessed struct {
	Code      string `json:"code"`
	Slug      string `json:"slug"`
	Records   int    `json:"records"`
	Inventory int    `json:"with_inventory"`
	Derived   int    `json:"derived"`
	Unchanged int    `json:"unchanged"`
	Own       int    `json:"left_alone"` // scenarios of its surveyors
	ByIndex   int    `json:"by_index"`   // the industry's method is an index
	Withdrawn int    `json:"withdrawn"`
	Failed    int    `json:"failed"`
	Scenarios int    `json:"scenarios"` // derived and unchanged
}

// unassessed is a record that could not be assessed: its field, value, and what
// would be right.
type unassessed struct {
	ID       data.ID `json:"id"`
	Industry string  `json:"industry"`
	Field    string  `json:"field"`
	Value    string  `json:"value"`
	Want     string  `json:"want"`
}

type assessNote struct {
	ID   data.ID `json:"id"`
	Note string  `json:"note"`
}

// assessReport accounts for every record of a store.
type assessReport struct {
	Revision   data.Revision `json:"revision,omitempty"` // 0: nothing was written
	Industries []assessed    `json:"industries"`
	Failed     []unassessed  `json:"failed"`
	Notes      []assessNote  `json:"notes"` // what of an inventory was left out

	lines []assessed // by industry
}

func newAssessReport(tax *data.Taxonomy) *assessReport {
	r := &assessReport{lines: make([]assessed, len(tax.Industries)), Failed: []unassessed{}, Notes: []assessNote{}, Industries: []assessed{}}
	for i := range tax.Industries {
		r.lines[i].Code, r.lines[i].Slug = tax.Industries[i].Code, tax.Industries[i].Slug
	}
	return r
}

// assessStep is how many records are read from the store at once.
const assessStep = 500

// derive goes over the records and gives the changes.
func (r *assessReport) derive(ctx context.Context, store data.Store, library *assess.Library, only map[data.Industry]bool) ([]data.Change, error) {
	_, hazards := store.Load(ctx)
	var ids []data.ID
	for h, err := range hazards {
		if err != nil {
			return nil, err
		}
		if len(only) == 0 || only[h.Industry] {
			ids = append(ids, h.ID)
		}
	}
	var changes []data.Change
	for start := 0; start < len(ids); start += assessStep {
		records, err := store.Detail(ctx, ids[start:min(start+assessStep, len(ids))]...)
		if err != nil {
			return nil, err
		}
		for _, rec := range records {
			if rec == nil {
				continue // removed since
			}
			if out, ok := r.one(rec, library); ok {
				changes = append(changes, data.Change{ID: rec.Hazard.ID, If: rec.Hazard.Rev, New: out})
			}
		}
	}
	for _, line := range r.lines {
		if line.Inventory > 0 || line.Withdrawn > 0 {
			r.Industries = append(r.Industries, line)
		}
	}
	return changes, nil
}

// one accounts for a record; ok says that it changes.
func (r *assessReport) one(rec *data.Record, library *assess.Library) (next *data.Record, ok bool) {
	line := &r.lines[rec.Hazard.Industry]
	line.Records++
	if assess.HasInventory(&rec.Detail) {
		line.Inventory++
	}
	out, err := library.Derive(rec)
	for _, n := range out.Notes {
		r.Notes = append(r.Notes, assessNote{rec.Hazard.ID, n})
	}
	if err != nil {
		line.Failed++
		bad := &data.Invalid{Field: "inventory", Want: err.Error()}
		errors.As(err, &bad)
		want := bad.Want
		if len(bad.Allowed) > 0 {
			want += ": " + strings.Join(bad.Allowed, ", ")
		}
		r.Failed = append(r.Failed, unassessed{rec.Hazard.ID, line.Code, bad.Field, bad.Value, want})
		return nil, false
	}
	switch out.Verdict {
	case assess.Stated:
		line.Own++
	case assess.ByIndex:
		line.ByIndex++
	case assess.Unchanged:
		line.Unchanged++
		line.Scenarios += len(out.Record.Hazard.Scenarios)
	case assess.Derived:
		line.Derived++
		line.Scenarios += len(out.Record.Hazard.Scenarios)
		return out.Record, true
	case assess.Withdrawn:
		line.Withdrawn++
		return out.Record, true
	}
	return nil, false
}

// mostAssessLines bounds what is printed of one kind; the report's file has all.
const mostAssessLines = 50

func (r *assessReport) write(w io.Writer, dry bool) {
	for i, f := range r.Failed {
		if i == mostAssessLines {
			fmt.Fprintf(w, "… and %d more that could not be assessed\n", len(r.Failed)-i)
			break
		}
		fmt.Fprintf(w, "%s (%s): not assessed: %s %q: want %s\n", f.ID, f.Industry, f.Field, f.Value, f.Want)
	}
	for i, n := range r.Notes {
		if i == mostAssessLines {
			fmt.Fprintf(w, "… and %d more notes\n", len(r.Notes)-i)
			break
		}
		fmt.Fprintf(w, "%s: %s\n", n.ID, n.Note)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "industry\trecords\twith inventory\tderived\tunchanged\twith scenarios of their own\tby index\twithdrawn\tfailed\tscenarios")
	var sum assessed
	for _, x := range r.Industries {
		x.row(t, x.Code+" "+x.Slug)
		sum.Records += x.Records
		sum.Inventory += x.Inventory
		sum.Derived += x.Derived
		sum.Unchanged += x.Unchanged
		sum.Own += x.Own
		sum.ByIndex += x.ByIndex
		sum.Withdrawn += x.Withdrawn
		sum.Failed += x.Failed
		sum.Scenarios += x.Scenarios
	}
	sum.row(t, "all")
	t.Flush()
	changed := sum.Derived + sum.Withdrawn
	switch {
	case dry:
		fmt.Fprintf(w, "would write %d records\n", changed)
	case r.Revision > 0:
		fmt.Fprintf(w, "wrote %d records; revision %d\n", changed, r.Revision)
	default:
		fmt.Fprintln(w, "nothing to write")
	}
}

func (x *assessed) row(w io.Writer, name string) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", name, x.Records, x.Inventory, x.Derived, x.Unchanged, x.Own, x.ByIndex, x.Withdrawn, x.Failed, x.Scenarios)
}
