package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"riskatlas/data"
	"riskatlas/tiles"
)

// CreateQuery asks for a new source.
type CreateQuery struct {
	KeyQuery
	DryRunQuery
}

// DryRunQuery asks what a write would come to.
type DryRunQuery struct {
	DryRun bool `query:"dry_run" doc:"Only say what would be refused and warned of; nothing is stored."`
}

// ReplaceQuery names the source that a write is of, and the state in which it was
// read.
type ReplaceQuery struct {
	ID string `path:"id" doc:"The source's id; it never changes." example:"HZ-I04-000123"`
	KeyQuery
	IfMatch     string `header:"If-Match" doc:"The ETag of the source as it was read, or * for any."`
	IfNoneMatch string `header:"If-None-Match" doc:"* for a source that is new."`
	DryRunQuery
}

// ChangeQuery names the source that a change is of, likewise.
type ChangeQuery struct {
	ID string `path:"id" doc:"The source's id; it never changes." example:"HZ-I04-000123"`
	KeyQuery
	IfMatch string `header:"If-Match" doc:"The ETag of the source as it was read, or * for any."`
	DryRunQuery
}

// createHazard stores a new source, under the id that it names or the next free
// one.
func (s *Server) createHazard(ctx context.Context, q *CreateQuery) (*WriteOutput, error) {
	raw, err := readAll(exchangeOf(ctx).r)
	if err != nil {
		return nil, err
	}
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	return once(ctx, s, &q.KeyQuery, raw, s.again(ctx, v), func(note data.Note) (*WriteOutput, error) {
		id, raw, err := s.withID(ctx, v, raw, q.DryRun)
		if err != nil {
			return nil, err
		}
		vetted, refused, err := s.vetter.Vet(ctx, raw, places(v))
		switch {
		case err != nil:
			return nil, err
		case q.DryRun:
			return s.answerDry(v, vetted, refused)
		case len(refused) > 0:
			return nil, refusal(refused)
		}
		e := edit{change: data.Change{ID: id, New: vetted.Record}, vetted: vetted}
		out, err := s.apply(ctx, v, note, []edit{e})
		if errors.Is(err, data.ErrConflict) {
			now, readErr := s.recordOf(ctx, id)
			if readErr != nil {
				return nil, readErr
			}
			return nil, conflict(v, http.StatusConflict, now, fmt.Sprintf("id: %q: want an id that no source has, or none", shorten(string(id))))
		}
		if err != nil {
			return nil, err
		}
		return s.answerWritten(v, out, &e, true)
	})
}

// withID gives a feature that has an id: its own, or the next free one.
func (s *Server) withID(ctx context.Context, v *tiles.View, raw []byte, dry bool) (data.ID, []byte, error) {
	var f map[string]json.RawMessage
	if _, err := decodeNumbers(raw); err != nil {
		return "", nil, err
	}
	if err := json.Unmarshal(raw, &f); err != nil || f == nil {
		return "", nil, badValue("body", shorten(string(raw)), "a GeoJSON Feature")
	}
	if id := f["id"]; len(id) > 0 && string(id) != "null" {
		var text string
		if json.Unmarshal(id, &text) != nil {
			text = string(id)
		}
		return data.ID(text), raw, nil
	}
	var properties struct {
		Industry string `json:"industry"`
	}
	_ = json.Unmarshal(f["properties"], &properties) // what is wrong with it the vetter says
	id := data.ID("HZ-new")
	if in, err := v.City.Taxonomy.Industry(properties.Industry); err == nil && !dry {
		if id, err = s.newIDs.next(ctx, v, in, s.opts.City.Free); err != nil {
			return "", nil, err
		}
	}
	f["id"], _ = json.Marshal(id)
	raw, err := json.Marshal(f)
	return id, raw, err
}

// replaceHazard stores a source whole, in the place of one or as a new one.
func (s *Server) replaceHazard(ctx context.Context, q *ReplaceQuery) (*WriteOutput, error) {
	x := exchangeOf(ctx)
	raw, err := readAll(x.r)
	if err != nil {
		return nil, err
	}
	c, err := readConditions(x.r)
	if err != nil {
		return nil, err
	}
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	id := data.ID(q.ID)
	return once(ctx, s, &q.KeyQuery, raw, s.again(ctx, v), func(note data.Note) (*WriteOutput, error) {
		was, err := s.recordOf(ctx, id)
		if err != nil {
			return nil, err
		}
		if !q.DryRun {
			if err := c.needed("If-Match with the ETag of the source as it was read, or If-None-Match: * for one that is new"); err != nil {
				return nil, err
			}
			if err := s.checkConditions(v, &c, id, was); err != nil {
				return nil, err
			}
		}
		if raw, err = withOwnID(raw, id); err != nil {
			return nil, err
		}
		return s.put(ctx, v, note, &c, id, was, raw, q.DryRun)
	})
}

