package index

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Zoning is the ground of one kind's units, prepared for many questions.
// Immutable, safe for any number of readers.
type Zoning struct {
	set   *unitSet
	areas []*area
}

// Zoning prepares a kind's units at the first call and keeps them with the set;
// nil when there are none of the kind. Units that are no areas hold nothing.
func (s *Snapshot) Zoning(kind string) *Zoning {
	set := s.units[kind]
	if set == nil {
		return nil
	}
	set.once.Do(func() {
		z := &Zoning{set: set, areas: make([]*area, len(set.units))}
		for i := range set.units {
			z.areas[i] = newArea(set.units[i].Shape)
		}
		set.zoning = z
	})
	return set.zoning
}

// Units are the units asked about, by code; shared and not to be changed.
func (z *Zoning) Units() []data.Unit { return z.set.units }

// Holds reports whether a unit holds the point by the rule of districts:
// even-odd, half-open.
func (z *Zoning) Holds(unit int, p orb.Point) bool { return z.areas[unit].holds(p) }

// Of calls f for every unit that holds the hazard's label point (holds, by the
// rule of districts) or has any place in common with its shape, the unit's border
// included (meets).
func (z *Zoning) Of(h *data.Hazard, f func(unit int, holds, meets bool)) {
	box, label := h.Bound().Extend(h.Label()), h.Label()
	z.set.tree.Search(box.Min, box.Max, func(_, _ [2]float64, i int) bool {
		a := z.areas[i]
		holds := a.holds(label)
		if meets := a.meets(h.Shape); holds || meets {
			f(i, holds, meets)
		}
		return true
	})
}
