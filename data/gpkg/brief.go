package gpkg

import (
	"context"
	"database/sql"
	"strings"
	"sync"

	"riskatlas/data"
)

// briefRows is how many ids one question for briefs names; fewer are filled up
// with the last, so that there is one statement to prepare.
const briefRows = 12

// briefs is what reading briefs needs. The zero value is ready.
type briefs struct {
	parser data.BriefParser

	mu   sync.Mutex
	find *sql.Stmt // prepared once on each connection
}

func (b *briefs) statement(db *sql.DB) (*sql.Stmt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.find != nil {
		return b.find, nil
	}
	var err error
	b.find, err = db.Prepare("SELECT id, rev, record FROM hazards WHERE id IN (?" + strings.Repeat(", ?", briefRows-1) + ")")
	return b.find, err
}

var _ data.Briefer = (*Store)(nil)

// Brief is data.Briefer's.
func (s *Store) Brief(ctx context.Context, ids ...data.ID) ([]*data.Brief, error) {
	out := make([]*data.Brief, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	if s.isClosed() {
		return nil, s.errClosed()
	}
	find, err := s.brief.statement(s.db)
	if err != nil {
		return nil, s.failed("brief", err)
	}
	for from := 0; from < len(ids); from += briefRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+briefRows, len(ids))
		if err := s.briefsOf(ctx, find, ids[from:to], out[from:to]); err != nil {
			return nil, s.failed("brief", err)
		}
	}
	return out, nil
}

func (s *Store) briefsOf(ctx context.Context, find *sql.Stmt, ids []data.ID, out []*data.Brief) error {
	var args [briefRows]any
	for i := range args {
		args[i] = string(ids[min(i, len(ids)-1)])
	}
	// Without its Done the driver starts no goroutine.
	rows, err := find.QueryContext(context.WithoutCancel(ctx), args[:]...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, record string
		var rev int64
		if err := rows.Scan(&id, &rev, &record); err != nil {
			return err
		}
		b, err := s.brief.parser.Parse(record)
		if err != nil {
			return err
		}
		b.Rev = data.Revision(rev)
		for i := range ids { // also where one is asked for twice
			if string(ids[i]) == id {
				out[i] = b
			}
		}
	}
	return rows.Err()
}
