package index

import (
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// Where the cells say that no border is near, a look at every border says the
// same.
func TestClearGroundIsInItsDistrictsAlone(t *testing.T) {
	tax := citytest.Taxonomy()
	s, err := newSnapshot(tax).withUnits(tax, data.DistrictKind("2021"), citytest.Districts("2021", citytest.Bound))
	if err != nil {
		t.Fatal(err)
	}
	u, rng := s.units[s.districtKind], newRand(93)
	odd := make([]bool, len(u.units))
	clears, others := 0, 0
	ask := func(g ground) {
		units, ok := u.clearOf(g.bound, g.metres, odd)
		if !ok {
			others++
			return
		}
		clears++
		got, want := make([]bool, len(u.units)), make([]bool, len(u.units))
		for _, i := range units {
			got[i] = true
		}
		u.reach(g, want, odd)
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%v within %v m, unit %d: %t by its cell, want %t", g.shape, g.metres, i, got[i], want[i])
			}
		}
	}
	for _, h := range citytest.Hazards(rng, 3000, citytest.Bound.Pad(0.05)) {
		for _, g := range grounds(nil, h, districtExtra) {
			ask(g)
		}
	}
	for range 20_000 {
		p := orb.Point{119.95 + rng.Float64()*0.5, 30.05 + rng.Float64()*0.5}
		ask(ground{p, 1500 * rng.Float64(), p.Bound()})
	}
	if clears < 2000 || others < 2000 {
		t.Errorf("%d clear, %d not: want many of each", clears, others)
	}
}
