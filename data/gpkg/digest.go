package gpkg

import (
	"context"
	"database/sql"
)

// Digest is the sum of data.Taxonomy.ContentDigest over all records: it does not
// depend on their order or revisions, so stores that hold the same have the
// same. It decodes every record whole.
func (s *Store) Digest(ctx context.Context) (uint64, error) {
	var sum uint64
	err := s.read(ctx, "digest", func(conn *sql.Conn) error {
		all, err := scan(ctx, conn, "SELECT "+hotColumns+", record FROM hazards", func(r *row) (uint64, error) {
			full, err := s.codes.full(r, &s.in)
			if err != nil {
				return 0, err
			}
			return s.tax.ContentDigest(full)
		})
		for _, digest := range all {
			sum += digest
		}
		return err
	})
	return sum, err
}
