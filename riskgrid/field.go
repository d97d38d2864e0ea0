package riskgrid

import (
	"iter"
	"maps"

	"riskatlas/data"
)

// Field is the city's unfiltered grid at BaseZoom with its pyramid. Immutable:
// Apply gives a new one that shares what did not change. Ground without risk
// takes no memory: a field holds blocks of 64 × 64 base cells (one z14 tile, 44
// kB) where there is any. Safe for any number of readers.
type Field struct {
	cuts    [CriteriaCount]Cuts
	regions map[place]*region // by cell of regionZoom
}

// place is a cell of a zoom that is known.
type place struct{ x, y int }

// NewField superposes all hazards, on all cores. Ground is judged by the cuts
// under every criterion.
func NewField(cuts Cuts, hazards iter.Seq[*data.Hazard]) *Field {
	return NewFieldOf([CriteriaCount]Cuts{cuts, cuts}, hazards)
}

// NewFieldOf is NewField with the cuts of each criterion.
func NewFieldOf(cuts [CriteriaCount]Cuts, hazards iter.Seq[*data.Hazard]) *Field {
	empty := &Field{cuts: cuts}
	var swaps []Swap
	for h := range hazards {
		swaps = append(swaps, Swap{New: h})
	}
	return empty.Apply(swaps...)
}

// Blocks is the number of z14 tiles that hold any risk.
func (f *Field) Blocks() int {
	n := 0
	for _, g := range f.regions {
		for _, b := range g.blocks {
			if b != nil {
				n++
			}
		}
	}
	return n
}

func (f *Field) block(p place) *block {
	g := f.regions[place{p.x / regionSide, p.y / regionSide}]
	if g == nil || p.x < 0 || p.y < 0 {
		return nil
	}
	return g.blocks[p.y%regionSide*regionSide+p.x%regionSide]
}

// Swap is one change of a hazard: Old out (nil: none), New in (nil: none).
type Swap struct{ Old, New *data.Hazard }

// Apply gives the field after the swaps, on all cores. It takes the old
// contributions back and adds the new ones, so the result is, bit for bit, the
// field of the new set of hazards: an Old must be one that the field holds.
func (f *Field) Apply(swaps ...Swap) *Field {
	var steps []step
	for _, s := range swaps {
		if s.Old != nil && s.New != nil && s.Old.Status == s.New.Status &&
			s.Old.Digest(data.LayerRisk) == s.New.Digest(data.LayerRisk) {
			continue // another name, the same risk
		}
		if s.Old != nil && s.Old.Status == data.Active {
			steps = append(steps, step{s.Old, -1})
		}
		if s.New != nil && s.New.Status == data.Active {
			steps = append(steps, step{s.New, 1})
		}
	}
	world := Window{W: 1 << blockZoom, H: 1 << blockZoom, Zoom: blockZoom}
	jobs := deal(steps, world)
	made := make([]*block, len(jobs))
	inParallel(len(jobs), func() (func(int), func()) {
		var p painter
		return func(i int) { made[i] = f.rebuild(&p, jobs[i], steps) }, nil
	})
	out := &Field{cuts: f.cuts, regions: maps.Clone(f.regions)}
	if out.regions == nil {
		out.regions = map[place]*region{}
	}
	out.put(jobs, made)
	return out
}

// rebuild gives a block after the job's steps, nil when nothing is left on it.
func (f *Field) rebuild(p *painter, j job, steps []step) *block {
	b := new(block)
	if old := f.block(j.at); old != nil {
		b.base = old.base
	}
	p.window(Window{X: j.at.x, Y: j.at.y, W: 1, H: 1, Zoom: blockZoom}.at(BaseZoom), b.base[:])
	for _, i := range j.steps {
		p.hazard(steps[i].hazard, steps[i].sign)
	}
	if !b.pool(&f.cuts) {
		return nil
	}
	return b
}

// put sets blocks in regions that are the field's own copies, and pools them.
func (f *Field) put(jobs []job, made []*block) {
	own := map[place]*region{}
	for i, j := range jobs {
		at := place{j.at.x / regionSide, j.at.y / regionSide}
		g := own[at]
		if g == nil {
			g = new(region)
			if old := f.regions[at]; old != nil {
				g.blocks = old.blocks
			}
			own[at] = g
		}
		g.blocks[j.at.y%regionSide*regionSide+j.at.x%regionSide] = made[i]
	}
	for at, g := range own {
		if g.pool() {
			f.regions[at] = g
		} else {
			delete(f.regions, at)
		}
	}
}

// Pool reads a window of cells of zoom 11 to BaseZoom, row by row from the
// north-west; base cells are counted by the cuts in service. Cells outside the
// world have no risk and only level 0. Any other zoom panics.
func (f *Field) Pool(w Window) []Pooled { return f.PoolBy(w, InService) }

// PoolBy is Pool with base cells counted by the cuts of the criterion.
func (f *Field) PoolBy(w Window, c Criterion) []Pooled {
	checkPoolZoom(w.Zoom)
	out := make([]Pooled, w.W*w.H)
	var g *region // the region of the cell before
	at := place{-1, -1}
	k := w.Zoom - regionZoom
	for i := range out {
		x, y := w.X+i%w.W, w.Y+i/w.W
		if here := (place{x >> k, y >> k}); here != at {
			at, g = here, f.regions[here]
		}
		if g != nil {
			out[i] = g.pooled(x, y, w.Zoom, c, &f.cuts[c])
		}
		out[i].rest(w.Zoom)
	}
	return out
}

func checkPoolZoom(zoom uint8) {
	if zoom < regionZoom || zoom > BaseZoom {
		panic("riskgrid: cells are pooled at zoom 11 to 20")
	}
}
