package report

import (
	"cmp"
	"slices"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
)

// What a chapter says of its survey.
const (
	surveyed    = "surveyed"
	noneAtWork  = "none"
	notSurveyed = "not_surveyed"
	notShown    = "not_shown"
)

// mostTallies is how many phrases and types a chapter lists.
const mostTallies = 8

// industries are the chapters of every industry of the profile, in its order.
func (g *gatherer) industries() []Chapter {
	known := g.known()
	out := make([]Chapter, len(g.tax.Industries))
	for i := range out {
		info, s := &g.tax.Industries[i], &g.book.industry[i]
		out[i] = g.trade(g.industryTitle(i), s, func(l lot) bool { return int(l.industry) == i })
		c := &out[i]
		c.Group, c.Regulator, c.Assistant, c.Method = g.tax.Groups[info.Group].Key, info.Regulator, info.Assistant, info.Method
		c.Top = g.sources(ofIndustry(info.Code))
		c.Types = mostOf(g.details.types[i], g.accidentTitle)
		c.Measures = talliesOf(g.details.measures[i])
		c.Survey = g.survey(c.Counts, known[i])
	}
	return out
}

// groups are the chapters of the groups of industries: the units of the plan.
func (g *gatherer) groups() []Chapter {
	known := g.known()
	var out []Chapter
	for i, info := range g.tax.Groups {
		s := g.groupShare(i)
		c := g.trade(Title(info), &s, func(l lot) bool { return g.groupOf(l) == i })
		records := false
		types, measures := map[string]int{}, map[string]int{}
		for j := range g.tax.Industries {
			if g.tax.Industries[j].Group == i {
				tallyUp(types, g.details.types[j])
				tallyUp(measures, g.details.measures[j])
				records = records || known[j]
			}
		}
		c.Top, c.Types, c.Measures = g.sources(ofGroup(info.Key)), mostOf(types, g.accidentTitle), talliesOf(measures)
		c.Survey = g.survey(c.Counts, records)
		out = append(out, c)
	}
	return out
}

// trade is the part of a chapter that industries and groups have in common.
func (g *gatherer) trade(t Title, s *portion, of func(lot) bool) Chapter {
	c := Chapter{Title: t, Counts: g.book.count(of), PLL: s.loss.PerYear(), Share: s.loss.Of(g.book.all), Accidents: s.accidents()}
	for _, d := range g.positions() {
		if n := g.book.count(func(l lot) bool { return of(l) && l.district == d }); n.Sum() > 0 || d != g.vintage.Outside() {
			c.ByDistrict = append(c.ByDistrict, Row{g.districtTitle(d), n})
		}
	}
	return c
}

// known says of which industries there is any record that the view shows,
// whatever its status.
func (g *gatherer) known() []bool {
	out := make([]bool, len(g.tax.Industries))
	for h := range g.View.All(data.All(), "") {
		out[h.Industry] = true
	}
	return out
}

// survey says why a chapter has no source. What a public view leaves out may be
// of any industry, so it cannot say that one was never surveyed.
func (g *gatherer) survey(n Counts, records bool) string {
	switch {
	case n.Sum() > 0:
		return surveyed
	case records:
		return noneAtWork
	case g.View.Who == city.PublicView && g.City.LeftOut() > 0:
		return notShown
	}
	return notSurveyed
}

// districts are the chapters of the default vintage's districts, in its order,
// and one of what lies outside of them where there is anything.
func (g *gatherer) districts() []Chapter {
	var out []Chapter
	for _, d := range g.positions() {
		s := g.book.at(d)
		ground := g.View.DistrictGround(g.at, d)
		c := g.place(g.districtTitle(d), g.book.count(func(l lot) bool { return l.district == d }), s.loss, ground)
		if d == g.vintage.Outside() {
			if c.Counts.Sum() == 0 && s.loss.IsZero() {
				continue
			}
			c.Level, c.Rule, c.PerKM2 = data.LevelNone, nil, 0 // nobody says where it ends
		}
		c.Accidents = s.accidents()
		c.ByIndustry = g.byIndustry(func(i int) Counts { return g.book.counts[lot{data.Industry(i), d}] })
		c.Top = g.sources(ofDistrict(c.Key))
		out = append(out, c)
	}
	return out
}

// place is the part of a chapter that districts and zones have in common.
func (g *gatherer) place(t Title, n Counts, loss riskgrid.Loss, ground riskgrid.Tally) Chapter {
	c := Chapter{Title: t, Counts: n, PLL: loss.PerYear(), Share: loss.Of(g.book.all), Survey: g.survey(n, false),
		People: ground.AllPeople().Persons(), PeopleBy: ground.Persons(g.Criterion), GroundKM2: squareKilometres(ground, g.Criterion)}
	level, rule := g.judge(ground, n)
	c.Level, c.Rule = level, &rule
	if c.People > 0 {
		c.Per10000 = c.PLL * 1e4 / c.People
	}
	if area := float64(ground.AllArea()) / 1e10; area > 0 {
		c.PerKM2 = c.PLL / area
	}
	return c
}

// byIndustry lists the industries that have a source.
func (g *gatherer) byIndustry(of func(i int) Counts) []Row {
	var out []Row
	for i := range g.tax.Industries {
		if n := of(i); n.Sum() > 0 {
			out = append(out, Row{g.industryTitle(i), n})
		}
	}
	return out
}

// zoneChapters are the zones, set by set. Zones may overlap: each counts in full.
func (g *gatherer) zoneChapters() []ZoneSet {
	var out []ZoneSet
	for i := range g.zones {
		z := &g.zones[i]
		set := ZoneSet{Name: z.name}
		var all, sum riskgrid.Tally
		for u := range z.units {
			unit := &z.units[u]
			patch := g.totals.Within(polygons(unit.Shape))
			sum.Add(&patch.Tally)
			var n Counts
			byIndustry := map[int]Counts{}
			var theirs riskgrid.Loss
			for _, at := range z.in[u] {
				h := g.facts[at].hazard
				n[h.Level]++
				c := byIndustry[int(h.Industry)]
				c[h.Level]++
				byIndustry[int(h.Industry)] = c
				theirs = theirs.Plus(g.facts[at].loss)
			}
			loss := patch.Loss
			if !g.totals.Grid() {
				loss = theirs
			}
			c := g.place(Title{unit.Code, unit.Name, unit.NameEn}, n, loss, patch.Tally)
			c.ByIndustry = g.byIndustry(func(i int) Counts { return byIndustry[i] })
			c.Top = g.sources(ofZone(z.name, unit.Code))
			set.Zones = append(set.Zones, c)
		}
		all = g.totals.Within(together(z.units)).Tally
		set.Overlap = all.AllArea() < sum.AllArea()
		out = append(out, set)
	}
	return out
}

func tallyUp(into, more map[string]int) {
	for k, n := range more {
		into[k] += n
	}
}

// talliesOf gives the phrases that most records have, most first, then by text.
func talliesOf(n map[string]int) []Tally {
	out := make([]Tally, 0, len(n))
	for text, count := range n {
		out = append(out, Tally{text, count})
	}
	slices.SortFunc(out, func(a, b Tally) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Text, b.Text)) })
	return out[:min(len(out), mostTallies)]
}

// mostOf gives the greatest counts first, then by key.
func mostOf(n map[string]int, title func(string) Title) []Number {
	out := numbers(n, title)
	slices.SortStableFunc(out, func(a, b Number) int { return cmp.Compare(b.Value, a.Value) })
	return out[:min(len(out), mostTallies)]
}
