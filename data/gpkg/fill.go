package gpkg

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"riskatlas/data"
)

// A first large batch is written in another order than single changes: the rows
// alone, then the log and the indexes of all of them at once. For that the
// triggers and indexes of the tables are taken away and put back within the one
// transaction, so that nobody ever sees the tables without them.

// fillLeast is the least batch for which that pays.
const fillLeast = 2000

// fresh reports whether a batch of n changes is to be written so: it is large
// and there are no records yet.
func (w *writer) fresh(ctx context.Context, n int) (bool, error) {
	if n < fillLeast {
		return false, nil
	}
	var rows int
	err := w.conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM hazards)").Scan(&rows)
	return rows == 0, err
}

// fill makes all the changes where there are no records, and says how many had an
// effect.
func (w *writer) fill(ctx context.Context, tax *data.Taxonomy, next data.Revision, changes []data.Change,
	hazards []*data.Hazard, extent *extent) (int, error) {
	for i := range changes {
		if err := changes[i].Holds(0); err != nil {
			return 0, err
		}
	}
	within := context.WithoutCancel(ctx)
	logged := false
	if err := w.conn.QueryRowContext(within, "SELECT EXISTS (SELECT 1 FROM changes)").Scan(&logged); err != nil {
		return 0, err
	}
	off := "DROP TRIGGER rtree_hazards_geom_insert; DROP TRIGGER riskatlas_hazards_insert; DROP TRIGGER riskatlas_changes_insert;"
	on := strings.ReplaceAll(rtreeInsert, "{t}", "hazards") + guardTrigger("hazards", "INSERT") + guardTrigger("changes", "INSERT")
	if !logged { // else making the indexes anew costs more than adding to them
		off += "DROP INDEX changes_revision; DROP INDEX changes_version;"
		on += changesIndexes
	}
	if _, err := w.conn.ExecContext(within, off); err != nil {
		return 0, err
	}
	boxes, err := w.rows(ctx, tax, next, changes, hazards, extent)
	if err != nil || len(boxes) == 0 {
		return 0, err // nothing of it stays
	}
	if err := w.pack(ctx, "hazards", boxes); err != nil {
		return 0, err
	}
	if _, err := w.conn.ExecContext(within, "INSERT INTO changes (revision, id, op, was) SELECT rev, id, 'put', 0 FROM hazards ORDER BY fid"); err != nil {
		return 0, err
	}
	_, err = w.conn.ExecContext(within, on)
	return len(boxes), err
}

// rows inserts the records and gives their numbers and boxes.
func (w *writer) rows(ctx context.Context, tax *data.Taxonomy, next data.Revision, changes []data.Change,
	hazards []*data.Hazard, extent *extent) ([]box, error) {
	within := context.WithoutCancel(ctx)
	boxes := make([]box, 0, len(changes))
	for _, e := range encodeAll(tax, next, changes, hazards) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if e.err != nil {
			return nil, e.err
		}
		if e.values == nil { // it removes what is not there
			continue
		}
		result, err := w.insert.ExecContext(within, e.values...)
		if err != nil {
			return nil, err
		}
		fid, err := result.LastInsertId()
		if err != nil {
			return nil, err
		}
		blob := e.values[2].([]byte)
		extent.add(blob)
		in, _, err := splitBlob(blob)
		if err != nil {
			return nil, err
		}
		boxes = append(boxes, newBox(fid, in))
	}
	return boxes, nil
}

// inserts runs an insertion of n rows of two columns, many to a statement.
func (w *writer) inserts(ctx context.Context, into string, n int, row func(i int) (a, b any)) error {
	const most = 100
	prepare := func(rows int) (*sql.Stmt, error) {
		return w.conn.PrepareContext(ctx, "INSERT INTO "+into+" VALUES "+strings.TrimSuffix(strings.Repeat("(?, ?), ", rows), ", "))
	}
	var put *sql.Stmt
	args, rows := make([]any, 0, 2*most), 0
	for i := 0; i < n; i += rows {
		if left := min(most, n-i); left != rows {
			if put != nil {
				put.Close()
			}
			rows = left
			var err error
			if put, err = prepare(rows); err != nil {
				return err
			}
		}
		args = args[:0]
		for j := i; j < i+rows; j++ {
			a, b := row(j)
			args = append(args, a, b)
		}
		if _, err := put.ExecContext(ctx, args...); err != nil {
			put.Close()
			return fmt.Errorf("%s: %w", into, err)
		}
	}
	if put != nil {
		return put.Close()
	}
	return nil
}
