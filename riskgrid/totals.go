package riskgrid

import (
	"iter"
	"maps"

	"riskatlas/data"
)

// Totals is what the city's risk comes to in one revision: the loss by class of
// source, ground and kind of accident, that of every source and of every cell
// where people live, and the ground by level. It belongs to one Field and is
// immutable: Apply gives that of the next revision, equal to the bit to one made
// anew. Safe for any number of readers.
//
// Loss (potential loss of life, PLL) is the sum over base cells of people times
// the risk at the cell's centre as a place, without the cell rule, so that what
// sources put on the ground and what cells bear are one sum. A scenario whose
// reach is under 33 m would fall between centres: it spreads its own integral
// over the cells that it meets (spill).
//
// Where nobody knows where people live, the loss of a scenario is its frequency
// (per kilometre: times the line's length) times the people that its source
// exposes by its own record times the footprint's greatest lethality, and counts
// in the source's own districts.
type Totals struct {
	land    Land
	field   *Field
	ground  []Tally                     // by region's number; [0] of each is what moved from there
	settled []Headcount                 // people by region's number
	cells   map[place]*[blockCells]Risk // risk at the centres, where people live and there is any
	sources *[shards]map[data.ID][]loss
	classes map[data.Class]*classSum
}

// loss is what one scenario costs in one region.
type loss struct {
	scenario uint16
	region   Region
	loss     Loss
}

// NewTotals makes the totals of a field and of the hazards that it was made of,
// on all cores.
func NewTotals(land Land, f *Field, hazards iter.Seq[*data.Hazard]) *Totals {
	t := &Totals{land: land, field: &Field{}, sources: new([shards]map[data.ID][]loss)}
	t.settle()
	var swaps []Swap
	for h := range hazards {
		swaps = append(swaps, Swap{New: h})
	}
	return t.Apply(f, swaps...)
}

// Apply gives the totals after the swaps, on all cores; f is the field after
// them. An Old must be one that the totals hold. Changes of people, districts or
// cuts need NewTotals.
func (t *Totals) Apply(f *Field, swaps ...Swap) *Totals {
	out := *t
	out.field = f
	c := newChanges(swaps, t.land.People != nil)
	if len(c.moves) == 0 {
		return &out
	}
	out.cells = maps.Clone(t.cells)
	if out.cells == nil {
		out.cells = map[place]*[blockCells]Risk{}
	}
	jobs := deal(c.steps, Window{W: 1 << blockZoom, H: 1 << blockZoom, Zoom: blockZoom})
	out.ground = t.retally(f, jobs)
	if t.land.People != nil {
		c.assess(&out, jobs)
	} else {
		c.ask()
	}
	out.book(c)
	return &out
}

// settle counts the people of each region.
func (t *Totals) settle() {
	n := t.land.Regions.numbers()
	t.ground, t.settled = make([]Tally, n), make([]Headcount, n)
	if t.land.People == nil {
		return
	}
	for at, b := range t.land.People.blocks {
		d := t.land.Regions.of(at)
		for i, n := range b {
			if n != 0 {
				t.settled[d.at(i)] += Headcount(n)
			}
		}
	}
}

// retally gives the ground by level after the field's blocks of the jobs have
// changed.
func (t *Totals) retally(f *Field, jobs []job) []Tally {
	type change struct {
		at       place
		old, new *block
	}
	var changed []change
	for _, j := range jobs {
		if o, n := t.field.block(j.at), f.block(j.at); o != n {
			changed = append(changed, change{j.at, o, n})
		}
	}
	if len(changed) == 0 {
		return t.ground
	}
	out := append([]Tally(nil), t.ground...)
	merge := newMerge()
	inParallel(len(changed), func() (func(int), func()) {
		own := make([]Tally, len(out))
		return func(i int) {
				c := changed[i]
				t.land.tally(c.at, c.old, own, -1)
				t.land.tally(c.at, c.new, own, 1)
			}, func() {
				merge(func() {
					for i := range own {
						out[i].take(&own[i], 1)
					}
				})
			}
	})
	return out
}
