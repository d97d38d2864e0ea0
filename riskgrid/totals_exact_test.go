package riskgrid

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

var newBuildCuts = NewCuts([4]float64{1e-9, 3e-7, 3e-6, 1e-5})

// crowds puts people on random squares and points of the bound.
func crowds(rng *rand.Rand, n int, b orb.Bound) []data.Unit {
	var units []data.Unit
	for i := range n {
		p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		u := data.Unit{Code: fmt.Sprintf("P%04d", i), Shape: p, Props: map[string]string{data.PeopleProp: fmt.Sprintf("%.6f", rng.ExpFloat64()*200)}}
		if rng.IntN(4) > 0 {
			u.Shape = data.PadMetres(orb.Bound{Min: p, Max: p}, 5+400*rng.Float64()).ToPolygon()
		}
		units = append(units, u)
	}
	return units
}

// landOf is the ground of a random city; nobody: none.
func landOf(t *testing.T, units []data.Unit, bound orb.Bound) Land {
	t.Helper()
	people, err := NewPeople(units)
	if err != nil {
		t.Fatal(err)
	}
	tax := citytest.Taxonomy()
	regions := NewRegions(tax, func(kind string) []data.Unit {
		for _, v := range tax.Vintages {
			if data.DistrictKind(v.Name) == kind {
				return citytest.Districts(v.Name, bound)
			}
		}
		return nil
	})
	return Land{People: people, Regions: regions, Cuts: [CriteriaCount]Cuts{hangzhouCuts, newBuildCuts}}
}

// exposing lets most sources say whom they expose.
func exposing(rng *rand.Rand, h *data.Hazard) *data.Hazard {
	g := *h
	if g.Exposed = (data.Exposed{}); rng.IntN(4) > 0 {
		g.Exposed = data.Exposed{Day: int32(rng.IntN(300)), Night: int32(rng.IntN(50)), Known: true}
	}
	return citytest.Seal(g)
}

// everything of totals that a recount must give again.
func everything(t *Totals) map[string]any {
	sources := map[data.ID][]loss{}
	book := t.book()
	for _, s := range book.sources {
		if s != nil {
			for i, id := range s.ids {
				sources[id] = slices.Collect(unpacked(s.at(i)))
			}
		}
	}
	return map[string]any{"ground": maps.Collect(t.Regions()), "sources": sources, "classes": book.classes, "cells": book.cells}
}

var private = cmp.AllowUnexported(loss{}, Loss{}, classSum{}, part{}, partKey{}, extras{})

func sameTotals(t *testing.T, got, want *Totals) {
	t.Helper()
	if diff := cmp.Diff(everything(want), everything(got), private); diff != "" {
		t.Fatalf("kept by increments against a recount (-recount +kept):\n%.3000s", diff)
	}
}

// agree checks that every way of summing gives one loss.
func agree(t *testing.T, total *Totals, hs []*data.Hazard) {
	t.Helper()
	whole := total.Loss(data.All())
	var bySource, byCell, byRegion Loss
	for _, h := range hs {
		for _, e := range total.Expected(nil, h) {
			bySource = bySource.Plus(e.Loss)
		}
	}
	if total.Grid() {
		for at, people := range total.land.People.blocks {
			for i, r := 0, total.book().borne(at); i < blockCells; i++ {
				byCell = byCell.Plus(lossOf(r.at(i), people.at(i)))
			}
		}
	}
	regions := map[Region]Loss{}
	for p := range total.Parts(data.All()) {
		regions[p.Region] = regions[p.Region].Plus(p.Loss)
	}
	for _, l := range regions {
		byRegion = byRegion.Plus(l)
	}
	if bySource != whole || byRegion != whole || total.Grid() && byCell != whole {
		t.Fatalf("by class %v, by source %v, by region %v, by cell %v", whole, bySource, byRegion, byCell)
	}
	if whole.Cmp(Loss{}) <= 0 {
		t.Fatal("no loss: the test shows nothing")
	}
}

