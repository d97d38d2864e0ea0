package gpkg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"

	"riskatlas/data"
)

// Load is data.Store's. It reads and decodes the whole city, on all cores, before
// it returns, so that nothing is held open while the sequence is ranged over.
func (s *Store) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	var rev data.Revision
	var all []*data.Hazard
	err := s.read(ctx, "load", func(conn *sql.Conn) (err error) {
		if rev, err = newest(ctx, conn); err == nil {
			all, err = scan(ctx, conn, "SELECT "+hotColumns+" FROM hazards", func(r *row) (*data.Hazard, error) {
				return s.codes.hazard(r, &s.in)
			})
		}
		return err
	})
	byID := func(a, b *data.Hazard) int { return strings.Compare(string(a.ID), string(b.ID)) }
	if !slices.IsSortedFunc(all, byID) { // rows lie in the order of their first writing
		slices.SortFunc(all, byID)
	}
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

// chunk is some rows on their way to being decoded.
type chunk struct {
	at   int
	rows []row
}

const chunkRows = 256

// scan runs a query and decodes its rows on all cores, keeping their order. The
// driver is asked directly: database/sql's conversions would cost more than the
// decoding.
func scan[T any](ctx context.Context, conn *sql.Conn, query string, decode func(*row) (T, error)) ([]T, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	full := make(chan chunk, 4)
	free := make(chan []row, 8)
	var mu sync.Mutex
	var out []T
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for c := range full {
				done, err := decodeChunk(c.rows, decode)
				if err != nil {
					cancel(err)
				}
				mu.Lock()
				if need := c.at + len(done); need > len(out) {
					out = append(out, make([]T, need-len(out))...)
				}
				copy(out[c.at:], done)
				mu.Unlock()
				select {
				case free <- c.rows[:0]:
				default:
				}
			}
		})
	}
	err := conn.Raw(func(dc any) error { return pull(ctx, dc, query, full, free) })
	close(full)
	wg.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	return out, err
}

func decodeChunk[T any](rows []row, decode func(*row) (T, error)) ([]T, error) {
	out := make([]T, len(rows))
	for i := range rows {
		var err error
		if out[i], err = decode(&rows[i]); err != nil {
			return nil, err
		}
		rows[i] = row{}
	}
	return out, nil
}

// pull reads the query's rows into chunks.
func pull(ctx context.Context, dc any, query string, full chan<- chunk, free <-chan []row) error {
	q, ok := dc.(driver.QueryerContext)
	if !ok {
		return fmt.Errorf("the driver's %T answers no queries", dc)
	}
	rows, err := q.QueryContext(ctx, query, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	next := func() []row {
		select {
		case r := <-free:
			return r
		default:
			return make([]row, 0, chunkRows)
		}
	}
	c := chunk{rows: next()}
	for ctx.Err() == nil {
		err := rows.Next(values)
		if errors.Is(err, io.EOF) {
			full <- c
			return nil
		}
		if err != nil {
			return err
		}
		c.rows = append(c.rows, row{})
		c.rows[len(c.rows)-1].take(values)
		if len(c.rows) == chunkRows {
			full <- c
			c = chunk{c.at + chunkRows, next()}
		}
	}
	return ctx.Err()
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
	return s.codes.full(&r, &s.in)
}
