package data

import "context"

// Revising is a Units that changes a part of a set: what the others have done
// meanwhile is never lost. Stores implement it beside Units.
type Revising interface {
	Units
	// Revise puts what change makes of the kind's whole set in its place, as one
	// revision, with no other write between the reading and the writing. change gets
	// the units in the order of their codes, which it must not change in place, and
	// may run while other writers wait: it does no waiting of its own. Its error ends
	// the revision, and comes back wrapped. With same nothing is written, and the
	// current revision is the answer.
	Revise(ctx context.Context, note Note, kind string, change func(units []Unit) (next []Unit, same bool, err error)) (Revision, error)
}
