package storetest

import (
	"context"
	"errors"
	"testing"

	"riskatlas/data"
)

// wholeState: a data.Whole gives every record of one revision in the order of
// ids, whatever is written while they are taken.
func wholeState(t *testing.T, s *suite) {
	store := s.fresh(t)
	whole, ok := store.(data.Whole)
	if !ok {
		t.Skip("the store is no data.Whole")
	}
	ctx, tax := context.Background(), Taxonomy()
	err := whole.Records(ctx, func(rev data.Revision, all data.RecordSeq) error {
		for range all {
			t.Error("a record in an empty store")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[data.ID]uint64{}
	var changes []data.Change
	for i := range 40 {
		id := data.ID([]byte{'a' + byte(i*7%26), '0' + byte(i/26)})
		r := Record(id, i)
		changes = append(changes, data.Change{ID: id, New: r})
		stored, err := tax.Stored(&changes[i], 1)
		if err != nil {
			t.Fatal(err)
		}
		if want[id], err = tax.ContentDigest(stored); err != nil {
			t.Fatal(err)
		}
	}
	at := apply(t, store, changes...)
	err = whole.Records(ctx, func(rev data.Revision, all data.RecordSeq) error {
		if rev != at {
			t.Errorf("revision %d, want %d", rev, at)
		}
		last, n := data.ID(""), 0
		for r, err := range all {
			if err != nil {
				return err
			}
			if n == 3 { // the state stays what it was
				apply(t, store, data.Change{ID: "zz", New: Record("zz", 1)}, data.Change{ID: changes[0].ID, If: data.Any}, data.Change{ID: changes[5].ID, If: data.Any, New: Record(changes[5].ID, 99)})
			}
			got, err := tax.ContentDigest(r)
			if err != nil {
				return err
			}
			if got != want[r.Hazard.ID] || r.Hazard.ID <= last {
				t.Errorf("%s after %s: digest %x, want %x", r.Hazard.ID, last, got, want[r.Hazard.ID])
			}
			last = r.Hazard.ID
			n++
		}
		if n != len(want) {
			t.Errorf("%d records, want %d", n, len(want))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// It may be left, by the reader's own error.
	left := errors.New("left")
	err = whole.Records(ctx, func(_ data.Revision, all data.RecordSeq) error {
		for range all {
			return left
		}
		return nil
	})
	if !errors.Is(err, left) {
		t.Errorf("%v, want the reader's own error", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	err = whole.Records(ended, func(_ data.Revision, all data.RecordSeq) error {
		for _, err := range all {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v after the context's end", err)
	}
}
