package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/btree"

	"riskatlas/data"
)

// Store is the records, the unit sets and the whole log. All methods are safe
// for concurrent use. Shapes, scenarios and units that it is given it keeps and
// gives out again without a copy: they must not be changed afterwards.
type Store struct {
	tax *data.Taxonomy

	mu      sync.RWMutex
	texts   texts
	records map[data.ID]*version
	units   map[string][]data.Unit // by kind, in the order of codes
	log     []batch                // log[i] is revision i+1
	keys    btree.Map[string, data.Revision]
	days    map[string]map[string]data.Day // by view and day
	grown   chan struct{}                  // closed, and replaced, when the log grows
	closed  bool
}

// version is a record as a revision wrote it.
type version struct {
	hazard *data.Hazard
	detail packed
}

// batch is a revision, its changes apart.
type batch struct {
	data.Batch
	changes []change
	set     []data.Unit // of its kind, as the revision left it
}

type change struct {
	id  data.ID
	was data.Revision
	now *version // nil: removed
}

var (
	_ data.Store = (*Store)(nil)
	_ data.Units = (*Store)(nil)
)

// New makes an empty store, at revision 0, of a city with this taxonomy.
func New(tax *data.Taxonomy) *Store {
	return &Store{
		tax:     tax,
		texts:   texts{at: map[string]uint64{}},
		records: map[data.ID]*version{},
		units:   map[string][]data.Unit{},
		days:    map[string]map[string]data.Day{},
		grown:   make(chan struct{}),
	}
}

var errClosed = fmt.Errorf("the store in memory: %w", os.ErrClosed)

// Load is data.Store's.
func (s *Store) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, func(yield func(*data.Hazard, error) bool) { yield(nil, errClosed) }
	}
	all := make([]*data.Hazard, 0, len(s.records))
	for _, v := range s.records {
		all = append(all, v.hazard)
	}
	return data.Revision(len(s.log)), func(yield func(*data.Hazard, error) bool) {
		slices.SortFunc(all, func(a, b *data.Hazard) int { return strings.Compare(string(a.ID), string(b.ID)) })
		for _, h := range all {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(h, nil) {
				return
			}
		}
	}
}

// Detail is data.Store's.
func (s *Store) Detail(ctx context.Context, ids ...data.ID) ([]*data.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	out := make([]*data.Record, len(ids))
	for i, id := range ids {
		if v := s.records[id]; v != nil {
			out[i] = s.record(v)
		}
	}
	return out, nil
}

// record is a version as it was given. The caller holds the lock.
func (s *Store) record(v *version) *data.Record {
	return &data.Record{Hazard: v.hazard, Detail: s.texts.unpack(v.detail)}
}

// Apply is data.Store's.
func (s *Store) Apply(ctx context.Context, note data.Note, changes ...data.Change) (data.Revision, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := data.CheckBatch(changes); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rev, done, err := s.before(note); done || err != nil {
		return rev, err
	}
	next := data.Revision(len(s.log)) + 1
	hazards, errs := s.stored(changes, next)
	made := make([]change, 0, len(changes))
	for i := range changes {
		c := &changes[i]
		old := s.records[c.ID]
		have := data.Revision(0)
		if old != nil {
			have = old.hazard.Rev
		}
		if err := c.Holds(have); err != nil {
			return 0, err
		}
		switch {
		case c.New == nil && old == nil:
		case c.New == nil:
			made = append(made, change{id: c.ID, was: have})
		case errs[i] != nil:
			return 0, errs[i]
		default:
			made = append(made, change{hazards[i].ID, have, &version{hazards[i], s.texts.pack(&c.New.Detail)}})
		}
	}
	if len(made) == 0 {
		return next - 1, nil
	}
	for _, c := range made {
		if c.now == nil {
			delete(s.records, c.id)
		} else {
			s.records[c.id] = c.now
		}
	}
	return s.append(batch{Batch: data.Batch{Note: note}, changes: made}), nil
}

// stored checks the new records on all cores, and gives the hazards that are kept
// of them. Details are kept as they are.
func (s *Store) stored(changes []data.Change, rev data.Revision) ([]*data.Hazard, []error) {
	hazards, errs := make([]*data.Hazard, len(changes)), make([]error, len(changes))
	parts := min(runtime.GOMAXPROCS(0), len(changes)/64+1)
	var wg sync.WaitGroup
	for part := range parts {
		wg.Go(func() {
			for i := len(changes) * part / parts; i < len(changes)*(part+1)/parts; i++ {
				if changes[i].New == nil {
					continue
				}
				r, err := s.tax.Stored(&changes[i], rev)
				if errs[i] = err; err == nil {
					hazards[i] = r.Hazard
				}
			}
		})
	}
	wg.Wait()
	return hazards, errs
}

// before answers a call whose key was seen, and refuses one after the end.
func (s *Store) before(note data.Note) (rev data.Revision, done bool, err error) {
	if s.closed {
		return 0, false, errClosed
	}
	rev, done = s.keys.Get(note.Key)
	return rev, done, nil
}

func (s *Store) append(b batch) data.Revision {
	b.Revision = data.Revision(len(s.log)) + 1
	b.At = time.Now().UTC().Truncate(time.Millisecond)
	if n := len(s.log); n > 0 && b.At.Before(s.log[n-1].At) {
		b.At = s.log[n-1].At // the clock went back: the log does not
	}
	s.log = append(s.log, b)
	if b.Note.Key != "" {
		s.keys.Set(b.Note.Key, b.Revision)
	}
	close(s.grown)
	s.grown = make(chan struct{})
	return b.Revision
}

// Watch is data.Store's. It ends with an error that wraps os.ErrClosed when the
// store is closed, and with one that says so when since is past the log.
func (s *Store) Watch(ctx context.Context, since data.Revision) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for at := since; ctx.Err() == nil; {
			s.mu.RLock()
			log, grown, closed := s.log, s.grown, s.closed
			s.mu.RUnlock()
			if closed {
				yield(data.Batch{}, errClosed)
				return
			}
			if at > data.Revision(len(log)) {
				yield(data.Batch{}, fmt.Errorf("watch since revision %d: the store in memory is at revision %d", since, len(log)))
				return
			}
			for _, b := range log[at:] {
				if ctx.Err() != nil || !yield(s.batch(b), nil) {
					return
				}
				at = b.Revision
			}
			select {
			case <-ctx.Done():
			case <-grown:
			}
		}
	}
}

// batch is a revision as Watch gives it.
func (s *Store) batch(b batch) data.Batch {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := b.Batch
	for _, c := range b.changes {
		change := data.Change{ID: c.id, If: c.was}
		if c.now != nil {
			change.New = s.record(c.now)
		}
		out.Changes = append(out.Changes, change)
	}
	return out
}

// Digest is the sum of data.Taxonomy.ContentDigest over all records: stores that
// hold the same have the same.
func (s *Store) Digest(ctx context.Context) (sum uint64, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, v := range s.records {
		digest, err := s.tax.ContentDigest(s.record(v))
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return 0, err
		}
		sum += digest
	}
	return sum, nil
}

// Close ends every Watch; afterwards every method fails. Closing again is nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.grown)
	}
	return nil
}
