package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"riskatlas/data"
	"riskatlas/tiles"
)

// ZoneSet describes one set of zones.
type ZoneSet struct {
	Name      string    `json:"name" example:"streets"`
	Zones     int       `json:"zones" doc:"How many it has."`
	Bounds    []float64 `json:"bounds" doc:"West, south, east, north; WGS 84 degrees."`
	Schematic bool      `json:"schematic,omitempty" doc:"True when outlines are drawn by hand and not surveyed."`
	ZoneNote
	Outside Count      `json:"outside" doc:"Active sources that lie in no zone of the set."`
	Codes   []ZoneName `json:"codes" doc:"Its zones, by code."`
}

// ZoneName names a zone.
type ZoneName struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEn string `json:"name_en,omitempty"`
}

// Zones lists the sets of zones.
type Zones struct {
	Answer
	Sets []ZoneSet `json:"sets" doc:"By name."`
}

// ZonesOutput carries a Zones.
type ZonesOutput struct{ Body Zones }

func (s *Server) zones(_ context.Context, q *WhatIfQuery) (*ZonesOutput, error) {
	v, err := s.supposing(q)
	if err != nil {
		return nil, err
	}
	out := Zones{Answer: s.answer(v), Sets: []ZoneSet{}}
	for _, name := range v.ZoneNames() {
		units := v.Units(data.ZoneKind(name))
		c := v.CountZones(name, data.All())
		b := units[0].Shape.Bound()
		set := ZoneSet{Name: name, Zones: len(units), ZoneNote: *zoneNote(countOf(c.Several)), Outside: countOf(c.None)}
		for i := range units {
			b = b.Union(units[i].Shape.Bound())
			set.Schematic = set.Schematic || isSchematic(&units[i])
			set.Codes = append(set.Codes, ZoneName{units[i].Code, units[i].Name, units[i].NameEn})
		}
		set.Bounds = []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
		out.Sets = append(out.Sets, set)
	}
	return &ZonesOutput{out}, nil
}

// ZoneQuery names a zone.
type ZoneQuery struct {
	Name string `path:"name" doc:"Name of the set." example:"streets"`
	Code string `path:"code" doc:"Code of the zone in the set." example:"330106001"`
	WhatIfQuery
	CRSQuery
	CutsQuery
}

// ZoneProperties is what is known of a zone.
type ZoneProperties struct {
	Set       string     `json:"set"`
	Name      string     `json:"name"`
	NameEn    string     `json:"name_en,omitempty"`
	Schematic bool       `json:"schematic,omitempty" doc:"True when the outline is drawn by hand and not surveyed."`
	Level     data.Level `json:"level" doc:"By the district rule; 0 none, 1 low (blue) to 4 major (red)."`
	Rule      Rule       `json:"rule" doc:"The rule that gave the level, with all that decided."`
	Sources   Count      `json:"sources" doc:"Active sources whose label point lies in it."`
	Meeting   Count      `json:"meeting" doc:"Active sources any part of which lies in it, its border included."`
	Terrain
	PLL        *float64  `json:"pll,omitempty" doc:"Expected deaths per year among those who live in it, by all sources, 1/yr; absent where people are not known."`
	LabelPoint []float64 `json:"label" doc:"Longitude, latitude of its name."`
	Bounds     []float64 `json:"bounds" doc:"West, south, east, north; degrees."`
}

// Zone answers ZoneQuery.
type Zone struct {
	Feature[ZoneProperties]
	Answer
	CRS string `json:"datum" enum:"wgs84,gcj02,bd09"`
}

// ContentType is GeoJSON's media type.
func (Zone) ContentType(string) string { return geoJSONType }

// ZoneOutput carries a Zone.
type ZoneOutput struct{ Body Zone }

func (s *Server) zone(ctx context.Context, q *ZoneQuery) (*ZoneOutput, error) {
	v, err := s.supposing(&q.WhatIfQuery)
	if err != nil {
		return nil, err
	}
	at, err := zoneAt(v, q.Name, q.Code)
	if err != nil {
		return nil, err
	}
	if _, err := v.CutsOf(q.criterion()); err != nil {
		return nil, err
	}
	if err := v.Wait(ctx); err != nil {
		return nil, err
	}
	unit := &v.Units(data.ZoneKind(q.Name))[at]
	release, err := s.hold(ctx)
	if err != nil {
		return nil, err
	}
	patch := v.ZoneGround(q.Name, at)
	inside, meeting := v.ZoneSources(q.Name, at)
	release()
	j := v.Judge(patch.Tally, inside, q.criterion())
	d := q.datum()
	b, label := shownShape(unit.Shape, d).Bound(), shown(data.LabelPoint(unit.Shape), d)
	out := Zone{Answer: s.answer(v), CRS: d.String(), Feature: Feature[ZoneProperties]{Type: "Feature", ID: q.Code,
		Geometry: geometryOf(unit.Shape, d),
		Properties: ZoneProperties{Set: q.Name, Name: unit.Name, NameEn: unit.NameEn, Schematic: isSchematic(unit), Level: j.Level,
			Rule: ruleOf(v, j), Sources: countOf(inside), Meeting: countOf(meeting), Terrain: terrain(v, patch.Tally, q.criterion()),
			LabelPoint: label[:], Bounds: []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}}}}
	if v.PeopleKnown() {
		pll := patch.Loss.PerYear()
		out.Properties.PLL = &pll
	}
	return &ZoneOutput{out}, nil
}

// zoneAt finds a zone by the path's set and code; the error is a 404.
func zoneAt(v *tiles.View, set, code string) (int, error) {
	lost := func(name, value, want string, allowed []string) error {
		p := badValue(name, value, want, capped(allowed)...)
		p.Status, p.Title = http.StatusNotFound, http.StatusText(http.StatusNotFound)
		return p
	}
	names := v.ZoneNames()
	if !slices.Contains(names, set) {
		return 0, lost("name", set, "a set of zones", names)
	}
	units := v.Units(data.ZoneKind(set))
	at, found := slices.BinarySearchFunc(units, code, func(u data.Unit, code string) int { return strings.Compare(u.Code, code) })
	if !found {
		var codes []string
		for _, u := range units {
			codes = append(codes, u.Code)
		}
		return 0, lost("code", code, "a code of set "+set, codes)
	}
	return at, nil
}
