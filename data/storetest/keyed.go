package storetest

import (
	"context"
	"testing"

	"riskatlas/data"
)

// keyed looks for revisions by the beginning of their keys.
func keyed(t *testing.T, s *suite) {
	store := s.fresh(t)
	by, ok := store.(data.Keyed)
	if !ok {
		t.Skip("the store finds nothing by its key")
	}
	ctx := context.Background()
	for i, k := range []string{"b/2/x", "", "b/10/y", "a/1/z", "", "b/2%/x", "李/1/é"} {
		if _, err := store.Apply(ctx, data.Note{Key: k}, put("a", data.Any, i+1)); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, want := range map[string]struct {
		key string
		rev data.Revision
	}{"b/2/": {"b/2/x", 1}, "b/10/": {"b/10/y", 3}, "a/1/z": {"a/1/z", 4}, "b/": {"b/10/y", 3}, "李/1/": {"李/1/é", 7}, "b/2": {"b/2%/x", 6},
		"b/1/": {}, "c": {}, "a/1/zz": {}, "B/2/": {}, "b/_/": {}, "~": {}, "李/2": {}} {
		key, rev, err := by.Keyed(ctx, prefix)
		if err != nil || key != want.key || rev != want.rev {
			t.Errorf("%q: %q at revision %d, %v, want %+v", prefix, key, rev, err, want)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := by.Keyed(ended, "b"); err == nil {
		t.Error("a context that ended is not heard")
	}
}
