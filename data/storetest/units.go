package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
)

func someUnits(n int) []data.Unit {
	out := []data.Unit{
		{Code: "c", Name: "避难场所", NameEn: "Shelter", Class: "shelter", Shape: orb.Point{120, 30}, Props: map[string]string{"beds": "120", "备注": "\"合成\""}},
		{Code: "a", Name: "区", Shape: orb.Polygon{ring(orb.Point{120, 30}, 0.1)}},
		{Code: "b", Shape: orb.MultiPolygon{{ring(orb.Point{120, 30}, 0.1)}, {ring(orb.Point{121, 30}, 0.1)}}},
	}
	for i := range n {
		out = append(out, data.Unit{Code: fmt.Sprintf("n%03d", i), Name: "n", Shape: orb.Point{120, float64(i) / 100}})
	}
	return out
}

func unitsOf(t fataler, s data.Units, kind string) []data.Unit {
	t.Helper()
	var out []data.Unit
	for u, err := range s.Units(context.Background(), kind) {
		if err != nil {
			t.Fatalf("units: %v", err)
		}
		out = append(out, *u)
	}
	return out
}

func byCode(units []data.Unit) []data.Unit {
	return slices.SortedFunc(slices.Values(units), func(a, b data.Unit) int { return strings.Compare(a.Code, b.Code) })
}

func units(t *testing.T, s *suite) {
	store := s.fresh(t)
	us, ok := store.(data.Units)
	if !ok {
		t.Skip("not a data.Units")
	}
	ctx := context.Background()
	district := data.DistrictKind("2021")
	kinds := func(want ...string) {
		t.Helper()
		if got, err := us.Kinds(ctx); err != nil || !slices.Equal(got, want) {
			t.Errorf("kinds %q, %v, want %q", got, err, want)
		}
	}
	replace := func(kind string, set []data.Unit) {
		t.Helper()
		if _, err := us.Replace(ctx, data.Note{}, kind, set); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(byCode(set), unitsOf(t, us, kind)); diff != "" && len(set) > 0 {
			t.Error(diff)
		}
	}
	kinds()
	replace(data.PlaceKind, someUnits(3))
	replace(district, someUnits(0))
	kinds(district, data.PlaceKind)
	replace(data.PlaceKind, someUnits(50)[2:])
	if got := unitsOf(t, us, district); len(got) != 3 {
		t.Errorf("%d districts: another kind took them along", len(got))
	}
	bad := append(someUnits(1), data.Unit{Code: "a", Shape: orb.Point{1, 1}})
	if _, err := us.Replace(ctx, data.Note{}, district, bad); err == nil {
		t.Error("a code twice passed")
	}
	if got := unitsOf(t, us, district); len(got) != 3 {
		t.Errorf("%d districts after a failed replacement", len(got))
	}
	replace(district, nil)
	kinds(data.PlaceKind)
	if got := unitsOf(t, us, district); len(got) != 0 {
		t.Errorf("%d districts are left of none", len(got))
	}
	for range us.Units(ctx, data.PlaceKind) {
		break // the store lets go
	}
}

func unitsLog(t *testing.T, s *suite) {
	store := s.fresh(t)
	us, ok := store.(data.Units)
	if !ok {
		t.Skip("not a data.Units")
	}
	ctx := within(t)
	apply(t, store, put("a", 0, 1))
	waiting := make(chan data.Batch)
	go func() {
		defer close(waiting)
		for b, err := range store.Watch(ctx, 1) {
			if err != nil {
				t.Error(err)
				return
			}
			waiting <- b
			return
		}
	}()
	note := data.Note{Who: "w", Why: "y", Key: "k"}
	for range 2 { // the second time the key is known
		if rev, err := us.Replace(ctx, note, data.PlaceKind, someUnits(2)); err != nil || rev != 2 {
			t.Fatal(rev, err)
		}
	}
	if b := <-waiting; b.Revision != 2 || b.Kind != data.PlaceKind || len(b.Changes) != 0 || b.Note != note {
		t.Errorf("%+v", b)
	}
	if rev, err := store.Apply(ctx, note, put("z", 0, 1)); err != nil || rev != 2 {
		t.Errorf("one set of keys: revision %d, %v", rev, err)
	}
	if rev := apply(t, store, put("a", 1, 2)); rev != 3 {
		t.Errorf("one log: revision %d", rev)
	}
}
