package index

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/btree"
	"github.com/tidwall/rtree"

	"riskatlas/data"
)

// item is a hazard with its class number, so that a filter needs no look at it.
type item struct {
	hazard *data.Hazard
	class  uint32
}

// roll is all hazards of a city: those of a packed base that are not dead, and
// those that were added since it was packed. A fork may be changed while others
// read the roll that it was forked from.
type roll struct {
	base    *packed
	dead    tombs
	added   *btree.Map[data.ID, item] // of every status
	shapes  *rtree.RTreeG[item]       // active ones of added, by Bound
	extents *rtree.RTreeG[item]       // active ones of added, by Extent
}

func newRoll(base *packed) roll {
	return roll{
		base: base, dead: newTombs(len(base.items)), added: btree.NewMap[data.ID, item](0),
		shapes: &rtree.RTreeG[item]{}, extents: &rtree.RTreeG[item]{},
	}
}

// fork is a copy that may be changed. Copying a tree marks its source, so only
// one goroutine may fork a roll at a time.
func (r *roll) fork() roll {
	return roll{base: r.base, dead: r.dead.fork(), added: r.added.Copy(), shapes: r.shapes.Copy(), extents: r.extents.Copy()}
}

func (r *roll) len() int { return len(r.base.items) - r.dead.n + r.added.Len() }

// delta is how many changes lie over the base.
func (r *roll) delta() int { return r.dead.n + r.added.Len() }

func (r *roll) get(id data.ID) (item, bool) {
	if it, ok := r.added.Get(id); ok {
		return it, true
	}
	if place, ok := r.base.find(id); ok && !r.dead.has(place) {
		return r.base.items[place], true
	}
	return item{}, false
}

// replace takes the old hazard out and puts the new one in; either may be
// missing.
func (r *roll) replace(old *data.Hazard, now item) {
	if old != nil {
		r.remove(old.ID)
	}
	if h := now.hazard; h != nil {
		r.added.Set(h.ID, now)
		if h.Status == data.Active {
			r.shapes.Insert(h.Bound().Min, h.Bound().Max, now)
			r.extents.Insert(h.Extent().Min, h.Extent().Max, now)
		}
	}
}

func (r *roll) remove(id data.ID) {
	it, ok := r.added.Delete(id)
	if !ok {
		if place, ok := r.base.find(id); ok {
			r.dead.add(place)
		}
		return
	}
	if h := it.hazard; h.Status == data.Active {
		r.shapes.Delete(h.Bound().Min, h.Bound().Max, it)
		r.extents.Delete(h.Extent().Min, h.Extent().Max, it)
	}
}

// scan gives every item of every status by id, after the given id.
func (r *roll) scan(after data.ID, yield func(item) bool) {
	rest, more := r.base.byID[r.base.after(after):], true
	upTo := func(id data.ID, last bool) {
		for more && len(rest) > 0 {
			place := rest[0]
			it := r.base.items[place]
			if !last && it.hazard.ID >= id {
				return
			}
			rest = rest[1:]
			if !r.dead.has(place) {
				more = yield(it)
			}
		}
	}
	r.added.Ascend(after, func(id data.ID, it item) bool {
		if id == after {
			return true
		}
		if upTo(id, false); more {
			more = yield(it)
		}
		return more
	})
	upTo("", true)
}

// byExtent chooses the boxes that search looks at.
type byExtent bool

// search gives the active items that are selected and whose box meets b.
func (r *roll) search(by byExtent, b orb.Bound, sel *selection, yield func(*data.Hazard) bool) {
	added := r.shapes
	if by {
		added = r.extents
	}
	if r.base.search(by, &r.dead, b, sel, yield) && added.Len() > 0 {
		added.Search(b.Min, b.Max, func(_, _ [2]float64, it item) bool {
			return !sel.has(it.class) || yield(it.hazard)
		})
	}
}

// repacked is the roll with all changes in the base. It is what a merge in the
// background does: it only reads.
func (r *roll) repacked() *packed {
	all := make([]item, 0, r.len())
	r.scan("", func(it item) bool {
		all = append(all, it)
		return true
	})
	return newPacked(all)
}

// repackedWith is repacked after more changes; of each new hazard the item.
func (r *roll) repackedWith(changes []Change, now []item) *packed {
	gone := map[data.ID]bool{}
	added := make([]item, 0, len(changes))
	for i, c := range changes {
		if c.Old != nil && r.len() > 0 {
			gone[c.Old.ID] = true
		}
		if c.New != nil {
			added = append(added, now[i])
		}
	}
	byID := func(a, b item) int { return cmp.Compare(a.hazard.ID, b.hazard.ID) }
	if !slices.IsSortedFunc(added, byID) {
		slices.SortFunc(added, byID)
	}
	if r.len() == 0 {
		return newPacked(added)
	}
	all := make([]item, 0, r.len()+len(added))
	r.scan("", func(it item) bool {
		for len(added) > 0 && added[0].hazard.ID < it.hazard.ID {
			all, added = append(all, added[0]), added[1:]
		}
		if !gone[it.hazard.ID] {
			all = append(all, it)
		}
		return true
	})
	return newPacked(append(all, added...))
}

// The sizes of a delta. It is merged into a new base in the background when it
// is one in mergeShare of the city, since each filtered question may look at all
// of it; and at once when a change makes it one in repackShare, since single
// inserts then cost more than packing anew.
const (
	mergeShare  = 512
	mergeLeast  = 256
	repackShare = 32
	repackLeast = 32
)

func (r *roll) wantsMerge() bool { return r.delta() > max(mergeLeast, r.len()/mergeShare) }

func repacks(delta, hazards int) bool { return delta > max(repackLeast, hazards/repackShare) }
