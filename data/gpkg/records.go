package gpkg

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"riskatlas/data"
)

var _ data.Whole = (*Store)(nil)

// Records is data.Whole's. It reads with a connection of its own and holds one
// record at a time; writers do not wait for it.
func (s *Store) Records(ctx context.Context, f func(data.Revision, data.RecordSeq) error) error {
	if s.isClosed() {
		return s.errClosed()
	}
	db, err := sql.Open("sqlite", dataSource(s.abs, s.opts, 4096))
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return s.failed("records", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	rev, err := newest(ctx, tx)
	if err == nil {
		err = s.same()
	}
	if err != nil {
		return s.failed("records", err)
	}
	return f(rev, func(yield func(*data.Record, error) bool) {
		if err := s.eachRecord(ctx, tx, yield); err != nil {
			yield(nil, s.failed("records", err))
		}
	})
}

// eachRecord gives every record in the order of ids, nil when yield has said no.
func (s *Store) eachRecord(ctx context.Context, tx *sql.Tx, yield func(*data.Record, error) bool) error {
	rows, err := tx.QueryContext(ctx, "SELECT "+hotColumns+", record FROM hazards ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	var v, to [hotCount + 1]any
	for i := range v {
		to[i] = &v[i]
	}
	values := make([]driver.Value, len(v))
	d := s.decoder()
	for rows.Next() {
		if err := rows.Scan(to[:]...); err != nil {
			return err
		}
		for i := range v {
			values[i] = v[i]
		}
		var r row
		r.take(values)
		full, err := d.full(&r)
		if err != nil {
			return err
		}
		if !yield(full, nil) {
			return nil
		}
	}
	return rows.Err()
}
