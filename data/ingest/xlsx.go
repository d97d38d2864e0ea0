package ingest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"riskatlas/data"
	"riskatlas/data/xlsx"
)

// xlsx reads the sheets of a workbook that have a header: those that the options
// name, else all that are not hidden. A sheet without one is passed over where
// another has one.
func (b *builder) xlsx(c *content) error {
	w, err := xlsx.Open(func(part string) (io.ReadCloser, error) {
		f := c.archive.find(part)
		if f == nil {
			return nil, nil
		}
		r, err := c.archive.open(f)
		if err != nil {
			return nil, err
		}
		return &countedCloser{countingReader{r, func(int) { b.bytes = c.size - c.size*c.archive.left/c.archive.most }}, r}, nil
	})
	if err != nil {
		return err
	}
	names, sheets := []string{}, map[string]xlsx.Sheet{}
	for _, s := range w.Sheets() {
		sheets[s.Name] = s
		if !s.Hidden || len(b.opts.Sheets) > 0 {
			names = append(names, s.Name)
		}
	}
	chosen, err := b.chosen(names)
	if err != nil {
		return err
	}
	var first error
	read := 0
	for _, name := range chosen {
		title := name
		if len(names) == 1 {
			title = ""
		}
		err := b.sheet(w, sheets[name], title)
		var none *headerError
		switch {
		case err == nil:
			read++
		case errors.As(err, &none) && len(b.opts.Sheets) == 0:
			if first == nil {
				first = err
			}
			b.skipped = append(b.skipped, skippedSheet{name, none.Error()})
		default:
			return b.inSheet(title, err)
		}
	}
	if read == 0 {
		if first == nil {
			return &data.Invalid{Field: "workbook", Value: "hidden sheets only", Want: "a sheet that is not hidden, or its name with --sheet"}
		}
		return b.inSheet(chosen[0], first)
	}
	for _, s := range b.skipped {
		b.report.add(Problem{File: b.name, Kind: "sheet_skipped", Severity: Warning, Field: "sheet", Value: s.name, Want: "a row that names the columns: " + s.why})
	}
	return nil
}

// skippedSheet is a sheet that was passed over, and why.
type skippedSheet struct{ name, why string }

func (b *builder) inSheet(title string, err error) error {
	if title == "" {
		return err
	}
	return fmt.Errorf("sheet %s: %w", title, err)
}

type countedCloser struct {
	countingReader
	io.Closer
}

func (b *builder) sheet(w *xlsx.Workbook, s xlsx.Sheet, title string) error {
	if err := b.begin(xlsxFormat, title, utf8Name); err != nil {
		return err
	}
	if err := b.settle(nil); err != nil {
		return err
	}
	rows, err := w.Rows(s)
	if err != nil {
		return err
	}
	defer rows.Close()
	var c cells
	next := func() (*cells, error) {
		r, err := rows.Next()
		if err != nil {
			return nil, err
		}
		c = cells{line: r.Number, texts: r.Texts, faults: r.Faults}
		return &c, nil
	}
	if err := b.grid(next, true, func(string) bool { return true }); err != nil {
		return err
	}
	return b.end()
}

// decisive are the fields without which a row is no record: a cell of theirs
// that is at fault keeps the row out.
var decisive = map[field]bool{fieldID: true, fieldLon: true, fieldLat: true, fieldGeometry: true, fieldIndustry: true, fieldLevel: true}

// faults takes out the texts of cells that do not say what their author meant,
// where a field is read from them.
func (c *columns) faults(faults []xlsx.Fault) {
	for _, fault := range faults {
		for f, i := range c.column {
			if i == fault.Column {
				c.fault(field(f), fault.Kind)
			}
		}
	}
}

func (c *columns) fault(f field, kind xlsx.FaultKind) {
	p := Problem{Severity: Warning, Field: c.mapping.table[f].name, Value: c.row.values[f]}
	switch kind {
	case xlsx.FormulaError:
		p.Kind, p.Want = "formula_error", "a value, not the error of a formula"
	case xlsx.NoValue:
		p.Kind, p.Want = "formula_without_value", "a formula's value: open the workbook in a spreadsheet program and save it"
	case xlsx.Rounded:
		if !textual(&c.mapping.table[f], f) {
			return
		}
		p.Kind, p.Want = "digits_lost", "a code as text: as a number, a spreadsheet keeps 15 digits of it"
	}
	if c.mapping.table[f].personal {
		p.Value = "(personal)"
	}
	if decisive[f] {
		p.Severity, p.Kind = Rejected, p.Kind+"_"+strings.ReplaceAll(p.Field, ".", "_")
	} else {
		c.row.values[f] = ""
	}
	c.row.odd = append(c.row.odd, p)
}

// textual reports whether a field's digits are a name, not a number.
func textual(info *fieldInfo, f field) bool {
	return f == fieldID || info.text != nil || f == fieldStreet || f == fieldDistrict
}
