package gpkg

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"riskatlas/data"
)

var _ data.Remembering = (*Store)(nil)

// Of is data.History's.
func (s *Store) Of(ctx context.Context, id data.ID) ([]data.Version, error) {
	var out []data.Version
	err := s.read(ctx, "history", func(conn *sql.Conn) error {
		var err error
		if out, err = versions(ctx, conn, id); err != nil || len(out) == 0 {
			return err
		}
		find, err := s.versionFinder(ctx, conn)
		if err != nil {
			return err
		}
		defer find.close()
		for i := range out {
			if out[i].Record == nil {
				continue // removed
			}
			if out[i].Record, err = find.version(ctx, id, out[i].Revision); err != nil {
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

// versions lists the revisions that touched a record, the newest first; those
// that wrote it have an empty record.
func versions(ctx context.Context, conn *sql.Conn, id data.ID) ([]data.Version, error) {
	rows, err := conn.QueryContext(ctx, "SELECT c.op, r.revision, CAST(r.at AS TEXT), r.who, r.why, coalesce(r.key, '') "+
		"FROM changes c JOIN revisions r ON r.revision = c.revision WHERE c.id = ? ORDER BY c.n DESC", string(id))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []data.Version
	for rows.Next() {
		var v data.Version
		var op, when string
		if err := rows.Scan(&op, &v.Revision, &when, &v.Note.Who, &v.Note.Why, &v.Note.Key); err != nil {
			return nil, err
		}
		if v.At, err = time.Parse(stamp, when); err != nil {
			return nil, fmt.Errorf("revision %d: %w", v.Revision, err)
		}
		if op == "put" {
			v.Record = &data.Record{}
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// finder finds versions of records on one connection.
type finder struct {
	s         *Store
	now, past *sql.Stmt
}

func (s *Store) versionFinder(ctx context.Context, conn *sql.Conn) (*finder, error) {
	now, err := conn.PrepareContext(ctx, "SELECT "+hotColumns+", record FROM hazards WHERE id = ? AND rev = ?")
	if err != nil {
		return nil, err
	}
	past, err := conn.PrepareContext(ctx, "SELECT id, was, "+versionColumns+", record FROM changes WHERE id = ? AND was = ?")
	if err != nil {
		now.Close()
		return nil, err
	}
	return &finder{s, now, past}, nil
}

func (f *finder) close() {
	f.now.Close()
	f.past.Close()
}

// version reads the record as the revision wrote it: it is still the present one,
// or a later change has superseded it.
func (f *finder) version(ctx context.Context, id data.ID, rev data.Revision) (*data.Record, error) {
	for _, find := range []*sql.Stmt{f.now, f.past} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := f.s.record(ctx, find, string(id), int64(rev))
		if r != nil || err != nil {
			return r, err
		}
	}
	return nil, fmt.Errorf("record %s as revision %d wrote it is missing from the log", id, rev)
}

// Log is data.History's.
func (s *Store) Log(ctx context.Context, since, until data.Revision) iter.Seq2[data.Batch, error] {
	return s.log(ctx, since, until, true)
}

// Heads is data.History's.
func (s *Store) Heads(ctx context.Context, since, until data.Revision) iter.Seq2[data.Batch, error] {
	return s.log(ctx, since, until, false)
}

func (s *Store) log(ctx context.Context, since, until data.Revision, whole bool) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		err := s.read(ctx, "log", func(conn *sql.Conn) error {
			last, err := newest(ctx, conn)
			if until == 0 {
				until = last
			}
			if asked := max(since, until); err == nil && asked > last {
				err = data.PastRevision(asked, last)
			}
			return err
		})
		if err != nil {
			yield(data.Batch{}, err)
			return
		}
		for at := since; at < until; at++ {
			b, found, err := s.batch(ctx, at, whole)
			if err == nil && !found {
				err = fmt.Errorf("store %s: log: revision %d is gone", s.path, at+1)
			}
			if err != nil {
				yield(data.Batch{}, err)
				return
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// RevisionAt is data.History's.
func (s *Store) RevisionAt(ctx context.Context, at time.Time) (rev data.Revision, err error) {
	err = s.read(ctx, "revision", func(conn *sql.Conn) error {
		// Stamps sort as text, and revisions of one stamp by their numbers.
		return conn.QueryRowContext(ctx, "SELECT coalesce((SELECT revision FROM revisions WHERE at <= ? ORDER BY at DESC, revision DESC LIMIT 1), 0)",
			at.UTC().Format(stamp)).Scan(&rev)
	})
	return rev, err
}
