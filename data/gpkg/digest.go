package gpkg

import (
	"context"
	"sync/atomic"
)

// Digest is the sum of data.Taxonomy.ContentDigest over all records: it does not
// depend on their order or revisions, so stores that hold the same have the
// same. It decodes every record whole.
func (s *Store) Digest(ctx context.Context) (uint64, error) {
	sc, err := s.scanner(ctx)
	if err != nil {
		return 0, s.failed("digest", err)
	}
	defer sc.close()
	var sum atomic.Uint64
	err = sc.run(ctx, hotColumns+", record", func() func(int, *row) error {
		d := s.decoder()
		return func(_ int, r *row) error {
			full, err := d.full(r)
			if err != nil {
				return err
			}
			digest, err := s.tax.ContentDigest(full)
			sum.Add(digest)
			return err
		}
	})
	return sum.Load(), s.failed("digest", err)
}
