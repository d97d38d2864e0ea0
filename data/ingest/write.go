package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"riskatlas/data"
)

// compareStep is how many records are read from the store at once.
const compareStep = 1000

// Plan compares the batch with what the store holds and gives the changes that
// would make them equal: nothing for records that are there already with the
// same content. It writes into the report what became of every accepted row.
// Each change names the revision that it replaces, so that an edit in between is
// a conflict and not lost. A delivery is matched with what the store holds of its
// body first (Delivery). A plan may be made again.
func (b *Batch) Plan(ctx context.Context, store data.Store, tax *data.Taxonomy) ([]data.Change, error) {
	b.begin()
	p := &planner{batch: b, tax: tax, store: store}
	if b.delivery != nil {
		if err := b.deliver(ctx, p); err != nil {
			return nil, err
		}
	} else {
		for i, rec := range b.Records {
			if err := p.take(ctx, planned{rec: rec, from: &b.origins[i]}); err != nil {
				return nil, err
			}
		}
		if err := p.flush(ctx); err != nil {
			return nil, err
		}
	}
	if wrong := p.drift.suspect(); wrong != nil && b.assumed {
		b.begin()
		err := b.setAside(tax, 0, *wrong)
		b.read = nil
		return nil, err
	}
	return p.changes, nil
}

// begin takes the report back to what reading found.
func (b *Batch) begin() {
	if b.read == nil {
		b.read = b.Report.clone()
	}
	*b.Report = *b.read.clone()
}

// planned is a record on its way into the store. A match by name and place has
// given it its id where match says so.
type planned struct {
	rec   *data.Record
	from  *origin
	match string
}

// planner compares records with the store's in steps.
type planner struct {
	batch   *Batch
	tax     *data.Taxonomy
	store   data.Store
	waiting []planned
	ids     []data.ID
	changes []data.Change
	drift   drift
}

// take compares the record with what its id holds, at the latest with flush.
func (p *planner) take(ctx context.Context, x planned) error {
	p.waiting = append(p.waiting, x)
	p.ids = append(p.ids, x.rec.Hazard.ID)
	if len(p.waiting) < compareStep {
		return nil
	}
	return p.flush(ctx)
}

func (p *planner) flush(ctx context.Context) error {
	if len(p.waiting) == 0 {
		return nil
	}
	held, err := p.store.Detail(ctx, p.ids...)
	if err != nil {
		return fmt.Errorf("comparing with the store: %w", err)
	}
	for i := range p.waiting {
		if err := p.compare(&p.waiting[i], held[i]); err != nil {
			return err
		}
	}
	p.waiting, p.ids = p.waiting[:0], p.ids[:0]
	return nil
}

// compare decides what becomes of one record.
func (p *planner) compare(x *planned, held *data.Record) error {
	r, d := p.batch.Report, p.batch.delivery
	row := RowReport{File: x.from.file, Line: x.from.line, Feature: x.from.feature, ID: string(x.rec.Hazard.ID),
		Name: shorten(x.rec.Hazard.Name), Match: x.match}
	if held == nil {
		r.Added++
		row.What = isNew
		r.tellRow(row)
		p.changes = append(p.changes, data.Change{ID: x.rec.Hazard.ID, New: x.rec})
		return nil
	}
	if d != nil && held.Detail.DataSource != d.Source && held.Detail.DataSource != "" {
		return p.batch.quarantine(p.tax, x, Problem{Kind: "id_of_another", Field: "id", Value: string(x.rec.Hazard.ID),
			Want: "an id of " + d.Source + "'s own: the record is " + shorten(held.Detail.DataSource) + "'s"})
	}
	p.drift.look(held.Hazard, x.rec.Hazard)
	same, err := sameRecord(p.tax, held, x.rec)
	if err == nil && !same && d != nil {
		if x.rec, err = d.settled(p.tax, held, x); err == nil {
			same, err = sameRecord(p.tax, held, x.rec)
		}
	}
	if err != nil {
		return err
	}
	if same {
		r.Unchanged++
		row.What = isUnchanged
		r.tellRow(row)
		return nil
	}
	r.Changed++
	row.What = isChanged
	if d != nil && x.rec.Hazard.Status == data.Active && held.Hazard.Status == data.Suspended && missing(held) {
		row.What = isReturned
		r.Delivery.Returned++
	}
	if row.Fields, err = changes(p.tax, held, x.rec); err != nil {
		return err
	}
	r.tellRow(row)
	p.changes = append(p.changes, data.Change{ID: x.rec.Hazard.ID, If: held.Hazard.Rev, New: x.rec})
	return nil
}

// mostTries bounds how often Write starts again when others change the same
// records meanwhile.
const mostTries = 3

// Write makes the store hold the batch's records as one revision, or none of
// them, and writes into the report what changed. Records that are there with the
// same content change nothing; without any other there is no new revision. A
// record is replaced whole, but for what a Delivery says. The store is held only
// for the one transaction.
func (b *Batch) Write(ctx context.Context, store data.Store, tax *data.Taxonomy, note data.Note) error {
	for try := 1; ; try++ {
		changes, err := b.Plan(ctx, store, tax)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			return nil
		}
		rev, err := store.Apply(ctx, note, changes...)
		if err == nil {
			b.Report.Revision = rev
			return nil
		}
		if !errors.Is(err, data.ErrConflict) || try == mostTries {
			return fmt.Errorf("writing %d records: %w", len(changes), err)
		}
	}
}

// Import reads a file and writes its good records into the store: Read and
// Write in one. Options.Units should be the store, for its boundaries.
func Import(ctx context.Context, store data.Store, name string, r io.Reader, size int64, opts Options, note data.Note) (*Report, error) {
	b, err := Read(ctx, name, r, size, opts)
	if err != nil {
		return nil, err
	}
	return b.Report, b.Write(ctx, store, opts.Profile.Taxonomy, note)
}
