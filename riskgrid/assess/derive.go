package assess

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"riskatlas/data"
)

// Verdict says what became of a record.
type Verdict uint8

// The verdicts.
const (
	NoInventory Verdict = iota // nothing to derive from: the level's equivalent holds
	ByIndex                    // the industry's method is an index: its inventory is kept, not used
	Stated                     // it has scenarios of its own, which are left alone
	Unchanged                  // derived again, with the same result
	Derived                    // its scenarios are new or have changed
	Withdrawn                  // its inventory is gone, and its derived scenarios with it
)

// VerdictWords say the verdicts, by verdict.
var VerdictWords = [...]string{"without inventory", "by index", "has scenarios of its own", "unchanged", "derived", "withdrawn"}

func (v Verdict) String() string { return VerdictWords[min(int(v), len(VerdictWords)-1)] }

// Outcome is what Derive made of a record.
type Outcome struct {
	Verdict Verdict
	Record  *data.Record // with Derived and Withdrawn: the new record; else the one given
	Notes   []string     // what of the inventory was left out, and why
}

// MostScenarios bounds what one record may be given.
const MostScenarios = 60

// Derive gives a record the scenarios of its inventory. The record is not
// changed: a new one is made. The error is a *data.Invalid that names the field
// of the inventory that is missing or out of a model's range; the record then
// keeps what it had.
func (l *Library) Derive(r *data.Record) (Outcome, error) {
	h, d := r.Hazard, &r.Detail
	own := 0
	for i := range h.Scenarios {
		if !h.Scenarios[i].Derived {
			own++
		}
	}
	derived := ours(h, d, own)
	out := Outcome{Verdict: NoInventory, Record: r}
	switch {
	case own > 0 && !derived:
		if hasInventory(d) {
			out.Verdict = Stated
		}
		return out, nil
	case !l.By(h.Industry):
		if !hasInventory(d) && !derived {
			return out, nil
		}
		out.Verdict = ByIndex
		if !derived {
			return out, nil
		}
	case !hasInventory(d) && !derived:
		return out, nil
	}
	w := &work{Library: l, shape: h.Shape}
	if l.By(h.Industry) && hasInventory(d) {
		if err := w.all(d, l.tax.Industries[h.Industry].Slug); err != nil {
			return out, err
		}
	}
	out.Notes = w.notes
	next, err := w.record(r)
	if err != nil {
		return out, err
	}
	alike, err := same(r, next)
	if err != nil {
		return out, err
	}
	switch {
	case len(w.scenarios) == 0 && !derived && out.Verdict == NoInventory:
		return out, nil // only what no scenario is derived from
	case alike:
		out.Verdict = Unchanged
	case len(w.scenarios) == 0:
		out.Verdict, out.Record = Withdrawn, next
	default:
		out.Verdict, out.Record = Derived, next
	}
	return out, nil
}

// ours reports whether a record's scenarios are those that its derivations say:
// somebody who writes scenarios of their own has no derivation for each.
func ours(h *data.Hazard, d *data.Detail, own int) bool {
	if len(d.Derivations) == 0 || len(d.Derivations) != own || own != len(h.Scenarios) {
		return false
	}
	for i, x := range d.Derivations {
		if x.Scenario != i || x.Outcome != h.Scenarios[i].Outcome.String() || h.Scenarios[i].Basis != data.QRA {
			return false
		}
	}
	return true
}

// hasInventory reports whether a detail says anything to derive from.
func hasInventory(d *data.Detail) bool {
	_, dust := d.Indicators[dustMass]
	return len(d.Vessels) > 0 || len(d.Substances) > 0 || d.NetExplosiveKg > 0 || d.Flood != nil || dust
}

// HasInventory reports whether a record says anything to derive from.
func HasInventory(d *data.Detail) bool { return hasInventory(d) }

// record is the record with the scenarios found.
func (w *work) record(r *data.Record) (*data.Record, error) {
	if n := len(w.scenarios); n > MostScenarios {
		return nil, &data.Invalid{Field: "vessels", Value: fmt.Sprintf("%d scenarios", n), Want: fmt.Sprintf("at most %d: state vessels alike as one with a count", MostScenarios)}
	}
	h := *r.Hazard
	h.Scenarios = w.scenarios
	sealed, err := h.Seal()
	if err != nil {
		return nil, err
	}
	next := &data.Record{Hazard: sealed, Detail: r.Detail}
	next.Detail.Derivations = w.derivations
	return next, nil
}

// same compares what is derived of two records.
func same(a, b *data.Record) (bool, error) {
	equal := slices.EqualFunc(a.Hazard.Scenarios, b.Hazard.Scenarios, func(x, y data.Scenario) bool {
		return x.Outcome == y.Outcome && x.Basis == y.Basis && x.Per == y.Per && x.PerYear == y.PerYear && x.Footprint.Digest() == y.Footprint.Digest()
	})
	if !equal {
		return false, nil
	}
	// As JSON: a number that a store gave back is the number that was kept.
	x, err := json.Marshal(a.Detail.Derivations)
	if err != nil {
		return false, err
	}
	y, err := json.Marshal(b.Detail.Derivations)
	return bytes.Equal(x, y), err
}

// checkFrequency asks for a frequency that may be added to others.
func checkFrequency(f float64, unit string) error {
	if f > 0 && f <= data.MaxPerYear && !math.IsNaN(f) {
		return nil
	}
	return &data.Invalid{Field: "per_year", Value: number(f), Want: "over 0 and at most 0.01 " + unit + ": fewer vessels, metres of pipe or trips"}
}
