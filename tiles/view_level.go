package tiles

import (
	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
)

// criteriaOf is a profile's cuts under each criterion; all 0 where it has none.
func criteriaOf(p *city.Profile) (c [riskgrid.CriteriaCount]riskgrid.Cuts) {
	c[riskgrid.InService] = riskgrid.NewCuts(p.Cuts)
	if p.NewBuild != [4]float64{} {
		c[riskgrid.NewBuild] = riskgrid.NewCuts(p.NewBuild)
	}
	return c
}

// CutsOf gives the cuts by which the criterion judges ground. The error is an
// *data.Invalid where the profile has none.
func (v *View) CutsOf(c riskgrid.Criterion) (riskgrid.Cuts, error) {
	switch {
	case c == riskgrid.InService:
		return v.Cuts, nil
	case c < riskgrid.CriteriaCount && v.criteria[c] != (riskgrid.Cuts{}):
		return v.criteria[c], nil
	}
	return riskgrid.Cuts{}, &data.Invalid{Field: "cuts", Value: c.String(),
		Want: "cuts that profile " + v.City.Key + " has (it has no new_build), one of", Allowed: []string{riskgrid.InService.String()}}
}

// ShareLevel is the level of a pooled cell of the zoom by the district rule on
// its base cells: what stat=share shows.
func (v *View) ShareLevel(p *riskgrid.Pooled, zoom uint8) data.Level {
	return cellShareLevel(p, riskgrid.Risk(1)<<(2*(riskgrid.BaseZoom-zoom)), v.City.Shares)
}

// GroundLevel is the level of a district or zone by the district rule: from the
// areas of its ground by level ([0] is the rest, any unit) and its numbers of
// active sources by assessed level.
func (v *View) GroundLevel(areas [5]float64, sources [5]int) data.Level {
	return floorLevel(shareLevel(areas, v.City.Shares), sources)
}
