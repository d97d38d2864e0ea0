package tiles

import (
	"context"
	"iter"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// losses is the loss on each cell of a window, 1/yr, that the filter's sources
// cause; nil where nobody knows where people live. Cells finer than the base
// cells, on which people live, have equal parts of theirs.
func (v *View) losses(ctx context.Context, w riskgrid.Window, f data.Filter) []float64 {
	if !v.PeopleKnown() {
		return nil
	}
	base := baseWindow(w)
	var cells []riskgrid.Loss
	if f == data.All() {
		if v.Wait(ctx) != nil {
			return make([]float64, w.W*w.H) // of a request that is given up
		}
		cells = v.Totals.Cells(base)
	} else {
		cells = v.Totals.CellsOf(base, func(b orb.Bound) iter.Seq[*data.Hazard] { return until(ctx, v.Reaching(b, f)) })
	}
	out := make([]float64, w.W*w.H)
	k := w.Zoom - base.Zoom
	for i := range out {
		x, y := (w.X+i%w.W)>>k-base.X, (w.Y+i/w.W)>>k-base.Y
		out[i] = math.Ldexp(cells[y*base.W+x].PerYear(), -2*int(k))
	}
	return out
}

// baseWindow is the window itself, or of finer cells that of the base cells that
// they lie in.
func baseWindow(w riskgrid.Window) riskgrid.Window {
	if w.Zoom <= riskgrid.BaseZoom {
		return w
	}
	k := w.Zoom - riskgrid.BaseZoom
	x, y := w.X>>k, w.Y>>k
	return riskgrid.Window{X: x, Y: y, W: (w.X+w.W-1)>>k - x + 1, H: (w.Y+w.H-1)>>k - y + 1, Zoom: riskgrid.BaseZoom}
}
