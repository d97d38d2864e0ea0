package city

import (
	"context"
	"fmt"

	"riskatlas/data"
)

// Apply is data.Store's. What the city adds on reading is not stored because a
// record was read, changed and written back: derived scenarios and districts
// never are, and a sensitivity or regulator that the stored record does not
// state and that still is its industry's default stays unstated. Nor can the
// public view erase what it does not see: personal fields that are empty keep
// what is stored.
func (c *City) Apply(ctx context.Context, n data.Note, cs ...data.Change) (data.Revision, error) {
	kept, err := c.stored(ctx, cs)
	if err != nil {
		return 0, fmt.Errorf("write to the city: %w", err)
	}
	return c.store.Apply(ctx, n, kept...)
}

// stored turns changes into the form in which records are kept.
func (c *City) stored(ctx context.Context, cs []data.Change) ([]data.Change, error) {
	var ids []data.ID
	var at []int
	for i := range cs {
		// What must not exist yet has nothing to keep.
		if r := cs[i].New; r != nil && r.Hazard != nil && cs[i].If != 0 {
			ids, at = append(ids, cs[i].ID), append(at, i)
		}
	}
	if len(ids) == 0 {
		return cs, nil
	}
	old, err := c.store.Detail(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := append([]data.Change(nil), cs...)
	for j, was := range old {
		if was == nil || int(was.Hazard.Industry) >= len(c.profile.Taxonomy.Industries) {
			continue
		}
		if out[at[j]].New, err = c.keeping(was, out[at[j]].New); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keeping gives the new record with what the old one left unstated, or what the
// view did not see of it.
func (c *City) keeping(was, now *data.Record) (*data.Record, error) {
	h := *now.Hazard
	// The default that was shown is that of the industry that it had.
	in := c.profile.Taxonomy.Industries[was.Hazard.Industry]
	if was.Hazard.Sensitivity == data.Unstated && h.Sensitivity == in.Sensitivity {
		h.Sensitivity = data.Unstated
	}
	if was.Hazard.Regulator == "" && h.Regulator == in.Regulator {
		h.Regulator = ""
	}
	out := *now
	if h.Sensitivity != now.Hazard.Sensitivity || h.Regulator != now.Hazard.Regulator {
		sealed, err := h.Seal()
		if err != nil {
			return nil, c.about(h.ID, err)
		}
		out.Hazard = sealed
	}
	if c.view != InternalView {
		keepPersonal(&out.Detail, &was.Detail)
	}
	return &out, nil
}

// keepPersonal fills the personal fields that are empty: those that
// data.Detail.WithoutPersonal empties.
func keepPersonal(now, was *data.Detail) {
	for _, f := range [][2]*string{{&now.Responsible, &was.Responsible}, {&now.DutyPhone, &was.DutyPhone},
		{&now.RegulatorContact, &was.RegulatorContact}, {&now.GridOfficer, &was.GridOfficer}, {&now.Assessor, &was.Assessor},
		{&now.StatusReason, &was.StatusReason}} {
		if *f[0] == "" {
			*f[0] = *f[1]
		}
	}
}
