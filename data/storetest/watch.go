package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"riskatlas/data"
)

// loadConsistent writes pairs of records with the revision in their names, and
// looks whether any load sees half of a pair or another revision.
func loadConsistent(t *testing.T, s *suite) {
	store := s.fresh(t)
	pair := func(n int) []data.Change {
		var cs []data.Change
		for _, id := range []data.ID{"a", "b"} {
			h := *Record(id, n).Hazard
			h.Name = fmt.Sprint(n)
			cs = append(cs, data.Change{ID: id, If: data.Any, New: &data.Record{Hazard: seal(h)}})
		}
		return cs
	}
	apply(t, store, pair(1)...)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(done)
		for n := 2; n <= 20; n++ {
			if _, err := store.Apply(context.Background(), data.Note{}, pair(n)...); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		rev, hs := load(t, store)
		if len(hs) != 2 || hs[0].Name != fmt.Sprint(rev) || hs[1].Name != hs[0].Name {
			t.Errorf("revision %d: %v", rev, hs)
			break
		}
	}
	wg.Wait()
}

func loadLeft(t *testing.T, s *suite) {
	store := s.fresh(t)
	apply(t, store, put("a", 0, 1), put("b", 0, 2))
	for range 20 {
		_, all := store.Load(context.Background())
		for h, err := range all {
			if err != nil || h.ID != "a" {
				t.Fatal(h, err)
			}
			// The store can be asked and changed while a load is under way.
			apply(t, store, put("c", data.Any, 3))
			detail(t, store, "c")
			break
		}
		store.Load(context.Background()) // never ranged over
	}
}

func many(t *testing.T, s *suite) {
	store := s.fresh(t)
	var cs []data.Change
	const n = 400 // more than a store reads in one piece
	for i := range n {
		cs = append(cs, put(data.ID(fmt.Sprintf("m%d", (i*7919)%n)), 0, i))
	}
	apply(t, store, cs...)
	_, hs := load(t, store)
	b := batches(t, store.Watch(context.Background(), 0), 1)[0]
	if len(hs) != n || len(b.Changes) != n {
		t.Fatalf("%d hazards, %d changes", len(hs), len(b.Changes))
	}
	for i, c := range b.Changes {
		if c.ID != cs[i].ID || describe(c.New) != describe(cs[i].New) {
			t.Fatalf("change %d: %s, want %s", i, describe(c.New), describe(cs[i].New))
		}
	}
}

func watchFrom(t *testing.T, s *suite) {
	store := s.fresh(t)
	ctx := context.Background()
	const n = 9
	for i := range n {
		apply(t, store, put("a", data.Any, i), put(data.ID(fmt.Sprint("b", i)), 0, i))
	}
	apply(t, store, data.Change{ID: "b3", If: 4})
	for since := range data.Revision(n + 1) {
		for i, b := range batches(t, store.Watch(ctx, since), n+1-int(since)) {
			rev := int(since) + i + 1
			if b.Revision != data.Revision(rev) || b.Kind != "" {
				t.Fatalf("since %d: batch %d is revision %d, kind %q", since, i, b.Revision, b.Kind)
			}
			if rev == n+1 {
				if len(b.Changes) != 1 || b.Changes[0].New != nil || b.Changes[0].If != 4 {
					t.Fatalf("%+v", b.Changes)
				}
				continue
			}
			// What was overwritten since is told as it was then.
			a := b.Changes[0]
			if len(b.Changes) != 2 || describe(a.New) != describe(Record("a", rev-1)) || a.New.Hazard.Rev != b.Revision || a.If != b.Revision-1 {
				t.Fatalf("since %d: revision %d: %+v", since, rev, b.Changes)
			}
			if c := b.Changes[1]; describe(c.New) != describe(Record(c.ID, rev-1)) {
				t.Fatalf("revision %d: %s", rev, describe(c.New))
			}
		}
	}
}

func watchWaits(t *testing.T, s *suite) {
	store := s.fresh(t)
	apply(t, store, put("a", 0, 0))
	ctx := within(t)
	const n, watchers = 10, 3
	var wg sync.WaitGroup
	turn := make(chan struct{}, watchers)
	for range watchers {
		wg.Go(func() {
			next := data.Revision(1)
			for b, err := range store.Watch(ctx, 0) {
				if err != nil || b.Revision != next {
					t.Errorf("revision %d, %v, want %d", b.Revision, err, next)
					return
				}
				turn <- struct{}{}
				if next++; next > n {
					return
				}
			}
			t.Error("a watch ended")
		})
	}
	// Each revision is written only when all have seen the one before: they wait
	// and are woken.
	for rev := 1; rev <= n; rev++ {
		for range watchers {
			select {
			case <-turn:
			case <-ctx.Done():
				t.Fatalf("revision %d was not seen by all", rev)
			}
		}
		if rev < n {
			apply(t, store, put("a", data.Revision(rev), rev))
		}
	}
	wg.Wait()
}

func watchCancel(t *testing.T, s *suite) {
	store := s.fresh(t)
	apply(t, store, put("a", 0, 0))
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	seen := 0
	for b, err := range store.Watch(ctx, 0) {
		if err != nil {
			t.Fatalf("revision %d: %v", b.Revision, err)
		}
		seen++
		cancel() // nothing more comes, so the next step waits: and ends
	}
	if seen != 1 {
		t.Errorf("%d batches", seen)
	}
	for range store.Watch(ctx, 0) {
		t.Error("a batch after the end of the context")
	}
}

func watchPast(t *testing.T, s *suite) {
	store := s.fresh(t)
	apply(t, store, put("a", 0, 0))
	var failed error
	for _, err := range store.Watch(within(t), 5) {
		failed = err
	}
	if failed == nil {
		t.Error("revision 5 of a store at revision 1 can be watched")
	}
}

func closes(t *testing.T, s *suite) {
	store := s.open(t)
	apply(t, store, put("a", 0, 0))
	ended := make(chan error)
	began := make(chan struct{})
	go func() {
		var last error
		for _, err := range store.Watch(within(t), 0) {
			if err == nil {
				close(began)
			}
			last = err
		}
		ended <- last
	}()
	<-began
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("watch ended with %v", err)
	}
	ctx := context.Background()
	_, err := store.Apply(ctx, data.Note{}, put("b", 0, 0))
	_, err2 := store.Detail(ctx, "a")
	var err3 error
	_, all := store.Load(ctx)
	for _, e := range all {
		err3 = e
	}
	for _, e := range []error{err, err2, err3} {
		if !errors.Is(e, os.ErrClosed) {
			t.Errorf("after the end: %v", e)
		}
	}
	if err := store.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}
