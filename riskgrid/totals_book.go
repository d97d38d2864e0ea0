package riskgrid

import (
	"cmp"
	"iter"
	"maps"
	"math/bits"
	"slices"

	"riskatlas/data"
)

// shards is how many parts the sources are kept in, so that a change copies one.
const shards = 1024

func shardOf(id data.ID) int {
	h := uint32(2166136261) // FNV-1a
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return int(h % shards)
}

// classSum is what the sources of one class come to.
type classSum struct {
	sources int
	silent  int               // of those, that do not say whom they expose
	parts   []part            // in the order of their keys; none is 0
	kinds   map[Accidents]int // sources by the outcomes of their scenarios
}

type partKey struct {
	region  Region
	outcome data.Outcome
	basis   data.Basis
}

type part struct {
	partKey
	loss Loss
}

func (a partKey) compare(b partKey) int {
	return cmp.Or(slices.CompareFunc(a.region[:], b.region[:], cmp.Compare[data.District]),
		cmp.Compare(a.outcome, b.outcome), cmp.Compare(a.basis, b.basis))
}

// Accidents is a set of outcomes, one bit each.
type Accidents uint16

// Has reports whether the outcome is in the set.
func (a Accidents) Has(o data.Outcome) bool { return a>>o&1 != 0 }

// All gives the outcomes of the set.
func (a Accidents) All() iter.Seq[data.Outcome] {
	return func(yield func(data.Outcome) bool) {
		for rest := a; rest != 0; rest &= rest - 1 {
			if !yield(data.Outcome(bits.TrailingZeros16(uint16(rest)))) {
				return
			}
		}
	}
}

// AccidentsOf is the outcomes of a source's scenarios.
func AccidentsOf(h *data.Hazard) Accidents {
	var a Accidents
	for i := range h.Scenarios {
		a |= 1 << h.Scenarios[i].Outcome
	}
	return a
}

// book takes old sources out of the sums and new ones in.
func (t *Totals) book(c *changes) {
	b := booker{t: t, classes: map[data.Class]*classSum{}, own: map[int]bool{}}
	before := t.sources
	t.sources = new([shards]map[data.ID][]loss)
	*t.sources = *before
	t.classes = maps.Clone(t.classes)
	if t.classes == nil {
		t.classes = map[data.Class]*classSum{}
	}
	for i := range c.moves {
		m := &c.moves[i]
		losses := m.losses
		if m.old != nil {
			held := b.shard(m.old.ID)[m.old.ID]
			b.count(m.old, held, -1)
			if m.moved {
				losses = held
			}
			delete(b.shard(m.old.ID), m.old.ID)
		}
		if m.new != nil {
			b.count(m.new, losses, 1)
			if len(losses) > 0 {
				b.shard(m.new.ID)[m.new.ID] = losses
			}
		}
	}
	b.close()
}

// booker holds the copies that one Apply may write.
type booker struct {
	t       *Totals
	classes map[data.Class]*classSum
	sums    map[data.Class]map[partKey]Loss
	own     map[int]bool
}

func (b *booker) shard(id data.ID) map[data.ID][]loss {
	i := shardOf(id)
	if !b.own[i] {
		b.own[i] = true
		if b.t.sources[i] = maps.Clone(b.t.sources[i]); b.t.sources[i] == nil {
			b.t.sources[i] = map[data.ID][]loss{}
		}
	}
	return b.t.sources[i]
}

// count books a source once more (sign 1) or once less (-1).
func (b *booker) count(h *data.Hazard, losses []loss, sign int) {
	c, sums := b.class(h.Class)
	c.sources += sign
	if !h.Exposed.Known {
		c.silent += sign
	}
	kinds := AccidentsOf(h)
	if c.kinds[kinds] += sign; c.kinds[kinds] == 0 {
		delete(c.kinds, kinds)
	}
	for _, l := range losses {
		s := &h.Scenarios[l.scenario]
		key := partKey{l.region, s.Outcome, s.Basis}
		if sign > 0 {
			sums[key] = sums[key].Plus(l.loss)
		} else {
			sums[key] = sums[key].Minus(l.loss)
		}
	}
}

func (b *booker) class(class data.Class) (*classSum, map[partKey]Loss) {
	if c := b.classes[class]; c != nil {
		return c, b.sums[class]
	}
	c := &classSum{kinds: map[Accidents]int{}}
	sums := map[partKey]Loss{}
	if old := b.t.classes[class]; old != nil {
		*c = *old
		c.kinds = maps.Clone(old.kinds)
		for _, p := range old.parts {
			sums[p.partKey] = p.loss
		}
	}
	if b.sums == nil {
		b.sums = map[data.Class]map[partKey]Loss{}
	}
	b.classes[class], b.sums[class] = c, sums
	return c, sums
}

// close puts the sums in order and in place.
func (b *booker) close() {
	for class, c := range b.classes {
		if c.sources == 0 {
			delete(b.t.classes, class)
			continue
		}
		c.parts = make([]part, 0, len(b.sums[class]))
		for key, l := range b.sums[class] {
			if !l.IsZero() {
				c.parts = append(c.parts, part{key, l})
			}
		}
		slices.SortFunc(c.parts, func(a, b part) int { return a.compare(b.partKey) })
		b.t.classes[class] = c
	}
}
