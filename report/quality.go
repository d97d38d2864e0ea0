package report

import (
	"maps"
	"slices"

	"riskatlas/data"
)

// quality says how complete the records are.
func (g *gatherer) quality() Quality {
	n := len(g.facts)
	out := Quality{Records: g.View.Len(), Active: n, Changed: g.details.changed, Equivalent: g.book.levels,
		NoPeople: g.totals.Silent(data.All()), Complete: []Number{}, Gaps: []Number{}, ByMethod: []Part{},
		Outside: g.book.count(func(l lot) bool { return l.district == g.vintage.Outside() || l.district == 0 }).Sum()}
	for _, field := range fieldNames {
		if has, asked := g.details.complete[field.Key]; asked && n > 0 {
			out.Complete = append(out.Complete, Number{field, float64(has) / float64(n)})
		}
	}
	for _, gap := range gapNames {
		out.Gaps = append(out.Gaps, Number{gap, float64(g.details.gaps[gap.Key])})
	}
	for _, m := range slices.Sorted(maps.Keys(g.details.methods)) {
		p := Part{Title: methodTitle(m), Count: g.details.methods[m]}
		p.Share = float64(p.Count) / float64(n)
		out.ByMethod = append(out.ByMethod, p)
	}
	p := g.View.City
	if p.Weather != nil && p.Weather.Placeholder {
		out.Placeholders = append(out.Placeholders, "weather")
	}
	for _, u := range g.View.Units(data.DistrictKind(g.vintage.Name)) {
		if u.Props["schematic"] == "true" {
			out.Placeholders = append(out.Placeholders, "district outlines")
			break
		}
	}
	if !g.totals.Grid() {
		out.Placeholders = append(out.Placeholders, "people: by the sources' own exposure, no population grid")
	}
	return out
}
