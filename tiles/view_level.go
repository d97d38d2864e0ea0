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

// CutsOf is View.CutsOf of any view of the profile.
func CutsOf(p *city.Profile, c riskgrid.Criterion) (riskgrid.Cuts, error) {
	return (&View{City: p, Cuts: riskgrid.NewCuts(p.Cuts), criteria: criteriaOf(p)}).CutsOf(c)
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

// The parts of the district rule by which ground is shared out.
const (
	ByPeople = "people"
	ByArea   = "area"
)

// ShareRule names the rule of levels: shares by level, floors by sources of level
// 4. Its numbers are the profile's; a change of its meaning takes another name.
const ShareRule = "shares-and-floors-1"

// Judgement is the level that the district rule gives a piece of ground, with all
// that it was given by.
type Judgement struct {
	Level     data.Level
	Rule      string
	Criterion riskgrid.Criterion
	From      string     // ByPeople; ByArea where nobody knows where people live, or nobody lives there
	Shares    [5]float64 // [k], k over 0: the share of people or ground at level k or over; [0] is 1, or 0 of nothing
	Share     data.Level // the level by the shares alone
	Sources   [5]int     // active sources that count in it, by assessed level
	Floor     data.Level // the level by the sources alone
}

// Judge gives the level of a piece of ground (a district, a zone, the city) by the
// district rule: from the people on it, or the ground itself where there are
// none, and its numbers of active sources by assessed level.
func (v *View) Judge(ground riskgrid.Tally, sources [5]int, c riskgrid.Criterion) Judgement {
	j := Judgement{Rule: ShareRule, Criterion: c, From: ByArea, Sources: sources}
	parts := ground.SquareMetres(c)
	if ground.AllPeople() > 0 {
		j.From, parts = ByPeople, ground.Persons(c)
	}
	whole := parts[0] + parts[1] + parts[2] + parts[3] + parts[4]
	sum := 0.0
	for l := data.Major; whole > 0; l-- {
		sum += parts[l]
		j.Shares[l] = sum / whole
		if l == data.LevelNone {
			break
		}
	}
	j.Share = shareLevel(parts, v.City.Shares)
	j.Floor = floorLevel(data.LevelNone, sources)
	j.Level = max(j.Share, j.Floor)
	return j
}

// Floors are the numbers of active sources of level 4 from which the district
// rule gives at least orange and at least yellow.
func Floors() (orange, yellow int) { return orangeSources, yellowSources }
