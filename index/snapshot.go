package index

import (
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"
	"github.com/tidwall/btree"
	"github.com/tidwall/rtree"

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

	hazards *btree.Map[data.ID, item] // every status
	shapes  *rtree.RTreeG[item]       // active, by Bound
	extents *rtree.RTreeG[item]       // active, by Extent
	prints  [groupCount]*prints       // active
	classes *classes
	counts  []int // of active hazards, by class number
	units   map[string]*unitSet
	reach   []uint64 // by unit of districtKind: sum of risk digests that reach it

	clusters *clusters // active
}

// item is a hazard with its class number, so that a filter needs no look at it.
type item struct {
	hazard *data.Hazard
	class  uint32
}

// Revision is the store's revision that this is the state of.
func (s *Snapshot) Revision() data.Revision { return s.revision }

// At is the time of the last batch; zero when none was seen since loading.
func (s *Snapshot) At() time.Time { return s.at }

// Len is the number of hazards of every status.
func (s *Snapshot) Len() int { return s.hazards.Len() }

// Get finds a hazard of any status.
func (s *Snapshot) Get(id data.ID) (*data.Hazard, bool) {
	it, ok := s.hazards.Get(id)
	return it.hazard, ok
}

// All gives every hazard of every status that the filter selects, by id, after
// the given id ("" from the start).
func (s *Snapshot) All(f data.Filter, after data.ID) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) {
		sel := s.classes.selection(f)
		s.hazards.Ascend(after, func(id data.ID, it item) bool {
			return id == after || !sel.has(it.class) || yield(it.hazard)
		})
	}
}

// Within gives the active hazards that match and whose shape's box meets the
// bound, in no order.
func (s *Snapshot) Within(b orb.Bound, f data.Filter) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) { s.search(s.shapes, b, f, yield) }
}

// Reaching gives the active hazards that match and whose Extent meets the bound,
// in no order.
func (s *Snapshot) Reaching(b orb.Bound, f data.Filter) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) { s.search(s.extents, b, f, yield) }
}

func (s *Snapshot) search(tree *rtree.RTreeG[item], b orb.Bound, f data.Filter, yield func(*data.Hazard) bool) {
	sel := s.classes.selection(f)
	tree.Search(b.Min, b.Max, func(_, _ [2]float64, it item) bool {
		return !sel.has(it.class) || yield(it.hazard)
	})
}

// With gives a private snapshot with changes made: what-if. All else works on it.
// The hazards must have come through the city, so that their classes are placed;
// Change.If is not looked at. Revision and units stay those of the receiver.
func (s *Snapshot) With(changes ...data.Change) *Snapshot {
	return s.next(s.resolve(changes))
}

// WithBytes is about how much memory a snapshot that With has made by n changes
// takes beside the receiver's.
func (s *Snapshot) WithBytes(n int) int64 {
	const (
		change = 16<<10 + clusterCopies // nodes of the trees on the way to a hazard, and its sums
		whole  = 512                    // a hazard's part of two R-trees
	)
	if rebuilds(n, s.hazards.Len()) {
		return int64(s.hazards.Len())*whole + int64(n)*change
	}
	return int64(n) * change
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
