package report

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Report is the assessment of a city. Risks are 1/yr; losses (PLL, potential
// loss of life) are expected deaths per year; areas are square kilometres by
// level, [0] the rest; shares are 0 to 1. Lists are in a fixed order.
type Report struct {
	City      Title  `json:"city"`
	Revision  uint64 `json:"data_revision"`
	View      string `json:"-"`                   // public or internal
	LeftOut   int    `json:"-"`                   // sources that the view leaves out
	Shown     *Shown `json:"view,omitempty"`      // both, where the report shows less than the whole
	Synthetic bool   `json:"synthetic,omitempty"` // demonstration data: no source in it is real
	WhatIf    bool   `json:"whatif,omitempty"`    // of the city as it would be with changes made: suggestions are asked with its whatif=
	Criterion string `json:"cuts"`                // in-service or new-build

	Overall     Overall       `json:"overall"`
	Composition []Composition `json:"composition"` // by industry, group, district, accident (type), outcome (of a scenario), basis
	Curve       *Curve        `json:"fn"`
	Top         []Source      `json:"top_sources"`
	Districts   []Chapter     `json:"districts"`
	Zones       []ZoneSet     `json:"zones,omitempty"`
	Groups      []Chapter     `json:"groups"`     // the units of the plan
	Industries  []Chapter     `json:"industries"` // all of the profile's, those without a source too
	Main        MainList      `json:"main_list"`
	Targets     *Targets      `json:"targets,omitempty"` // nil: nobody can say
	Suggestions []Heading     `json:"suggestions"`
	Methods     []Method      `json:"methods"`
	Quality     Quality       `json:"quality"`

	Map *Map `json:"-"` // what the drawings show
}

// Shown says that a report is cut for those who see it.
type Shown struct {
	Name    string `json:"name"`
	LeftOut int    `json:"left_out"`
}

// Title is a code with its names.
type Title struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	NameEn string `json:"name_en,omitempty"`
}

// Counts are numbers of active sources by assessed level, [1] low to [4] major.
type Counts [5]int

// Overall is the city's situation.
type Overall struct {
	Counts      Counts     `json:"counts"`
	PLL         float64    `json:"pll"`
	QRA         float64    `json:"pll_qra"`        // the part from quantitative assessment
	Equivalent  float64    `json:"pll_equivalent"` // the part from assessed levels
	People      float64    `json:"people"`
	PeopleFrom  string     `json:"people_from"` // grid, or source exposure
	MeanIR      float64    `json:"mean_ir"`     // PLL over people; 0 where people are not known
	GroundKM2   [5]float64 `json:"ground_km2"`
	PeopleBy    [5]float64 `json:"people_by_level"`
	Level       data.Level `json:"level"`
	Rule        Rule       `json:"rule"`
	SocietalFN  string     `json:"fn_zone"`      // unacceptable, alarp, acceptable; reported beside the level, not used in it
	PlacesKinds []Number   `json:"places"`       // emergency places by kind
	MajorHazard [5]int     `json:"major_hazard"` // installations by grade, [1] 一级 (worst) to [4]
}

// Rule is how a level was found.
type Rule struct {
	ID     string     `json:"id"`
	From   string     `json:"from"`   // people or area
	Shares [5]float64 `json:"shares"` // of level k and up; [0] is 1, or 0 of nothing
	Floor  data.Level `json:"floor"`  // the least level that the sources alone give
}

// Number is a named number.
type Number struct {
	Title
	Value float64 `json:"value"`
}

// Composition is one way of dividing the city's loss; its shares sum to 1.
type Composition struct {
	By   string `json:"by"`
	Rows []Part `json:"rows"`
}

// Part is a row of a composition.
type Part struct {
	Title
	Count int     `json:"count"`
	PLL   float64 `json:"pll"`
	Share float64 `json:"share"`
}

// Curve is the city's F-N curve with its criterion lines. Points that are less
// than 2 % apart in N are shown as the first of them; zone and worst come from all.
type Curve struct {
	Points []Point      `json:"points"`
	Upper  [][2]float64 `json:"upper"` // N, F
	Lower  [][2]float64 `json:"lower"`
	Zone   string       `json:"zone"`            // the worst that a point is in; "" without a point
	Worst  *Point       `json:"worst,omitempty"` // the first point in it
	Source string       `json:"source"`
}

// Point is a step of the curve: F scenarios a year with N deaths or more.
type Point struct {
	N    float64 `json:"n"`
	F    float64 `json:"f"`
	Zone string  `json:"zone"`
}

// Source is one source in a list.
type Source struct {
	ID          data.ID    `json:"id"`
	Name        string     `json:"name"`
	NameEn      string     `json:"name_en,omitempty"`
	Industry    string     `json:"industry"`
	District    string     `json:"district"`
	Level       data.Level `json:"level"`
	Grade       int        `json:"major_hazard_grade,omitempty"`
	PLL         float64    `json:"pll"`
	Share       float64    `json:"share"` // of the city's
	Deaths      float64    `json:"worst_deaths"`
	Severity    string     `json:"severity"` // of its worst scenario by expected deaths
	Regulator   string     `json:"regulator"`
	Enterprise  string     `json:"enterprise,omitempty"`
	Address     string     `json:"address,omitempty"`
	Responsible string     `json:"responsible,omitempty"` // never in the public view
	Control     string     `json:"level_of_control,omitempty"`
	Assessed    string     `json:"assessed_at,omitempty"`
	Review      string     `json:"next_review,omitempty"`
	Accidents   []string   `json:"accident_types,omitempty"`
	Measures    []string   `json:"measures,omitempty"`
	At          orb.Point  `json:"at"` // lon, lat of its label point, WGS 84
}

