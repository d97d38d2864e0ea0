package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// revising checks that a set is changed in its parts, and that nobody's part is
// lost.
func revising(t *testing.T, s *suite) {
	store := s.fresh(t)
	us, ok := store.(data.Revising)
	if !ok {
		t.Skip("not a data.Revising")
	}
	ctx := within(t)
	kind := data.CoverageKind
	add := func(code string) func([]data.Unit) ([]data.Unit, bool, error) {
		return func(held []data.Unit) ([]data.Unit, bool, error) {
			return append(held, data.Unit{Code: code, Name: code, Shape: orb.Point{120, 30}}), false, nil
		}
	}
	rev, err := us.Revise(ctx, data.Note{Who: "w", Key: "k"}, kind, add("a"))
	if err != nil || rev != 1 {
		t.Fatal(rev, err)
	}
	if rev, err := us.Revise(ctx, data.Note{Key: "k"}, kind, add("again")); err != nil || rev != 1 {
		t.Errorf("a known key: revision %d, %v", rev, err)
	}
	same := func(held []data.Unit) ([]data.Unit, bool, error) { return nil, true, nil }
	if rev, err := us.Revise(ctx, data.Note{}, kind, same); err != nil || rev != 1 {
		t.Errorf("nothing changed: revision %d, %v", rev, err)
	}
	refused := errors.New("refused")
	refuse := func(held []data.Unit) ([]data.Unit, bool, error) { return nil, false, refused }
	if _, err := us.Revise(ctx, data.Note{}, kind, refuse); !errors.Is(err, refused) {
		t.Errorf("%v, want the error of the change", err)
	}
	if _, err := us.Revise(ctx, data.Note{}, kind, add("a")); err == nil {
		t.Error("a code twice passed")
	}
	if diff := cmp.Diff([]data.Unit{{Code: "a", Name: "a", Shape: orb.Point{120, 30}}}, unitsOf(t, us, kind)); diff != "" {
		t.Error(diff)
	}
	manyRevise(t, ctx, us, kind, add)
}

// manyRevise revises by many at once.
func manyRevise(t *testing.T, ctx context.Context, us data.Revising, kind string, add func(string) func([]data.Unit) ([]data.Unit, bool, error)) {
	t.Helper()
	const writers, each = 8, 5
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				if _, err := us.Revise(ctx, data.Note{}, kind, add(fmt.Sprintf("w%d-%d", w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := unitsOf(t, us, kind); len(got) != 1+writers*each {
		t.Errorf("%d units of %d: parts were lost", len(got), 1+writers*each)
	}
	empty := func([]data.Unit) ([]data.Unit, bool, error) { return nil, false, nil }
	if rev, err := us.Revise(ctx, data.Note{}, kind, empty); err != nil || rev != 2+writers*each {
		t.Errorf("revision %d, %v", rev, err)
	}
	if kinds, err := us.Kinds(ctx); err != nil || len(kinds) != 0 {
		t.Errorf("kinds %q, %v", kinds, err)
	}
}
