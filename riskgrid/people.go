package riskgrid

import (
	"fmt"
	"slices"

	"riskatlas/data"
)

// People is who lives where, by base cell. Immutable; safe for any number of
// readers.
type People struct {
	blocks map[place]*crowded
	total  Headcount
}

// mostInCell is the most people that a base cell holds: 429 496.
const mostInCell = 1<<32 - 1

// crowded is the people of one block. Cells of one unit hold one number or the
// next one, so that a block has few different ones.
type crowded struct {
	numbers []uint32 // the different ones, as they are met
	which   []uint8  // by cell: the place of its number
	wide    []uint32 // by cell: the number itself, where there are too many different ones
}

// at is how many live in a cell; nobody where there are no people.
func (c *crowded) at(i int) Headcount {
	if c.which == nil {
		return Headcount(c.wide[i])
	}
	return Headcount(c.numbers[c.which[i]])
}

// spread writes the numbers of all cells.
func (c *crowded) spread(into *[blockCells]uint32) {
	if c.which == nil {
		copy(into[:], c.wide)
		return
	}
	for i, w := range c.which {
		into[i] = c.numbers[w]
	}
}

// newCrowded packs the numbers of a block's cells.
func newCrowded(cells *[blockCells]uint32) *crowded {
	const slots = 1024
	var at [slots]uint16 // by a hash of the number: 1 and its place; what is taken is next to it
	numbers, which := make([]uint32, 0, 64), make([]uint8, blockCells)
	for i, n := range cells {
		k := n * 2654435769 >> 22 // the golden ratio, as Knuth's multiplicative hash has it
		for at[k] != 0 && numbers[at[k]-1] != n {
			k = (k + 1) % slots
		}
		if at[k] == 0 {
			if len(numbers) == 256 {
				return &crowded{wide: slices.Clone(cells[:])}
			}
			numbers = append(numbers, n)
			at[k] = uint16(len(numbers))
		}
		which[i] = uint8(at[k] - 1)
	}
	return &crowded{numbers: slices.Clip(numbers), which: which}
}

// NewPeople spreads the people of the units, Props[data.PeopleProp] of each,
// evenly over the base cells whose centre lies in the unit's polygon; if there is
// none, all live in the cell of its label point, as those of a point do. Numbers
// are kept to 1e-4 person: rounding is by largest remainder, first between the
// units, so that their sum is the city's, and then between a unit's cells. No
// units: nil. It works on all cores. The error is a *data.Invalid that names the
// first unit that does not fit.
func NewPeople(units []data.Unit) (*People, error) {
	if len(units) == 0 {
		return nil, nil
	}
	numbers, err := headcounts(units)
	if err != nil {
		return nil, err
	}
	p := &People{blocks: map[place]*crowded{}}
	for _, n := range numbers {
		p.total += n
	}
	if at, err := p.settle(units, numbers); err != nil {
		return nil, fmt.Errorf("people of unit %s: %w", units[at].Code, err)
	}
	return p, nil
}

// Total is everybody.
func (p *People) Total() Headcount {
	if p == nil {
		return 0
	}
	return p.total
}

// At is how many live in a cell of BaseZoom.
func (p *People) At(c Cell) Headcount {
	if p == nil {
		return 0
	}
	b := p.blocks[place{int(c.X) >> blockShift, int(c.Y) >> blockShift}]
	if b == nil {
		return 0
	}
	return b.at(int(c.Y)&(blockSide-1)<<blockShift + int(c.X)&(blockSide-1))
}
