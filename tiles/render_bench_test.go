package tiles

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/data/memory"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// benchCity is the demonstration city of n sources, loaded once for all
// benchmarks.
func benchCity(b *testing.B, n int) *Viewer {
	b.Helper()
	benchCities.Lock()
	defer benchCities.Unlock()
	if v := benchCities.of[n]; v != nil {
		return v
	}
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
	viewer := NewViewer(p, city.InternalView)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = index.New(p.Taxonomy).Follow(ctx, city.Wrap(store, p, city.InternalView), viewer.Publish)
	}()
	<-viewer.Ready()
	cancel()
	<-done
	benchCities.of[n] = viewer
	return viewer
}

var benchCities = struct {
	sync.Mutex
	of map[int]*Viewer
}{of: map[int]*Viewer{}}

// benchTiles are 25 neighbours in the middle of the city.
func benchTiles(v *Viewer, z maptile.Zoom) []maptile.Tile {
	middle := maptile.At(v.city.Centre, z)
	var out []maptile.Tile
	for i := range uint32(25) {
		out = append(out, maptile.New(middle.X+i%5-2, middle.Y+i/5-2, z))
	}
	return out
}

func eachSize(b *testing.B, f func(b *testing.B, v *Viewer)) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := benchCity(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			f(b, v)
		})
	}
}

