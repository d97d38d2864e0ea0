package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"riskatlas/data"
	"riskatlas/data/city"
)

// HistoryQuery asks for the history of a source.
type HistoryQuery struct {
	ID     string `path:"id" doc:"The source's id." example:"HZ-I04-000123"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Most revisions in the answer."`
	Before int    `query:"before" minimum:"1" doc:"Only revisions before this one: the next page."`
}

// HistoryVersion is what one revision did to a source.
type HistoryVersion struct {
	Revision uint64        `json:"revision"`
	At       string        `json:"at" doc:"RFC 3339, as the city's clocks showed it."`
	Op       string        `json:"op" enum:"created,changed,removed,restored" doc:"restored: it had been removed before."`
	Who      string        `json:"who,omitempty" doc:"In the internal view alone, to a token of role reader or more or, where the server has no tokens, to its own machine."`
	Why      string        `json:"why,omitempty" doc:"In the internal view alone."`
	Changes  []FieldChange `json:"changes" doc:"What differs from the version before, in the order of the names."`
}

// FieldChange is one field before and after.
type FieldChange struct {
	Field  string          `json:"field" doc:"Where it is in the source's GeoJSON, as a JSON pointer (RFC 6901)." example:"/properties/level"`
	Before json.RawMessage `json:"before,omitempty" doc:"None where it was not there."`
	After  json.RawMessage `json:"after,omitempty" doc:"None where it is not there any more."`
}

// History is the history of a source.
type History struct {
	Answer
	ID       string           `json:"id"`
	Versions []HistoryVersion `json:"versions" doc:"The newest first."`
	Next     uint64           `json:"next,omitempty" doc:"For before=, where there are older revisions."`
}

// HistoryOutput carries a History.
type HistoryOutput struct {
	Vary string `header:"Vary"`
	Body History
}

func (s *Server) history(ctx context.Context, q *HistoryQuery) (*HistoryOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	id := data.ID(q.ID)
	if err := id.Validate(); err != nil {
		return nil, err
	}
	if !s.opts.City.Remembers() {
		return nil, notFound("this server's store keeps no history")
	}
	versions, err := s.opts.City.Of(ctx, id)
	if err != nil {
		return nil, err
	}
	// The same words whether it never was or may not be seen.
	if len(versions) == 0 {
		return nil, notFound("there is and was no source with this id")
	}
	out := History{Answer: s.answer(v), ID: q.ID, Versions: []HistoryVersion{}}
	names := s.seesNames(ctx)
	for i := range versions {
		if q.Before > 0 && versions[i].Revision >= data.Revision(q.Before) {
			continue
		}
		if len(out.Versions) == q.Limit {
			out.Next = out.Versions[q.Limit-1].Revision
			break
		}
		told, err := s.version(versions, i)
		if err != nil {
			return nil, err
		}
		if !names {
			told.Who = ""
		}
		out.Versions = append(out.Versions, told)
	}
	return &HistoryOutput{"Authorization", out}, nil
}

// seesNames reports whether who asks may see who changed what.
func (s *Server) seesNames(ctx context.Context) bool {
	return s.opts.City.View() == city.InternalView && s.nameVisible(ctx)
}

// version says what the i-th of versions, the newest first, did.
func (s *Server) version(versions []data.Version, i int) (HistoryVersion, error) {
	v := versions[i]
	var before *data.Record
	if i+1 < len(versions) {
		before = versions[i+1].Record
	}
	out := HistoryVersion{Revision: uint64(v.Revision), At: s.local(v.At), Who: v.Note.Who, Why: v.Note.Why, Changes: []FieldChange{}}
	switch {
	case v.Record == nil:
		out.Op = "removed"
	case i+1 == len(versions):
		out.Op = "created"
	case before == nil:
		out.Op = "restored"
	default:
		out.Op = "changed"
	}
	var err error
	out.Changes, err = s.differences(before, v.Record)
	return out, err
}

// differences lists the fields in which two records differ, but for their
// revisions; nil is no record.
func (s *Server) differences(before, after *data.Record) ([]FieldChange, error) {
	from, err := s.fieldsOf(before)
	if err != nil {
		return nil, err
	}
	to, err := s.fieldsOf(after)
	if err != nil {
		return nil, err
	}
	d := differ{out: []FieldChange{}}
	d.objects("", from, to)
	return d.out, d.err
}

// fieldsOf is a record as the members of its feature; none of no record.
func (s *Server) fieldsOf(r *data.Record) (map[string]any, error) {
	if r == nil {
		return map[string]any{"properties": map[string]any{}}, nil
	}
	h := *r.Hazard
	h.Rev = 0
	raw, err := s.opts.City.Profile().Taxonomy.AppendFeature(nil, &data.Record{Hazard: &h, Detail: r.Detail})
	if err != nil {
		return nil, err
	}
	var out map[string]any
	numbers := json.NewDecoder(bytes.NewReader(raw))
	numbers.UseNumber()
	if err := numbers.Decode(&out); err != nil {
		return nil, fmt.Errorf("record %s: %w", h.ID, err)
	}
	delete(out, "type")
	delete(out, "id")
	return out, nil
}

// differ collects the differences between two JSON values.
type differ struct {
	out []FieldChange
	err error
}

func (d *differ) objects(at string, from, to map[string]any) {
	all := maps.Clone(from)
	maps.Copy(all, to)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		before, was := from[name]
		after, is := to[name]
		d.values(at+"/"+pointerEscapes.Replace(name), before, after, was, is)
	}
}

// pointerEscapes are RFC 6901's, section 3.
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func (d *differ) values(at string, before, after any, was, is bool) {
	if was && is {
		switch from := before.(type) {
		case map[string]any:
			// A geometry or footprint of another kind is another one, not one of
			// which a member has changed.
			if to, ok := after.(map[string]any); ok && alike(from, to) {
				d.objects(at, from, to)
				return
			}
		case []any:
			if to, ok := after.([]any); ok && len(to) == len(from) && !strings.HasSuffix(at, "/coordinates") {
				for i := range from {
					d.values(at+"/"+strconv.Itoa(i), from[i], to[i], true, true)
				}
				return
			}
		}
	}
	c := FieldChange{Field: at, Before: d.raw(before, was), After: d.raw(after, is)}
	if !bytes.Equal(c.Before, c.After) {
		d.out = append(d.out, c)
	}
}

// alike reports whether two objects are of one type or kind, where they say one.
func alike(a, b map[string]any) bool { return a["type"] == b["type"] && a["kind"] == b["kind"] }

func (d *differ) raw(v any, there bool) json.RawMessage {
	if !there {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		d.err = err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
