package city

import "encoding/json"

// File is the format of a profile file, JSON in UTF-8. Every `source` says
// where a constant comes from (standard and clause, or whose convention it is);
// it may be left out, but what is not sourced cannot be defended. Unknown
// members are refused. testdata/riverton.json is a small whole example.
type File struct {
	Format      string       `json:"format"`  // "riskatlas-profile/1"
	Key         string       `json:"key"`     // 1 to 32 of a-z 0-9 -
	Name        string       `json:"name"`    // in the city's language
	NameEn      string       `json:"name_en"` // in English
	Place       Place        `json:"place"`
	Cuts        PerYear      `json:"cuts"`                // four, rising: floor (exclusive), general, significant, major (inclusive)
	NewBuild    *PerYear     `json:"new_build,omitempty"` // likewise, for what is yet to be built; none: cuts=new-build is refused
	Equivalent  PerYear      `json:"equivalent"`          // four, never falling: what levels 1 to 4 stand for
	Weather     *Weather     `json:"weather,omitempty"`   // what toxic scenarios are averaged over
	MainList    *MainList    `json:"main_list,omitempty"` // what the list of main sources holds; none: level 3 and every major hazard installation
	Shares      Shares       `json:"shares"`
	Catalogue   string       `json:"catalogue,omitempty"` // "urban-39": the 39 industries; or the three lists that follow
	Groups      *Groups      `json:"groups,omitempty"`
	Accidents   *Accidents   `json:"accident_types,omitempty"`
	Industries  *Industries  `json:"industries,omitempty"`
	Regulators  *Regulators  `json:"regulators,omitempty"`  // over those that industries name
	Sensitivity *Sensitive   `json:"sensitivity,omitempty"` // for industries that name none
	Vintages    []UnitSet    `json:"vintages"`              // 1 to 4 states of the division into districts, oldest first
	Default     string       `json:"default_vintage"`       // may be left out where there is one vintage
	Zones       []UnitSet    `json:"zones,omitempty"`       // ground beside the districts
	Pieces      FileOrInline `json:"pieces,omitempty"`      // a Drawing from which outlines are put together
	Conversions []Conversion `json:"conversions,omitempty"`
}

// Catalogue is the format of a list of industries that profiles share.
type Catalogue struct {
	Format     string     `json:"format"` // "riskatlas-catalogue/1"
	Groups     Groups     `json:"groups"`
	Accidents  Accidents  `json:"accident_types"`
	Industries Industries `json:"industries"`
}

// Place says where the city is: degrees WGS 84, longitude first.
type Place struct {
	Bbox   []float64 `json:"bbox"`   // west, south, east, north: sources outside are refused
	Centre []float64 `json:"centre"` // where maps open
	Zone   string    `json:"zone"`   // IANA time zone
	Source string    `json:"source,omitempty"`
}

// PerYear is a list of frequencies, 1/yr.
type PerYear struct {
	PerYear []float64 `json:"per_year"`
	Source  string    `json:"source,omitempty"`
}

// Shares is the rule by which shares of ground give a district its level, each
// over 0 and at most 1.
type Shares struct {
	Major       float64 `json:"major"`
	Significant float64 `json:"significant"`
	General     float64 `json:"general"`
	Source      string  `json:"source,omitempty"`
}

// Groups are the groups of industries.
type Groups struct {
	Source string  `json:"source,omitempty"`
	List   []Named `json:"list"`
}

// Named is a group: its key is what filters take.
type Named struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
}

// Accidents are the accident types that industries name.
type Accidents struct {
	Source string     `json:"source,omitempty"`
	List   []Accident `json:"list"`
}

// Accident is one accident type.
type Accident struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
	Source string `json:"source,omitempty"`
}

// Industries are 1 to 64 industries. Their order is that of lists; stores keep
// codes, so that it may change.
type Industries struct {
	Source    string     `json:"source,omitempty"`
	Geometry  string     `json:"geometry_source,omitempty"`
	Accidents string     `json:"accidents_source,omitempty"`
	Method    string     `json:"method_source,omitempty"`
	Radii     string     `json:"radii_source,omitempty"`
	Protected string     `json:"protection_source,omitempty"`
	List      []Industry `json:"list"`
}

