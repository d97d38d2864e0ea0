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

// with gives the classes with those of the hazards among them: itself when there
// is nothing new.
func (c *classes) with(changes []Change) *classes {
	grown := c
	for i := range changes {
		h := changes[i].New
		if h == nil {
			continue
		}
		if _, ok := grown.numbers[h.Class]; ok {
			continue
		}
		if grown == c {
			grown = newClasses()
			grown.list, grown.numbers = slices.Clone(c.list), maps.Clone(c.numbers)
		}
		grown.numbers[h.Class] = uint32(len(grown.list))
		grown.list = append(grown.list, h.Class)
	}
	return grown
}

// selection is a filter as a set of class numbers.
type selection struct {
	filter data.Filter
	all    bool
	bits   []uint64
}

func (s *selection) has(class uint32) bool { return s.all || s.bits[class>>6]>>(class&63)&1 != 0 }

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
		}
	}
	place.Store(s)
	return s
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
