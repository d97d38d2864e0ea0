package ingest

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"riskatlas/data"
)

// Severity says what a problem did to its row.
type Severity string

// The severities. A row with one Rejected problem is rejected; a row whose
// problems are Quarantined is kept aside until the value table knows its value;
// a Warning keeps no row out.
const (
	Rejected    Severity = "rejected"
	Quarantined Severity = "quarantined"
	Warning     Severity = "warning"
)

// Problem is one thing wrong with one row. Line is set for CSV (the line on
// which the row begins, the header's being 1), Feature for GeoJSON (counted from
// 1); both are 0 where the problem is the whole file's.
type Problem struct {
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	Feature  int      `json:"feature,omitempty"`
	ID       string   `json:"id,omitempty"`
	Kind     string   `json:"kind"`
	Severity Severity `json:"severity"`
	Field    string   `json:"field"`
	Value    string   `json:"value"`
	Want     string   `json:"want"`
}

// FileReport says how one file was read.
type FileReport struct {
	Name      string            `json:"name"`
	Format    string            `json:"format"` // csv or geojson
	Encoding  string            `json:"encoding"`
	Delimiter string            `json:"delimiter,omitempty"`
	Datum     string            `json:"datum"`
	Columns   map[string]string `json:"columns"`            // field to the column or property that gave it
	Unused    []string          `json:"unused,omitempty"`   // columns or properties that gave nothing, sorted
	Blank     int               `json:"blank,omitempty"`    // rows without any value, not counted as read
	Examples  int               `json:"examples,omitempty"` // rows of a form's workbook that only show how it is filled, not counted as read
	Found
}

// Report accounts for every row of one or several files. Read is always the sum
// of Accepted, Rejected and Quarantined.
type Report struct {
	Files       []FileReport `json:"files"`
	Read        int          `json:"read"`
	Accepted    int          `json:"accepted"`
	Rejected    int          `json:"rejected"`
	Quarantined int          `json:"quarantined"`

	// Of a file of people: how many there are in all, and how many accepted rows
	// have none and are left out of the set.
	People float64 `json:"people,omitempty"`
	Empty  int     `json:"empty,omitempty"`

	// What Write did, or would do in a dry run.
	Added     int           `json:"added"`
	Changed   int           `json:"changed"`
	Unchanged int           `json:"unchanged"`
	Same      int           `json:"same,omitempty"`     // accepted rows that another file has too
	Revision  data.Revision `json:"revision,omitempty"` // 0: nothing was written

	Kinds        map[string]int            `json:"kinds"`                  // problems by kind, all of them
	Severities   map[string]Severity       `json:"severities"`             // of each kind: it has one
	Untranslated map[string]map[string]int `json:"untranslated,omitempty"` // field, then value that its table lacks: rows
	Districts    map[string]int            `json:"districts,omitempty"`    // accepted rows by district of the default vintage; "" lies in none
	Problems     []Problem                 `json:"problems"`
	NotListed    map[string]int            `json:"not_listed,omitempty"` // problems by kind that are counted but not listed

	Delivery   *DeliveryReport `json:"delivery,omitempty"`   // of a body's delivery
	Rows       []RowReport     `json:"rows,omitempty"`       // what became of the accepted rows, and of what a complete delivery lacks
	Duplicates []Duplicate     `json:"duplicates,omitempty"` // places that two bodies report
	Kept       []KeptRow       `json:"kept,omitempty"`       // the rows that were kept out, as sent

	listed    map[string]int
	severe    int
	keptBytes int
}

// Bounds of what a report lists; it counts everything. Warnings of one kind are
// alike, so a few show what they are; rejected rows are listed one by one.
const (
	mostWarnings = 100     // listed of one kind
	mostProblems = 100_000 // listed that keep a row out
)

func newReport() *Report {
	return &Report{Kinds: map[string]int{}, Severities: map[string]Severity{}, Untranslated: map[string]map[string]int{}, Districts: map[string]int{},
		NotListed: map[string]int{}, listed: map[string]int{}, Problems: []Problem{}}
}

func (r *Report) add(p Problem) {
	r.Kinds[p.Kind]++
	r.Severities[p.Kind] = p.Severity
	if p.Severity == Warning {
		if r.listed[p.Kind] >= mostWarnings {
			r.NotListed[p.Kind]++
			return
		}
		r.listed[p.Kind]++
	} else {
		if r.severe >= mostProblems {
			r.NotListed[p.Kind]++
			return
		}
		r.severe++
	}
	p.Value = shorten(p.Value)
	r.Problems = append(r.Problems, p)
}

func (r *Report) untranslated(field, value string) {
	if r.Untranslated[field] == nil {
		r.Untranslated[field] = map[string]int{}
	}
	r.Untranslated[field][value]++
}

// Merge adds another file's report to this one.
func (r *Report) Merge(o *Report) {
	r.Files = append(r.Files, o.Files...)
	r.Read += o.Read
	r.Accepted += o.Accepted
	r.Rejected += o.Rejected
	r.Quarantined += o.Quarantined
	r.People += o.People
	r.Empty += o.Empty
	r.Added += o.Added
	r.Changed += o.Changed
	r.Unchanged += o.Unchanged
	r.Same += o.Same
	r.Revision = max(r.Revision, o.Revision)
	for field, values := range o.Untranslated {
		if r.Untranslated[field] == nil {
			r.Untranslated[field] = map[string]int{}
		}
		addCounts(r.Untranslated[field], values)
	}
	addCounts(r.Districts, o.Districts)
	addCounts(r.Kinds, o.Kinds)
	addCounts(r.NotListed, o.NotListed)
	maps.Copy(r.Severities, o.Severities)
	for _, p := range o.Problems {
		r.Kinds[p.Kind]-- // add counts it again
		r.add(p)
	}
	for _, row := range o.Kept {
		r.keep(row)
	}
}

// clone is the report, independent of what is added to the first one.
func (r *Report) clone() *Report {
	c := *r
	c.Kinds, c.Severities, c.Districts = maps.Clone(r.Kinds), maps.Clone(r.Severities), maps.Clone(r.Districts)
	c.NotListed, c.listed = maps.Clone(r.NotListed), maps.Clone(r.listed)
	c.Problems, c.Rows = slices.Clip(r.Problems), slices.Clip(r.Rows)
	c.Duplicates, c.Kept = slices.Clip(r.Duplicates), slices.Clip(r.Kept)
	return &c
}

func addCounts(to, from map[string]int) {
	for k, n := range from {
		to[k] += n
	}
}

// WriteJSON writes the whole report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// kindsOf gives the counts of the kinds of one severity.
func (r *Report) kindsOf(s Severity) map[string]int {
	out := map[string]int{}
	for kind, n := range r.Kinds {
		if r.Severities[kind] == s {
			out[kind] = n
		}
	}
	return out
}

// shorten keeps hostile or huge values from filling a report or faking its lines.
func shorten(s string) string {
	const most = 120
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
