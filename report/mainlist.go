package report

import (
	"cmp"
	"slices"
)

// mainList is the list of main sources by the profile's rule: by level falling,
// then id.
func (g *gatherer) mainList() MainList {
	rule := g.View.City.MainList
	out := MainList{MinLevel: rule.MinLevel, MajorHazard: rule.MajorHazard, Source: rule.Source, Matched: len(g.details.main), Sources: []Source{}}
	for _, i := range g.details.main {
		out.Sources = append(out.Sources, *g.details.rows[i])
	}
	slices.SortStableFunc(out.Sources, func(a, b Source) int { return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(a.ID, b.ID)) })
	return out
}
