package tiles

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
)

// surface is the cells of a tile with a ring of one around them.
type surface struct {
	window riskgrid.Window
	cuts   riskgrid.Cuts // that give the levels
	ir     []riskgrid.Risk
	mean   []riskgrid.Risk // nil: the same as ir
	level  []data.Level
	chief  []data.Industry // nil unless asked for, and below directZoom
	loss   []float64       // 1/yr; nil unless asked for, and where nobody knows where people live
	fixed  bool            // levels are by shares and no function of ir

	pooled     []riskgrid.Pooled // scratch, as are
	means      []riskgrid.Risk
	chiefs     []data.Industry
	part, most []riskgrid.Risk
}

// surfaces are those that tiles have been drawn from.
var surfaces = sync.Pool{New: func() any { return new(surface) }}

// release gives the surface back when nobody reads it any more.
func (g *surface) release() {
	if g != nil {
		surfaces.Put(g)
	}
}

// sized gives n values to write to, in the memory of old where they fit.
func sized[T any](old []T, n int) []T {
	if cap(old) < n {
		return make([]T, n)
	}
	return old[:n]
}

// surface reads, pools or superposes what the request selects; kept are the
// fields of filters, nil where none are. It stops adding when ctx ends; what it
// gives is then to be thrown away. Release it after use.
func (v *View) surface(ctx context.Context, kept *fields, c *canvas, req Request) *surface {
	g := surfaces.Get().(*surface)
	g.window, g.cuts = c.window(1), v.criteria[req.Criterion]
	g.mean, g.chief, g.loss, g.fixed = nil, nil, nil, false
	n := g.window.W * g.window.H
	g.ir, g.level = sized(g.ir, n), sized(g.level, n)
	if f := v.fieldOf(ctx, kept, g.window, req); f != nil {
		g.read(f, req, v.City.Shares)
	} else if req.Tile.Z < directZoom {
		g.pool(v.poolWindow(ctx, g, req), req, v.City.Shares)
	} else {
		v.superpose(ctx, g, req)
	}
	if req.Layers.Has(data.LayerGrid) {
		g.loss = v.losses(ctx, g.window, req.Filter)
	}
	return g
}

// fieldOf is the field that the asked cells are read from; nil: none is kept, or
// the request's context has ended, or, from directZoom, it has not been made or
// does not have what the layers show.
func (v *View) fieldOf(ctx context.Context, kept *fields, w riskgrid.Window, req Request) *riskgrid.Field {
	whole := req.Filter == data.All()
	switch {
	case req.Tile.Z >= directZoom && (w.Zoom != riskgrid.BaseZoom || req.Layers.Has(data.LayerGrid)):
		return nil // finer cells than a field's; and the grid has chief industries
	case whole:
		return v.Field
	case kept == nil:
		return nil
	case req.Tile.Z >= directZoom:
		return kept.known(v, req.Filter, w)
	}
	return kept.field(ctx, v, req.Filter, w)
}

// read takes the cells from a field.
func (g *surface) read(f *riskgrid.Field, req Request, rule city.ShareRule) {
	if req.Tile.Z < directZoom && (req.Stat == Share || req.Layers.Has(data.LayerGrid)) {
		g.pooled = sized(g.pooled, len(g.ir))
		f.PoolInto(g.pooled, g.window, req.Criterion)
		g.pool(g.pooled, req, rule)
		return
	}
	f.Maxima(g.ir, g.window)
	g.judge()
}

// judge gives the cells their levels by the cuts.
func (g *surface) judge() {
	for i, r := range g.ir {
		g.level[i] = g.cuts.Level(r)
	}
}

// poolWindow pools what no field has.
func (v *View) poolWindow(ctx context.Context, g *surface, req Request) []riskgrid.Pooled {
	return riskgrid.PoolWindow(g.window, g.cuts, func(b orb.Bound) iter.Seq[*data.Hazard] {
		return until(ctx, v.Reaching(b, req.Filter))
	})
}

// pool takes the cells from pooled ones.
func (g *surface) pool(cells []riskgrid.Pooled, req Request, rule city.ShareRule) {
	base := riskgrid.Risk(1) << (2 * (riskgrid.BaseZoom - g.window.Zoom))
	for i := range cells {
		g.ir[i] = cells[i].Max
	}
	if req.Layers.Has(data.LayerGrid) {
		g.means = sized(g.means, len(cells))
		g.mean = g.means
		for i := range cells {
			g.mean[i] = meanOf(cells[i].Sum, base)
		}
	}
	if g.fixed = req.Stat == Share; !g.fixed {
		g.judge()
		return
	}
	for i := range cells {
		g.level[i] = cellShareLevel(&cells[i], base, rule)
	}
}

func (v *View) superpose(ctx context.Context, g *surface, req Request) {
	clear(g.ir)
	reaching := until(ctx, v.Reaching(g.window.Bound(), req.Filter))
	if req.Layers.Has(data.LayerGrid) {
		g.superposeByIndustry(reaching, v.City.Taxonomy)
	} else {
		riskgrid.Superpose(g.ir, g.window, reaching)
	}
	g.judge()
}

// superposeByIndustry finds the industry with the largest share of each cell as
// well; of equal ones that with the lower code. Sums are exact, so the cells are
// those of one superposition.
func (g *surface) superposeByIndustry(hazards iter.Seq[*data.Hazard], tax *data.Taxonomy) {
	var by [data.MaxIndustries][]*data.Hazard
	var industries []data.Industry
	for h := range hazards {
		if by[h.Industry] == nil {
			industries = append(industries, h.Industry)
		}
		by[h.Industry] = append(by[h.Industry], h)
	}
	slices.SortFunc(industries, func(a, b data.Industry) int {
		return strings.Compare(tax.Industries[a].Code, tax.Industries[b].Code)
	})
	g.chiefs, g.part, g.most = sized(g.chiefs, len(g.ir)), sized(g.part, len(g.ir)), sized(g.most, len(g.ir))
	part, most := g.part, g.most
	g.chief = g.chiefs
	clear(g.chief)
	clear(most)
	for _, industry := range industries {
		clear(part)
		riskgrid.Superpose(part, g.window, slices.Values(by[industry]))
		for i, r := range part {
			g.ir[i] += r
			if r > most[i] {
				most[i], g.chief[i] = r, industry
			}
		}
	}
}

// meanOf is the sum over the number of cells, to the nearest, halves up.
func meanOf(sum, cells riskgrid.Risk) riskgrid.Risk {
	mean, rest := sum/cells, sum%cells
	if 2*rest >= cells {
		mean++
	}
	return mean
}

// cellShareLevel is the district rule on a cell's base cells, of which there are
// that many in all: a base cell without risk is ground all the same.
func cellShareLevel(p *riskgrid.Pooled, cells riskgrid.Risk, rule city.ShareRule) data.Level {
	var parts [5]float64
	rest := float64(cells)
	for l := data.Low; l <= data.Major; l++ {
		parts[l] = float64(p.Counts[l])
		rest -= parts[l]
	}
	parts[0] = rest
	return shareLevel(parts, rule)
}

// until ends a sequence of hazards when ctx does.
func until(ctx context.Context, hazards iter.Seq[*data.Hazard]) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) {
		if ctx.Err() != nil {
			return
		}
		hazards(func(h *data.Hazard) bool { return ctx.Err() == nil && yield(h) })
	}
}
