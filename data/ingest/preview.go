package ingest

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// Found says how the columns of a file, or of one sheet or layer of it, were
// found.
type Found struct {
	HeaderLine int       `json:"header_line,omitempty"` // the line or row that names the columns
	Mapping    []Mapping `json:"mapping,omitempty"`     // in the order of the fields
}

// Mapping is what gives one field. Unused columns are the FileReport's.
type Mapping struct {
	Field   string   `json:"field"`
	Column  string   `json:"column,omitempty"`
	How     How      `json:"how"`
	Table   string   `json:"table,omitempty"`   // through which its values go
	Samples []string `json:"samples,omitempty"` // the first different values, as sent; none of personal fields
}

// How says how a field's column was found.
type How string

const (
	ByOption  How = "map"     // --map names the column
	ByName    How = "exact"   // the column has the field's own name
	BySynonym How = "synonym" // it has another name of the field, or its name with its unit
	ByCutName How = "cut"     // it has what a Shapefile leaves of a name
	ByPrefix  How = "named"   // it goes by its name into the indicators or the level's inputs
	ByShape   How = "shape"   // the format has it beside the columns
	BySet     How = "set"     // --set gives its value; there is no column
)

// Bounds of the samples.
const (
	sampledRows = 200 // of one sheet, among which different values are looked for
	mostSamples = 3
	mostUnused  = 40 // columns that the text form lists
)

// samples gathers the first values of fields.
type samples struct {
	rows   int
	values [][]string          // by field
	named  map[string][]string // by column
}

func (s *samples) take(r *row) {
	if s.rows++; s.rows > sampledRows {
		return
	}
	if s.values == nil {
		s.values, s.named = make([][]string, len(r.values)), map[string][]string{}
	}
	for f, v := range r.values {
		s.values[f] = sampled(s.values[f], v)
	}
	for name, v := range r.extra {
		s.named[indicatorPrefix+name] = sampled(s.named[indicatorPrefix+name], v)
	}
	for name, v := range r.inputs {
		s.named[inputPrefix+name] = sampled(s.named[inputPrefix+name], v)
	}
}

func sampled(have []string, v string) []string {
	if v == "" || len(have) == mostSamples || slices.Contains(have, shorten(v)) {
		return have
	}
	return append(have, shorten(v))
}

// preview writes how fields were found into the file's account.
func (b *builder) preview() {
	m, s := b.mapping, &b.samples
	for i, info := range m.table {
		f, g := field(i), &b.given[i]
		one := Mapping{Field: info.name, Column: m.chosen[f]}
		switch {
		case g.fixed:
			one.Column, one.How, one.Samples = "", BySet, []string{shorten(g.value)}
		case one.Column != "":
			one.How = m.how(one.Column)
			if s.values != nil {
				one.Samples = s.values[f]
			}
			if g.table != nil {
				one.Table = g.table.Name
			}
		case f == fieldGeometry && b.shaped:
			one.How = ByShape
		default:
			continue
		}
		if info.personal && len(one.Samples) > 0 {
			one.Samples = []string{"(personal)"}
		}
		b.file.Mapping = append(b.file.Mapping, one)
	}
	for _, column := range sortedKeys(m.prefixed) {
		name := column
		if !strings.HasPrefix(column, indicatorPrefix) && !strings.HasPrefix(column, inputPrefix) {
			name = indicatorPrefix + column
		}
		b.file.Mapping = append(b.file.Mapping, Mapping{Field: name, Column: column, How: ByPrefix, Samples: s.named[name]})
	}
	b.samples = samples{}
}

func (m *mapping) how(column string) How {
	switch rank := m.find(column).rank; {
	case rank == 0:
		return ByOption
	case rank == 1:
		return ByName
	case rank >= cutRank:
		return ByCutName
	}
	return BySynonym
}

// WriteMapping writes how the fields of every file were found, as tables for a
// reader at a terminal.
func (r *Report) WriteMapping(w io.Writer) error {
	var b strings.Builder
	for i := range r.Files {
		f := &r.Files[i]
		fmt.Fprintf(&b, "%s", f.Name)
		if f.HeaderLine > 1 {
			fmt.Fprintf(&b, ", columns named in row %d", f.HeaderLine)
		}
		b.WriteByte('\n')
		rows := [][4]string{{"FIELD", "COLUMN", "FOUND BY", "VALUES"}}
		for _, m := range f.Mapping {
			how := string(m.How)
			if m.Table != "" {
				how += ", through " + m.Table
			}
			rows = append(rows, [4]string{m.Field, shorten(m.Column), how, strings.Join(m.Samples, " | ")})
		}
		for _, column := range f.Unused[:min(len(f.Unused), mostUnused)] {
			rows = append(rows, [4]string{"-", shorten(column), "not used", ""})
		}
		if n := len(f.Unused) - mostUnused; n > 0 {
			rows = append(rows, [4]string{"-", fmt.Sprintf("and %d more", n), "not used", ""})
		}
		var wide [3]int
		for _, row := range rows {
			for c := range wide {
				wide[c] = max(wide[c], columnsOf(row[c]))
			}
		}
		for _, row := range rows {
			line := "  "
			for c, cell := range row[:3] {
				line += cell + strings.Repeat(" ", wide[c]-columnsOf(cell)+2)
			}
			b.WriteString(strings.TrimRight(line+row[3], " ") + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// columnsOf is how many columns of a terminal a text takes: a Chinese character
// takes two.
func columnsOf(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
