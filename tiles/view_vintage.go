package tiles

import (
	"sync"

	"riskatlas/data"
)

// vintageMemo holds the districts of other vintages than the default, which are
// made when they are first asked for.
type vintageMemo struct {
	mu sync.Mutex
	of map[int][]district
}

// vintage is the division into districts that a request is about.
func (v *View) vintage(r Request) *data.Vintage {
	if r.Vintage == 0 {
		return v.defaultVintage()
	}
	return &v.City.Taxonomy.Vintages[r.Vintage-1]
}

// districtsOf gives the districts of a vintage with their levels and counts; none
// where nobody has drawn them. Each vintage's sum to the city by themselves.
func (v *View) districtsOf(vintage int) []district {
	if vintage == v.City.Taxonomy.Default {
		return v.districts
	}
	if v.vintages == nil {
		return v.makeDistricts(vintage)
	}
	v.vintages.mu.Lock()
	defer v.vintages.mu.Unlock()
	made, ok := v.vintages.of[vintage]
	if !ok {
		made = v.makeDistricts(vintage)
		if v.vintages.of == nil {
			v.vintages.of = map[int][]district{}
		}
		v.vintages.of[vintage] = made
	}
	return made
}

func (v *View) makeDistricts(vintage int) []district {
	out := v.placeDistricts(vintage)
	v.judge(out, vintage, func(*district) bool { return true })
	return out
}

// drawnVintages lists the vintages but for the default that have outlines.
func (v *View) drawnVintages() (out []int) {
	for i := range v.City.Taxonomy.Vintages {
		if i != v.City.Taxonomy.Default && len(v.Units(data.DistrictKind(v.City.Taxonomy.Vintages[i].Name))) > 0 {
			out = append(out, i)
		}
	}
	return out
}
