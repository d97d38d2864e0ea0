package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"riskatlas/data"
)

// completing tests a store that is a data.Completing.
func completing(t *testing.T, s *suite) {
	store := s.fresh(t)
	c, ok := store.(data.Completing)
	if !ok {
		t.Skip("it completes no hazards")
	}
	var changes []data.Change
	for i := range 300 {
		id := data.ID(fmt.Sprintf("HZ-%d", i*7919%1000)) // not in the order of ids
		changes = append(changes, data.Change{ID: id, New: Record(id, i)})
	}
	apply(t, store, changes[:200]...)
	last := apply(t, store, changes[200:]...)
	_, plain := load(t, store)

	// Each once, as it was left, without those that were left out.
	var mu sync.Mutex
	seen := map[data.ID]int{}
	var begun []data.Revision
	rev, all := c.LoadAs(context.Background(), func(rev data.Revision) (data.Complete, error) {
		begun = append(begun, rev)
		return func(h *data.Hazard) error {
			mu.Lock()
			seen[h.ID]++
			mu.Unlock()
			if h.Level == data.Major {
				return data.ErrLeftOut
			}
			h.Districts[0], h.Regulator = 7, h.Name
			return nil
		}, nil
	})
	var want []*data.Hazard
	for _, h := range plain {
		if h.Level != data.Major {
			completed := *h
			completed.Districts[0], completed.Regulator = 7, h.Name
			want = append(want, seal(completed))
		}
	}
	i := 0
	for h, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		if i == len(want) || h.ID != want[i].ID || h.Digest(data.LayerHazards) != want[i].Digest(data.LayerHazards) || h.Regulator != h.Name {
			t.Fatalf("%d: %s %+v", i, h.ID, h.Class)
		}
		i++
	}
	for _, h := range plain { // all of them, now that the sequence has ended
		if seen[h.ID] != 1 {
			t.Errorf("%s was completed %d times", h.ID, seen[h.ID])
		}
	}
	if i != len(want) || i == 0 || rev != last || len(begun) != 1 || begun[0] != last {
		t.Errorf("%d hazards, want %d; revision %d, begun with %v, want %d", i, len(want), rev, begun, last)
	}

	// Errors come out as they are, and end it.
	bad := errors.New("bad")
	for _, begin := range []func(data.Revision) (data.Complete, error){
		func(data.Revision) (data.Complete, error) { return nil, bad },
		func(data.Revision) (data.Complete, error) {
			return func(h *data.Hazard) error {
				if h.ID == plain[100].ID {
					return bad
				}
				return nil
			}, nil
		},
	} {
		_, all := c.LoadAs(context.Background(), begin)
		var last error
		for h, err := range all {
			if last != nil {
				t.Fatalf("%v after %v", h, last)
			}
			last = err
		}
		if last != bad {
			t.Errorf("%v, want the caller's own error", last)
		}
	}
}
