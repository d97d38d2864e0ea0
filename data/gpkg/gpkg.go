package gpkg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"riskatlas/data"
)

// Options of a store. The zero value is what serve uses.
type Options struct {
	// Wait is how long Apply and Replace wait for another process to end its
	// write. Default 30 s.
	Wait time.Duration
	// Poll is how often Watch looks for the writes of other processes; our own
	// wake it at once. Default 100 ms.
	Poll time.Duration
}

// Store is an open GeoPackage file. All methods are safe for concurrent use,
// also by several processes on the same file and machine.
type Store struct {
	path  string
	abs   string
	tax   *data.Taxonomy
	opts  Options
	db    *sql.DB
	file  os.FileInfo // what was opened, to notice when the path names another
	codes *codes
	in    data.Intern
	brief briefs

	turn   chan struct{} // holds one token: who has it may write
	writer *writer

	mu     sync.Mutex
	grown  chan struct{} // closed, and replaced, when there may be a new revision
	broken error         // why no more is written, or nil
	lost   error         // why Watch can see no more, or nil
	closed bool
	done   chan struct{}
	polls  sync.WaitGroup
}

var (
	_ data.Store      = (*Store)(nil)
	_ data.Completing = (*Store)(nil)
	_ data.Units      = (*Store)(nil)
)

// Open opens the store in a file of a city with this taxonomy, and creates the
// file when it is missing. A file that is no GeoPackage of this program's, or of
// a newer release of it, is an error and is left as it is.
func Open(path string, tax *data.Taxonomy, opts Options) (*Store, error) {
	s, err := open(path, tax, opts)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	return s, nil
}

func open(path string, tax *data.Taxonomy, opts Options) (*Store, error) {
	if err := register(); err != nil {
		return nil, err
	}
	if opts.Wait == 0 {
		opts.Wait = 30 * time.Second
	}
	if opts.Poll == 0 {
		opts.Poll = 100 * time.Millisecond
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(abs); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("not a file: want the path of a GeoPackage file")
	}
	if info, err := os.Stat(filepath.Dir(abs)); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("there is no folder %s", filepath.Dir(abs))
	}
	db, err := sql.Open("sqlite", dataSource(abs, opts, 16_000))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(10)
	db.SetMaxIdleConns(4)
	s := &Store{path: path, abs: abs, tax: tax, opts: opts, db: db, codes: newCodes(tax),
		turn: make(chan struct{}, 1), grown: make(chan struct{}), done: make(chan struct{})}
	if err := s.start(abs); err != nil {
		db.Close()
		return nil, err
	}
	s.turn <- struct{}{}
	return s, nil
}

// dataSource names the file with what holds for every connection: commits that
// return are on the disk (synchronous=FULL), and the log beside the file gives
// its space back after a large batch. Each connection keeps so many kB of pages.
func dataSource(abs string, opts Options, cacheKB int) string {
	q := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", opts.Wait.Milliseconds()), "synchronous(FULL)", "foreign_keys(OFF)",
		"trusted_schema(ON)", "temp_store(MEMORY)", "journal_size_limit(67108864)",
		fmt.Sprintf("cache_size(-%d)", cacheKB)}}
	return "file:" + (&url.URL{Path: abs}).EscapedPath() + "?" + q.Encode()
}

// start recognises or makes the file, and starts the poll.
func (s *Store) start(abs string) error {
	ctx := context.Background()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return recognised(err)
	}
	if err := prepare(ctx, conn); err != nil {
		conn.Close()
		return recognised(err)
	}
	if s.file, err = os.Stat(abs); err == nil {
		s.writer, err = newWriter(ctx, conn)
	}
	if err != nil {
		conn.Close()
		return err
	}
	poll, err := s.db.Conn(ctx)
	if err == nil {
		var version int64
		if version, err = dataVersion(ctx, poll); err == nil {
			s.polls.Go(func() { s.poll(poll, version) })
			return nil
		}
		poll.Close()
	}
	return errors.Join(err, s.writer.close())
}

// Close ends every Watch and releases the file, after a write that is under way.
// Afterwards every method fails with an error that wraps os.ErrClosed. Closing
// again is nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.grown)
	close(s.done)
	s.mu.Unlock()
	s.polls.Wait()
	<-s.turn // never put back: nobody writes any more
	err := errors.Join(s.writer.close(), s.db.Close())
	return s.failed("close", err)
}

func (s *Store) errClosed() error { return fmt.Errorf("store %s: %w", s.path, os.ErrClosed) }

func (s *Store) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// read runs f in a transaction that sees one state of the file.
func (s *Store) read(ctx context.Context, what string, f func(*sql.Conn) error) error {
	if s.isClosed() {
		return s.errClosed()
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return s.failed(what, err)
	}
	defer conn.Close()
	// Neither waits, and a transaction that began must not go back to the pool
	// because its context ended meanwhile.
	within := context.WithoutCancel(ctx)
	if _, err = conn.ExecContext(within, "BEGIN"); err != nil {
		return s.failed(what, err)
	}
	err = f(conn)
	_, end := conn.ExecContext(within, "ROLLBACK")
	return s.failed(what, errors.Join(err, end))
}
