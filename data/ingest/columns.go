package ingest

import (
	"fmt"
	"slices"
	"strings"

	"riskatlas/data"
)

// Prefixes of the columns that go into the indicators or the level's inputs by
// name.
const (
	indicatorPrefix = "indicators."
	inputPrefix     = "level_inputs."
)

// columns are those of a table, and the fields that they give.
type columns struct {
	mapping *mapping
	header  []string
	column  []int // by field: the column that gives it, or -1
	extras  map[int]string
	rest    []continuation // of texts that are longer than a cell may be
	guarded bool           // texts may have the apostrophe that exports put before formulas
	ragged  bool           // rows may be shorter or longer than the header
	passing int            // a column that says nothing of the row, such as its number; -1: none
	clean   func(string) bool
	row     *row
	texts   []string // of the row that was filled last
}

// newColumns decides which column gives each field. shaped says that rows have
// shapes beside their columns.
func newColumns(m *mapping, header []string, shaped bool, clean func(string) bool) (*columns, error) {
	c := &columns{mapping: m, column: make([]int, len(m.table)), passing: -1, clean: clean, row: &row{}}
	for _, name := range header {
		c.header = append(c.header, strings.TrimSpace(strings.ToValidUTF8(name, "\uFFFD")))
	}
	if err := c.choose(); err != nil {
		return nil, err
	}
	if err := m.missing(c.header); err != nil {
		return nil, err
	}
	if !shaped && c.column[fieldGeometry] < 0 && (c.column[fieldLon] < 0 || c.column[fieldLat] < 0) {
		return nil, &data.Invalid{Field: "columns", Value: strings.Join(c.header, ", "),
			Want: "columns for lon and lat, or for geometry: say which with --map lon=COLUMN and --map lat=COLUMN"}
	}
	c.row.digest, c.row.sent = c.digest, c.sent
	return c, nil
}

func (c *columns) choose() error {
	m := c.mapping
	rank := make([]int, len(m.table))
	for f := range c.column {
		c.column[f] = -1
	}
	c.rest = continuations(c.header)
	for i, name := range c.header {
		if slices.ContainsFunc(c.rest, func(r continuation) bool { return r.from == i }) {
			continue
		}
		t := m.find(name)
		if m.named(name, t) {
			if c.extras == nil {
				c.extras = map[int]string{}
			}
			c.extras[i] = name
			continue
		}
		if !t.ok {
			m.leaveUnused(name)
			continue
		}
		was := c.column[t.field]
		switch {
		case was < 0 || t.rank < rank[t.field]:
			if was >= 0 {
				m.leaveUnused(c.header[was])
			}
			c.column[t.field], rank[t.field] = i, t.rank
		case t.rank == rank[t.field]:
			return &data.Invalid{Field: m.table[t.field].name, Value: c.header[was] + ", " + name,
				Want: "one column for it: rename one, or say which with --map " + m.table[t.field].name + "=COLUMN"}
		default:
			m.leaveUnused(name)
		}
	}
	for f, i := range c.column {
		if i >= 0 {
			m.chosen[field(f)] = c.header[i]
		}
	}
	return nil
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// fill puts a row's cells into the row, which was reset. encoding is named where
// a text is not of it.
func (c *columns) fill(texts []string, encoding string) {
	r := c.row
	if c.ragged {
		for len(texts) < len(c.header) {
			texts = append(texts, "")
		}
		texts = texts[:len(c.header)]
	}
	c.texts = texts
	if len(texts) < len(c.header) || !blank(texts[len(c.header):]) {
		r.broken = &data.Invalid{Field: "row", Value: fmt.Sprintf("%d cells", len(texts)), Want: fmt.Sprintf("%d, one for each column", len(c.header))}
		return
	}
	for _, t := range texts {
		if !c.clean(t) {
			r.broken = &data.Invalid{Field: "row", Value: strings.ToValidUTF8(t, "\uFFFD"), Want: "text that is readable as " + encoding}
			return
		}
	}
	for _, r := range c.rest {
		texts[r.to] += texts[r.from]
	}
	for f, i := range c.column {
		if i >= 0 {
			// A cell shares the memory of its whole row: what is kept is cut out.
			r.values[f] = strings.Clone(c.text(texts[i]))
		}
	}
	for i, name := range c.extras {
		if v := c.text(texts[i]); v != "" {
			r.addNamed(name, strings.Clone(v))
		}
	}
}

// text is what a cell says.
func (c *columns) text(cell string) string {
	if cell = strings.TrimSpace(cell); c.guarded {
		return data.Unguarded(cell)
	}
	return cell
}

func (c *columns) digest() [16]byte {
	id := c.column[fieldID]
	pairs := make([][2]string, 0, len(c.header))
	for i, name := range c.header {
		if i != id && i != c.passing {
			pairs = append(pairs, [2]string{name, strings.TrimSpace(c.texts[i])})
		}
	}
	var geometry []byte
	if c.row.drawn != nil {
		geometry = data.AppendGeometry(nil, c.row.drawn)
	}
	return contentDigest(pairs, geometry)
}

// sent gives the row's cells by the names of their columns; a cell without a
// column of its own goes by its position.
func (c *columns) sent() Cells {
	var out Cells
	for i, text := range c.texts {
		if i == c.passing {
			continue
		}
		name := fmt.Sprintf("column %d", i+1)
		if i < len(c.header) && c.header[i] != "" {
			name = c.header[i]
		}
		if text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")); text != "" {
			out = append(out, [2]string{name, strings.Clone(text)})
		}
	}
	return out
}
