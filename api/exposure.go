package api

import (
	"cmp"
	"context"
	"slices"

	"riskatlas/data"
	"riskatlas/tiles"
)

// ExposureQuery selects the sources that count.
type ExposureQuery struct {
	FilterQuery
	CRSQuery
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most sources of high sensitivity to list."`
}

// ExposureBody is the ground and the time.
type ExposureBody struct {
	GroundBody
	Time string `json:"time,omitempty" enum:"day,night,both" doc:"Whose number is wanted; both when left out."`
}

// Exposure answers who is exposed in a piece of ground.
type Exposure struct {
	Answer
	Screened
	CRS        string        `json:"datum" enum:"wgs84,gcj02,bd09" doc:"Datum of the coordinates: wgs84 unless crs= asked for another."`
	Time       string        `json:"time" enum:"day,night,both"`
	Zone       Geometry      `json:"zone" doc:"The ground, drawn."`
	AreaKM2    float64       `json:"area_km2" doc:"Square kilometres of it."`
	Basis      string        `json:"basis" enum:"sources,population" doc:"What people counts: those whom the sources' own records give, or those who live there by the population grid."`
	BasisNote  string        `json:"basis_note" doc:"The same in words."`
	People     People        `json:"people" doc:"Those of all matching sources in it."`
	Population *Population   `json:"population,omitempty" doc:"Those who live there; there when the city has a population grid."`
	Sources    int           `json:"sources" doc:"Active sources of which any part lies in it."`
	Classes    []ExposedPart `json:"by_class" doc:"By protection class, GB 36894-2018; unprotected has the key none."`
	Groups     []ExposedPart `json:"by_group" doc:"By group of industries."`
	Sensitive  ExposedPart   `json:"high_sensitive_total" doc:"The class of high sensitivity."`
	Listed     []ExposedHome `json:"high_sensitive" doc:"Its sources: most people first, then by id."`
	More       bool          `json:"more" doc:"True when the limit cut the list."`
}

// Population is people by the population grid.
type Population struct {
	People float64 `json:"people" doc:"Those who live in the ground: in cells of 33 m whose centre lies in it."`
}

// ExposedPart is a part of the exposed.
type ExposedPart struct {
	Key     string `json:"key"`
	Sources int    `json:"sources"`
	People  People `json:"people"`
}

// ExposedHome is one source of high sensitivity.
type ExposedHome struct {
	ID        data.ID        `json:"id"`
	Name      string         `json:"name"`
	NameEn    string         `json:"name_en,omitempty"`
	Industry  string         `json:"industry" doc:"Code."`
	Point     []float64      `json:"point" doc:"Longitude, latitude of a point that stands for it."`
	People    *SightedPeople `json:"people,omitempty" doc:"Left out when its record gives none."`
	Regulator string         `json:"regulator,omitempty"`
}

// ExposureOutput carries an Exposure.
type ExposureOutput struct{ Body Exposure }

const exposureModel = "sources of which any part lies in the ground, which is closed; people as the sources' records give them"

func (s *Server) exposure(ctx context.Context, q *ExposureQuery, body *ExposureBody) (*ExposureOutput, error) {
	time := cmp.Or(body.Time, "both")
	if !slices.Contains([]string{"day", "night", "both"}, time) {
		return nil, badValue("time", time, "one of", "day", "night", "both")
	}
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	ground, err := body.region(q.datum())
	if err != nil {
		return nil, err
	}
	out := Exposure{Answer: s.answer(v), CRS: q.datum().String(), Time: time, Zone: geometryOf(drawn(ground), q.datum()),
		AreaKM2: groundKM2(ground.outline()), Screened: screened(exposureModel, "people", "persons", "area_km2", "km2", "population", "persons")}
	t := newHeadcount(v)
	for h := range v.Within(ground.box(), f) {
		if touches(ground, h.Shape) {
			t.add(h)
		}
	}
	t.write(&out, time, q)
	out.Population = populationWithin(v, ground)
	out.Basis, out.BasisNote = "sources", "no population grid is held: people are those whom the sources in the ground give by their own records; whoever is at no source is not counted, and whoever is at two counts twice"
	if out.Population != nil {
		out.Basis, out.BasisNote = "population", "population counts those who live in the ground; people are those whom its sources give by their own records, who may be the same"
	}
	return &ExposureOutput{out}, ctx.Err()
}

// populationWithin counts those who live in the ground by the population grid;
// nil where the city has none.
func populationWithin(v *tiles.View, ground region) *Population {
	if !v.PeopleKnown() {
		return nil
	}
	there := v.Totals.GroundWithin(ground.outline())
	return &Population{there.AllPeople().Persons()}
}

// headcount adds up the sources of a piece of ground.
type headcount struct {
	v       *tiles.View
	all     crowd
	classes [len(data.ProtectionKeys)]crowd
	groups  []crowd
	homes   []*data.Hazard
}

func newHeadcount(v *tiles.View) *headcount {
	return &headcount{v: v, groups: make([]crowd, len(v.City.Taxonomy.Groups))}
}

func (t *headcount) add(h *data.Hazard) {
	t.all.add(h)
	t.classes[h.Protection].add(h)
	t.groups[t.v.City.Taxonomy.Industries[h.Industry].Group].add(h)
	if h.Protection == data.HighSensitive {
		t.homes = append(t.homes, h)
	}
}

func (t *headcount) write(out *Exposure, time string, q *ExposureQuery) {
	tax := t.v.City.Taxonomy
	out.People, out.Sources = t.all.people(time), t.all.count()
	for i := range t.classes {
		// Those that are no target come last.
		class := (i + 1) % len(t.classes)
		out.Classes = append(out.Classes, ExposedPart{cmp.Or(data.ProtectionKeys[class], "none"), t.classes[class].count(), t.classes[class].people(time)})
	}
	out.Sensitive = out.Classes[0]
	for i := range t.groups {
		out.Groups = append(out.Groups, ExposedPart{tax.Groups[i].Key, t.groups[i].count(), t.groups[i].people(time)})
	}
	number := func(h *data.Hazard) int32 {
		switch time {
		case "day":
			return h.Exposed.Day
		case "night":
			return h.Exposed.Night
		}
		return max(h.Exposed.Day, h.Exposed.Night)
	}
	slices.SortFunc(t.homes, func(a, b *data.Hazard) int {
		return cmp.Or(cmp.Compare(number(b), number(a)), cmp.Compare(a.ID, b.ID))
	})
	out.More = len(t.homes) > q.Limit
	out.Listed = []ExposedHome{}
	for _, h := range t.homes[:min(q.Limit, len(t.homes))] {
		label := shown(h.Label(), q.datum())
		home := ExposedHome{ID: h.ID, Name: h.Name, NameEn: h.NameEn, Industry: tax.Industries[h.Industry].Code, Point: label[:], Regulator: h.Regulator}
		if h.Exposed.Known {
			home.People = &SightedPeople{h.Exposed.Day, h.Exposed.Night}
		}
		out.Listed = append(out.Listed, home)
	}
}
