package riskgrid

import (
	"cmp"
	"context"
	"maps"
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
	c := &changes{moves: make([]move, 0, len(swaps)), steps: make([]step, 0, len(swaps)), owner: make([]int, 0, len(swaps))}
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

// assess paints the steps where people live: it sets the moves' losses and gives
// the cells of the next ledger, f being its field. The error is the context's.
func (c *changes) assess(ctx context.Context, land *Land, base *ledger, f *Field, cores int) (map[place]*extras, error) {
	made, tolls := c.cells(ctx, land, base, f, deal(c.steps, Window{W: 1 << blockZoom, H: 1 << blockZoom, Zoom: blockZoom}, cores), cores)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.share(tolls)
	return made, nil
}

// cells paints the jobs' blocks where people live. What it gives when the context
// ends is incomplete.
func (c *changes) cells(ctx context.Context, land *Land, base *ledger, f *Field, jobs []job, cores int) (map[place]*extras, [][]toll) {
	jobs = slices.DeleteFunc(jobs, func(j job) bool { return land.People.blocks[j.at] == nil })
	made := make([]*extras, len(jobs))
	var tolls [][]toll
	merge := newMerge()
	onCores(cores, len(jobs), func() (func(int), func()) {
		q := newAssessor(land)
		return func(i int) {
				if ctx.Err() == nil {
					made[i] = q.block(jobs[i], c.steps, base.borne(jobs[i].at), f.block(jobs[i].at))
				}
			}, func() {
				merge(func() { tolls = append(tolls, q.tolls) })
			}
	})
	out := maps.Clone(base.cells)
	if out == nil {
		out = map[place]*extras{}
	}
	for i, j := range jobs {
		if made[i] == nil {
			delete(out, j.at)
		} else {
			out[j.at] = made[i]
		}
	}
	return out, tolls
}

// share gives each move the losses of its steps: what a scenario costs in a region,
// summed over the blocks, by scenario and region.
func (c *changes) share(tolls [][]toll) {
	ends := make([]uint32, len(c.steps)+1) // by step: where its losses end, once they are all there
	for _, ts := range tolls {
		for i := range ts {
			ends[ts[i].step+1]++
		}
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	all := make([]loss, ends[len(ends)-1])
	for _, ts := range tolls {
		for i := range ts {
			all[ends[ts[i].step]] = ts[i].loss
			ends[ts[i].step]++
		}
	}
	from := uint32(0)
	for i, to := range ends[:len(c.steps)] {
		if from < to {
			c.moves[c.owner[i]].losses = joined(all[from:to:to])
		}
		from = to
	}
}

// joined puts losses in order and sums those of one scenario and region, in place.
func joined(losses []loss) []loss {
	slices.SortFunc(losses, func(a, b loss) int {
		return cmp.Or(cmp.Compare(a.scenario, b.scenario), cmp.Compare(a.region, b.region))
	})
	out := losses[:1]
	for _, l := range losses[1:] {
		if last := &out[len(out)-1]; last.scenario == l.scenario && last.region == l.region {
			last.loss = last.loss.Plus(l.loss)
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
				m.losses = append(m.losses, loss{scenario: uint16(j), loss: l})
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
