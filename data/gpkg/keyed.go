package gpkg

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"riskatlas/data"
)

var _ data.Keyed = (*Store)(nil)

// Keyed is data.Keyed's.
func (s *Store) Keyed(ctx context.Context, prefix string) (key string, rev data.Revision, err error) {
	err = s.read(ctx, "key", func(conn *sql.Conn) error {
		var found int64
		// Keys are compared by their bytes: the first that is not before the prefix
		// begins with it, or none does.
		err := conn.QueryRowContext(ctx, "SELECT key, revision FROM revisions WHERE key >= ? ORDER BY key LIMIT 1", prefix).Scan(&key, &found)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !strings.HasPrefix(key, prefix) {
			key = ""
			return nil
		}
		rev = data.Revision(found)
		return err
	})
	return key, rev, err
}
