package data

import (
	"context"
	"fmt"
	"iter"
)

// Then is a store as it was at one revision, for good: a Store and Units that
// take no changes. What is built of it is what would have been built then. It
// reads through the store, which stays its owner's: Close closes nothing. Safe
// for concurrent use.
type Then struct {
	store Remembering
	at    Revision
}

var (
	_ Store   = (*Then)(nil)
	_ Units   = (*Then)(nil)
	_ Briefer = (*Then)(nil)
)

// NewThen gives the store as it was at a revision, which it must have come to.
func NewThen(store Remembering, at Revision) *Then { return &Then{store, at} }

// Revision is the revision that it stays at.
func (t *Then) Revision() Revision { return t.at }

// Load is Store's. The newest state is loaded, and what has changed since is put
// back.
func (t *Then) Load(ctx context.Context) (Revision, iter.Seq2[*Hazard, error]) {
	newest, all := t.store.Load(ctx)
	return t.at, func(yield func(*Hazard, error) bool) {
		if newest < t.at {
			for _, err := range all { // why it could not be loaded, if it could not
				if err != nil {
					yield(nil, err)
					return
				}
			}
			yield(nil, PastRevision(t.at, newest))
			return
		}
		// Read after the state, so that all that changed on the way to it is there;
		// what changed after it is as it was in both.
		_, back := t.store.Back(ctx, t.at)
		next, stop := iter.Pull2(back)
		defer stop()
		c, failed, more := next()
		// put gives what was there before an id.
		put := func(before ID, all bool) bool {
			for ; more && failed == nil && (all || c.ID < before); c, failed, more = next() {
				if c.New != nil && !yield(c.New.Hazard, nil) {
					return false
				}
			}
			if failed != nil {
				yield(nil, failed)
			}
			return failed == nil
		}
		for h, err := range all {
			if err != nil {
				yield(nil, err)
				return
			}
			if !put(h.ID, false) {
				return
			}
			if more && c.ID == h.ID {
				continue // what has its id now is not what had it then
			}
			if !yield(h, nil) {
				return
			}
		}
		put("", true)
	}
}

// Detail is Store's.
func (t *Then) Detail(ctx context.Context, ids ...ID) ([]*Record, error) {
	return t.store.DetailAt(ctx, t.at, ids...)
}

// Apply is Store's, and always ErrReadOnly.
func (t *Then) Apply(context.Context, Note, ...Change) (Revision, error) {
	return 0, fmt.Errorf("revision %d is past: %w", t.at, ErrReadOnly)
}

// Watch is Store's: the log up to the revision, after which nothing comes until
// ctx ends.
func (t *Then) Watch(ctx context.Context, since Revision) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		if since > t.at {
			yield(Batch{}, PastRevision(since, t.at))
			return
		}
		if since < t.at {
			for b, err := range t.store.Log(ctx, since, t.at) {
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
		<-ctx.Done()
	}
}

// Close is Store's, and nothing.
func (t *Then) Close() error { return nil }

// Kinds is Units'.
func (t *Then) Kinds(ctx context.Context) ([]string, error) { return t.store.KindsAt(ctx, t.at) }

// Units is Units'.
func (t *Then) Units(ctx context.Context, kind string) iter.Seq2[*Unit, error] {
	return t.store.UnitsAt(ctx, t.at, kind)
}

// Replace is Units', and always ErrReadOnly.
func (t *Then) Replace(context.Context, Note, string, []Unit) (Revision, error) {
	return 0, fmt.Errorf("revision %d is past: %w", t.at, ErrReadOnly)
}

// Brief is Briefer's.
func (t *Then) Brief(ctx context.Context, ids ...ID) ([]*Brief, error) {
	records, err := t.Detail(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]*Brief, len(ids))
	for i, r := range records {
		if r != nil {
			out[i] = r.Brief()
		}
	}
	return out, nil
}
