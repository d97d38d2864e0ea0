package report

import (
	"cmp"
	"context"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// listFacts lists the active sources with what they cost.
func (g *gatherer) listFacts(ctx context.Context) error {
	seen := 0
	var costs []riskgrid.Expected
	for h := range g.View.All(data.All(), "") {
		if seen++; seen&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if h.Status != data.Active {
			continue
		}
		f := toll{hazard: h}
		costs = g.totals.Expected(costs[:0], h)
		for _, e := range costs {
			f.loss = f.loss.Plus(e.Loss)
			f.deaths = max(f.deaths, e.Deaths)
		}
		g.facts = append(g.facts, f)
		g.book.note(h)
	}
	g.rank = make([]int32, len(g.facts))
	for i := range g.rank {
		g.rank[i] = int32(i)
	}
	slices.SortFunc(g.rank, func(a, b int32) int { return cmp.Or(g.facts[b].loss.Cmp(g.facts[a].loss), cmp.Compare(a, b)) })
	return ctx.Err()
}

// zoneSet is the zones of one kind of unit with the sources in each.
type zoneSet struct {
	name  string
	units []data.Unit
	in    [][]int32 // positions in facts, by unit
}

// listZones finds the sources whose label point lies in each zone.
func (g *gatherer) listZones(ctx context.Context) error {
	for _, name := range g.View.ZoneNames() {
		zoning := g.View.Zoning(data.ZoneKind(name))
		z := zoneSet{name: name, units: zoning.Units(), in: make([][]int32, len(zoning.Units()))}
		for i := range g.facts {
			if i&0xfff == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			zoning.Of(g.facts[i].hazard, func(unit int, holds, _ bool) {
				if holds {
					z.in[unit] = append(z.in[unit], int32(i))
				}
			})
		}
		g.zones = append(g.zones, z)
	}
	return nil
}

// polygons is a unit's ground; none for a shape that is no area.
func polygons(s orb.Geometry) orb.MultiPolygon {
	switch s := s.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{s}
	case orb.MultiPolygon:
		return s
	}
	return nil
}

// The keys of picks. The whole city's is "".
func ofIndustry(code string) string    { return "industry\x00" + code }
func ofGroup(key string) string        { return "group\x00" + key }
func ofDistrict(code string) string    { return "district\x00" + code }
func ofZone(set, code string) string   { return "zone\x00" + set + "\x00" + code }
func (g *gatherer) full(k string) bool { return len(g.picks[k]) >= g.Top }

// pick chooses the top sources of every chapter by loss, then id.
func (g *gatherer) pick() {
	g.picks = map[string][]int32{}
	place := make([]int32, len(g.facts))
	for r, i := range g.rank {
		place[i] = int32(r)
		in := &g.tax.Industries[g.facts[i].hazard.Industry]
		for _, k := range []string{"", ofIndustry(in.Code), ofGroup(g.tax.Groups[in.Group].Key), ofDistrict(g.districtKey(g.facts[i].hazard))} {
			if !g.full(k) {
				g.picks[k] = append(g.picks[k], i)
			}
		}
	}
	for _, z := range g.zones {
		for u, in := range z.in {
			best := slices.SortedFunc(slices.Values(in), func(a, b int32) int { return cmp.Compare(place[a], place[b]) })
			g.picks[ofZone(z.name, z.units[u].Code)] = best[:min(len(best), g.Top)]
		}
	}
}

const outside = "outside"

// districtKey is the code of the source's district, or outside.
func (g *gatherer) districtKey(h *data.Hazard) string {
	return cmp.Or(g.tax.DistrictCode(h.Districts[g.at]), outside)
}

// sources gives the rows of a pick, but for those that are gone.
func (g *gatherer) sources(pick string) []Source {
	var out []Source
	for _, i := range g.picks[pick] {
		if s := g.details.rows[i]; s != nil {
			out = append(out, *s)
		}
	}
	return out
}
