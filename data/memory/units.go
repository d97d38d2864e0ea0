package memory

import (
	"context"
	"iter"
	"maps"
	"slices"

	"riskatlas/data"
)

// Kinds is data.Units'.
func (s *Store) Kinds(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	return slices.Sorted(maps.Keys(s.units)), nil
}

// Units is data.Units'.
func (s *Store) Units(ctx context.Context, kind string) iter.Seq2[*data.Unit, error] {
	return func(yield func(*data.Unit, error) bool) {
		s.mu.RLock()
		units, closed := s.units[kind], s.closed
		s.mu.RUnlock()
		if closed {
			yield(nil, errClosed)
			return
		}
		for i := range units {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(&units[i], nil) {
				return
			}
		}
	}
}

// Replace is data.Units'. An empty set removes the kind.
func (s *Store) Replace(ctx context.Context, note data.Note, kind string, units []data.Unit) (data.Revision, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	set, err := data.CheckUnits(kind, units)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rev, done, err := s.before(note); done || err != nil {
		return rev, err
	}
	return s.replace(note, kind, set), nil
}
