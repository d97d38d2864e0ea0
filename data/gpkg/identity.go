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
// then makes the tables in an empty one or brings older ones up to this release's
// version, and turns the write-ahead log on. In that order: other programs look
// for the application id in the file itself.
func prepare(ctx context.Context, conn *sql.Conn) error {
	version, err := recognise(ctx, conn)
	if err != nil {
		return err
	}
	if version < schemaVersion {
		if err := renew(ctx, conn); err != nil {
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

// renew brings the tables up to this release's version, in one transaction.
func renew(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	// Another process may have done it meanwhile.
	version, err := recognise(ctx, conn)
	if err == nil {
		switch version {
		case 0:
			_, err = conn.ExecContext(ctx, schema())
		case 1:
			_, err = conn.ExecContext(ctx, past()+fmt.Sprintf("UPDATE riskatlas_store SET schema_version = %d;", schemaVersion))
		}
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

// recognise gives the version of the file's tables, 0 of an empty one, or why it
// is no store that this release reads.
func recognise(ctx context.Context, conn *sql.Conn) (version int64, err error) {
	var application, tables, ours int64
	if err := conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application); err != nil {
		return 0, err
	}
	if err := conn.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(name = 'riskatlas_store'), 0) FROM sqlite_schema").Scan(&tables, &ours); err != nil {
		return 0, err
	}
	switch {
	case tables == 0 && application == 0:
		return 0, nil
	case application != applicationID:
		return 0, errors.New("an SQLite file of another program, not a GeoPackage: want a store of riskatlas, or a path where there is no file")
	case ours == 0:
		return 0, errors.New("a GeoPackage of another program: want a store of riskatlas ('riskatlas import' reads other files into one)")
	}
	if err := conn.QueryRowContext(ctx, "SELECT schema_version FROM riskatlas_store").Scan(&version); err != nil {
		return 0, err
	}
	if version < 1 || version > schemaVersion {
		return 0, fmt.Errorf("tables of version %d, this release reads versions 1 to %d: use the release of riskatlas that wrote it", version, schemaVersion)
	}
	return version, nil
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