func TestAnyHistoryGivesTheSameTotals(t *testing.T) {
	for _, grid := range []bool{true, false} {
		rng := rand.New(rand.NewPCG(41, 7))
		var units []data.Unit
		if grid {
			units = crowds(rng, 60, town)
		}
		land := landOf(t, units, town)
		m := citytest.NewMaker(rng, town)
		now := map[data.ID]*data.Hazard{}
		field := NewField(hangzhouCuts, maps.Values(now))
		kept := NewTotals(land, field, maps.Values(now))
		for round := range many(12) {
			var swaps []Swap
			for range 1 + rng.IntN(12) {
				id := citytest.ID(rng.IntN(60))
				s := Swap{Old: now[id]}
				switch {
				case s.Old == nil:
					s.New = exposing(rng, m.Hazard(id))
				case rng.IntN(3) > 0:
					if s.New = m.Changed(s.Old); rng.IntN(2) == 0 {
						s.New = exposing(rng, s.New)
					}
				}
				if s.New == nil {
					delete(now, id)
				} else {
					now[id] = s.New
				}
				swaps = append(swaps, s)
			}
			before := everything(kept)
			last := kept
			field = field.Apply(swaps...)
			kept = kept.Apply(field, swaps...)
			if round == 5 {
				if diff := cmp.Diff(before, everything(last), private); diff != "" {
					t.Fatalf("Apply changed the totals before:\n%s", diff)
				}
			}
			sameTotals(t, kept, NewTotals(land, field, maps.Values(now)))
		}
		agree(t, kept, slices.Collect(maps.Values(now)))
	}
}

// The loss of every source is the sum of people times the risk at the centres as
// places, to the bit, but for scenarios that spill.
func TestLossesEqualPlaces(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 8))
	hs := citytest.Hazards(rng, 60, town)
	land := landOf(t, crowds(rng, 12, town), town)
	total := NewTotals(land, NewField(hangzhouCuts, slices.Values(hs)), slices.Values(hs))
	agree(t, total, hs)
	some := 0
	for _, h := range hs {
		if h.Status != data.Active || slices.ContainsFunc(h.Scenarios, func(s data.Scenario) bool { return spills(h, &s) }) {
			continue
		}
		want := map[Region]Loss{}
		for at, people := range land.People.blocks {
			for i := range blockCells {
				n := people.at(i)
				c := Cell{uint32(at.x<<blockShift + i&(blockSide-1)), uint32(at.y<<blockShift + i>>blockShift), BaseZoom}
				if n == 0 || !h.Extent().Contains(c.Centre()) {
					continue
				}
				if r, _ := At(c.Centre(), slices.Values([]*data.Hazard{h})); r != 0 {
					g := land.Regions.At(c)
					want[g] = want[g].Plus(lossOf(r, n))
					some++
				}
			}
		}
		got := map[Region]Loss{}
		for p := range total.Of(h) {
			got[p.Region] = got[p.Region].Plus(p.Loss)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, place by place %v", h.ID, got, want)
		}
	}
	if some < 1000 {
		t.Errorf("only %d places compared", some)
	}
}

// spillSum is the mean risk over all cells about a place times their ground, 1/yr
// m2, and the greatest value.
func spillSum(h *data.Hazard) (sum float64, most Risk) {
	var q bearer
	c := CellAt(h.Label(), BaseZoom)
	w := Window{X: int(c.X) - 32, Y: int(c.Y) - 32, W: 64, H: 64, Zoom: BaseZoom}
	q.on(w)
	q.each(h, func(_ int, s span) {
		for i, r := range q.scratch {
			sum += r.PerYear() * cellArea(q.g.lat[i/64])
			most = max(most, r)
		}
	})
	return sum, most
}

