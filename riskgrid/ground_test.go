package riskgrid

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// Ground has the cells whose centres lie in it, with the field's risk, and what
// is taken back leaves the risk of the others.
func TestGroundIsTheFieldsCells(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	bound := orb.Bound{Min: orb.Point{120.14, 30.24}, Max: orb.Point{120.18, 30.28}}
	hazards := citytest.Hazards(rng, 40, bound)
	hazards = slices.DeleteFunc(hazards, func(h *data.Hazard) bool { return h.Extent().Max[0]-h.Extent().Min[0] > 0.03 })
	cuts := NewCuts([4]float64{1e-9, 3e-6, 1e-5, 3e-5})
	all, half := NewField(cuts, slices.Values(hazards)), NewField(cuts, slices.Values(hazards[:len(hazards)/2]))
	for range 20 {
		a, d := orb.Point{120.145 + 0.03*rng.Float64(), 30.245 + 0.03*rng.Float64()}, 0.0001+0.004*rng.Float64()
		p := orb.MultiPolygon{{{a, {a[0] + d, a[1] + d/3}, {a[0] + d/2, a[1] + d}, a}}, {{a, {a[0] + d, a[1] + d/3}, {a[0], a[1] - d}, a}}}
		g := NewGround(p, data.LabelPoint(p))
		g.Read(all)
		left := g.Copy()
		left.Take(hazards[len(hazards)/2:]...)
		n, area := 0, 0.0
		var worst, rest Risk
		nw, se := CellAt(orb.Point{p.Bound().Min[0], p.Bound().Max[1]}, BaseZoom), CellAt(orb.Point{p.Bound().Max[0], p.Bound().Min[1]}, BaseZoom)
		for y := nw.Y; y <= se.Y; y++ {
			for x := nw.X; x <= se.X; x++ {
				c := Cell{x, y, BaseZoom}
				if data.Contains(p[0], c.Centre()) || data.Contains(p[1], c.Centre()) {
					n++
					area += cellArea(c.Centre()[1])
					worst = max(worst, all.Pool(c.window())[0].Max)
					rest = max(rest, half.Pool(c.window())[0].Max)
				}
			}
		}
		if n == 0 {
			continue
		}
		at, got := g.Worst()
		if _, was := left.Worst(); g.Cells() != n || got != worst || was != rest || all.Pool(at.window())[0].Max != worst {
			t.Fatalf("%d cells, worst %d and %d, want %d, %d and %d", g.Cells(), got, was, n, worst, rest)
		}
		if g.Over(worst) != 0 || g.Over(-1) != n || worst > 0 && g.Over(worst-1) == 0 || g.AreaM2() < area*0.999999 || g.AreaM2() > area*1.000001 {
			t.Errorf("over %d %d, area %v, want %v", g.Over(worst), g.Over(-1), g.AreaM2(), area)
		}
	}
	at := orb.Point{120.15, 30.25}
	tiny := NewGround(orb.MultiPolygon{{{at, {at[0] + 1e-7, at[1]}, {at[0], at[1] + 1e-7}, at}}}, at)
	tiny.Read(all)
	if c, r := tiny.Worst(); tiny.Cells() != 1 || c != CellAt(at, BaseZoom) || r != all.Pool(c.window())[0].Max {
		t.Errorf("%d cells, %v", tiny.Cells(), c)
	}
}

func TestWeighing(t *testing.T) {
	f, err := data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: 500, R2: 500})
	if err != nil {
		t.Fatal(err)
	}
	h := data.Hazard{ID: "a", Name: "a", Class: data.Class{Level: 1}, Shape: orb.Point{120.15, 30.27},
		Scenarios: []data.Scenario{{PerYear: 1e-6, Footprint: f}}}
	one, err := h.Seal()
	if err != nil {
		t.Fatal(err)
	}
	base := NewField(Cuts{}, slices.Values([]*data.Hazard{}))
	next := base.Apply(Swap{New: one})
	if n := Reached([]Swap{{New: one}, {Old: one, New: one}}); n != 3*next.Blocks() {
		t.Errorf("%d tiles are reached, want 3 times %d", n, next.Blocks())
	}
	if n := next.OwnBytes(base); n < int64(next.Blocks())*1000 || n > int64(next.Blocks())*44_000 {
		t.Errorf("%d blocks take %d bytes", next.Blocks(), n)
	}
	if n := next.OwnBytes(next); n > 1000 {
		t.Errorf("a field takes %d bytes beside itself", n)
	}
	for _, limit := range []float64{3e-7, 3e-6, 1e-5, 3e-5} {
		l := Limit(limit)
		if l != NewCuts([4]float64{limit, 1, 1, 1})[0] || l.PerYear() < limit || l.PerYear() > limit*(1+1e-8) {
			t.Errorf("%v: %d", limit, l)
		}
	}
}
