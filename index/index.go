package index

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"riskatlas/data"
)

// Change is one hazard of a batch before (Old, nil: new) and after (New, nil:
// removed).
type Change struct{ Old, New *data.Hazard }

// Update is what Follow publishes: the new snapshot and what changed. The first
// one has Full set and no Changes: everything is new. Kinds names the unit sets
// that were replaced.
type Update struct {
	Snapshot *Snapshot
	Changes  []Change
	Kinds    []string
	Full     bool
}

// Index follows a store.
type Index struct {
	tax     *data.Taxonomy
	current atomic.Pointer[Snapshot]
	mergeAt func(*roll) bool // says when a delta is merged
}

// New makes an empty index (revision 0). The taxonomy says which districts are
// those of the default vintage, which fingerprints know.
func New(tax *data.Taxonomy) *Index {
	x := &Index{tax: tax, mergeAt: (*roll).wantsMerge}
	x.current.Store(newSnapshot(tax))
	return x
}

// Snapshot is the newest published state; never nil.
func (x *Index) Snapshot() *Snapshot { return x.current.Load() }

// Follow loads the store and its units (when it is a data.Units), publishes,
// then watches and publishes once per batch, until ctx ends or the store fails;
// the error says which, and what was published last stays in place. publish is
// called from this goroutine only, in order; readers of Snapshot see the new one
// only after publish returned. A nil publish is none. Follow may be called again
// after it ended, not twice at once.
func (x *Index) Follow(ctx context.Context, store data.Store, publish func(Update)) error {
	if publish == nil {
		publish = func(Update) {}
	}
	s, err := x.load(ctx, store)
	if err != nil {
		return err
	}
	publish(Update{Snapshot: s, Kinds: s.Kinds(), Full: true})
	x.current.Store(s)

	merging := newMerging(x.mergeAt)
	defer merging.wait()
	for batch, err := range store.Watch(ctx, s.revision) {
		if err != nil {
			return fmt.Errorf("index: watching the store after revision %d: %w", s.revision, err)
		}
		if batch.Revision <= s.revision { // seen before
			continue
		}
		if batch.Revision != s.revision+1 {
			return fmt.Errorf("index: the store's log goes from revision %d to %d: want every batch", s.revision, batch.Revision)
		}
		u, err := x.follow(ctx, merging.finished(s), store, batch)
		if err != nil {
			return err
		}
		s = u.Snapshot
		merging.saw(s, u.Changes)
		publish(u)
		x.current.Store(s)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("index: stopped at revision %d: %w", s.revision, err)
	}
	return fmt.Errorf("index: the store ended its log at revision %d", s.revision)
}

// Load reads a store once, with its units: the snapshot that Follow would publish
// first.
func Load(ctx context.Context, tax *data.Taxonomy, store data.Store) (*Snapshot, error) {
	return New(tax).load(ctx, store)
}

// load reads everything into a first snapshot. Units are read beside the
// hazards, once their revision is known: later ones come again with their batch.
func (x *Index) load(ctx context.Context, store data.Store) (*Snapshot, error) {
	revision, hazards := store.Load(ctx)
	s, failed := newSnapshot(x.tax), error(nil)
	beside, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { s, failed = x.loadKinds(beside, s, store) })
	defer work.Wait()
	defer cancel()

	var all []*data.Hazard
	for h, err := range hazards {
		if err != nil {
			return nil, fmt.Errorf("index: loading hazard %d: %w", len(all)+1, err)
		}
		all = append(all, h)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("index: loading stopped after %d hazards: %w", len(all), err)
	}
	if work.Wait(); failed != nil {
		return nil, failed
	}
	s = s.fill(all)
	s.revision = revision
	return s, nil
}

// loadKinds is s with all units of a store that has any.
func (x *Index) loadKinds(ctx context.Context, s *Snapshot, store data.Store) (*Snapshot, error) {
	units, ok := store.(data.Units)
	if !ok {
		return s, nil
	}
	kinds, err := units.Kinds(ctx)
	if err != nil {
		return nil, fmt.Errorf("index: asking for the kinds of units: %w", err)
	}
	for _, kind := range kinds {
		if s, err = x.loadUnits(ctx, s, units, kind); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (x *Index) loadUnits(ctx context.Context, s *Snapshot, store data.Units, kind string) (*Snapshot, error) {
	var units []data.Unit
	for u, err := range store.Units(ctx, kind) {
		if err != nil {
			return nil, fmt.Errorf("index: loading units of kind %q: %w", kind, err)
		}
		units = append(units, *u)
	}
	n, err := s.withUnits(x.tax, kind, units)
	if err != nil {
		return nil, fmt.Errorf("index: units of kind %q: %w", kind, err)
	}
	return n, nil
}

// follow makes the state after a batch. A batch of a kind may bring changes too:
// other districts place hazards anew.
func (x *Index) follow(ctx context.Context, s *Snapshot, store data.Store, batch data.Batch) (Update, error) {
	u := Update{Changes: s.resolve(batch.Changes)}
	n := s.next(u.Changes)
	if units, ok := store.(data.Units); ok && batch.Kind != "" {
		var err error
		if n, err = x.loadUnits(ctx, n, units, batch.Kind); err != nil {
			return u, err
		}
		u.Kinds = []string{batch.Kind}
	}
	n.revision, n.at = batch.Revision, batch.At
	u.Snapshot = n
	return u, nil
}
