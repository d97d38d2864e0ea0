package riskgrid

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// plainWindow is window without the cell rule: a cell's value is that of its
// centre as a place.
func (p *painter) plainWindow(w Window, dst []Risk) {
	p.window(w, dst)
	p.g.lift = false
}

// bearer paints what places bear, scenario by scenario, on windows of base cells.
type bearer struct {
	painter
	sub     painter             // places of scenarios that spill
	kernel  kernel              // of points that spill
	ring    [5]orb.Point        // their cell
	closest []edge              // of a shape that spills, to one cell
	areas   orb.MultiPolygon    // its ground
	people  *[blockCells]uint32 // cells where nobody lives may be left out; nil: none
	lived   *[blockSide]uint64  // by row: where somebody does; nil: nobody asks
	w       Window
	scratch [blockCells]Risk // of one scenario; 0 between scenarios
}

// on makes a window of at most a block's cells what is painted.
func (q *bearer) on(w Window) {
	q.w = w
	q.plainWindow(w, q.scratch[:w.W*w.H])
}

// each calls do for every scenario of an active hazard with the cells that it may
// reach, if anybody lives there; what it puts on them stands in q.scratch until do returns.
func (q *bearer) each(h *data.Hazard, do func(scenario int, s span)) {
	if !q.reached(h) || q.nobody(q.g.clip(h.Extent())) {
		return
	}
	var shared span // of those by distance to a shape, which share one search
	reach, polar := -1.0, false
	if _, point := h.Shape.(orb.Point); !point {
		for i := range h.Scenarios {
			if s := &h.Scenarios[i]; byDistance(s) && !spills(h, s) {
				reach, polar = max(reach, s.Footprint.Reach()), polar || s.Footprint.Kind == data.Polar
			}
		}
	}
	if reach >= 0 {
		shared = q.measure(h.Shape, reach, polar)
		for i := range h.Scenarios {
			if s := &h.Scenarios[i]; byDistance(s) && !spills(h, s) && !shared.empty() {
				q.apply(shared, s.Footprint, s.PerYear*perUnit)
				do(i, shared)
				q.wipe(shared)
			}
		}
	}
	for i := range h.Scenarios {
		s := &h.Scenarios[i]
		if reach >= 0 && byDistance(s) && !spills(h, s) {
			continue
		}
		cells := q.g.clip(reachOf(h, s))
		if cells.empty() || q.nobody(cells) {
			continue
		}
		if spills(h, s) {
			q.spill(h, s, cells)
		} else {
			q.scenario(h, i, 1)
		}
		do(i, cells)
		q.wipe(cells)
	}
}

// nobody reports whether nobody lives on the cells of the span, so that what they
// bear is not asked for.
func (q *bearer) nobody(s span) bool {
	if q.lived == nil {
		return false
	}
	columns := ^uint64(0) >> (blockSide - (s.c1 - s.c0)) << s.c0
	for r := s.r0; r < s.r1; r++ {
		if q.lived[r]&columns != 0 {
			return false
		}
	}
	return true
}

// reachOf is a box that holds all that a scenario reaches.
func reachOf(h *data.Hazard, s *data.Scenario) orb.Bound {
	if s.Footprint.Kind == data.Zone {
		return h.Extent()
	}
	return data.PadMetres(h.Bound(), s.Footprint.Reach())
}

func (q *bearer) wipe(s span) {
	for r := s.r0; r < s.r1; r++ {
		clear(q.scratch[r*q.g.w+s.c0 : r*q.g.w+s.c1])
	}
}

// assessor is one worker of ledger.after.
type assessor struct {
	bearer
	land   *Land
	zones  *division
	lives  [blockCells]uint32 // people
	homes  [blockSide]uint64  // by row: where there are any
	cells  [blockCells]Risk   // at the centres
	field  [blockCells]Risk   // after the steps
	values []Risk             // of extras
	tolls  []toll
	sums   []Loss   // by region's number
	seen   []uint16 // those that are not 0
}

func newAssessor(l *Land) *assessor {
	q := &assessor{land: l, sums: make([]Loss, l.Regions.numbers())}
	q.people, q.lived = &q.lives, &q.homes
	return q
}

// block gives what the risk at the centres of a block's cells exceeds b by, the
// field after the job's steps, where it was as old before them; nil where nothing
// does. It keeps the tolls of the steps that come in.
func (q *assessor) block(j job, steps []step, old borne, b *block) *extras {
	q.land.People.blocks[j.at].spread(&q.lives)
	for y := range q.homes {
		q.homes[y] = 0
		for x, n := range q.lives[y<<blockShift:][:blockSide] {
			if n != 0 {
				q.homes[y] |= 1 << x
			}
		}
	}
	q.zones = q.land.Regions.of(j.at)
	old.unpack(&q.cells)
	borne{base: b}.unpack(&q.field)
	q.on(Window{X: j.at.x, Y: j.at.y, W: 1, H: 1, Zoom: blockZoom}.at(BaseZoom))
	for _, i := range j.steps {
		s := steps[i]
		q.each(s.hazard, func(scenario int, cells span) {
			if s.sign < 0 {
				q.subtract(cells)
				return
			}
			q.add(cells)
			for _, number := range q.seen {
				q.tolls = append(q.tolls, toll{i, loss{uint16(scenario), number, q.sums[number]}})
				q.sums[number] = Loss{}
			}
			q.seen = q.seen[:0]
		})
	}
	var e *extras
	e, q.values = newExtras(&q.cells, &q.field, &q.lives, q.values)
	return e
}

func (q *assessor) subtract(s span) {
	for r := s.r0; r < s.r1; r++ {
		for i := r<<blockShift + s.c0; i < r<<blockShift+s.c1; i++ {
			q.cells[i] -= q.scratch[i]
		}
	}
}

// add adds the scenario to the cells and sums its loss where people live.
func (q *assessor) add(s span) {
	var sum Loss
	number := q.zones.at(s.r0<<blockShift + s.c0)
	for r := s.r0; r < s.r1; r++ {
		for i := r<<blockShift + s.c0; i < r<<blockShift+s.c1; i++ {
			v, n := q.scratch[i], q.lives[i]
			if v == 0 || n == 0 {
				continue
			}
			q.cells[i] += v
			if here := q.zones.at(i); here != number {
				q.sum(number, sum)
				number, sum = here, Loss{}
			}
			sum = sum.Plus(lossOf(v, Headcount(n)))
		}
	}
	q.sum(number, sum)
}

func (q *assessor) sum(number uint16, l Loss) {
	if l.IsZero() {
		return
	}
	if q.sums[number].IsZero() {
		q.seen = append(q.seen, number)
	}
	q.sums[number] = q.sums[number].Plus(l)
}
