package gpkg

import (
	"context"
	"sync/atomic"

	"riskatlas/data"
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
	sum, err := sc.digest(ctx, s.tax, s.decoder)
	return sum, s.failed("digest", err)
}

// digest is Store.Digest's sum of the rows of a scan.
func (sc *scanner) digest(ctx context.Context, tax *data.Taxonomy, decoder func() *decoder) (uint64, error) {
	var sum atomic.Uint64
	err := sc.run(ctx, hotColumns+", record", func() func(int, *row) error {
		d := decoder()
		return func(_ int, r *row) error {
			full, err := d.full(r)
			if err != nil {
				return err
			}
			digest, err := tax.ContentDigest(full)
			sum.Add(digest)
			return err
		}
	})
	return sum.Load(), err
}
