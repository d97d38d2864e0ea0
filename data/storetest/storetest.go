package storetest

import (
	"context"
	"iter"
	"testing"
	"time"

	"go.uber.org/goleak"

	"riskatlas/data"
)

// Run runs all the tests. Each opens stores with open, which must give a new and
// empty one of Taxonomy each time, that lasts until the test ends or it is
// closed. What also is a data.Units is tested as one. At the end no goroutine of
// a closed store may be left.
func Run(t *testing.T, open func(t *testing.T) data.Store) {
	before := goleak.IgnoreCurrent()
	for _, c := range []struct {
		name string
		test func(*testing.T, *suite)
	}{
		{"Empty", empty},
		{"EveryFieldComesBack", roundTrip},
		{"RevisionsHaveNoGaps", gapless},
		{"AllOrNothing", allOrNothing},
		{"If", ifHolds},
		{"Key", key},
		{"FoundByKey", keyed},
		{"Remove", remove},
		{"KeepsNoPlacesAndNothingDerived", unplaced},
		{"DetailInTheOrderAsked", detailOrder},
		{"BriefIsOfTheDetail", briefs},
		{"LoadIsOneState", loadConsistent},
		{"LoadCanBeLeft", loadLeft},
		{"LoadCompletes", completing},
		{"ManyAtOnce", many},
		{"RecordsAreOneState", wholeState},
		{"WatchFromAnyRevision", watchFrom},
		{"WatchWaits", watchWaits},
		{"WatchEndsWithItsContext", watchCancel},
		{"WatchPastTheEnd", watchPast},
		{"WritersAtOnce", writers},
		{"CancelledApplyChangesNothing", cancelled},
		{"CloseEndsAll", closes},
		{"Units", units},
		{"UnitsInTheLog", unitsLog},
		{"UnitsRevised", revising},
		{"Model", model},
		{"History", history},
		{"HistoryOfWhatIsNotThere", noHistory},
		{"RevisionAt", revisionAt},
		{"Days", days},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, &suite{open}) })
	}
	goleak.VerifyNone(t, before)
}

type suite struct{ open func(t *testing.T) data.Store }

// fresh opens an empty store that is closed when the test ends.
func (s *suite) fresh(t *testing.T) data.Store {
	t.Helper()
	store := s.open(t)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return store
}

// patience bounds every wait of a test for something that must happen.
const patience = 20 * time.Second

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// fataler is what the checks need of a test, be it one of testing or of rapid.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func apply(t fataler, s data.Store, changes ...data.Change) data.Revision {
	t.Helper()
	rev, err := s.Apply(context.Background(), data.Note{Who: "test"}, changes...)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return rev
}

func load(t fataler, s data.Store) (data.Revision, []*data.Hazard) {
	t.Helper()
	rev, all := s.Load(context.Background())
	var hs []*data.Hazard
	for h, err := range all {
		if err != nil {
			t.Fatalf("load: %v", err)
		}
		if n := len(hs); n > 0 && hs[n-1].ID >= h.ID {
			t.Fatalf("load: %s after %s", h.ID, hs[n-1].ID)
		}
		hs = append(hs, h)
	}
	return rev, hs
}

func detail(t fataler, s data.Store, ids ...data.ID) []*data.Record {
	t.Helper()
	rs, err := s.Detail(context.Background(), ids...)
	if err != nil || len(rs) != len(ids) {
		t.Fatalf("detail of %v: %d records, %v", ids, len(rs), err)
	}
	return rs
}

// batches takes n batches of a watch.
func batches(t fataler, watch iter.Seq2[data.Batch, error], n int) []data.Batch {
	t.Helper()
	var out []data.Batch
	if n == 0 {
		return nil
	}
	for b, err := range watch {
		if err != nil {
			t.Fatalf("watch: %v", err)
		}
		if out = append(out, b); len(out) == n {
			return out
		}
	}
	t.Fatalf("watch: ended after %d of %d batches", len(out), n)
	return nil
}
