package data

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// mostMeasures bounds how many different measures a parser remembers.
const mostMeasures = 4096

// measuresSeen is measures by their JSON.
type measuresSeen struct {
	mu   sync.RWMutex
	list map[string]*Measures
}

// Parse reads a brief but for its revision. It passes over the other members
// without reading them, as ParseDetail would read the same properties.
func (p *BriefParser) Parse(properties string) (*Brief, error) {
	var raw [3]string
	if !briefMembers(properties, &raw) {
		d, err := ParseDetail([]byte(properties))
		if err != nil {
			return nil, err
		}
		return &Brief{Enterprise: d.Enterprise, Responsible: d.Responsible, Measures: d.Measures}, nil
	}
	b := new(Brief)
	for i, to := range []*string{&b.Enterprise, &b.Responsible} {
		if raw[i] == "" {
			continue
		}
		if err := json.Unmarshal([]byte(raw[i]), to); err != nil {
			return nil, fmt.Errorf("properties: %w", err)
		}
	}
	if raw[2] != "" {
		var err error
		if b.Measures, b.Shared, err = p.seen.parse(raw[2]); err != nil {
			return nil, fmt.Errorf("properties: %w", err)
		}
	}
	return b, nil
}

// parse gives the measures, and whether they were met before.
func (s *measuresSeen) parse(raw string) (*Measures, bool, error) {
	s.mu.RLock()
	m, ok := s.list[raw]
	s.mu.RUnlock()
	if ok {
		return m, true, nil
	}
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil || len(s.list) >= mostMeasures {
		s.list = map[string]*Measures{}
	}
	s.list[strings.Clone(raw)] = m
	return m, false, nil
}

// briefMembers finds the JSON of enterprise, responsible and measures in an
// object; "" where there is none. It reports false of anything that is not
// plainly such an object, for the whole parser to read or refuse.
func briefMembers(s string, found *[3]string) bool {
	c := jsonCursor{s: s}
	if !c.take('{') {
		return false
	}
	for first := true; ; first = false {
		if c.take('}') {
			return true
		}
		if !first && !c.take(',') {
			return false
		}
		name, ok := c.text()
		if !ok || strings.IndexByte(name, '\\') >= 0 || !c.take(':') {
			return false
		}
		value, ok := c.value()
		if !ok {
			return false
		}
		for i, wanted := range briefNames {
			if len(name) != len(wanted) || !strings.EqualFold(name, wanted) {
				continue
			}
			if name != wanted || found[i] != "" { // encoding/json has rules for these
				return false
			}
			found[i] = value
		}
	}
}

var briefNames = [3]string{"enterprise", "responsible", "measures"}

// jsonCursor steps over JSON.
type jsonCursor struct {
	s  string
	at int
}

// take steps over a byte, if it is next.
func (c *jsonCursor) take(b byte) bool {
	for c.at < len(c.s) && (c.s[c.at] == ' ' || c.s[c.at] == '\n' || c.s[c.at] == '\t' || c.s[c.at] == '\r') {
		c.at++
	}
	if c.at < len(c.s) && c.s[c.at] == b {
		c.at++
		return true
	}
	return false
}

// text steps over a string and gives what is between its quotes, as written.
func (c *jsonCursor) text() (string, bool) {
	if !c.take('"') {
		return "", false
	}
	from := c.at
	for {
		n := strings.IndexByte(c.s[c.at:], '"')
		if n < 0 {
			return "", false
		}
		c.at += n + 1
		escapes := 0
		for i := c.at - 2; i >= from && c.s[i] == '\\'; i-- {
			escapes++
		}
		if escapes%2 == 0 {
			return c.s[from : c.at-1], true
		}
	}
}

// value steps over a value and gives it as written.
func (c *jsonCursor) value() (string, bool) {
	if c.take('"') {
		c.at--
		from := c.at
		_, ok := c.text()
		return c.s[from:c.at], ok
	}
	from, depth := c.at, 0
	for c.at < len(c.s) {
		switch c.s[c.at] {
		case '"':
			if _, ok := c.text(); !ok {
				return "", false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return c.s[from:c.at], c.at > from
			}
			if depth--; depth == 0 {
				c.at++
				return c.s[from:c.at], true
			}
		case ',':
			if depth == 0 {
				return c.s[from:c.at], c.at > from
			}
		}
		c.at++
	}
	return "", false
}
