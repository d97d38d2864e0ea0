package riskgrid

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// town is the ground of the random tests: some kilometres of Hangzhou.
var town = orb.Bound{Min: orb.Point{120.10, 30.20}, Max: orb.Point{120.22, 30.30}}

// many scales a count up where RISKATLAS_SOAK=1 asks for long runs.
func many(n int) int {
	if os.Getenv("RISKATLAS_SOAK") == "1" {
		return n * 50
	}
	return n
}

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
	for _, h := range citytest.Hazards(rng, many(250), town) {
		for _, zoom := range []uint8{20, 22, uint8(5 + rng.IntN(15))} {
			checkCell(t, fine, h, cellNear(rng, h, zoom))
		}
	}
}

func TestContributionsEverywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 5))
	for _, at := range []orb.Point{{-0.05, -0.05}, {151, -33.9}, {24.9, 60.2}, {-179.2, 51}, {15, 78.2}, {-70, -84.5}} {
		ground := orb.Bound{Min: at, Max: orb.Point{at[0] + 0.1, at[1] + 0.1}}
		for _, h := range citytest.Hazards(rng, many(25), ground) {
			checkCell(t, fine, h, cellNear(rng, h, 20))
			checkCell(t, fine, h, cellNear(rng, h, 15))
		}
	}
}

// Effects of 20 km, and edges of 60 km: planes must not be stretched too far.
func TestFarReachingContributions(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 6))
	table := print(t, data.Footprint{Kind: data.Table, Metres: []float64{100, 4000, 4000, 20_000}, Lethality: []float64{1, 0.6, 0.5, 0.01}})
	spread := *linear(t, 2000, 18_000)
	spread.Over = data.OverSpread
	for _, lat := range []float64{30, -62} {
		at := func(east, north float64) orb.Point { return orb.Point{120 + east/100, lat + north/100} }
		line := orb.LineString{at(0, 0), at(40, 30), at(40, 31), at(-10, 45)}
		area := orb.Polygon{{at(0, 0), at(9, 1), at(4, 3), at(8, 9), at(0, 0)}}
		for _, h := range []*data.Hazard{
			hazard(t, line, data.Scenario{PerYear: 1e-3, Footprint: table}),
			hazard(t, line, data.Scenario{PerYear: 1e-3, Per: data.PerKm, Footprint: table}),
			hazard(t, line, data.Scenario{PerYear: 1e-3, Per: data.PerKm, Footprint: linear(t, 5000, 20_000)}),
			hazard(t, area, data.Scenario{PerYear: 1e-3, Footprint: linear(t, 0, 20_000)}),
			hazard(t, area, data.Scenario{PerYear: 1e-3, Footprint: print(t, spread)}),
		} {
			for range 12 {
				checkCell(t, sampler{step: 0.2, rows: 400}, h, cellNear(rng, h, 20))
			}
		}
	}
}

// Areas of many vertices are looked at in stretches, most of them past the reach.
func TestSpreadOverManyVertices(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	wavy := func(n int, metres float64) orb.Ring {
		var r orb.Ring
		for i := range n {
			sin, cos := math.Sincos(float64(i) / float64(n) * 2 * math.Pi)
			d := metres * (0.8 + 0.2*math.Sin(float64(9*i)/float64(n)*2*math.Pi))
			r = append(r, ground(d*cos, d*sin))
		}
		return append(r, r[0])
	}
	area := orb.MultiPolygon{{wavy(331, 1500), wavy(47, 400)}}
	for _, f := range []data.Footprint{
		{Kind: data.Step, V0: 1, R1: 300, R2: 300},
		{Kind: data.Linear, V0: 0.7, R1: 100, R2: 900},
		{Kind: data.Table, Metres: []float64{0, 50, 50, 700, 2000}, Lethality: []float64{1, 0.9, 0.5, 0.3, 0}},
		{Kind: data.Polar, Metres: []float64{20, 300, 500}, Bearings: []float64{10, 100, 170, 280}, Lethality: []float64{1, 0.6, 0.1, 1, 0.3, 0.2, 0.9, 0.5, 0, 0.7, 0.7, 0.7}},
		{Kind: data.Polar, Metres: []float64{0, 400, 400, 800}, Bearings: []float64{200}, Lethality: []float64{1, 0.6, 0.3, 0.1}},
	} {
		f.Over = data.OverSpread
		h := hazard(t, area, data.Scenario{PerYear: 1e-2, Footprint: print(t, f)})
		for range many(8) {
			checkCell(t, fine, h, cellNear(rng, h, 20))
		}
	}
}

