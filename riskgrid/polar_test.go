package riskgrid

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

// roses gives the polar footprints of toxic releases of some sizes over a wind
// rose, and beside each the radial one that has its values to the north.
func roses(t testing.TB) (polar, radial []*data.Footprint) {
	t.Helper()
	substances, err := consequence.LoadSubstances()
	if err != nil {
		t.Fatal(err)
	}
	chlorine, err := substances.Find("chlorine")
	if err != nil {
		t.Fatal(err)
	}
	climate := consequence.Climate{Rose: [16]float64{.08, .06, .07, .07, .09, .07, .06, .05, .06, .06, .06, .04, .05, .05, .06, .07},
		Weather: []consequence.Weather{{Stability: "D", WindMPerS: 5, Share: 0.6}, {Stability: "F", WindMPerS: 1.5, Share: 0.4}}}
	for _, rate := range []float64{1, 4, 9} {
		r, err := consequence.RosePlume{Release: consequence.Release{Substance: chlorine, KgPerS: rate, Terrain: consequence.Urban}, Climate: climate}.Result()
		if err != nil {
			t.Fatal(err)
		}
		f := r.Footprint
		polar = append(polar, f)
		table, err := data.NewFootprint(data.Footprint{Kind: data.Table, Metres: f.Metres, Lethality: f.Lethality[:len(f.Metres)]})
		if err != nil {
			t.Fatal(err)
		}
		radial = append(radial, table)
	}
	return polar, radial
}

// toxicSources scatters point sources with the footprints in a tile.
func toxicSources(t testing.TB, prints []*data.Footprint, n int, w Window) []*data.Hazard {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	b := w.Bound()
	hs := make([]*data.Hazard, n)
	for i := range hs {
		h := data.Hazard{ID: data.ID("T-" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))), Name: "t",
			Class:     data.Class{Level: data.Low},
			Shape:     orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])},
			Scenarios: []data.Scenario{{PerYear: 1e-6 * (1 + rng.Float64()), Footprint: prints[i%len(prints)]}}}
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		hs[i] = sealed
	}
	return hs
}

// Footprints over the wind rose add to the bit: together, apart, in any order,
// and taken out again.
func TestRosesAddToTheBit(t *testing.T) {
	polar, _ := roses(t)
	cell := CellAt(orb.Point{120.2, 30.27}, 14)
	w := TileWindow(14, cell.X, cell.Y, 1)
	hs := toxicSources(t, polar, 60, w)
	sum := func(hs []*data.Hazard) []Risk {
		dst := make([]Risk, w.W*w.H)
		Superpose(dst, w, slices.Values(hs))
		return dst
	}
	whole, a, b := sum(hs), sum(hs[:23]), sum(hs[23:])
	back := slices.Clone(hs)
	slices.Reverse(back)
	reversed := sum(back)
	some := 0
	for i := range whole {
		if a[i]+b[i] != whole[i] || reversed[i] != whole[i] {
			t.Fatalf("cell %d: %d and %d apart, %d together, %d the other way round", i, a[i], b[i], whole[i], reversed[i])
		}
		if whole[i] > 0 {
			some++
		}
	}
	if some < len(whole)/2 {
		t.Errorf("only %d of %d cells have risk", some, len(whole))
	}
	field := NewField(NewCuts([4]float64{1e-9, 3e-6, 1e-5, 3e-5}), slices.Values(hs))
	var out []Swap
	for _, h := range hs[23:] {
		out = append(out, Swap{Old: h})
	}
	less := field.Apply(out...)
	for i, p := range less.Pool(w.at(BaseZoom)) {
		if p.Max != a[i] {
			t.Fatalf("cell %d: %d after taking out, %d without", i, p.Max, a[i])
		}
	}
}

// A place east of the source has the share of the wind from the west, and so on:
// the superposed ratios are those of the rose (domain oracle: .08 .09 .06 .05 from
// N, E, S, W).
func TestRosesPointDownwind(t *testing.T) {
	polar, _ := roses(t)
	here := orb.Point{120.2, 30.27}
	h, err := data.Hazard{ID: "T", Name: "t", Class: data.Class{Level: data.Low}, Shape: here,
		Scenarios: []data.Scenario{{PerYear: 1e-5, Footprint: polar[0]}}}.Seal()
	if err != nil {
		t.Fatal(err)
	}
	at := func(east, north float64) float64 {
		ir, _ := At(data.Moved(here, east, north), slices.Values([]*data.Hazard{h}))
		return ir.PerYear()
	}
	south, west, north, east := at(0, -200), at(-200, 0), at(0, 200), at(200, 0)
	for _, c := range []struct{ got, want float64 }{{west / south, 9.0 / 8}, {north / south, 6.0 / 8}, {east / south, 5.0 / 8}} {
		if math.Abs(c.got/c.want-1) > 0.02 {
			t.Errorf("S %g W %g N %g E %g: ratio %g, want %g", south, west, north, east, c.got, c.want)
		}
	}
	if math.Abs(south/1.609e-8-1) > 0.02 {
		t.Errorf("200 m south of it %g per year, want 1.609e-8", south)
	}
}

// BenchmarkRoses superposes 200 toxic sources on a z14 tile by their footprints
// over the wind rose and, for the ratio, by radial ones of the same reach.
func BenchmarkRoses(b *testing.B) {
	polar, radial := roses(b)
	cell := CellAt(orb.Point{120.2, 30.27}, 14)
	w := TileWindow(14, cell.X, cell.Y, 1)
	for _, c := range []struct {
		name   string
		prints []*data.Footprint
	}{{"radial", radial}, {"polar", polar}} {
		hs := toxicSources(b, c.prints, 200, w)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			dst := make([]Risk, w.W*w.H)
			for b.Loop() {
				clear(dst)
				Superpose(dst, w, slices.Values(hs))
			}
		})
	}
}
