package city

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"riskatlas/data"
)

// View is who looks: it decides which records are dropped on loading.
type View string

// The two views. InternalView shows every record; PublicView, and any other
// value, only those whose sensitivity is public, and of those no personal field.
const (
	PublicView   View = "public"
	InternalView View = "internal"
)

// City is a store as a view may see it: it derives scenarios from levels, places
// every hazard in a district of every vintage, gives default sensitivities and
// regulators, and drops what the view may not see. Everything above the stores
// reads through it. It is a data.Store and data.Units, safe for concurrent use
// when the store is.
type City struct {
	store   data.Store
	profile *Profile
	view    View
	leftOut atomic.Pointer[hidings]

	reading sync.Mutex // held while units are read, so that placing never goes back to older ones
	placing atomic.Pointer[placer]

	mu    sync.Mutex
	spare *roll // what the latest Load gave or the latest Watch left, for the next Watch
}

var (
	_ data.Store = (*City)(nil)
	_ data.Units = (*City)(nil)
)

// Wrap makes the city of a store. It reads nothing yet.
func Wrap(store data.Store, p *Profile, v View) *City {
	if v != InternalView {
		v = PublicView
	}
	return &City{store: store, profile: p, view: v}
}

// Profile gives the city's profile.
func (c *City) Profile() *Profile { return c.profile }

// View gives the view through which the city is seen.
func (c *City) View() View { return c.view }

// LeftOut is the number of records that the view hides at present: as of the
// latest complete Load or the latest batch of a Watch.
func (c *City) LeftOut() int { return c.hidings().n }

// hidings is how many records the view hides at a revision.
type hidings struct {
	rev data.Revision
	n   int
}

func (c *City) hidings() hidings {
	if h := c.leftOut.Load(); h != nil {
		return *h
	}
	return hidings{}
}

func (c *City) countHidden(r *roll) { c.leftOut.Store(&hidings{r.rev, len(r.hidden)}) }

// Load is data.Store's.
func (c *City) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	r, hazards := c.read(ctx)
	return r.rev, func(yield func(*data.Hazard, error) bool) {
		for h, err := range hazards {
			if err != nil {
				yield(nil, fmt.Errorf("load the city: %w", err))
				return
			}
			if !yield(h, nil) {
				return
			}
		}
		c.countHidden(r)
		c.keep(r)
	}
}

// sees reports whether the view may see a hazard that has its defaults.
func (c *City) sees(h *data.Hazard) bool {
	return c.view == InternalView || h.Sensitivity == data.Public
}

// show completes a hazard as stored. One that the view may not see keeps only
// what tells that.
func (c *City) show(pl *placer, prints *footprints, h *data.Hazard) (*data.Hazard, error) {
	shown, err := h.SealAs(func(h *data.Hazard) error { return c.complete(pl, prints, h) })
	switch {
	case errors.Is(err, data.ErrLeftOut):
		s, err := c.profile.sensitivity(h)
		return &data.Hazard{ID: h.ID, Sensitivity: s}, err
	case err != nil:
		return nil, c.about(h.ID, err)
	}
	return shown, nil
}

// complete completes a hazard that the view may see; data.ErrLeftOut is of one
// that it may not.
func (c *City) complete(pl *placer, prints *footprints, h *data.Hazard) error {
	s, err := c.profile.sensitivity(h)
	if err != nil {
		return err
	}
	if c.view != InternalView && s != data.Public {
		return data.ErrLeftOut
	}
	return pl.complete(h, prints)
}

// about names the record of an error where the view may know its name.
func (c *City) about(id data.ID, err error) error {
	if c.view != InternalView {
		return fmt.Errorf("a record of the store: %w", err)
	}
	return fmt.Errorf("record %s: %w", id, err)
}

// Detail is data.Store's. What the view may not see is nil, as if it were not
// there. Hazards are placed by the districts as they were last read: by Load, or
// on the batch of a Watch that replaced them.
func (c *City) Detail(ctx context.Context, ids ...data.ID) ([]*data.Record, error) {
	records, err := c.store.Detail(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read records of the city: %w", err)
	}
	pl, err := c.placer(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]*data.Record, len(records))
	for i, r := range records {
		if r == nil {
			continue
		}
		if out[i], err = c.record(pl, nil, r); err != nil {
			return nil, fmt.Errorf("read records of the city: %w", err)
		}
	}
	return out, nil
}

// record is a stored record as the view sees it, or nil.
func (c *City) record(pl *placer, prints *footprints, r *data.Record) (*data.Record, error) {
	h, err := c.show(pl, prints, r.Hazard)
	if err != nil || !c.sees(h) {
		return nil, err
	}
	d := r.Detail
	if c.view != InternalView {
		d = d.WithoutPersonal()
	}
	return &data.Record{Hazard: h, Detail: d}, nil
}

// Complete gives a hazard that is in no store as the city would show it: with
// its defaults, derived scenario and districts, whatever its sensitivity. What
// is changed in thought goes through here before it meets the city's own.
func (c *City) Complete(ctx context.Context, h *data.Hazard) (*data.Hazard, error) {
	pl, err := c.placer(ctx)
	if err != nil {
		return nil, err
	}
	out, err := h.SealAs(func(h *data.Hazard) error { return pl.complete(h, nil) })
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", h.ID, err)
	}
	return out, nil
}

// Close closes the store.
func (c *City) Close() error { return c.store.Close() }
