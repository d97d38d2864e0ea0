package tiles

import (
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// district is a district of the default vintage in one view.
type district struct {
	unit   *data.Unit
	at     data.District // 0 when the profile does not know its code
	known  bool          // it does
	bound  orb.Bound
	label  orb.Point
	ground riskgrid.Tally // nothing in a part of the city
	share  data.Level     // by the shares of its people or ground alone
	level  data.Level     // with the floors by its sources
	counts [5]int         // active sources that count in it, by level
}

// The floors of the district rule (domain: district level): a district with that
// many active sources of level 4 is at least orange, with one at least yellow.
const (
	orangeSources = 3
	yellowSources = 1
)

// defaultVintage is the vintage whose districts the layers show.
func (v *View) defaultVintage() *data.Vintage {
	t := v.City.Taxonomy
	return &t.Vintages[t.Default]
}

func (v *View) districtKind() string { return data.DistrictKind(v.defaultVintage().Name) }

// countDistricts makes the districts of a view: what changes have left of the last
// view's on the same ground, where there is one.
func (v *View) countDistricts(last *View, changes []index.Change, swaps []riskgrid.Swap) []district {
	var out []district
	if last != nil && last.part == v.part && last.land == v.land && sameUnits(last.Units(v.districtKind()), v.Units(v.districtKind())) {
		out = slices.Clone(last.districts)
		v.recount(out, changes)
	} else {
		last, out = nil, v.placeDistricts(v.City.Taxonomy.Default)
	}
	v.judge(out, v.City.Taxonomy.Default, func(d *district) bool { return last == nil || touches(d.bound, swaps) })
	return out
}

// judge gives the districts of a vintage their ground and level; those that the
// profile does not know have new ground where they are touched. A part of the city
// has no levels.
func (v *View) judge(out []district, vintage int, touched func(*district) bool) {
	if v.part {
		return
	}
	grounds := v.Totals.By(vintage)
	for i := range out {
		d := &out[i]
		switch {
		case !d.known && touched(d):
			d.ground = v.Totals.GroundWithin(polygons(d.unit.Shape))
		case d.known && int(d.at) < len(grounds):
			d.ground = grounds[d.at]
		}
		j := v.Judge(d.ground, d.counts, riskgrid.InService)
		d.share, d.level = j.Share, j.Level
	}
}

// placeDistricts makes a vintage's districts of a view, with their counts.
func (v *View) placeDistricts(of int) []district {
	vintage := &v.City.Taxonomy.Vintages[of]
	units, counts := v.Units(data.DistrictKind(vintage.Name)), v.districtCounts(data.All(), of)
	out := make([]district, len(units))
	for i := range units {
		u := &units[i]
		d := district{unit: u, bound: u.Shape.Bound(), label: data.LabelPoint(u.Shape)}
		if at, err := vintage.District(u.Code); err == nil {
			d.at, d.known, d.counts = at, true, counts[at]
		}
		out[i] = d
	}
	return out
}

// sameUnits reports whether two lists are one.
func sameUnits(a, b []data.Unit) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// recount takes the old hazards of the changes out of the districts' counts and the
// new ones in.
func (v *View) recount(districts []district, changes []index.Change) {
	vintage := v.City.Taxonomy.Default
	count := func(h *data.Hazard, n int) {
		if h = atWork(h); h == nil || h.Level > data.Major {
			return
		}
		for i := range districts {
			if d := &districts[i]; d.known && d.at == h.Districts[vintage] {
				d.counts[h.Level] += n
			}
		}
	}
	for _, c := range changes {
		count(c.Old, -1)
		count(c.New, 1)
	}
}

// DistrictGround is the ground of one position of a vintage: of a district, or of
// its outside.
func (v *View) DistrictGround(vintage int, at data.District) riskgrid.Tally {
	return v.Totals.Ground(func(r riskgrid.Region) bool { return r[vintage] == at })
}

// CityGround is the ground of the whole city: of all districts of the default
// vintage; where there are none, all ground that is known.
func (v *View) CityGround() riskgrid.Tally {
	at, outside := v.City.Taxonomy.Default, v.defaultVintage().Outside()
	inside := v.Totals.Ground(func(r riskgrid.Region) bool { return r[at] != outside })
	if inside.AllArea() > 0 {
		return inside
	}
	return v.Totals.Ground(func(riskgrid.Region) bool { return true })
}

// polygons is a district's ground; none for a shape that is no area.
func polygons(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

// touches reports whether a swap may have changed ground within the bound.
func touches(b orb.Bound, swaps []riskgrid.Swap) bool {
	for _, s := range swaps {
		if s.Old != nil && s.Old.Extent().Intersects(b) || s.New != nil && s.New.Extent().Intersects(b) {
			return true
		}
	}
	return false
}

// districtCounts counts the active sources that match in each position of a
// vintage, by level.
func (v *View) districtCounts(f data.Filter, at int) map[data.District][5]int {
	counts := map[data.District][5]int{}
	for class, n := range v.Classes() {
		if f.MatchClass(class) && class.Level <= data.Major {
			c := counts[class.Districts[at]]
			c[class.Level] += n
			counts[class.Districts[at]] = c
		}
	}
	return counts
}

// shareLevel is the level of ground by the sizes of its parts of each level
// (areas or numbers of cells; [0] is the rest): the first of major, significant,
// general whose share of the whole is reached, low where any part has a level,
// else none.
func shareLevel(parts [5]float64, rule city.ShareRule) data.Level {
	whole := parts[0] + parts[1] + parts[2] + parts[3] + parts[4]
	sum := 0.0
	for _, step := range [...]struct {
		level data.Level
		least float64
	}{{data.Major, rule.Major}, {data.Significant, rule.Significant}, {data.General, rule.General}, {data.Low, 0}} {
		sum += parts[step.level]
		if sum > 0 && sum >= step.least*whole {
			return step.level
		}
	}
	return data.LevelNone
}

// floorLevel lifts a district's level by the worst of its sources. One with
// sources is at least blue; one without sources and without risk above the floor
// has no level, since nobody is known to have assessed it.
func floorLevel(share data.Level, counts [5]int) data.Level {
	switch {
	case counts[data.Major] >= orangeSources:
		return max(share, data.Significant)
	case counts[data.Major] >= yellowSources:
		return max(share, data.General)
	case counts != [5]int{}:
		return max(share, data.Low)
	}
	return share
}

// DistrictLevel is the level of a district of the default vintage by the
// district rule, from the unfiltered field; LevelNone for an unknown code.
func (v *View) DistrictLevel(code string) data.Level {
	for i := range v.districts {
		if v.districts[i].unit.Code == code {
			return v.districts[i].level
		}
	}
	return data.LevelNone
}

// shown gives the districts whose box meets the bound as the layers show them:
// with the city's level where nothing is filtered, else with counts alone.
func (v *View) shown(b orb.Bound, r Request) []DistrictShape {
	var counts map[data.District][5]int
	all, at := r.Filter == data.All(), v.City.Taxonomy.Default
	if r.Vintage != 0 {
		at = int(r.Vintage) - 1
	}
	if !all {
		counts = v.districtCounts(r.Filter, at)
	}
	districts := v.districtsOf(at)
	var out []DistrictShape
	for i := range districts {
		d := &districts[i]
		if !d.bound.Intersects(b) {
			continue
		}
		s := DistrictShape{Unit: d.unit, Label: d.label}
		by := d.counts
		if all {
			s.Level = d.level
		} else {
			by = counts[d.at]
		}
		for _, n := range by {
			s.Count += n
		}
		out = append(out, s)
	}
	return out
}
