package tiles

import (
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// Assessed says how far the ground that a question is about was looked at: where
// every industry that is asked for is received, verified or none_here. What nobody
// looked at is not safe, it is unknown.
type Assessed struct {
	Recorded  bool // the city keeps a table of coverage; if not, nothing else is set
	Districts int  // that the question covers; of none it is not known whether they were looked at
	Done      int  // that are assessed
	// Share is the part of the ground of the districts that is assessed, and
	// PeopleShare the part of those who live there (-1 where nobody knows). Where
	// the districts have no outlines Share is by their number.
	Share, PeopleShare float64
	Missing            data.Set  // industries that are not done in at least one of the districts
	Oldest             data.Date // of what is done; 0: nothing is, or nothing has a date
	Undated            bool      // some of what is done has no date
}

// Whole reports whether all of the ground is assessed.
func (a *Assessed) Whole() bool { return a.Districts > 0 && a.Done == a.Districts }

// expanse is the ground of a district, square centimetres, and who live on it.
type expanse struct {
	area   int64
	people riskgrid.Headcount
}

// sizes gives the districts of the default vintage their sizes, by position. They
// are found once for each set of districts and people.
func (v *View) sizes() []expanse {
	v.land.sized.Do(func() {
		for _, g := range v.Totals.By(v.City.Taxonomy.Default) {
			v.land.sizes = append(v.land.sizes, expanse{g.AllArea(), g.AllPeople()})
		}
	})
	return v.land.sizes
}

// Assess asks the table of coverage about the filter's industries in districts of
// the default vintage, each once. Levels restrict nothing here: who has not sent a
// list has sent none of any level.
func (v *View) Assess(f data.Filter, districts []data.District) Assessed {
	return v.assess(v.Coverage(), f, districts)
}

func (v *View) assess(table *data.CoverageTable, f data.Filter, districts []data.District) Assessed {
	if table == nil {
		return Assessed{PeopleShare: -1}
	}
	asked := v.City.Taxonomy.Asked(f)
	a := Assessed{Recorded: true, PeopleShare: -1}
	if asked == 0 {
		return a
	}
	a.Districts = len(districts)
	for _, d := range districts {
		missing := asked &^ table.Done(d)
		a.Missing |= missing
		if missing == 0 {
			a.Done++
		}
		oldest, dated := table.Oldest(d, asked)
		a.Undated = a.Undated || !dated
		if oldest != 0 && (a.Oldest == 0 || oldest < a.Oldest) {
			a.Oldest = oldest
		}
	}
	v.shareOut(&a, table, asked, districts)
	return a
}

// shareOut finds the shares of an answer.
func (v *View) shareOut(a *Assessed, table *data.CoverageTable, asked data.Set, districts []data.District) {
	switch {
	case len(districts) == 0:
		return
	case a.Done == len(districts) || a.Done == 0: // the sizes do not matter
		a.Share = float64(a.Done / len(districts))
		if v.PeopleKnown() {
			a.PeopleShare = a.Share
		}
		return
	}
	sizes := v.sizes()
	var area, people, doneArea, donePeople float64
	for _, d := range districts {
		s := expanse{}
		if int(d) < len(sizes) {
			s = sizes[d]
		}
		area, people = area+float64(s.area), people+float64(s.people)
		if asked&^table.Done(d) == 0 {
			doneArea, donePeople = doneArea+float64(s.area), donePeople+float64(s.people)
		}
	}
	a.Share = float64(a.Done) / float64(len(districts))
	if area > 0 {
		a.Share = doneArea / area
	}
	if v.PeopleKnown() && people > 0 {
		a.PeopleShare = donePeople / people
	}
}

// AskedDistricts appends the districts of the default vintage that the filter asks
// for: all of them where it restricts no district. Of a filter on another vintage
// they are those that have ground in its districts.
func (v *View) AskedDistricts(dst []data.District, f data.Filter) []data.District {
	t := v.defaultVintage()
	var met [data.MaxDistricts]bool
	others := v.restrictsOthers(f)
	if others {
		v.Totals.Ground(func(r riskgrid.Region) bool {
			met[r[v.City.Taxonomy.Default]] = met[r[v.City.Taxonomy.Default]] || asksRegion(f, r)
			return false
		})
	}
	for d := t.First; d < t.Outside(); d++ {
		if f.Districts[d/64]>>(d%64)&1 != 0 && (!others || met[d]) {
			dst = append(dst, d)
		}
	}
	return dst
}

// restrictsOthers reports whether the filter asks for some districts of another
// vintage than the default one.
func (v *View) restrictsOthers(f data.Filter) bool {
	tax := v.City.Taxonomy
	for i := range tax.Vintages {
		for d := tax.Vintages[i].First; i != tax.Default && d <= tax.Vintages[i].Outside(); d++ {
			if f.Districts[d/64]>>(d%64)&1 == 0 {
				return true
			}
		}
	}
	return false
}

func asksRegion(f data.Filter, r riskgrid.Region) bool {
	for _, d := range r {
		if f.Districts[d/64]>>(d%64)&1 == 0 {
			return false
		}
	}
	return true
}

// CoveredBy appends the districts that a question about a place and a filter
// covers: those of the ground where the filter asks for one of them, else those
// that the filter asks for, whose sources alone can be in the answer.
func (v *View) CoveredBy(dst []data.District, f data.Filter, ground []data.District) []data.District {
	from := len(dst)
	for _, d := range ground {
		if f.Districts[d/64]>>(d%64)&1 != 0 {
			dst = append(dst, d)
		}
	}
	t := v.defaultVintage()
	if v.restrictsOthers(f) {
		return v.AskedDistricts(dst[:from], f)
	}
	if len(dst) > from || f.Districts[t.Outside()/64]>>(t.Outside()%64)&1 != 0 {
		return dst
	}
	return v.AskedDistricts(dst, f)
}

// CoverageShape is a district as the layer coverage shows it.
type CoverageShape struct {
	Unit    *data.Unit
	Share   float64  // of the asked industries that are done, 0 to 1
	Missing []string // codes of the others, at most mostMissing
	More    int      // codes that are not listed
	Oldest  data.Date
}

// mostMissing bounds the list of a feature.
const mostMissing = 12

// shownCoverage gives the districts whose box meets the bound as the layer coverage
// shows them; none for a city that keeps no table.
func (v *View) shownCoverage(bound orb.Bound, f data.Filter) []CoverageShape {
	table, tax := v.Coverage(), v.City.Taxonomy
	asked := tax.Asked(f)
	if table == nil || asked == 0 {
		return nil
	}
	var out []CoverageShape
	for i := range v.districts {
		d := &v.districts[i]
		if !d.known || !d.bound.Intersects(bound) || f.Districts[d.at/64]>>(d.at%64)&1 == 0 {
			continue
		}
		missing := asked &^ table.Done(d.at)
		s := CoverageShape{Unit: d.unit, Share: float64(asked.Len()-missing.Len()) / float64(asked.Len())}
		s.Oldest, _ = table.Oldest(d.at, asked)
		codes := tax.Codes(missing)
		s.Missing = codes[:min(len(codes), mostMissing)]
		s.More = len(codes) - len(s.Missing)
		out = append(out, s)
	}
	return slices.Clip(out)
}
