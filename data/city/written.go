package city

import (
	"context"
	"errors"
	"fmt"

	"riskatlas/data"
)

// Shown gives a record, as a store would keep it, as the city's view shows it:
// with its defaults, derived scenario and districts, without what the view does
// not see of it. It is nil for one that the view may not see at all.
func (c *City) Shown(ctx context.Context, r *data.Record) (*data.Record, error) {
	pl, err := c.placer(ctx)
	if err != nil {
		return nil, err
	}
	return c.record(pl, nil, r)
}

// Taken reports of each id whether a record has it, be it one that the view does
// not see. It is for making new ids alone.
func (c *City) Taken(ctx context.Context, ids ...data.ID) ([]bool, error) {
	records, err := c.store.Detail(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read records of the city: %w", err)
	}
	out := make([]bool, len(ids))
	for i, r := range records {
		out[i] = r != nil
	}
	return out, nil
}

// Done gives the batch that a note whose key begins with prefix has made, its
// records as the view shows them, one that it may not see being nil as if it were
// removed; false where there was none, or the store finds nothing by keys.
func (c *City) Done(ctx context.Context, prefix string) (b data.Batch, ok bool, err error) {
	store, ok := c.store.(data.Keyed)
	if !ok {
		return b, false, nil
	}
	_, rev, err := store.Keyed(ctx, prefix)
	if err != nil || rev == 0 {
		return b, false, err
	}
	err = errors.New("the log does not have it")
	for b, err = range c.store.Watch(ctx, rev-1) {
		break
	}
	if err != nil {
		return b, false, fmt.Errorf("read revision %d: %w", rev, err)
	}
	for i := range b.Changes {
		if r := b.Changes[i].New; r != nil {
			if b.Changes[i].New, err = c.Shown(ctx, r); err != nil {
				return b, false, err
			}
		}
	}
	return b, true, nil
}
