package api

import (
	"context"
	"iter"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// directZoom is the map zoom from which a cell is superposed at its own
// resolution; below it, a cell is pooled from base cells.
const directZoom = 14

// lastRiskZoom is the last zoom that has tiles: maps show it enlarged beyond.
var lastRiskZoom = data.Layers[data.LayerRisk].MaxZoom

// foundCell is the cell that a map shows, and which of its base cells is worst.
type foundCell struct {
	cell, worst riskgrid.Cell    // the same from directZoom
	pooled      *riskgrid.Pooled // nil from directZoom
}

// cellOf is the cell that a map of the zoom shows at p.
func cellOf(p orb.Point, zoom uint8) riskgrid.Cell {
	zoom = min(zoom, lastRiskZoom)
	t := maptile.At(p, maptile.Zoom(zoom))
	return riskgrid.CellAt(p, riskgrid.TileWindow(zoom, t.X, t.Y, 0).Zoom)
}

// findCell finds the cell that a map of the zoom shows at p, its base cells
// counted by the cuts of the criterion, which the view has.
func findCell(v *tiles.View, p orb.Point, f data.Filter, zoom uint8, c riskgrid.Criterion) foundCell {
	if zoom < directZoom && f == data.All() {
		return descend(v.Field, cellOf(p, zoom), c)
	}
	cuts, _ := v.CutsOf(c)
	return findAmong(func(b orb.Bound) iter.Seq[*data.Hazard] { return v.Reaching(b, f) }, p, zoom, cuts)
}

// findAmong is findCell of any hazards, which reaching gives for a box.
func findAmong(reaching func(orb.Bound) iter.Seq[*data.Hazard], p orb.Point, zoom uint8, cuts riskgrid.Cuts) foundCell {
	cell := cellOf(p, zoom)
	if zoom >= directZoom {
		return foundCell{cell: cell, worst: cell}
	}
	// Nothing is kept of their field: one pass over all base cells.
	n := 1 << (riskgrid.BaseZoom - cell.Zoom)
	w := riskgrid.Window{X: int(cell.X) * n, Y: int(cell.Y) * n, W: n, H: n, Zoom: riskgrid.BaseZoom}
	base := riskgrid.PoolWindow(w, cuts, reaching)
	sum, worst := &riskgrid.Pooled{}, 0
	for i := range base {
		if base[i].Max > base[worst].Max {
			worst = i
		}
		sum.Sum += base[i].Sum
		for l, count := range base[i].Counts {
			sum.Counts[l] += count
		}
	}
	sum.Max = base[worst].Max
	return foundCell{cell: cell, pooled: sum,
		worst: riskgrid.Cell{X: uint32(w.X + worst%n), Y: uint32(w.Y + worst/n), Zoom: riskgrid.BaseZoom}}
}

// descend follows the greatest value down the pyramid, the first in row order
// among equals.
func descend(field *riskgrid.Field, cell riskgrid.Cell, c riskgrid.Criterion) foundCell {
	top := field.PoolBy(riskgrid.Window{X: int(cell.X), Y: int(cell.Y), W: 1, H: 1, Zoom: cell.Zoom}, c)[0]
	at := cell
	for at.Zoom < riskgrid.BaseZoom {
		w := riskgrid.Window{X: int(at.X) * 2, Y: int(at.Y) * 2, W: 2, H: 2, Zoom: at.Zoom + 1}
		worst := 0
		children := field.Pool(w)
		for i := range children {
			if children[i].Max > children[worst].Max {
				worst = i
			}
		}
		at = riskgrid.Cell{X: uint32(w.X + worst%2), Y: uint32(w.Y + worst/2), Zoom: w.Zoom}
	}
	return foundCell{cell: cell, worst: at, pooled: &top}
}

// breakdown is what the district rule looks at in a pooled cell.
func breakdown(p *riskgrid.Pooled) *ShareBreakdown {
	total := 0
	for _, n := range p.Counts {
		total += int(n)
	}
	share := func(from data.Level) float64 {
		n := 0
		for l := from; l <= data.Major; l++ {
			n += int(p.Counts[l])
		}
		return float64(n) / float64(max(total, 1))
	}
	return &ShareBreakdown{share(data.Low), share(data.General), share(data.Significant), share(data.Major), total}
}

// How long a question waits for its turn to superpose ground, and how many may
// wait: who comes past them is refused at once.
const (
	heavyWait  = 2 * time.Second
	heavyQueue = 64
)

// hold takes one of the places for answers that superpose much ground; the
// caller gives it back with release. The error is tiles.ErrBusy, or the client's
// leaving.
func (s *Server) hold(ctx context.Context) (release func(), err error) {
	release = func() { <-s.heavy }
	select {
	case s.heavy <- struct{}{}:
		return release, nil
	default:
	}
	if s.waiting.Add(1) > heavyQueue {
		s.waiting.Add(-1)
		return nil, tiles.ErrBusy
	}
	defer s.waiting.Add(-1)
	timer := time.NewTimer(heavyWait)
	defer timer.Stop()
	select {
	case s.heavy <- struct{}{}:
		return release, nil
	case <-timer.C:
		return nil, tiles.ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
