package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"riskatlas/data"
)

// KeptRow is a row that was kept out, with all that it said, so that it can be
// set right and sent again.
type KeptRow struct {
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	Feature  int      `json:"feature,omitempty"`
	Severity Severity `json:"severity"` // rejected or quarantined
	Cells    Cells    `json:"cells"`    // as sent, in the order of the file's columns
}

// Cells are columns and what a row says in them. In JSON they are an object whose
// members are in the order of the columns.
type Cells [][2]string

// MarshalJSON writes the cells as an object.
func (c Cells) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, cell := range c {
		if i > 0 {
			b = append(b, ',')
		}
		for j, text := range cell {
			quoted, err := json.Marshal(text)
			if err != nil {
				return nil, err
			}
			b = append(b, quoted...)
			if j == 0 {
				b = append(b, ':')
			}
		}
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads an object of texts and keeps its order.
func (c *Cells) UnmarshalJSON(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(err, errors.New("cells: want an object"))
	}
	*c = Cells{}
	for dec.More() {
		var cell [2]string
		for i := range cell {
			t, err := dec.Token()
			if err != nil {
				return err
			}
			text, ok := t.(string)
			if !ok {
				return fmt.Errorf("cells: %v: want a text", t)
			}
			cell[i] = text
		}
		*c = append(*c, cell)
	}
	return nil
}

func (c Cells) bytes() int {
	n := 64
	for _, cell := range c {
		n += len(cell[0]) + len(cell[1]) + 32
	}
	return n
}

// Bounds of the rows that a report keeps.
const (
	mostKeptBytes = 32 << 20
	rowsNotKept   = "rows" // their key in Report.NotListed
)

// keep adds a row that was kept out to the report, while there is room.
func (r *Report) keep(row KeptRow) {
	n := row.Cells.bytes()
	if r.keptBytes+n > mostKeptBytes || len(r.Kept) >= mostProblems {
		r.NotListed[rowsNotKept]++
		return
	}
	r.keptBytes += n
	r.Kept = append(r.Kept, row)
}

// keepRow keeps the content of the row that take has just refused.
func (b *builder) keepRow(s Severity) {
	if r := b.report; r.keptBytes >= mostKeptBytes || len(r.Kept) >= mostProblems {
		r.NotListed[rowsNotKept]++
		return
	}
	b.report.keep(KeptRow{File: b.file.Name, Line: b.row.line, Feature: b.row.feature, Severity: s, Cells: b.cells()})
}

// cells is what the row says, by the file's own columns where its reader gives
// them, else by the names of the fields.
func (b *builder) cells() Cells {
	r := b.row
	var out Cells
	if r.sent != nil {
		out = r.sent()
	} else {
		for f, text := range r.values {
			if text != "" {
				out = append(out, [2]string{b.table[f].name, text})
			}
		}
		for _, named := range []map[string]string{r.extra, r.inputs} {
			for _, name := range sortedKeys(named) {
				out = append(out, [2]string{name, named[name]})
			}
		}
	}
	if r.id != "" {
		out = slices.Insert(out, 0, [2]string{b.table[fieldID].name, r.id})
	}
	if r.drawn != nil {
		out = append(out, [2]string{b.table[fieldGeometry].name, string(data.AppendGeometry(nil, r.drawn))})
	}
	if r.geometry != nil {
		var compact bytes.Buffer
		if json.Compact(&compact, r.geometry) == nil {
			out = append(out, [2]string{b.table[fieldGeometry].name, compact.String()})
		}
	}
	return out
}

// cellsOf is what an accepted record says, by the names of the interchange.
func cellsOf(tax *data.Taxonomy, rec *data.Record) (Cells, error) {
	props, err := propertiesOf(tax, rec)
	if err != nil {
		return nil, err
	}
	out := Cells{{"id", string(rec.Hazard.ID)}}
	for _, name := range sortedKeys(props) {
		if name != "rev" {
			out = append(out, [2]string{name, propertyText(props[name])})
		}
	}
	return out, nil
}
