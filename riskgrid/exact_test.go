package riskgrid

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// town is the ground of the random tests: some kilometres of Hangzhou.
var town = orb.Bound{Min: orb.Point{120.10, 30.20}, Max: orb.Point{120.22, 30.30}}

// cellNear is a random cell of the zoom not far from the hazard: half of them
// within its extent's middle half, some at its very label.
func cellNear(rng *rand.Rand, h *data.Hazard, zoom uint8) Cell {
	if rng.IntN(6) == 0 {
		return CellAt(h.Label(), zoom)
	}
	e := h.Extent()
	share := func() float64 {
		if rng.IntN(2) == 0 {
			return 0.25 + rng.Float64()/2
		}
		return rng.Float64()
	}
	p := orb.Point{e.Min[0] + share()*(e.Max[0]-e.Min[0]), e.Min[1] + share()*(e.Max[1]-e.Min[1])}
	return CellAt(p, zoom)
}

func TestContributionsEqualBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for _, h := range citytest.Hazards(rng, 400, town) {
		for _, zoom := range []uint8{20, 21, 22} {
			checkCell(t, h, cellNear(rng, h, zoom))
		}
	}
}

func TestSuperposeAddsContributions(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	hs := citytest.Hazards(rng, 120, town)
	for range 12 {
		zoom := uint8(14 + rng.IntN(9))
		at := cellNear(rng, hs[rng.IntN(len(hs))], zoom)
		w := Window{X: int(at.X) - rng.IntN(9), Y: int(at.Y) - rng.IntN(9), W: 1 + rng.IntN(20), H: 1 + rng.IntN(20), Zoom: zoom}
		got := make([]Risk, w.W*w.H)
		Superpose(got, w, slices.Values(hs))
		for i, r := range got {
			c := Cell{uint32(w.X + i%w.W), uint32(w.Y + i/w.W), zoom}
			var want Risk
			for _, h := range hs {
				for s := range h.Scenarios {
					want += Contribution(h, s, c)
				}
			}
			if r != want {
				t.Fatalf("cell %v of %v: %d, contributions sum to %d", c, w, r, want)
			}
		}
	}
}
