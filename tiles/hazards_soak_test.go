package tiles

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/data/memory"
	"riskatlas/index"
)

// sourceView is a view of the demonstration city of n sources that can draw
// hazards alone: it has no ground.
func sourceView(b *testing.B, n int) *View {
	b.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		b.Fatal(err)
	}
	store := memory.New(p.Taxonomy)
	var changes []data.Change
	for r := range demo.Hazards(p, n, 1) {
		changes = append(changes, data.Change{ID: r.Hazard.ID, New: r})
	}
	if _, err := store.Apply(b.Context(), data.Note{Who: "bench"}, changes...); err != nil {
		b.Fatal(err)
	}
	v := &View{City: p, Who: city.InternalView}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	_ = index.New(p.Taxonomy).Follow(ctx, city.Wrap(store, p, city.InternalView), func(u index.Update) {
		v.Snapshot = u.Snapshot
		stop()
	})
	return v
}

// cpuTime is what the process has worked so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// coreTiles are n random tiles of the middle of the city.
func coreTiles(n int, z maptile.Zoom) []maptile.Tile {
	rng := rand.New(rand.NewPCG(uint64(z), 7))
	out := make([]maptile.Tile, n)
	for i := range out {
		out[i] = maptile.At(orb.Point{120 + 0.4*rng.Float64(), 30.1 + 0.3*rng.Float64()}, z)
	}
	return out
}

// BenchmarkCoreHazards builds cold tiles of the layer hazards, keys and gzip
// included, at random places of the middle of the city; medians over 300 tiles.
func BenchmarkCoreHazards(b *testing.B) {
	sizes := []int{100_000}
	if os.Getenv("RISKATLAS_SOAK") != "" {
		sizes = append(sizes, 1_000_000)
	}
	for _, n := range sizes {
		v := sourceView(b, n)
		r, err := NewRenderer(&Viewer{}, Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer r.Close()
		some := data.All()
		some.Industries, some.Levels = 0x5555555555555555, 1<<data.Major|1<<data.General
		for _, z := range []maptile.Zoom{8, 10, 12, 13, 14} {
			for name, f := range map[string]data.Filter{"all": data.All(), "some": some} {
				b.Run(fmt.Sprintf("%d/z%d/%s", n, z, name), func(b *testing.B) { coreHazards(b, r, v, z, f) })
			}
		}
	}
}

func coreHazards(b *testing.B, r *Renderer, v *View, z maptile.Zoom, f data.Filter) {
	at := coreTiles(300, z)
	raw, zipped, costs := make([]int, 0, len(at)), make([]int, 0, len(at)), make([]time.Duration, 0, len(at))
	for range b.N {
		raw, zipped, costs = raw[:0], zipped[:0], costs[:0]
		for _, tile := range at {
			req := Request{Tile: tile, Layers: Layers(data.LayerHazards), Filter: f}.canonical()
			start := cpuTime()
			keyOf(v, req, r.program)
			bytes, err := r.draw(b.Context(), nil, v, newCanvas(req.Tile, req.Datum), req)
			if err != nil {
				b.Fatal(err)
			}
			out, err := Compress(bytes)
			if err != nil {
				b.Fatal(err)
			}
			costs = append(costs, cpuTime()-start)
			raw, zipped = append(raw, len(bytes)), append(zipped, len(out))
		}
	}
	slices.Sort(raw)
	slices.Sort(zipped)
	slices.Sort(costs)
	b.ReportMetric(float64(costs[len(costs)/2])/1000, "cpu-µs/tile")
	b.ReportMetric(float64(raw[len(raw)/2]), "raw-B")
	b.ReportMetric(float64(zipped[len(zipped)/2]), "gzip-B")
	b.ReportMetric(float64(zipped[len(zipped)-1]), "most-gzip-B")
}
