package riskgrid

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"math/bits"
	"slices"

	"riskatlas/data"
)

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

// record sets the sources and classes of the ledger: those of base, old sources
// taken out and new ones in. The error is the context's.
func (l *ledger) record(ctx context.Context, land *Land, base *ledger, c *changes, cores int) error {
	l.sources = new([shards]*shard)
	if base.sources != nil {
		*l.sources = *base.sources
	}
	by := make([][]*move, shards) // in their order
	if many := len(c.moves) / shards; many > 0 {
		for k := range by {
			by[k] = make([]*move, 0, many+many/4)
		}
	}
	for i := range c.moves {
		m := &c.moves[i]
		if m.old != nil {
			by[shardOf(m.old.ID)] = append(by[shardOf(m.old.ID)], m)
		}
		if m.new != nil && (m.old == nil || shardOf(m.old.ID) != shardOf(m.new.ID)) {
			by[shardOf(m.new.ID)] = append(by[shardOf(m.new.ID)], m)
		}
	}
	var touched []int
	for k, moves := range by {
		if len(moves) > 0 {
			touched = append(touched, k)
		}
	}
	merge := newMerge()
	all := balance{}
	onCores(cores, len(touched), func() (func(int), func()) {
		own := balance{}
		return func(i int) {
				if k := touched[i]; ctx.Err() == nil {
					l.sources[k] = own.shard(land, k, l.sources[k], by[k])
				}
			}, func() {
				merge(func() { all.take(own) })
			}
	})
	l.classes = all.onto(base.classes)
	return ctx.Err()
}

// balance is what changes do to the sums of classes.
type balance map[data.Class]*entry

// entry is a class's; all of it may be under 0.
type entry struct {
	sources, silent int
	parts           map[partKey]Loss
	kinds           map[Accidents]int
}

func (b balance) class(c data.Class) *entry {
	e := b[c]
	if e == nil {
		e = &entry{parts: map[partKey]Loss{}, kinds: map[Accidents]int{}}
		b[c] = e
	}
	return e
}

// shard gives shard k after the moves of its sources, and counts them.
func (b balance) shard(land *Land, k int, s *shard, moves []*move) *shard {
	if s == nil {
		if fresh := b.first(land, moves); fresh != nil {
			return fresh
		}
	}
	changed := make(map[data.ID][]byte, len(moves))
	held := func(id data.ID) []byte {
		if now, ok := changed[id]; ok {
			return now
		}
		return s.raw(id)
	}
	for _, m := range moves {
		var losses []byte
		if m.moved {
			losses = held(m.old.ID)
		} else {
			losses = appendLosses(nil, m.losses)
		}
		if m.old != nil && shardOf(m.old.ID) == k {
			b.count(land, m.old, slices.Collect(unpacked(held(m.old.ID))), -1)
			changed[m.old.ID] = nil
		}
		if m.new != nil && shardOf(m.new.ID) == k {
			b.count(land, m.new, slices.Collect(unpacked(losses)), 1)
			changed[m.new.ID] = losses
		}
	}
	return s.with(changed)
}

// first makes a shard of new sources alone; nil when they are not that, and nothing
// is counted.
func (b balance) first(land *Land, moves []*move) *shard {
	byID := func(a, c *move) int { return cmp.Compare(idOf(a), idOf(c)) }
	if !slices.IsSortedFunc(moves, byID) {
		moves = slices.Clone(moves)
		slices.SortFunc(moves, byID)
	}
	for i, m := range moves {
		if m.old != nil || i > 0 && m.new.ID == moves[i-1].new.ID {
			return nil
		}
	}
	s := &shard{make([]data.ID, 0, len(moves)), make([]uint32, 0, len(moves)), nil}
	var buf []byte
	for _, m := range moves {
		b.count(land, m.new, m.losses, 1)
		if len(m.losses) > 0 {
			buf = appendLosses(buf, m.losses)
			s.ids, s.ends = append(s.ids, m.new.ID), append(s.ends, uint32(len(buf)))
		}
	}
	s.packed = slices.Clip(slices.Clone(buf))
	return s
}

func idOf(m *move) data.ID { return cmp.Or(m.new, m.old).ID }

// count books a source once more (sign 1) or once less (-1).
func (b balance) count(land *Land, h *data.Hazard, losses []loss, sign int) {
	e := b.class(h.Class)
	e.sources += sign
	if !h.Exposed.Known {
		e.silent += sign
	}
	e.kinds[AccidentsOf(h)] += sign
	for i := range losses {
		l := &losses[i]
		s := &h.Scenarios[l.scenario]
		key := partKey{land.regionOf(h, l.region), s.Outcome, s.Basis}
		if sign > 0 {
			e.parts[key] = e.parts[key].Plus(l.loss)
		} else {
			e.parts[key] = e.parts[key].Minus(l.loss)
		}
	}
}

// take adds another balance.
func (b balance) take(o balance) {
	for class, from := range o {
		e := b.class(class)
		e.sources += from.sources
		e.silent += from.silent
		for kinds, n := range from.kinds {
			e.kinds[kinds] += n
		}
		for key, l := range from.parts {
			e.parts[key] = e.parts[key].Plus(l)
		}
	}
}

// onto gives the sums after the changes.
func (b balance) onto(old map[data.Class]*classSum) map[data.Class]*classSum {
	out := maps.Clone(old)
	if out == nil {
		out = map[data.Class]*classSum{}
	}
	for class, e := range b {
		if sum := e.onto(old[class]); sum.sources == 0 {
			delete(out, class)
		} else {
			out[class] = sum
		}
	}
	return out
}

// onto gives the sum of a class; nil stands for none. The entry is not used again.
func (e *entry) onto(old *classSum) *classSum {
	if old == nil {
		old = &classSum{}
	}
	for kinds, n := range old.kinds {
		e.kinds[kinds] += n
	}
	maps.DeleteFunc(e.kinds, func(_ Accidents, n int) bool { return n == 0 })
	for i := range old.parts {
		p := &old.parts[i]
		e.parts[p.partKey] = e.parts[p.partKey].Plus(p.loss)
	}
	sum := &classSum{sources: old.sources + e.sources, silent: old.silent + e.silent, kinds: e.kinds, parts: make([]part, 0, len(e.parts))}
	for key, l := range e.parts {
		if !l.IsZero() {
			sum.parts = append(sum.parts, part{key, l})
		}
	}
	slices.SortFunc(sum.parts, func(a, b part) int { return a.compare(b.partKey) })
	return sum
}
