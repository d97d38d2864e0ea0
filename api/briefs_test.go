package api

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
)

// countedStore counts the briefs that are read.
type countedStore struct {
	data.Store
	asked   atomic.Int64
	hold    chan struct{} // not nil: reading waits for it
	reading chan struct{} // gets one when reading begins
}

func (s *countedStore) Brief(ctx context.Context, ids ...data.ID) ([]*data.Brief, error) {
	s.asked.Add(int64(len(ids)))
	if s.hold != nil {
		s.reading <- struct{}{}
		<-s.hold
	}
	return s.Store.(data.Briefer).Brief(ctx, ids...)
}

func briefWorld(t *testing.T) (*world, *countedStore, *briefs) {
	record := source(t, "A", "I04", data.Major, orb.Point{120.15, 30.27}, scenario(t, 1e-5, step(500)))
	record.Detail = data.Detail{Enterprise: "first", Measures: &data.Measures{Emergency: []string{"drill"}}}
	w := newWorld(t, city.InternalView, []*data.Record{record}, nil)
	store := &countedStore{Store: w.store}
	b, err := newBriefs(city.Wrap(store, hangzhou(t), city.InternalView), 0, w.server.details)
	if err != nil {
		t.Fatal(err)
	}
	return w, store, b
}

func sharesOf(t *testing.T, w *world, ids ...data.ID) (out []riskgrid.Share) {
	for _, id := range ids {
		h, ok := w.viewer.View().Get(id)
		if !ok {
			t.Fatal(id)
		}
		out = append(out, riskgrid.Share{Hazard: h})
	}
	return out
}

func TestBriefsAreReadOnce(t *testing.T) {
	w, store, b := briefWorld(t)
	v, shares := w.viewer.View(), sharesOf(t, w, "A")
	store.hold, store.reading = make(chan struct{}), make(chan struct{}, 1000)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := b.of(t.Context(), v, shares); err != nil || got[0].Enterprise != "first" {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	<-store.reading
	close(store.hold)
	wg.Wait()
	if n := store.asked.Load(); n != 1 {
		t.Errorf("%d briefs were read, want 1", n)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := b.of(gone, v, shares); err != nil || got[0].Enterprise != "first" {
		t.Errorf("what is held: %+v %v", got, err)
	}
}

// An answer of an old view says of a source what its record said then, or says
// now where it is not known any more.
func TestBriefsOfAnOldView(t *testing.T) {
	w, store, b := briefWorld(t)
	old, shares := w.viewer.View(), sharesOf(t, w, "A")
	if _, err := b.of(t.Context(), old, shares); err != nil {
		t.Fatal(err)
	}
	changed := source(t, "A", "I04", data.Major, orb.Point{120.15, 30.27}, scenario(t, 1e-5, step(500)))
	changed.Detail.Enterprise = "second"
	w.apply(puts(changed)...)
	for range 2 {
		if got, err := b.of(t.Context(), old, shares); err != nil || got[0].Enterprise != "first" {
			t.Errorf("held of the old view: %+v %v", got[0], err)
		}
		if got, err := b.of(t.Context(), w.viewer.View(), sharesOf(t, w, "A")); err != nil || got[0].Enterprise != "second" {
			t.Errorf("of the new view: %+v %v", got[0], err)
		}
	}
	if n := store.asked.Load(); n != 2 {
		t.Errorf("%d briefs were read, want one a revision", n)
	}
	fresh, err := newBriefs(w.city, 0, w.server.details)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fresh.of(t.Context(), old, shares); err != nil || got[0].Enterprise != "second" {
		t.Errorf("unknown of the old view: %+v %v", got[0], err)
	}
	w.apply(data.Change{ID: "A", If: data.Any})
	if got, err := fresh.of(t.Context(), old, shares); err != nil || got[0] != nil {
		t.Errorf("removed: %+v %v", got[0], err)
	}
}

func TestBriefsAreBounded(t *testing.T) {
	w, _, _ := briefWorld(t)
	b, err := newBriefs(w.city, 10_000, w.server.details)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		b.cache.Set(briefKey{data.ID(rune('a' + i%26)), data.Revision(i)}, &data.Brief{Enterprise: "some name"})
	}
	b.cache.CleanUp()
	if n := b.cache.WeightedSize(); n > 10_000 || b.cache.EstimatedSize() < 10 {
		t.Errorf("%d bytes of %d entries are held", n, b.cache.EstimatedSize())
	}
}
