package api

import (
	"context"
	"iter"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// SummaryQuery asks for numbers of active sources and what they cost.
type SummaryQuery struct {
	By string `query:"by" default:"industry" doc:"What the rows are: industry, group, district, level, accident, regulator, or zone:SET for the zones of a set."`
	FilterQuery
	CutsQuery
	Regulator []string `query:"regulator" doc:"Bodies that answer for the sources, by name."`
}

// Count is a number of sources, whole and by assessed level.
type Count struct {
	Count  int    `json:"count"`
	Levels Levels `json:"levels"`
}

// Levels are numbers of sources by assessed level.
type Levels struct {
	Low         int `json:"1" doc:"Low, blue."`
	General     int `json:"2" doc:"General, yellow."`
	Significant int `json:"3" doc:"Significant, orange."`
	Major       int `json:"4" doc:"Major, red."`
}

func countOf(n [5]int) Count {
	return Count{n[1] + n[2] + n[3] + n[4], Levels{n[1], n[2], n[3], n[4]}}
}

// SummaryRow is the numbers of one industry, group, district, level, accident
// type or body.
type SummaryRow struct {
	Key    string `json:"key" doc:"Code, key or name; outside for sources or ground in no district."`
	Name   string `json:"name"`
	NameEn string `json:"name_en,omitempty"`
	Count
	*Losses
	*DistrictFigures
	Assessed *Assessed `json:"assessed,omitempty" doc:"With by=industry, group or district: whether the ground of the row was looked at for what is asked."`
	Meeting  *Count    `json:"meeting,omitempty" doc:"With by=zone:SET: sources any part of which lies in the zone, its border included."`
}

// DistrictFigures is what a row has more when rows are districts or zones.
type DistrictFigures struct {
	Terrain
	People   *float64   `json:"people,omitempty" doc:"Who live in it."`
	OnGround *float64   `json:"pll_on_ground,omitempty" doc:"With by=zone:SET: expected deaths per year among them by all sources, 1/yr; zones may overlap."`
	Level    data.Level `json:"level,omitempty" doc:"By the district rule, from all sources; absent where none, and outside."`
	Text     string     `json:"level_text,omitempty" enum:"none,low,general,significant,major,unknown" doc:"With by=district: the level in words; unknown where it is none or low and the ground is not assessed for all industries."`
	PerHeads *float64   `json:"pll_per_10000_people,omitempty" doc:"Expected deaths per year among 10 000 people who live there."`
	PerKM2   *float64   `json:"pll_per_km2,omitempty" doc:"Expected deaths per year on a square kilometre of the district."`
}

// SummaryTotal is the numbers of all asked sources together, and of the city.
type SummaryTotal struct {
	Count
	Losses
	People PeopleBasis `json:"people"`
	MeanIR *float64    `json:"mean_ir,omitempty" doc:"PLL over everybody on the grid, 1/yr."`
	Terrain
	Level    data.Level `json:"level,omitempty" doc:"Of the whole city by the district rule, from all sources, whatever is asked for; absent where none, and where only zones are looked at."`
	Text     string     `json:"level_text,omitempty" enum:"none,low,general,significant,major,unknown" doc:"The level in words: unknown where it is none or low and the city's ground is not assessed for all industries. Unknown is not low."`
	Rule     *Rule      `json:"rule,omitempty" doc:"How it came by the level."`
	Assessed Assessed   `json:"assessed" doc:"Whether the ground of the asked districts was looked at for the asked industries. A count of what nobody looked at says nothing."`
}

// Summary answers SummaryQuery. Counts of the rows sum to the total's, except
// that with by=accident a source counts in each type that it has.
type Summary struct {
	Answer
	By      string            `json:"by"`
	Vintage string            `json:"vintage,omitempty" doc:"With by=district: the division that the rows are of."`
	Unit    string            `json:"unit" doc:"Of every count."`
	Total   SummaryTotal      `json:"total"`
	Rows    []SummaryRow      `json:"rows" doc:"All there are, those without a source too; bodies only with one."`
	Zones   *ZoneNote         `json:"zones,omitempty" doc:"With by=zone:SET: how the rows add up."`
	Cuts    string            `json:"cuts" enum:"in-service,new-build" doc:"The limits that give ground its level."`
	Meaning map[string]string `json:"meaning" doc:"What the numbers are."`
}

// SummaryOutput carries a Summary.
type SummaryOutput struct{ Body Summary }

const outside = "outside"

func (s *Server) summary(ctx context.Context, q *SummaryQuery) (*SummaryOutput, error) {
	v, err := s.through(&q.LensQuery)
	if err != nil {
		return nil, err
	}
	tax := v.City.Taxonomy
	f, err := q.filter(tax)
	if err != nil {
		return nil, err
	}
	answers, err := s.regulators(v, q.Regulator)
	if err != nil {
		return nil, err
	}
	vintage, at, err := vintageOf(tax, q.Vintage)
	if err != nil {
		return nil, err
	}
	if err := checkBy(v, q.By); err != nil {
		return nil, err
	}
	c := q.criterion()
	if _, err := v.CutsOf(c); err != nil {
		return nil, err
	}
	if err := v.Wait(ctx); err != nil {
		return nil, err
	}
	by := q.By
	set, zoned := data.ZoneName(by)
	if zoned {
		by = "industry" // of the total
	}
	t := newTable(tax, vintage, at, by)
	if len(q.Regulator) == 0 && by != "regulator" {
		t.classes(v, f)
	} else {
		t.bodies(v, f, answers)
	}
	if zoned {
		out := s.zoneSummary(ctx, v, set, f, q.Regulator, answers)
		if err := s.zoneGrounds(ctx, v, set, c, out.Rows); err != nil {
			return nil, err
		}
		out.Total, out.Cuts, out.Meaning = t.whole(v, f, c), c.String(), meanings(v, q.By)
		return &SummaryOutput{out}, ctx.Err()
	}
	out := Summary{Answer: s.answer(v), By: q.By, Unit: "active sources", Total: t.whole(v, f, c), Rows: t.list(), Cuts: c.String(), Meaning: meanings(v, q.By)}
	if q.By == "district" {
		out.Vintage = vintage.Name
		t.grounds(v, c, out.Rows)
	}
	t.assess(v, f, out.Rows)
	return &SummaryOutput{out}, ctx.Err()
}

// meanings says what the numbers of a summary are.
func meanings(v *tiles.View, by string) map[string]string {
	m := map[string]string{
		"pll":   "expected deaths per year caused by the asked sources (potential loss of life)",
		"level": "of the ground by the superposed risk of all sources",
	}
	if !v.PeopleKnown() {
		m["pll"] += "; people are those that each source says it exposes, at the greatest lethality of each scenario"
	}
	if v.Partial() {
		m["level"] = "of the ground by the superposed risk of the sources of the asked zones; no ground has a level of its own"
	}
	_, zoned := data.ZoneName(by)
	switch {
	case zoned:
		m["rows"] = "count: sources whose label point lies in the zone. pll, people and ground: on the ground of the zone, by all sources, whatever is asked for"
	case by == "district" && v.PeopleKnown():
		m["rows"] = "count: sources of the district. pll: on the ground of the district, where the people live, whatever district the source is of"
	case by == "district":
		m["rows"] = "count and pll: sources of the district"
	case by == "accident":
		m["rows"] = "count: sources with a scenario of the type, each in every type that it has. pll: by scenarios of the type"
	default:
		m["rows"] = "count and pll: sources of the row, whomever they reach"
	}
	return m
}

func vintageOf(tax *data.Taxonomy, name string) (*data.Vintage, int, error) {
	v, err := tax.Vintage(name)
	for i := range tax.Vintages {
		if v == &tax.Vintages[i] {
			return v, i, nil
		}
	}
	return nil, 0, err
}

// whole is the total's figures.
func (t *table) whole(v *tiles.View, f data.Filter, c riskgrid.Criterion) SummaryTotal {
	ground := v.CityGround()
	out := SummaryTotal{Count: countOf(t.total), Losses: t.loss.figures(t.loss.all), People: peopleOf(v, f), Terrain: terrain(v, ground, c),
		Assessed: assessedOf(t.tax, assessedOver(v, f))}
	if !v.Partial() {
		j := v.Judge(ground, v.Count(data.All()), c)
		rule := ruleOf(v, j)
		whole := assessedOver(v, data.All())
		out.Level, out.Rule, out.Text = j.Level, &rule, levelText(j.Level, &whole)
	}
	if out.People.Count > 0 {
		out.MeanIR = over(out.PLL, out.People.Count)
	}
	return out
}

// grounds completes rows of districts.
func (t *table) grounds(v *tiles.View, c riskgrid.Criterion, rows []SummaryRow) {
	sources := map[data.District]*[5]int{}
	for class, n := range v.Classes() {
		at := class.Districts[t.at]
		if sources[at] == nil {
			sources[at] = &[5]int{}
		}
		sources[at][class.Level] += n
	}
	for i := range rows {
		at := t.vintage.First + data.District(i) // the rows' order is the vintage's
		ground := v.DistrictGround(t.at, at)
		d := &DistrictFigures{Terrain: terrain(v, ground, c)}
		if v.PeopleKnown() {
			n := ground.AllPeople().Persons()
			d.People, d.PerHeads = &n, over(rows[i].PLL*1e4, n)
		}
		if at != t.vintage.Outside() {
			n := sources[at]
			if n == nil {
				n = &[5]int{}
			}
			if !v.Partial() {
				whole := assessedDistrict(v, t.at, at, data.All())
				d.Level = v.Judge(ground, *n, c).Level
				d.Text = levelText(d.Level, &whole)
			}
			d.PerKM2 = over(rows[i].PLL, float64(ground.AllArea())/1e10)
		}
		rows[i].DistrictFigures = d
	}
}

// bodies counts body by body: classes do not know who answers for a source.
func (t *table) bodies(v *tiles.View, f data.Filter, answers func(string) bool) {
	for name, body := range v.Bodies() {
		if !answers(name) {
			continue
		}
		for class, kinds := range body.Kinds(f) {
			for kind, n := range kinds {
				t.count(class, name, kind, n)
			}
		}
		t.cost(body.Parts(f), name)
	}
}

// classes counts class by class.
func (t *table) classes(v *tiles.View, f data.Filter) {
	for class, kinds := range v.Totals.Kinds(f) {
		for kind, n := range kinds {
			t.count(class, "", kind, n)
		}
	}
	t.cost(v.Totals.Parts(f), "")
}

func (t *table) cost(parts iter.Seq[riskgrid.Part], regulator string) {
	for p := range parts {
		t.loss.add(p)
		t.row(t.lossKey(p, regulator)).loss.add(p)
	}
}