func TestSmallFootprintsSpillTheirIntegral(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 9))
	rose := data.Footprint{Kind: data.Polar, Metres: []float64{0, 10, 30}, Bearings: []float64{0, 90, 180, 270},
		Lethality: []float64{1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0}}
	// Over a quarter turn between a bearing and the next the lethality runs
	// straight: the integral over the bearings is half of two full quarters and
	// two halves.
	ring := math.Pi*(10*10/2.0) + math.Pi*(20*(10/2.0+20/6.0)) // ∫ v r dr · 2π/2
	for _, c := range []struct {
		name string
		f    data.Footprint
		want float64
	}{
		{"step", data.Footprint{Kind: data.Step, V0: 1, R1: 8, R2: 8}, math.Pi * 64},
		{"cone", data.Footprint{Kind: data.Linear, V0: 0.5, R1: 0, R2: 30}, 0.5 * math.Pi * 900 / 3},
		{"rose", rose, ring},
	} {
		for range 20 {
			p := ground(rng.Float64()*100, rng.Float64()*100)
			got, _ := spillSum(point(t, p, print(t, c.f), 1e-2))
			near(t, c.name, got, c.want*1e-2, 3e-6)
		}
	}
	// The rose blows north and east: a cell there gets more than one south-west.
	var q bearer
	p := CellAt(base, BaseZoom).Centre()
	q.on(Window{X: int(CellAt(base, BaseZoom).X) - 1, Y: int(CellAt(base, BaseZoom).Y) - 1, W: 3, H: 3, Zoom: BaseZoom})
	q.each(point(t, p, print(t, rose), 1e-2), func(_ int, s span) {
		if q.scratch[2] <= q.scratch[6] || q.scratch[1] <= q.scratch[7] || q.scratch[5] <= q.scratch[3] {
			t.Errorf("bearings are turned: %v", q.scratch[:9])
		}
	})
	// A line that is thinner than a cell, and an area whose edge is sharp.
	for i := range 10 {
		turn := rng.Float64() * math.Pi
		if i == 0 {
			turn = 0 // along a row of cells
		}
		x, y := 300*math.Cos(turn), 300*math.Sin(turn)
		line := orb.LineString{ground(-x, -y), ground(x, y)}
		for _, r := range []float64{3, 10, 25} {
			got, most := spillSum(hazard(t, line, data.Scenario{PerYear: 1e-2, Footprint: print(t, data.Footprint{Kind: data.Step, V0: 1, R1: r, R2: r})}))
			near(t, fmt.Sprintf("line of %g m at %.2f", r, turn), got, (2*r*600+math.Pi*r*r)*1e-2, max(0.01, 0.6/(2*r)))
			if most > fixed(1e-2*perUnit) {
				t.Errorf("over its frequency: %d", most)
			}
		}
		cone := print(t, data.Footprint{Kind: data.Linear, V0: 1, R1: 0, R2: 15})
		got, _ := spillSum(hazard(t, line, data.Scenario{Per: data.PerKm, PerYear: 1e-3, Footprint: cone}))
		near(t, "cones along a line", got, math.Pi*15*15/3*0.6*1e-3, 3e-6)
		square := orb.Polygon{{ground(-x, -y), ground(y, -x), ground(x, y), ground(-y, x), ground(-x, -y)}}
		got, _ = spillSum(hazard(t, square, data.Scenario{PerYear: 1e-2, Footprint: print(t, data.Footprint{Kind: data.Linear, V0: 1, R1: 0, R2: 5})}))
		side := 300 * math.Sqrt2
		near(t, "square", got, (side*side+4*side*2.5+math.Pi*25/3)*1e-2, 1e-3)
	}
}

