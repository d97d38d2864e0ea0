package riskgrid

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// painted is one hazard's share as the painter of windows has it.
func painted(h *data.Hazard, set func(*painter, []Risk)) Share {
	p := new(painter)
	share := Share{Hazard: h}
	for i := range h.Scenarios {
		var sum [1]Risk
		set(p, sum[:])
		p.scenario(h, i, 1)
		share.Risk += sum[0]
		share.ByBasis[h.Scenarios[i].Basis&1] += sum[0]
	}
	return share
}

// only is the share of the one hazard, which is not listed where it is 0.
func only(h *data.Hazard, of func() []Share) Share {
	for _, s := range of() {
		return s
	}
	return Share{Hazard: h}
}

// placesNear are places about a hazard: anywhere in its extent, on its shape's
// vertices, inside, on the edges of its extent, and as far from a vertex as a
// scenario's radii.
func placesNear(rng *rand.Rand, h *data.Hazard) []orb.Point {
	e := h.Extent()
	anywhere := func() orb.Point {
		return orb.Point{e.Min[0] + rng.Float64()*(e.Max[0]-e.Min[0]), e.Min[1] + rng.Float64()*(e.Max[1]-e.Min[1])}
	}
	out := []orb.Point{h.Label(), e.Min, {e.Max[0], anywhere()[1]}, anywhere(), anywhere()}
	eachLine(h.Shape, func(line []orb.Point) {
		q := line[rng.IntN(len(line))]
		out = append(out, q, data.Moved(q, 40*rng.NormFloat64(), 40*rng.NormFloat64()))
		for i := range h.Scenarios {
			f := h.Scenarios[i].Footprint
			for _, d := range append([]float64{f.Reach(), f.R1}, f.Metres...) {
				out = append(out, data.Moved(q, 0, -d), data.Moved(q, d, 0))
			}
		}
	})
	return out[:min(len(out), 60)]
}

// The way of one place gives what the painter of windows gives, to the bit.
func TestPlaceIsThePaintersWindow(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 2))
	places, cells := 0, 0
	for _, at := range []orb.Point{{120.1, 30.2}, {-0.05, -0.05}, {24.9, 60.2}, {-179.2, 51}, {15, 78.2}, {-70, -84.5}} {
		ground := orb.Bound{Min: at, Max: orb.Point{at[0] + 0.05, at[1] + 0.05}}
		for _, h := range citytest.Hazards(rng, many(120), ground) {
			for _, p := range placesNear(rng, h) {
				got, want := only(h, func() []Share { _, top := At(p, slices.Values([]*data.Hazard{h})); return top }), painted(h, func(q *painter, dst []Risk) { q.place(p, dst) })
				if got != want {
					t.Fatalf("%s, %s at %v: %+v, want %+v", h.ID, h.Shape.GeoJSONType(), p, got, want)
				}
				c := CellAt(p, []uint8{20, 20, 22, 17, 12}[rng.IntN(5)])
				cell, painted := only(h, func() []Share { _, top := AtCell(c, slices.Values([]*data.Hazard{h})); return top }), painted(h, func(q *painter, dst []Risk) { q.window(c.window(), dst) })
				var sum [1]Risk
				if Superpose(sum[:], c.window(), slices.Values([]*data.Hazard{h})); cell != painted || sum[0] != cell.Risk {
					t.Fatalf("%s, %s in %v: %+v, want %+v, %d superposed", h.ID, h.Shape.GeoJSONType(), c, cell, painted, sum[0])
				}
				if got.Risk != 0 {
					places++
				}
				if cell.Risk != got.Risk {
					cells++
				}
			}
		}
	}
	if places < 1000 || cells < 1000 {
		t.Errorf("%d places with risk, %d cells that differ from their place", places, cells)
	}
}
