package gpkg

import (
	"context"

	"riskatlas/data"
)

var _ data.Revising = (*Store)(nil)

// Revise is data.Revising's.
func (s *Store) Revise(ctx context.Context, note data.Note, kind string, change func([]data.Unit) ([]data.Unit, bool, error)) (data.Revision, error) {
	return s.write(ctx, "revise "+kind, note, kind, func(w *writer, rev data.Revision) (int, error) {
		within := context.WithoutCancel(ctx)
		held, err := readUnits(within, w.conn, kind)
		if err != nil {
			return 0, err
		}
		next, same, err := change(held)
		if err != nil || same {
			return 0, err
		}
		set, err := data.CheckUnits(kind, next)
		if err != nil {
			return 0, err
		}
		return w.replace(ctx, kind, set, rev)
	})
}

// replace puts the checked units in the place of the kind's, which it keeps for the
// history.
func (w *writer) replace(ctx context.Context, kind string, set []data.Unit, next data.Revision) (int, error) {
	within := context.WithoutCancel(ctx)
	if err := w.keepUnits(within, kind, next); err != nil {
		return 0, err
	}
	if _, err := w.conn.ExecContext(within, "DELETE FROM units WHERE kind = ?", kind); err != nil {
		return 0, err
	}
	if err := w.units(ctx, kind, set); err != nil {
		return 0, err
	}
	e := &extent{table: "units", stale: true}
	return 1, e.save(within, w)
}
