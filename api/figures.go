package api

import (
	"math"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// Losses is what sources cost in expected deaths (potential loss of life).
type Losses struct {
	PLL     float64   `json:"pll" doc:"Expected deaths per year (1/yr): people times individual risk, summed over cells of 33 m, or over sources where people are not known."`
	Share   float64   `json:"pll_share" doc:"Share of the answer's total, 0 to 1."`
	ByBasis BasisLoss `json:"by_basis"`
}

// BasisLoss splits a loss by where frequencies come from.
type BasisLoss struct {
	QRA        float64 `json:"qra" doc:"1/yr"`
	Equivalent float64 `json:"equivalent" doc:"1/yr, read off the city's table for an assessed level."`
}

// lossSum adds up losses.
type lossSum struct {
	all   riskgrid.Loss
	basis [2]riskgrid.Loss
}

func (l *lossSum) add(p riskgrid.Part) {
	l.all = l.all.Plus(p.Loss)
	l.basis[p.Basis&1] = l.basis[p.Basis&1].Plus(p.Loss)
}

func (l *lossSum) figures(whole riskgrid.Loss) Losses {
	return Losses{l.all.PerYear(), l.all.Of(whole), BasisLoss{l.basis[data.QRA].PerYear(), l.basis[data.Equivalent].PerYear()}}
}

// PeopleBasis says whom losses are counted with.
type PeopleBasis struct {
	From   string  `json:"from" enum:"grid,source exposure" doc:"grid: those who live on the ground. source exposure: nobody gave the city where people live, so each source's own exposed people count, in its own district."`
	Count  float64 `json:"count,omitempty" doc:"Everybody on the grid."`
	Silent int     `json:"sources_silent,omitempty" doc:"With source exposure: active sources that do not say whom they expose and so cost nothing."`
}

func peopleOf(v *tiles.View, f data.Filter) PeopleBasis {
	if v.PeopleKnown() {
		return PeopleBasis{From: "grid", Count: v.Totals.People().Persons()}
	}
	return PeopleBasis{From: "source exposure", Silent: v.Totals.Silent(f)}
}

// ByLevel is numbers by the level of the ground.
type ByLevel struct {
	Rest        float64 `json:"0" doc:"At or under the floor, or not assessed."`
	Low         float64 `json:"1"`
	General     float64 `json:"2"`
	Significant float64 `json:"3"`
	Major       float64 `json:"4"`
}

// Terrain is a piece of ground and its people, by the level of the superposed
// risk of all sources.
type Terrain struct {
	GroundKM2     GroundKM2 `json:"ground_km2" doc:"Square kilometres by the level of the superposed risk of all sources."`
	PeopleByLevel *ByLevel  `json:"people_by_level,omitempty" doc:"People who live on it, likewise; absent where nobody knows."`
}

func terrain(v *tiles.View, t riskgrid.Tally, c riskgrid.Criterion) Terrain {
	out := Terrain{GroundKM2: squareKilometres(t.SquareMetres(c))}
	if v.PeopleKnown() {
		n := t.Persons(c)
		out.PeopleByLevel = &ByLevel{n[0], n[1], n[2], n[3], n[4]}
	}
	return out
}

// Rule is how a piece of ground got its level, with all that decided.
type Rule struct {
	ID        string     `json:"id" doc:"Red, orange or yellow where the share of people (of ground, where nobody lives there or nobody knows) at that level or over is reached; else blue where any is over the floor. Then floors by active sources of level 4."`
	Criterion string     `json:"cuts" enum:"in-service,new-build"`
	From      string     `json:"from" enum:"people,area" doc:"What the shares are of."`
	Shares    RuleShares `json:"shares" doc:"Share at the level or over, 0 to 1."`
	Least     RuleShares `json:"least" doc:"The share that gives the level; of 1 any."`
	ByShares  data.Level `json:"by_shares" doc:"The level that the shares give."`
	Sources   Levels     `json:"sources" doc:"Active sources by assessed level."`
	Floors    RuleFloors `json:"floors" doc:"Active sources of level 4 that give at least the level."`
	ByFloors  data.Level `json:"by_floors" doc:"The least level that the sources give."`
}

// RuleShares is a share for each level.
type RuleShares struct {
	Low         float64 `json:"1"`
	General     float64 `json:"2"`
	Significant float64 `json:"3"`
	Major       float64 `json:"4"`
}

// RuleFloors is numbers of sources that lift a level.
type RuleFloors struct {
	General     int `json:"2"`
	Significant int `json:"3"`
}

func ruleOf(v *tiles.View, j tiles.Judgement) Rule {
	orange, yellow := tiles.Floors()
	s, least := j.Shares, v.City.Shares
	return Rule{ID: j.Rule, Criterion: j.Criterion.String(), From: j.From, Shares: RuleShares{s[1], s[2], s[3], s[4]},
		Least: RuleShares{0, least.General, least.Significant, least.Major}, ByShares: j.Share,
		Sources: countOf(j.Sources).Levels, Floors: RuleFloors{yellow, orange}, ByFloors: j.Floor}
}

// over is a quotient, nil where there is nothing to divide by.
func over(a, b float64) *float64 {
	if !(b > 0) {
		return nil
	}
	q := a / b
	if math.IsInf(q, 0) {
		return nil
	}
	return &q
}
