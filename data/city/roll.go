package city

import (
	"iter"
	"slices"
	"strings"

	"riskatlas/data"
)

// roll is what one follower of the city has been given: the hazards that it
// holds and the ids of those that were left out. It belongs to one goroutine.
type roll struct {
	rev    data.Revision
	sorted []*data.Hazard           // by id; never changed in place
	over   map[data.ID]*data.Hazard // what changed since: nil is gone
	hidden map[data.ID]struct{}     // left out of the view
	unsure bool                     // how the follower has its hazards placed is not known
}

func newRoll(rev data.Revision) *roll {
	return &roll{rev: rev, over: map[data.ID]*data.Hazard{}, hidden: map[data.ID]struct{}{}}
}

func (r *roll) has(id data.ID) bool {
	if h, ok := r.over[id]; ok {
		return h != nil
	}
	_, ok := slices.BinarySearchFunc(r.sorted, id, func(h *data.Hazard, id data.ID) int { return strings.Compare(string(h.ID), string(id)) })
	return ok
}

func (r *roll) put(h *data.Hazard) {
	r.over[h.ID] = h
	delete(r.hidden, h.ID)
}

// drop takes the hazard away and reports whether it was there to be seen.
func (r *roll) drop(id data.ID) bool {
	delete(r.hidden, id)
	if !r.has(id) {
		return false
	}
	r.over[id] = nil
	return true
}

// all gives the hazards in the order of their ids. The roll may be changed
// meanwhile by put of what it holds.
func (r *roll) all() iter.Seq[*data.Hazard] {
	r.settle()
	return slices.Values(r.sorted)
}

// settle merges what changed into the sorted list.
func (r *roll) settle() {
	if len(r.over) == 0 {
		return
	}
	merged := make([]*data.Hazard, 0, len(r.sorted)+len(r.over))
	for _, h := range r.sorted {
		if _, changed := r.over[h.ID]; !changed {
			merged = append(merged, h)
		}
	}
	for _, h := range r.over {
		if h != nil {
			merged = append(merged, h)
		}
	}
	slices.SortFunc(merged, func(a, b *data.Hazard) int { return strings.Compare(string(a.ID), string(b.ID)) })
	r.sorted, r.over = merged, map[data.ID]*data.Hazard{}
}

// grown reports whether the changes are so many that merging them pays: each
// merge then costs a fixed number of steps for each change.
func (r *roll) grown() bool { return len(r.over) > 1024+len(r.sorted)/8 }
