package index

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/tidwall/rtree"

	"riskatlas/data"
)

// rtreeTwin answers the same questions with two R-trees, as the map that this
// package packs would without packing.
type rtreeTwin struct {
	classes         *classes
	shapes, extents rtree.RTreeG[item]
}

func newRtreeTwin(s *Snapshot) *rtreeTwin {
	t := &rtreeTwin{classes: s.classes}
	s.roll.scan("", func(it item) bool {
		if h := it.hazard; h.Status == data.Active {
			t.shapes.Insert(h.Bound().Min, h.Bound().Max, it)
			t.extents.Insert(h.Extent().Min, h.Extent().Max, it)
		}
		return true
	})
	return t
}

func (t *rtreeTwin) search(tree *rtree.RTreeG[item], b orb.Bound, f data.Filter, yield func(*data.Hazard) bool) {
	sel := t.classes.selection(f)
	tree.Search(b.Min, b.Max, func(_, _ [2]float64, it item) bool { return !sel.has(it.class) || yield(it.hazard) })
}

func (t *rtreeTwin) nearest(p orb.Point, f data.Filter, yield func(*data.Hazard, float64) bool) {
	sel := t.classes.selection(f)
	found := candidates[*data.Hazard]{before: func(a, b *data.Hazard) bool { return a.ID < b.ID }}
	wanted := true
	t.shapes.Nearby(func(lo, hi [2]float64, it item, isItem bool) float64 {
		if isItem && !sel.has(it.class) {
			return math.Inf(1)
		}
		return boxFloor(p, lo, hi)
	}, func(_, _ [2]float64, it item, floor float64) bool {
		if math.IsInf(floor, 1) {
			return false
		}
		for wanted && found.nearer(floor) {
			wanted = yield(found.pop())
		}
		if wanted {
			_, d := data.Nearest(it.hazard.Shape, p)
			found.push(it.hazard, d)
		}
		return wanted
	})
	for wanted && len(found.list) > 0 {
		wanted = yield(found.pop())
	}
}

// processTime is what this process has used of all cores.
func processTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// beside runs a question many times and then its twin for a quarter of a second
// of processor time, and reports how many times the twin's time is the
// question's: times of the processor, which other programs do not change.
func beside(b *testing.B, name string, packed, twin func(i int)) {
	packed(0)
	twin(0)
	b.ReportAllocs()
	start := processTime()
	i := 0
	for b.Loop() {
		packed(i)
		i++
	}
	mine := float64(processTime()-start) / float64(b.N)
	start = processTime()
	n := 0
	for ; n == 0 || processTime()-start < time.Second/4; n++ {
		twin(n)
	}
	b.ReportMetric(mine, "cpu-ns/op")
	b.ReportMetric(float64(processTime()-start)/float64(n)/mine, "x-"+name)
}

// withMillion adds a million hazards to the sizes: it takes minutes.
func withMillion(sizes []int) []int {
	if os.Getenv("RISKATLAS_SOAK") != "" {
		return append(sizes, 1_000_000)
	}
	return sizes
}

func oneIndustry(b *testing.B, c *benchCity) data.Filter {
	return c.filter(b, data.Selection{Industries: []string{"I16"}})
}

// rarest selects about one hazard in 3,900.
func rarest(b *testing.B, c *benchCity) data.Filter {
	return c.filter(b, data.Selection{Industries: []string{"C03"}, Levels: []string{"major"}, Districts: []string{"330105", "330106"}})
}

func (c *benchCity) filter(b *testing.B, s data.Selection) data.Filter {
	f, err := c.tax.Filter(s)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// twin is the city's R-trees, made once.
func (c *benchCity) twin() *rtreeTwin {
	if c.trees == nil {
		c.trees = newRtreeTwin(c.Snapshot)
	}
	return c.trees
}

func BenchmarkPackedNearest(b *testing.B) {
	for _, q := range []struct {
		name   string
		filter func(*testing.B, *benchCity) data.Filter
	}{{"all", all}, {"one-industry", oneIndustry}, {"rare", rarest}} {
		b.Run(q.name, func(b *testing.B) {
			benchOver(b, func(b *testing.B, c *benchCity) {
				f, t := q.filter(b, c), c.twin()
				ten := func() func(*data.Hazard, float64) bool {
					n := 0
					return func(h *data.Hazard, _ float64) bool {
						sink += h.Digest(data.LayerRisk)
						n++
						return n < 10
					}
				}
				beside(b, "rtree", func(i int) { c.Nearest(c.place(i), f)(ten()) },
					func(i int) { t.nearest(c.place(i), f, ten()) })
				counts := c.Count(f)
				b.ReportMetric(float64(len(c.hazards))/float64(counts[1]+counts[2]+counts[3]+counts[4]), "one-in")
			})
		})
	}
}

func BenchmarkPackedWithinKilometre(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		t := c.twin()
		within := func(h *data.Hazard, d float64) bool {
			sink += h.Digest(data.LayerRisk)
			return d <= 1000
		}
		beside(b, "rtree", func(i int) { c.Nearest(c.place(i), data.All())(within) },
			func(i int) { t.nearest(c.place(i), data.All(), within) })
	})
}

func BenchmarkPackedTile(b *testing.B) {
	take := func(h *data.Hazard) bool { sink++; return h != nil }
	for _, q := range []struct {
		name   string
		zoom   maptile.Zoom
		by     byExtent
		filter func(*testing.B, *benchCity) data.Filter
	}{
		{"within-z14", 14, false, all}, {"within-z11", 11, false, all}, {"within-z8", 8, false, all},
		{"reaching-z14", 14, true, all}, {"reaching-z11", 11, true, all}, {"reaching-z8", 8, true, all},
		{"within-z11-rare", 11, false, rarest}, {"reaching-z14-one-industry", 14, true, oneIndustry}, {"reaching-z8-rare", 8, true, rarest},
	} {
		b.Run(q.name, func(b *testing.B) {
			benchOver(b, func(b *testing.B, c *benchCity) {
				f, t := q.filter(b, c), c.twin()
				tree := &t.shapes
				if q.by {
					tree = &t.extents
				}
				beside(b, "rtree", func(i int) { c.search(q.by, maptile.At(c.place(i), q.zoom).Bound(), f, take) },
					func(i int) { t.search(tree, maptile.At(c.place(i), q.zoom).Bound(), f, take) })
			})
		})
	}
}

func BenchmarkPackedBuild(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		var items []item
		c.roll.scan("", func(it item) bool {
			items = append(items, it)
			return true
		})
		// The collector's work hangs on what else lies in memory: not counted.
		defer debug.SetGCPercent(debug.SetGCPercent(-1))
		timed := func(build func()) time.Duration {
			runtime.GC()
			start := processTime()
			build()
			return processTime() - start
		}
		mine, twin := time.Duration(0), time.Duration(0)
		for b.Loop() {
			mine += timed(func() { sink += uint64(len(newPacked(items).items)) })
		}
		twin = timed(func() { sink += uint64(newRtreeTwin(c.Snapshot).shapes.Len()) })
		each := float64(mine) / float64(b.N)
		b.ReportMetric(each, "cpu-ns/op")
		b.ReportMetric(float64(twin)/each, "x-rtree")
	})
}
