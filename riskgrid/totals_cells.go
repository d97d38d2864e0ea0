package riskgrid

import (
	"context"
	"iter"
	"runtime"
	"unsafe"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Cells is the loss on each cell of a window of BaseZoom or coarser, row by row
// from the north-west, that all sources cause; nil where people are not known. A
// coarser cell's is the sum of its base cells'.
func (t *Totals) Cells(w Window) []Loss {
	if t.land.People == nil {
		return nil
	}
	return t.book().gather(t.land.People, w)
}

// CellsOf is the same for some sources: reaching gives those whose extent meets a
// bound. It superposes them base cell by base cell, on all cores, and does not wait
// for the losses of all.
func (t *Totals) CellsOf(w Window, reaching func(orb.Bound) iter.Seq[*data.Hazard]) []Loss {
	if t.land.People == nil {
		return nil
	}
	base := w.at(BaseZoom).inside()
	alone := &ledger{field: &Field{}}
	if base.W > 0 && base.H > 0 {
		c := &changes{}
		for h := range reaching(base.Bound()) {
			if h.Status == data.Active {
				c.steps = append(c.steps, step{h, 1})
			}
		}
		land := Land{People: t.land.People}
		alone.cells, _ = c.cells(context.Background(), &land, alone, alone.field, deal(c.steps, base.under(blockZoom), 1), runtime.GOMAXPROCS(0))
	}
	return alone.gather(t.land.People, w)
}

func (l *ledger) gather(p *People, w Window) []Loss {
	if w.Zoom > BaseZoom {
		panic("riskgrid: people live on cells of zoom 20")
	}
	out := make([]Loss, max(0, w.W*w.H))
	base, k := w.at(BaseZoom).inside(), BaseZoom-w.Zoom
	for y := base.Y; y < base.Y+base.H; y++ {
		row := out[(y>>k-w.Y)*w.W:][:w.W]
		run{y, base.X, base.X + base.W}.eachBlock(func(at place, from, n int) {
			cells, people := l.borne(at), p.blocks[at]
			if cells.none() || people == nil {
				return
			}
			x := at.x<<blockShift + from&(blockSide-1)
			for i := range n {
				who := people.at(from + i)
				if who == 0 {
					continue
				}
				if r := cells.at(from + i); r != 0 {
					c := &row[(x+i)>>k-w.X]
					*c = c.Plus(lossOf(r, who))
				}
			}
		})
	}
	return out
}

// OwnBytes is about how much memory the totals take, or will take once their losses
// are there, beside those that they were made from by Apply.
func (t *Totals) OwnBytes(base *Totals) int64 {
	n := int64(len(t.ground)) * int64(unsafe.Sizeof(Tally{}))
	r := t.losses.state.Load()
	made, old := r.ledger, base.losses.made()
	if made == nil || old == nil {
		return n + int64(Reached(r.swaps))*(reachedBytes+shardBytes) // of each change, at worst a shard and a class
	}
	for at, e := range made.cells {
		if old.cells[at] != e {
			n += int64(unsafe.Sizeof(*e)) + int64(cap(e.values))*int64(unsafe.Sizeof(Risk(0)))
		}
	}
	for i, s := range made.sources {
		if s != nil && (old.sources == nil || s != old.sources[i]) {
			n += s.bytes()
		}
	}
	for class, c := range made.classes {
		if old.classes[class] != c {
			n += int64(len(c.parts)) * int64(unsafe.Sizeof(part{}))
		}
	}
	const entry = 48 // of a map, about
	return n + int64(len(made.cells)+len(made.classes))*entry + int64(unsafe.Sizeof(*made.sources))
}

// What a change takes in totals whose losses are not there yet, about.
const (
	reachedBytes = 4 << 10  // for a block that it reaches
	shardBytes   = 16 << 10 // for the others that are kept with the source
)
