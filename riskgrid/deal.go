package riskgrid

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// step is a hazard to add (sign 1) or to take back (-1); one of 0 paints nothing.
type step struct {
	hazard *data.Hazard
	sign   float64
}

// job is the steps that may reach one block.
type job struct {
	at    place // the block's tile at blockZoom
	steps []uint32
}

// deal gives for each block of the window (of blockZoom) the steps whose extent
// meets it, blocks by row, each once. Steps are counted block by block and then
// put in their places, for there are millions of them. Their extents, most of which
// are in no cache, are looked at on at most so many cores.
func deal(steps []step, w Window, cores int) []job {
	d := dealer{in: w.inside(), spans: make([]blockSpan, len(steps)), counts: map[place]*[regionBlocks]uint32{}}
	onCores(cores, (len(steps)+hand-1)/hand, func() (func(int), func()) {
		return func(turn int) {
			for i := turn * hand; i < min(turn*hand+hand, len(steps)); i++ {
				b := blocksOf(steps[i].hazard.Extent()).meet(d.in)
				d.spans[i] = blockSpan{uint16(b.X), uint16(b.Y), uint16(b.W), uint16(b.H)}
			}
		}, nil
	})
	total := 0
	for i := range steps {
		total += int(d.spans[i].w) * int(d.spans[i].h)
		d.each(i, func(n *uint32) { *n++ })
	}
	jobs := d.jobs(make([]uint32, total))
	for i := range steps {
		d.each(i, func(n *uint32) {
			j := &jobs[*n]
			j.steps = append(j.steps, uint32(i))
		})
	}
	return jobs
}

// hand is the number of steps that a core looks at at once.
const hand = 512

const regionBlocks = regionSide * regionSide

// blockSpan is the blocks of one step.
type blockSpan struct{ x, y, w, h uint16 }

// dealer counts by region and block in it.
type dealer struct {
	in     Window
	spans  []blockSpan
	counts map[place]*[regionBlocks]uint32
	last   *[regionBlocks]uint32 // of the region of the block before
	at     place
}

// each gives the counters of the step's blocks.
func (d *dealer) each(step int, do func(*uint32)) {
	s := &d.spans[step]
	for y := int(s.y); y < int(s.y)+int(s.h); y++ {
		for x := int(s.x); x < int(s.x)+int(s.w); x++ {
			if at := (place{x / regionSide, y / regionSide}); d.last == nil || at != d.at {
				d.at, d.last = at, d.counts[at]
				if d.last == nil {
					d.last = new([regionBlocks]uint32)
					d.counts[at] = d.last
				}
			}
			do(&d.last[y%regionSide*regionSide+x%regionSide])
		}
	}
}

// jobs makes the jobs with room for their steps in order, and sets each counter
// to its job's number.
func (d *dealer) jobs(order []uint32) []job {
	type counted struct {
		at place
		n  *uint32
	}
	var blocks []counted
	for at, counts := range d.counts {
		for i := range counts {
			if counts[i] > 0 {
				blocks = append(blocks, counted{place{at.x*regionSide + i%regionSide, at.y*regionSide + i/regionSide}, &counts[i]})
			}
		}
	}
	slices.SortFunc(blocks, func(a, b counted) int { return cmp.Or(a.at.y-b.at.y, a.at.x-b.at.x) })
	jobs := make([]job, len(blocks))
	for i, b := range blocks {
		n := int(*b.n)
		jobs[i] = job{at: b.at, steps: order[:0:n]}
		order = order[n:]
		*b.n = uint32(i)
	}
	return jobs
}

// blocksOf is the blocks that meet a box: those of CellAt of its corners.
func blocksOf(b orb.Bound) Window {
	x, y := blockColumn(b.Min[0]), blockRow(b.Max[1])
	return Window{X: x, Y: y, W: blockColumn(b.Max[0]) - x + 1, H: blockRow(b.Min[1]) - y + 1, Zoom: blockZoom}
}

// parallels are the latitudes of the edges of the rows of blocks.
var parallels = sync.OnceValue(func() []float64 {
	lats := make([]float64, 1<<blockZoom+1)
	for y := range lats {
		lats[y] = edgeLat(float64(y), blockZoom)
	}
	return lats
})

// meridians are the longitudes of the edges of the columns of blocks.
var meridians = sync.OnceValue(func() []float64 {
	lons := make([]float64, 1<<blockZoom+1)
	for x := range lons {
		lons[x] = eastEdge(float64(x), blockZoom)
	}
	return lons
})

// blockRow is CellAt's row.
func blockRow(lat float64) int {
	lats := parallels()
	lo, hi := 0, 1<<blockZoom-1 // the last row whose north edge is at or north of lat
	for lo < hi {
		if mid := (lo + hi + 1) / 2; lats[mid] >= lat {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

// blockColumn is CellAt's column.
func blockColumn(lon float64) int {
	const n = 1 << blockZoom
	x := min(max(int(math.Floor((lon+180)*(n/360.0))), 0), n-1)
	lons := meridians()
	for x > 0 && lon < lons[x] {
		x--
	}
	for x < n-1 && lon >= lons[x+1] {
		x++
	}
	return x
}

// inParallel does jobs 0 to n-1 on all cores. Each worker makes its own doer,
// and, unless nil, what it does when no job is left.
func inParallel(n int, worker func() (do func(int), end func())) {
	onCores(runtime.GOMAXPROCS(0), n, worker)
}

// onCores is inParallel on so many of them.
func onCores(cores, n int, worker func() (do func(int), end func())) {
	var next atomic.Int64
	work := func() {
		do, end := worker()
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
		if end != nil {
			end()
		}
	}
	workers := min(n, cores)
	if workers == 1 {
		work()
		return
	}
	var wait sync.WaitGroup
	for range workers {
		wait.Go(work)
	}
	wait.Wait()
}
