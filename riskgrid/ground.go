package riskgrid

import (
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Ground is the base cells of a piece of ground with their risk, from which
// hazards can be taken back in thought. It is not safe for concurrent use.
type Ground struct {
	window Window
	inside []bool // by cell of the window
	risk   []Risk // likewise
	cells  int
	area   float64
}

// NewGround gives the base cells whose centres lie in one of the polygons; where
// none does, the cell of label, which stands for them. They have no risk yet.
// The polygons' boxes should be some kilometres wide: memory goes with them.
func NewGround(p orb.MultiPolygon, label orb.Point) *Ground {
	b := p.Bound()
	nw, se := CellAt(orb.Point{b.Min[0], b.Max[1]}, BaseZoom), CellAt(orb.Point{b.Max[0], b.Min[1]}, BaseZoom)
	g := &Ground{window: Window{X: int(nw.X), Y: int(nw.Y), W: int(se.X-nw.X) + 1, H: int(se.Y-nw.Y) + 1, Zoom: BaseZoom}}
	g.inside = make([]bool, g.window.W*g.window.H)
	for _, poly := range p {
		s := newScan(poly)
		for y := s.y0; y < s.y0+len(s.lats); y++ {
			runs := s.runs(y)
			for i := 1; i < len(runs); i += 2 {
				for x := runs[i-1].x; x < runs[i].x; x++ {
					g.mark(x, y)
				}
			}
		}
	}
	if g.cells == 0 {
		c := CellAt(label, BaseZoom)
		g.window = c.window()
		g.inside = make([]bool, 1)
		g.mark(int(c.X), int(c.Y))
	}
	return g
}

func (g *Ground) mark(x, y int) {
	x, y = x-g.window.X, y-g.window.Y
	if x < 0 || y < 0 || x >= g.window.W || y >= g.window.H || g.inside[y*g.window.W+x] {
		return
	}
	g.inside[y*g.window.W+x] = true
	g.cells++
	g.area += cellArea(edgeLat(float64(g.window.Y+y)+0.5, BaseZoom))
}

// Cells is the number of cells, one or more.
func (g *Ground) Cells() int { return g.cells }

// AreaM2 is their ground area in square metres.
func (g *Ground) AreaM2() float64 { return g.area }

// Read takes the risk of the cells from the field.
func (g *Ground) Read(f *Field) {
	g.risk = make([]Risk, len(g.inside))
	for y := range g.window.H {
		row := f.Pool(Window{X: g.window.X, Y: g.window.Y + y, W: g.window.W, H: 1, Zoom: BaseZoom})
		for x := range row {
			g.risk[y*g.window.W+x] = row[x].Max
		}
	}
}

// Copy is a ground of its own.
func (g *Ground) Copy() *Ground {
	c := *g
	c.risk = slices.Clone(g.risk)
	return &c
}

// Worst is the cell with the greatest risk, the first in row order among equals.
func (g *Ground) Worst() (Cell, Risk) {
	worst := -1
	for i, in := range g.inside {
		if in && (worst < 0 || g.risk[i] > g.risk[worst]) {
			worst = i
		}
	}
	return Cell{X: uint32(g.window.X + worst%g.window.W), Y: uint32(g.window.Y + worst/g.window.W), Zoom: BaseZoom}, g.risk[worst]
}

// Over is the number of cells whose risk is over the limit.
func (g *Ground) Over(limit Risk) (cells int) {
	for i, in := range g.inside {
		if in && g.risk[i] > limit {
			cells++
		}
	}
	return cells
}

// Take takes back what the hazards, which the risk must hold, have put on the
// cells: exactly, so that what is left is the risk of the others.
func (g *Ground) Take(hazards ...*data.Hazard) {
	part := make([]Risk, len(g.risk))
	Superpose(part, g.window, slices.Values(hazards))
	for i, r := range part {
		g.risk[i] -= r
	}
}
