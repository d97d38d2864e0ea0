package riskgrid

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// step is a hazard to add (sign 1) or to take back (-1).
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
// meets it, blocks by row, each once.
func deal(steps []step, w Window) []job {
	in := w.inside()
	var pairs []uint64 // block (y, x: 14 bits each), then step
	for i := range steps {
		b := blocksOf(steps[i].hazard.Extent()).meet(in)
		for y := b.Y; y < b.Y+b.H; y++ {
			for x := b.X; x < b.X+b.W; x++ {
				pairs = append(pairs, uint64(y)<<(blockZoom+32)|uint64(x)<<32|uint64(i))
			}
		}
	}
	slices.Sort(pairs)
	order := make([]uint32, len(pairs))
	var jobs []job
	for i, p := range pairs {
		order[i] = uint32(p)
		if i == 0 || p>>32 != pairs[i-1]>>32 {
			jobs = append(jobs, job{at: place{int(p>>32) & (1<<blockZoom - 1), int(p >> (blockZoom + 32))}, steps: order[i:i]})
		}
		last := &jobs[len(jobs)-1]
		last.steps = last.steps[:len(last.steps)+1]
	}
	return jobs
}

// blocksOf is the blocks that meet a box.
func blocksOf(b orb.Bound) Window {
	nw := CellAt(orb.Point{b.Min[0], b.Max[1]}, blockZoom)
	se := CellAt(orb.Point{b.Max[0], b.Min[1]}, blockZoom)
	return Window{X: int(nw.X), Y: int(nw.Y), W: int(se.X-nw.X) + 1, H: int(se.Y-nw.Y) + 1, Zoom: blockZoom}
}

// inParallel does jobs 0 to n-1 on all cores. Each worker makes its own doer,
// and, unless nil, what it does when no job is left.
func inParallel(n int, worker func() (do func(int), end func())) {
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
	workers := min(n, runtime.GOMAXPROCS(0))
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
