package index

import (
	"context"
	"iter"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
)

// Change is one hazard of a batch before (Old, nil: new) and after (New, nil:
// removed).
type Change struct{ Old, New *data.Hazard }

// Update is what Follow publishes: the new snapshot and what changed. The first
// one has Full set and no Changes: everything is new. Kinds names the unit sets
// that were replaced.
type Update struct {
	Snapshot *Snapshot
	Changes  []Change
	Kinds    []string
	Full     bool
}

// Index follows a store.
type Index struct{}

// New makes an empty index (revision 0).
func New() *Index { panic("unwritten") }

// Follow loads the store and its units (when it is a data.Units), publishes,
// then watches and publishes once per batch, until ctx ends or the store fails.
// publish is called from this goroutine only, in order; readers of Snapshot see
// the new one only after publish returned.
func (x *Index) Follow(ctx context.Context, store data.Store, publish func(Update)) error {
	panic("unwritten")
}

// Snapshot is the newest published state; never nil.
func (x *Index) Snapshot() *Snapshot { panic("unwritten") }

// Snapshot is one immutable state of the city: hazards of every status, units,
// fingerprints. Safe for any number of readers.
type Snapshot struct{}

func (s *Snapshot) Revision() data.Revision { panic("unwritten") }
func (s *Snapshot) At() time.Time           { panic("unwritten") } // of the last batch; zero when unknown
func (s *Snapshot) Len() int                { panic("unwritten") } // hazards of every status
func (s *Snapshot) Get(id data.ID) (*data.Hazard, bool) {
	panic("unwritten")
}

// All gives every hazard of every status that the filter selects, by id, after
// the given id ("" from the start).
func (s *Snapshot) All(f data.Filter, after data.ID) iter.Seq[*data.Hazard] { panic("unwritten") }

// Within gives the active hazards whose shape's box meets the bound.
func (s *Snapshot) Within(b orb.Bound, f data.Filter) iter.Seq[*data.Hazard] { panic("unwritten") }

// Reaching gives the active hazards whose Extent meets the bound.
func (s *Snapshot) Reaching(b orb.Bound, f data.Filter) iter.Seq[*data.Hazard] { panic("unwritten") }

// Nearest gives the active hazards by ground distance in metres to their shape,
// then by id.
func (s *Snapshot) Nearest(p orb.Point, f data.Filter) iter.Seq2[*data.Hazard, float64] {
	panic("unwritten")
}

// With gives a private snapshot with changes made: what-if. All else works on it.
func (s *Snapshot) With(changes ...data.Change) *Snapshot { panic("unwritten") }

// Fingerprint is the order-free sum of the layer's digests of the active
// matching hazards that truly reach (risk, grid) or touch (hazards, lines,
// areas) the tile grown by one cell (1/64 of its width) on each side; for places
// and for districts, labels see their own rule in the package documentation.
func (s *Snapshot) Fingerprint(t maptile.Tile, l data.Layer, f data.Filter) uint64 {
	panic("unwritten")
}

// Units gives a kind's units by code; the slice is shared and not to be changed.
func (s *Snapshot) Units(kind string) []data.Unit { panic("unwritten") }

// Kinds lists the kinds of units held, sorted.
func (s *Snapshot) Kinds() []string { panic("unwritten") }

// UnitsDigest is a hash of a kind's whole set (0 when empty).
func (s *Snapshot) UnitsDigest(kind string) uint64 { panic("unwritten") }

// Count is the number of active hazards that match, by level (index 0 unused);
// CountBy splits it by class. Kept by increments, so cheap.
func (s *Snapshot) Count(f data.Filter) [5]int { panic("unwritten") }

// Classes gives every class of active hazards with its number of hazards.
func (s *Snapshot) Classes() iter.Seq2[data.Class, int] { panic("unwritten") }
