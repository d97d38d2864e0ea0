package ingest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"riskatlas/data"
)

// ErrIncomplete is the error for a set of units that is written whole or not at
// all, and from which a row was kept out. The report says which.
type ErrIncomplete struct{ Kind, Totals string }

func (e *ErrIncomplete) Error() string {
	return fmt.Sprintf("%s: nothing was written, since the set is replaced whole: %s", e.Kind, e.Totals)
}

// Plan gives the set that the store is to hold of the kind, and counts in the
// report what that changes; change is false where it is what the store holds.
// Places of kinds that the file does not have are kept as they are.
func (u *Units) Plan(ctx context.Context, units data.Units) (set []data.Unit, change bool, err error) {
	r := u.Report
	if u.whole && r.Accepted < r.Read || r.Accepted == 0 {
		return nil, false, &ErrIncomplete{u.Kind, r.Totals()}
	}
	if len(u.Units) == 0 {
		return nil, false, &data.Invalid{Field: u.Kind, Value: "0 on all " + strconv.Itoa(r.Accepted) + " rows",
			Want: "at least one row with people, since the set is replaced whole"}
	}
	held := map[string]data.Unit{}
	for x, err := range units.Units(ctx, u.Kind) {
		if err != nil {
			return nil, false, fmt.Errorf("comparing with the store: %w", err)
		}
		held[x.Code] = *x
	}
	set = slices.Clone(u.Units)
	classes, codes := map[string]bool{}, map[string]string{}
	for _, x := range u.Units {
		classes[x.Class], codes[x.Code] = true, x.Class
	}
	r.Added, r.Changed, r.Unchanged = 0, 0, 0
	gone := 0
	for _, code := range sortedKeys(held) {
		x := held[code]
		class, again := codes[code]
		switch {
		case again && class != x.Class:
			return nil, false, &data.Invalid{Field: "code", Value: code, Want: "a code that no place of another kind has; the store has it as " + x.Class}
		case again:
		case u.Kind == data.PlaceKind && !classes[x.Class]:
			set = append(set, x)
		default:
			gone++
		}
	}
	for i := range u.Units {
		switch x, ok := held[u.Units[i].Code]; {
		case !ok:
			r.Added++
		case sameUnit(&x, &u.Units[i]):
			r.Unchanged++
		default:
			r.Changed++
		}
	}
	return set, r.Added+r.Changed+gone > 0, nil
}

func sameUnit(a, b *data.Unit) bool {
	return a.Name == b.Name && a.NameEn == b.NameEn && a.Class == b.Class && maps.Equal(a.Props, b.Props) &&
		bytes.Equal(data.AppendGeometry(nil, a.Shape), data.AppendGeometry(nil, b.Shape))
}

// Write makes the units the store's set of their kind, as one revision, and
// writes into the report what changed. Equal sets make no revision.
func (u *Units) Write(ctx context.Context, units data.Units, note data.Note) error {
	set, change, err := u.Plan(ctx, units)
	if err != nil || !change {
		return err
	}
	if u.Report.Revision, err = units.Replace(ctx, note, u.Kind, set); err != nil {
		return fmt.Errorf("writing %s: %w", u.Kind, err)
	}
	return nil
}
