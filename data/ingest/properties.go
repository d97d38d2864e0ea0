package ingest

import (
	"encoding/json"
	"strconv"
	"strings"

	"riskatlas/data"
)

// properties are those of a feature whose names are its own, and the row that
// they fill.
type properties struct {
	mapping *mapping
	row     *row
	rank    []int
	named   map[string]json.RawMessage
}

// fill puts the properties into the row, which was reset.
func (s *properties) fill() {
	m, r := s.mapping, s.row
	if s.rank == nil {
		s.rank = make([]int, len(m.table))
	}
	clear(s.rank)
	for name, raw := range s.named {
		t := m.find(name)
		if m.named(name, t) {
			r.addNamed(name, propertyText(raw))
			continue
		}
		if !t.ok {
			m.leaveUnused(name)
			continue
		}
		// Ranks count from 1 here, and of equal ranks the first name in order
		// counts, so that the order of a map decides nothing.
		was := s.rank[t.field]
		if was == 0 || t.rank+1 < was || t.rank+1 == was && name < m.chosen[t.field] {
			if was != 0 {
				m.leaveUnused(m.chosen[t.field])
			}
			s.rank[t.field] = t.rank + 1
			r.values[t.field] = propertyText(raw)
			m.chosen[t.field] = name
		} else {
			m.leaveUnused(name)
		}
	}
}

// propertyText is a property's value as a CSV cell would have it: strings
// unquoted, lists and objects as JSON, null as nothing.
func propertyText(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] == '"' {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			return strings.TrimSpace(text)
		}
	}
	return string(raw)
}

// digest is that of the properties and the shape as sent.
func (s *properties) digest() [16]byte {
	pairs := make([][2]string, 0, len(s.named))
	for name, raw := range s.named {
		text := propertyText(raw)
		if v, err := strconv.ParseFloat(text, 64); err == nil && raw[0] != '"' {
			text = strconv.FormatFloat(v, 'g', -1, 64)
		}
		pairs = append(pairs, [2]string{name, text})
	}
	var geometry []byte
	if s.row.shape != nil {
		geometry = data.AppendGeometry(nil, s.row.shape)
	}
	return contentDigest(pairs, geometry)
}

// sent gives the properties in the order of their names.
func (s *properties) sent() Cells {
	var out Cells
	for _, name := range sortedKeys(s.named) {
		if text := propertyText(s.named[name]); text != "" {
			out = append(out, [2]string{name, strings.ToValidUTF8(text, "\uFFFD")})
		}
	}
	return out
}
