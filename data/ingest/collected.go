package ingest

import (
	"errors"
	"slices"

	"riskatlas/data"
	"riskatlas/data/forms"
)

// isExample reports whether the row only shows how a form's workbook is filled.
func (b *builder) isExample(r *row) bool {
	return b.forms != nil && (forms.IsExample(r.id) || forms.IsExample(r.values[fieldID]))
}

// cellOf is an indicator's cell: its text where a form says what it means, else
// as JSON would have it.
func (b *builder) cellOf(name, text string) any {
	if b.forms.Names(name) {
		return text
	}
	return numberOrText(text)
}

// collected reads the row's indicators by the form of its industry. A value that
// its field does not take keeps the row out; what the form does not know is kept
// with a warning, unless only another industry's form knows the column's name.
func (b *builder) collected(h *data.Hazard, d *data.Detail) {
	if len(d.Indicators) == 0 || slices.ContainsFunc(b.pending, func(p Problem) bool { return p.Field == "industry" && p.Severity != Warning }) {
		return
	}
	clean := map[string]any{}
	for _, name := range sortedKeys(d.Indicators) {
		key, v, warning, err := b.forms.Read(h.Industry, name, d.Indicators[name])
		var bad *data.Invalid
		switch {
		case errors.As(err, &bad):
			b.reject("indicator_invalid", bad.Field, bad.Value, want(bad))
			continue
		case warning != nil && b.forms.Names(name) && !b.forms.HasKey(name):
			b.warn("indicator_of_another_industry", warning.Field, warning.Value, want(warning)+"; it was left out")
			continue
		case warning != nil:
			b.warn("indicator_unknown", warning.Field, warning.Value, want(warning))
		}
		if v == nil {
			continue
		}
		if _, twice := clean[key]; twice {
			b.reject("indicator_twice", forms.Prefix+key, "", "one column for it")
			continue
		}
		clean[key] = v
	}
	if d.Indicators = clean; len(clean) == 0 {
		d.Indicators = nil
	}
}
