package report

import (
	"cmp"
	"math"
	"slices"

	"riskatlas/data"
	"riskatlas/data/grading"
	"riskatlas/riskgrid"
)

const (
	fromGrid    = "grid"
	fromSources = "source exposure"
)

// overall is the city's situation.
func (g *gatherer) overall(c *Curve) Overall {
	ground := g.View.CityGround()
	out := Overall{
		Counts:      g.book.count(func(lot) bool { return true }),
		PLL:         g.book.all.PerYear(),
		QRA:         g.book.basis[data.QRA].PerYear(),
		Equivalent:  g.book.basis[data.Equivalent].PerYear(),
		People:      g.book.exposed,
		PeopleFrom:  fromSources,
		GroundKM2:   squareKilometres(ground, g.Criterion),
		PeopleBy:    ground.Persons(g.Criterion),
		SocietalFN:  c.Zone,
		MajorHazard: g.details.grades,
		PlacesKinds: g.places(),
	}
	out.MajorHazard[0] = 0
	if g.totals.Grid() {
		out.People, out.PeopleFrom = g.totals.People().Persons(), fromGrid
		if out.People > 0 {
			out.MeanIR = out.PLL / out.People
		}
	}
	out.Level, out.Rule = g.judge(ground, out.Counts)
	return out
}

// judge gives the level of ground by the district rule, with what it comes from.
func (g *gatherer) judge(ground riskgrid.Tally, counts Counts) (data.Level, Rule) {
	j := g.View.Judge(ground, counts, g.Criterion)
	return j.Level, Rule{ID: j.Rule, From: j.From, Shares: j.Shares, Floor: j.Floor}
}

// squareKilometres is the ground by level, to 1 m2.
func squareKilometres(ground riskgrid.Tally, c riskgrid.Criterion) [5]float64 {
	out := ground.SquareMetres(c)
	for l := range out {
		out[l] = math.Round(out[l]) / 1e6
	}
	return out
}

// places counts the emergency places by kind.
func (g *gatherer) places() []Number {
	n := map[string]int{}
	units := g.View.Units(data.PlaceKind)
	for i := range units {
		n[units[i].Class]++
	}
	return numbers(n, placeTitle)
}

// numbers lists counts by key.
func numbers(n map[string]int, title func(key string) Title) []Number {
	out := make([]Number, 0, len(n))
	for key, count := range n {
		out = append(out, Number{title(key), float64(count)})
	}
	slices.SortFunc(out, func(a, b Number) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// curve is the F-N curve of all scenarios (CCPS CHEF p. 267) between the lines of
// GB 36894-2018, figure 1.
func (g *gatherer) curve() *Curve {
	var costs []riskgrid.Expected
	for i := range g.facts {
		costs = g.totals.Expected(costs, g.facts[i].hazard)
	}
	scenarios := make([]grading.FN, len(costs))
	for i, e := range costs {
		scenarios[i] = grading.FN{Deaths: e.Deaths, PerYear: e.PerYear}
	}
	out := &Curve{Points: []Point{}, Source: "GB 36894-2018 figure 1; the lines are written for one installation, not for a city"}
	upper, lower := g.Rules.Lines()
	for _, p := range upper {
		out.Upper = append(out.Upper, [2]float64{p.Deaths, p.PerYear})
	}
	for _, p := range lower {
		out.Lower = append(out.Lower, [2]float64{p.Deaths, p.PerYear})
	}
	curve, err := grading.Curve(scenarios)
	if err != nil { // frequencies and deaths are finite and not under 0
		return out
	}
	zone, worst := g.Rules.Judge(curve)
	if out.Zone = zone.String(); zone != grading.Unjudged {
		out.Worst = &Point{worst.Deaths, worst.PerYear, out.Zone}
	}
	const apart = 1.02
	last := 0.0
	for _, p := range curve {
		if p.Deaths >= last*apart {
			last = p.Deaths
			out.Points = append(out.Points, Point{p.Deaths, p.PerYear, g.Rules.Zone(p.Deaths, p.PerYear).String()})
		}
	}
	return out
}

// composition divides the city's loss in several ways.
func (g *gatherer) composition() []Composition {
	b := g.book
	part := func(t Title, n int, l riskgrid.Loss) Part { return Part{t, n, l.PerYear(), l.Of(b.all)} }
	industry := Composition{By: "industry"}
	for i := range g.tax.Industries {
		n := b.count(func(l lot) bool { return int(l.industry) == i }).Sum()
		industry.Rows = append(industry.Rows, part(g.industryTitle(i), n, b.industry[i].loss))
	}
	group := Composition{By: "group"}
	for i, info := range g.tax.Groups {
		group.Rows = append(group.Rows, part(Title(info), b.count(func(l lot) bool { return g.groupOf(l) == i }).Sum(), g.groupShare(i).loss))
	}
	district := Composition{By: "district"}
	for _, d := range g.positions() {
		n := b.count(func(l lot) bool { return l.district == d }).Sum()
		district.Rows = append(district.Rows, part(g.districtTitle(d), n, b.at(d).loss))
	}
	accident := Composition{By: "accident"}
	for _, a := range append(slices.Clone(g.tax.AccidentTypes), data.AccidentType{Code: untyped, Name: "未分类", NameEn: "Of no type"}) {
		if of := b.types[a.Code]; of != nil {
			accident.Rows = append(accident.Rows, part(Title{a.Code, a.Name, a.NameEn}, of.sources, of.loss))
		}
	}
	outcome, basis := Composition{By: "outcome"}, Composition{By: "basis"}
	for o := range data.Outcomes {
		outcome.Rows = append(outcome.Rows, part(outcomeTitle(data.Outcome(o)), b.outcome.kinds[o], b.outcome.by[o]))
	}
	for k := range data.BasisKeys {
		basis.Rows = append(basis.Rows, part(basisTitle(data.Basis(k)), b.based[k], b.basis[k]))
	}
	return []Composition{industry, group, district, accident, outcome, basis}
}

func (g *gatherer) groupOf(l lot) int { return g.tax.Industries[l.industry].Group }

func (g *gatherer) groupShare(group int) portion {
	var s portion
	for i := range g.tax.Industries {
		if g.tax.Industries[i].Group == group {
			s.plus(&g.book.industry[i])
		}
	}
	return s
}

// positions are the districts of the default vintage and its outside.
func (g *gatherer) positions() []data.District {
	var out []data.District
	for d := g.vintage.First; d <= g.vintage.Outside(); d++ {
		out = append(out, d)
	}
	return out
}
