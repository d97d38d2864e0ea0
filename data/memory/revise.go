package memory

import (
	"context"
	"fmt"
	"slices"

	"riskatlas/data"
)

var _ data.Revising = (*Store)(nil)

// Revise is data.Revising's.
func (s *Store) Revise(ctx context.Context, note data.Note, kind string, change func([]data.Unit) ([]data.Unit, bool, error)) (data.Revision, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rev, done, err := s.before(note); done || err != nil {
		return rev, err
	}
	next, same, err := change(slices.Clone(s.units[kind]))
	if err != nil {
		return 0, fmt.Errorf("revise %s: %w", kind, err)
	}
	if same {
		return data.Revision(len(s.log)), nil
	}
	set, err := data.CheckUnits(kind, next)
	if err != nil {
		return 0, err
	}
	return s.replace(note, kind, set), nil
}

// replace puts the checked units in the place of the kind's. The lock is held.
func (s *Store) replace(note data.Note, kind string, set []data.Unit) data.Revision {
	if len(set) == 0 {
		delete(s.units, kind)
	} else {
		s.units[kind] = set
	}
	return s.append(batch{Batch: data.Batch{Note: note, Kind: kind}, set: set})
}
