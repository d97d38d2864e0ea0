package riskgrid

import (
	"context"
	"iter"
	"runtime"

	"riskatlas/data"
)

// Totals is what the city's risk comes to in one revision: the ground by level,
// and the loss by class of source, ground and kind of accident, that of every
// source and of every cell where people live. It belongs to one Field and is
// immutable: Apply gives that of the next revision, equal to the bit to one made
// anew. Safe for any number of readers.
//
// The ground is there at once. Losses take as long as a field does: they are made
// when they are first waited for (Wait) or asked for, once, by whoever comes
// first; the others wait for him. Nobody sees a part of them.
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
	ground  []Tally     // by region's number; [0] of each is what moved from there
	settled []Headcount // people by region's number
	losses  *losses
}

// NewTotals makes the totals of a field and of the hazards that it was made of:
// the ground on all cores, the losses when they are wanted.
func NewTotals(land Land, f *Field, hazards iter.Seq[*data.Hazard]) *Totals {
	t := &Totals{land: land, field: &Field{}}
	t.settle()
	t.ground = t.retally(f)
	t.field = f
	var swaps []Swap
	for h := range hazards {
		if h.Status == data.Active {
			swaps = append(swaps, Swap{New: h})
		}
	}
	t.losses = newLosses(&recipe{field: f, swaps: swaps})
	return t
}

// Apply gives the totals after the swaps; f is the field after them. An Old must
// be one that the totals hold. It costs what the changed ground does: the next
// losses will follow from the last ones, whether these are there yet or not.
// Changes of people, districts or cuts need NewTotals.
func (t *Totals) Apply(f *Field, swaps ...Swap) *Totals {
	out := *t
	out.ground = t.retally(f)
	out.field = f
	out.losses = newLosses(&recipe{from: t.losses, field: f, swaps: swaps})
	return &out
}

// Ready reports whether the losses are there, so that no question waits.
func (t *Totals) Ready() bool { return t.losses.made() != nil }

// Wait returns when the losses are there; it makes them, on all cores, when nobody
// else does. The error is the context's: somebody else may go on meanwhile, and
// what nobody finished is begun anew.
func (t *Totals) Wait(ctx context.Context) error {
	_, err := t.losses.wait(ctx, &t.land, runtime.GOMAXPROCS(0))
	return err
}

// Follow is Wait for one who has time: losses that follow from earlier ones are
// made on one core, so that readers keep the others.
func (t *Totals) Follow(ctx context.Context) error {
	_, err := t.losses.wait(ctx, &t.land, 1)
	return err
}

// Follows reports whether the losses follow from earlier ones.
func (t *Totals) Follows() bool { return t.losses.state.Load().from != nil }

// book is the losses, made or waited for where they are not there yet.
func (t *Totals) book() *ledger {
	l, _ := t.losses.wait(context.Background(), &t.land, runtime.GOMAXPROCS(0))
	return l
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
		for i := range blockCells {
			t.settled[d.at(i)] += b.at(i)
		}
	}
}
