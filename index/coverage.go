package index

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Coverage is what is known of the survey; nil for a city that keeps no table.
func (s *Snapshot) Coverage() *data.CoverageTable {
	if set := s.units[data.CoverageKind]; set != nil {
		return set.coverage
	}
	return nil
}

// DistrictAt is the position of the district of the default vintage that holds the
// point by the rule of districts, the first by code where several do; false where
// none does.
func (s *Snapshot) DistrictAt(p orb.Point) (data.District, bool) {
	z := s.Zoning(s.districtKind)
	if z == nil {
		return 0, false
	}
	for i, a := range z.areas {
		if a.holds(p) {
			return z.set.positions[i], z.set.positions[i] != 0
		}
	}
	return 0, false
}

// DistrictsWithin appends the positions of the districts of the default vintage
// that have ground within the metres of the point, in the order of their codes.
func (s *Snapshot) DistrictsWithin(dst []data.District, p orb.Point, metres float64) []data.District {
	set := s.units[s.districtKind]
	if set == nil {
		return dst
	}
	hit := make([]bool, 2*len(set.units))
	set.reach(ground{shape: p, metres: metres}, hit[:len(set.units)], hit[len(set.units):])
	for i, in := range hit[:len(set.units)] {
		if in && set.positions[i] != 0 {
			dst = append(dst, set.positions[i])
		}
	}
	return dst
}
