package index

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/data/demo"
	"riskatlas/data/memory"
)

var benchSizes = []int{10_000, 100_000}

type benchCity struct {
	tax     *data.Taxonomy
	hazards []*data.Hazard
	trees   *rtreeTwin // once asked for
	*Snapshot
}

// benchCities are made once for all benchmarks.
var benchCities = struct {
	sync.Mutex
	by map[int]*benchCity
}{by: map[int]*benchCity{}}

func benchOver(b *testing.B, f func(b *testing.B, c *benchCity)) {
	for _, n := range withMillion(benchSizes) {
		benchCities.Lock()
		c := benchCities.by[n]
		if c == nil {
			c = demoCity(b, n)
			benchCities.by[n] = c
		}
		benchCities.Unlock()
		b.Run(fmt.Sprint(n), func(b *testing.B) { f(b, c) })
	}
}

// demoCity is the demonstration city of Hangzhou as an operator sees it.
func demoCity(b testing.TB, n int) *benchCity {
	b.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		b.Fatal(err)
	}
	store := memory.New(p.Taxonomy)
	var batch []data.Change
	for r := range demo.Hazards(p, n, 1) {
		batch = append(batch, data.Change{ID: r.Hazard.ID, If: data.Any, New: r})
	}
	if _, err := store.Apply(b.Context(), data.Note{}, batch...); err != nil {
		b.Fatal(err)
	}
	c := &benchCity{tax: p.Taxonomy}
	if c.Snapshot, err = New(p.Taxonomy).load(b.Context(), city.Wrap(store, p, city.InternalView)); err != nil {
		b.Fatal(err)
	}
	c.hazards = slices.Collect(c.All(data.All(), ""))
	return c
}

// fresh loads the city's hazards again.
func (c *benchCity) fresh(b *testing.B) *Snapshot {
	s := newSnapshot(c.tax)
	for _, kind := range c.Kinds() {
		var err error
		if s, err = s.withUnits(c.tax, kind, c.Units(kind)); err != nil {
			b.Fatal(err)
		}
	}
	return s.next(news(c.hazards))
}

// against runs a question many times, and its brute-force twin for a quarter of
// a second, and reports how many times the twin's time is the question's.
func against(b *testing.B, fast, brute func(i int)) {
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		fast(i)
		i++
	}
	mine := float64(b.Elapsed()) / float64(b.N)
	start, n := time.Now(), 0
	for ; n == 0 || time.Since(start) < time.Second/4; n++ {
		brute(n)
	}
	b.ReportMetric(float64(time.Since(start))/float64(n)/mine, "x-brute")
}

var sink uint64

// place is the i-th of many places near some hazard.
func (c *benchCity) place(i int) orb.Point {
	i %= 512
	p := c.hazards[i*len(c.hazards)/512].Label()
	return orb.Point{p[0] + float64(i%7)*0.0007, p[1] + float64(i%5)*0.0009}
}

func BenchmarkNearestTen(b *testing.B) { benchNearest(b, all) }

func BenchmarkNearestTenFiltered(b *testing.B) { benchNearest(b, rare) }

func all(*testing.B, *benchCity) data.Filter { return data.All() }

// rare selects about one hazard in 400.
func rare(b *testing.B, c *benchCity) data.Filter {
	f, err := c.tax.Filter(data.Selection{Groups: []string{"crowded"}, Levels: []string{"major", "significant"},
		Districts: []string{"330102", "330105"}})
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func benchNearest(b *testing.B, filter func(*testing.B, *benchCity) data.Filter) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		f := filter(b, c)
		against(b, func(i int) {
			n := 0
			for h := range c.Nearest(c.place(i), f) {
				sink += h.Digest(data.LayerRisk)
				if n++; n == 10 {
					return
				}
			}
		}, func(i int) { sink += uint64(len(nearestTen(c.hazards, c.place(i), f))) })
	})
}

