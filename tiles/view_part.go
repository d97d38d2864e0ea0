package tiles

import (
	"riskatlas/data"
	"riskatlas/index"
)

// Part gives the view of those sources of the city, of every status, that keep
// selects: its own field and sums, and the units of the receiver. Ground and
// districts are judged by no level of the city's in it, as under any filter. last
// is a part of another view by the same rule, from which the new one is made by
// what differs, or nil.
func (v *View) Part(last *View, keep func(*data.Hazard) bool) *View {
	maker := Viewer{city: v.City, who: v.Who, cuts: v.Cuts, criteria: v.criteria, part: true}
	maker.land.Store(v.land)
	if last == nil {
		kept := 0
		for h := range v.All(data.All(), "") {
			if keep(h) {
				kept++
			}
		}
		if kept <= v.Len()/2 {
			part, _, _ := v.Snapshot.Part(nil, keep)
			return maker.partOf(v, nil, part, nil)
		}
		last = v // taking the others away is less work
	}
	part, changes, fresh := v.Snapshot.Part(last.Snapshot, keep)
	if fresh {
		last = nil
	}
	return maker.partOf(v, last, part, changes)
}

// partOf is next for a part of a view.
func (v *Viewer) partOf(of, last *View, s *index.Snapshot, changes []index.Change) *View {
	swaps := riskSwaps(changes)
	n := v.next(last, s, changes, swaps)
	n.total = sumAfter(last, s, swaps)
	n.supposed, n.past = of.supposed, of.past
	return n
}

// Against gives the view with another, which layer diff compares it with: the part
// of a what-if with the same part of its city, or the city with itself at another
// time.
func (v *View) Against(base *View) *View {
	next := *v
	next.base = base
	next.memo = &keyMemo{most: fewKeys} // its keys of diff are its own
	return &next
}

// Partial reports whether the view is a part of the city.
func (v *View) Partial() bool { return v.part }
