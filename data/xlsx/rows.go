package xlsx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"

	"riskatlas/data"
)

// Row is one row that has cells. It is the reader's own memory until the next.
type Row struct {
	Number int      // counted from 1
	Texts  []string // by column; what a merged cell covers has its value
	Faults []Fault  // cells whose text is not what their author meant
}

// Fault is what is wrong with a cell.
type Fault struct {
	Column int // counted from 0
	Kind   FaultKind
}

// FaultKind is a kind of Fault.
type FaultKind uint8

const (
	FormulaError FaultKind = iota // the text is #N/A, #REF! or the like
	NoValue                       // a formula that no program has computed; there is no text
	Rounded                       // a whole number of more than the 15 digits that a spreadsheet keeps
)

// Rows reads one sheet forward.
type Rows struct {
	w      *Workbook
	part   io.ReadCloser
	d      *decoder
	merges []merge // those that may still cover a row, by their first row
	active []merge
	last   int
	row    Row
	inside bool // the sheet's data
}

// Rows opens a sheet's rows. The caller closes them.
func (w *Workbook) Rows(s Sheet) (*Rows, error) {
	merges, err := w.merges(s)
	if err != nil {
		return nil, err
	}
	part, err := w.sheet(s)
	if err != nil {
		return nil, err
	}
	return &Rows{w: w, part: part, d: newDecoder(s.part, part, mostElement), merges: merges}, nil
}

func (w *Workbook) sheet(s Sheet) (io.ReadCloser, error) {
	r, err := w.open(s.part)
	if err == nil && r == nil {
		err = errors.New("the archive has no such part")
	}
	if err != nil {
		return nil, fmt.Errorf("sheet %s (%s): %w", s.Name, s.part, err)
	}
	return r, nil
}

// Close closes the sheet.
func (r *Rows) Close() error { return r.part.Close() }

// Next gives the next row that the sheet has, io.EOF after the last.
func (r *Rows) Next() (*Row, error) {
	for {
		t, err := r.d.next()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "sheetData":
				r.inside = true
			case "row":
				if r.inside {
					return r.read(t)
				}
			}
			r.d.more()
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				return nil, io.EOF
			}
		}
	}
}

func (r *Rows) read(s xml.StartElement) (*Row, error) {
	r.d.more()
	n := r.last + 1
	if text := attribute(s, "r"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n <= r.last {
			return nil, &data.Invalid{Field: r.d.name, Value: "row " + text, Want: fmt.Sprintf("a number after %d", r.last)}
		}
	}
	r.last = n
	r.row = Row{Number: n, Texts: r.row.Texts[:0], Faults: r.row.Faults[:0]}
	column := 0
	for {
		t, err := r.d.next()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			if ref := attribute(t, "r"); ref != "" {
				if column, err = columnOf(ref); err != nil {
					return nil, err
				}
			}
			if column >= mostColumns {
				return nil, &data.Invalid{Field: r.d.name, Value: fmt.Sprintf("row %d", n), Want: fmt.Sprintf("at most %d columns", mostColumns)}
			}
			if err := r.cell(t, column); err != nil {
				return nil, err
			}
			column++
		case xml.EndElement:
			if t.Name.Local == "row" {
				return &r.row, r.cover()
			}
		}
	}
}

// cell reads one cell (18.3.1.4) to its end.
func (r *Rows) cell(s xml.StartElement, column int) error {
	kind, style := attribute(s, "t"), -1
	if text := attribute(s, "s"); text != "" {
		style, _ = strconv.Atoi(text)
	}
	var value []byte
	var text string
	valued, formula, in := false, false, false
	for {
		t, err := r.d.next()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				in, valued = true, true
			case "f":
				formula = true
			case "is":
				if text, err = r.d.text("is"); err != nil {
					return err
				}
				valued = true
			}
		case xml.CharData:
			if in {
				value = append(value, t...)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v":
				in = false
			case "c":
				if !valued || kind != "inlineStr" && kind != "str" && len(value) == 0 {
					if formula {
						r.fault(column, NoValue)
					}
					return nil
				}
				if kind != "inlineStr" {
					if text, err = r.value(string(value), kind, style, column); err != nil {
						return err
					}
				}
				r.set(column, text)
				return nil
			}
		}
	}
}

// value gives the text of a value by the cell's type (18.18.11).
func (r *Rows) value(value, kind string, style, column int) (string, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(value)
		text, ok := r.w.strings.get(i)
		if err != nil || !ok {
			return "", &data.Invalid{Field: r.d.name, Value: fmt.Sprintf("row %d: shared text %s", r.row.Number, value), Want: "one of the workbook's shared texts"}
		}
		return text, nil
	case "str":
		return unescape(value), nil
	case "b":
		if value == "1" || value == "true" {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "e":
		r.fault(column, FormulaError)
		return value, nil
	case "d":
		return value, nil
	}
	text, rounded, ok := r.w.number(value, style)
	if !ok {
		return "", &data.Invalid{Field: r.d.name, Value: fmt.Sprintf("row %d: %s", r.row.Number, value), Want: "a number"}
	}
	if rounded {
		r.fault(column, Rounded)
	}
	return text, nil
}

func (r *Rows) fault(column int, kind FaultKind) {
	r.row.Faults = append(r.row.Faults, Fault{column, kind})
}

func (r *Rows) set(column int, text string) {
	for len(r.row.Texts) <= column {
		r.row.Texts = append(r.row.Texts, "")
	}
	r.row.Texts[column] = text
}

// columnOf reads the letters of a reference such as AB12.
func columnOf(ref string) (int, error) {
	n, i := 0, 0
	for ; i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	if i == 0 || i > 3 || i == len(ref) {
		return 0, &data.Invalid{Field: "cell", Value: ref, Want: "a reference such as AB12"}
	}
	return n - 1, nil
}