func TestSuperposeAddsContributions(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	hs := citytest.Hazards(rng, 150, town)
	for range many(12) {
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

// A hazard's scenarios share one search in a window; alone they must not differ.
func TestOrderAndCompanyDoNotMatter(t *testing.T) {
	for seed := range many(15) {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		hs := citytest.Hazards(rng, 1+rng.IntN(100), orb.Bound{Min: orb.Point{120.15, 30.25}, Max: orb.Point{120.17, 30.27}})
		at := cellNear(rng, hs[0], 20)
		w := Window{X: int(at.X) - 12, Y: int(at.Y) - 12, W: 24, H: 24, Zoom: 20}
		super := func(hs []*data.Hazard) []Risk {
			dst := make([]Risk, w.W*w.H)
			Superpose(dst, w, slices.Values(hs))
			return dst
		}
		total := super(hs)
		f := data.All()
		f.Industries = data.Set(rng.Uint64())
		var in, out []*data.Hazard
		for _, h := range hs {
			if f.Match(h) {
				in = append(in, h)
			} else {
				out = append(out, h)
			}
		}
		rng.Shuffle(len(hs), func(i, j int) { hs[i], hs[j] = hs[j], hs[i] })
		again, a, b := super(hs), super(in), super(out)
		for i := range total {
			if total[i] != again[i] || total[i] != a[i]+b[i] {
				t.Fatalf("seed %d cell %d: %d, in another order %d, filter %d and complement %d", seed, i, total[i], again[i], a[i], b[i])
			}
		}
	}
}

func TestSharesSumToTheValue(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 3))
	hs := citytest.Hazards(rng, 200, orb.Bound{Min: orb.Point{120.15, 30.25}, Max: orb.Point{120.17, 30.27}})
	for range many(40) {
		p := orb.Point{120.14 + rng.Float64()*0.04, 30.24 + rng.Float64()*0.04}
		c := CellAt(p, uint8(14+rng.IntN(9)))
		want := make([]Risk, 1)
		Superpose(want, c.window(), slices.Values(hs))
		total, shares := AtCell(c, slices.Values(hs))
		if total != want[0] {
			t.Fatalf("cell %v: %d, superposed %d", c, total, want[0])
		}
		checkShares(t, total, shares)
		total, shares = At(p, slices.Values(hs))
		checkShares(t, total, shares)
		sum, bound := 0.0, 1e-15
		for _, h := range hs {
			for i := range h.Scenarios {
				s := &h.Scenarios[i]
				if h.Status != data.Active {
					continue
				}
				v := brutePlace(h, s, p)
				sum, bound = sum+v, bound+tolerance(s, v)
			}
		}
		if d := math.Abs(total.PerYear() - sum); d > bound {
			t.Fatalf("at %v: %g, brute force %g", p, total.PerYear(), sum)
		}
	}
}

// brutePlace is one scenario's risk at a place, without the cell rule.
func brutePlace(h *data.Hazard, s *data.Scenario, p orb.Point) float64 {
	if s.Footprint.Kind != data.Zone {
		return s.PerYear * sampler{step: 0.05, rows: 200}.mean(h.Shape, s, p, false)
	}
	most := 0.0
	for _, z := range s.Footprint.Zones {
		_, d := data.Nearest(z.Shape, p)
		f := data.Footprint{Kind: data.Linear, V0: z.Lethality, R1: s.Footprint.Skirt[0], R2: s.Footprint.Skirt[1]}
		most = max(most, f.At(d, 0))
	}
	return s.PerYear * most
}

func checkShares(t *testing.T, total Risk, shares []Share) {
	t.Helper()
	var sum Risk
	for i, s := range shares {
		sum += s.Risk
		if s.Risk != s.ByBasis[data.QRA]+s.ByBasis[data.Equivalent] || s.Risk == 0 {
			t.Fatalf("%s: %d is not the sum of %v", s.Hazard.ID, s.Risk, s.ByBasis)
		}
		if i > 0 && (shares[i-1].Risk < s.Risk || shares[i-1].Risk == s.Risk && shares[i-1].Hazard.ID >= s.Hazard.ID) {
			t.Fatalf("share %d is out of order", i)
		}
	}
	if sum != total {
		t.Fatalf("shares sum to %d, value %d", sum, total)
	}
}

// measure must find what data.Nearest finds.
func TestMeasureIsNearest(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 4))
	var p painter
	for _, h := range citytest.Hazards(rng, many(150), town) {
		at := cellNear(rng, h, 20)
		w := Window{X: int(at.X) - 9, Y: int(at.Y) - 9, W: 20, H: 19, Zoom: 20}
		p.window(w, make([]Risk, w.W*w.H))
		const reach = 700
		s := p.measure(h.Shape, reach, true)
		for r := range w.H {
			for c := range w.W {
				q, want := data.Nearest(h.Shape, orb.Point{p.g.lon[c], p.g.lat[r]})
				i := r*w.W + c
				measured := c >= s.c0 && c < s.c1 && r >= s.r0 && r < s.r1
				switch {
				case !measured || p.dist[i] == 0:
					_, met := bruteSample(h.Shape, Cell{uint32(w.X + c), uint32(w.Y + r), 20})
					if met != measured || !measured && want <= reach {
						t.Fatalf("%s: cell %d,%d measured %v, met %v, %g m away", h.ID, c, r, measured, met, want)
					}
				case want > reach && p.dist[i] > reach:
				case math.Abs(p.dist[i]-want) > 1e-9*want+1e-9 || data.Distance(q, p.near[i]) > 1e-6:
					t.Fatalf("%s: cell %d,%d at %.9f of %v, data.Nearest %.9f of %v", h.ID, c, r, p.dist[i], p.near[i], want, q)
				}
			}
		}
	}
}