// Industry is one industry. R1 and R2 are the radii in metres of the linear
// footprint that a source without scenarios gets: 0 <= r1 <= r2 <= 20000, r2 > 0.
type Industry struct {
	Code        string   `json:"code"`     // "I04"
	Slug        string   `json:"slug"`     // "petrol-station"
	Name        string   `json:"name"`     // 加油站
	NameEn      string   `json:"name_en"`  //
	Group       string   `json:"group"`    // a group's key
	Geometry    string   `json:"geometry"` // P, L, A with / between: preferred first
	Accidents   []string `json:"accidents,omitempty"`
	Regulator   string   `json:"regulator,omitempty"`
	Assistant   string   `json:"assistant,omitempty"`
	Method      string   `json:"method,omitempty"`
	R1          float64  `json:"r1"`
	R2          float64  `json:"r2"`
	Sensitivity string   `json:"sensitivity,omitempty"` // public, internal, secret
	Protection  string   `json:"protection,omitempty"`  // as a target of others' risk: high_sensitive, important, general_1 to general_3
}

// Weather is the city's weather: classes of stability and wind speed with their
// shares, and the shares of the directions that the wind comes from.
type Weather struct {
	Placeholder bool           `json:"placeholder,omitempty"` // true until the weather service gives its own
	Terrain     string         `json:"terrain"`               // rural or urban
	Classes     []WeatherClass `json:"classes"`
	RoseFrom    []float64      `json:"rose_from"` // 16 shares: wind from N, NNE, NE, … NNW; they sum to 1, calm spread pro rata
	Source      string         `json:"source,omitempty"`
}

// WeatherClass is one class of Pasquill's stability with its wind at 10 m.
type WeatherClass struct {
	Stability string  `json:"stability"` // A to F
	WindMS    float64 `json:"wind_m_s"`  // metres per second, 1 or more
	Share     float64 `json:"share"`     // of the time; shares sum to 1
}

// MainList is the rule of membership of the list of main sources: active sources
// from a level on, and with it every major hazard installation of any grade.
type MainList struct {
	MinLevel    int    `json:"min_level"` // 1 to 4
	MajorHazard bool   `json:"major_hazard"`
	Source      string `json:"source,omitempty"`
}

// Regulators say which body answers for an industry, by code.
type Regulators struct {
	Source string            `json:"source,omitempty"`
	By     map[string]Bodies `json:"by_industry"`
}

// Bodies are the body that answers for an industry and the one that assists it.
type Bodies struct {
	Regulator string `json:"regulator"`
	Assistant string `json:"assistant,omitempty"`
}

// Sensitive says who may see the sources of an industry that states nothing
// itself: lists of codes, and what holds for all others.
type Sensitive struct {
	Source   string   `json:"source,omitempty"`
	Default  string   `json:"default"` // public, internal, secret
	Public   []string `json:"public,omitempty"`
	Internal []string `json:"internal,omitempty"`
	Secret   []string `json:"secret,omitempty"`
}

// UnitSet is a vintage with its districts, or a set of zones. Outlines is a
// GeoJSON FeatureCollection of polygons, in the file or in a file beside it,
// whose features have a property `code`; they count as schematic unless their
// property `schematic` is false.
type UnitSet struct {
	Name      string       `json:"name"` // 1 to 32 of A-Z a-z 0-9 . _ -
	Source    string       `json:"source,omitempty"`
	Districts []District   `json:"districts"`
	Outlines  FileOrInline `json:"outlines,omitempty"`
}

// District is one district or zone.
type District struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
}

// FileOrInline is the name of a JSON file in the profile's folder, or the JSON.
type FileOrInline = json.RawMessage

// Conversion turns districts of one vintage into those of another.
type Conversion struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Source string `json:"source,omitempty"`
	Rules  []Rule `json:"rules"`
}

// Rule says what became of one district: To where the whole of it went there;
// by street where it was divided, with To for the streets not named.
type Rule struct {
	From    string              `json:"from"`
	To      string              `json:"to,omitempty"`
	Streets map[string][]string `json:"streets,omitempty"` // names by code, without 街道, 镇, 乡
}

// Drawing is a set of pieces of ground that meet along shared arcs, so that
// whatever is put together from them tiles without gaps.
type Drawing struct {
	Source string                  `json:"source,omitempty"`
	Arcs   map[string][][2]float64 `json:"arcs"` // lines of lon, lat
	Pieces []Piece                 `json:"pieces"`
}

// Piece is one ring, counterclockwise, of arcs that follow each other; "-name"
// runs one backwards. In says to which unit it belongs, by kind of unit
// ("district:2021", "zone:functional-2019").
type Piece struct {
	Name string            `json:"name"`
	Ring []string          `json:"ring"`
	In   map[string]string `json:"in"`
}
