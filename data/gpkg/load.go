package gpkg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"iter"

	"riskatlas/data"
)

// Load is data.Store's. It reads and decodes the whole city, on all cores, before
// it returns, so that nothing is held open while the sequence is ranged over.
func (s *Store) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	return s.LoadAs(ctx, func(data.Revision) (data.Complete, error) { return nil, nil })
}

// LoadAs is data.Completing's, and reads as Load does.
func (s *Store) LoadAs(ctx context.Context, begin func(data.Revision) (data.Complete, error)) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	rev, all, err := s.all(ctx, begin)
	return rev, func(yield func(*data.Hazard, error) bool) {
		if err != nil {
			yield(nil, err)
			return
		}
		for i, h := range all {
			if !yield(h, nil) {
				return
			}
			all[i] = nil // a hazard that the caller drops is not kept by its successors
		}
	}
}

func (s *Store) all(ctx context.Context, begin func(data.Revision) (data.Complete, error)) (data.Revision, []*data.Hazard, error) {
	sc, err := s.scanner(ctx)
	if err != nil {
		return 0, nil, s.failed("load", err)
	}
	defer sc.close()
	complete, err := begin(sc.rev)
	if err != nil {
		return sc.rev, nil, err
	}
	pieces := make([][]*data.Hazard, sc.pieces())
	var refused refusal
	err = sc.run(ctx, hotColumns, func() func(int, *row) error {
		d := decoder{codes: s.codes, hot: data.NewHotReader(&s.in), texts: texts{slab: textSlabBytes}, slab: slabHazards}
		if complete != nil {
			d.complete = func(h *data.Hazard) error { return refused.by(complete(h)) }
		}
		return func(piece int, r *row) error {
			h, err := d.hazard(r)
			if err == nil {
				pieces[piece] = append(pieces[piece], h)
			} else if errors.Is(err, data.ErrLeftOut) {
				err = nil
			}
			return err
		}
	})
	if why := refused.why(); why != nil {
		return sc.rev, nil, why
	}
	return sc.rev, inOrder(pieces), s.failed("load", err)
}

// querier is what a connection and a transaction have in common.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// newest is the revision of the state that the transaction sees.
func newest(ctx context.Context, conn querier) (data.Revision, error) {
	var rev int64
	err := conn.QueryRowContext(ctx, "SELECT coalesce(max(revision), 0) FROM revisions").Scan(&rev)
	return data.Revision(rev), err
}

// Detail is data.Store's.
func (s *Store) Detail(ctx context.Context, ids ...data.ID) ([]*data.Record, error) {
	out := make([]*data.Record, len(ids))
	err := s.read(ctx, "detail", func(conn *sql.Conn) error {
		find, err := conn.PrepareContext(ctx, "SELECT "+hotColumns+", record FROM hazards WHERE id = ?")
		if err != nil {
			return err
		}
		defer find.Close()
		for i, id := range ids {
			if err := ctx.Err(); err != nil {
				return err
			}
			out[i], err = s.record(ctx, find, string(id))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// record is the one row that a prepared query for hotColumns and record gives,
// or nil.
func (s *Store) record(ctx context.Context, find *sql.Stmt, args ...any) (*data.Record, error) {
	// Without its Done the driver starts no goroutine for each row.
	rows, err := find.QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	var v [14]any
	var to [14]any
	for i := range v {
		to[i] = &v[i]
	}
	if err := rows.Scan(to[:]...); err != nil {
		return nil, err
	}
	var r row
	values := make([]driver.Value, len(v))
	for i := range v {
		values[i] = v[i]
	}
	r.take(values)
	return s.decoder().full(&r)
}

// decoder is one for single records.
func (s *Store) decoder() *decoder { return &decoder{codes: s.codes, hot: data.NewHotReader(&s.in)} }
