package gpkg

import (
	"context"
	"database/sql"
	"iter"

	"riskatlas/data"
)

// backRecords is how many records of the past are read at once.
const backRecords = 512

// DetailAt is data.Past's.
func (s *Store) DetailAt(ctx context.Context, at data.Revision, ids ...data.ID) ([]*data.Record, error) {
	out := make([]*data.Record, len(ids))
	err := s.read(ctx, "detail", func(conn *sql.Conn) error {
		if err := reached(ctx, conn, at); err != nil {
			return err
		}
		// The first change after it has the version that it superseded.
		later, err := conn.PrepareContext(ctx, "SELECT n, was FROM changes WHERE id = ? AND revision > ? ORDER BY n LIMIT 1")
		if err != nil {
			return err
		}
		defer later.Close()
		now, err := conn.PrepareContext(ctx, "SELECT "+hotColumns+", record FROM hazards WHERE id = ?")
		if err != nil {
			return err
		}
		defer now.Close()
		past, err := conn.PrepareContext(ctx, pastVersion)
		if err != nil {
			return err
		}
		defer past.Close()
		for i, id := range ids {
			if err := ctx.Err(); err != nil {
				return err
			}
			var n, was int64
			switch err := later.QueryRowContext(ctx, string(id), int64(at)).Scan(&n, &was); {
			case err == sql.ErrNoRows:
				out[i], err = s.record(ctx, now, string(id))
				if err != nil {
					return err
				}
			case err != nil:
				return err
			case was != 0:
				if out[i], err = s.record(ctx, past, n); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// pastVersion reads the version that a line of the log superseded.
const pastVersion = "SELECT id, was, " + versionColumns + ", record FROM changes WHERE n = ?"

// Back is data.Past's. What leads back is found at once, and its records are read
// while they are taken: lines of the log never change.
func (s *Store) Back(ctx context.Context, to data.Revision) (data.Revision, iter.Seq2[data.Change, error]) {
	var last data.Revision
	var steps []step
	err := s.read(ctx, "back", func(conn *sql.Conn) (err error) {
		if last, err = newest(ctx, conn); err != nil {
			return err
		}
		if to > last {
			return data.PastRevision(to, last)
		}
		steps, err = stepsBack(ctx, conn, to)
		return err
	})
	return last, func(yield func(data.Change, error) bool) {
		for first := 0; first < len(steps) && err == nil; first += backRecords {
			var changes []data.Change
			changes, err = s.back(ctx, steps[first:min(first+backRecords, len(steps))])
			for i := range changes {
				if err == nil && !yield(changes[i], nil) {
					return
				}
			}
		}
		if err != nil {
			yield(data.Change{}, err)
		}
	}
}

// step is the first change of a record after a revision: the line of the log, the
// revision that had written what it superseded (0: nothing), and the one that has
// written what is there now (0: nothing).
type step struct {
	id     data.ID
	n, was int64
	now    data.Revision
}

func stepsBack(ctx context.Context, conn *sql.Conn, to data.Revision) ([]step, error) {
	// The bare columns are those of the row with the least n, as SQLite promises
	// for a lone min().
	rows, err := conn.QueryContext(ctx, "SELECT f.id, f.n, f.was, coalesce(h.rev, 0) FROM "+
		"(SELECT id, min(n) AS n, was FROM changes WHERE revision > ? GROUP BY id) f LEFT JOIN hazards h ON h.id = f.id ORDER BY f.id", int64(to))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []step
	for rows.Next() {
		var s step
		if err := rows.Scan(&s.id, &s.n, &s.was, &s.now); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func (s *Store) back(ctx context.Context, steps []step) ([]data.Change, error) {
	out := make([]data.Change, len(steps))
	err := s.read(ctx, "back", func(conn *sql.Conn) error {
		past, err := conn.PrepareContext(ctx, pastVersion)
		if err != nil {
			return err
		}
		defer past.Close()
		for i, st := range steps {
			out[i] = data.Change{ID: st.id, If: st.now}
			if err := ctx.Err(); err != nil {
				return err
			}
			if st.was == 0 {
				continue
			}
			if out[i].New, err = s.record(ctx, past, st.n); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
