package api

import (
	"context"
	"strconv"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
	"riskatlas/styles"
)

// Industry describes one industry.
type Industry struct {
	Code      string   `json:"code" example:"I04"`
	Slug      string   `json:"slug" example:"petrol-station"`
	Name      string   `json:"name"`
	NameEn    string   `json:"name_en"`
	Group     string   `json:"group" doc:"Key of its group."`
	Geometry  string   `json:"geometry,omitempty" doc:"Usual shapes, preferred first: P point, L line, A area."`
	Accidents []string `json:"accident_types,omitempty"`
	Regulator string   `json:"regulator,omitempty" doc:"The body that answers for it by default."`
	Assistant string   `json:"assistant,omitempty" doc:"The body that assists."`
	Method    string   `json:"method,omitempty" doc:"How it is usually assessed."`
	R1        float64  `json:"r1" doc:"Full effect of an equivalent scenario to this distance, metres."`
	R2        float64  `json:"r2" doc:"None from this distance, metres."`
}

// Named is a key with its names.
type Named struct {
	Key    string `json:"key"`
	Name   string `json:"name,omitempty"`
	NameEn string `json:"name_en,omitempty"`
}

// LevelInfo describes one of the four levels.
type LevelInfo struct {
	Level      data.Level        `json:"level" minimum:"1" maximum:"4"`
	Key        string            `json:"key" example:"major"`
	Name       string            `json:"name"`
	NameEn     string            `json:"name_en"`
	Label      string            `json:"label" doc:"One or two characters for a map."`
	Colours    map[string]string `json:"colours" doc:"CSS colours by style."`
	From       float64           `json:"from" doc:"Individual risk from which ground has this level, 1/yr; exclusive for level 1, inclusive above."`
	Equivalent float64           `json:"equivalent" doc:"Frequency that stands for a source assessed at this level, 1/yr."`
}

func (l *LevelInfo) code() string { return levelCode(l.Level) }

func levelCode(l data.Level) string { return strconv.Itoa(int(l)) }

// levelNames are the official names of the levels (安委办〔2016〕11号) with English
// ones, by level.
var levelNames = [5][2]string{{}, {"低风险", "Low risk"}, {"一般风险", "General risk"}, {"较大风险", "Significant risk"}, {"重大风险", "Major risk"}}

// levelInfos are the levels without what is a city's own, least first.
func levelInfos() []LevelInfo {
	var out []LevelInfo
	for l := data.Low; l <= data.Major; l++ {
		info := LevelInfo{Level: l, Key: l.String(), Name: levelNames[l][0], NameEn: levelNames[l][1],
			Label: styles.Labels[l][0], Colours: map[string]string{}}
		for _, id := range styles.IDs() {
			if p, ok := styles.Colours(id); ok {
				info.Colours[id] = p.Levels[l]
			}
		}
		out = append(out, info)
	}
	return out
}

// VintageInfo is one division of the city into districts.
type VintageInfo struct {
	Name      string         `json:"name" example:"2021"`
	Default   bool           `json:"default"`
	Districts []DistrictInfo `json:"districts"`
}

// DistrictInfo names a district.
type DistrictInfo struct {
	Code   string `json:"code" example:"330106"`
	Name   string `json:"name"`
	NameEn string `json:"name_en,omitempty"`
}

// ShareRule is the district rule: the first of major, significant, general whose
// share of ground is reached.
type ShareRule struct {
	Major       float64 `json:"major"`
	Significant float64 `json:"significant"`
	General     float64 `json:"general"`
}

// Cuts are the bounds between the levels of ground.
type Cuts struct {
	Floor       float64 `json:"floor" doc:"Ground at or under it has no level."`
	General     float64 `json:"general" doc:"Level 2 from here on, inclusive."`
	Significant float64 `json:"significant" doc:"Level 3 from here on, inclusive."`
	Major       float64 `json:"major" doc:"Level 4 from here on, inclusive."`
}

// CityInfo is where maps of the city open.
type CityInfo struct {
	Key    string    `json:"key" example:"hangzhou"`
	Name   string    `json:"name"`
	NameEn string    `json:"name_en"`
	Centre []float64 `json:"centre" doc:"Longitude, latitude; WGS 84 degrees."`
	Bounds []float64 `json:"bounds" doc:"West, south, east, north; WGS 84 degrees."`
	Zone   string    `json:"time_zone"`
}