// withOwnID gives a feature the id of its path; one that it names itself must be it.
func withOwnID(raw []byte, id data.ID) ([]byte, error) {
	var f map[string]json.RawMessage
	if _, err := decodeNumbers(raw); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &f); err != nil || f == nil {
		return nil, badValue("body", shorten(string(raw)), "a GeoJSON Feature")
	}
	own, err := json.Marshal(id)
	if err != nil {
		return nil, err
	}
	if given := f["id"]; len(given) > 0 {
		var text string
		if json.Unmarshal(given, &text) != nil || data.ID(text) != id {
			return nil, badValue("id", string(given), "the id of the path, "+string(id)+", or none: ids never change")
		}
	}
	f["id"] = own
	return json.Marshal(f)
}

// put vets a feature and stores it in the place of was.
func (s *Server) put(ctx context.Context, v *tiles.View, note data.Note, c *conditions, id data.ID, was *data.Record, raw []byte, dry bool) (*WriteOutput, error) {
	vetted, refused, err := s.vetter.Vet(ctx, raw, places(v))
	switch {
	case err != nil:
		return nil, err
	case dry:
		return s.answerDry(v, vetted, refused)
	case len(refused) > 0:
		return nil, refusal(refused)
	}
	e := edit{change: data.Change{ID: id, New: vetted.Record}, vetted: vetted}
	if was != nil {
		e.change.If, e.was = was.Hazard.Rev, was.Hazard.Rev
		if e.change.New, err = unstated(v, was, vetted.Record); err != nil {
			return nil, err
		}
	}
	out, err := s.apply(ctx, v, note, []edit{e})
	if errors.Is(err, data.ErrConflict) {
		return nil, s.overtaken(ctx, v, c, id)
	}
	if err != nil {
		return nil, err
	}
	return s.answerWritten(v, out, &e, was == nil)
}

// unstated gives a record without the district that was only shown to whoever
// changed it: what the place decides, it goes on deciding.
func unstated(v *tiles.View, was, now *data.Record) (*data.Record, error) {
	if was.Hazard.Stated != 0 || now.Hazard.Stated == 0 || now.Hazard.Stated != was.Hazard.Districts[v.City.Taxonomy.Default] {
		return now, nil
	}
	h := *now.Hazard
	h.Stated = 0
	sealed, err := h.Seal()
	if err != nil {
		return nil, err
	}
	return &data.Record{Hazard: sealed, Detail: now.Detail}, nil
}

// changeHazard applies a merge patch to a source.
func (s *Server) changeHazard(ctx context.Context, q *ChangeQuery) (*WriteOutput, error) {
	x := exchangeOf(ctx)
	patch, err := readAll(x.r)
	if err != nil {
		return nil, err
	}
	c, err := readConditions(x.r)
	if err != nil {
		return nil, err
	}
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	id := data.ID(q.ID)
	return once(ctx, s, &q.KeyQuery, patch, s.again(ctx, v), func(note data.Note) (*WriteOutput, error) {
		was, err := s.existing(ctx, v, &c, id, q.DryRun)
		if err != nil {
			return nil, err
		}
		raw, err := patched(v.City.Taxonomy, was, patch)
		if err != nil {
			return nil, err
		}
		return s.put(ctx, v, note, &c, id, was, raw, q.DryRun)
	})
}

// existing reads the source that a change is of, and checks the conditions.
func (s *Server) existing(ctx context.Context, v *tiles.View, c *conditions, id data.ID, dry bool) (*data.Record, error) {
	was, err := s.recordOf(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case was == nil:
		return nil, notFound("there is no source with this id")
	case dry:
		return was, nil
	}
	if err := c.needed("If-Match with the ETag of the source as it was read"); err != nil {
		return nil, err
	}
	return was, s.checkConditions(v, c, id, was)
}

// patched gives the feature of a record after a merge patch. What the city adds on
// showing it is not part of it.
func patched(tax *data.Taxonomy, was *data.Record, patch []byte) ([]byte, error) {
	h := *was.Hazard
	h.Districts = [data.MaxVintages]data.District{}
	if isDefaultName(tax, &h) {
		h.Name = ""
	}
	feature, err := tax.AppendFeature(nil, &data.Record{Hazard: &h, Detail: was.Detail})
	if err != nil {
		return nil, err
	}
	raw, err := mergePatch(feature, patch)
	if err != nil {
		return nil, err
	}
	return withOwnID(raw, h.ID)
}
