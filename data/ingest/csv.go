package ingest

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"riskatlas/data"
)

// csv reads a CSV file: its first line names the columns, or one of the next
// where titles stand above it.
func (b *builder) csv(c *content) error {
	if err := b.begin(csvFormat, "", c.encoding); err != nil {
		return err
	}
	if err := b.settle(nil); err != nil {
		return err
	}
	text, err := c.text(b.progress)
	if err != nil {
		return err
	}
	comma, body, err := sniffDelimiter(text)
	if err != nil {
		return err
	}
	b.file.Delimiter = string(comma)
	s := &csvSource{limited: &recordLimit{r: body, left: maxRecordBytes}}
	s.rows = csv.NewReader(s.limited)
	s.rows.Comma, s.rows.FieldsPerRecord, s.rows.ReuseRecord = comma, -1, true
	if err := b.grid(s.next, false, c.clean); err != nil {
		return err
	}
	return b.end()
}

type csvSource struct {
	rows    *csv.Reader
	limited *recordLimit
	last    int // line of the last good row
	cells   cells
}

// next gives the next row, io.EOF after the last. A row that cannot be read is
// broken; an error is for a file whose rows cannot be told apart.
func (s *csvSource) next() (*cells, error) {
	s.limited.left = maxRecordBytes
	texts, err := s.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	s.cells = cells{}
	var wrong *csv.ParseError
	switch {
	case errors.As(err, &wrong) && wrong.Line > wrong.StartLine:
		// Which rows it swallowed cannot be told, so the file cannot be accounted for.
		return nil, &data.Invalid{Field: "row", Value: fmt.Sprintf("lines %d to %d", wrong.StartLine, wrong.Line),
			Want: "quotes that are closed: " + wrong.Err.Error()}
	case errors.As(err, &wrong):
		s.cells.line = wrong.StartLine
		s.cells.broken = &data.Invalid{Field: "row", Value: fmt.Sprintf("line %d, column %d", wrong.Line, wrong.Column),
			Want: "a row of CSV: " + wrong.Err.Error()}
	case err != nil:
		return nil, fmt.Errorf("after line %d: %w", s.last, err)
	default:
		s.cells.line, _ = s.rows.FieldPos(0)
		s.last, s.cells.texts = s.cells.line, texts
	}
	return &s.cells, nil
}

// sniffDelimiter finds the delimiter in the line of column names (the most
// frequent of comma, semicolon and tab outside quotes; Excel's sep= line says it
// outright) and gives the text that begins with that line.
func sniffDelimiter(text io.Reader) (rune, io.Reader, error) {
	b := bufio.NewReaderSize(text, 64<<10)
	head, err := b.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return 0, nil, err
	}
	line, _, _ := strings.Cut(strings.TrimLeft(string(head), "\r\n"), "\n")
	line = strings.TrimRight(line, "\r")
	if rest, ok := strings.CutPrefix(line, "sep="); ok && len(rest) == 1 && strings.Contains(",;\t", rest) {
		_, err := b.ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return rune(rest[0]), b, err
	}
	count := map[rune]int{}
	quoted := false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case !quoted:
			count[c]++
		}
	}
	best := ','
	for _, c := range ";\t" {
		if count[c] > count[best] {
			best = c
		}
	}
	return best, b, nil
}

// recordLimit fails when one record takes more bytes than are left, so that a
// quote that never ends does not swallow the file.
type recordLimit struct {
	r    io.Reader
	left int
}

func (l *recordLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, &data.Invalid{Field: "row", Value: fmt.Sprintf("over %d bytes", maxRecordBytes),
			Want: "a row of at most that size; a quote that is not closed joins rows"}
	}
	n, err := l.r.Read(p[:min(len(p), 32<<10)])
	l.left -= n
	return n, err
}
