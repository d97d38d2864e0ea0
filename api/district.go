package api

import (
	"context"
	"fmt"
	"math"
	"net/http"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// DistrictQuery names a district.
type DistrictQuery struct {
	Code    string `path:"code" doc:"Code of the district in the vintage." example:"330106"`
	Vintage string `query:"vintage" doc:"The division that the code is of; the city's default when left out."`
	WhatIfQuery
	CRSQuery
	CutsQuery
}

// DistrictProperties is what is known of a district.
type DistrictProperties struct {
	Name      string     `json:"name"`
	NameEn    string     `json:"name_en,omitempty"`
	Vintage   string     `json:"vintage"`
	Schematic bool       `json:"schematic,omitempty" doc:"True when the outline is drawn by hand and not surveyed."`
	Level     data.Level `json:"level" doc:"By the district rule; 0 none, 1 low (blue) to 4 major (red)."`
	LevelText string     `json:"level_text" enum:"none,low,general,significant,major,unknown" doc:"The level in words: unknown where it is 0 or 1 and the ground is not assessed. Unknown is not low."`
	Assessed  Assessed   `json:"assessed" doc:"Whether its ground was looked at, for all industries. Of another vintage's district: the ground of those districts of the default vintage that have ground in it."`
	Rule      Rule       `json:"rule" doc:"The rule that gave the level, with all that decided."`
	Sources   Count      `json:"sources" doc:"Active sources that count in it."`
	Terrain
	People     PeopleBasis `json:"people" doc:"count: who live in it."`
	PLL        float64     `json:"pll" doc:"Expected deaths per year among those who live in it, by all sources; where people are not known, by the sources that count in it."`
	LabelPoint []float64   `json:"label" doc:"Longitude, latitude of its name."`
	Bounds     []float64   `json:"bounds" doc:"West, south, east, north; degrees."`
}

// GroundKM2 is areas by level, square kilometres.
type GroundKM2 struct {
	Rest        float64 `json:"0" doc:"At or under the floor, or not assessed."`
	Low         float64 `json:"1"`
	General     float64 `json:"2"`
	Significant float64 `json:"3"`
	Major       float64 `json:"4"`
}

// District answers DistrictQuery.
type District struct {
	Feature[DistrictProperties]
	Answer
	CRS string `json:"datum" enum:"wgs84,gcj02,bd09"`
}

// ContentType is GeoJSON's media type.
func (District) ContentType(string) string { return geoJSONType }

// DistrictOutput carries a District.
type DistrictOutput struct{ Body District }

func (s *Server) district(ctx context.Context, q *DistrictQuery) (*DistrictOutput, error) {
	v, err := s.supposing(&q.WhatIfQuery)
	if err != nil {
		return nil, err
	}
	if err := v.Wait(ctx); err != nil {
		return nil, err
	}
	tax := v.City.Taxonomy
	vintage, at, err := vintageOf(tax, q.Vintage)
	if err != nil {
		return nil, err
	}
	position, err := vintage.District(q.Code)
	if err != nil {
		p := problemOf(err)
		p.Status, p.Title = http.StatusNotFound, http.StatusText(http.StatusNotFound)
		return nil, p
	}
	unit := unitOf(v.Units(data.DistrictKind(vintage.Name)), q.Code)
	if unit == nil {
		return nil, notFound(fmt.Sprintf("district %s of vintage %s has no outline here", q.Code, vintage.Name))
	}
	if _, err := v.CutsOf(q.criterion()); err != nil {
		return nil, err
	}
	ground := v.DistrictGround(at, position)
	var sources [5]int
	for class, n := range v.Classes() {
		if class.Districts[at] == position {
			sources[class.Level] += n
		}
	}
	j := v.Judge(ground, sources, q.criterion())
	assessed := assessedDistrict(v, at, position, data.All())
	people, loss := peopleOf(v, data.All()), riskgrid.Loss{}
	if people.Count > 0 {
		people.Count = ground.AllPeople().Persons()
	}
	for p := range v.Totals.Parts(data.All()) {
		if p.Region[at] == position {
			loss = loss.Plus(p.Loss)
		}
	}
	d := q.datum()
	shape := shownShape(unit.Shape, d)
	b, label := shape.Bound(), shown(data.LabelPoint(unit.Shape), d)
	out := District{Answer: s.answer(v), CRS: d.String(), Feature: Feature[DistrictProperties]{Type: "Feature", ID: q.Code,
		Geometry: geometryOf(unit.Shape, d),
		Properties: DistrictProperties{Name: unit.Name, NameEn: unit.NameEn, Vintage: vintage.Name,
			Schematic: isSchematic(unit), Level: j.Level, LevelText: levelText(j.Level, &assessed), Assessed: assessedOf(tax, assessed), Rule: ruleOf(v, j), Sources: countOf(sources),
			Terrain: terrain(v, ground, q.criterion()), People: people, PLL: loss.PerYear(), LabelPoint: label[:],
			Bounds: []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}}}}
	return &DistrictOutput{out}, nil
}

// isSchematic reports whether the unit's outline is drawn by hand.
func isSchematic(u *data.Unit) bool { return u.Props["schematic"] == "true" }

func unitOf(units []data.Unit, code string) *data.Unit {
	for i := range units {
		if units[i].Code == code {
			return &units[i]
		}
	}
	return nil
}

func polygons(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

// squareKilometres turns square metres by level into km2, to 1 m2.
func squareKilometres(m2 [5]float64) GroundKM2 {
	var km2 [5]float64
	for l, area := range m2 {
		km2[l] = math.Round(area) / 1e6
	}
	return GroundKM2{km2[0], km2[1], km2[2], km2[3], km2[4]}
}
