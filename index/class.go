package index

import (
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"sync/atomic"

	"riskatlas/data"
)

// classes numbers the distinct classes of hazards that the city has had, so that
// a filter becomes a set of numbers once and each question is one bit. Numbers
// are never given back. Immutable but for the cache of filters.
type classes struct {
	list    []data.Class
	numbers map[data.Class]uint32
	seed    maphash.Seed
	recent  [64]atomic.Pointer[selection] // by hash of the filter: the last one asked
}

func newClasses() *classes {
	return &classes{numbers: map[data.Class]uint32{}, seed: maphash.MakeSeed()}
}

// with gives the classes with those of the hazards among them, itself when there
// is nothing new, and the new hazards as items (the zero item of none).
func (c *classes) with(changes []Change) (*classes, []item) {
	grown, items := c, make([]item, len(changes))
	for i := range changes {
		h := changes[i].New
		if h == nil {
			continue
		}
		class, ok := grown.numbers[h.Class]
		if !ok {
			if grown == c {
				grown = newClasses()
				grown.list, grown.numbers = slices.Clone(c.list), maps.Clone(c.numbers)
			}
			class = uint32(len(grown.list))
			grown.numbers[h.Class] = class
			grown.list = append(grown.list, h.Class)
		}
		items[i] = item{h, class}
	}
	return grown, items
}

// number gives the class its number, a new one when it is new. It is for classes
// that nobody else has yet.
func (c *classes) number(class data.Class) uint32 {
	n, ok := c.numbers[class]
	if !ok {
		n = uint32(len(c.list))
		c.numbers[class] = n
		c.list = append(c.list, class)
	}
	return n
}

// selection is a filter as a set of class numbers, and what nodes are asked of
// it.
type selection struct {
	filter  data.Filter
	all     bool
	bits    []uint64
	classes []uint32 // the numbers of the set; not when all

	wants mark // industries and levels of the set; districts of every one
	// Of each vintage whose districts the filter restricts, those of the set,
	// folded.
	districts []uint64
}

func (s *selection) has(class uint32) bool { return s.all || s.bits[class>>6]>>(class&63)&1 != 0 }

// mayLieIn reports whether something of the set can lie below a node.
func (s *selection) mayLieIn(m *mark) bool {
	if s.all {
		return true
	}
	if s.wants.industries&m.industries == 0 || s.wants.levels&m.levels == 0 {
		return false
	}
	for _, d := range s.districts {
		if d&m.districts == 0 {
			return false
		}
	}
	return true
}

var everything = &selection{filter: data.All(), all: true}

// selection gives the filter's set.
func (c *classes) selection(f data.Filter) *selection {
	if f == everything.filter {
		return everything
	}
	place := &c.recent[maphash.Comparable(c.seed, f)%uint64(len(c.recent))]
	if s := place.Load(); s != nil && s.filter == f {
		return s
	}
	s := &selection{filter: f, bits: make([]uint64, (len(c.list)+63)/64)}
	for i, class := range c.list {
		if f.MatchClass(class) {
			s.bits[i>>6] |= 1 << (i & 63)
			s.classes = append(s.classes, uint32(i))
			s.wants.join(markOf(&class))
		}
	}
	for v := range data.MaxVintages {
		if c.restricts(f, v) {
			set := uint64(0)
			for _, i := range s.classes {
				set |= districtBit(c.list[i].Districts[v])
			}
			s.districts = append(s.districts, set)
		}
	}
	place.Store(s)
	return s
}

// restricts reports whether a filter leaves out classes by their district of a
// vintage.
func (c *classes) restricts(f data.Filter, vintage int) bool {
	return slices.ContainsFunc(c.list, func(class data.Class) bool {
		d := class.Districts[vintage]
		return f.Districts[d/64]>>(d%64)&1 == 0
	})
}

// Count is the number of active hazards that match, by level (index 0 unused).
// It is kept by increments, so it costs one look at each class.
func (s *Snapshot) Count(f data.Filter) (n [5]int) {
	sel := s.classes.selection(f)
	for i, class := range s.classes.list {
		if sel.has(uint32(i)) {
			n[class.Level] += s.counts[i]
		}
	}
	return n
}

// Classes gives every class of active hazards with its number of hazards, in no
// order.
func (s *Snapshot) Classes() iter.Seq2[data.Class, int] {
	return func(yield func(data.Class, int) bool) {
		for i, class := range s.classes.list {
			if n := s.counts[i]; n > 0 && !yield(class, n) {
				return
			}
		}
	}
}
