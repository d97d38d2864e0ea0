package riskgrid

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// run is base cells from x0 to before x1 of one row.
type run struct{ y, x0, x1 int }

// runsOf gives the base cells whose centre lies in the polygons, each once, row
// by row.
func runsOf(p orb.MultiPolygon) []run {
	var runs []run
	polygons := 0
	for _, poly := range p {
		if len(poly) == 0 || len(poly[0]) == 0 {
			continue
		}
		polygons++
		s := newScan(poly)
		for i := 1; i < len(s.marks); i += 2 {
			if a, b := s.marks[i-1], s.marks[i]; a.x < b.x {
				runs = append(runs, run{a.y, a.x, b.x})
			}
		}
	}
	if polygons < 2 {
		return runs
	}
	slices.SortFunc(runs, func(a, b run) int { return cmp.Or(a.y-b.y, a.x0-b.x0) })
	out := runs[:0]
	for _, r := range runs {
		if last := len(out) - 1; last >= 0 && out[last].y == r.y && out[last].x1 >= r.x0 {
			out[last].x1 = max(out[last].x1, r.x1)
			continue
		}
		out = append(out, r)
	}
	return out
}

// eachBlock cuts a run where blocks end: the block, the place of its first cell
// in the block, and how many.
func (r run) eachBlock(do func(at place, from, n int)) {
	for x := r.x0; x < r.x1; {
		end := min(r.x1, (x>>blockShift+1)<<blockShift)
		do(place{x >> blockShift, r.y >> blockShift}, r.y&(blockSide-1)<<blockShift+x&(blockSide-1), end-x)
		x = end
	}
}

// rowArea is the ground of one base cell of a row, square centimetres.
func rowArea(y int) int64 {
	return int64(cellArea(edgeLat(float64(y)+0.5, BaseZoom))*1e4 + 0.5)
}

// areaPolygons is a shape's ground; none for a shape that is no area.
func areaPolygons(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}
