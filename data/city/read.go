package city

import (
	"context"
	"iter"
	"runtime"
	"strings"
	"sync"

	"riskatlas/data"
)

// read gives the roll of one state of the store, which is complete when the
// sequence, ranged over once, has ended without an error.
func (c *City) read(ctx context.Context) (*roll, iter.Seq2[*data.Hazard, error]) {
	if s, ok := c.store.(data.Completing); ok {
		return c.readMaking(ctx, s)
	}
	rev, hazards := c.store.Load(ctx)
	r := newRoll(rev)
	return r, func(yield func(*data.Hazard, error) bool) {
		// The units are read after the revision is fixed: what replaces them
		// later comes through Watch.
		pl, err := c.refresh(ctx)
		if err != nil {
			drain(hazards)
			yield(nil, err)
			return
		}
		for h, err := range c.showAll(pl, hazards) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !c.sees(h) {
				r.hidden[h.ID] = struct{}{}
				continue
			}
			r.sorted = append(r.sorted, h)
			if !yield(h, nil) {
				return
			}
		}
	}
}

// readMaking is read from a store that completes hazards while it makes them.
func (c *City) readMaking(ctx context.Context, s data.Completing) (*roll, iter.Seq2[*data.Hazard, error]) {
	r := newRoll(0)
	var mu sync.Mutex
	rev, hazards := s.LoadAs(ctx, func(data.Revision) (data.Complete, error) {
		pl, err := c.refresh(ctx) // after the revision is fixed, as above
		if err != nil {
			return nil, err
		}
		return func(h *data.Hazard) error {
			err := c.complete(pl, nil, h)
			switch err {
			case nil:
			case data.ErrLeftOut:
				id := data.ID(strings.Clone(string(h.ID))) // not in one piece with the names
				mu.Lock()
				r.hidden[id] = struct{}{}
				mu.Unlock()
			default:
				err = c.about(h.ID, err)
			}
			return err
		}, nil
	})
	r.rev = rev
	return r, func(yield func(*data.Hazard, error) bool) {
		for h, err := range hazards {
			if err != nil {
				yield(nil, err)
				return
			}
			r.sorted = append(r.sorted, h)
			if !yield(h, nil) {
				return
			}
		}
	}
}

// batchHazards is how many hazards are completed at once: enough to keep all
// cores busy, few beside a city.
const batchHazards = 8192

// showAll shows hazards on all cores, in their order.
func (c *City) showAll(pl *placer, hazards iter.Seq2[*data.Hazard, error]) iter.Seq2[*data.Hazard, error] {
	prints := newFootprints()
	return func(yield func(*data.Hazard, error) bool) {
		batch := make([]*data.Hazard, 0, batchHazards)
		give := func() bool {
			shown, err := c.showBatch(pl, prints, batch)
			for _, h := range shown {
				if !yield(h, nil) {
					return false
				}
			}
			if err != nil {
				yield(nil, err)
			}
			batch = batch[:0]
			return err == nil
		}
		for h, err := range hazards {
			if err != nil {
				if give() {
					yield(nil, err)
				}
				return
			}
			if batch = append(batch, h); len(batch) == batchHazards && !give() {
				return
			}
		}
		give()
	}
}

// showBatch shows the hazards up to the first that has an error, which it gives.
func (c *City) showBatch(pl *placer, prints *footprints, batch []*data.Hazard) ([]*data.Hazard, error) {
	parts := min(runtime.GOMAXPROCS(0), len(batch)/64+1)
	ends, errs := make([]int, parts), make([]error, parts)
	var wg sync.WaitGroup
	for part := range parts {
		first, end := len(batch)*part/parts, len(batch)*(part+1)/parts
		wg.Go(func() {
			for ends[part] = first; ends[part] < end && errs[part] == nil; ends[part]++ {
				var h *data.Hazard
				if h, errs[part] = c.show(pl, prints, batch[ends[part]]); errs[part] != nil {
					return
				}
				batch[ends[part]] = h
			}
		})
	}
	wg.Wait()
	for part, err := range errs {
		if err != nil {
			return batch[:ends[part]], err
		}
	}
	return batch, nil
}

// drain ends a sequence that nobody ranges over, so that it lets its store go.
func drain(hazards iter.Seq2[*data.Hazard, error]) {
	for range hazards {
		return
	}
}
