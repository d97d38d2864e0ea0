package ingest

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// mostRepairShare is how much of its area a polygon may change when it is
// repaired, as a share: beyond it the repair is a guess.
const mostRepairShare = 1e-3

// sliver is the share of a ring's area under which a loop of it is dropped.
const sliver = 1e-6

// mostLoops bounds the loops of one ring: what crosses itself more often is no
// slip of the hand, and each loop costs an overlay.
const mostLoops = 100

// repair makes valid polygons of invalid ones. Every ring is cut where it meets
// itself into loops that do not; loops smaller than a sliver are dropped; ground
// is what an odd number of the rest encloses, as Contains has it, and the holes'
// ground is taken away. It gives the share of the area that changed, and fails
// where that is more than mostRepairShare. (A union of the invalid polygon
// itself is no repair: it keeps the wrong loop as often as not.)
func repair(g orb.Geometry) (orb.Geometry, float64, error) {
	var ground geom.Geometry
	for _, p := range polygons(g) {
		for i, r := range p {
			piece, err := loopsOf(r)
			if err != nil {
				return nil, 0, err
			}
			if i == 0 {
				ground, err = geom.Union(ground, piece)
			} else {
				ground, err = geom.Difference(ground, piece)
			}
			if err != nil {
				return nil, 0, fmt.Errorf("it cannot be repaired: %w", err)
			}
		}
	}
	area := toGeom(g).Area()
	share := math.Abs(ground.Area()-area) / area
	if !(share <= mostRepairShare) {
		return nil, share, fmt.Errorf("a repair would change its area by %.3g %%, more than %g %%", share*100, mostRepairShare*100)
	}
	shape, _ := fromGeom(ground)
	if len(polygons(shape)) == 0 {
		return nil, share, errors.New("a repair leaves no polygon")
	}
	return shape, share, nil
}

// loopsOf gives the ground that an odd number of a ring's loops encloses.
func loopsOf(r orb.Ring) (geom.Geometry, error) {
	noded, ok := node(r)
	if !ok {
		return geom.Geometry{}, fmt.Errorf("a ring of %d vertices that crosses itself is too large to repair", len(r))
	}
	var loops []geom.Geometry
	var areas []float64
	for _, loop := range cut(noded) {
		piece := polygonOf(orb.Polygon{loop}).AsGeometry()
		if area := piece.Area(); area > 0 {
			loops, areas = append(loops, piece), append(areas, area)
		}
	}
	if len(loops) == 0 {
		return geom.Geometry{}, errors.New("it encloses no ground")
	}
	if len(loops) > mostLoops {
		return geom.Geometry{}, fmt.Errorf("it cannot be repaired: a ring crosses itself into %d loops, more than %d", len(loops), mostLoops)
	}
	least := slices.Max(areas) * sliver
	var made geom.Geometry
	for i, piece := range loops {
		if areas[i] < least {
			continue
		}
		if err := piece.Validate(); err != nil {
			return geom.Geometry{}, fmt.Errorf("it cannot be repaired: %w", err)
		}
		var err error
		if made, err = geom.SymmetricDifference(made, piece); err != nil {
			return geom.Geometry{}, fmt.Errorf("it cannot be repaired: %w", err)
		}
	}
	return made, nil
}

// node puts a vertex into the ring wherever two of its sides meet, the same
// point into both; false when there are too many sides to look at.
func node(r orb.Ring) (orb.Ring, bool) {
	type stop struct {
		share float64
		at    orb.Point
	}
	stops := make([][]stop, len(r))
	whole := crossings(segmentsOf(r), func(a, b segment, t, u float64) bool {
		at := a.at(t)
		if t > 0 && t < 1 && (u == 0 || u == 1) {
			at = b.at(u) // the vertex itself, not a point computed beside it
		}
		if t > 0 && t < 1 {
			stops[a.i] = append(stops[a.i], stop{t, at})
		}
		if u > 0 && u < 1 {
			stops[b.i] = append(stops[b.i], stop{u, at})
		}
		return true
	})
	if !whole {
		return nil, false
	}
	var out orb.Ring
	for i, p := range r {
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
		slices.SortFunc(stops[i], func(a, b stop) int {
			if a.share < b.share {
				return -1
			}
			return 1
		})
		for _, s := range stops[i] {
			if out[len(out)-1] != s.at {
				out = append(out, s.at)
			}
		}
	}
	return out, true
}

// cut walks a noded ring and cuts a loop off whenever it comes back to a vertex.
func cut(r orb.Ring) []orb.Ring {
	var loops []orb.Ring
	var path orb.Ring
	at := map[orb.Point]int{}
	for _, p := range r {
		i, met := at[p]
		if !met {
			at[p] = len(path)
			path = append(path, p)
			continue
		}
		if len(path)-i >= 3 {
			loops = append(loops, append(slices.Clone(path[i:]), p))
		}
		for _, q := range path[i+1:] {
			delete(at, q)
		}
		path = path[:i+1]
	}
	return loops
}
