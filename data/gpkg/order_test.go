package gpkg

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"riskatlas/data"
)

func TestInOrderOfIDs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, form := range []string{"%d", "HZ-%d", "DEMO-C03-%06d", "A-long-beginning-that-all-share-%d:%[1]d", "%x-and-what-is-past-the-first-sixteen-bytes"} {
		for _, n := range []int{0, 1, 2, 3, 1000} {
			pieces := make([][]*data.Hazard, 7)
			var want []data.ID
			for _, i := range rng.Perm(n) {
				id := data.ID(fmt.Sprintf(form, i*i))
				want = append(want, id)
				piece := rng.IntN(len(pieces))
				pieces[piece] = append(pieces[piece], &data.Hazard{ID: id})
			}
			slices.Sort(want)
			for round := range 2 { // the second time they are in order
				got := inOrder(pieces)
				if len(got) != n {
					t.Fatalf("%d of %d", len(got), n)
				}
				for i := range want {
					if got[i].ID != want[i] {
						t.Fatalf("%s, round %d: %s at %d, want %s", form, round, got[i].ID, i, want[i])
					}
				}
				pieces = [][]*data.Hazard{nil, got[:n/3], got[n/3:]}
			}
		}
	}
}
