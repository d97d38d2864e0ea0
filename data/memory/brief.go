package memory

import (
	"context"

	"riskatlas/data"
)

var _ data.Briefer = (*Store)(nil)

// Brief is data.Briefer's.
func (s *Store) Brief(ctx context.Context, ids ...data.ID) ([]*data.Brief, error) {
	records, err := s.Detail(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]*data.Brief, len(records))
	for i, r := range records {
		if r != nil {
			out[i] = r.Brief()
		}
	}
	return out, nil
}