// nearestTen looks at every hazard and keeps the ten nearest.
func nearestTen(hs []*data.Hazard, p orb.Point, f data.Filter) []candidate[*data.Hazard] {
	var best []candidate[*data.Hazard]
	order := candidates[*data.Hazard]{before: func(a, b *data.Hazard) bool { return a.ID < b.ID }}
	for _, h := range hs {
		if h.Status != data.Active || !f.Match(h) {
			continue
		}
		_, d := data.Nearest(h.Shape, p)
		c := candidate[*data.Hazard]{h, d}
		if len(best) == 10 && !order.less(c, best[9]) {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, c, func(a, b candidate[*data.Hazard]) int {
			if order.less(a, b) {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, c)
		best = best[:min(10, len(best))]
	}
	return best
}

func BenchmarkWithinKilometre(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		against(b, func(i int) {
			for h, d := range c.Nearest(c.place(i), data.All()) {
				if d > 1000 {
					return
				}
				sink += h.Digest(data.LayerRisk)
			}
		}, func(i int) {
			for _, h := range c.hazards {
				if _, d := data.Nearest(h.Shape, c.place(i)); h.Status == data.Active && d <= 1000 {
					sink += h.Digest(data.LayerRisk)
				}
			}
		})
	})
}

func BenchmarkReachingTile(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		f := rare(b, c)
		against(b, func(i int) {
			for h := range c.Reaching(maptile.At(c.place(i), 14).Bound(), f) {
				sink += h.Digest(data.LayerRisk)
			}
		}, func(i int) {
			box := maptile.At(c.place(i), 14).Bound()
			for _, h := range c.hazards {
				if h.Status == data.Active && f.Match(h) && box.Intersects(h.Extent()) {
					sink += h.Digest(data.LayerRisk)
				}
			}
		})
	})
}

func BenchmarkFingerprint(b *testing.B) {
	for _, c := range []struct {
		name  string
		zoom  maptile.Zoom
		layer data.Layer
		f     func(*testing.B, *benchCity) data.Filter
	}{
		{"risk-z8", 8, data.LayerRisk, all},
		{"risk-z14", 14, data.LayerRisk, all},
		{"risk-z16", 16, data.LayerRisk, all},
		{"risk-z8-filtered", 8, data.LayerRisk, rare},
		{"hazards-z14", 14, data.LayerHazards, all},
		{"districts-z12", 12, data.LayerDistricts, all},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchOver(b, func(b *testing.B, city *benchCity) {
				f := c.f(b, city)
				against(b, func(i int) { sink += city.Fingerprint(maptile.At(city.place(i), c.zoom), c.layer, f) },
					func(i int) { sink += bruteFingerprint(city, maptile.At(city.place(i), c.zoom), c.layer, f) })
			})
		})
	}
}

// bruteFingerprint asks every hazard.
func bruteFingerprint(c *benchCity, t maptile.Tile, l data.Layer, f data.Filter) (sum uint64) {
	box := t.Bound(1.0 / 64)
	for _, h := range c.hazards {
		if h.Status != data.Active || !f.Match(h) || !box.Intersects(h.Extent()) {
			continue
		}
		for _, g := range grounds(nil, h, 0) {
			if within(g.shape, box, g.metres) {
				sum += h.Digest(l)
				break
			}
		}
	}
	return sum
}

func BenchmarkCount(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		f := rare(b, c)
		against(b, func(int) { sink += uint64(c.Count(f)[3]) }, func(int) {
			for _, h := range c.hazards {
				if h.Status == data.Active && f.Match(h) && h.Level == 3 {
					sink++
				}
			}
		})
	})
}

// One change made and ready to publish, against loading everything again.
func BenchmarkOneChange(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		s := c.Snapshot
		against(b, func(i int) {
			// One of 512 hazards takes the place of another, back and forth.
			h, other := *c.hazards[i%512*len(c.hazards)/512], c.hazards[(i+i/512+1)%512*len(c.hazards)/512]
			h.Shape, h.Scenarios = other.Shape, other.Scenarios
			s = s.With(record(citytest.Seal(h)))
		}, func(int) { c.fresh(b) })
	})
}

func BenchmarkLoad(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		b.ReportAllocs()
		for b.Loop() {
			c.fresh(b)
		}
	})
}
