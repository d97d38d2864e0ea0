package data

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Version is what one revision left of a record.
type Version struct {
	Revision Revision
	At       time.Time // when, UTC
	Note     Note
	Record   *Record // nil: the revision removed it
}

// History is what a store remembers of its revisions. Stores implement it beside
// Store. A revision past the newest is a *Invalid.
type History interface {
	// Of gives every version of a record, the newest first; none of an id that the
	// store has never held.
	Of(ctx context.Context, id ID) ([]Version, error)
	// Log gives every batch after since up to until, with the records as it wrote
	// them, and ends there: it never waits. An until of 0 is the newest revision.
	Log(ctx context.Context, since, until Revision) iter.Seq2[Batch, error]
	// Heads is Log without the changes: who did it, when, and the kind of units.
	Heads(ctx context.Context, since, until Revision) iter.Seq2[Batch, error]
	// RevisionAt is the newest revision that was there at the instant, at that
	// millisecond included; 0 before the first.
	RevisionAt(ctx context.Context, at time.Time) (Revision, error)
}

// Past is the states in which a store has been. Stores implement it beside
// Store. A revision past the newest is a *Invalid, and what was not kept wraps
// ErrForgotten.
type Past interface {
	// DetailAt is Store's Detail as it was at a revision.
	DetailAt(ctx context.Context, at Revision, ids ...ID) ([]*Record, error)
	// Back gives what leads from the newest state back to the revision to: of each
	// record changed since, in the order of their ids, one change, with the record
	// that was there then (nil: there was none), conditional on the newest. Its
	// revision is that newest one. The sequence can be ranged over once.
	Back(ctx context.Context, to Revision) (Revision, iter.Seq2[Change, error])
	// KindsAt is Units' Kinds as they were at a revision.
	KindsAt(ctx context.Context, at Revision) ([]string, error)
	// UnitsAt is Units' Units as they were at a revision.
	UnitsAt(ctx context.Context, at Revision, kind string) iter.Seq2[*Unit, error]
}

// Remembering is a store with its units and all of its past: what every store of
// ours is.
type Remembering interface {
	Store
	Units
	History
	Past
}

// ErrForgotten is of a state of which something was not kept: units that a
// release wrote over which kept no sets that were replaced.
var ErrForgotten = errors.New("was not kept")

// PastRevision is the error of a revision that the store has not come to yet.
func PastRevision(asked, newest Revision) error {
	return &Invalid{Field: "revision", Value: utoa(uint64(asked)), Want: "a revision from 0 to " + utoa(uint64(newest))}
}