func TestCoresAndReachesAreExact(t *testing.T) {
	square := func(half float64) orb.Polygon {
		return orb.Polygon{{ground(-half, -half), ground(half, -half), ground(half, half), ground(-half, half), ground(-half, -half)}}
	}
	for _, over := range []data.Over{data.OverShape, data.OverSpread} {
		f := print(t, data.Footprint{Kind: data.Linear, Over: over, V0: 1, R1: 300, R2: 500})
		for _, perYear := range []float64{1e-2, 3.7e-6, 1.23456789e-4} {
			h := hazard(t, square(40), data.Scenario{PerYear: perYear, Footprint: f})
			core := fixed(perYear * 1e15)
			for _, at := range []orb.Point{ground(0, 0), ground(150, -100), ground(-40, 230)} {
				if r, _ := At(at, slices.Values([]*data.Hazard{h})); r != core {
					t.Errorf("%v at %v: %d, f is %d", over, at, r, core)
				}
				if got := Contribution(h, 0, CellAt(at, 20)); got != core {
					t.Errorf("%v in the cell at %v: %d, f is %d", over, at, got, core)
				}
			}
			if r, _ := At(ground(0, 540.1), slices.Values([]*data.Hazard{h})); r != 0 {
				t.Errorf("%v past the reach: %d", over, r)
			}
			if r, _ := At(ground(0, 539.9), slices.Values([]*data.Hazard{h})); (r == 0) != (over == data.OverSpread && perYear < 1e-4) && r < 0 {
				t.Errorf("%v just within reach: %d", over, r)
			}
		}
	}
}

func TestHalfOpenCells(t *testing.T) {
	c := CellAt(base, 20)
	b := c.Bound()
	f := linear(t, 0, 1) // small: only its cell
	holds := func(p orb.Point, c Cell) bool { return Contribution(point(t, p, f, 1e-5), 0, c) > 0 }
	east, south := Cell{c.X + 1, c.Y, 20}, Cell{c.X, c.Y + 1, 20}
	for _, k := range []struct {
		what   string
		p      orb.Point
		in     Cell
		notIn  Cell
		outOut Cell
	}{
		{"north-west corner", orb.Point{b.Min[0], b.Max[1]}, c, Cell{c.X - 1, c.Y, 20}, Cell{c.X, c.Y - 1, 20}},
		{"east edge", orb.Point{b.Max[0], c.Centre()[1]}, east, c, south},
		{"south edge", orb.Point{c.Centre()[0], b.Min[1]}, south, c, east},
	} {
		if !holds(k.p, k.in) || holds(k.p, k.notIn) || holds(k.p, k.outOut) || CellAt(k.p, 20) != k.in {
			t.Errorf("%s", k.what)
		}
		line := hazard(t, orb.LineString{k.p, k.p}, data.Scenario{PerYear: 1e-5, Footprint: f})
		if Contribution(line, 0, k.in) == 0 || Contribution(line, 0, k.notIn) != 0 {
			t.Errorf("%s of a line", k.what)
		}
	}
	// A line from the cell's middle to its south-east corner ends in the next
	// cell but one; a line that leaves through the corner does not meet its east
	// neighbour.
	corner := orb.Point{b.Max[0], b.Min[1]}
	slant := hazard(t, orb.LineString{c.Centre(), corner}, data.Scenario{PerYear: 1e-5, Footprint: print(t, data.Footprint{Kind: data.Step, V0: 1})})
	for cell, want := range map[Cell]bool{c: true, east: false, south: false, {c.X + 1, c.Y + 1, 20}: true} {
		if got := Contribution(slant, 0, cell) > 0; got != want {
			t.Errorf("slant line in %v: %v", cell, got)
		}
	}
}

func TestCellAtAgreesWithBounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		zoom := uint8(rapid.IntRange(0, 24).Draw(rt, "zoom"))
		p := orb.Point{rapid.Float64Range(-180, 180).Draw(rt, "lon"), rapid.Float64Range(-85, 85).Draw(rt, "lat")}
		c := CellAt(p, zoom)
		b := c.Bound()
		if !(halfOpen(b, p) || p[0] == 180 && c.X == 1<<zoom-1) {
			rt.Errorf("%v is not in %v %v", p, c, b)
		}
		box, centre := bruteBox(c)
		if fmt.Sprint(box) != fmt.Sprint(b) || centre != c.Centre() {
			rt.Errorf("%v: box %v, want %v", c, b, box)
		}
		if parent := CellAt(c.Centre(), zoom-min(zoom, 1)); zoom > 0 && (parent.X != c.X/2 || parent.Y != c.Y/2) {
			rt.Errorf("parent of %v is %v", c, parent)
		}
	})
}
