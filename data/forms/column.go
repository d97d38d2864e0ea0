package forms

import (
	"slices"
	"strings"
	"unicode"
)

// Column is one column of a workbook to fill.
type Column struct {
	*Field
	Indicator bool // of the industry, not of every record
}

// whereIndicators is the field of the record before which indicators stand: what
// a source is comes before who is near it and who answers for it.
const whereIndicators = "exposed_day"

// Columns are the columns of the form's workbook, in their order: the fields of
// the record that its industry usually has, with its indicators among them.
func (f *Form) Columns() []Column {
	var out []Column
	for i := range f.Common {
		x := &f.Common[i]
		if x.Key == whereIndicators {
			for j := range f.Indicators {
				if !f.Indicators[j].Unlisted {
					out = append(out, Column{&f.Indicators[j], true})
				}
			}
		}
		if x.Form != jsonForm && f.assessedBy(x.Methods) {
			out = append(out, Column{x, false})
		}
	}
	return out
}

// assessedBy reports whether the industry is usually assessed by one of the
// methods; none named are all.
func (f *Form) assessedBy(methods []string) bool {
	words := strings.FieldsFunc(f.Industry.Method, func(r rune) bool { return !unicode.IsLetter(r) })
	return len(methods) == 0 || slices.ContainsFunc(methods, func(m string) bool { return slices.Contains(words, m) })
}
