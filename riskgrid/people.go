package riskgrid

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// People is who lives where, by base cell. Immutable; safe for any number of
// readers.
type People struct {
	blocks map[place]*[blockCells]uint32 // units of Headcount
	total  Headcount
}

// mostInCell is the most people that a base cell holds: 429 496.
const mostInCell = math.MaxUint32

// NewPeople spreads the people of the units, Props[data.PeopleProp] of each,
// evenly over the base cells whose centre lies in the unit's polygon; if there is
// none, all live in the cell of its label point, as those of a point do. Numbers
// are kept to 1e-4 person: rounding is by largest remainder, first between the
// units, so that their sum is the city's, and then between a unit's cells. No
// units: nil. The error is a *data.Invalid that names the unit.
func NewPeople(units []data.Unit) (*People, error) {
	if len(units) == 0 {
		return nil, nil
	}
	numbers, err := headcounts(units)
	if err != nil {
		return nil, err
	}
	p := &People{blocks: map[place]*[blockCells]uint32{}}
	for i := range units {
		if err := p.settle(units[i].Shape, numbers[i]); err != nil {
			return nil, fmt.Errorf("people of unit %s: %w", units[i].Code, err)
		}
		p.total += numbers[i]
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
	return Headcount(b[int(c.Y)&(blockSide-1)<<blockShift+int(c.X)&(blockSide-1)])
}

// settle spreads n over the shape's cells. Of equal remainders those are rounded
// up that lie evenly among the cells.
func (p *People) settle(shape orb.Geometry, n Headcount) error {
	if n == 0 {
		return nil
	}
	runs := runsOf(areaPolygons(shape))
	cells := 0
	for _, r := range runs {
		cells += r.x1 - r.x0
	}
	if cells == 0 {
		c := CellAt(data.LabelPoint(shape), BaseZoom)
		runs, cells = []run{{int(c.Y), int(c.X), int(c.X) + 1}}, 1
	}
	each, rest := int64(n)/int64(cells), int64(n)%int64(cells)
	given, seen := int64(0), int64(0)
	var err error
	for _, r := range runs {
		r.eachBlock(func(at place, from, n int) {
			b := p.blocks[at]
			if b == nil {
				b = new([blockCells]uint32)
				p.blocks[at] = b
			}
			for i := from; i < from+n; i++ {
				seen++
				up := share(rest, seen, int64(cells)) - given
				given += up
				sum := uint64(b[i]) + uint64(each+up)
				if each > mostInCell || sum > mostInCell {
					err = &data.Invalid{Field: data.PeopleProp, Value: fmt.Sprintf("%.0f people in one cell of 33 m", float64(sum)/perPerson),
						Want: fmt.Sprintf("at most %d people in a cell", mostInCell/int(perPerson))}
					return
				}
				b[i] = uint32(sum)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// share is rest·seen/cells, rounded down.
func share(rest, seen, cells int64) int64 {
	if rest == 0 {
		return 0
	}
	if seen <= math.MaxInt64/rest {
		return rest * seen / cells
	}
	v := new(big.Int).Mul(big.NewInt(rest), big.NewInt(seen))
	return v.Quo(v, big.NewInt(cells)).Int64()
}

// headcounts reads the units' numbers. Those that are finer than 1e-4 person are
// rounded by largest remainder, of equal ones the earlier unit's.
func headcounts(units []data.Unit) ([]Headcount, error) {
	out := make([]Headcount, len(units))
	var finer []int
	rests := make([]float64, len(units))
	sum, left := 0.0, 0.0
	for i := range units {
		var err error
		if out[i], rests[i], err = headcount(units[i].Props[data.PeopleProp]); err != nil {
			return nil, fmt.Errorf("people of unit %s: %w", units[i].Code, err)
		}
		sum += float64(out[i])
		if rests[i] > 0 {
			finer = append(finer, i)
			left += rests[i]
		}
	}
	if sum > mostPeople*perPerson {
		return nil, &data.Invalid{Field: data.PeopleProp, Value: fmt.Sprintf("%.0f people in all", sum/perPerson),
			Want: fmt.Sprintf("at most %.0g people", mostPeople)}
	}
	slices.SortStableFunc(finer, func(a, b int) int {
		switch {
		case rests[a] > rests[b]:
			return -1
		case rests[a] < rests[b]:
			return 1
		}
		return 0
	})
	for _, i := range finer[:int(math.RoundToEven(left))] {
		out[i]++
	}
	return out, nil
}

// mostPeople bounds a city, so that losses stay in their range.
const mostPeople = 1e11

// headcount reads a decimal: whole units of Headcount and what is left, 0 to 1.
func headcount(s string) (Headcount, float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= mostPeople) || len(s) > 64 || strings.ContainsAny(s, "xXpP_") {
		return 0, 0, &data.Invalid{Field: data.PeopleProp, Value: s, Want: "a decimal number of people, 0 or more"}
	}
	if v == 0 {
		return 0, 0, nil
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, 0, &data.Invalid{Field: data.PeopleProp, Value: s, Want: "a decimal number of people, 0 or more"}
	}
	r.Mul(r, big.NewRat(perPerson, 1))
	whole := new(big.Int).Quo(r.Num(), r.Denom())
	rest, _ := r.Sub(r, new(big.Rat).SetInt(whole)).Float64()
	return Headcount(whole.Int64()), rest, nil
}
