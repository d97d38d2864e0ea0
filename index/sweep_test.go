package index

import (
	"maps"
	"runtime"
	"slices"
	"testing"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// A city that is filled at once is the one that changes make, in whatever order
// its hazards are given, however many goroutines read them, and with those that
// are not active in any of their parts.
func TestFillIsWhatChangesMake(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for _, n := range []int{0, 1, 40, 3*sweepLeast + 77} {
		rng := newRand(uint64(n) + 7)
		hs := citytest.Hazards(rng, n, citytest.Bound)
		if n > sweepLeast {
			for i := sweepLeast; i < 2*sweepLeast; i++ { // most of one part is not at work
				h := *hs[i]
				h.Status = data.Status(rng.IntN(len(data.StatusKeys)))
				hs[i] = citytest.Seal(h)
			}
		}
		want := cityOf(t, hs)
		empty := cityOf(t, nil)
		for _, order := range []string{"by id", "mixed"} {
			given := slices.Clone(hs)
			if order == "mixed" {
				rng.Shuffle(n, func(i, j int) { given[i], given[j] = given[j], given[i] })
			}
			before := slices.Clone(given)
			got := empty.fill(given)
			if diff := diffOf(stateOf(got), stateOf(want)); diff != "" {
				t.Fatalf("%d hazards %s: %.2000s", n, order, diff)
			}
			if !maps.Equal(flat(got, got.clusters), flat(want, want.clusters)) {
				t.Fatalf("%d hazards %s: other clusters", n, order)
			}
			if !slices.Equal(given, before) {
				t.Fatalf("%d hazards %s: the caller's list has changed", n, order)
			}
			if got.roll.delta() != 0 || n > 0 && len(got.classes.list) != len(got.classes.numbers) {
				t.Fatalf("%d hazards %s: %d changes over the base, %d classes of %d numbers", n, order, got.roll.delta(), len(got.classes.list), len(got.classes.numbers))
			}
			for _, h := range hs {
				if at, ok := got.roll.base.find(h.ID); !ok || got.classes.list[got.roll.base.items[at].class] != h.Class {
					t.Fatalf("%d hazards %s: %s is not found with its class", n, order, h.ID)
				}
			}
		}
	}
}
