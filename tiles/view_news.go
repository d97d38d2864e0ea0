package tiles

import (
	"context"
	"fmt"
	"sync"

	"riskatlas/data"
	"riskatlas/index"
)

// news wakes those who wait for a revision.
type news struct {
	mu      sync.Mutex
	next    chan struct{} // closed, and replaced, at each revision that is published or refused
	refused data.Revision // the newest revision that cannot be shown; 0: none
	why     error
}

func (n *news) begin() { n.next = make(chan struct{}) }

func (n *news) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.next)
	n.next = make(chan struct{})
}

func (n *news) refuse(r data.Revision, why error) {
	n.mu.Lock()
	n.refused, n.why = r, why
	n.mu.Unlock()
	n.tell()
}

// hear gives what wakes the next time, and why a revision cannot be shown.
func (n *news) hear(r data.Revision) (<-chan struct{}, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.refused >= r && n.why != nil {
		return n.next, fmt.Errorf("revision %d cannot be shown: %w", n.refused, n.why)
	}
	return n.next, nil
}

// Reached waits until the newest view is of the revision or of a later one: who
// has written it then reads it. It fails when ctx ends, and when the revision, or
// a later one, was refused (see Err): the store has it all the same. Safe for
// concurrent use.
func (v *Viewer) Reached(ctx context.Context, r data.Revision) error {
	for {
		next, refused := v.news.hear(r)
		// The view is looked at after the news is asked for, so that none is missed.
		if view := v.View(); view != nil && view.Revision() >= r {
			return nil
		}
		if refused != nil {
			return refused
		}
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("waiting for revision %d to be shown: %w", r, ctx.Err())
		}
	}
}

// Holds reports, before a store is told, whether the city could be shown after
// the changes: an *data.Invalid when all frequencies together would exceed what
// the grid's numbers hold. The hazards must have come through the city, as With's.
func (v *View) Holds(changes ...data.Change) error {
	return withSwaps(v.total, riskSwaps(v.pairs(changes))).Check()
}

// pairs is what the changes put in the place of what.
func (v *View) pairs(changes []data.Change) []index.Change {
	pairs := make([]index.Change, len(changes))
	for i, c := range changes {
		pairs[i].Old, _ = v.Get(c.ID)
		if c.New != nil {
			pairs[i].New = c.New.Hazard
		}
	}
	return pairs
}
