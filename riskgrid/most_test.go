package riskgrid

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// Most is the head of At and the sums of all of it, whatever the limit; of many
// alike it keeps the first by id.
func TestMostIsTheHeadOfAt(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	hs := citytest.Hazards(rng, 200, orb.Bound{Min: orb.Point{120.15, 30.25}, Max: orb.Point{120.17, 30.27}})
	for i := range 40 { // of the same risk everywhere
		h := *hs[3]
		h.ID = citytest.ID(1000 + i)
		hs = append(hs, citytest.Seal(h))
	}
	cut, whole := 0, 0
	for range 60 {
		rng.Shuffle(len(hs), func(i, j int) { hs[i], hs[j] = hs[j], hs[i] })
		p := orb.Point{120.14 + rng.Float64()*0.04, 30.24 + rng.Float64()*0.04}
		if rng.IntN(3) == 0 {
			p = hs[rng.IntN(len(hs))].Label()
		}
		limit := []int{0, 1, 2, 10, 30, 1000}[rng.IntN(6)]
		check := func(total Risk, all []Share, got Whole, top []Share) {
			t.Helper()
			want := Whole{Risk: total, Count: len(all)}
			for _, s := range all {
				want.ByBasis[data.QRA] += s.ByBasis[data.QRA]
				want.ByBasis[data.Equivalent] += s.ByBasis[data.Equivalent]
			}
			if got != want || !slices.Equal(top, all[:min(limit, len(all))]) {
				t.Fatalf("%v limit %d: %+v and %d shares, want %+v and the first of %d", p, limit, got, len(top), want, len(all))
			}
			if len(top) < len(all) {
				cut++
			} else if len(all) > 1 {
				whole++
			}
		}
		total, all := At(p, slices.Values(hs))
		got, top := Most(p, slices.Values(hs), limit)
		check(total, all, got, top)
		c := CellAt(p, 20)
		total, all = AtCell(c, slices.Values(hs))
		got, top = MostOfCell(c, slices.Values(hs), limit)
		check(total, all, got, top)
	}
	if cut < 20 || whole < 10 {
		t.Errorf("%d lists cut, %d whole", cut, whole)
	}
}
