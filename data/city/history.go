package city

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"riskatlas/data"
)

// errNoPast is of a store that remembers nothing.
var errNoPast = fmt.Errorf("the store keeps no history: %w", errors.ErrUnsupported)

// Remembers reports whether the city's store has a past that can be asked for.
func (c *City) Remembers() bool {
	_, ok := c.store.(data.Remembering)
	return ok
}

func (c *City) remembering() (data.Remembering, error) {
	if s, ok := c.store.(data.Remembering); ok {
		return s, nil
	}
	return nil, errNoPast
}

// Then gives the city as it was at a revision, for good: through the same view,
// placed in the districts of that time. It is read through this one's store,
// which must stay open. Closing it is nothing.
func (c *City) Then(at data.Revision) (*City, error) {
	s, err := c.remembering()
	if err != nil {
		return nil, err
	}
	return Wrap(data.NewThen(s, at), c.profile, c.view), nil
}

// RevisionAt is data.History's.
func (c *City) RevisionAt(ctx context.Context, at time.Time) (data.Revision, error) {
	s, err := c.remembering()
	if err != nil {
		return 0, err
	}
	return s.RevisionAt(ctx, at)
}

// Heads is data.History's; who and why are for the internal view.
func (c *City) Heads(ctx context.Context, since, until data.Revision) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		s, err := c.remembering()
		if err != nil {
			yield(data.Batch{}, err)
			return
		}
		for b, err := range s.Heads(ctx, since, until) {
			if c.view != InternalView {
				b.Note = data.Note{}
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// Of is data.History's, as the view sees it: a version that it may not see is
// none, and leaves no trace but that a record was there before and is no more, or
// is new. A version in which nothing that the view may see has changed is left
// out, and so are who and why of all but the internal view. Records are placed by
// the districts as they are now.
func (c *City) Of(ctx context.Context, id data.ID) ([]data.Version, error) {
	s, err := c.remembering()
	if err != nil {
		return nil, err
	}
	versions, err := s.Of(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the history of the city: %w", err)
	}
	pl, err := c.placer(ctx)
	if err != nil {
		return nil, err
	}
	slices.Reverse(versions) // each is seen against the one before it
	out := versions[:0]
	var last *data.Record
	for _, v := range versions {
		if v.Record != nil {
			if v.Record, err = c.record(pl, nil, v.Record); err != nil {
				return nil, fmt.Errorf("read the history of the city: revision %d: %w", v.Revision, err)
			}
		}
		if c.view != InternalView {
			same, err := c.same(last, v.Record)
			if err != nil {
				return nil, err
			}
			if same {
				continue
			}
			v.Note = data.Note{}
		}
		out = append(out, v)
		last = v.Record
	}
	slices.Reverse(out)
	return out, nil
}

// same reports whether two records, or none, show the same but for their
// revisions.
func (c *City) same(a, b *data.Record) (bool, error) {
	if a == nil || b == nil {
		return a == b, nil
	}
	var words [2][]byte
	for i, r := range []*data.Record{a, b} {
		h := *r.Hazard
		h.Rev = 0
		var err error
		if words[i], err = c.profile.Taxonomy.AppendFeature(nil, &data.Record{Hazard: &h, Detail: r.Detail}); err != nil {
			return false, err
		}
	}
	return bytes.Equal(words[0], words[1]), nil
}

// Passage is what leads from the newest state back to a revision, as a view sees
// it.
type Passage struct {
	From, To data.Revision
	// Changes are one for each record that was changed since, in the order of ids,
	// with what the view saw of it then; its condition is not looked at. They are
	// placed by the districts as they are now, and tell all where Kinds is empty.
	Changes []data.Change
	// Kinds are those of which units were replaced since, sorted.
	Kinds []string
	// LeftOut is how many records the view hid then.
	LeftOut int
}

// Back gives what leads back to a revision. most bounds the changes: where there
// are more, or where units were replaced, Changes and LeftOut are empty and whole
// is false.
func (c *City) Back(ctx context.Context, to data.Revision, most int) (p Passage, whole bool, err error) {
	s, err := c.remembering()
	if err != nil {
		return p, false, err
	}
	counted := c.hidings() // before the store is asked, which is no older
	from, back := s.Back(ctx, to)
	p.From, p.To = from, to
	pl, err := c.placer(ctx)
	if err != nil {
		return p, false, err
	}
	var hidden []data.ID // then
	for change, err := range back {
		if err != nil {
			return p, false, fmt.Errorf("go back to revision %d: %w", to, err)
		}
		out := data.Change{ID: change.ID, If: data.Any}
		if change.New != nil {
			if out.New, err = c.record(pl, nil, change.New); err != nil {
				return p, false, fmt.Errorf("go back to revision %d: %w", to, err)
			}
			if out.New == nil {
				hidden = append(hidden, change.ID)
			}
		}
		if p.Changes = append(p.Changes, out); len(p.Changes) > most {
			break
		}
	}
	if err := c.replaced(ctx, s, &p); err != nil {
		return p, false, err
	}
	if len(p.Changes) > most || len(p.Kinds) > 0 {
		p.Changes = nil
		return p, false, nil
	}
	if counted.rev < to {
		return p, false, nil // the view is not there yet
	}
	p.LeftOut, err = c.leftOutThen(ctx, s, counted, p.Changes, len(hidden))
	return p, err == nil, err
}

// replaced fills the kinds of a passage.
func (c *City) replaced(ctx context.Context, s data.Remembering, p *Passage) error {
	for b, err := range s.Heads(ctx, p.To, p.From) {
		if err != nil {
			return err
		}
		if b.Kind != "" {
			p.Kinds = append(p.Kinds, b.Kind)
		}
	}
	slices.Sort(p.Kinds)
	p.Kinds = slices.Compact(p.Kinds)
	return nil
}

// leftOutThen counts the hidden records of a revision from those of a later one:
// hidden of the changed were hidden then.
func (c *City) leftOutThen(ctx context.Context, s data.Remembering, later hidings, changes []data.Change, hidden int) (int, error) {
	if c.view == InternalView {
		return 0, nil
	}
	ids := make([]data.ID, len(changes))
	for i := range changes {
		ids[i] = changes[i].ID
	}
	records, err := s.DetailAt(ctx, later.rev, ids...)
	if err != nil {
		return 0, err
	}
	n := later.n + hidden
	for _, r := range records {
		if r == nil {
			continue
		}
		was, err := c.profile.sensitivity(r.Hazard)
		if err != nil {
			return 0, err
		}
		if was != data.Public {
			n--
		}
	}
	return n, nil
}

// Days gives what keeps the city's daily totals; nil where the store keeps none.
func (c *City) Days() data.Days {
	d, _ := c.store.(data.Days)
	return d
}
