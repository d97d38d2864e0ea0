package memory

import (
	"context"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"riskatlas/data"
)

var _ data.Remembering = (*Store)(nil)

// then gives the log up to a revision, as every question about the past begins:
// what is in it never changes.
func (s *Store) then(ctx context.Context, at data.Revision) ([]batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	if newest := data.Revision(len(s.log)); at > newest {
		return nil, data.PastRevision(at, newest)
	}
	return s.log[:at], nil
}

// Of is data.History's.
func (s *Store) Of(ctx context.Context, id data.ID) ([]data.Version, error) {
	if _, err := s.then(ctx, 0); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []data.Version
	for i := len(s.log) - 1; i >= 0; i-- {
		b := &s.log[i]
		for _, c := range b.changes {
			if c.id != id {
				continue
			}
			v := data.Version{Revision: b.Revision, At: b.At, Note: b.Note}
			if c.now != nil {
				v.Record = s.record(c.now)
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// Log is data.History's.
func (s *Store) Log(ctx context.Context, since, until data.Revision) iter.Seq2[data.Batch, error] {
	return s.between(ctx, since, until, s.batch)
}

// Heads is data.History's.
func (s *Store) Heads(ctx context.Context, since, until data.Revision) iter.Seq2[data.Batch, error] {
	return s.between(ctx, since, until, func(b batch) data.Batch { return b.Batch })
}

func (s *Store) between(ctx context.Context, since, until data.Revision, give func(batch) data.Batch) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		if until == 0 {
			s.mu.RLock()
			until = data.Revision(len(s.log))
			s.mu.RUnlock()
		}
		log, err := s.then(ctx, max(since, until))
		if err != nil {
			yield(data.Batch{}, err)
			return
		}
		for at := since; at < until; at++ {
			if err := ctx.Err(); err != nil {
				yield(data.Batch{}, err)
				return
			}
			if !yield(give(log[at]), nil) {
				return
			}
		}
	}
}

// RevisionAt is data.History's.
func (s *Store) RevisionAt(ctx context.Context, at time.Time) (data.Revision, error) {
	if _, err := s.then(ctx, 0); err != nil {
		return 0, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	at = at.Truncate(time.Millisecond)
	return data.Revision(sort.Search(len(s.log), func(i int) bool { return s.log[i].At.After(at) })), nil
}

// DetailAt is data.Past's.
func (s *Store) DetailAt(ctx context.Context, at data.Revision, ids ...data.ID) ([]*data.Record, error) {
	log, err := s.then(ctx, at)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*data.Record, len(ids))
	old := map[data.ID]*data.Record{} // those that have changed since
	for i, id := range ids {
		v := s.records[id]
		if v != nil && v.hazard.Rev <= at {
			out[i] = s.record(v)
			continue
		}
		old[id] = nil
	}
	for i := len(log) - 1; i >= 0 && len(old) > 0; i-- {
		for _, c := range log[i].changes {
			if _, ok := old[c.id]; !ok {
				continue
			}
			delete(old, c.id)
			if c.now == nil {
				continue
			}
			r := s.record(c.now)
			for j, id := range ids {
				if id == c.id {
					out[j] = r
				}
			}
		}
	}
	return out, nil
}

// Back is data.Past's.
func (s *Store) Back(ctx context.Context, to data.Revision) (data.Revision, iter.Seq2[data.Change, error]) {
	log, err := s.then(ctx, to)
	if err != nil {
		return 0, func(yield func(data.Change, error) bool) { yield(data.Change{}, err) }
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	was := map[data.ID]data.Revision{} // of each record changed since, what had written it then
	for i := range s.log[to:] {
		for _, c := range s.log[int(to)+i].changes {
			if _, ok := was[c.id]; !ok {
				was[c.id] = c.was
			}
		}
	}
	versions := versionsOf(log, was)
	changes := make([]data.Change, 0, len(was))
	for id := range was {
		c := data.Change{ID: id}
		if v := s.records[id]; v != nil {
			c.If = v.hazard.Rev
		}
		changes = append(changes, c)
	}
	slices.SortFunc(changes, func(a, b data.Change) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return data.Revision(len(s.log)), func(yield func(data.Change, error) bool) {
		for i := range changes {
			c := changes[i]
			if v := versions[c.ID]; v != nil {
				s.mu.RLock()
				c.New = s.record(v)
				s.mu.RUnlock()
			}
			if err := ctx.Err(); err != nil {
				yield(c, err)
				return
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// versionsOf finds records as revisions of the log wrote them (0: none).
func versionsOf(log []batch, revs map[data.ID]data.Revision) map[data.ID]*version {
	from := map[data.Revision]struct{}{}
	for _, rev := range revs {
		if rev != 0 {
			from[rev] = struct{}{}
		}
	}
	out := make(map[data.ID]*version, len(revs))
	for rev := range from {
		for _, c := range log[rev-1].changes {
			if revs[c.id] == rev {
				out[c.id] = c.now
			}
		}
	}
	return out
}

// KindsAt is data.Past's.
func (s *Store) KindsAt(ctx context.Context, at data.Revision) ([]string, error) {
	log, err := s.then(ctx, at)
	if err != nil {
		return nil, err
	}
	held := map[string]bool{}
	for _, b := range log {
		if b.Kind != "" {
			held[b.Kind] = len(b.set) > 0
		}
	}
	var out []string
	for kind, some := range held {
		if some {
			out = append(out, kind)
		}
	}
	slices.Sort(out)
	return out, nil
}

// UnitsAt is data.Past's.
func (s *Store) UnitsAt(ctx context.Context, at data.Revision, kind string) iter.Seq2[*data.Unit, error] {
	return func(yield func(*data.Unit, error) bool) {
		log, err := s.then(ctx, at)
		if err != nil {
			yield(nil, err)
			return
		}
		for i := len(log) - 1; i >= 0; i-- {
			if log[i].Kind != kind || kind == "" {
				continue
			}
			for j := range log[i].set {
				if !yield(&log[i].set[j], nil) {
					return
				}
			}
			return
		}
	}
}
