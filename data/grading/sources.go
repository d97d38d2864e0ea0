package grading

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Sourced is where a table of the rules comes from.
type Sourced struct{ Table, Source string }

// Sources lists where the tables come from, by file and place in it; a copy.
func (r *Rules) Sources() []Sourced { return slices.Clone(r.sources) }

// note gathers what a file says of its sources: every member that is named source
// or ends so, each text once.
func (r *Rules) note(file string, raw []byte) error {
	var v any
	if err := json.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), &v); err != nil {
		return err
	}
	seen := map[string]bool{}
	var walk func(where string, v any)
	walk = func(where string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				member := v[name]
				text, isText := member.(string)
				if head, ok := strings.CutSuffix(name, "source"); ok && isText && text != "" {
					if head = strings.TrimSuffix(head, "_"); head != "" {
						head = "." + head
					}
					if !seen[text] {
						seen[text] = true
						r.sources = append(r.sources, Sourced{where + head, text})
					}
					continue
				}
				walk(where+"."+name, member)
			}
		case []any:
			for _, e := range v {
				walk(where+label(e), e)
			}
		}
	}
	walk(strings.TrimSuffix(file, ".json"), v)
	slices.SortFunc(r.sources, func(a, b Sourced) int { return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Source, b.Source)) })
	return nil
}

// label names an entry of a list.
func label(v any) string {
	m, _ := v.(map[string]any)
	for _, name := range []string{"id", "name"} {
		if s, ok := m[name].(string); ok {
			return "." + s
		}
	}
	return ""
}
