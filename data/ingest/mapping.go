package ingest

import (
	"slices"
	"strings"

	"riskatlas/data"
	"riskatlas/data/forms"
)

// mapping finds which field a column or property gives. Rank orders the columns
// that give the same field: 0 was asked for, 1 has the interchange's name, 2 and
// up are synonyms, the surest first.
type mapping struct {
	table  []fieldInfo
	names  map[string]target // folded name to field
	asked  map[string]field  // exact column name to field, from --map
	unread []field           // fields that the format gives by itself and no column may
	given  []given           // by field: what --set gives needs no column
	chosen map[field]string  // the column that gave each field
	unused map[string]bool
	cache  map[string]target
	byName map[string]bool // columns that go by their own name into indicators or inputs

	book      *forms.Book     // nil: no indicator goes by its bare name
	collected map[string]bool // columns that are or are not indicators
}

type target struct {
	field field
	rank  int
	ok    bool
}

// mostColumns bounds the different property names that a report remembers.
const mostColumns = 10_000

func newMapping(table []fieldInfo, asked map[string]string, given []given, unread ...field) (*mapping, error) {
	m := &mapping{table: table, names: map[string]target{}, asked: map[string]field{}, unread: unread, given: given,
		chosen: map[field]string{}, unused: map[string]bool{}, cache: map[string]target{}, byName: map[string]bool{}}
	for i, f := range table {
		m.names[fold(f.name)] = target{field(i), 1, true}
	}
	for i, f := range table {
		for rank, word := range f.words {
			if _, taken := m.names[fold(word)]; !taken {
				m.names[fold(word)] = target{field(i), 2 + rank, true}
			}
		}
	}
	for name, column := range asked {
		f, err := fieldNamed(table, "--map", name)
		if err != nil {
			return nil, err
		}
		if other, twice := m.asked[column]; twice {
			return nil, &data.Invalid{Field: "--map", Value: table[other].name + "=" + column + ", " + name + "=" + column,
				Want: "a column for one field only"}
		}
		m.asked[column] = f
	}
	return m, nil
}

// fieldNamed finds a field by its interchange name.
func fieldNamed(table []fieldInfo, option, name string) (field, error) {
	allowed := make([]string, len(table))
	for i, f := range table {
		if f.name == name {
			return field(i), nil
		}
		allowed[i] = f.name
	}
	return 0, &data.Invalid{Field: option, Value: name, Want: "one of the fields", Allowed: allowed}
}

// find gives the field of a column.
func (m *mapping) find(column string) target {
	if t, ok := m.cache[column]; ok {
		return t
	}
	t := m.lookUp(column)
	if len(m.cache) < mostColumns {
		m.cache[column] = t
	}
	return t
}

func (m *mapping) lookUp(column string) target {
	trimmed := strings.TrimSpace(column)
	if f, ok := m.asked[trimmed]; ok {
		return target{f, 0, true}
	}
	t, ok := m.names[fold(column)]
	if !ok || m.given[t.field].fixed || slices.Contains(m.unread, t.field) || m.isAsked(t.field) {
		return target{}
	}
	return t
}

// named reports whether a column goes by its name into the indicators or, where
// no field t has it, into the level's inputs.
func (m *mapping) named(column string, t target) bool {
	is := strings.HasPrefix(column, indicatorPrefix) || !t.ok && (strings.HasPrefix(column, inputPrefix) || m.collects(column))
	if is && !m.byName[column] && len(m.byName) < mostColumns {
		m.byName[column] = true
	}
	return is
}

// collects reports whether the column has the name of an indicator that forms
// ask for.
func (m *mapping) collects(column string) bool {
	if m.book == nil {
		return false
	}
	is, known := m.collected[column]
	if !known {
		is = m.book.Names(column)
		if len(m.collected) < mostColumns {
			m.collected[column] = is
		}
	}
	return is
}

// ask takes the names that forms have for the fields, where no field has them,
// and those of indicators.
func (m *mapping) ask(book *forms.Book) {
	m.book, m.collected = book, map[string]bool{}
	book.Heads(func(head, key string) {
		if f, err := fieldNamed(m.table, "", key); err == nil {
			if _, taken := m.names[fold(head)]; !taken {
				m.names[fold(head)] = target{f, formRank, true}
			}
		}
	})
}

// formRank is that of a form's name for a field: behind every synonym.
const formRank = 1000

// isAsked reports whether --map names a column for the field, so that synonyms
// do not count.
func (m *mapping) isAsked(f field) bool {
	for _, g := range m.asked {
		if f == g {
			return true
		}
	}
	return false
}

// leaveUnused remembers a column that gave nothing.
func (m *mapping) leaveUnused(column string) {
	if len(m.unused) < mostColumns {
		if _, quiet := quietNames[column]; !quiet {
			m.unused[column] = true
		}
	}
}

// describe writes into the report which column gave which field.
func (m *mapping) describe(r *FileReport) {
	r.Columns = map[string]string{}
	for f, column := range m.chosen {
		r.Columns[m.table[f].name] = column
		delete(m.unused, column)
	}
	r.Unused = sortedKeys(m.unused)
}

// missing is the error for a --map whose column the file does not have.
func (m *mapping) missing(columns []string) error {
	for _, column := range sortedKeys(m.asked) {
		f := m.asked[column]
		if m.chosen[f] != column {
			return &data.Invalid{Field: "--map " + m.table[f].name, Value: column, Want: "a column of the file", Allowed: columns}
		}
	}
	return nil
}

// cutNames is how many bytes of a name a Shapefile's table keeps.
const cutNames = 10

// cutRank is the rank of names that were cut: behind every whole one.
const cutRank = 1000

// allowCut lets columns be found whose names were cut to ten bytes of the
// encoding, where only one field has a name that begins so. Names that --map
// gives whole are those of cut columns too.
func (m *mapping) allowCut(encoding string) {
	cut := map[string]target{}
	allow := func(f field, name string, rank int) {
		short, ok := cutName(name, encoding)
		if !ok {
			return
		}
		short = fold(short)
		if was, taken := cut[short]; taken && was.field != f {
			cut[short] = target{}
		} else if !taken {
			cut[short] = target{f, rank, true}
		}
	}
	for i, f := range m.table {
		allow(field(i), f.name, cutRank)
		for rank, word := range f.words {
			allow(field(i), word, cutRank+1+rank)
		}
	}
	for short, t := range cut {
		if _, taken := m.names[short]; t.ok && !taken {
			m.names[short] = t
		}
	}
	for _, column := range sortedKeys(m.asked) {
		if short, ok := cutName(column, encoding); ok {
			m.asked[short] = m.asked[column]
			delete(m.asked, column)
		}
	}
}

// cutName gives what a Shapefile's table keeps of a name; ok is false where that
// is all of it.
func cutName(name, encoding string) (short string, ok bool) {
	raw, e := []byte(name), decoder(encoding)
	if e != nil {
		var err error
		if raw, err = e.NewEncoder().Bytes(raw); err != nil {
			return "", false
		}
	}
	if len(raw) <= cutNames {
		return "", false
	}
	raw = raw[:cutNames]
	if e != nil {
		raw, _ = e.NewDecoder().Bytes(raw)
	}
	return strings.TrimRight(strings.ToValidUTF8(string(raw), "\uFFFD"), "\uFFFD"), true
}
