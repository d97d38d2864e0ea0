package riskgrid

import (
	"iter"
	"reflect"
	"unsafe"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Part is the loss that the active sources of one class cause in one region by
// one kind of accident on one basis.
type Part struct {
	Class   data.Class
	Region  Region
	Outcome data.Outcome
	Basis   data.Basis
	Loss    Loss
}

// Parts gives the parts of the loss that the filter's sources cause, in no order.
// They sum to the filter's loss exactly. It costs one look at each class.
func (t *Totals) Parts(f data.Filter) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for class, c := range t.classes {
			if !f.MatchClass(class) {
				continue
			}
			for i := range c.parts {
				p := &c.parts[i]
				if !yield(Part{class, p.region, p.outcome, p.basis, p.loss}) {
					return
				}
			}
		}
	}
}

// Loss is the loss that the filter's sources cause.
func (t *Totals) Loss(f data.Filter) Loss {
	var sum Loss
	for p := range t.Parts(f) {
		sum = sum.Plus(p.Loss)
	}
	return sum
}

// Kinds gives, for each class of the filter, how many active sources have which
// kinds of accident, in no order.
func (t *Totals) Kinds(f data.Filter) iter.Seq2[data.Class, map[Accidents]int] {
	return func(yield func(data.Class, map[Accidents]int) bool) {
		for class, c := range t.classes {
			if f.MatchClass(class) && !yield(class, c.kinds) {
				return
			}
		}
	}
}

// Grid reports whether people are known by where they live. If not, losses are by
// the sources' own exposure.
func (t *Totals) Grid() bool { return t.land.People != nil }

// People is everybody on the grid; 0 without one.
func (t *Totals) People() Headcount { return t.land.People.Total() }

// Land is what the totals are made on.
func (t *Totals) Land() Land { return t.land }

// Silent is the number of active sources of the filter that do not say whom they
// expose.
func (t *Totals) Silent(f data.Filter) int {
	n := 0
	for class, c := range t.classes {
		if f.MatchClass(class) {
			n += c.silent
		}
	}
	return n
}

// Expected is what one scenario costs.
type Expected struct {
	Scenario int     // its position in the source's list
	PerYear  float64 // its frequency, 1/yr; per kilometre: of the whole line
	Deaths   float64 // expected in one such accident
	Loss     Loss    // per year
}

// Expected appends what each scenario of an active source costs.
func (t *Totals) Expected(dst []Expected, h *data.Hazard) []Expected {
	for i := range h.Scenarios {
		dst = append(dst, Expected{Scenario: i, PerYear: perYear(h, &h.Scenarios[i])})
	}
	out := dst[len(dst)-len(h.Scenarios):]
	for _, l := range t.sources[shardOf(h.ID)][h.ID] {
		out[l.scenario].Loss = out[l.scenario].Loss.Plus(l.loss)
	}
	for i := range out {
		// In units of Risk, so that whole people come out whole.
		if f := fixed(out[i].PerYear * perUnit); f > 0 {
			out[i].Deaths = out[i].Loss.units() / float64(f) / perPerson
		}
	}
	return dst
}

// Of gives the parts of one active source's loss, by scenario and region.
func (t *Totals) Of(h *data.Hazard) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for _, l := range t.sources[shardOf(h.ID)][h.ID] {
			s := &h.Scenarios[l.scenario]
			if !yield(Part{h.Class, l.region, s.Outcome, s.Basis, l.loss}) {
				return
			}
		}
	}
}

// Cells is the loss on each cell of a window of BaseZoom or coarser, row by row
// from the north-west, that all sources cause; nil where people are not known. A
// coarser cell's is the sum of its base cells'.
func (t *Totals) Cells(w Window) []Loss {
	if t.land.People == nil {
		return nil
	}
	return t.gather(w, func(at place) *[blockCells]Risk { return t.cells[at] })
}

// CellsOf is the same for some sources: reaching gives those whose extent meets a
// bound. It superposes them base cell by base cell, on all cores.
func (t *Totals) CellsOf(w Window, reaching func(orb.Bound) iter.Seq[*data.Hazard]) []Loss {
	base := w.at(BaseZoom).inside()
	if t.land.People == nil || base.W <= 0 || base.H <= 0 {
		return t.Cells(w)
	}
	var steps []step
	for h := range reaching(base.Bound()) {
		if h.Status == data.Active {
			steps = append(steps, step{h, 1})
		}
	}
	alone := &Totals{land: Land{People: t.land.People}, cells: map[place]*[blockCells]Risk{}}
	c := &changes{steps: steps, owner: make([]int, len(steps)), moves: make([]move, 1)}
	c.assess(alone, deal(steps, base.under(blockZoom)))
	return alone.Cells(w)
}

func (t *Totals) gather(w Window, risk func(place) *[blockCells]Risk) []Loss {
	if w.Zoom > BaseZoom {
		panic("riskgrid: people live on cells of zoom 20")
	}
	out := make([]Loss, max(0, w.W*w.H))
	base, k := w.at(BaseZoom).inside(), BaseZoom-w.Zoom
	for y := base.Y; y < base.Y+base.H; y++ {
		row := out[(y>>k-w.Y)*w.W:][:w.W]
		run{y, base.X, base.X + base.W}.eachBlock(func(at place, from, n int) {
			cells, people := risk(at), t.land.People.blocks[at]
			if cells == nil || people == nil {
				return
			}
			x := at.x<<blockShift + from&(blockSide-1)
			for i := range n {
				if r, who := cells[from+i], people[from+i]; r != 0 && who != 0 {
					c := &row[(x+i)>>k-w.X]
					*c = c.Plus(lossOf(r, Headcount(who)))
				}
			}
		})
	}
	return out
}

// OwnBytes is about how much memory the totals take beside those that they were
// made from by Apply.
func (t *Totals) OwnBytes(base *Totals) int64 {
	var n int64
	for at, b := range t.cells {
		if base.cells[at] != b {
			n += int64(unsafe.Sizeof(*b))
		}
	}
	for i, s := range t.sources {
		if len(s) > 0 && !sameMap(s, base.sources[i]) {
			n += int64(len(s)) * lossBytes
		}
	}
	for class, c := range t.classes {
		if base.classes[class] != c {
			n += int64(len(c.parts)) * int64(unsafe.Sizeof(part{}))
		}
	}
	const entry = 48 // of a map, about
	return n + int64(len(t.cells)+len(t.classes))*entry + int64(unsafe.Sizeof(*t.sources))
}

// lossBytes is about what one source's losses take.
const lossBytes = 128

// sameMap reports whether two maps are one.
func sameMap(a, b map[data.ID][]loss) bool {
	return reflect.ValueOf(a).UnsafePointer() == reflect.ValueOf(b).UnsafePointer()
}
