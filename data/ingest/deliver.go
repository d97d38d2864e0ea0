package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"riskatlas/data"
)

// holding is what matching has to know of a record in the store.
type holding struct {
	id       data.ID
	name     string // plain
	shown    string
	place    orb.Point
	industry data.Industry
	status   data.Status
	source   string
}

// stock is what the store holds of the body, and what others hold near its rows.
type stock struct {
	own    map[data.ID]*holding
	others []*holding
}

// deliver plans a delivery: each row finds its record, then what a complete one
// lacks is suspended, then places that others report too are listed.
func (b *Batch) deliver(ctx context.Context, p *planner) error {
	d, tax := b.delivery, p.tax
	s, err := b.stock(ctx, p.store)
	if err != nil {
		return fmt.Errorf("reading what the store holds of %s: %w", d.Source, err)
	}
	b.Report.Delivery = &DeliveryReport{Source: d.Source, Key: d.Key, Complete: d.Complete, Held: len(s.own)}
	m := b.match(s)
	claimed, spared := map[*holding]bool{}, map[*holding]bool{}
	for i, rec := range b.Records {
		x := planned{rec: rec, from: &b.origins[i]}
		if pairs := m.doubtful[i]; len(pairs) > 0 {
			if err := b.quarantine(tax, &x, Problem{Kind: "match_unconfirmed", Field: "name", Value: rec.Hazard.Name, Want: doubt(pairs)}); err != nil {
				return err
			}
			for _, pair := range pairs {
				spared[pair.held] = true
			}
			continue
		}
		if pair, ok := m.of[i]; ok {
			if x.rec, err = renamed(rec, pair.held.id); err != nil {
				return err
			}
			x.match = pair.found()
			b.Report.Delivery.Matched++
		}
		if h := s.own[x.rec.Hazard.ID]; h != nil {
			claimed[h] = true
		}
		if err := p.take(ctx, x); err != nil {
			return err
		}
	}
	if err := p.flush(ctx); err != nil {
		return err
	}
	b.twins(s)
	if d.Complete {
		gone, err := b.gone(ctx, p.store, s, claimed, spared)
		p.changes = append(p.changes, gone...)
		return err
	}
	return nil
}

// match finds the records of the rows that have no id.
func (b *Batch) match(s *stock) *matching {
	claimed := map[data.ID]bool{}
	var rows []int
	for i, rec := range b.Records {
		if s.own[rec.Hazard.ID] != nil {
			claimed[rec.Hazard.ID] = true
		} else if b.origins[i].byContent {
			rows = append(rows, i)
		}
	}
	var free []*holding
	for _, id := range sortedIDs(s.own) {
		if !claimed[id] {
			free = append(free, s.own[id])
		}
	}
	return match(b.Records, rows, free, b.delivery.Confirm)
}

