package gpkg

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"riskatlas/data"
)

var _ data.Days = (*Store)(nil)

// KeepDay is data.Days'.
func (s *Store) KeepDay(ctx context.Context, d data.Day) error {
	if err := d.Check(); err != nil {
		return err
	}
	return s.alone(ctx, "keep day", func(w *writer) error {
		_, err := w.conn.ExecContext(ctx, "INSERT INTO days (day, view, revision, at, totals) VALUES (?, ?, ?, ?, ?) "+
			"ON CONFLICT (view, day) DO UPDATE SET (revision, at, totals) = (excluded.revision, excluded.at, excluded.totals) WHERE excluded.revision >= revision",
			d.Day, d.View, int64(d.Revision), d.At.UTC().Format(stamp), string(d.Totals))
		return err
	})
}

// KeptDays is data.Days'.
func (s *Store) KeptDays(ctx context.Context, view, from, to string) ([]data.Day, error) {
	var out []data.Day
	err := s.read(ctx, "days", func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(ctx, "SELECT day, revision, CAST(at AS TEXT), totals FROM days WHERE view = ? AND day BETWEEN ? AND ? ORDER BY day", view, from, to)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			d := data.Day{View: view}
			var at, totals string
			if err := rows.Scan(&d.Day, &d.Revision, &at, &totals); err != nil {
				return err
			}
			if d.At, err = time.Parse(stamp, at); err != nil {
				return fmt.Errorf("day %s: %w", d.Day, err)
			}
			d.Totals = json.RawMessage(totals)
			out = append(out, d)
		}
		return rows.Err()
	})
	return out, err
}
