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

// readCSV calls each for every row that holds anything. The first line names
// the columns.
func readCSV(c *content, text io.Reader, m *mapping, file *FileReport, each func(*row) error) error {
	comma, body, err := sniffDelimiter(text)
	if err != nil {
		return err
	}
	file.Delimiter = string(comma)
	limited := &recordLimit{r: body, left: maxRecordBytes}
	rows := csv.NewReader(limited)
	rows.Comma, rows.FieldsPerRecord, rows.ReuseRecord = comma, -1, true
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty: want a first line of column names")
	}
	if err != nil {
		return fmt.Errorf("the line of column names: %w", err)
	}
	s := csvSource{content: c, mapping: m, rows: rows, limited: limited, file: file, each: each, last: 1, row: &row{}}
	for _, name := range header {
		s.header = append(s.header, strings.TrimSpace(strings.ToValidUTF8(name, "\uFFFD")))
	}
	if err := s.choose(); err != nil {
		return err
	}
	s.row.digest, s.row.sent = s.digest, s.sent
	return s.all()
}

// Prefixes of the columns that go into the indicators or the level's inputs by
// name.
const (
	indicatorPrefix = "indicators."
	inputPrefix     = "level_inputs."
)

type csvSource struct {
	content *content
	mapping *mapping
	rows    *csv.Reader
	limited *recordLimit
	file    *FileReport
	each    func(*row) error

	header []string
	column []int // by field: the column that gives it, or -1
	extras map[int]string
	cells  []string
	last   int // line of the last good row
	row    *row
}

// choose decides which column gives each field.
func (s *csvSource) choose() error {
	m := s.mapping
	s.column = make([]int, len(m.table))
	rank := make([]int, len(m.table))
	for f := range s.column {
		s.column[f] = -1
	}
	for i, name := range s.header {
		t := m.find(name)
		if m.named(name, t) {
			if s.extras == nil {
				s.extras = map[int]string{}
			}
			s.extras[i] = name
			continue
		}
		if !t.ok {
			m.leaveUnused(name)
			continue
		}
		was := s.column[t.field]
		switch {
		case was < 0 || t.rank < rank[t.field]:
			if was >= 0 {
				m.leaveUnused(s.header[was])
			}
			s.column[t.field], rank[t.field] = i, t.rank
		case t.rank == rank[t.field]:
			return &data.Invalid{Field: m.table[t.field].name, Value: s.header[was] + ", " + name,
				Want: "one column for it: rename one, or say which with --map " + m.table[t.field].name + "=COLUMN"}
		default:
			m.leaveUnused(name)
		}
	}
	for f, i := range s.column {
		if i >= 0 {
			m.chosen[field(f)] = s.header[i]
		}
	}
	if err := m.missing(s.header); err != nil {
		return err
	}
	if s.column[fieldGeometry] < 0 && (s.column[fieldLon] < 0 || s.column[fieldLat] < 0) {
		return &data.Invalid{Field: "columns", Value: strings.Join(s.header, ", "),
			Want: "columns for lon and lat, or for geometry: say which with --map lon=COLUMN and --map lat=COLUMN"}
	}
	return nil
}

func (s *csvSource) all() error {
	for {
		s.limited.left = maxRecordBytes
		cells, err := s.rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		s.row.reset(len(s.mapping.table))
		var wrong *csv.ParseError
		switch {
		case errors.As(err, &wrong) && wrong.Line > wrong.StartLine:
			// Which rows it swallowed cannot be told, so the file cannot be accounted for.
			return &data.Invalid{Field: "row", Value: fmt.Sprintf("lines %d to %d", wrong.StartLine, wrong.Line),
				Want: "quotes that are closed: " + wrong.Err.Error()}
		case errors.As(err, &wrong):
			s.row.line, s.cells = wrong.StartLine, cells
			s.row.broken = &data.Invalid{Field: "row", Value: fmt.Sprintf("line %d, column %d", wrong.Line, wrong.Column),
				Want: "a row of CSV: " + wrong.Err.Error()}
		case err != nil:
			return fmt.Errorf("after line %d: %w", s.last, err)
		default:
			s.row.line, _ = s.rows.FieldPos(0)
			s.last = s.row.line
			if blank(cells) {
				s.file.Blank++
				continue
			}
			s.fill(cells)
		}
		if err := s.each(s.row); err != nil {
			return err
		}
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func (s *csvSource) fill(cells []string) {
	r := s.row
	s.cells = cells
	if len(cells) < len(s.header) || !blank(cells[len(s.header):]) {
		r.broken = &data.Invalid{Field: "row", Value: fmt.Sprintf("%d cells", len(cells)), Want: fmt.Sprintf("%d, one for each column", len(s.header))}
		return
	}
	for _, c := range cells {
		if !s.content.clean(c) {
			r.broken = &data.Invalid{Field: "row", Value: strings.ToValidUTF8(c, "\uFFFD"), Want: "text that is readable as " + s.content.encoding}
			return
		}
	}
	for f, i := range s.column {
		if i >= 0 {
			// A cell shares the memory of its whole row: what is kept is cut out.
			r.values[f] = strings.Clone(strings.TrimSpace(cells[i]))
		}
	}
	for i, name := range s.extras {
		if v := strings.TrimSpace(cells[i]); v != "" {
			r.addNamed(name, strings.Clone(v))
		}
	}
}

func (s *csvSource) digest() [16]byte {
	id := s.column[fieldID]
	pairs := make([][2]string, 0, len(s.header))
	for i, name := range s.header {
		if i != id {
			pairs = append(pairs, [2]string{name, strings.TrimSpace(s.cells[i])})
		}
	}
	return contentDigest(pairs, nil)
}

// sent gives the row's cells by the names of their columns; a cell without a
// column of its own goes by its position.
func (s *csvSource) sent() Cells {
	var out Cells
	for i, cell := range s.cells {
		name := fmt.Sprintf("column %d", i+1)
		if i < len(s.header) && s.header[i] != "" {
			name = s.header[i]
		}
		if cell = strings.TrimSpace(strings.ToValidUTF8(cell, "\uFFFD")); cell != "" {
			out = append(out, [2]string{name, strings.Clone(cell)})
		}
	}
	return out
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
