package tiles

import (
	"riskatlas/data"
	"riskatlas/riskgrid"
)

// bandInput is the ground of a tile: the cells of canvas.window(1), row by row
// from the north-west.
type bandInput struct {
	Window riskgrid.Window
	Level  []data.Level    // W·H levels, 0 to 4
	Value  []riskgrid.Risk // W·H values, by which crossings are placed; not read when Fixed
	Cuts   riskgrid.Cuts
	Fixed  bool // crossings have fixed offsets: stat=share, whose level is no function of a value
}

// appendRisk appends the layer risk: for each level the band of ground that has
// it, as one feature. Nothing is appended where no cell has a level.
func appendRisk(dst []byte, c *canvas, in bandInput) []byte { return dst }
