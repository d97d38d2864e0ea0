package ingest

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// mostShown bounds the problems that the text form prints.
const mostShown = 20

// WriteText writes the report for a reader at a terminal: how each file was
// read, the first problems (those that kept a row out before warnings), then the
// counts. It leaves out the line of totals, which is Totals.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Files {
		f.text(&b)
	}
	r.problems(&b)
	r.delivered(&b)
	counts(&b, "rejected", r.kindsOf(Rejected))
	counts(&b, "quarantined", r.kindsOf(Quarantined))
	for _, field := range sortedKeys(r.Untranslated) {
		counts(&b, "quarantined, "+field+" not in its value table", r.Untranslated[field])
	}
	counts(&b, "warnings", r.kindsOf(Warning))
	located := map[string]int{}
	for code, n := range r.Districts {
		if code == "" {
			code = "in none"
		}
		located[code] = n
	}
	counts(&b, "by district", located)
	if r.People > 0 {
		fmt.Fprintf(&b, "%.0f people on %d of the accepted rows; %d have none and are left out\n", r.People, r.Accepted-r.Empty, r.Empty)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// delivered says what a delivery was matched with, its changes one by one while
// they are few.
func (r *Report) delivered(b *strings.Builder) {
	d := r.Delivery
	if d == nil {
		return
	}
	fmt.Fprintf(b, "delivery of %s: it had %d sources; %d matched by name and place, %d returned", shorten(d.Source), d.Held, d.Matched, d.Returned)
	if d.Complete {
		fmt.Fprintf(b, ", %d gone, %d absent before, %d spared", d.Gone, d.Absent, d.Spared)
	}
	b.WriteByte('\n')
	shown := 0
	for _, row := range r.Rows {
		if row.What == isUnchanged || row.What == isNew && r.Delivery.Held == 0 {
			continue
		}
		if shown++; shown > mostShown {
			fmt.Fprintf(b, "  … --report FILE lists them all\n")
			break
		}
		fmt.Fprintf(b, "  %s %s (%s)", row.What, row.ID, row.Name)
		for i, c := range row.Fields {
			sep := ", "
			if i == 0 {
				sep = ": "
			}
			fmt.Fprintf(b, "%s%s %q to %q", sep, c.Field, c.Before, c.After)
		}
		if row.Match != "" {
			fmt.Fprintf(b, "; found %s", row.Match)
		}
		b.WriteByte('\n')
	}
	for _, twin := range r.Duplicates[:min(len(r.Duplicates), mostShown)] {
		fmt.Fprintf(b, "  perhaps one place: %s (%s) and %s (%s) of %q, %.0f m apart; both are kept\n", twin.ID, twin.Name, twin.Other, twin.OtherName, twin.OtherSource, twin.Metres)
	}
	if n := len(r.Duplicates) - mostShown; n > 0 {
		fmt.Fprintf(b, "  … and %d more that may be one place\n", n)
	}
}

// Totals is the line that ends an import's output.
func (r *Report) Totals() string {
	return fmt.Sprintf("read %d accepted %d rejected %d quarantined %d", r.Read, r.Accepted, r.Rejected, r.Quarantined)
}

func (f *FileReport) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s, %s, %s", f.Name, f.Format, f.Encoding, f.Datum)
	if f.Delimiter != "" {
		fmt.Fprintf(b, ", delimiter %q", f.Delimiter)
	}
	if f.Blank > 0 {
		fmt.Fprintf(b, ", %d blank rows", f.Blank)
	}
	b.WriteByte('\n')
	var from []string
	for _, field := range sortedKeys(f.Columns) {
		if f.Columns[field] != field {
			from = append(from, field+" from "+shorten(f.Columns[field]))
		}
	}
	if len(from) > 0 {
		fmt.Fprintf(b, "  read: %s\n", strings.Join(from, ", "))
	}
	if n := len(f.Unused); n > 0 {
		shown := f.Unused[:min(n, 12)]
		fmt.Fprintf(b, "  unused: %s", strings.Join(shown, ", "))
		if n > len(shown) {
			fmt.Fprintf(b, " and %d more", n-len(shown))
		}
		b.WriteByte('\n')
	}
}

func (r *Report) problems(b *strings.Builder) {
	rank := map[Severity]int{Rejected: 0, Quarantined: 1, Warning: 2}
	shown := slices.Clone(r.Problems)
	slices.SortStableFunc(shown, func(a, c Problem) int { return cmp.Compare(rank[a.Severity], rank[c.Severity]) })
	total := 0
	for _, n := range r.Kinds {
		total += n
	}
	shown = slices.DeleteFunc(shown, func(p Problem) bool { return incomplete[p.Kind] })
	for kind := range incomplete {
		total -= r.Kinds[kind]
	}
	shown = shown[:min(len(shown), mostShown)]
	for _, p := range shown {
		b.WriteString(p.String())
		b.WriteByte('\n')
	}
	if total > len(shown) {
		fmt.Fprintf(b, "… and %d more problems; --report FILE lists them\n", total-len(shown))
	}
}

// incomplete are the warnings that most rows of most files have: their counts
// say all.
var incomplete = map[string]bool{"level_method_missing": true, "accident_types_missing": true, "measures_missing": true}

// String is the problem as one line.
func (p Problem) String() string {
	where := p.File
	switch {
	case p.Line > 0:
		where += fmt.Sprintf(" line %d", p.Line)
	case p.Feature > 0:
		where += fmt.Sprintf(" feature %d", p.Feature)
	}
	if p.ID != "" {
		where += " (" + p.ID + ")"
	}
	return fmt.Sprintf("%s: %s: %s %q: want %s", strings.TrimSpace(where), p.Severity, p.Field, p.Value, p.Want)
}

// counts writes "title: name n, name n", the greatest first.
func counts(b *strings.Builder, title string, m map[string]int) {
	if len(m) == 0 {
		return
	}
	keys := sortedKeys(m)
	slices.SortStableFunc(keys, func(a, c string) int { return cmp.Compare(m[c], m[a]) })
	fmt.Fprintf(b, "%s: ", title)
	for i, k := range keys {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "%s %d", shorten(k), m[k])
	}
	b.WriteByte('\n')
}
