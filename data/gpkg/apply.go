package gpkg

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"riskatlas/data"
)

// Apply is data.Store's. Records are checked before the write lock is asked for;
// when another process has it, Apply waits as long as Options.Wait says.
func (s *Store) Apply(ctx context.Context, note data.Note, changes ...data.Change) (data.Revision, error) {
	if err := data.CheckBatch(changes); err != nil {
		return 0, err
	}
	hazards, err := s.stored(changes)
	if err != nil {
		return 0, err
	}
	return s.write(ctx, "apply", note, "", func(w *writer, next data.Revision) (int, error) {
		return w.changes(ctx, s.tax, next, changes, hazards)
	})
}

// write runs f as the body of the next revision, in one transaction. f says how
// much it did; when that is nothing, no revision is made.
func (s *Store) write(ctx context.Context, what string, note data.Note, kind string,
	f func(*writer, data.Revision) (int, error)) (data.Revision, error) {
	var rev data.Revision
	made := 0
	err := s.alone(ctx, what, func(w *writer) (err error) {
		if rev, made, err = w.transaction(ctx, note, kind, f); err != nil {
			return err
		}
		if made > 0 {
			s.wake()
		}
		if made > 1000 {
			// The cache of a large batch would stay with the connection for good.
			_, _ = w.conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA shrink_memory")
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return rev, nil
}

// alone runs f when nobody else of this process writes.
func (s *Store) alone(ctx context.Context, what string, f func(*writer) error) error {
	if err := s.writable(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return s.failed(what, ctx.Err())
	case <-s.done:
		return s.errClosed()
	case <-s.turn:
	}
	defer func() { s.turn <- struct{}{} }()
	if err := s.writable(); err != nil { // the one before may have broken it
		return err
	}
	return s.failed(what, f(s.writer))
}

// writer is the one connection that writes, and its statements.
type writer struct {
	conn                                               *sql.Conn
	find, logNew, logOld, insert, update, stay, remove *sql.Stmt
}

func newWriter(ctx context.Context, conn *sql.Conn) (*writer, error) {
	w := &writer{conn: conn}
	// A large batch that fits into the cache is written to the log once.
	if _, err := conn.ExecContext(ctx, "PRAGMA cache_size = -131072"); err != nil {
		return nil, err
	}
	marks := strings.Repeat(", ?", strings.Count(hotColumns, ",")+1)
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&w.find, "SELECT fid, rev, geom FROM hazards WHERE id = ?"},
		{&w.logNew, "INSERT INTO changes (revision, id, op, was) VALUES (?, ?, ?, 0)"},
		{&w.logOld, "INSERT INTO changes (revision, id, op, was, " + versionColumns + ", record) " +
			"SELECT ?, id, ?, rev, " + versionColumns + ", record FROM hazards WHERE fid = ?"},
		{&w.insert, "INSERT INTO hazards (" + hotColumns + ", record) VALUES (?" + marks + ")"},
		{&w.update, "UPDATE hazards SET (" + hotColumns + ", record) = (?" + marks + ") WHERE fid = ?"},
		// Naming the geometry would have the R-tree's triggers put it in again.
		{&w.stay, "UPDATE hazards SET (" + strings.Replace(hotColumns, "geom, ", "", 1) + ", record) = (?" + marks[len(", ?"):] + ") WHERE fid = ?"},
		{&w.remove, "DELETE FROM hazards WHERE fid = ?"},
	} {
		var err error
		if *p.to, err = conn.PrepareContext(ctx, p.sql); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *writer) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{w.find, w.logNew, w.logOld, w.insert, w.update, w.stay, w.remove} {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// transaction does f and logs it, and gives the revision and how much f did.
// Whatever fails, nothing of it stays.
func (w *writer) transaction(ctx context.Context, note data.Note, kind string,
	f func(*writer, data.Revision) (int, error)) (rev data.Revision, made int, err error) {
	within := context.WithoutCancel(ctx)
	defer func() {
		if err != nil || made == 0 {
			// It fails where nothing has begun, or SQLite has rolled back by itself.
			// A context that ends late can make an error of a BEGIN that succeeded.
			_, _ = w.conn.ExecContext(within, "ROLLBACK")
		}
	}()
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return 0, 0, err
	}
	// From here on the lock is ours: nothing waits, and the driver needs no
	// goroutine for each statement to watch the context.
	if note.Key != "" {
		var seen int64
		err := w.conn.QueryRowContext(within, "SELECT revision FROM revisions WHERE key = ?", note.Key).Scan(&seen)
		if !errors.Is(err, sql.ErrNoRows) {
			return data.Revision(seen), 0, err
		}
	}
	last, err := newest(within, w.conn)
	if err != nil {
		return 0, 0, err
	}
	n, err := f(w, last+1)
	if err != nil || n == 0 {
		return last, 0, err
	}
	if err := w.log(within, last, note, kind); err != nil {
		return 0, 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, 0, err
	}
	_, err = w.conn.ExecContext(within, "COMMIT")
	return last + 1, n, err
}

// log writes the revision after last.
func (w *writer) log(ctx context.Context, last data.Revision, note data.Note, kind string) error {
	at := time.Now().UTC().Format(stamp)
	before := ""
	err := w.conn.QueryRowContext(ctx, "SELECT CAST(at AS TEXT) FROM revisions WHERE revision = ?", int64(last)).Scan(&before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	at = max(at, before) // the clock may go back, the log does not
	if _, err := w.conn.ExecContext(ctx, "INSERT INTO revisions (revision, at, who, why, key, kind) VALUES (?, ?, ?, ?, ?, ?)",
		int64(last+1), at, note.Who, note.Why, orNull(note.Key), orNull(kind)); err != nil {
		return err
	}
	changed := "'hazards', 'changes'"
	if kind != "" {
		changed = "'units'"
	}
	_, err = w.conn.ExecContext(ctx, "UPDATE gpkg_contents SET last_change = ? WHERE table_name IN ('revisions', "+changed+")", at)
	return err
}

// stamp is the standard's DATETIME: UTC to the millisecond, which sorts as text.
const stamp = "2006-01-02T15:04:05.000Z"

// changes makes all the changes and says how many had an effect.
func (w *writer) changes(ctx context.Context, tax *data.Taxonomy, next data.Revision, changes []data.Change, hazards []*data.Hazard) (int, error) {
	extent, err := w.extent(ctx, "hazards")
	if err != nil {
		return 0, err
	}
	within := context.WithoutCancel(ctx)
	if fresh, err := w.fresh(within, len(changes)); err != nil {
		return 0, err
	} else if fresh {
		n, err := w.fill(ctx, tax, next, changes, hazards, extent)
		return n, cmp.Or(err, extent.save(within, w))
	}
	effects := 0
	for i, e := range encodeAll(tax, next, changes, hazards) {
		if err := cmp.Or(ctx.Err(), e.err); err != nil {
			return 0, err
		}
		had, err := w.change(within, next, &changes[i], e.values, extent)
		if err != nil {
			return 0, err
		}
		if had {
			effects++
		}
	}
	return effects, extent.save(within, w)
}

// change makes one change; values are nil to remove.
func (w *writer) change(ctx context.Context, next data.Revision, c *data.Change, values []any, extent *extent) (had bool, err error) {
	var fid, rev int64
	var geom []byte
	err = w.find.QueryRowContext(ctx, string(c.ID)).Scan(&fid, &rev, &geom)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if err := c.Holds(data.Revision(rev)); err != nil {
		return false, err
	}
	if rev == 0 && values == nil {
		return false, nil
	}
	op, stays := "put", false
	if values == nil {
		op = "remove"
	} else {
		stays = bytes.Equal(values[2].([]byte), geom)
	}
	if rev == 0 {
		_, err = w.logNew.ExecContext(ctx, int64(next), string(c.ID), op)
	} else {
		_, err = w.logOld.ExecContext(ctx, int64(next), op, fid)
		if !stays {
			extent.drop(geom)
		}
	}
	if err != nil {
		return false, err
	}
	if values != nil && !stays {
		extent.add(values[2].([]byte))
	}
	switch {
	case values == nil:
		_, err = w.remove.ExecContext(ctx, fid)
	case rev == 0:
		_, err = w.insert.ExecContext(ctx, values...)
	case stays:
		_, err = w.stay.ExecContext(ctx, append(slices.Delete(values, 2, 3), fid)...)
	default:
		_, err = w.update.ExecContext(ctx, append(values, fid)...)
	}
	return true, err
}
