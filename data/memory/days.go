package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"riskatlas/data"
)

var _ data.Days = (*Store)(nil)

// KeepDay is data.Days'.
func (s *Store) KeepDay(ctx context.Context, d data.Day) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	d.At, d.Totals = d.At.UTC().Truncate(time.Millisecond), slices.Clone(d.Totals)
	of := s.days[d.View]
	if of == nil {
		of = map[string]data.Day{}
		s.days[d.View] = of
	}
	if was, ok := of[d.Day]; !ok || d.Revision >= was.Revision {
		of[d.Day] = d
	}
	return nil
}

// KeptDays is data.Days'.
func (s *Store) KeptDays(ctx context.Context, view, from, to string) ([]data.Day, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	var out []data.Day
	for _, day := range slices.Sorted(maps.Keys(s.days[view])) {
		if from <= day && day <= to {
			out = append(out, s.days[view][day])
		}
	}
	return out, nil
}
