package tiles

import (
	"iter"
	"maps"
	"sync"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// Body is what one body answers for: its active sources by class and kinds of
// accident, and what they cost. Immutable.
type Body struct {
	kinds map[data.Class]map[riskgrid.Accidents]int
	parts map[riskgrid.Part]riskgrid.Loss // by all of a part but its loss
}

// Kinds gives, for each class of the filter, how many of its active sources have
// which kinds of accident, in no order.
func (b *Body) Kinds(f data.Filter) iter.Seq2[data.Class, map[riskgrid.Accidents]int] {
	return func(yield func(data.Class, map[riskgrid.Accidents]int) bool) {
		for class, kinds := range b.kinds {
			if f.MatchClass(class) && !yield(class, kinds) {
				return
			}
		}
	}
}

// Parts gives the parts of the loss that its sources of the filter cause, in no
// order.
func (b *Body) Parts(f data.Filter) iter.Seq[riskgrid.Part] {
	return func(yield func(riskgrid.Part) bool) {
		for p, loss := range b.parts {
			if p.Loss = loss; f.MatchClass(p.Class) && !yield(p) {
				return
			}
		}
	}
}

// bodyMemo keeps what bodies answer for in one view, from the first time that it
// is asked for. The zero value is ready; safe for concurrent use.
type bodyMemo struct {
	mu     sync.Mutex
	bodies map[string]*Body // nil: not asked for yet
}

// Bodies gives what each body answers for, by name; shared and not to be changed.
// The first question of a city looks at every source; after a change, only what
// changed is looked at.
func (v *View) Bodies() map[string]*Body {
	v.answering.mu.Lock()
	defer v.answering.mu.Unlock()
	if v.answering.bodies == nil {
		c := bodyChange{bodies: map[string]*Body{}, own: map[*Body]bool{}}
		for h := range active(v.Snapshot) {
			c.add(v.Totals, h, 1)
		}
		v.answering.bodies = c.bodies
	}
	return v.answering.bodies
}

// follow gives the next view what the changes leave of the last one's bodies. It
// never waits for what is being made.
func (m *bodyMemo) follow(last, next *View, changes []index.Change) *bodyMemo {
	out := &bodyMemo{}
	if len(changes) > mostFollowed || !m.mu.TryLock() {
		return out
	}
	defer m.mu.Unlock()
	if m.bodies == nil {
		return out
	}
	c := bodyChange{bodies: maps.Clone(m.bodies), own: map[*Body]bool{}}
	for _, change := range changes {
		c.add(last.Totals, atWork(change.Old), -1)
		c.add(next.Totals, atWork(change.New), 1)
	}
	out.bodies = c.bodies
	return out
}

// bodyChange changes bodies, those that are another view's by copies.
type bodyChange struct {
	bodies map[string]*Body
	own    map[*Body]bool
}

func (c *bodyChange) add(t *riskgrid.Totals, h *data.Hazard, n int) {
	if h == nil {
		return
	}
	b := c.bodies[h.Regulator]
	switch {
	case b == nil:
		b = &Body{map[data.Class]map[riskgrid.Accidents]int{}, map[riskgrid.Part]riskgrid.Loss{}}
	case !c.own[b]:
		b = &Body{maps.Clone(b.kinds), maps.Clone(b.parts)}
		for class := range b.kinds {
			b.kinds[class] = maps.Clone(b.kinds[class])
		}
	}
	c.bodies[h.Regulator], c.own[b] = b, true
	if b.kinds[h.Class] == nil {
		b.kinds[h.Class] = map[riskgrid.Accidents]int{}
	}
	kinds := b.kinds[h.Class]
	if kind := riskgrid.AccidentsOf(h); kinds[kind]+n == 0 {
		delete(kinds, kind)
	} else {
		kinds[kind] += n
	}
	for p := range t.Of(h) {
		key := p
		key.Loss = riskgrid.Loss{}
		loss := b.parts[key].Plus(p.Loss)
		if n < 0 {
			loss = b.parts[key].Minus(p.Loss)
		}
		if b.parts[key] = loss; loss.IsZero() {
			delete(b.parts, key)
		}
	}
	if len(kinds) == 0 {
		delete(b.kinds, h.Class)
	}
	if len(b.kinds) == 0 {
		delete(c.bodies, h.Regulator)
	}
}
