package index

import (
	"math"
	"sync/atomic"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// reachSide is how many cells the ground of the districts has in each direction.
const reachSide = 256

// reachCells remembers of small cells how far off the nearest border is: most
// hazards reach no border, and so only the districts that hold their cell. Cells
// are found out when first asked for; any number of goroutines may ask.
type reachCells struct {
	bound orb.Bound
	cells []atomic.Pointer[reachCell]
}

// reachCell is one cell.
type reachCell struct {
	middle orb.Point
	clear  float64 // metres from its middle in which there is no border
	holds  []int   // units that hold the middle
}

func newReachCells(bound orb.Bound) reachCells {
	return reachCells{bound: bound, cells: make([]atomic.Pointer[reachCell], reachSide*reachSide)}
}

// cell is that of a place; nil outside of the districts' ground.
func (u *unitSet) cell(p orb.Point, odd []bool) *reachCell {
	b := &u.cells.bound
	if len(u.cells.cells) == 0 || !b.Contains(p) {
		return nil
	}
	var at [2]int
	var middle orb.Point
	for axis := range at {
		size := (b.Max[axis] - b.Min[axis]) / reachSide
		at[axis] = min(int((p[axis]-b.Min[axis])/size), reachSide-1)
		middle[axis] = b.Min[axis] + (float64(at[axis])+0.5)*size
	}
	place := &u.cells.cells[at[1]*reachSide+at[0]]
	if c := place.Load(); c != nil {
		return c
	}
	c := &reachCell{middle: middle}
	u.borders.Nearby(func(lo, hi [2]float64, _ border, _ bool) float64 { return boxFloor(middle, lo, hi) },
		func(_, _ [2]float64, _ border, floor float64) bool {
			c.clear = floor
			return false
		})
	if c.clear > 0 {
		hit := make([]bool, len(u.units))
		u.holding(middle, hit, odd)
		for i, in := range hit {
			if in {
				c.holds = append(c.holds, i)
			}
		}
	}
	place.Store(c)
	return c
}

// clearOf gives the units that hold the ground in the box, when none of their
// borders lies within the metres of it.
func (u *unitSet) clearOf(b orb.Bound, metres float64, odd []bool) (holds []int, ok bool) {
	c := u.cell(b.Center(), odd)
	if c == nil {
		return nil, false
	}
	// From the middle to the farthest place of the shape and on. Distances are
	// not a metric to the last millimetre.
	far := 0.0
	for _, p := range [4]orb.Point{b.Min, {b.Min[0], b.Max[1]}, b.Max, {b.Max[0], b.Min[1]}} {
		far = max(far, data.Distance(c.middle, p))
		if b.Min == b.Max {
			break
		}
	}
	return c.holds, math.IsInf(c.clear, 0) || c.clear > (far+metres)*1.001+1
}
