package gpkg

import (
	"errors"
	"sync"

	"riskatlas/data"
)

// refusal keeps the first error of a caller's own function, which ends a loading
// as it is: the store's name and the record's are not put before it.
type refusal struct {
	mu  sync.Mutex
	err error
}

func (r *refusal) by(err error) error {
	if err != nil && !errors.Is(err, data.ErrLeftOut) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.err == nil {
			r.err = err
		}
	}
	return err
}

func (r *refusal) why() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
