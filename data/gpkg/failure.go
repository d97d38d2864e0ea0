package gpkg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"riskatlas/data"
)

// failed names the store and what it did in an error, nil for nil. After an
// error of the disk the store takes no more changes: what a failed write or
// sync has left behind is not known, and another try may only seem to succeed.
func (s *Store) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	switch code(err) {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		s.mu.Lock()
		if s.broken == nil {
			s.broken = err
		}
		s.mu.Unlock()
		err = fmt.Errorf("%w: %w", data.ErrReadOnly, err)
	case sqlite3.SQLITE_READONLY:
		err = fmt.Errorf("%w: %w", data.ErrReadOnly, err)
	case sqlite3.SQLITE_FULL:
		err = fmt.Errorf("%w, nothing was written: %w", data.ErrFull, err)
	case sqlite3.SQLITE_BUSY:
		err = fmt.Errorf("another process is writing, waited %v for it: %w", s.opts.Wait, err)
	case sqlite3.SQLITE_INTERRUPT:
		err = fmt.Errorf("%w: %w", context.Canceled, err)
	}
	if errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "sql: database is closed") {
		err = os.ErrClosed // database/sql has no sentinel for it
	}
	return fmt.Errorf("store %s: %s: %w", s.path, what, err)
}

// writable reports why no change can be taken, or nil.
func (s *Store) writable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return s.errClosed()
	case s.broken != nil:
		return fmt.Errorf("store %s: %w since %w: open it again when the cause is gone", s.path, data.ErrReadOnly, s.broken)
	}
	return nil
}

// lose ends every Watch with an error, and all writing.
func (s *Store) lose(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost == nil && !s.closed {
		s.lost = err
		if s.broken == nil {
			s.broken = err
		}
		close(s.grown)
		s.grown = make(chan struct{})
	}
}
