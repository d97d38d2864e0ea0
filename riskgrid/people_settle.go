package riskgrid

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// home is some of a unit's runs of cells, all in one row of blocks.
type home struct {
	unit  int
	runs  []run
	seen  int64 // cells of the unit before them
	cells int64 // of the whole unit
}

// homesOf is where a unit's people live.
func homesOf(unit int, shape orb.Geometry) []home {
	runs := runsOf(areaPolygons(shape))
	cells := int64(0)
	for _, r := range runs {
		cells += int64(r.x1 - r.x0)
	}
	if cells == 0 {
		c := CellAt(data.LabelPoint(shape), BaseZoom)
		runs, cells = []run{{int(c.Y), int(c.X), int(c.X) + 1}}, 1
	}
	var homes []home
	seen := int64(0)
	for from, i := 0, 0; i < len(runs); i++ {
		if runs[i].y>>blockShift != runs[from].y>>blockShift {
			from = i
		}
		if from == i {
			homes = append(homes, home{unit: unit, seen: seen, cells: cells})
		}
		homes[len(homes)-1].runs = runs[from : i+1]
		seen += int64(runs[i].x1 - runs[i].x0)
	}
	return homes
}

// settle spreads the numbers of the units, row of blocks by row of blocks. The
// error is that of the first unit that does not fit.
func (p *People) settle(units []data.Unit, numbers []Headcount) (unit int, err error) {
	homes := make([][]home, len(units))
	inParallel(len(units), func() (func(int), func()) {
		return func(i int) {
			if numbers[i] != 0 {
				homes[i] = homesOf(i, units[i].Shape)
			}
		}, nil
	})
	rows := map[int][]home{} // by row of blocks, then unit
	for _, hs := range homes {
		for _, h := range hs {
			y := h.runs[0].y >> blockShift
			rows[y] = append(rows[y], h)
		}
	}
	order := slices.Sorted(maps.Keys(rows))
	var lock sync.Mutex // of what follows
	row := 0
	inParallel(len(order), func() (func(int), func()) {
		var s settlement
		return func(i int) {
			made, bad, wrong := s.settle(rows[order[i]], numbers)
			lock.Lock()
			defer lock.Unlock()
			if wrong != nil && (err == nil || bad < unit || bad == unit && i < row) {
				unit, row, err = bad, i, wrong
			}
			maps.Copy(p.blocks, made)
		}, nil
	})
	return unit, err
}

// settlement is one worker's room for a row of blocks.
type settlement struct {
	spare []*[blockCells]uint32
	cells map[place]*[blockCells]uint32
}

// settle spreads people over the blocks of a row.
func (s *settlement) settle(homes []home, numbers []Headcount) (made map[place]*crowded, unit int, err error) {
	s.cells = map[place]*[blockCells]uint32{}
	for i := range homes {
		if err := s.home(&homes[i], int64(numbers[homes[i].unit])); err != nil {
			return nil, homes[i].unit, err
		}
	}
	made = make(map[place]*crowded, len(s.cells))
	for at, b := range s.cells {
		if *b != [blockCells]uint32{} {
			made[at] = newCrowded(b)
		}
		s.spare = append(s.spare, b)
	}
	return made, 0, nil
}

// home spreads n over a unit's cells. Of equal remainders those are rounded up
// that lie evenly among the cells: after as many as have been seen, the part of
// the remainder that is due.
func (s *settlement) home(h *home, n int64) error {
	each, rest := uint64(n/h.cells), uint64(n%h.cells)
	hi, lo := bits.Mul64(rest, uint64(h.seen))
	_, due := bits.Div64(hi, lo, uint64(h.cells)) // rest < cells, seen <= cells
	most := uint64(0)
	for _, r := range h.runs {
		r.eachBlock(func(at place, from, n int) {
			b := s.block(at)
			for i := from; i < from+n; i++ {
				sum := uint64(b[i]) + each
				if due += rest; due >= uint64(h.cells) {
					due -= uint64(h.cells)
					sum++
				}
				most = max(most, sum)
				b[i] = uint32(sum)
			}
		})
		if most > mostInCell {
			return &data.Invalid{Field: data.PeopleProp, Value: fmt.Sprintf("%.0f people in one cell of 33 m", float64(most)/perPerson),
				Want: fmt.Sprintf("at most %d people in a cell", mostInCell/int(perPerson))}
		}
	}
	return nil
}

func (s *settlement) block(at place) *[blockCells]uint32 {
	b := s.cells[at]
	if b == nil {
		if last := len(s.spare) - 1; last >= 0 {
			b, s.spare = s.spare[last], s.spare[:last]
			clear(b[:])
		} else {
			b = new([blockCells]uint32)
		}
		s.cells[at] = b
	}
	return b
}
