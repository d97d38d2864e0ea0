package city

import (
	"math"

	"github.com/paulmach/orb"
)

// sure is a raster of a locator's box. A cell that no edge comes near lies in one
// area as a whole, or in none: its points need no search.
type sure struct {
	origin orb.Point
	scale  [2]float64 // cells per degree
	cells  []int16    // 0: ask; 1: none; else 2 and the position of the area
}

const (
	// sureSide is the number of cells along each side: some 500 m in a city of
	// 250 km, in half a megabyte.
	sureSide = 512
	// sureMargin is how near an edge comes to a cell that it does not cross, in
	// cells. It is far more than what is lost in rounding, a part of 1e-12.
	sureMargin = 1e-6

	askThem, inNone, firstArea = 0, 1, 2
)

// newSure rasters the areas; where they are flat or too many there are no cells.
func (l *Locator) newSure() sure {
	s := sure{origin: l.grid.bound.Min}
	for d := range 2 {
		size := l.grid.bound.Max[d] - l.grid.bound.Min[d]
		if !(size > 0) || math.IsInf(size, 0) {
			return s
		}
		s.scale[d] = sureSide / size
	}
	if len(l.areas) > math.MaxInt16-firstArea {
		return s
	}
	crossed := make([]bool, sureSide*sureSide)
	for i := range l.areas {
		for _, ring := range l.areas[i].rings {
			for j := 1; j < len(ring); j++ {
				s.mark(crossed, ring[j-1], ring[j])
			}
		}
	}
	s.cells = make([]int16, sureSide*sureSide)
	for y := range sureSide {
		for x := range sureSide {
			i := y*sureSide + x
			switch {
			case crossed[i]:
			case x > 0 && !crossed[i-1]:
				s.cells[i] = s.cells[i-1] // nothing lies between
			default:
				middle := orb.Point{s.origin[0] + (float64(x)+0.5)/s.scale[0], s.origin[1] + (float64(y)+0.5)/s.scale[1]}
				s.cells[i] = inNone
				if at := l.search(middle); at >= 0 {
					s.cells[i] = int16(firstArea + at)
				}
			}
		}
	}
	return s
}

// mark sets the cells that an edge comes near.
func (s *sure) mark(crossed []bool, from, to orb.Point) {
	a, b := s.place(from), s.place(to)
	if a[1] > b[1] {
		a, b = b, a
	}
	for y := clampCell(a[1] - sureMargin); y <= clampCell(b[1]+sureMargin); y++ {
		// The part of the edge between the row's lower and upper side.
		low, high := 0.0, 1.0
		if rise := b[1] - a[1]; rise > 0 {
			low = math.Max(0, (float64(y)-sureMargin-a[1])/rise)
			high = math.Min(1, (float64(y)+1+sureMargin-a[1])/rise)
		}
		x0, x1 := a[0]+low*(b[0]-a[0]), a[0]+high*(b[0]-a[0])
		for x := clampCell(math.Min(x0, x1) - sureMargin); x <= clampCell(math.Max(x0, x1)+sureMargin); x++ {
			crossed[y*sureSide+x] = true
		}
	}
}

// place is a point in cells.
func (s *sure) place(p orb.Point) orb.Point {
	return orb.Point{(p[0] - s.origin[0]) * s.scale[0], (p[1] - s.origin[1]) * s.scale[1]}
}

func clampCell(v float64) int { return min(max(int(math.Floor(v)), 0), sureSide-1) }

// at gives the area that holds a point of the box, -1 where none does; false
// where it must be searched.
func (s *sure) at(p orb.Point) (int, bool) {
	if len(s.cells) == 0 {
		return 0, false
	}
	q := s.place(p)
	switch cell := s.cells[clampCell(q[1])*sureSide+clampCell(q[0])]; cell {
	case askThem:
		return 0, false
	case inNone:
		return -1, true
	default:
		return int(cell) - firstArea, true
	}
}
