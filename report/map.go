package report

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// mostCells is how many cells the longer side of a drawn map has at most.
const mostCells = 320

// drawMap gives what the drawings show.
func (g *gatherer) drawMap() *Map {
	m := &Map{}
	units := g.View.Units(data.DistrictKind(g.vintage.Name))
	for i := range units {
		u := &units[i]
		shape := polygons(u.Shape)
		if len(shape) == 0 {
			continue
		}
		if len(m.Districts) == 0 {
			m.Bound = shape.Bound()
		}
		m.Bound = m.Bound.Union(shape.Bound())
		o := Outline{Title: Title{u.Code, u.Name, u.NameEn}, Shape: shape, Label: data.LabelPoint(u.Shape)}
		if d, err := g.vintage.District(u.Code); err == nil {
			o.Level, _ = g.judge(g.View.DistrictGround(g.at, d), g.book.count(func(l lot) bool { return l.district == d }))
		}
		m.Districts = append(m.Districts, o)
	}
	if len(m.Districts) == 0 {
		m.Bound = g.View.City.Bound
	}
	if len(m.Districts) == 0 && len(g.facts) > 0 {
		m.Bound = g.facts[0].hazard.Extent()
		for i := range g.facts {
			m.Bound = m.Bound.Union(g.facts[i].hazard.Extent())
		}
	}
	m.Window = g.cells(m.Bound)
	for i := range g.facts {
		h := g.facts[i].hazard
		m.Sources = append(m.Sources, Dot{At: h.Label(), Industry: h.Industry, Level: h.Level, District: h.Districts[g.at]})
	}
	return m
}

// coarsestPool is the least zoom of cells that a field pools.
const coarsestPool = 11

// cells is the ground of the bound at the finest zoom that keeps it drawable;
// none where it is wider than a map of cells can be.
func (g *gatherer) cells(b orb.Bound) Cells {
	var w riskgrid.Window
	for zoom := uint8(coarsestPool); zoom <= riskgrid.BaseZoom; zoom++ {
		nw, se := riskgrid.CellAt(b.LeftTop(), zoom), riskgrid.CellAt(b.RightBottom(), zoom)
		finer := riskgrid.Window{X: int(nw.X), Y: int(nw.Y), W: int(se.X-nw.X) + 1, H: int(se.Y-nw.Y) + 1, Zoom: zoom}
		if max(finer.W, finer.H) > mostCells {
			break
		}
		w = finer
	}
	if w.W == 0 {
		return Cells{}
	}
	out := Cells{Zoom: w.Zoom, X: w.X, Y: w.Y, W: w.W, H: w.H, Level: make([]data.Level, w.W*w.H)}
	pooled := g.View.PoolBy(w, g.Criterion)
	for i := range pooled {
		out.Level[i] = g.View.ShareLevel(&pooled[i], w.Zoom)
	}
	return out
}
