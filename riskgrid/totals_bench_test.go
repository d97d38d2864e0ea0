package riskgrid

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// demoLand puts 12 million people on squares of 500 m all over the city's
// districts, thickly where sources are, so that no block is empty.
var demoLand = sync.OnceValue(func() Land {
	p, err := city.Load("hangzhou")
	if err != nil {
		panic(err)
	}
	regions := NewRegions(p.Taxonomy, func(kind string) []data.Unit {
		for _, v := range p.Taxonomy.Vintages {
			if data.DistrictKind(v.Name) == kind {
				return p.Outlines(v.Name)
			}
		}
		return nil
	})
	rng := rand.New(rand.NewPCG(5, 5))
	var units []data.Unit
	for y := p.Bound.Min[1]; y < p.Bound.Max[1]; y += 0.0045 {
		for x := p.Bound.Min[0]; x < p.Bound.Max[0]; x += 0.0052 {
			b := orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x + 0.0052, y + 0.0045}}
			if regions.At(CellAt(b.Center(), BaseZoom)) == regions.Outside() {
				continue
			}
			units = append(units, data.Unit{Code: fmt.Sprint(len(units)), Shape: b.ToPolygon(),
				Props: map[string]string{data.PeopleProp: fmt.Sprintf("%.2f", 178*math.Pow(rng.ExpFloat64(), 2)/2)}})
		}
	}
	people, err := NewPeople(units)
	if err != nil {
		panic(err)
	}
	return Land{People: people, Regions: regions, Cuts: [CriteriaCount]Cuts{hangzhouCuts, newBuildCuts}}
})

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

func BenchmarkNewLand(b *testing.B) {
	p, err := city.Load("hangzhou")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for range b.N {
		NewRegions(p.Taxonomy, func(kind string) []data.Unit {
			for _, v := range p.Taxonomy.Vintages {
				if data.DistrictKind(v.Name) == kind {
					return p.Outlines(v.Name)
				}
			}
			return nil
		})
	}
}

func BenchmarkNewTotals(b *testing.B) {
	hs := demoCities[100_000]()
	for name, land := range map[string]Land{"grid": demoLand(), "sources": {Regions: demoLand().Regions, Cuts: demoLand().Cuts}} {
		b.Run(name, func(b *testing.B) {
			f := NewField(hangzhouCuts, slices.Values(hs))
			before := heap()
			b.ReportAllocs()
			b.ResetTimer()
			var t *Totals
			for range b.N {
				t = NewTotals(land, f, slices.Values(hs))
				t.book()
			}
			b.StopTimer()
			b.ReportMetric(heap()-before, "MB")
			b.ReportMetric(float64(len(t.book().cells)), "blocks")
			b.ReportMetric(t.Loss(data.All()).PerYear(), "PLL")
		})
	}
}

func BenchmarkTotalsApplyOne(b *testing.B) {
	hs := demoCities[100_000]()
	f := NewField(hangzhouCuts, slices.Values(hs))
	t := NewTotals(demoLand(), f, slices.Values(hs))
	t.book()
	without := make([]*Field, 16)
	for i := range without {
		without[i] = f.Apply(Swap{Old: hs[i]})
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		u := t.Apply(without[i%16], Swap{Old: hs[i%16]})
		u.book()
		u.Apply(f, Swap{New: hs[i%16]}).book()
	}
}

func BenchmarkTotalsLoss(b *testing.B) {
	hs := demoCities[100_000]()
	t := NewTotals(demoLand(), NewField(hangzhouCuts, slices.Values(hs)), slices.Values(hs))
	f := data.All()
	f.Industries &^= 1
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		t.Loss(f)
	}
}
