package gpkg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// prepare recognises the file behind the connection before anything is written,
// then makes the tables in an empty one, and turns the write-ahead log on. In
// that order: other programs look for the application id in the file itself.
func prepare(ctx context.Context, conn *sql.Conn) error {
	fresh, err := recognise(ctx, conn)
	if err != nil {
		return err
	}
	if fresh {
		if err := create(ctx, conn); err != nil {
			return err
		}
	}
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the write-ahead log cannot be used here (journal mode %s): want a local file system", mode)
	}
	return nil
}

func create(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	// Another process may have made the tables meanwhile.
	fresh, err := recognise(ctx, conn)
	if err == nil && fresh {
		_, err = conn.ExecContext(ctx, schema())
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, undo := conn.ExecContext(ctx, "ROLLBACK")
		return errors.Join(err, undo)
	}
	return nil
}

// recognise reports whether the file is empty, or why it is no store of ours.
func recognise(ctx context.Context, conn *sql.Conn) (fresh bool, err error) {
	var application, tables, ours int64
	if err := conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application); err != nil {
		return false, err
	}
	if err := conn.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(name = 'riskatlas_store'), 0) FROM sqlite_schema").Scan(&tables, &ours); err != nil {
		return false, err
	}
	switch {
	case tables == 0 && application == 0:
		return true, nil
	case application != applicationID:
		return false, errors.New("an SQLite file of another program, not a GeoPackage: want a store of riskatlas, or a path where there is no file")
	case ours == 0:
		return false, errors.New("a GeoPackage of another program: want a store of riskatlas ('riskatlas import' reads other files into one)")
	}
	var version int64
	if err := conn.QueryRowContext(ctx, "SELECT schema_version FROM riskatlas_store").Scan(&version); err != nil {
		return false, err
	}
	if version != schemaVersion {
		return false, fmt.Errorf("tables of version %d, this release reads version %d: use the release of riskatlas that wrote it", version, schemaVersion)
	}
	return false, nil
}

// recognised puts SQLite's words for a file that cannot be opened into ours.
func recognised(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		return errors.New("not an SQLite file: want a GeoPackage that riskatlas wrote, or a path where there is no file")
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("want a file and folder that can be written: %w", err)
	}
	return err
}

// code is SQLite's primary result code of an error, 0 when it is another's.
func code(err error) int {
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
