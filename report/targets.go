package report

import (
	"context"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// industrial is the key of the group whose risk GB 36894 limits.
const industrial = "industrial"

// sensitive is how high-sensitive targets stand to industrial risk.
type sensitive struct {
	known       bool // the profile has the group
	count, over int
	worst       int32 // position in facts, -1: none
	ir          riskgrid.Risk
}

// judgeTargets looks at the place of every high-sensitive target among the active
// sources. The risk there is that of the industrial sources at the label point as
// a place, so that no target counts against itself.
func (g *gatherer) judgeTargets(ctx context.Context) error {
	g.sensitive.worst = -1
	f, err := g.tax.Filter(data.Selection{Groups: []string{industrial}})
	if g.sensitive.known = err == nil; !g.sensitive.known {
		return nil
	}
	for i := range g.facts {
		h := g.facts[i].hazard
		if h.Protection != data.HighSensitive || f.MatchClass(h.Class) {
			continue
		}
		if g.sensitive.count++; g.sensitive.count&0xff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		p := h.Label()
		ir, _ := riskgrid.At(p, g.View.Reaching(orb.Bound{Min: p, Max: p}, f))
		if !g.Rules.Allowed(data.HighSensitive, true, ir.PerYear()) {
			g.sensitive.over++
		}
		if ir > g.sensitive.ir {
			g.sensitive.ir, g.sensitive.worst = ir, int32(i)
		}
	}
	return nil
}

func (g *gatherer) targets() *Targets {
	s := &g.sensitive
	if !s.known {
		return nil
	}
	return &Targets{Limit: g.Rules.Limit(data.HighSensitive, true), Count: s.count, Over: s.over,
		IR: s.ir.PerYear(), Worst: g.details.rows[s.worst]}
}
