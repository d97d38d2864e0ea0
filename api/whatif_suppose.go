package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/tiles"
)

// mostChanges bounds the changes of one what-if.
const mostChanges = 1000

// supposition is what a what-if says, checked, before it meets a revision of
// the city. Immutable.
type supposition struct {
	added, changed []*data.Record // as records would be stored
	removed        []data.ID
	planned        []data.ID
	allPlanned     bool
}

// read checks a body by itself.
func (s *Server) read(b *WhatIfBody) (*supposition, error) {
	tax := s.opts.City.Profile().Taxonomy
	out := &supposition{allPlanned: b.Planned.All}
	n := len(b.Add) + len(b.Change) + len(b.Remove) + len(b.Planned.IDs)
	switch {
	case n == 0 && !out.allPlanned:
		return nil, badValue("body", "no change", "at least one of add, change, remove, planned")
	case n > mostChanges:
		return nil, badValue("body", fmt.Sprint(n, " changes"), fmt.Sprintf("%d changes at most", mostChanges))
	}
	seen := map[data.ID]string{}
	once := func(where string, id data.ID) error {
		if err := id.Validate(); err != nil {
			return under(where, err)
		}
		if before, twice := seen[id]; twice {
			return badValue(where, string(id), "an id that is named once; it is in "+before+" too")
		}
		seen[id] = where
		return nil
	}
	for _, part := range []struct {
		name string
		raw  []GivenFeature
		to   *[]*data.Record
	}{{"add", b.Add, &out.added}, {"change", b.Change, &out.changed}} {
		for i, raw := range part.raw {
			where := fmt.Sprintf("%s[%d]", part.name, i)
			r, err := s.readRecord(tax, raw)
			if err != nil {
				return nil, under(where, err)
			}
			if err := once(where+".id", r.Hazard.ID); err != nil {
				return nil, err
			}
			if s.opts.City.View() == city.PublicView {
				r.Detail = r.Detail.WithoutPersonal()
			}
			*part.to = append(*part.to, r)
		}
	}
	for _, part := range []struct {
		name string
		ids  []data.ID
		to   *[]data.ID
	}{{"remove", b.Remove, &out.removed}, {"planned", b.Planned.IDs, &out.planned}} {
		for i, id := range part.ids {
			if err := once(fmt.Sprintf("%s[%d]", part.name, i), id); err != nil {
				return nil, err
			}
		}
		*part.to = part.ids
	}
	return out, nil
}

// readRecord reads a feature as a store would take it, its level as its inputs
// give it.
func (s *Server) readRecord(tax *data.Taxonomy, raw GivenFeature) (*data.Record, error) {
	r, err := tax.ParseFeature(raw)
	if err != nil {
		return nil, err
	}
	if _, err := s.rules.Check(tax.Industries[r.Hazard.Industry].Code, r.Hazard.Level, &r.Detail); err != nil {
		return nil, err
	}
	return tax.Stored(&data.Change{ID: r.Hazard.ID, New: r}, 0)
}

// under puts the place of a feature before the field of an error that names one.
func under(where string, err error) error {
	if invalid := (*data.Invalid)(nil); errors.As(err, &invalid) {
		moved := *invalid
		moved.Field = where + "." + invalid.Field
		return &moved
	}
	return fmt.Errorf("%s: %w", where, err)
}

// there checks that the supposition is about the sources that the view sees:
// what is hidden from it is as if it were not there.
func (p *supposition) there(v *tiles.View) error {
	for i, r := range p.added {
		if _, ok := v.Get(r.Hazard.ID); ok {
			return badValue(fmt.Sprintf("add[%d].id", i), string(r.Hazard.ID), "the id of no source that is there; change replaces one that is")
		}
	}
	for i, r := range p.changed {
		if _, ok := v.Get(r.Hazard.ID); !ok {
			return missingSource(fmt.Sprintf("change[%d].id", i), r.Hazard.ID)
		}
	}
	for i, id := range p.removed {
		if _, ok := v.Get(id); !ok {
			return missingSource(fmt.Sprintf("remove[%d]", i), id)
		}
	}
	for i, id := range p.planned {
		h, ok := v.Get(id)
		if !ok {
			return missingSource(fmt.Sprintf("planned[%d]", i), id)
		}
		if h.Status != data.Planned {
			return badValue(fmt.Sprintf("planned[%d]", i), string(id), "a source whose status is planned, not "+h.Status.String())
		}
	}
	return nil
}

func missingSource(where string, id data.ID) *Problem {
	p := badValue(where, string(id), "the id of a source that is there: there is none with this id")
	p.Status, p.Title = http.StatusNotFound, http.StatusText(http.StatusNotFound)
	return p
}

// suppose makes the view of a supposition on a revision of the city. What the
// city has gained or lost since the supposition was made does not undo it: its
// own records stand in the place of the city's, what it removes stays away, and
// what it makes active does so while it is planned.
func (s *Server) suppose(ctx context.Context, v *tiles.View, p *supposition) (*tiles.View, error) {
	var changes []data.Change
	for _, list := range [][]*data.Record{p.added, p.changed} {
		for _, r := range list {
			h, err := s.opts.City.Complete(ctx, r.Hazard)
			if err != nil {
				return nil, err
			}
			changes = append(changes, data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h, Detail: r.Detail}})
		}
	}
	for _, id := range p.removed {
		changes = append(changes, data.Change{ID: id, If: data.Any})
	}
	records, err := s.opts.City.Detail(ctx, s.plannedOf(v, p, changes)...)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if r == nil || r.Hazard.Status != data.Planned {
			continue
		}
		h := *r.Hazard
		h.Status = data.Active
		sealed, err := h.Seal()
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", h.ID, err)
		}
		changes = append(changes, data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: sealed, Detail: r.Detail}})
	}
	if len(changes) > mostChanges {
		return nil, badValue("planned", fmt.Sprint(len(changes), " changes"), fmt.Sprintf("%d changes at most: name the planned sources that are meant", mostChanges))
	}
	return v.With(changes...)
}

// plannedOf lists the planned sources that become active, but for those that the
// changes are about.
func (s *Server) plannedOf(v *tiles.View, p *supposition, changes []data.Change) []data.ID {
	if !p.allPlanned {
		var out []data.ID
		for _, id := range p.planned {
			if h, ok := v.Get(id); ok && h.Status == data.Planned {
				out = append(out, id)
			}
		}
		return out
	}
	about := make(map[data.ID]bool, len(changes))
	for _, c := range changes {
		about[c.ID] = true
	}
	var out []data.ID
	for h := range v.All(data.All(), "") {
		if h.Status == data.Planned && !about[h.ID] && len(out) <= mostChanges {
			out = append(out, h.ID)
		}
	}
	return out
}
