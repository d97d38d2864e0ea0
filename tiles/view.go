package tiles

import (
	"sync"
	"sync/atomic"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// View is one revision of the city: snapshot, field and districts belong
// together. A request takes one and uses it to the end. Immutable.
type View struct {
	*index.Snapshot
	*riskgrid.Field
	City *city.Profile
	Who  city.View
	Cuts riskgrid.Cuts // of ground in service

	Totals *riskgrid.Totals // of this snapshot and field; its losses may come moments later

	criteria  [riskgrid.CriteriaCount]riskgrid.Cuts // all 0: the profile has none
	land      *land
	districts []district   // of the default vintage, by code
	vintages  *vintageMemo // those of others; nil: they are made anew each time
	memo      *keyMemo     // nil: none
	zoned     *zoneMemo
	answering *bodyMemo
	part      bool         // of the city: districts and zones have no level
	viewer    *Viewer      // that made it
	total     riskgrid.Sum // frequencies of all active hazards

	base     *View                    // what layer diff compares with; of a what-if: the city's own view
	supposed map[data.ID]*data.Record // of a what-if: what it puts in the city's place
	past     *past                    // nil: of the present
}

// Viewer turns what the index publishes into views.
type Viewer struct {
	city *city.Profile
	who  city.View
	cuts riskgrid.Cuts
	part bool // views are of a part of the city

	criteria [riskgrid.CriteriaCount]riskgrid.Cuts
	land     atomic.Pointer[land] // the latest

	mu      sync.Mutex // one Publish at a time
	behind  bool       // a revision was refused: the next one starts anew
	err     atomic.Pointer[error]
	current atomic.Pointer[View]
	news    news
	first   sync.Once
	ready   chan struct{}
	after   afterwards
}

// NewViewer makes a viewer that has no view yet.
func NewViewer(p *city.Profile, who city.View) *Viewer {
	v := &Viewer{city: p, who: who, cuts: riskgrid.NewCuts(p.Cuts), criteria: criteriaOf(p), ready: make(chan struct{})}
	v.after.begin()
	v.news.begin()
	return v
}

// View is the newest view; nil until the first was published. Safe for
// concurrent use.
func (v *Viewer) View() *View { return v.current.Load() }

// Ready is closed when there is a view: the map and the levels of its ground. What
// sources cost comes moments later (View.LossesReady); who asks before, waits.
func (v *Viewer) Ready() <-chan struct{} { return v.ready }

// Err says why the newest revision is not shown: its frequencies sum to more
// than the grid's numbers hold, or its people cannot be put on the ground. nil
// when it is. The view of the revision before stays in place meanwhile.
func (v *Viewer) Err() error {
	if err := v.err.Load(); err != nil {
		return *err
	}
	return nil
}

// Publish makes the view of a new snapshot and puts it in the place of the old
// one: field and snapshot change together. It is what index.Follow calls. It costs
// what the changes do. The losses, and the bodies that follow from them, are then
// made in the background, in one goroutine until Close: those of changes that come
// within a quarter of a second together. See Wait for who cannot do without them.
func (v *Viewer) Publish(u index.Update) {
	v.mu.Lock()
	defer v.mu.Unlock()
	last := v.current.Load()
	if u.Full || v.behind {
		last = nil
	}
	swaps := riskSwaps(u.Changes)
	total := sumAfter(last, u.Snapshot, swaps)
	err := total.Check()
	if err == nil {
		_, err = v.landOf(u.Snapshot)
	}
	if err != nil {
		v.behind = true
		v.err.Store(&err)
		v.news.refuse(u.Snapshot.Revision(), err)
		return
	}
	next := v.next(last, u.Snapshot, u.Changes, swaps)
	next.total = total
	v.behind = false
	v.err.Store(nil)
	v.current.Store(next)
	v.first.Do(func() { close(v.ready) })
	v.news.tell()
	v.after.make(v)
}

// next gives the view of a snapshot that the changes, of which swaps change the
// field, have made from that of last; nil: the view is made of the snapshot alone.
// Its total is still to be set.
func (v *Viewer) next(last *View, s *index.Snapshot, changes []index.Change, swaps []riskgrid.Swap) *View {
	next := &View{Snapshot: s, City: v.city, Who: v.who, Cuts: v.cuts, criteria: v.criteria, memo: new(keyMemo), zoned: new(zoneMemo), answering: new(bodyMemo), vintages: new(vintageMemo), part: v.part, viewer: v}
	switch {
	case last == nil:
		next.Field = riskgrid.NewFieldOf(v.criteria, active(s))
	case len(changes) > 0:
		next.Field = last.Field.Apply(totalSwaps(changes)...)
	default:
		next.Field = last.Field
	}
	next.land, _ = v.landOf(s) // whose error Publish has met before
	if last != nil && last.land == next.land {
		next.Totals = last.Totals.Apply(next.Field, totalSwaps(changes)...)
		next.zoned = last.zoned.follow(next, changes, swaps)
		next.answering = last.answering.follow(last, changes)
	} else {
		next.Totals = riskgrid.NewTotals(next.land.Land, next.Field, active(s))
	}
	next.districts = next.countDistricts(last, changes, swaps)
	return next
}

// sumAfter adds up the frequencies of a snapshot's active hazards, from those of
// the last view when there is one.
func sumAfter(last *View, s *index.Snapshot, swaps []riskgrid.Swap) (sum riskgrid.Sum) {
	if last != nil {
		return withSwaps(last.total, swaps)
	}
	for h := range active(s) {
		sum = sum.Plus(h)
	}
	return sum
}

// withSwaps is a sum of frequencies after the swaps.
func withSwaps(sum riskgrid.Sum, swaps []riskgrid.Swap) riskgrid.Sum {
	for _, s := range swaps {
		if s.New != nil {
			sum = sum.Plus(s.New)
		}
		if s.Old != nil {
			sum = sum.Minus(s.Old)
		}
	}
	return sum
}

// active gives the hazards that add to any risk.
func active(s *index.Snapshot) func(yield func(*data.Hazard) bool) {
	return func(yield func(*data.Hazard) bool) {
		for h := range s.All(data.All(), "") {
			if h.Status == data.Active && !yield(h) {
				return
			}
		}
	}
}

// riskSwaps is what changes of hazards do to the field: nothing where neither is
// active, or where both put the same risk on the ground.
func riskSwaps(changes []index.Change) []riskgrid.Swap {
	var swaps []riskgrid.Swap
	for _, c := range changes {
		s := riskgrid.Swap{Old: atWork(c.Old), New: atWork(c.New)}
		if s.Old == nil && s.New == nil ||
			s.Old != nil && s.New != nil && s.Old.Digest(data.LayerRisk) == s.New.Digest(data.LayerRisk) {
			continue
		}
		swaps = append(swaps, s)
	}
	return swaps
}

// totalSwaps is what changes of hazards may do to the totals, which see classes
// and whom a source exposes too.
func totalSwaps(changes []index.Change) []riskgrid.Swap {
	swaps := make([]riskgrid.Swap, len(changes))
	for i, c := range changes {
		swaps[i] = riskgrid.Swap{Old: c.Old, New: c.New}
	}
	return swaps
}

func atWork(h *data.Hazard) *data.Hazard {
	if h == nil || h.Status != data.Active {
		return nil
	}
	return h
}
