package tiles

import (
	"sync"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// land is what a snapshot's units say of the ground, and the digests of those
// units.
type land struct {
	riskgrid.Land
	people    uint64
	districts [data.MaxVintages]uint64

	sized sync.Once
	sizes []expanse // of the default vintage's districts, once asked for
}

// landOf gives the land of a snapshot: the viewer's latest where no unit of it has
// changed.
func (v *Viewer) landOf(s *index.Snapshot) (*land, error) {
	tax := v.city.Taxonomy
	next := &land{people: s.UnitsDigest(data.PeopleKind)}
	for i := range tax.Vintages {
		next.districts[i] = s.UnitsDigest(data.DistrictKind(tax.Vintages[i].Name))
	}
	last := v.land.Load()
	if last != nil && last.people == next.people && last.districts == next.districts {
		return last, nil
	}
	next.Cuts = v.criteria
	if last != nil && last.people == next.people {
		next.People = last.People
	} else {
		people, err := riskgrid.NewPeople(s.Units(data.PeopleKind))
		if err != nil {
			return &land{Land: riskgrid.Land{Regions: riskgrid.NewRegions(tax, s.Units), Cuts: next.Cuts}}, err
		}
		next.People = people
	}
	if last != nil && last.districts == next.districts {
		next.Regions = last.Regions
	} else {
		next.Regions = riskgrid.NewRegions(tax, s.Units)
	}
	v.land.Store(next)
	return next, nil
}

// PeopleKnown reports whether it is known where people live. If not, losses are
// by the sources' own exposure and levels by areas.
func (v *View) PeopleKnown() bool { return v.Totals.Grid() }

// peopleDigest is a hash of the units that say where people live, 0 for none.
func (v *View) peopleDigest() uint64 { return v.UnitsDigest(data.PeopleKind) }
