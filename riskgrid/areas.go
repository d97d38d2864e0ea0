package riskgrid

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// LevelAreas is the ground in square metres by level in service (0: at or under
// the floor) of the base cells whose centre lies in the polygons: what the shares
// of a district come from. Cells of blocks that lie wholly inside count with the
// block's mean cell area, within 2e-4 of their own.
func (f *Field) LevelAreas(p orb.MultiPolygon) [5]float64 {
	var out [5]float64
	all := 0.0
	for _, poly := range p {
		if len(poly) == 0 || len(poly[0]) == 0 {
			continue
		}
		s := newScan(poly)
		for y := s.y0; y < s.y0+len(s.lats); {
			end := min(s.y0+len(s.lats), (y>>blockShift+1)<<blockShift)
			all += f.scanRows(s, y, end, &out)
			y = end
		}
	}
	rest := all
	for _, a := range out[1:] {
		rest -= a
	}
	out[0] = max(rest, 0)
	return out
}

// scan is a polygon as runs of base cells, by row.
type scan struct {
	y0     int       // first row
	lats   []float64 // centre of each row
	starts []int     // first of each row in marks, and the end
	marks  []mark    // by row, then column; runs are [even, odd)
}

type mark struct{ y, x int }

func newScan(poly orb.Polygon) *scan {
	b := poly.Bound()
	first, last := CellAt(orb.Point{0, b.Max[1]}, BaseZoom).Y, CellAt(orb.Point{0, b.Min[1]}, BaseZoom).Y
	s := &scan{y0: int(first), lats: make([]float64, last-first+1)}
	for i := range s.lats {
		s.lats[i] = edgeLat(float64(s.y0+i)+0.5, BaseZoom)
	}
	for _, ring := range poly {
		for i := 1; i < len(ring); i++ {
			s.edge(ring[i-1], ring[i])
		}
	}
	slices.SortFunc(s.marks, func(a, b mark) int { return cmp.Or(a.y-b.y, a.x-b.x) })
	s.starts = make([]int, len(s.lats)+1)
	at := 0
	for i := range s.lats {
		s.starts[i] = at
		for at < len(s.marks) && s.marks[at].y == s.y0+i {
			at++
		}
	}
	s.starts[len(s.lats)] = at
	return s
}

// edge marks where the edge crosses the rows' centres, as data.Contains sees it.
func (s *scan) edge(a, b orb.Point) {
	south, north := min(a[1], b[1]), max(a[1], b[1])
	i, _ := slices.BinarySearchFunc(s.lats, north, func(lat, north float64) int {
		if lat < north {
			return 1
		}
		return -1
	})
	for ; i < len(s.lats) && s.lats[i] >= south; i++ {
		lon := a[0] + float64((s.lats[i]-a[1])/(b[1]-a[1])*(b[0]-a[0]))
		x := int(columnAt(lon, BaseZoom))
		if edgeLon(float64(x)+0.5, BaseZoom) < lon {
			x++
		}
		s.marks = append(s.marks, mark{s.y0 + i, x})
	}
}

// runs are the marks of a row.
func (s *scan) runs(y int) []mark { return s.marks[s.starts[y-s.y0]:s.starts[y-s.y0+1]] }

// scanRows adds the areas by level of the rows y to end of one row of blocks and
// gives the area of all their cells.
func (f *Field) scanRows(s *scan, y, end int, out *[5]float64) float64 {
	all := 0.0
	west, east := math.MaxInt, 0
	for r := y; r < end; r++ {
		runs, area := s.runs(r), cellArea(s.lats[r-s.y0])
		for i := 1; i < len(runs); i += 2 {
			all += float64(runs[i].x-runs[i-1].x) * area
			west, east = min(west, runs[i-1].x), max(east, runs[i].x)
		}
	}
	for x := west >> blockShift; x<<blockShift < east; x++ {
		b := f.block(place{x, y >> blockShift})
		switch {
		case b == nil:
		case end-y == blockSide && s.covers(x<<blockShift, y):
			area := cellArea(edgeLat(float64(y)+blockSide/2, BaseZoom))
			for l, n := range b.top[0].counts[InService] {
				out[l+1] += float64(n) * area
			}
		default:
			f.scanBlock(b, s, x<<blockShift, y, end, out)
		}
	}
	return all
}

// covers reports whether the runs cover the whole block at x, y.
func (s *scan) covers(x, y int) bool {
	for r := y; r < y+blockSide; r++ {
		whole := false
		runs := s.runs(r)
		for i := 1; i < len(runs); i += 2 {
			whole = whole || runs[i-1].x <= x && runs[i].x >= x+blockSide
		}
		if !whole {
			return false
		}
	}
	return true
}

func (f *Field) scanBlock(b *block, s *scan, x, y, end int, out *[5]float64) {
	for r := y; r < end; r++ {
		row := r & (blockSide - 1) << blockShift
		var counts [5]int
		runs := s.runs(r)
		for i := 1; i < len(runs); i += 2 {
			from, to := max(runs[i-1].x-x, 0), min(runs[i].x-x, blockSide)
			for c := from; c < to; c++ {
				counts[f.cuts[InService].Level(b.cell(row+c))]++
			}
		}
		area := cellArea(s.lats[r-s.y0])
		for l := 1; l < len(counts); l++ {
			out[l] += float64(counts[l]) * area
		}
	}
}

// cellArea is the ground area in square metres of a base cell whose centre has
// this latitude.
func cellArea(lat float64) float64 {
	side := data.MetresPerDegree * 360 / (1 << BaseZoom) * math.Cos(lat*(math.Pi/180))
	return side * side
}
