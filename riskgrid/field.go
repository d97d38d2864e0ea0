package riskgrid

import (
	"iter"
	"maps"
	"runtime"

	"riskatlas/data"
)

// Field is the grid of a set of hazards at BaseZoom with its pyramid: the city's,
// or what a Selection gives of it. Immutable: Apply gives a new one that shares
// what did not change. Ground without risk takes no memory: a field holds plots
// of 8 × 8 base cells, about 270 bytes and 50 of pooled cells each, where there is
// any, in blocks of 64 × 64 (one z14 tile). Safe for any number of readers.
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
	steps, prints := stepsOf(swaps)
	if len(steps) == 0 && f.regions != nil {
		return f
	}
	world := Window{W: 1 << blockZoom, H: 1 << blockZoom, Zoom: blockZoom}
	jobs := deal(steps, world, runtime.GOMAXPROCS(0))
	made := make([]*block, len(jobs))
	inParallel(len(jobs), func() (func(int), func()) {
		m := masons.Get().(*mason)
		return func(i int) { made[i] = f.rebuild(m, jobs[i], steps, prints) }, func() { masons.Put(m) }
	})
	out := &Field{cuts: f.cuts, regions: maps.Clone(f.regions)}
	if out.regions == nil {
		out.regions = map[place]*region{}
	}
	out.put(jobs, made)
	return out
}

// stepsOf gives what swaps paint, with what each step adds to a block's print. A
// hazard of another class but the same risk is a step that paints nothing.
func stepsOf(swaps []Swap) (steps []step, prints []uint64) {
	steps, prints = make([]step, 0, len(swaps)), make([]uint64, 0, len(swaps))
	for _, s := range swaps {
		old, next := atWork(s.Old), atWork(s.New)
		if old != nil && next != nil && old.Digest(data.LayerRisk) == next.Digest(data.LayerRisk) {
			if old.Class != next.Class { // else another name
				steps, prints = append(steps, step{next, 0}), append(prints, printOf(next)-printOf(old))
			}
			continue
		}
		if old != nil {
			steps, prints = append(steps, step{old, -1}), append(prints, -printOf(old))
		}
		if next != nil {
			steps, prints = append(steps, step{next, 1}), append(prints, printOf(next))
		}
	}
	return steps, prints
}

// printOf is a hash of a hazard's risk and class, by which blocks know whether
// they were made of the same hazards.
func printOf(h *data.Hazard) uint64 {
	d := &h.Districts
	class := uint64(d[0]) | uint64(d[1])<<16 | uint64(d[2])<<32 | uint64(d[3])<<48
	return scramble(scramble(h.Digest(data.LayerRisk)^uint64(h.Industry)<<8^uint64(h.Level)) + class)
}

// scramble is a step of SplitMix64 (Steele, Lea, Flood 2014).
func scramble(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// rebuild gives a block after the job's steps, nil when nothing is left on it.
func (f *Field) rebuild(m *mason, j job, steps []step, prints []uint64) *block {
	old := f.block(j.at)
	print, paints := uint64(0), false
	if old != nil {
		print = old.print
	}
	for _, i := range j.steps {
		print += prints[i]
		paints = paints || steps[i].sign != 0
	}
	switch {
	case old == nil:
		clear(m.ground[:])
	case !paints:
		same := *old
		same.print = print
		return &same
	default:
		old.unpack(&m.ground)
	}
	m.paint(j, steps)
	return m.block(print, &f.cuts)
}

// paint adds the job's steps to the ground of their block.
func (m *mason) paint(j job, steps []step) {
	m.window(Window{X: j.at.x, Y: j.at.y, W: 1, H: 1, Zoom: blockZoom}.at(BaseZoom), m.ground[:])
	for _, i := range j.steps {
		if s := &steps[i]; s.sign != 0 {
			m.add(s.hazard, s.sign)
		}
	}
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
