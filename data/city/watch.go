package city

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"riskatlas/data"
)

// Watch is data.Store's. Each batch is as the view sees it: a record that it
// may no longer see is removed, one that it may see from now on is new, and
// changes of what it may not see are left out; who and why are for the internal
// view. When the districts of a vintage were replaced, the batch names the kind
// and also changes every hazard that is in another district since: at the
// revision that it had, without its detail.
//
// A follower that watches on from its own Load, or from where its last Watch
// ended, is served from what it was given; from elsewhere the store is read
// again, if need be its whole log.
func (c *City) Watch(ctx context.Context, since data.Revision) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		r, err := c.rollAt(ctx, since)
		if err == nil {
			c.countHidden(r)
			for b, failed := range c.store.Watch(ctx, since) {
				if err = failed; err == nil {
					b, err = c.batch(ctx, r, b)
				}
				if err != nil {
					break // the roll is half changed: nobody may go on from it
				}
				c.countHidden(r)
				if !yield(b, nil) {
					break
				}
			}
		}
		switch {
		case err == nil:
			c.keep(r)
		case ctx.Err() == nil || !errors.Is(err, ctx.Err()): // the end of ctx is no failure
			yield(data.Batch{}, fmt.Errorf("watch the city: %w", err))
		}
	}
}

// keep leaves a complete roll for the next Watch.
func (c *City) keep(r *roll) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.spare != nil && c.spare.rev > r.rev {
		return
	}
	// Two followers at one revision: which of them comes back is not known.
	if c.spare != nil && c.spare.rev == r.rev {
		r.unsure = true
	}
	c.spare = r
}

// rollAt gives the roll of a follower that is at a revision.
func (c *City) rollAt(ctx context.Context, since data.Revision) (*roll, error) {
	c.mu.Lock()
	r := c.spare
	if r != nil && r.rev == since {
		c.spare = nil
		c.mu.Unlock()
		return r, nil
	}
	c.mu.Unlock()
	if since == 0 {
		return newRoll(0), nil
	}
	r, hazards := c.read(ctx)
	r.unsure = true
	switch {
	case r.rev == since:
		for _, err := range hazards {
			if err != nil {
				return nil, err
			}
		}
		return r, nil
	case r.rev < since:
		drain(hazards)
		return nil, fmt.Errorf("since revision %d: the store is at revision %d", since, r.rev)
	}
	drain(hazards)
	r = newRoll(0)
	for b, err := range c.store.Watch(ctx, 0) {
		if err == nil {
			_, err = c.batch(ctx, r, b)
		}
		if err != nil {
			return nil, err
		}
		if b.Revision >= since {
			break
		}
	}
	r.unsure = true
	switch {
	case r.rev == since:
		return r, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("since revision %d: the log ended at revision %d", since, r.rev)
}

// batch turns a batch of the store into the view's, and the roll with it.
func (c *City) batch(ctx context.Context, r *roll, b data.Batch) (data.Batch, error) {
	out := data.Batch{Revision: b.Revision, At: b.At, Note: b.Note, Kind: b.Kind}
	if c.view != InternalView {
		out.Note = data.Note{}
	}
	pl, err := c.placer(ctx)
	if err != nil {
		return out, err
	}
	prints := newFootprints()
	for i := range b.Changes {
		change, ok, err := c.change(pl, prints, r, b.Changes[i])
		if err != nil {
			return out, fmt.Errorf("revision %d: %w", b.Revision, err)
		}
		if ok {
			out.Changes = append(out.Changes, change)
		}
	}
	if _, _, ok := c.profile.vintageOf(b.Kind); ok {
		if out.Changes, err = c.replace(ctx, r, out.Changes); err != nil {
			return out, fmt.Errorf("revision %d: %w", b.Revision, err)
		}
	}
	if r.grown() {
		r.settle()
	}
	r.rev = b.Revision
	return out, nil
}

// change turns one change of the store into the view's; it reports false for
// one that the view does not see.
func (c *City) change(pl *placer, prints *footprints, r *roll, in data.Change) (data.Change, bool, error) {
	var shown *data.Record
	if in.New != nil {
		var err error
		if shown, err = c.record(pl, prints, in.New); err != nil {
			return in, false, err
		}
	}
	if shown == nil {
		seen := r.drop(in.ID)
		if in.New != nil {
			r.hidden[in.ID] = struct{}{}
		}
		return data.Change{ID: in.ID, If: in.If}, seen, nil
	}
	if !r.has(in.ID) {
		in.If = 0 // new to this view, whatever the store had before
	}
	r.put(shown.Hazard)
	return data.Change{ID: in.ID, If: in.If, New: shown}, true, nil
}

// replace places every hazard of the roll by the districts as they are now and
// adds a change for each that moved.
func (c *City) replace(ctx context.Context, r *roll, changes []data.Change) ([]data.Change, error) {
	pl, err := c.refresh(ctx)
	if err != nil {
		return nil, err
	}
	for h := range r.all() {
		at := pl.districts(h)
		if at == h.Districts && !r.unsure {
			continue
		}
		moved := *h
		moved.Districts = at
		sealed, err := moved.Seal()
		if err != nil {
			return nil, c.about(h.ID, err)
		}
		r.put(sealed)
		changes = append(changes, data.Change{ID: h.ID, If: h.Rev, New: &data.Record{Hazard: sealed}})
	}
	r.unsure = false
	return changes, nil
}
