package ingest

import (
	"bytes"
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
// same content. It counts them in the report. Each change names the revision
// that it replaces, so that an edit in between is a conflict and not lost.
func (b *Batch) Plan(ctx context.Context, store data.Store, tax *data.Taxonomy) ([]data.Change, error) {
	r := b.Report
	r.Added, r.Changed, r.Unchanged = 0, 0, 0
	var changes []data.Change
	ids := make([]data.ID, 0, compareStep)
	for start := 0; start < len(b.Records); start += compareStep {
		part := b.Records[start:min(start+compareStep, len(b.Records))]
		ids = ids[:0]
		for _, rec := range part {
			ids = append(ids, rec.Hazard.ID)
		}
		held, err := store.Detail(ctx, ids...)
		if err != nil {
			return nil, fmt.Errorf("comparing with the store: %w", err)
		}
		for i, rec := range part {
			if held[i] == nil {
				r.Added++
				changes = append(changes, data.Change{ID: rec.Hazard.ID, New: rec})
				continue
			}
			same, err := sameRecord(tax, held[i], rec)
			if err != nil {
				return nil, err
			}
			if same {
				r.Unchanged++
				continue
			}
			r.Changed++
			changes = append(changes, data.Change{ID: rec.Hazard.ID, If: held[i].Hazard.Rev, New: rec})
		}
	}
	return changes, nil
}

// sameRecord compares two records by all that the interchange says of them but
// the revision, derived scenarios and what the city fills in.
func sameRecord(tax *data.Taxonomy, a, b *data.Record) (bool, error) {
	var text [2][]byte
	for i, r := range []*data.Record{a, b} {
		h := *r.Hazard
		h.Rev, h.Districts = 0, [data.MaxVintages]data.District{}
		h.Scenarios = nil
		for _, s := range r.Hazard.Scenarios {
			if !s.Derived {
				h.Scenarios = append(h.Scenarios, s)
			}
		}
		var err error
		if text[i], err = tax.AppendFeature(nil, &data.Record{Hazard: &h, Detail: r.Detail}); err != nil {
			return false, err
		}
	}
	return bytes.Equal(text[0], text[1]), nil
}

// mostTries bounds how often Write starts again when others change the same
// records meanwhile.
const mostTries = 3

// Write makes the store hold the batch's records as one revision, or none of
// them, and writes into the report what changed. Records that are there with the
// same content change nothing; without any other there is no new revision. A
// record is replaced whole. The store is held only for the one transaction.
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
