package tiles

import (
	"context"
	"iter"
	"slices"
	"strings"

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
}

// surface superposes or pools what the request selects. It stops adding when ctx
// ends; what it gives is then to be thrown away.
func (v *View) surface(ctx context.Context, c *canvas, req Request) *surface {
	g := &surface{window: c.window(1), cuts: v.criteria[req.Criterion]}
	switch whole := req.Filter == data.All(); {
	case req.Tile.Z < directZoom:
		v.pool(ctx, g, req)
	case whole && g.window.Zoom == riskgrid.BaseZoom && !req.Layers.Has(data.LayerGrid):
		v.read(g) // the same sums, made already; the grid's chief industry is not
	default:
		v.superpose(ctx, g, req)
	}
	if req.Layers.Has(data.LayerGrid) {
		g.loss = v.losses(ctx, g.window, req.Filter)
	}
	return g
}

// read takes base cells from the field.
func (v *View) read(g *surface) {
	cells := v.Pool(g.window)
	g.ir = make([]riskgrid.Risk, len(cells))
	g.level = make([]data.Level, len(cells))
	for i := range cells {
		g.ir[i] = cells[i].Max
		g.level[i] = g.cuts.Level(cells[i].Max)
	}
}

func (v *View) superpose(ctx context.Context, g *surface, req Request) {
	g.ir = make([]riskgrid.Risk, g.window.W*g.window.H)
	reaching := until(ctx, v.Reaching(g.window.Bound(), req.Filter))
	if req.Layers.Has(data.LayerGrid) {
		g.superposeByIndustry(reaching, v.City.Taxonomy)
	} else {
		riskgrid.Superpose(g.ir, g.window, reaching)
	}
	g.level = make([]data.Level, len(g.ir))
	for i, r := range g.ir {
		g.level[i] = g.cuts.Level(r)
	}
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
	g.chief = make([]data.Industry, len(g.ir))
	part, most := make([]riskgrid.Risk, len(g.ir)), make([]riskgrid.Risk, len(g.ir))
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

func (v *View) pool(ctx context.Context, g *surface, req Request) {
	var cells []riskgrid.Pooled
	if req.Filter == data.All() {
		cells = v.PoolBy(g.window, req.Criterion)
	} else {
		cells = riskgrid.PoolWindow(g.window, g.cuts, func(b orb.Bound) iter.Seq[*data.Hazard] {
			return until(ctx, v.Reaching(b, req.Filter))
		})
	}
	g.fixed = req.Stat == Share
	g.ir = make([]riskgrid.Risk, len(cells))
	g.mean = make([]riskgrid.Risk, len(cells))
	g.level = make([]data.Level, len(cells))
	base := riskgrid.Risk(1) << (2 * (riskgrid.BaseZoom - g.window.Zoom))
	for i := range cells {
		p := &cells[i]
		g.ir[i], g.mean[i] = p.Max, meanOf(p.Sum, base)
		if g.fixed {
			g.level[i] = cellShareLevel(p, base, v.City.Shares)
		} else {
			g.level[i] = g.cuts.Level(p.Max)
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
