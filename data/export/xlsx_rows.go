package export

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/xuri/excelize/v2"

	"riskatlas/data"
)

// spool keeps rows in a temporary file until it is known how many columns they
// need.
type spool struct {
	file    *os.File
	rows    int
	columns []column
}

func (s *spool) close() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
}

// workbookRows spools the records' rows and gives how many cells the longest text
// of each column needs.
func workbookRows(tax *data.Taxonomy, records Records, opts Options) (s *spool, parts []int, err error) {
	file, err := os.CreateTemp("", "riskatlas-*.rows")
	if err != nil {
		return nil, nil, err
	}
	table := NewTable(tax, opts.Revisions)
	s = &spool{file: file, columns: table.columns}
	defer func() {
		if err != nil {
			s.close()
			s = nil
		}
	}()
	parts = make([]int, len(table.columns))
	buffer := bufio.NewWriterSize(file, 64<<10)
	out := gob.NewEncoder(buffer)
	for r, err := range records {
		if err != nil {
			return s, nil, err
		}
		cells, err := table.HarmlessRow(r)
		if err != nil {
			return s, nil, err
		}
		for i, c := range table.columns {
			if err := carried(r.Hazard.ID, c, cells[i]); err != nil {
				return s, nil, err
			}
			parts[i] = max(parts[i], len(cut(cells[i])))
		}
		if s.rows++; s.rows >= mostRows {
			return s, nil, &data.Invalid{Field: "format", Value: "xlsx", Want: fmt.Sprintf("another format, or a filter: a sheet holds %d sources", mostRows-1)}
		}
		if err := out.Encode(cells); err != nil {
			return s, nil, err
		}
	}
	if err := buffer.Flush(); err != nil {
		return s, nil, err
	}
	_, err = file.Seek(0, io.SeekStart)
	return s, parts, err
}

// cut cuts a text that is too long for one cell.
func cut(s string) []string {
	if len(s) <= mostCell { // bytes are never fewer than UTF-16 units
		return []string{s}
	}
	var out []string
	from, n := 0, 0
	for i := range s {
		if n == cellPart {
			out, from, n = append(out, s[from:i]), i, 0
		}
		n++
	}
	return append(out, s[from:])
}

// write writes the line of names and every row.
func (s *spool) write(out *excelize.StreamWriter, parts []int) error {
	row := make([]any, 0, len(s.columns))
	for i, c := range s.columns {
		row = append(row, c.name)
		for n := 2; n <= parts[i]; n++ {
			row = append(row, fmt.Sprintf("%s#%d", c.name, n))
		}
	}
	if err := out.SetRow("A1", row); err != nil {
		return err
	}
	in := gob.NewDecoder(bufio.NewReaderSize(s.file, 64<<10))
	for line := 2; ; line++ {
		var cells []string
		if err := in.Decode(&cells); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		row = row[:0]
		for i, c := range s.columns {
			cell, err := values(c, cells[i], max(parts[i], 1))
			if err != nil {
				return err
			}
			row = append(row, cell...)
		}
		at, err := excelize.CoordinatesToCellName(1, line)
		if err != nil {
			return err
		}
		if err := out.SetRow(at, row); err != nil {
			return err
		}
	}
}

// values are the n cells of a column that hold its text; nil is an empty one.
func values(c column, s string, n int) ([]any, error) {
	out := make([]any, n)
	if s == "" {
		return out, nil
	}
	switch c.kind {
	case whole, decimal:
		v, err := number(s)
		out[0] = v
		return out, err
	case truth:
		out[0] = s == "true"
		return out, nil
	}
	for i, part := range cut(s) {
		out[i] = part
	}
	return out, nil
}