// Taxonomy is all the words and numbers of the city.
type Taxonomy struct {
	Answer
	City          CityInfo          `json:"city"`
	Groups        []Named           `json:"groups"`
	Industries    []Industry        `json:"industries"`
	Districts     []DistrictInfo    `json:"districts" doc:"Those of the default vintage."`
	Vintages      []VintageInfo     `json:"vintages" doc:"Every division into districts."`
	Schematic     bool              `json:"schematic,omitempty" doc:"True when outlines of the default vintage are drawn by hand and not surveyed."`
	Coverage      bool              `json:"coverage_recorded" doc:"Whether the city keeps a table of coverage, so that it is known which ground was assessed."`
	Levels        []LevelInfo       `json:"levels"`
	Cuts          Cuts              `json:"cuts" doc:"Individual risks, 1/yr."`
	NewBuild      *Cuts             `json:"new_build,omitempty" doc:"The same with cuts=new-build, for what is new, rebuilt or extended; left out when the city has none."`
	Criteria      []string          `json:"criteria" doc:"What cuts= takes here."`
	ShareRule     ShareRule         `json:"share_rule" doc:"Shares of ground, 0 to 1."`
	Regulators    []string          `json:"regulators" doc:"Bodies that answer for industries or sources, or assist."`
	AccidentTypes []AccidentType    `json:"accident_types"`
	Outcomes      []string          `json:"outcomes"`
	Footprints    []string          `json:"footprints"`
	Statuses      []string          `json:"statuses"`
	Stats         []string          `json:"stats"`
	CRS           []string          `json:"crs"`
	PlaceKinds    []string          `json:"place_kinds"`
	Units         map[string]string `json:"units" doc:"Unit of each kind of number."`
	Sources       map[string]string `json:"sources,omitempty" doc:"Where each constant comes from."`
}

// AccidentType is one kind of accident.
type AccidentType struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
	Source string `json:"source,omitempty"`
}

// TaxonomyOutput carries a Taxonomy.
type TaxonomyOutput struct{ Body Taxonomy }

func (s *Server) taxonomy(_ context.Context, _ *struct{}) (*TaxonomyOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	p := v.City
	out := Taxonomy{Answer: s.answer(v), City: cityInfo(p), Levels: levelInfos(), Cuts: Cuts{p.Cuts[0], p.Cuts[1], p.Cuts[2], p.Cuts[3]},
		ShareRule:  ShareRule{p.Shares.Major, p.Shares.Significant, p.Shares.General},
		Regulators: s.names.of(v).regulators, Outcomes: data.Outcomes[:], Footprints: data.FootprintKinds[:],
		Statuses: data.StatusKeys[:], Stats: []string{"worst", "share"}, CRS: []string{"wgs84", "gcj02", "bd09"},
		PlaceKinds: placeKinds, Sources: p.Sources,
		Units: map[string]string{"ir": "1/yr", "per_year": "1/yr; with per km: 1/(km yr)", "distance": "m", "radius": "m",
			"metres": "m", "bearing": "degrees clockwise from north", "lon": "degrees", "lat": "degrees", "ground_km2": "km2",
			"exposed_day": "people", "exposed_night": "people"}}
	out.Coverage = v.Coverage() != nil
	out.Criteria = []string{riskgrid.InService.String()}
	if n := p.NewBuild; n != [4]float64{} {
		out.NewBuild = &Cuts{n[0], n[1], n[2], n[3]}
		out.Criteria = append(out.Criteria, riskgrid.NewBuild.String())
	}
	for i := range out.Levels {
		out.Levels[i].From, out.Levels[i].Equivalent = p.Cuts[i], p.Equivalent[i+1]
	}
	t := p.Taxonomy
	for _, g := range t.Groups {
		out.Groups = append(out.Groups, Named(g))
	}
	for _, in := range t.Industries {
		out.Industries = append(out.Industries, Industry{in.Code, in.Slug, in.Name, in.NameEn, t.Groups[in.Group].Key,
			in.Geometry, in.Accidents, in.Regulator, in.Assistant, in.Method, in.R1, in.R2})
	}
	for i, vintage := range t.Vintages {
		info := VintageInfo{Name: vintage.Name, Default: i == t.Default, Districts: []DistrictInfo{}}
		for _, d := range vintage.Districts {
			info.Districts = append(info.Districts, DistrictInfo(d))
		}
		out.Vintages = append(out.Vintages, info)
		if info.Default {
			out.Districts = info.Districts
		}
	}
	for _, u := range v.Units(data.DistrictKind(t.Vintages[t.Default].Name)) {
		out.Schematic = out.Schematic || isSchematic(&u)
	}
	out.AccidentTypes = []AccidentType{}
	for _, a := range t.AccidentTypes {
		out.AccidentTypes = append(out.AccidentTypes, AccidentType(a))
	}
	return &TaxonomyOutput{out}, nil
}

func cityInfo(p *city.Profile) CityInfo {
	out := CityInfo{Key: p.Key, Name: p.Name, NameEn: p.NameEn, Centre: p.Centre[:],
		Bounds: []float64{p.Bound.Min[0], p.Bound.Min[1], p.Bound.Max[0], p.Bound.Max[1]}}
	if p.Zone != nil {
		out.Zone = p.Zone.String()
	}
	return out
}
