package calendar

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"riskatlas/data"
)

// StatusOn is the status that the dates of a record give it on a local day,
// YYYY-MM-DD; dates that are empty say nothing.
func StatusOn(s data.Status, validFrom, validTo, day string) data.Status {
	if s != data.Active && s != data.Planned {
		return s
	}
	switch {
	case validTo != "" && validTo < day:
		return data.Closed
	case validFrom != "" && day < validFrom:
		return data.Planned
	case validFrom != "":
		return data.Active
	}
	return s
}

// Who is the author of the changes that Validity makes.
const Who = "validity"

// mostAtOnce is how many records one revision changes.
const mostAtOnce = 1000

// readAtOnce is how many records are read at once for their dates.
const readAtOnce = 512

// Validity applies the dates of a store's records. Several on one store, in one
// process or many, make each change once.
type Validity struct {
	Store data.Store
	Zone  *time.Location
	Clock Clock
	// Applied is told of each revision that was made; nil is nobody.
	Applied func(rev data.Revision, day string, records int)

	dated map[data.ID]dated
}

// dated is a record that has a date.
type dated struct {
	rev      data.Revision
	status   data.Status
	from, to string
}

// Run applies the dates of today, and what the next days and the store's changes
// bring, until ctx ends, which is no error, or the store fails. A store that takes
// no changes ends it with an error that wraps data.ErrReadOnly.
func (v *Validity) Run(ctx context.Context) error {
	v.dated = map[data.ID]dated{}
	rev, err := v.read(ctx)
	if err == nil {
		err = v.follow(ctx, rev)
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("applying validity dates: %w", err)
	}
	return nil
}

// read finds the records with dates. Records that change meanwhile come again
// with the log.
func (v *Validity) read(ctx context.Context) (data.Revision, error) {
	rev, all := v.Store.Load(ctx)
	var ids []data.ID
	for h, err := range all {
		if err != nil {
			return 0, err
		}
		if h.Status == data.Active || h.Status == data.Planned {
			ids = append(ids, h.ID)
		}
	}
	for chunk := range slices.Chunk(ids, readAtOnce) {
		records, err := v.Store.Detail(ctx, chunk...)
		if err != nil {
			return 0, err
		}
		for i, r := range records {
			v.note(chunk[i], r)
		}
	}
	return rev, nil
}

// note remembers the dates of a record as it is now, nil for one that is gone.
func (v *Validity) note(id data.ID, r *data.Record) {
	if r == nil || r.Detail.ValidFrom == "" && r.Detail.ValidTo == "" {
		delete(v.dated, id)
		return
	}
	v.dated[id] = dated{r.Hazard.Rev, r.Hazard.Status, r.Detail.ValidFrom, r.Detail.ValidTo}
}

// told is a step of the log, or why there are no more.
type told struct {
	batch data.Batch
	err   error
}

func (v *Validity) follow(ctx context.Context, rev data.Revision) error {
	ctx, cancel := context.WithCancel(ctx)
	log, done := make(chan told), make(chan struct{})
	go func() {
		defer close(done)
		for b, err := range v.Store.Watch(ctx, rev) {
			select {
			case log <- told{b, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() { cancel(); <-done }()
	for {
		now := v.Clock.Now()
		if err := v.apply(ctx, today(now, v.Zone)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-v.Clock.After(untilTomorrow(now, v.Zone)):
		case step := <-log:
			if step.err != nil {
				return step.err
			}
			for _, c := range step.batch.Changes {
				if was := v.dated[c.ID]; was.rev < step.batch.Revision { // else it is known as it was later
					v.note(c.ID, c.New)
				}
			}
		}
	}
}

// apply makes what is due on a day.
func (v *Validity) apply(ctx context.Context, day string) error {
	var due []data.ID
	for id, d := range v.dated {
		if StatusOn(d.status, d.from, d.to, day) != d.status {
			due = append(due, id)
		}
	}
	slices.Sort(due)
	for chunk := range slices.Chunk(due, mostAtOnce) {
		if err := v.change(ctx, day, chunk); err != nil {
			return err
		}
	}
	return nil
}

// change makes the changes of records, as one revision. Where another has changed
// one of them meanwhile nothing is done: the log tells of it, and it is looked at
// again.
func (v *Validity) change(ctx context.Context, day string, ids []data.ID) error {
	records, err := v.Store.Detail(ctx, ids...)
	if err != nil {
		return err
	}
	var changes []data.Change
	key := sha256.New()
	fmt.Fprintln(key, day)
	for i, r := range records {
		v.note(ids[i], r)
		if r == nil {
			continue
		}
		h := *r.Hazard
		if h.Status = StatusOn(h.Status, r.Detail.ValidFrom, r.Detail.ValidTo, day); h.Status == r.Hazard.Status {
			continue
		}
		sealed, err := h.Seal()
		if err != nil {
			return fmt.Errorf("record %s: %w", h.ID, err)
		}
		changes = append(changes, data.Change{ID: h.ID, If: r.Hazard.Rev, New: &data.Record{Hazard: sealed, Detail: r.Detail}})
		fmt.Fprintln(key, h.ID, r.Hazard.Rev, h.Status)
	}
	if len(changes) == 0 {
		return nil
	}
	// The key is the same of whoever finds the same due, so that it is done once.
	rev, err := v.Store.Apply(ctx, data.Note{Who: Who, Why: why(changes, day), Key: fmt.Sprintf("validity %s %x", day, key.Sum(nil)[:16])}, changes...)
	switch {
	case errors.Is(err, data.ErrConflict):
		return nil
	case err != nil:
		return err
	}
	for _, c := range changes {
		d := v.dated[c.ID]
		d.rev, d.status = rev, c.New.Hazard.Status
		v.dated[c.ID] = d
	}
	if v.Applied != nil {
		v.Applied(rev, day, len(changes))
	}
	return nil
}

// why says which dates brought the changes.
func why(changes []data.Change, day string) string {
	var begun, waiting, ended int
	for _, c := range changes {
		switch c.New.Hazard.Status {
		case data.Active:
			begun++
		case data.Planned:
			waiting++
		default:
			ended++
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{begun, "valid_from has come"}, {waiting, "valid_from is to come"}, {ended, "valid_to has passed"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s (%d)", p.what, p.n))
		}
	}
	return "on " + day + ": " + strings.Join(parts, ", ")
}
