package memory

import (
	"context"
	"strings"

	"riskatlas/data"
)

var _ data.Keyed = (*Store)(nil)

// Keyed is data.Keyed's.
func (s *Store) Keyed(ctx context.Context, prefix string) (key string, rev data.Revision, err error) {
	if err := ctx.Err(); err != nil {
		return "", 0, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return "", 0, errClosed
	}
	s.keys.Ascend(prefix, func(k string, r data.Revision) bool {
		if strings.HasPrefix(k, prefix) {
			key, rev = k, r
		}
		return false
	})
	return key, rev, nil
}
