package tiles

import (
	"riskatlas/data"
	"riskatlas/riskgrid"
)

// gridInput is the ground of a tile: the cells of canvas.window(0) or (1), row
// by row from the north-west.
type gridInput struct {
	Window riskgrid.Window
	IR     []riskgrid.Risk
	Mean   []riskgrid.Risk // nil: the same as IR
	Level  []data.Level
	Chief  []data.Industry // industry with the largest share; nil below z14
}

// appendGrid appends the layer grid: the square of every cell in the tile whose
// IR is over zero.
func appendGrid(dst []byte, c *canvas, in gridInput, tax *data.Taxonomy) []byte { return dst }