func sortedIDs(m map[data.ID]*holding) []data.ID {
	ids := make([]data.ID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// stock reads every record's source. What others hold is kept only near a row.
func (b *Batch) stock(ctx context.Context, store data.Store) (*stock, error) {
	var tree rtree.RTreeG[struct{}]
	for _, rec := range b.Records {
		p := rec.Hazard.Label()
		tree.Insert(p, p, struct{}{})
	}
	_, all := store.Load(ctx)
	var held []*holding
	for h, err := range all {
		if err != nil {
			return nil, err
		}
		held = append(held, &holding{id: h.ID, shown: h.Name, place: h.Label(), industry: h.Industry, status: h.Status})
	}
	s := &stock{own: map[data.ID]*holding{}}
	for part := range slices.Chunk(held, compareStep) {
		ids := make([]data.ID, len(part))
		for i, h := range part {
			ids[i] = h.id
		}
		records, err := store.Detail(ctx, ids...)
		if err != nil {
			return nil, err
		}
		for i, h := range part {
			if records[i] == nil {
				continue // removed meanwhile
			}
			if h.source = records[i].Detail.DataSource; h.source == b.delivery.Source {
				h.name = plainName(h.shown)
				s.own[h.id] = h
				continue
			}
			box := data.PadMetres(orb.Bound{Min: h.place, Max: h.place}, MatchMetres)
			tree.Search(box.Min, box.Max, func(_, _ [2]float64, _ struct{}) bool {
				h.name = plainName(h.shown)
				s.others = append(s.others, h)
				return false
			})
		}
	}
	return s, nil
}

// renamed is the record under another id.
func renamed(r *data.Record, id data.ID) (*data.Record, error) {
	h := *r.Hazard
	h.ID = id
	sealed, err := h.Seal()
	if err != nil {
		return nil, err
	}
	return &data.Record{Hazard: sealed, Detail: r.Detail}, nil
}

// settled is the delivered record as it is to be kept in the place of the held
// one: with what the files do not speak of, and active again where only its
// absence had suspended it.
func (d *Delivery) settled(tax *data.Taxonomy, held *data.Record, x *planned) (*data.Record, error) {
	out, err := overlaid(tax, held, x.rec, x.from.has)
	if err != nil || !missing(out) {
		return out, err
	}
	h := *out.Hazard
	if !x.from.has["status"] {
		h.Status = data.Active
	}
	sealed, err := h.Seal()
	if err != nil {
		return nil, err
	}
	out = &data.Record{Hazard: sealed, Detail: out.Detail}
	out.Detail.StatusReason = ""
	return out, nil
}

// missing reports whether a complete delivery suspended the record.
func missing(r *data.Record) bool { return strings.HasPrefix(r.Detail.StatusReason, absent) }

// gone suspends the records that a complete delivery lacks.
func (b *Batch) gone(ctx context.Context, store data.Store, s *stock, claimed, spared map[*holding]bool) ([]data.Change, error) {
	r, d := b.Report, b.delivery
	if why := b.untold(); why != "" {
		r.add(Problem{Kind: "gone_unknown", Severity: Warning, Field: "complete", Value: d.Source, Want: why})
		return nil, nil
	}
	b.spare(s, spared)
	reason := absent + d.Source + ": " + r.fileNames()
	var changes []data.Change
	for part := range slices.Chunk(sortedIDs(s.own), compareStep) {
		var ids []data.ID
		for _, id := range part {
			switch h := s.own[id]; {
			case claimed[h]:
			case spared[h]:
				r.Delivery.Spared++
				r.tellRow(RowReport{ID: string(id), Name: shorten(h.shown), What: isSpared, Why: "a row that was kept out may be its: it was left as it is"})
			case h.status == data.Active || h.status == data.Planned:
				ids = append(ids, id)
			default:
				r.Delivery.Absent++
			}
		}
		held, err := store.Detail(ctx, ids...)
		if err != nil {
			return nil, err
		}
		for _, rec := range held {
			if rec == nil {
				continue
			}
			h := *rec.Hazard
			h.Status = data.Suspended
			sealed, err := h.Seal()
			if err != nil {
				return nil, err
			}
			out := &data.Record{Hazard: sealed, Detail: rec.Detail}
			out.Detail.StatusReason = reason
			r.Delivery.Gone++
			r.tellRow(RowReport{ID: string(h.ID), Name: shorten(h.Name), What: isGone, Why: reason})
			changes = append(changes, data.Change{ID: h.ID, If: rec.Hazard.Rev, New: out})
		}
	}
	return changes, nil
}

// untold says why nothing can be taken as gone, "" where it can.
func (b *Batch) untold() string {
	switch {
	case b.whole:
		return "files that can be read: one is quarantined as a whole, so what is gone cannot be told, and nothing was suspended"
	case b.Report.Accepted == 0:
		return "at least one accepted row: nothing was suspended"
	}
	return ""
}

// spare finds the records that a row which was kept out may mean: by its id, or
// by its name or its place.
func (b *Batch) spare(s *stock, spared map[*holding]bool) {
	names := map[string]bool{}
	var places rtree.RTreeG[orb.Point]
	for _, out := range b.out {
		if h := s.own[out.id]; h != nil {
			spared[h] = true
			continue
		}
		if out.name != "" {
			names[out.name] = true
		}
		if out.at {
			places.Insert(out.place, out.place, out.place)
		}
	}
	for _, h := range s.own {
		if names[h.name] {
			spared[h] = true
		}
		box := data.PadMetres(orb.Bound{Min: h.place, Max: h.place}, MatchMetres)
		places.Search(box.Min, box.Max, func(_, _ [2]float64, p orb.Point) bool {
			spared[h] = spared[h] || data.Distance(h.place, p) <= MatchMetres
			return !spared[h]
		})
	}
}

// fileNames are the names of the files, as a reason gives them.
func (r *Report) fileNames() string {
	var names []string
	for _, f := range r.Files {
		names = append(names, shorten(f.Name))
	}
	return shorten(strings.Join(names, ", "))
}
