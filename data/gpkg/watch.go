package gpkg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"riskatlas/data"
)

// Watch is data.Store's. It ends with an error that wraps os.ErrClosed when the
// store is closed, and with one that says so when since is past the log or the
// file can no longer be followed.
func (s *Store) Watch(ctx context.Context, since data.Revision) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for at := since; ctx.Err() == nil; {
			grown, err := s.signal() // asked for before looking, so that nothing is missed
			var b data.Batch
			found := false
			if err == nil {
				b, found, err = s.batch(ctx, at, true)
			}
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				yield(data.Batch{}, err)
				return
			case found:
				if !yield(b, nil) {
					return
				}
				at = b.Revision
			default:
				select {
				case <-ctx.Done():
				case <-grown:
				}
			}
		}
	}
}

// signal gives the channel that is closed when there may be more to see.
func (s *Store) signal() (<-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, s.errClosed()
	case s.lost != nil:
		return nil, fmt.Errorf("store %s: watch: %w", s.path, s.lost)
	}
	return s.grown, nil
}

func (s *Store) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		close(s.grown)
		s.grown = make(chan struct{})
	}
}

// batch reads the revision after at, if there is one, with its changes or without.
func (s *Store) batch(ctx context.Context, at data.Revision, whole bool) (b data.Batch, found bool, err error) {
	err = s.read(ctx, "watch", func(conn *sql.Conn) error {
		last, err := newest(ctx, conn)
		if err != nil {
			return err
		}
		if at > last {
			return fmt.Errorf("since revision %d: the file is at revision %d", at, last)
		}
		if at == last {
			return nil
		}
		var when string
		var key, kind sql.NullString
		b.Revision = at + 1
		err = conn.QueryRowContext(ctx, "SELECT CAST(at AS TEXT), who, why, key, kind FROM revisions WHERE revision = ?", int64(b.Revision)).
			Scan(&when, &b.Note.Who, &b.Note.Why, &key, &kind)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("revision %d is missing from the log", b.Revision)
		}
		if err != nil {
			return err
		}
		b.Note.Key, b.Kind = key.String, kind.String
		if b.At, err = time.Parse(stamp, when); err != nil {
			return fmt.Errorf("revision %d: %w", b.Revision, err)
		}
		found = true
		if whole {
			b.Changes, err = s.changes(ctx, conn, b.Revision)
		}
		return err
	})
	return b, found, err
}

// changes reads what a revision did, with the records as it wrote them.
func (s *Store) changes(ctx context.Context, conn *sql.Conn, rev data.Revision) ([]data.Change, error) {
	out, puts, err := logged(ctx, conn, rev)
	if err != nil {
		return nil, err
	}
	find, err := s.versionFinder(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer find.close()
	for _, i := range puts {
		if out[i].New, err = find.version(ctx, out[i].ID, rev); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// logged reads a revision's lines of the log, and which of them put a record.
func logged(ctx context.Context, conn *sql.Conn, rev data.Revision) (out []data.Change, puts []int, err error) {
	rows, err := conn.QueryContext(ctx, "SELECT id, op, was FROM changes WHERE revision = ? ORDER BY n", int64(rev))
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c data.Change
		var op string
		if err := rows.Scan(&c.ID, &op, &c.If); err != nil {
			return nil, nil, err
		}
		if op == "put" {
			puts = append(puts, len(out))
		}
		out = append(out, c)
	}
	return out, puts, rows.Err()
}

// poll looks for the writes of other processes until the store is closed, and
// whether the path still names the file that is open.
func (s *Store) poll(conn *sql.Conn, version int64) {
	defer conn.Close()
	tick := time.NewTicker(s.opts.Poll)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		now, err := dataVersion(context.Background(), conn)
		if err == nil {
			err = s.same()
		}
		if err != nil {
			s.lose(err)
			return
		}
		if now != version {
			version = now
			s.wake()
		}
	}
}

// same reports that the path names another file than the one that is open.
func (s *Store) same() error {
	info, err := os.Stat(s.abs)
	if err == nil && !os.SameFile(info, s.file) {
		err = errors.New("the file was replaced by another while it was open: open it again")
	}
	return err
}

// dataVersion is a number that changes when another connection has committed.
func dataVersion(ctx context.Context, conn *sql.Conn) (v int64, err error) {
	err = conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&v)
	return v, err
}
