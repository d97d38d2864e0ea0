package riskgrid

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"riskatlas/data"
)

// kindOf names a kind of scenario by shape, footprint and what its frequency
// counts for.
func kindOf(h *data.Hazard, s *data.Scenario) string {
	name := h.Shape.GeoJSONType() + "-" + s.Footprint.Kind.String()
	switch {
	case s.Per == data.PerKm:
		name += "-km"
	case s.Footprint.Over == data.OverSpread:
		name += "-spread"
	}
	return name
}

// alone is a hazard with one scenario of another.
func alone(h *data.Hazard, s data.Scenario) *data.Hazard {
	one := *h
	one.Scenarios = []data.Scenario{s}
	sealed, err := one.Seal()
	if err != nil {
		panic(err)
	}
	return sealed
}

// byKind sorts the scenarios of a city by kind, and adds a kind of its own: lines
// per kilometre with tables of many pieces, as they are derived for pipelines.
func byKind(b testing.TB, hs []*data.Hazard) (map[string][]step, []string) {
	kinds := map[string][]step{}
	many := bell(b, 180, false)
	for _, h := range hs {
		for i := range h.Scenarios {
			s := h.Scenarios[i]
			k := kindOf(h, &s)
			kinds[k] = append(kinds[k], step{alone(h, s), 1})
			if s.Per == data.PerKm && s.Footprint.Kind == data.Linear {
				s.Footprint = many
				kinds["LineString-manypieces-km"] = append(kinds["LineString-manypieces-km"], step{alone(h, s), 1})
			}
		}
	}
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, k)
	}
	slices.Sort(names)
	return kinds, names
}

// BenchmarkPaint puts each kind of scenario of a demonstration city on all blocks:
// the time for a cell that it changes, and by how much the float64 brute force
// over the same cells and scenarios is slower (from a sample).
func BenchmarkPaint(b *testing.B) {
	kinds, names := byKind(b, demoCities[10_000]())
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			jobs := deal(kinds[name], Window{W: 1 << blockZoom, H: 1 << blockZoom, Zoom: blockZoom}, 1)
			steps, dst := kinds[name], make([]Risk, blockCells)
			var p painter
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				for _, j := range jobs {
					p.window(Window{X: j.at.x, Y: j.at.y, W: 1, H: 1, Zoom: blockZoom}.at(BaseZoom), dst)
					for _, i := range j.steps {
						p.hazard(steps[i].hazard, 1)
					}
				}
			}
			b.StopTimer()
			updates, sampled, brute := 0, 0, time.Duration(0)
			for _, j := range jobs {
				w := Window{X: j.at.x, Y: j.at.y, W: 1, H: 1, Zoom: blockZoom}.at(BaseZoom)
				p.window(w, dst)
				for _, i := range j.steps {
					clear(dst)
					p.hazard(steps[i].hazard, 1)
					h := steps[i].hazard
					for c, r := range dst {
						if r == 0 {
							continue
						}
						if updates++; updates%199 == 0 && sampled < 2000 {
							cell := Cell{uint32(w.X + c%w.W), uint32(w.Y + c/w.W), w.Zoom}
							start := time.Now()
							coarse.brute(h, &h.Scenarios[0], cell)
							brute += time.Since(start)
							sampled++
						}
					}
				}
			}
			each := float64(b.Elapsed()) / float64(b.N) / float64(max(updates, 1))
			b.ReportMetric(each, "ns/update")
			b.ReportMetric(float64(updates), "updates")
			if sampled > 0 {
				b.ReportMetric(float64(brute)/float64(sampled)/each, "x-brute")
			}
		})
	}
}

// BenchmarkDenseTile superposes the tiles of the densest z14 block's middle.
func BenchmarkDenseTile(b *testing.B) {
	hs := demoCities[100_000]()
	block := tiles(hs)["busiest"].Bound().Center()
	for z := uint8(14); z <= 18; z++ {
		c := CellAt(block, z)
		w := TileWindow(z, c.X, c.Y, 1)
		here := slices.Collect(reachingIn(hs)(w.Bound()))
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			dst := make([]Risk, w.W*w.H)
			b.ReportAllocs()
			for b.Loop() {
				clear(dst)
				Superpose(dst, w, slices.Values(here))
			}
			b.ReportMetric(float64(len(here)), "hazards")
		})
	}
}