// Chapter is a district, group, zone or industry.
type Chapter struct {
	Title
	Group      string     `json:"group,omitempty"` // key of the group, of industries
	Counts     Counts     `json:"counts"`
	ByDistrict []Row      `json:"by_district,omitempty"` // of industries and groups: level by district of the sources
	ByIndustry []Row      `json:"by_industry,omitempty"` // of districts and zones
	PLL        float64    `json:"pll"`
	Share      float64    `json:"share"`
	Accidents  []Part     `json:"accidents,omitempty"`      // by outcome: a source with several counts in each
	Types      []Number   `json:"accident_types,omitempty"` // records by accident type that they state (GB/T 6441 and more), most first
	Top        []Source   `json:"top_sources,omitempty"`
	Regulator  string     `json:"regulator,omitempty"`
	Assistant  string     `json:"assistant,omitempty"`
	Method     string     `json:"method,omitempty"`
	Measures   []Tally    `json:"measures,omitempty"` // the most frequent ones
	Survey     string     `json:"survey"`             // surveyed; none (records, none at work); not_surveyed (no record); not_shown (no record that this view may see)
	Level      data.Level `json:"level"`              // of ground; LevelNone for industries and groups
	Rule       *Rule      `json:"rule,omitempty"`
	People     float64    `json:"people,omitempty"`
	PeopleBy   [5]float64 `json:"people_by_level"`
	GroundKM2  [5]float64 `json:"ground_km2"`
	Per10000   float64    `json:"pll_per_10000_people,omitempty"`
	PerKM2     float64    `json:"pll_per_km2,omitempty"`
}

// Row is counts of one row of a table.
type Row struct {
	Title
	Counts Counts `json:"counts"`
}

// Tally is a phrase and how many records have it.
type Tally struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
}

// ZoneSet is the zones of one name. They may overlap: each counts in full.
type ZoneSet struct {
	Name    string    `json:"name"`
	Overlap bool      `json:"overlap"`
	Zones   []Chapter `json:"zones"`
}

// MainList is the list of main sources (城市主要风险源清单).
type MainList struct {
	MinLevel    int      `json:"min_level"`
	MajorHazard bool     `json:"major_hazard"`
	Source      string   `json:"source"`
	Matched     int      `json:"number_matched"`
	Sources     []Source `json:"sources"` // by level falling, then id
}

// Targets is how places of high-sensitive targets (schools, hospitals, homes;
// GB 36894-2018, clause 3) stand to the risk of industrial sources alone, which
// is what the standard limits.
type Targets struct {
	Limit float64 `json:"limit_per_year"` // for what is new, 1/yr
	Count int     `json:"count"`          // targets among the active sources
	Over  int     `json:"over"`           // of these, at a place over the limit
	Worst *Source `json:"worst,omitempty"`
	IR    float64 `json:"worst_ir"` // at its label point, 1/yr
}

// Heading is one of the plan's five heads with what it is suggested to do.
type Heading struct {
	Title
	Suggestions []Suggestion `json:"suggestions"`
}

// Suggestion is a draft for a person to edit, derived from one finding.
type Suggestion struct {
	Finding string  `json:"finding"` // its id, as largest-industry
	Text    string  `json:"text"`
	TextEn  string  `json:"text_en"`
	Number  float64 `json:"number"`
	Unit    string  `json:"unit"`
	Query   string  `json:"query"`  // the API question that answers the number again
	Member  string  `json:"member"` // where in the answer it stands, as rows[key=I14].pll_share
	Draft   bool    `json:"draft"`  // always true
}

// Method is a method or constant that the numbers rest on.
type Method struct {
	Title
	Text   string `json:"text"`
	TextEn string `json:"text_en"`
	Source string `json:"source"`
}

// Quality says how complete the records are.
type Quality struct {
	Records      int      `json:"records"` // of every status
	Active       int      `json:"active"`
	Complete     []Number `json:"complete"` // share of active records that have each field
	ByMethod     []Part   `json:"by_level_method"`
	Outside      int      `json:"outside_districts"`
	Equivalent   int      `json:"level_only"` // sources that count by their level alone
	NoPeople     int      `json:"people_unknown"`
	Changed      int      `json:"changed,omitempty"`      // records that changed while the report was made: their details are left out
	Gaps         []Number `json:"gaps"`                   // numbers of active records that lack what they should have
	Placeholders []string `json:"placeholders,omitempty"` // of the profile, as weather
	NotSurveyed  []Title  `json:"not_surveyed,omitempty"` // industries without any record
}

// Map is the ground of the drawings.
type Map struct {
	Bound     orb.Bound
	Districts []Outline
	Window    Cells
	Sources   []Dot // active, by id
}

// Outline is a district on the map.
type Outline struct {
	Title
	Shape orb.MultiPolygon
	Label orb.Point
	Level data.Level
}

// Cells are levels of quadtree cells of one zoom, row by row from the north-west:
// each by the district rule on its own ground.
type Cells struct {
	Zoom       uint8
	X, Y, W, H int
	Level      []data.Level
}

// Dot is a source on the map.
type Dot struct {
	At       orb.Point
	Industry data.Industry
	Level    data.Level
	District data.District
}
