package riskgrid

import (
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// The benchmarks run on the demonstration city, as the server does.

var demoCities = map[int]func() []*data.Hazard{
	10_000:  sync.OnceValue(func() []*data.Hazard { return demoCity(10_000) }),
	100_000: sync.OnceValue(func() []*data.Hazard { return demoCity(100_000) }),
}

func demoCity(n int) []*data.Hazard {
	p, err := city.Load("hangzhou")
	if err != nil {
		panic(err)
	}
	var hs []*data.Hazard
	for r := range demo.Hazards(p, n, 1) {
		hs = append(hs, r.Hazard)
	}
	return hs
}

// tiles gives two z14 tiles: one that about 220 hazards reach, and the one that
// most do.
func tiles(hs []*data.Hazard) map[string]Window {
	var steps []step
	for _, h := range hs {
		steps = append(steps, step{h, 1})
	}
	jobs := deal(steps, Window{W: 1 << blockZoom, H: 1 << blockZoom, Zoom: blockZoom}, 1)
	off := func(n, want int) int { return max(n-want, want-n) }
	some, most := jobs[0], jobs[0]
	for _, j := range jobs {
		if off(len(j.steps), 220) < off(len(some.steps), 220) {
			some = j
		}
		if len(j.steps) > len(most.steps) {
			most = j
		}
	}
	tile := func(j job) Window { return TileWindow(blockZoom, uint32(j.at.x), uint32(j.at.y), 1) }
	return map[string]Window{"usual": tile(some), "busiest": tile(most)}
}

func BenchmarkColdTile(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		for _, which := range []string{"usual", "busiest"} {
			b.Run(strconv.Itoa(n)+"/"+which, func(b *testing.B) {
				hs := demoCities[n]()
				w := tiles(hs)[which]
				here := slices.Collect(reachingIn(hs)(w.Bound()))
				dst := make([]Risk, w.W*w.H)
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					clear(dst)
					Superpose(dst, w, slices.Values(here))
				}
				b.StopTimer()
				each := float64(b.Elapsed()) / float64(b.N)
				b.ReportMetric(float64(len(here)), "hazards")
				b.ReportMetric(float64(bruteTime(w, here, 512))/each, "x-brute")
			})
		}
	}
}

// bruteTime is the time that the brute force would take for the window (lines
// sampled each 5 m, areas in 20 rows), from every stride-th cell.
func bruteTime(w Window, hs []*data.Hazard, stride int) time.Duration {
	start := time.Now()
	n, sum := 0, 0.0
	for i := 0; i < w.W*w.H; i += stride {
		c := Cell{uint32(w.X + i%w.W), uint32(w.Y + i/w.W), w.Zoom}
		for _, h := range hs {
			for s := range h.Scenarios {
				sum += coarse.brute(h, &h.Scenarios[s], c)
			}
		}
		n++
	}
	if math.IsNaN(sum) {
		panic("not a number")
	}
	return time.Duration(float64(time.Since(start)) * float64(w.W*w.H) / float64(n))
}

func BenchmarkNewField(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			hs := demoCities[n]()
			b.ReportAllocs()
			b.ResetTimer()
			var f *Field
			for range b.N {
				f = NewField(hangzhouCuts, slices.Values(hs))
			}
			b.ReportMetric(float64(f.Blocks()), "blocks")
			b.ReportMetric(float64(f.OwnBytes(&Field{}))/1e6, "MB")
		})
	}
}

func BenchmarkApplyOne(b *testing.B) {
	hs := demoCities[100_000]()
	f := NewField(hangzhouCuts, slices.Values(hs))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		f = f.Apply(Swap{Old: hs[i%len(hs)]})
		f = f.Apply(Swap{New: hs[i%len(hs)]})
	}
}

func BenchmarkPool(b *testing.B) {
	hs := demoCities[100_000]()
	f := NewField(hangzhouCuts, slices.Values(hs))
	base := tiles(hs)["busiest"]
	for _, z := range []uint8{5, 8, 11, 12, 13} {
		w := TileWindow(z, uint32(base.X)>>(BaseZoom-z), uint32(base.Y)>>(BaseZoom-z), 1)
		b.Run("z"+strconv.Itoa(int(z)), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				f.Pool(w)
			}
		})
	}
}

func BenchmarkPoolWindow(b *testing.B) {
	hs := demoCities[100_000]()
	base := tiles(hs)["busiest"]
	for _, z := range []uint8{9, 13} {
		w := TileWindow(z, uint32(base.X)>>(BaseZoom-z), uint32(base.Y)>>(BaseZoom-z), 1)
		b.Run("z"+strconv.Itoa(int(z)), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				PoolWindow(w, hangzhouCuts, reachingIn(hs))
			}
		})
	}
}

func BenchmarkLevelAreas(b *testing.B) {
	hs := demoCities[100_000]()
	f := NewField(hangzhouCuts, slices.Values(hs))
	p, err := city.Load("hangzhou")
	if err != nil {
		b.Fatal(err)
	}
	var areas []orb.MultiPolygon
	for _, u := range p.Outlines("2021") {
		switch g := u.Shape.(type) {
		case orb.Polygon:
			areas = append(areas, orb.MultiPolygon{g})
		case orb.MultiPolygon:
			areas = append(areas, g)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		for _, a := range areas {
			f.LevelAreas(a)
		}
	}
	b.ReportMetric(float64(len(areas)), "districts")
}

func BenchmarkAt(b *testing.B) {
	hs := demoCities[100_000]()
	w := tiles(hs)["usual"]
	here := slices.Collect(reachingIn(hs)(w.Bound()))
	at := w.Bound().Center()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		At(at, slices.Values(here))
	}
}
