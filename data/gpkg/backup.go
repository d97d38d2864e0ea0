package gpkg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"

	"riskatlas/data"
)

// Backup writes the store as it is at one revision into a new file, which must
// not exist: a store like this one, without the room that it does not use, that
// the same people may read, on the disk when Backup returns. Others may read and write meanwhile.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.isClosed() {
		return s.errClosed()
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(abs); err == nil {
		return fmt.Errorf("backup: %s is there already: want a path where there is no file", path)
	}
	// Its own connection: a pool's would keep what it read.
	db, err := sql.Open("sqlite", dataSource(s.abs, s.opts, 16_000))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := s.same(); err != nil {
		return s.failed("backup", err)
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", abs); err != nil {
		_ = os.Remove(abs)
		return s.failed("backup", err)
	}
	f, err := os.OpenFile(abs, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(s.file.Mode().Perm()), f.Sync(), f.Close())
}

// Inspection is what a store was found to hold.
type Inspection struct {
	Revision data.Revision
	Records  int
	Units    int    // of all kinds
	Digest   uint64 // as Store.Digest
}

// Inspect checks a store's file that no process has open, as Store.Inspect does,
// without changing a byte of it or of its folder.
func Inspect(ctx context.Context, path string, tax *data.Taxonomy) (*Inspection, error) {
	if err := register(); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(abs); err != nil {
		return nil, err
	}
	source := url.Values{"mode": {"ro"}, "immutable": {"1"}, "_pragma": {"trusted_schema(ON)", "temp_store(MEMORY)", "cache_size(-4096)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: abs}).EscapedPath()+"?"+source.Encode())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	in, err := inspect(ctx, db, tax, &data.Intern{}, func() error { return nil })
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, recognised(err))
	}
	return in, nil
}

// Inspect reads the whole file and checks it: its pages and indexes as SQLite
// knows them, that the log has every revision from 1 on, that each record is the
// version that the log says was written last and that the log has every earlier
// one, and that every record can be decoded. The error says what is wrong first.
func (s *Store) Inspect(ctx context.Context) (*Inspection, error) {
	if s.isClosed() {
		return nil, s.errClosed()
	}
	db, err := sql.Open("sqlite", dataSource(s.abs, s.opts, 4096))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	in, err := inspect(ctx, db, s.tax, &s.in, s.same)
	return in, s.failed("check", err)
}

func inspect(ctx context.Context, db *sql.DB, tax *data.Taxonomy, intern *data.Intern, same func() error) (*Inspection, error) {
	if err := ours(ctx, db); err != nil {
		return nil, err
	}
	sc := &scanner{db: db, last: -1}
	defer sc.end()
	if err := sc.open(ctx, same); err != nil {
		return nil, err
	}
	conn := sc.conns[0]
	if err := whole(ctx, conn); err != nil {
		return nil, err
	}
	in := &Inspection{Revision: sc.rev}
	if err := in.log(ctx, conn); err != nil {
		return nil, err
	}
	var err error
	in.Digest, err = sc.digest(ctx, tax, func() *decoder { return &decoder{codes: newCodes(tax), hot: data.NewHotReader(intern)} })
	return in, err
}

// ours refuses what is no store.
func ours(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	version, err := recognise(ctx, conn)
	if version == 0 && err == nil {
		err = errors.New("an empty file: want a store of riskatlas")
	}
	return err
}

// whole is SQLite's own check of the file.
func whole(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, "PRAGMA integrity_check(3)")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			return fmt.Errorf("the file is damaged: %s", line)
		}
	}
	return rows.Err()
}

// log checks the log against itself and the records, and counts what is there.
func (in *Inspection) log(ctx context.Context, conn *sql.Conn) error {
	var n, first int64
	err := conn.QueryRowContext(ctx, "SELECT count(*), coalesce(min(revision), 1) FROM revisions").Scan(&n, &first)
	if err == nil && (data.Revision(n) != in.Revision || first != 1) {
		err = fmt.Errorf("the log has %d revisions from %d on, want every one from 1 to %d", n, first, in.Revision)
	}
	if err != nil {
		return err
	}
	for _, c := range []struct{ query, wrong string }{
		{"SELECT id FROM changes WHERE revision NOT IN (SELECT revision FROM revisions) LIMIT 1", "the log has a change of it by a revision that it does not have"},
		{"SELECT id FROM hazards h WHERE NOT EXISTS (SELECT 1 FROM changes c WHERE c.id = h.id AND c.revision = h.rev AND c.op = 'put') LIMIT 1", "its version is not in the log"},
		{"SELECT id FROM hazards h WHERE EXISTS (SELECT 1 FROM changes c WHERE c.id = h.id AND c.revision > h.rev) LIMIT 1", "the log has a later version"},
		{"SELECT id FROM changes c WHERE was > 0 AND NOT EXISTS (SELECT 1 FROM changes p WHERE p.id = c.id AND p.revision = c.was AND p.op = 'put') LIMIT 1", "the log lacks the version that was superseded"},
		{"SELECT id FROM hazards h WHERE NOT EXISTS (SELECT 1 FROM rtree_hazards_geom r WHERE r.id = h.fid) LIMIT 1", "it is missing from the index of places"},
	} {
		var id string
		switch err := conn.QueryRowContext(ctx, c.query).Scan(&id); {
		case err == nil:
			return fmt.Errorf("record %s: %s", id, c.wrong)
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
	}
	return conn.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM hazards), (SELECT count(*) FROM units)").Scan(&in.Records, &in.Units)
}

// ErrHeld is of a file that another process has open.
var ErrHeld = errors.New("a server or another program has it open")

// Seize makes sure that no process has a store's file open and, until release is
// called, that none opens it: what its write-ahead log holds is in the file then,
// and the file may be replaced by another. The error wraps ErrHeld where it is
// open somewhere. A file that is no store of ours is an error and left as it is; a
// damaged one of ours is not.
func Seize(ctx context.Context, path string) (release func(), err error) {
	if err := register(); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dataSource(abs, Options{}, 1024))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", path, recognised(err)), db.Close())
	}
	release = func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // fails where nothing has begun
		_ = conn.Close()
		_ = db.Close()
	}
	if err := seize(ctx, conn); err != nil {
		release()
		if c := code(err); c == sqlite3.SQLITE_BUSY || c == sqlite3.SQLITE_LOCKED {
			err = ErrHeld
		}
		return nil, fmt.Errorf("store %s: %w", path, recognised(err))
	}
	return release, nil
}

func seize(ctx context.Context, conn *sql.Conn) error {
	if version, err := recognise(ctx, conn); err != nil || version == 0 {
		return err
	}
	// Leaving the write-ahead log needs the file for oneself alone.
	var mode string
	err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	if err == nil && mode != "delete" {
		err = ErrHeld
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if code(err) == sqlite3.SQLITE_CORRUPT {
		err = nil
	}
	return err
}
