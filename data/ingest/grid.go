package ingest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"riskatlas/data"
	"riskatlas/data/xlsx"
)

// cells is one row of a table as its format gives it. It is the reader's own
// memory until the next row.
type cells struct {
	line   int // counted from 1, titles and the header included
	texts  []string
	faults []xlsx.Fault  // of single cells
	broken *data.Invalid // why the row cannot be read; texts is then empty
}

// headerRows is within how many rows that hold anything the names of the columns
// are looked for: titles, notes and merged headings stand above them.
const headerRows = 20

// grid reads the rows of a table that names its columns in a row of its own.
// A ragged one leaves out empty cells at the end of a row, and what stands beside
// its columns is no part of it.
func (b *builder) grid(next func() (*cells, error), ragged bool, clean func(string) bool) error {
	head, err := ahead(next)
	if err != nil {
		return err
	}
	cols, at, err := b.header(head, clean)
	if err != nil {
		return &headerError{err}
	}
	cols.ragged, cols.guarded = ragged, true
	b.file.HeaderLine = head[at].line
	// What was read ahead comes first, then the rest.
	for i := at + 1; i < len(head); i++ {
		if err := b.gridRow(cols, &head[i]); err != nil {
			return err
		}
	}
	for {
		c, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := b.gridRow(cols, c); err != nil {
			return err
		}
	}
}

// ahead reads the rows among which the header is looked for; blank ones do not
// count.
func ahead(next func() (*cells, error)) ([]cells, error) {
	var head []cells
	for filled := 0; filled < headerRows && len(head) < 10*headerRows; {
		c, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		kept := cells{line: c.line, faults: slices.Clone(c.faults), broken: c.broken}
		for _, t := range c.texts {
			kept.texts = append(kept.texts, strings.Clone(t))
		}
		if head = append(head, kept); !kept.blank() {
			filled++
		}
	}
	return head, nil
}

// headerError is the error for a table whose columns cannot be told.
type headerError struct{ err error }

func (e *headerError) Error() string { return e.err.Error() }
func (e *headerError) Unwrap() error { return e.err }

func (c *cells) blank() bool { return c.broken == nil && blank(c.texts) }

func (b *builder) gridRow(cols *columns, c *cells) error {
	r := cols.row
	r.reset(len(cols.mapping.table))
	r.line = c.line
	switch {
	case c.broken != nil:
		r.broken, cols.texts = c.broken, nil
	case c.blank():
		b.file.Blank++
		return nil
	default:
		cols.fill(c.texts, b.file.Encoding)
		cols.faults(c.faults)
	}
	return b.take(r)
}

// header finds the row that names the columns: the first, where its names say
// where a row's place is; else, below titles, the one of which most names are
// known. The error is what is wrong with the first row as a header, or with the
// best one where titles stand above it.
func (b *builder) header(head []cells, clean func(string) bool) (*columns, int, error) {
	first := slices.IndexFunc(head, func(c cells) bool { return !c.blank() })
	if first < 0 {
		return nil, 0, errors.New("the file is empty: want a first line of column names")
	}
	best, most := first, 0
	for i := first; i < len(head); i++ {
		if n := b.known(head[i].texts); n > most {
			best, most = i, n
		}
		if i == first && b.placed(head[i].texts) {
			break
		}
	}
	if most < 2 {
		best = first // no row is better known than chance: the first is taken by its word
	}
	if bad := head[best].broken; bad != nil {
		return nil, 0, fmt.Errorf("the line of column names: %w", bad)
	}
	header := head[best].texts
	for len(header) > 0 && strings.TrimSpace(header[len(header)-1]) == "" && best > first {
		header = header[:len(header)-1]
	}
	cols, err := newColumns(b.mapping, header, false, clean)
	return cols, best, err
}

// known counts the different fields that a row's texts name.
func (b *builder) known(texts []string) int {
	var fields []field
	for _, t := range texts {
		if found := b.mapping.lookUp(t); found.ok && !slices.Contains(fields, found.field) {
			fields = append(fields, found.field)
		}
	}
	return len(fields)
}

// placed reports whether a row's texts name the columns of a place.
func (b *builder) placed(texts []string) bool {
	has := map[field]bool{}
	for _, t := range texts {
		if found := b.mapping.lookUp(t); found.ok {
			has[found.field] = true
		}
	}
	return has[fieldGeometry] || has[fieldLon] && has[fieldLat]
}
