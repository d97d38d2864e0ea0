package storetest

import (
	"reflect"
	"testing"

	"riskatlas/data"
)

// briefs wants briefs to be part of the details, in the order asked, and to
// follow a change.
func briefs(t *testing.T, s *suite) {
	store := s.fresh(t)
	briefer, ok := store.(data.Briefer)
	if !ok {
		t.Skip("the store reads no briefs")
	}
	apply(t, store, put("a", 0, 1), put("b", 0, 2), put("c", 0, 3))
	check := func(ids ...data.ID) {
		t.Helper()
		got, err := briefer.Brief(within(t), ids...)
		if err != nil || len(got) != len(ids) {
			t.Fatalf("%d briefs, %v", len(got), err)
		}
		for i, r := range detail(t, store, ids...) {
			if r == nil {
				if got[i] != nil {
					t.Errorf("position %d: %+v, want none", i, got[i])
				}
				continue
			}
			want := r.Brief()
			if got[i] != nil {
				want.Shared = got[i].Shared
			}
			if !reflect.DeepEqual(got[i], want) {
				t.Errorf("position %d: %+v, want %+v", i, got[i], want)
			}
		}
	}
	check()
	check("none")
	check("c", "none", "a", "c", "", "b")
	many := []data.ID{}
	for i := range 40 {
		many = append(many, []data.ID{"a", "b", "c", "none"}[i%4])
	}
	check(many...)
	changed := Record("b", 2)
	changed.Detail.Enterprise, changed.Detail.Measures = "another", nil
	apply(t, store, data.Change{ID: "b", If: data.Any, New: changed}, data.Change{ID: "c", If: data.Any})
	check("a", "b", "c")
}
