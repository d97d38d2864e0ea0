package riskgrid

import (
	"cmp"
	"math"
	"slices"

	"riskatlas/data"
)

// changes is what swaps do to totals.
type changes struct {
	moves []move
	steps []step // what is painted; of a swap the old one first
	owner []int  // by step: its move
}

// move is one swap that changes anything.
type move struct {
	old, new *data.Hazard // nil: none, or not active
	moved    bool         // another class, the same risk: losses stay
	losses   []loss       // of new, unless moved
}

func newChanges(swaps []Swap, grid bool) *changes {
	c := &changes{}
	for _, s := range swaps {
		m := move{old: atWork(s.Old), new: atWork(s.New)}
		if m.old == nil && m.new == nil {
			continue
		}
		if m.old != nil && m.new != nil && m.old.ID == m.new.ID && m.old.Digest(data.LayerRisk) == m.new.Digest(data.LayerRisk) {
			m.moved = grid || m.old.Exposed == m.new.Exposed && m.old.Districts == m.new.Districts
			if m.old.Class == m.new.Class && m.old.Exposed == m.new.Exposed {
				continue // another name
			}
		}
		c.moves = append(c.moves, m)
		if m.moved {
			continue
		}
		if m.old != nil {
			c.steps, c.owner = append(c.steps, step{m.old, -1}), append(c.owner, len(c.moves)-1)
		}
		if m.new != nil {
			c.steps, c.owner = append(c.steps, step{m.new, 1}), append(c.owner, len(c.moves)-1)
		}
	}
	return c
}

func atWork(h *data.Hazard) *data.Hazard {
	if h == nil || h.Status != data.Active {
		return nil
	}
	return h
}

// toll is what one scenario of a step costs in one region of one block.
type toll struct {
	step uint32
	loss
}

// assess paints the steps where people live: it sets the moves' losses and the
// cells of out.
func (c *changes) assess(out *Totals, jobs []job) {
	jobs = slices.DeleteFunc(jobs, func(j job) bool { return out.land.People.blocks[j.at] == nil })
	made := make([]*[blockCells]Risk, len(jobs))
	var tolls []toll
	merge := newMerge()
	inParallel(len(jobs), func() (func(int), func()) {
		q := newAssessor(&out.land)
		return func(i int) { made[i] = q.block(jobs[i], c.steps, out.cells[jobs[i].at]) },
			func() { merge(func() { tolls = append(tolls, q.tolls...) }) }
	})
	for i, j := range jobs {
		if made[i] == nil {
			delete(out.cells, j.at)
		} else {
			out.cells[j.at] = made[i]
		}
	}
	slices.SortFunc(tolls, func(a, b toll) int {
		return cmp.Or(cmp.Compare(a.step, b.step), cmp.Compare(a.scenario, b.scenario),
			slices.CompareFunc(a.region[:], b.region[:], cmp.Compare[data.District]))
	})
	for from := 0; from < len(tolls); {
		to := from
		for to < len(tolls) && tolls[to].step == tolls[from].step {
			to++
		}
		c.moves[c.owner[tolls[from].step]].losses = joined(tolls[from:to])
		from = to
	}
}

// joined sums what a scenario costs in a region over the blocks.
func joined(tolls []toll) []loss {
	n := 0
	for i := range tolls {
		if i == 0 || tolls[i].scenario != tolls[i-1].scenario || tolls[i].region != tolls[i-1].region {
			n++
		}
	}
	out := make([]loss, 0, n)
	for i := range tolls {
		l := tolls[i].loss
		if last := len(out) - 1; last >= 0 && out[last].scenario == l.scenario && out[last].region == l.region {
			out[last].loss = out[last].loss.Plus(l.loss)
			continue
		}
		out = append(out, l)
	}
	return out
}

// ask takes the losses of the moves from what the sources say of themselves.
func (c *changes) ask() {
	for i := range c.moves {
		m := &c.moves[i]
		if m.new == nil || m.moved || !m.new.Exposed.Known {
			continue
		}
		for j := range m.new.Scenarios {
			s := &m.new.Scenarios[j]
			n := Headcount(math.RoundToEven(m.new.Exposed.Mean() * worst(s.Footprint) * perPerson))
			if l := lossOf(fixed(perYear(m.new, s)*perUnit), n); !l.IsZero() {
				m.losses = append(m.losses, loss{uint16(j), Region(m.new.Districts), l})
			}
		}
	}
}

// perYear is a scenario's whole frequency, 1/yr.
func perYear(h *data.Hazard, s *data.Scenario) float64 {
	if s.Per == data.PerKm {
		return s.PerYear * data.LengthMetres(h.Shape) / 1000
	}
	return s.PerYear
}

// worst is the greatest lethality of a footprint.
func worst(f *data.Footprint) float64 {
	most := f.V0
	switch f.Kind {
	case data.Table, data.Polar:
		most = slices.Max(f.Lethality)
	case data.Zone:
		most = 0
		for i := range f.Zones {
			most = max(most, f.Zones[i].Lethality)
		}
	}
	return most
}
