package riskgrid

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
)

// losses is the ledger of one revision, there or still to be made. Safe for
// concurrent use.
type losses struct {
	turn  chan struct{} // full while somebody makes it
	state atomic.Pointer[recipe]
}

// recipe is a ledger, or what it will be made of: that of an earlier revision and
// what changed since. It is immutable.
type recipe struct {
	ledger *ledger // nil: not yet
	from   *losses // nil: nothing, all hazards are swaps
	field  *Field  // of this revision
	swaps  []Swap
}

func newLosses(r *recipe) *losses {
	l := &losses{turn: make(chan struct{}, 1)}
	l.state.Store(r)
	return l
}

// made is the ledger, nil when it is not there yet.
func (l *losses) made() *ledger { return l.state.Load().ledger }

// wait gives the ledger, which it makes where nobody else does: on so many cores
// when it follows from an earlier one, else on all. On an error, the context's,
// there is none.
func (l *losses) wait(ctx context.Context, land *Land, cores int) (*ledger, error) {
	if made := l.made(); made != nil {
		return made, nil
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-l.turn }()
	r := l.state.Load()
	if r.ledger != nil { // by him whose turn was before
		return r.ledger, nil
	}
	base, swaps, err := r.since(ctx, land)
	if err != nil {
		return nil, err
	}
	if r.from == nil {
		cores = runtime.GOMAXPROCS(0)
	}
	made, err := base.after(ctx, land, r.field, swaps, cores)
	if err != nil {
		return nil, err
	}
	l.state.Store(&recipe{ledger: made}) // and forget what it was made of
	return made, nil
}

// since gives the nearest ledger before that is there, and all swaps since. Of
// many revisions that came while the first one was being made, only those that
// are asked for are made, each in one step. The first one is waited for: nothing
// can be made without it.
func (r *recipe) since(ctx context.Context, land *Land) (*ledger, []Swap, error) {
	if r.from == nil {
		return &ledger{field: &Field{}}, r.swaps, nil
	}
	parts := [][]Swap{r.swaps}
	for at := r.from; ; {
		before := at.state.Load()
		made := before.ledger
		if made == nil && before.from == nil {
			var err error
			if made, err = at.wait(ctx, land, runtime.GOMAXPROCS(0)); err != nil {
				return nil, nil, err
			}
		}
		if made != nil {
			slices.Reverse(parts)
			return made, slices.Concat(parts...), nil
		}
		parts = append(parts, before.swaps)
		at = before.from
	}
}
