package tiles

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

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
	mu     sync.Mutex // while they are made
	state  atomic.Pointer[map[string]*Body]
	before atomic.Pointer[bodiesBefore]
}

// bodiesBefore is those of an earlier view and what has changed since.
type bodiesBefore struct {
	bodies  map[string]*Body
	totals  *riskgrid.Totals // of that view
	changes []index.Change
}

// Bodies gives what each body answers for, by name; shared and not to be changed.
// The first question of a city looks at every source; after a change, only what
// changed is looked at. It waits for the losses.
func (v *View) Bodies() map[string]*Body {
	m := v.answering
	if made := m.state.Load(); made != nil {
		return *made
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if made := m.state.Load(); made != nil {
		return *made
	}
	c := bodyChange{bodies: map[string]*Body{}, own: map[*Body]bool{}}
	if b := m.before.Load(); b != nil {
		c.bodies = maps.Clone(b.bodies)
		for old := range netted(b.changes, true) {
			c.add(b.totals, atWork(old), -1)
		}
		for new := range netted(b.changes, false) {
			c.add(v.Totals, atWork(new), 1)
		}
	} else {
		for h := range active(v.Snapshot) {
			c.add(v.Totals, h, 1)
		}
	}
	m.state.Store(&c.bodies)
	m.before.Store(nil)
	return c.bodies
}

// netted gives of each source that the changes touch the oldest state (first), or
// the newest; none where there was or is none.
func netted(changes []index.Change, first bool) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) {
		met := make(map[data.ID]bool, len(changes))
		for i := range changes {
			c := changes[i]
			h := c.Old
			if !first {
				c = changes[len(changes)-1-i]
				h = c.New
			}
			any := cmp.Or(c.Old, c.New)
			if any == nil || met[any.ID] { // nil: it takes out, in thought, what there is not
				continue
			}
			met[any.ID] = true
			if h != nil && !yield(h) {
				return
			}
		}
	}
}

// follow gives the next view what the changes leave of the last one's bodies, to be
// made when they are asked for. It waits for nothing.
func (m *bodyMemo) follow(last *View, changes []index.Change) *bodyMemo {
	out := &bodyMemo{}
	b := m.before.Load()
	if made := m.state.Load(); made != nil {
		b = &bodiesBefore{bodies: *made, totals: last.Totals}
	}
	if b != nil && len(b.changes)+len(changes) <= mostFollowed {
		out.before.Store(&bodiesBefore{b.bodies, b.totals, slices.Concat(b.changes, changes)})
	}
	return out
}

// settled reports whether nothing of an earlier view is held any more.
func (m *bodyMemo) settled() bool { return m.before.Load() == nil }

// settle makes what follows from an earlier view.
func (m *bodyMemo) settle(v *View) {
	if !m.settled() {
		v.Bodies()
	}
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
