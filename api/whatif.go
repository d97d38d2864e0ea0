package api

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"riskatlas/data"
	"riskatlas/tiles"
)

// GivenFeature is a GeoJSON feature as it was sent.
type GivenFeature json.RawMessage

// UnmarshalJSON keeps the bytes as they are.
func (f *GivenFeature) UnmarshalJSON(b []byte) error {
	*f = append((*f)[:0], b...)
	return nil
}

// Schema describes a source in the OpenAPI document.
func (GivenFeature) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Required: []string{"type", "id", "geometry", "properties"},
		Description: "A source as GeoJSON, in the form in which /api/v1/hazards/{id} gives it. Coordinates are WGS 84."}
}

// PlannedGiven says which planned sources become active.
type PlannedGiven struct {
	All bool
	IDs []data.ID
}

// UnmarshalJSON reads true, false or a list of ids.
func (p *PlannedGiven) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &p.All) == nil {
		return nil
	}
	if json.Unmarshal(b, &p.IDs) == nil {
		return nil
	}
	return &data.Invalid{Field: "planned", Value: string(bytes.TrimSpace(b)), Want: "true, or a list of ids"}
}

// Schema describes it in the OpenAPI document.
func (PlannedGiven) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "Planned sources that become active: true for all, or a list of their ids.",
		OneOf: []*huma.Schema{{Type: huma.TypeBoolean}, {Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}}}
}

// WhatIfBody is changes in thought; at least one, at most 1000 together, each
// source named once.
type WhatIfBody struct {
	Add     []GivenFeature `json:"add,omitempty" doc:"Sources that are new: their ids are those of no source that is there."`
	Change  []GivenFeature `json:"change,omitempty" doc:"Sources that take the place of those with their ids."`
	Remove  []data.ID      `json:"remove,omitempty" doc:"Ids of sources that are away."`
	Planned PlannedGiven   `json:"planned,omitempty"`
}

// WhatIfCounts is how much a what-if changes.
type WhatIfCounts struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Removed int `json:"removed"`
	Planned int `json:"planned" doc:"Planned sources that are active in it, as of data_revision."`
	Sources int `json:"sources" doc:"Active sources in it, as of data_revision."`
}

// WhatIfInfo says what a what-if is. It is held in the memory of this server
// alone: behind a balancer, questions about it must reach the same server.
type WhatIfInfo struct {
	Answer
	ID      string       `json:"id" doc:"For whatif=; it is a secret, as nobody can guess it."`
	Expires string       `json:"expires" doc:"RFC 3339: when it goes if nobody uses it until then. It may go before when there are too many; the least recently used go first."`
	Counts  WhatIfCounts `json:"counts"`
}

// ContentType is JSON's media type.
func (WhatIfInfo) ContentType(string) string { return jsonType }

// WhatIfOutput carries a WhatIfInfo.
type WhatIfOutput struct{ Body WhatIfInfo }

// WhatIfHeld is a what-if with the ids of what it changes.
type WhatIfHeld struct {
	WhatIfInfo
	Added   []data.ID `json:"added"`
	Changed []data.ID `json:"changed"`
	Removed []data.ID `json:"removed"`
	Planned []data.ID `json:"planned"`
}

// WhatIfHeldOutput carries a WhatIfHeld.
type WhatIfHeldOutput struct{ Body WhatIfHeld }

// WhatIfID names a what-if in a path.
type WhatIfID struct {
	ID string `path:"id" doc:"The what-if's id."`
}

func (s *Server) makeWhatIf(ctx context.Context, _ *struct{}, b *WhatIfBody) (*WhatIfOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	given, err := s.read(b)
	if err != nil {
		return nil, err
	}
	if err := given.there(v); err != nil {
		return nil, err
	}
	release, err := s.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	weight := int64(1 << 10)
	for _, f := range append(append([]GivenFeature{}, b.Add...), b.Change...) {
		weight += int64(len(f))
	}
	w, made, err := s.whatIfs.add(ctx, given, weight, v)
	if err != nil {
		return nil, err
	}
	return &WhatIfOutput{s.whatIfInfo(w, made)}, nil
}

func (s *Server) whatIfInfo(w *whatIf, v *tiles.View) WhatIfInfo {
	out := WhatIfInfo{Answer: s.answer(v), ID: w.id, Expires: s.whatIfs.expires(w).UTC().Format(time.RFC3339),
		Counts: WhatIfCounts{Added: len(w.given.added), Changed: len(w.given.changed), Removed: len(w.given.removed),
			Planned: len(s.activated(w.given, v))}}
	for _, n := range v.Count(data.All()) {
		out.Counts.Sources += n
	}
	return out
}

// activated lists the planned sources that are active in the view of a what-if.
func (s *Server) activated(p *supposition, v *tiles.View) []data.ID {
	out := []data.ID{}
	for _, id := range s.plannedOf(v.Base(), p, p.own()) {
		if _, ok := v.Supposed(id); ok {
			out = append(out, id)
		}
	}
	return out
}

// own is the supposition's changes but for those of planned sources.
func (p *supposition) own() (changes []data.Change) {
	for _, list := range [][]*data.Record{p.added, p.changed} {
		for _, r := range list {
			changes = append(changes, data.Change{ID: r.Hazard.ID})
		}
	}
	for _, id := range p.removed {
		changes = append(changes, data.Change{ID: id})
	}
	return changes
}

func (s *Server) heldWhatIf(_ context.Context, q *WhatIfID) (*WhatIfHeldOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	w, ok := s.whatIfs.get(q.ID)
	if !ok {
		return nil, noSuchWhatIf()
	}
	if v, err = s.whatIfs.view(w, v); err != nil {
		return nil, err
	}
	ids := func(records []*data.Record) []data.ID {
		out := []data.ID{}
		for _, r := range records {
			out = append(out, r.Hazard.ID)
		}
		return out
	}
	return &WhatIfHeldOutput{WhatIfHeld{WhatIfInfo: s.whatIfInfo(w, v), Added: ids(w.given.added), Changed: ids(w.given.changed),
		Removed: append([]data.ID{}, w.given.removed...), Planned: s.activated(w.given, v)}}, nil
}

// forgetWhatIf frees what a what-if takes before its time.
func (s *Server) forgetWhatIf(_ context.Context, q *WhatIfID) (*struct{}, error) {
	if !s.whatIfs.remove(q.ID) {
		return nil, noSuchWhatIf()
	}
	return nil, nil
}
