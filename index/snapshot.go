package index

import (
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Snapshot is one immutable state of the city: hazards of every status, units,
// fingerprints. Safe for any number of readers.
type Snapshot struct {
	revision     data.Revision
	at           time.Time
	vintage      int    // of the taxonomy: whose districts are fingerprinted
	districtKind string // the kind of its units

	// Copying a tree marks its source, so one copies at a time.
	copying sync.Mutex

	roll    roll
	prints  [groupCount]*prints // active
	classes *classes
	counts  []int // of active hazards, by class number
	units   map[string]*unitSet
	reach   []uint64 // by unit of districtKind: sum of risk digests that reach it

	clusters *clusters // active
}

// Revision is the store's revision that this is the state of.
func (s *Snapshot) Revision() data.Revision { return s.revision }

// At is the time of the last batch; zero when none was seen since loading.
func (s *Snapshot) At() time.Time { return s.at }

// Len is the number of hazards of every status.
func (s *Snapshot) Len() int { return s.roll.len() }

// Get finds a hazard of any status.
func (s *Snapshot) Get(id data.ID) (*data.Hazard, bool) {
	it, ok := s.roll.get(id)
	return it.hazard, ok
}

// All gives every hazard of every status that the filter selects, by id, after
// the given id ("" from the start).
func (s *Snapshot) All(f data.Filter, after data.ID) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) {
		sel := s.classes.selection(f)
		s.roll.scan(after, func(it item) bool { return !sel.has(it.class) || yield(it.hazard) })
	}
}

// Within gives the active hazards that match and whose shape's box meets the
// bound, in no order.
func (s *Snapshot) Within(b orb.Bound, f data.Filter) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) { s.search(false, b, f, yield) }
}

// Reaching gives the active hazards that match and whose Extent meets the bound,
// in no order.
func (s *Snapshot) Reaching(b orb.Bound, f data.Filter) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) { s.search(true, b, f, yield) }
}

func (s *Snapshot) search(by byExtent, b orb.Bound, f data.Filter, yield func(*data.Hazard) bool) {
	s.roll.search(by, b, s.classes.selection(f), yield)
}

// With gives a private snapshot with changes made: what-if. All else works on it.
// The hazards must have come through the city, so that their classes are placed;
// Change.If is not looked at. Revision and units stay those of the receiver.
func (s *Snapshot) With(changes ...data.Change) *Snapshot {
	return s.next(s.resolve(changes))
}

// Past gives the snapshot of an earlier revision, written at a time, by the changes
// that lead back to it; units must be those of the receiver. Change.If is not
// looked at.
func (s *Snapshot) Past(rev data.Revision, at time.Time, changes ...data.Change) *Snapshot {
	n := s.With(changes...)
	n.revision, n.at = rev, at
	return n
}

// WithBytes is about how much memory a snapshot that With has made by n changes
// takes beside the receiver's.
func (s *Snapshot) WithBytes(n int) int64 {
	const (
		change = 16<<10 + clusterCopies // nodes of the trees on the way to a hazard, and its sums
		whole  = 128                    // a hazard's part of a packed base
	)
	if repacks(s.roll.delta()+n, s.roll.len()) {
		return int64(s.roll.len()+n)*whole + int64(n)*change
	}
	return int64(n)*change + int64(len(s.roll.dead.chunks))*8
}

// ReachPrint is the order-free sum of the risk digests of the active hazards that
// reach a district of the default vintage (at least 100 m more than they do), by
// its place in Units: equal sums mean equal risk on its ground.
func (s *Snapshot) ReachPrint(district int) uint64 {
	if district < len(s.reach) {
		return s.reach[district]
	}
	return 0
}

// Units gives a kind's units by code; the slice is shared and not to be changed.
func (s *Snapshot) Units(kind string) []data.Unit {
	if set := s.units[kind]; set != nil {
		return set.units
	}
	return nil
}

// Kinds lists the kinds of units held, sorted.
func (s *Snapshot) Kinds() []string { return slices.Sorted(maps.Keys(s.units)) }

// UnitsDigest is a hash of a kind's whole set, Props too (0 when empty).
func (s *Snapshot) UnitsDigest(kind string) uint64 {
	if set := s.units[kind]; set != nil {
		return set.digest
	}
	return 0
}
