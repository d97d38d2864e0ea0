package riskgrid

import (
	"iter"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Risk is an individual risk in fixed point: 1e-15 per year. Sums are exact,
// free of order, and can be taken back.
type Risk int64

// PerYear is the risk as a number per year.
func (r Risk) PerYear() float64 { return float64(r) / 1e15 }

// Cuts are the lower bounds of the levels: Cuts[0] the floor (exclusive), then
// general, significant, major (inclusive, with a relative tolerance of 1e-9).
type Cuts [4]Risk

// NewCuts turns per-year cuts into fixed point, tolerance taken in.
func NewCuts(perYear [4]float64) Cuts { panic("unwritten") }

// Level is the level of ground with this risk.
func (c Cuts) Level(r Risk) data.Level { panic("unwritten") }

// Cell is a node of the Web Mercator quadtree.
type Cell struct {
	X, Y uint32
	Zoom uint8
}

// BaseZoom is the zoom of the city grid's cells: 33 m at Hangzhou.
const BaseZoom = 20

// CellAt is the half-open cell that holds a point; Bound and Centre are its
// box and centre in lon/lat.
func CellAt(p orb.Point, zoom uint8) Cell { panic("unwritten") }
func (c Cell) Bound() orb.Bound           { panic("unwritten") }
func (c Cell) Centre() orb.Point          { panic("unwritten") }

// Window is a rectangle of W × H cells of one zoom, north-west corner at cell
// X, Y. It may hang over the edge of the world; cells there have no risk.
type Window struct {
	X, Y, W, H int
	Zoom       uint8
}

// TileWindow is the window of the tile's 64 × 64 cells of zoom z+6 (z17 and z18
// have 32² and 16² cells of zoom 22) with ring more cells on each side.
func TileWindow(z uint8, x, y uint32, ring int) Window { panic("unwritten") }

// Bound is the window's box in lon/lat.
func (w Window) Bound() orb.Bound { panic("unwritten") }

// Superpose adds to dst, W·H values row by row from the north-west, the risk of
// every hazard on every cell of the window at the window's own resolution.
func Superpose(dst []Risk, w Window, hazards iter.Seq[*data.Hazard]) { panic("unwritten") }

// Contribution is what one scenario of a hazard puts on a cell: one function's
// value rounded once to 1e-15, the number that Superpose adds.
func Contribution(h *data.Hazard, scenario int, c Cell) Risk { panic("unwritten") }

// Share is one hazard's part of a sum, split by basis.
type Share struct {
	Hazard  *data.Hazard
	Risk    Risk
	ByBasis [2]Risk // by data.Basis
}

// At is the risk at a place itself and the shares of the hazards that reach it,
// greatest first, then by id; the shares sum to the value.
func At(p orb.Point, hazards iter.Seq[*data.Hazard]) (Risk, []Share) { panic("unwritten") }

// AtCell is the same for a cell, with the cell rule, so that the value is the
// one that the map shows.
func AtCell(c Cell, hazards iter.Seq[*data.Hazard]) (Risk, []Share) { panic("unwritten") }

// Pooled is what a cell of BaseZoom or coarser carries of its base cells.
type Pooled struct {
	Max    Risk
	Sum    Risk      // over base cells; Mean is Sum / number of base cells
	Counts [5]uint32 // base cells by level; index 0 is the rest
}

// Field is the city's unfiltered grid at BaseZoom with its pyramid. Immutable:
// Apply gives a new one that shares what did not change.
type Field struct{}

// NewField superposes all hazards.
func NewField(cuts Cuts, hazards iter.Seq[*data.Hazard]) *Field { panic("unwritten") }

// Swap is one change of a hazard: Old out (nil: none), New in (nil: none).
type Swap struct{ Old, New *data.Hazard }

// Apply gives the field after the swaps.
func (f *Field) Apply(swaps ...Swap) *Field { panic("unwritten") }

// Pool reads a window of cells of zoom 11 to BaseZoom.
func (f *Field) Pool(w Window) []Pooled { panic("unwritten") }

// PoolWindow computes the same for any selection of hazards, base cell by base
// cell, without keeping anything: reaching gives the hazards whose extent meets
// a bound.
func PoolWindow(w Window, cuts Cuts, reaching func(orb.Bound) iter.Seq[*data.Hazard]) []Pooled {
	panic("unwritten")
}
