package tiles

import (
	"strconv"

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
	Loss   []float64       // 1/yr; nil where nobody knows where people live
}

const (
	gridLevel = iota
	gridIR
	gridMean
	gridChief
	gridLoss
)

var gridKeys = []string{"level", "ir", "ir_mean", "chief", "pll"}

// appendGrid appends the layer grid: the square of every cell in the tile whose
// IR is over zero. The feature id is the cell's: zoom · 2^44 + y · 2^22 + x.
func appendGrid(dst []byte, c *canvas, in gridInput, tax *data.Taxonomy) []byte {
	w := newLayer(gridKeys)
	size := c.cellSize(in.Window.Zoom)
	for k, ir := range in.IR {
		if ir <= 0 {
			continue
		}
		x, y := in.Window.X+k%in.Window.W, in.Window.Y+k/in.Window.W
		a := c.cellCorner(in.Window.Zoom, x, y)
		quad := [4]vertex{a, {a.x + size, a.y}, {a.x + size, a.y + size}, {a.x, a.y + size}}
		if c.offset {
			for i := range quad {
				quad[i] = c.moved(quad[i])
			}
		}
		if !meetsTile(&quad) {
			continue
		}
		w.feature(uint64(in.Window.Zoom)<<44 | uint64(y)<<22 | uint64(x))
		w.number(gridLevel, uint64(in.Level[k]))
		w.double(gridIR, perYear(ir))
		if in.Mean != nil {
			w.double(gridMean, perYear(in.Mean[k]))
		} else {
			w.double(gridMean, perYear(ir))
		}
		if in.Chief != nil {
			w.text(gridChief, tax.Industries[in.Chief[k]].Code)
		}
		if in.Loss != nil {
			w.double(gridLoss, in.Loss[k])
		}
		w.ring(quad[:])
		w.end(polygonGeometry)
	}
	return w.finish(dst, data.LayerGrid)
}

// meetsTile reports whether the box of the square shares ground with the tile.
func meetsTile(quad *[4]vertex) bool {
	low, high := quad[0], quad[0]
	for _, p := range quad {
		low = vertex{min(low.x, p.x), min(low.y, p.y)}
		high = vertex{max(high.x, p.x), max(high.y, p.y)}
	}
	return low.x < extent && low.y < extent && high.x > 0 && high.y > 0
}

// perYear is the double nearest to n · 1e-15.
func perYear(r riskgrid.Risk) float64 {
	if r < 1<<53 { // then n and 1e15 are doubles, and one division rounds once
		return r.PerYear()
	}
	v, _ := strconv.ParseFloat(strconv.FormatInt(int64(r), 10)+"e-15", 64)
	return v
}