// bruteWithin looks at every cell of the polygon's box.
func bruteWithin(total *Totals, p orb.MultiPolygon, f *Field) Patch {
	var out Patch
	b := p.Bound()
	nw, se := CellAt(orb.Point{b.Min[0], b.Max[1]}, BaseZoom), CellAt(orb.Point{b.Max[0], b.Min[1]}, BaseZoom)
	for y := nw.Y; y <= se.Y; y++ {
		for x := nw.X; x <= se.X; x++ {
			c := Cell{x, y, BaseZoom}
			if !slices.ContainsFunc(p, func(poly orb.Polygon) bool { return data.Contains(poly, c.Centre()) }) {
				continue
			}
			w := c.window()
			r, n := f.Pool(w)[0].Max, total.land.People.At(c)
			for i, cuts := range total.land.Cuts {
				out.Area[i][cuts.Level(r)] += rowArea(int(y))
				out.People[i][cuts.Level(r)] += n
			}
			out.Loss = out.Loss.Plus(total.Cells(w)[0])
		}
	}
	return out
}

func TestWithinEqualsBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 10))
	hs := citytest.Hazards(rng, 60, town)
	land := landOf(t, crowds(rng, 60, town), town)
	f := NewField(hangzhouCuts, slices.Values(hs))
	total := NewTotals(land, f, slices.Values(hs))
	for range 5 {
		var p orb.MultiPolygon
		for range 1 + rng.IntN(2) { // two may overlap
			at := ground(rng.Float64()*2000-1000, rng.Float64()*2000-1000)
			p = append(p, orb.Polygon{{at, ground(900, -700), ground(1200, 800*rng.Float64()), ground(-300, 1100), at}})
		}
		if got, want := total.Within(p), bruteWithin(total, p, f); got != want {
			t.Errorf("%+v, cell by cell %+v", got, want)
		}
	}
	// The districts share the ground out: their sums are those within them.
	tax := citytest.Taxonomy()
	for v, vintage := range tax.Vintages {
		var sum Loss
		for _, u := range citytest.Districts(vintage.Name, town) {
			d, err := vintage.District(u.Code)
			if err != nil {
				t.Fatal(err)
			}
			patch := total.Within(areaPolygons(u.Shape))
			in := func(g Region) bool { return g[v] == d }
			if got := total.Ground(in); got != patch.Tally {
				t.Errorf("district %s: %+v, within it %+v", u.Code, got, patch.Tally)
			}
			var loss Loss
			for p := range total.Parts(data.All()) {
				if in(p.Region) {
					loss = loss.Plus(p.Loss)
				}
			}
			if loss != patch.Loss {
				t.Errorf("district %s: loss %v, within it %v", u.Code, loss, patch.Loss)
			}
			sum = sum.Plus(loss)
		}
		if sum.Cmp(total.Loss(data.All())) > 0 || sum.IsZero() {
			t.Errorf("vintage %s: districts lose %v of %v", vintage.Name, sum, total.Loss(data.All()))
		}
	}
}

func TestCellsSumUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 11))
	hs := citytest.Hazards(rng, 40, town)
	land := landOf(t, crowds(rng, 40, town), town)
	total := NewTotals(land, NewField(hangzhouCuts, slices.Values(hs)), slices.Values(hs))
	for _, zoom := range []uint8{12, 14, 17, BaseZoom} {
		at := CellAt(base, zoom)
		w := Window{X: int(at.X) - 1, Y: int(at.Y) - 1, W: 3, H: 3, Zoom: zoom}
		all := total.Cells(w)
		if got := total.CellsOf(w, reachingIn(hs)); !slices.Equal(got, all) {
			t.Errorf("zoom %d: kept %v, superposed %v", zoom, all, got)
		}
		half := total.CellsOf(w, reachingIn(hs[:20]))
		rest := total.CellsOf(w, reachingIn(hs[20:]))
		base := total.Cells(w.at(BaseZoom))
		k := BaseZoom - zoom
		for i := range all {
			var sum Loss
			for j, l := range base {
				if (j/(3<<k))>>k == i/3 && (j%(3<<k))>>k == i%3 {
					sum = sum.Plus(l)
				}
			}
			if half[i].Plus(rest[i]) != all[i] || sum != all[i] {
				t.Errorf("zoom %d cell %d: %v, parts %v and %v, base cells %v", zoom, i, all[i], half[i], rest[i], sum)
			}
		}
	}
}
