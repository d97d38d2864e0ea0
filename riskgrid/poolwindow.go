package riskgrid

import (
	"iter"
	"runtime"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// PoolWindow computes the same as Field.Pool for any selection of hazards, base
// cell by base cell, without keeping anything, on all cores: reaching gives the
// hazards whose extent meets a bound and is asked once.
func PoolWindow(w Window, cuts Cuts, reaching func(orb.Bound) iter.Seq[*data.Hazard]) []Pooled {
	checkPoolZoom(w.Zoom)
	out := make([]Pooled, w.W*w.H)
	base := w.at(BaseZoom).inside()
	if base.W > 0 && base.H > 0 {
		var steps []step
		for h := range reaching(base.Bound()) {
			if h.Status == data.Active {
				steps = append(steps, step{h, 1})
			}
		}
		var lock sync.Mutex // of out, where a cell has several blocks
		jobs := deal(steps, base.under(blockZoom), runtime.GOMAXPROCS(0))
		inParallel(len(jobs), func() (func(int), func()) {
			pool := pooler{cuts: cuts, out: w, base: base}
			return func(i int) { pool.job(jobs[i], steps, out, &lock) }, nil
		})
	}
	for i := range out {
		out[i].rest(w.Zoom)
	}
	return out
}

// pooler is one worker of PoolWindow.
type pooler struct {
	painter
	cuts  Cuts
	out   Window // cells asked for
	base  Window // its base cells in the world
	cells [blockCells]Risk
}

func (q *pooler) job(j job, steps []step, out []Pooled, lock *sync.Mutex) {
	w := Window{X: j.at.x, Y: j.at.y, W: 1, H: 1, Zoom: blockZoom}.at(BaseZoom).meet(q.base)
	clear(q.cells[:w.W*w.H])
	q.window(w, q.cells[:w.W*w.H])
	for _, i := range j.steps {
		q.add(steps[i].hazard, steps[i].sign)
	}
	k := BaseZoom - q.out.Zoom
	if q.out.Zoom > blockZoom {
		// Cells lie within one block: no other worker writes them.
		for i, r := range q.cells[:w.W*w.H] {
			if r != 0 {
				out[q.cell((w.X+i%w.W)>>k, (w.Y+i/w.W)>>k)].one(r, &q.cuts)
			}
		}
		return
	}
	var whole Pooled
	for _, r := range q.cells[:w.W*w.H] {
		if r != 0 {
			whole.one(r, &q.cuts)
		}
	}
	lock.Lock()
	defer lock.Unlock()
	out[q.cell(w.X>>k, w.Y>>k)].add(&whole)
}

func (q *pooler) cell(x, y int) int { return (y-q.out.Y)*q.out.W + x - q.out.X }
