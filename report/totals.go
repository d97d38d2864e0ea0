package report

import (
	"fmt"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// totalsOf gives the totals of a view.
func totalsOf(v *tiles.View) (*riskgrid.Totals, error) {
	people, err := riskgrid.NewPeople(v.Units(data.PeopleKind))
	if err != nil {
		return nil, fmt.Errorf("people of the city: %w", err)
	}
	land := riskgrid.Land{People: people, Regions: riskgrid.NewRegions(v.City.Taxonomy, v.Units),
		Cuts: [riskgrid.CriteriaCount]riskgrid.Cuts{riskgrid.NewCuts(v.City.Cuts)}}
	if v.City.NewBuild != [4]float64{} {
		land.Cuts[riskgrid.NewBuild] = riskgrid.NewCuts(v.City.NewBuild)
	}
	return riskgrid.NewTotals(land, v.Field, func(yield func(*data.Hazard) bool) {
		for h := range v.All(data.All(), "") {
			if h.Status == data.Active && !yield(h) {
				return
			}
		}
	}), nil
}
