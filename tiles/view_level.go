package tiles

import (
	"riskatlas/data"
	"riskatlas/riskgrid"
)

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
