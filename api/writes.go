package api

import (
	"context"
	"fmt"
	"net/http"

	"riskatlas/data"
	"riskatlas/data/ingest"
	"riskatlas/tiles"
)

// writes are the routes that change the city's sources.
func (s *Server) writes(r *router) {
	feature := []media{{jsonType, typeOf[GivenFeature]()}, {geoJSONType, typeOf[GivenFeature]()}}
	patch := []media{{mergePatchType, typeOf[GivenPatch]()}}
	written(r, http.MethodPost, "/api/v1/hazards", "hazard-create", "Store a new source", Editor, s.createHazard, 0, feature...)
	written(r, http.MethodPut, "/api/v1/hazards/{id}", "hazard-replace", "Store a source whole, or bring one back", Editor, s.replaceHazard, 0, feature...)
	written(r, http.MethodPatch, "/api/v1/hazards/{id}", "hazard-change", "Change members of a source (RFC 7396)", Editor, s.changeHazard, 0, patch...)
	written(r, http.MethodDelete, "/api/v1/hazards/{id}", "hazard-remove", "Take a source out of the present", Editor, s.removeHazard, 0)
	for _, op := range []struct {
		method, path string
		example      any
	}{
		{http.MethodPost, "/api/v1/hazards", exampleFeature()},
		{http.MethodPut, "/api/v1/hazards/{id}", exampleFeature()},
		{http.MethodPatch, "/api/v1/hazards/{id}", map[string]any{"properties": map[string]any{"level": 3, "override_reason": "隐患未整改"}}},
	} {
		r.describeWritten(op.method, op.path, op.example)
	}
}

// checkConditions refuses a write whose conditions do not hold of the record as it
// is now.
func (s *Server) checkConditions(v *tiles.View, c *conditions, id data.ID, was *data.Record) error {
	have := data.Revision(0)
	if was != nil {
		have = was.Hazard.Rev
	}
	switch {
	case c.hold(have):
		return nil
	case was == nil:
		return conflict(v, http.StatusPreconditionFailed, nil, "there is no source "+string(id)+": it was removed, or never was; If-None-Match: * makes it new")
	case c.none:
		return conflict(v, http.StatusPreconditionFailed, was, "there is a source "+string(id)+" already: current has it")
	}
	return conflict(v, http.StatusPreconditionFailed, was, "the source "+string(id)+" was changed by another since it was read: current has it as it is now")
}

// overtaken is the problem of a write that another came before, after its
// conditions were looked at.
func (s *Server) overtaken(ctx context.Context, v *tiles.View, c *conditions, id data.ID) error {
	now, err := s.recordOf(ctx, id)
	if err != nil {
		return err
	}
	if now == nil && c.none { // it is there, and not for this view
		return conflict(v, http.StatusPreconditionFailed, nil, "this id cannot be given: want another one")
	}
	return conflict(v, http.StatusPreconditionFailed, now, "the source "+string(id)+" was changed by another meanwhile")
}

// again answers a write that was done before.
func (s *Server) again(ctx context.Context, v *tiles.View) func(data.Batch) (*WriteOutput, error) {
	return func(b data.Batch) (*WriteOutput, error) {
		if len(b.Changes) != 1 {
			return nil, fmt.Errorf("revision %d has %d changes", b.Revision, len(b.Changes))
		}
		change := b.Changes[0]
		e := edit{change: change}
		out := outcome{revision: b.Revision, records: []*data.Record{change.New}, pending: s.published(ctx, b.Revision)}
		if change.New == nil {
			// Not for this view: nothing is said of it.
			e.vetted.Record, e.vetted.Named = &data.Record{Hazard: &data.Hazard{Class: data.Class{Level: data.Low}}}, false
			return s.answerWritten(v, out, &e, change.If == 0)
		}
		raw, err := patched(v.City.Taxonomy, change.New, []byte("{}"))
		if err != nil {
			return nil, err
		}
		var vetted ingest.Vetted
		if vetted, _, err = s.vetter.Vet(ctx, raw, places(v)); err != nil {
			return nil, err
		}
		e.vetted = vetted
		if vetted.Record == nil { // rules have changed since
			e.vetted.Record = change.New
		}
		return s.answerWritten(v, out, &e, change.If == 0)
	}
}
