package gpkg

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"riskatlas/data"
)

// scanner reads the table hazards by several connections of its own, which see
// the same state: each takes one piece of the rows after the other.
type scanner struct {
	db          *sql.DB
	conns       []*sql.Conn
	rev         data.Revision
	first, last int64 // of the rows' numbers; none when last is before first
}

const (
	// pieceRows is how many rows a piece has at least. A few thousand keep all
	// cores busy to the end, and are many beside the cost of one query.
	pieceRows = 2048
	// mostPieces bounds the pieces where numbers of rows are far apart.
	mostPieces = 4096
	// mostScanners is past what one file is read faster by.
	mostScanners = 8
	// agreeTries is how often connections try to begin at one revision while
	// others write, before one of them reads alone.
	agreeTries = 20
)

// scanner opens the connections. close must be called.
func (s *Store) scanner(ctx context.Context) (*scanner, error) {
	if s.isClosed() {
		return nil, os.ErrClosed
	}
	// Nothing is read twice, so they need no cache; and with a pool of their own
	// none of them waits for what others keep.
	db, err := sql.Open("sqlite", dataSource(s.abs, s.opts, 1024))
	if err != nil {
		return nil, err
	}
	sc := &scanner{db: db, last: -1}
	if err := sc.open(ctx, s.same); err != nil {
		sc.close()
		return nil, err
	}
	return sc, nil
}

// open begins the transactions. same reports that they may be of another file.
func (sc *scanner) open(ctx context.Context, same func() error) error {
	n := min(runtime.GOMAXPROCS(0), mostScanners)
	for try, agree := 1, false; !agree; try++ {
		if try > agreeTries {
			n = 1
		}
		var err error
		if agree, err = sc.begin(ctx, n); err != nil {
			return err
		}
	}
	if err := same(); err != nil {
		return err
	}
	var first, last sql.NullInt64
	// One by one: of both at once SQLite reads the whole table.
	err := sc.conns[0].QueryRowContext(ctx, "SELECT (SELECT min(fid) FROM hazards), (SELECT max(fid) FROM hazards)").Scan(&first, &last)
	if first.Valid {
		sc.first, sc.last = first.Int64, last.Int64
	}
	return err
}

// begin opens n transactions and reports whether they see the same revision.
func (sc *scanner) begin(ctx context.Context, n int) (agree bool, err error) {
	sc.end()
	for i := range n {
		conn, err := sc.db.Conn(ctx)
		if err != nil {
			return false, err
		}
		sc.conns = append(sc.conns, conn)
		// A transaction that began must not go back to the pool because its
		// context ended meanwhile.
		if _, err := conn.ExecContext(context.WithoutCancel(ctx), "BEGIN"); err != nil {
			return false, err
		}
		rev, err := newest(ctx, conn)
		if err != nil || i > 0 && rev != sc.rev {
			return false, err
		}
		sc.rev = rev
	}
	return true, nil
}

// end ends the transactions.
func (sc *scanner) end() {
	for _, conn := range sc.conns {
		_, _ = conn.ExecContext(context.Background(), "ROLLBACK") // fails where BEGIN did
		_ = conn.Close()
	}
	sc.conns = nil
}

func (sc *scanner) close() {
	sc.end()
	_ = sc.db.Close() // it was read only
}

// size is how many numbers of rows a piece spans.
func (sc *scanner) size() int64 { return max(pieceRows, (sc.last-sc.first)/mostPieces+1) }

// pieces is how many there are.
func (sc *scanner) pieces() int {
	if sc.last < sc.first {
		return 0
	}
	return int((sc.last-sc.first)/sc.size()) + 1
}

// run reads the columns of all rows. worker is called once for each goroutine;
// what it gives takes the rows of a piece in their order, and of one piece after
// the other. A row's texts and bytes are SQLite's and last for the call alone.
func (sc *scanner) run(ctx context.Context, columns string, worker func() func(piece int, r *row) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for _, conn := range sc.conns {
		take := worker()
		wg.Go(func() {
			if err := sc.work(ctx, conn, columns, &next, take); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (sc *scanner) work(ctx context.Context, conn *sql.Conn, columns string, next *atomic.Int64, take func(int, *row) error) error {
	within := context.WithoutCancel(ctx) // the driver would start a goroutine for each query
	// The function is called in the place of giving rows: the driver would copy
	// every text and blob of a row twice.
	query, err := conn.PrepareContext(within, fmt.Sprintf("SELECT count(%s(?1, %s)) FROM hazards WHERE fid BETWEEN ?2 AND ?3", rowFunction, columns))
	if err != nil {
		return err
	}
	defer query.Close()
	var k sink
	number := sinks.add(&k)
	defer sinks.remove(number)
	for ctx.Err() == nil {
		i := next.Add(1) - 1
		if i >= int64(sc.pieces()) {
			return nil
		}
		k.take = func(r *row) error { return take(int(i), r) }
		var n int64
		from := sc.first + i*sc.size()
		if err := query.QueryRowContext(within, number, from, from+sc.size()-1).Scan(&n); err != nil {
			return cmp.Or(k.err, err) // k's is what SQLite's stands for
		}
	}
	return nil
}
