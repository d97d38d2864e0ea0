package tiles

import (
	"riskatlas/data"
	"riskatlas/riskgrid"
)

// diffInput is the levels of the same ground before and after: the cells of
// canvas.window(1), row by row from the north-west.
type diffInput struct {
	Window   riskgrid.Window
	From, To []data.Level
}

const (
	diffFrom = iota
	diffTo
	diffChange
)

var diffKeys = []string{"from", "to", "change"}

// levels is how many levels there are, none included.
const levels = int(data.Major) + 1

// appendDiff appends the layer diff: for each way in which the level of ground
// changes, the outlines of the cells in the tile that change so, as one feature
// with the levels before (from) and after (to), and change, rise or fall. The
// feature id is 8 · from + to. Nothing is appended where no level changes.
func appendDiff(dst []byte, c *canvas, in diffInput) []byte {
	w := newLayer(diffKeys)
	o := newOutliner(in.Window)
	for from := range levels {
		for to := range levels {
			if from == to || !o.pick(c, in, data.Level(from), data.Level(to)) {
				continue
			}
			w.feature(uint64(from<<3 | to))
			w.number(diffFrom, uint64(from))
			w.number(diffTo, uint64(to))
			if to > from {
				w.text(diffChange, "rise")
			} else {
				w.text(diffChange, "fall")
			}
			o.draw(c, w)
			w.end(polygonGeometry)
		}
	}
	return w.finish(dst, data.LayerDiff)
}

// pick marks the cells in the tile that change in this way and reports whether
// there are any.
func (o *outliner) pick(c *canvas, in diffInput, from, to data.Level) bool {
	any := false
	for k := range in.From {
		o.in[k] = in.From[k] == from && in.To[k] == to && o.meets(c, k)
		any = any || o.in[k]
	}
	return any
}