// benchCold builds tiles without any cache, keys included, and reports how many
// times faster that is than brute.
func benchCold(b *testing.B, v *Viewer, z maptile.Zoom, l data.Layer, f data.Filter, brute time.Duration) {
	r, err := NewRenderer(v, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	at, bytes := benchTiles(v, z), 0
	b.ResetTimer()
	for i := range b.N {
		req := Request{Tile: at[i%len(at)], Layers: Layers(l), Filter: f}.canonical()
		keyOf(v.View(), req, r.program)
		if err := r.limit.acquire(b.Context()); err != nil {
			b.Fatal(err)
		}
		made, _, err := r.build(b.Context(), v.View(), req)
		if err != nil {
			b.Fatal(err)
		}
		bytes += len(made.data)
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "gzip-B/tile")
	b.ReportMetric(float64(brute)/(float64(b.Elapsed())/float64(b.N)), "x-brute")
}

// bruteTile is the time that a tile's cells take when each asks every hazard of
// the city; it is measured on some of them.
func bruteTile(v *Viewer, tile maptile.Tile) time.Duration {
	all := slices.Collect(active(v.View().Snapshot))
	w := riskgrid.TileWindow(uint8(tile.Z), tile.X, tile.Y, 1)
	const some = 8
	start := time.Now()
	for i := range some {
		c := riskgrid.Cell{X: uint32(w.X + i*w.W/some), Y: uint32(w.Y + i*w.H/some), Zoom: w.Zoom}
		least, most := brute(all, data.All(), c)
		if least > most {
			panic("brute force without a range")
		}
	}
	return time.Since(start) / some * time.Duration(w.W*w.H)
}

// BenchmarkColdRisk builds the layer risk at z14. Brute force: every cell asks
// every hazard.
func BenchmarkColdRisk(b *testing.B) {
	eachSize(b, func(b *testing.B, v *Viewer) {
		benchCold(b, v, 14, data.LayerRisk, data.All(), bruteTile(v, benchTiles(v, 14)[12]))
	})
}

// BenchmarkColdRiskWide builds the layer risk at z10 from the field.
func BenchmarkColdRiskWide(b *testing.B) {
	eachSize(b, func(b *testing.B, v *Viewer) {
		benchCold(b, v, 10, data.LayerRisk, data.All(), bruteTile(v, benchTiles(v, 14)[12])*256)
	})
}

// BenchmarkColdRiskFiltered builds the layer risk at z12 under a filter, which no
// field holds.
func BenchmarkColdRiskFiltered(b *testing.B) {
	eachSize(b, func(b *testing.B, v *Viewer) {
		f, err := v.city.Taxonomy.Filter(data.Selection{Groups: []string{"industrial"}})
		if err != nil {
			b.Fatal(err)
		}
		benchCold(b, v, 12, data.LayerRisk, f, bruteTile(v, benchTiles(v, 14)[12])*16)
	})
}

// BenchmarkColdHazards builds the layer hazards at z12 and z14. Brute force: the
// same drawing from a look at every hazard.
func BenchmarkColdHazards(b *testing.B) {
	for _, z := range []maptile.Zoom{12, 14} {
		b.Run(fmt.Sprint("z", z), func(b *testing.B) {
			eachSize(b, func(b *testing.B, v *Viewer) {
				tile := benchTiles(v, z)[12]
				c, start := newCanvas(tile, 0), time.Now()
				appendHazards(nil, c, func(yield func(*data.Hazard) bool) {
					for h := range active(v.View().Snapshot) {
						if h.Bound().Intersects(c.bound()) && !yield(h) {
							return
						}
					}
				}, v.city.Taxonomy)
				benchCold(b, v, z, data.LayerHazards, data.All(), time.Since(start))
			})
		})
	}
}

// BenchmarkCached asks for tiles that are in memory: risk alone, what the map
// page asks for, and with a filter. The twin is a build of the tile.
func BenchmarkCached(b *testing.B) {
	some := data.All()
	some.Industries &^= 0b1011
	for name, req := range map[string]Request{
		"risk":     {Layers: Layers(data.LayerRisk), Filter: data.All()},
		"page":     {Layers: Layers(data.LayerRisk, data.LayerHazards, data.LayerLines, data.LayerAreas, data.LayerDistricts), Filter: data.All()},
		"filtered": {Layers: Layers(data.LayerRisk, data.LayerHazards), Filter: some},
	} {
		for _, z := range []maptile.Zoom{8, 11, 14, 16} {
			b.Run(fmt.Sprintf("%s/z%d", name, z), func(b *testing.B) {
				eachSize(b, func(b *testing.B, v *Viewer) {
					r, err := NewRenderer(v, Options{})
					if err != nil {
						b.Fatal(err)
					}
					defer r.Close()
					req.Tile = benchTiles(v, z)[12]
					start := time.Now()
					if _, err := r.Tile(b.Context(), req); err != nil {
						b.Fatal(err)
					}
					built := time.Since(start)
					b.ResetTimer()
					for range b.N {
						if tile, err := r.Tile(b.Context(), req); err != nil || tile.From == "redis" {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(built)/(float64(b.Elapsed())/float64(b.N)), "x-build")
				})
			})
		}
	}
}

// BenchmarkWhatIf makes the view of a what-if that changes one source. The twin
// is a view made anew from all sources.
func BenchmarkWhatIf(b *testing.B) {
	eachSize(b, func(b *testing.B, v *Viewer) {
		first := v.View()
		var changes []data.Change
		for h := range first.Within(benchTiles(v, 14)[12].Bound(), data.All()) {
			g := *h
			g.Scenarios = append(slices.Clone(h.Scenarios), h.Scenarios[0])
			more, err := g.Seal()
			if err != nil {
				b.Fatal(err)
			}
			if changes = append(changes, data.Change{ID: h.ID, New: &data.Record{Hazard: more}}); len(changes) == 64 {
				break
			}
		}
		w := NewViewer(v.city, v.who)
		start := time.Now()
		w.Publish(index.Update{Snapshot: first.Snapshot, Full: true})
		anew := time.Since(start)
		b.ResetTimer()
		for i := range b.N {
			if _, err := first.With(changes[i%len(changes)]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(anew)/(float64(b.Elapsed())/float64(b.N)), "x-anew")
	})
}

// benchFilter is half of the industries, two levels and three districts.
func benchFilter(b *testing.B, v *Viewer) data.Filter {
	b.Helper()
	tax := v.city.Taxonomy
	var s data.Selection
	for i := 0; i < len(tax.Industries); i += 2 {
		s.Industries = append(s.Industries, tax.Industries[i].Code)
	}
	s.Levels = []string{"2", "3"}
	vintage := &tax.Vintages[tax.Default]
	for i := range 3 {
		s.Districts = append(s.Districts, vintage.Districts[i].Code)
	}
	f, err := tax.Filter(s)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// BenchmarkFilteredTile builds filtered risk tiles: the first of its filter, of
// which nothing is kept, and others of a field that is. The twin pools the tile's
// base cells for itself (x-pool).
func BenchmarkFilteredTile(b *testing.B) {
	eachSize(b, func(b *testing.B, v *Viewer) {
		for _, large := range []bool{false, true} {
			f, name := benchFilter(b, v), "some"
			if large {
				f, name = data.All(), "most"
				f.Industries &^= 1 << 3
			}
			for _, z := range []maptile.Zoom{8, 10, 13} {
				for _, warm := range []bool{false, true} {
					b.Run(fmt.Sprintf("%s/z%d/warm=%v", name, z, warm), func(b *testing.B) { benchFiltered(b, v, f, z, warm) })
				}
			}
		}
	})
}

func benchFiltered(b *testing.B, v *Viewer, f data.Filter, z maptile.Zoom, warm bool) {
	r, err := NewRenderer(v, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	at := benchTiles(v, z)[12:13] // where the city is dense
	build := func(i int) {
		if err := r.limit.acquire(b.Context()); err != nil {
			b.Fatal(err)
		}
		req := Request{Tile: at[i%len(at)], Layers: Layers(data.LayerRisk), Filter: f}.canonical()
		if _, _, err := r.build(b.Context(), v.View(), req); err != nil {
			b.Fatal(err)
		}
	}
	if warm {
		build(0)
		r.fields.work.Wait()
	} else {
		r.fields.later <- struct{}{} // only what the tile asks for
		defer func() { <-r.fields.later }()
	}
	req := Request{Tile: at[0], Layers: Layers(data.LayerRisk), Filter: f}.canonical()
	start := time.Now()
	v.View().surface(b.Context(), nil, newCanvas(req.Tile, 0), req).release()
	alone := time.Since(start)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if !warm {
			r.fields.mu.Lock()
			clear(r.fields.kept)
			r.fields.mu.Unlock()
		}
		build(i)
	}
	b.StopTimer()
	b.ReportMetric(float64(alone)/(float64(b.Elapsed())/float64(b.N)), "x-pool")
	b.ReportMetric(float64(r.stats.FieldBytes.Load())/1e6, "field-MB")
}
