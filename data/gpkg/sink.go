package gpkg

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"modernc.org/sqlite"
)

// rowFunction is the SQL function through which a scan is given its rows: the
// number of its sink, then the columns. It gives 1.
const rowFunction = "riskatlas_row"

// sink takes the rows of one connection's scan.
type sink struct {
	row  row
	take func(*row) error
	err  error // what take ended the scan with
}

// sinkTable finds a sink by its number, as SQL knows no pointers.
type sinkTable struct {
	mu   sync.Mutex
	last int64
	all  sync.Map // by number, int64
}

// sinks are those of the scans under way: the driver's functions are the
// process's.
var sinks sinkTable

func (t *sinkTable) add(k *sink) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	t.all.Store(t.last, k)
	return t.last
}

func (t *sinkTable) remove(number int64) { t.all.Delete(number) }

var errRefused = errors.New("the row was refused")

// registerRows gives connections the function. Its arguments are not copied: a
// sink may not keep them.
func registerRows() error {
	return sqlite.RegisterFunction(rowFunction, &sqlite.FunctionImpl{NArgs: -1, VolatileArgs: true,
		Scalar: func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if len(args) < 1+hotCount {
				return nil, fmt.Errorf("%s is for riskatlas itself", rowFunction)
			}
			found, ok := sinks.all.Load(args[0])
			if !ok {
				return nil, fmt.Errorf("%s is for riskatlas itself", rowFunction)
			}
			k := found.(*sink)
			k.row.take(args[1:])
			if err := k.take(&k.row); err != nil {
				k.err = err
				return nil, errRefused
			}
			return int64(1), nil
		}})
}
