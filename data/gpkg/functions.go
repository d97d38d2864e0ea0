package gpkg

import (
	"database/sql/driver"
	"fmt"
	"sync"

	"modernc.org/sqlite"
)

// guard is the function that the tables' triggers call. Its name is the message
// that an edit from outside meets: no such function.
const guard = "change_this_file_only_through_riskatlas"

// register gives every connection that this process opens from now on the
// functions that our triggers call. The driver's registry is the process's.
var register = sync.OnceValue(func() error {
	functions := map[string]func(envelope) driver.Value{
		"ST_MinX":    func(e envelope) driver.Value { return e[0] },
		"ST_MaxX":    func(e envelope) driver.Value { return e[1] },
		"ST_MinY":    func(e envelope) driver.Value { return e[2] },
		"ST_MaxY":    func(e envelope) driver.Value { return e[3] },
		"ST_IsEmpty": func(envelope) driver.Value { return int64(0) }, // our geometries never are
	}
	for name, value := range functions {
		err := sqlite.RegisterFunction(name, &sqlite.FunctionImpl{NArgs: 1, Deterministic: true, VolatileArgs: true,
			Scalar: func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
				blob, ok := args[0].([]byte)
				if !ok {
					return nil, nil
				}
				e, _, err := splitBlob(blob)
				if err != nil {
					return nil, err
				}
				return value(e), nil
			}})
		if err != nil {
			return fmt.Errorf("registering %s: %w", name, err)
		}
	}
	if err := registerRows(); err != nil {
		return fmt.Errorf("registering %s: %w", rowFunction, err)
	}
	return sqlite.RegisterScalarFunction(guard, 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		return int64(1), nil
	})
})
