package riskgrid

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// The worked numbers are given in plane metres; base is where the plane touches
// the sphere.
var base = orb.Point{120.17, 30.2741}

// ground gives the place at plane metres from base.
func ground(east, north float64) orb.Point {
	lat := base[1] + north/data.MetresPerDegree
	mean := (base[1] + lat) / 2
	return orb.Point{base[0] + east/data.MetresPerDegree/math.Cos(mean*math.Pi/180), lat}
}

func print(t testing.TB, f data.Footprint) *data.Footprint {
	t.Helper()
	p, err := data.NewFootprint(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func linear(t testing.TB, r1, r2 float64) *data.Footprint {
	return print(t, data.Footprint{Kind: data.Linear, V0: 1, R1: r1, R2: r2})
}

func hazard(t testing.TB, shape orb.Geometry, scenarios ...data.Scenario) *data.Hazard {
	t.Helper()
	h, err := data.Hazard{ID: "T-1", Name: "test", Class: data.Class{Level: data.Low}, Shape: shape, Scenarios: scenarios}.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func point(t testing.TB, p orb.Point, f *data.Footprint, perYear float64) *data.Hazard {
	return hazard(t, p, data.Scenario{PerYear: perYear, Footprint: f})
}

func near(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if !(math.Abs(got-want) <= relative*math.Abs(want)) {
		t.Errorf("%s: %.8g, want %.8g", what, got, want)
	}
}

func at(p orb.Point, hs ...*data.Hazard) float64 {
	r, _ := At(p, slices.Values(hs))
	return r.PerYear()
}

// Index kernel: r1 50, r2 200.
func TestIndexKernel(t *testing.T) {
	h := point(t, base, linear(t, 50, 200), 1e-2)
	for _, c := range []struct{ d, want float64 }{{0, 1}, {49.9, 1}, {100, 2.0 / 3}, {125, 0.5}, {199.99, 0.01 / 150}} {
		near(t, "v", at(ground(0, c.d), h)/1e-2, c.want, 1e-6)
		near(t, "v", at(ground(-c.d, 0), h)/1e-2, c.want, 1e-6)
	}
	if v := at(ground(200.01, 0), h); v != 0 {
		t.Errorf("past the reach: %g", v)
	}
}

// Equivalent risks at the core superpose as an official expects.
func TestEquivalentRisksSuperpose(t *testing.T) {
	core := [5]float64{0, 1e-6, 6e-6, 2e-5, 1e-4} // by assessed level
	for _, c := range []struct {
		assessed []int
		want     data.Level
	}{
		{[]int{1}, data.Low}, {[]int{2}, data.General}, {[]int{3}, data.Significant}, {[]int{4}, data.Major},
		{[]int{3, 3}, data.Major}, {[]int{2, 2}, data.Significant}, {[]int{1, 1, 1}, data.General}, {[]int{3, 2}, data.Significant},
	} {
		var hs []*data.Hazard
		for _, l := range c.assessed {
			hs = append(hs, point(t, base, linear(t, 50, 200), core[l]))
		}
		r, _ := At(base, slices.Values(hs))
		if got := hangzhouCuts.Level(r); got != c.want {
			t.Errorf("assessed %v: %v, want %v", c.assessed, got, c.want)
		}
	}
}

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		perYear float64
		want    data.Level
	}{
		{0, 0}, {1e-10, 0}, {1e-9, 0}, {1.000001e-9, 1}, {2.999e-6, 1}, {3e-6, 2}, {9.99e-6, 2},
		{1e-5, 3}, {2.99e-5, 3}, {3e-5, 4}, {1, 4}, {3e-6 * (1 - 0.9e-9), 2}, {3e-6 * (1 - 2e-9), 1},
	} {
		if got := hangzhouCuts.Level(fixed(c.perYear * 1e15)); got != c.want {
			t.Errorf("%g: level %d, want %d", c.perYear, got, c.want)
		}
	}
	if got := hangzhouCuts.Level(3 * fixed(1e-6*1e15)); got != data.General {
		t.Errorf("three of 1e-6: %d", got)
	}
}

func TestLinesPerKilometre(t *testing.T) {
	line := func(half float64) orb.LineString { return orb.LineString{ground(-half, 0), ground(half, 0)} }
	perKm := func(shape orb.Geometry, f data.Footprint, perYear float64) *data.Hazard {
		return hazard(t, shape, data.Scenario{Per: data.PerKm, PerYear: perYear, Footprint: print(t, f)})
	}
	pipe := perKm(line(2000), data.Footprint{Kind: data.Step, V0: 1, R1: 150, R2: 150}, 1e-4)
	near(t, "pipeline r 150 h 90, 240.0 m", at(ground(0, 90), pipe), 2.400e-5, 1e-5)
	road := perKm(line(3000), data.Footprint{Kind: data.Step, V0: 1, R1: 200, R2: 200}, 2e-5)
	near(t, "road r 200 h 120", at(ground(100, 120), road), 6.400e-6, 1e-5)
	index := perKm(line(500), data.Footprint{Kind: data.Linear, V0: 1, R1: 50, R2: 200}, 1e-2)
	near(t, "linear r1 50 r2 200 h 60", at(ground(0, 60), index)*1e5, 209.412, 5e-6)
	// The same kernels as tables, and over a line of three parts.
	table := perKm(orb.MultiLineString{{ground(-500, 0), ground(-37, 0), ground(110, 0)}, {ground(110, 0), ground(500, 0)}},
		data.Footprint{Kind: data.Table, Metres: []float64{50, 100, 200}, Lethality: []float64{1, 2.0 / 3, 0}}, 1e-2)
	near(t, "the same as a table, in parts", at(ground(0, 60), table)*1e5, 209.412, 5e-6)
	// A Gaussian kernel of 50 m as a table, from -200 to 300 m along, 60 m beside:
	// s sqrt(pi/2) exp(-h^2/2s^2) [erf(b/(sqrt 2 s)) - erf(a/(sqrt 2 s))].
	bell := data.Footprint{Kind: data.Table}
	for i := range 900 {
		d := float64(i) * 0.4
		bell.Metres, bell.Lethality = append(bell.Metres, d), append(bell.Lethality, math.Exp(-d*d/5000))
	}
	gaussian := perKm(orb.LineString{ground(-200, 0), ground(300, 0)}, bell, 1e-2)
	near(t, "Gaussian s 50 h 60, 61.0034 m", at(ground(0, 60), gaussian)*1e5, 61.0034, 2e-5)
	// A polar table that is the same all round is the plain one.
	round := data.Footprint{Kind: data.Polar, Bearings: []float64{0, 90, 180, 270}}
	for i := range 450 {
		round.Metres = append(round.Metres, bell.Metres[2*i])
	}
	for range round.Bearings {
		for i := range round.Metres {
			round.Lethality = append(round.Lethality, bell.Lethality[2*i])
		}
	}
	near(t, "the same as a polar table", at(ground(0, 60), perKm(orb.LineString{ground(-200, 0), ground(300, 0)}, round, 1e-2))*1e5, 61.0034, 1e-3)
}

// A is a table through the printed lethalities, B a step, C a linear kernel.
func TestSuperpositionOracle(t *testing.T) {
	a := print(t, data.Footprint{Kind: data.Table,
		Metres:    []float64{0, 200, 300, math.Hypot(400, 60), 800},
		Lethality: []float64{1, 0.992584, 0.821844, 0.281393, 0}})
	hs := []*data.Hazard{
		hazard(t, ground(0, 0), data.Scenario{PerYear: 1e-5, Footprint: a}),
		hazard(t, ground(400, 0), data.Scenario{PerYear: 2e-5, Footprint: print(t, data.Footprint{Kind: data.Step, V0: 1, R1: 61, R2: 61})}),
		hazard(t, ground(0, 600), data.Scenario{PerYear: 5e-5, Footprint: print(t, data.Footprint{Kind: data.Linear, V0: 0.5, R1: 100, R2: 500})}),
	}
	for _, c := range []struct{ east, north, people, ir, pll float64 }{
		{200, 0, 120, 9.92584e-6, 0.0011911},
		{0, 300, 800, 2.07184e-5, 0.0165748},
		{400, 60, 15, 2.28139e-5, 0.000342209},
	} {
		got := at(ground(c.east, c.north), hs...)
		near(t, "ir", got, c.ir, 1e-5)
		near(t, "pll", got*c.people, c.pll, 1e-5)
	}
}

// A disc of 50 m in a cell of 132.026 m, by means of n × n centres: the values
// that sampling gives are known, and the true mean is the integral's.
func TestDiscInACell(t *testing.T) {
	cell := CellAt(base, 18)
	f := print(t, data.Footprint{Kind: data.Step, V0: 1, R1: 50, R2: 50})
	h := point(t, cell.Centre(), f, 1e-2)
	for n, want := range map[uint8]float64{0: 1, 1: 1, 2: 0.25, 3: 0.5, 4: 0.46875} {
		var sum Risk
		w := cell.window().at(18 + n)
		for i := range w.W * w.H {
			c := Cell{uint32(w.X + i%w.W), uint32(w.Y + i/w.W), 18 + n}
			r, _ := At(c.Centre(), slices.Values([]*data.Hazard{h}))
			sum += r
		}
		near(t, "mean", sum.PerYear()/1e-2/float64(w.W*w.H), want, 1e-9)
	}
	// Spread over the cell, a disc about its centre covers the mean of the disc.
	b := cell.Bound()
	area := orb.Polygon{{b.Min, {b.Max[0], b.Min[1]}, b.Max, {b.Min[0], b.Max[1]}, b.Min}}
	f = print(t, data.Footprint{Kind: data.Step, Over: data.OverSpread, V0: 1, R1: 50, R2: 50})
	spread := hazard(t, area, data.Scenario{PerYear: 1e-2, Footprint: f})
	side := data.MetresPerDegree * 360 / (1 << 18) * math.Cos(cell.Centre()[1]*math.Pi/180)
	near(t, "exact mean", at(cell.Centre(), spread)/1e-2, math.Pi*50*50/(side*side), 1e-8)
	// The printed 0.4506 is for 132.026 m, on a sphere of the equator's radius.
	near(t, "printed mean", math.Pi*50*50/(side*side)*math.Pow(data.EarthRadiusMetres/6378137, 2), 0.4506, 2e-4)
}

func TestCheckTotal(t *testing.T) {
	f := linear(t, 10, 20)
	var hs []*data.Hazard
	for range 900 {
		hs = append(hs, point(t, base, f, 1e-2))
	}
	if err := CheckTotal(slices.Values(hs)); err != nil {
		t.Error(err)
	}
	long := orb.LineString{{0, 0}, {90, 0}} // 10 008 km
	var lines []*data.Hazard
	for range 100 {
		lines = append(lines, hazard(t, long, data.Scenario{Per: data.PerKm, PerYear: 1e-2, Footprint: f}))
	}
	if err := CheckTotal(slices.Values(lines)); err == nil {
		t.Error("10 008 per year pass")
	}
	if err := CheckTotal(slices.Values(lines[:90])); err != nil {
		t.Error(err)
	}
}
