package memory

import (
	"context"
	"slices"
	"strings"

	"riskatlas/data"
)

var _ data.Whole = (*Store)(nil)

// Records is data.Whole's.
func (s *Store) Records(ctx context.Context, f func(data.Revision, data.RecordSeq) error) error {
	s.mu.RLock()
	rev, closed := data.Revision(len(s.log)), s.closed
	all := make([]*version, 0, len(s.records))
	for _, v := range s.records {
		all = append(all, v)
	}
	s.mu.RUnlock()
	if closed {
		return errClosed
	}
	slices.SortFunc(all, func(a, b *version) int { return strings.Compare(string(a.hazard.ID), string(b.hazard.ID)) })
	return f(rev, func(yield func(*data.Record, error) bool) {
		for _, v := range all {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			s.mu.RLock() // what texts are packed in grows with writes
			r := s.record(v)
			s.mu.RUnlock()
			if !yield(r, nil) {
				return
			}
		}
	})
}
