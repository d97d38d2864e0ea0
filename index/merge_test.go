package index

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// Deltas are merged while batches go on and readers read, and nobody can tell;
// run with -race.
func TestFollowMergesInTheBackground(t *testing.T) {
	rng := newRand(66)
	hs := citytest.Hazards(rng, 900, citytest.Bound)
	store := filled(t, hs)
	x := New(citytest.Taxonomy())
	x.mergeAt = func(r *roll) bool { return r.delta() > 5 }
	ctx, cancel := context.WithCancel(t.Context())
	updates, ended := make(chan Update), make(chan error, 1)
	go func() {
		ended <- x.Follow(ctx, store, func(u Update) {
			select {
			case updates <- u:
			case <-ctx.Done():
			}
		})
	}()
	first := (<-updates).Snapshot
	var readers sync.WaitGroup
	for r := range 2 {
		readers.Go(func() {
			rng := newRand(uint64(200 + r))
			m := citytest.NewMaker(rng, citytest.Bound)
			for ctx.Err() == nil {
				if err := readAll(x.Snapshot(), m, rng); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	city := map[data.ID]*data.Hazard{}
	for h := range first.All(data.All(), "") {
		city[h.ID] = h
	}
	m, last := citytest.NewMaker(rng, citytest.Bound), first
	bases := map[*packed]bool{}
	for i := 0; i < 60 || len(bases) < 4 && i < 5000; i++ {
		apply1(t, store, m.Hazard(citytest.ID(rng.IntN(1000))), m.Hazard(citytest.ID(rng.IntN(1000))))
		u := <-updates
		for _, c := range u.Changes {
			city[c.New.ID] = c.New
		}
		last = u.Snapshot
		bases[last.roll.base] = true
	}
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Follow does not end")
	}
	readers.Wait()
	if len(bases) < 4 {
		t.Errorf("%d bases in all: no merge was taken over", len(bases))
	}
	fresh := newSnapshot(citytest.Taxonomy()).next(news(slices.SortedFunc(maps.Values(city), byID)))
	if diff := diffOf(stateOf(fresh), stateOf(last)); diff != "" {
		t.Errorf("loaded (-) and merged (+) %s", diff)
	}
}

// A merge that a whole new base has overtaken is let go.
func TestMergeOvertakenIsDropped(t *testing.T) {
	all := stock()
	s := newSnapshot(citytest.Taxonomy()).next(news(all[:500]))
	merges := newMerging(func(*roll) bool { return true })
	defer merges.wait()
	one := []Change{{Old: all[0]}}
	s = s.next(one)
	merges.saw(s, one)
	many := news(all[500:])
	s = s.next(many)
	merges.saw(s, many)
	merges.wait()
	if n := merges.finished(s); n != s || n.roll.delta() != 0 || n.Len() != len(all)-1 {
		t.Errorf("%d hazards, %d of them in the delta", n.Len(), n.roll.delta())
	}
	two := []Change{{Old: all[1]}}
	s = s.next(two)
	merges.saw(s, two)
	merges.wait()
	if n := merges.finished(s); n == s || n.roll.delta() != 0 || n.Len() != len(all)-2 {
		t.Errorf("%d hazards, %d of them in the delta, want the next merge taken over", n.Len(), n.roll.delta())
	}
}
