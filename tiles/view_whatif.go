package tiles

import (
	"fmt"
	"maps"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// Bounds of what a view of a what-if may cost.
const (
	// MaxReached is the most tiles of zoom 14 that the changes of a what-if may
	// reach, each source counted by itself: a second at work.
	MaxReached = 8192
	// fewKeys bounds the memo of a what-if, of which there are many.
	fewKeys = 1 << 10
)

// errNoBase says that layer diff has nothing to compare.
var errNoBase = &data.Invalid{Field: "whatif", Value: "", Want: "the id of a what-if, which layer diff compares with the city as it is, or since= with a revision or time, with which it compares the city"}

// With gives the view after changes in thought: what-if. The hazards must have
// come through the city, so that they are placed and have their scenarios; each
// id may be named once, and Change.If is not looked at. The receiver stays as it
// is. Everything that a view answers is answered of the changed city, bit for bit
// as if its store held it; the revision stays the receiver's.
//
// The error is an *data.Invalid when the changes reach more than MaxReached
// tiles, or when all frequencies together exceed what the grid's numbers hold.
func (v *View) With(changes ...data.Change) (*View, error) {
	next, err := v.changed(changes, v.Snapshot.With)
	if err != nil {
		return nil, err
	}
	next.memo.most = fewKeys
	next.base = v.Base()
	if next.base == nil {
		next.base = v
	}
	next.supposed = maps.Clone(v.supposed)
	if next.supposed == nil {
		next.supposed = make(map[data.ID]*data.Record, len(changes))
	}
	for _, c := range changes {
		delete(next.supposed, c.ID)
		if c.New != nil {
			next.supposed[c.ID] = c.New
		}
	}
	return next, nil
}

// changed gives the view after changes that make a snapshot of the receiver's.
func (v *View) changed(changes []data.Change, with func(...data.Change) *index.Snapshot) (*View, error) {
	if err := data.CheckBatch(changes); err != nil {
		return nil, err
	}
	pairs := v.pairs(changes)
	swaps := riskSwaps(pairs)
	if n := riskgrid.Reached(swaps); n > MaxReached {
		return nil, &data.Invalid{Field: "changes", Value: fmt.Sprintf("sources that reach %d tiles of zoom 14", n),
			Want: fmt.Sprintf("%d at most, each source counted by itself", MaxReached)}
	}
	total := withSwaps(v.total, swaps)
	if err := total.Check(); err != nil {
		return nil, err
	}
	next := v.viewer.next(v, with(changes...), pairs, swaps)
	next.total = total
	return next, nil
}

// Base is the city's own view that a what-if was made of; nil when this is it.
func (v *View) Base() *View {
	if v.past != nil || v.supposed == nil {
		return nil // compared with another time at most
	}
	return v.base
}

// before is what layer diff compares the view with: the city of a what-if, and of
// the city itself itself, which gives nothing.
func (v *View) before() *View {
	if v.base != nil {
		return v.base
	}
	return v
}

// Supposed gives the record that a what-if puts in the city's place. No store
// has it.
func (v *View) Supposed(id data.ID) (*data.Record, bool) {
	r, ok := v.supposed[id]
	return r, ok
}

// OwnBytes is about how much memory the view of a what-if takes beside that of
// its base; 0 for a view of the city.
func (v *View) OwnBytes() int64 {
	if v.base == nil {
		return 0
	}
	return v.Field.OwnBytes(v.base.Field) + v.Totals.OwnBytes(v.base.Totals) + v.Snapshot.WithBytes(len(v.supposed)) + fewKeys*keyBytes
}

// keyBytes is about what a remembered key takes.
const keyBytes = 320
