package city

import (
	"context"
	"iter"
	"reflect"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// Records gives what is stored, to each view what it may see of it.
func TestRecordsAreTheStoredOnesOfTheView(t *testing.T) {
	p, err := Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	store, ctx := memory.New(p.Taxonomy), context.Background()
	var changes []data.Change
	for i, s := range []data.Sensitivity{data.Public, data.Internal, data.Unstated, data.Secret} {
		h := data.Hazard{ID: data.ID([]string{"a", "b", "c", "d"}[i]), Name: "x", Class: data.Class{Level: 1}, Sensitivity: s, Shape: orb.Point{120.15, 30.27}}
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, data.Change{ID: h.ID, New: &data.Record{Hazard: sealed, Detail: data.Detail{Responsible: "somebody", Enterprise: "works"}}})
	}
	if _, err := store.Apply(ctx, data.Note{}, changes...); err != nil {
		t.Fatal(err)
	}
	for view, want := range map[View]struct {
		ids    []data.ID
		hidden int
		person string
	}{InternalView: {[]data.ID{"a", "b", "c", "d"}, 0, "somebody"}, PublicView: {[]data.ID{"a", "c"}, 2, ""}} {
		c := Wrap(store, p, view)
		var ids []data.ID
		hidden, err := c.Records(ctx, func(rev data.Revision, all iter.Seq2[Kept, error]) error {
			for k, err := range all {
				if err != nil {
					return err
				}
				ids = append(ids, k.Hazard.ID)
				if len(k.Hazard.Scenarios) != 0 || len(k.Shown.Scenarios) == 0 || k.Shown.Districts[p.Taxonomy.Default] == 0 || k.Hazard.ID == "c" && k.Hazard.Sensitivity != data.Unstated {
					t.Errorf("%s: stored %+v, shown %+v", view, k.Hazard, k.Shown)
				}
				if k.Detail.Responsible != want.person || k.Detail.Enterprise != "works" {
					t.Errorf("%s: %+v", view, k.Detail)
				}
			}
			return nil
		})
		if err != nil || hidden != want.hidden || !reflect.DeepEqual(ids, want.ids) {
			t.Errorf("%s: %v, %d hidden, %v", view, ids, hidden, err)
		}
	}
}
