package report

import (
	"fmt"
	"strconv"

	"riskatlas/data"
)

// composer puts a report into words.
type composer struct {
	language
	r          *Report
	atlas      *atlas
	industries map[string]Title
	districts  map[string]Title
	accidents  map[string]Title
}

func newComposer(r *Report, lang string) (*composer, error) {
	l, err := parseLanguage(lang)
	if err != nil {
		return nil, err
	}
	c := &composer{language: l, r: r, industries: map[string]Title{}, districts: map[string]Title{}, accidents: map[string]Title{}}
	for _, ch := range r.Industries {
		c.industries[ch.Key] = ch.Title
		for _, t := range ch.Types {
			c.accidents[t.Key] = t.Title
		}
	}
	for _, ch := range r.Districts {
		c.districts[ch.Key] = ch.Title
	}
	return c, nil
}

// title gives the name for a code, or the code itself.
func (c *composer) title(of map[string]Title, key string) string {
	if t, ok := of[key]; ok {
		return c.name(t)
	}
	if key == "" {
		return unknown
	}
	return c.word(key)
}

// f writes words with values in them.
func (c *composer) f(zh, en string, values ...any) string {
	return fmt.Sprintf(c.say(zh, en), values...)
}

// compose puts all of a report into chapters. Maps are drawn by HTML alone.
func (c *composer) compose() *document {
	r := c.r
	d := &document{lang: c.language, city: c.name(r.City)}
	d.title = c.say(c.name(r.City)+"城市安全风险评估报告", "Safety risk assessment of "+c.name(r.City))
	d.facts = []fact{
		{c.say("数据版本", "Data revision"), code(strconv.FormatUint(r.Revision, 10)), ""},
		{c.say("版本范围", "View"), text(c.word(r.View)), ""},
		{c.say("判定标准", "Criterion"), text(c.word(r.Criterion)), ""},
		{c.say("在用风险源", "Active sources"), count(sum(r.Overall.Counts)), ""},
		{c.say("性质", "Nature"), text(c.say("筛查值，供研判使用，不是疏散命令", "screening values, not an evacuation order")), ""},
	}
	d.notices = c.notices()
	chapters := []*section{c.summary(), c.overall(), c.composition(), c.distribution(), c.levels(), c.societal(), c.top(),
		c.places(r.Districts), c.zones(), c.units(), c.all(), c.mainList(), c.suggestions(), c.methods(), c.quality()}
	for _, s := range chapters {
		if s != nil {
			d.chapters = append(d.chapters, s)
			numbered(s, strconv.Itoa(len(d.chapters)))
		}
	}
	return d
}

func numbered(s *section, n string) {
	s.number = n
	for i, p := range s.parts {
		numbered(p, n+"."+strconv.Itoa(i+1))
	}
}

// notices are what a reader must not miss.
func (c *composer) notices() []string {
	var out []string
	if c.r.Synthetic {
		out = append(out, c.say("演示数据：本报告中的风险源均为合成数据，不对应任何真实单位。",
			"Synthetic demonstration data: no source in this report is real."))
	}
	if c.r.WhatIf {
		out = append(out, c.say("假设情景：本报告反映假设的变更实施之后的城市，而非现状。",
			"What-if: this report is of the city as it would be with changes made, not as it is."))
	}
	if c.r.WhatIf {
		out = append(out, c.say("假设情景：本报告反映的是作出假设变更之后的城市，不是现状。", "What-if: this report is of the city as it would be with changes made, not as it is."))
	}
	if n := c.r.LeftOut; n > 0 {
		out = append(out, c.f("本%s版本未列入 %s 个不宜公开的风险源；其数量、风险和位置均不计入以下各数。",
			"This %s view leaves out %s sources that it may not show; no number below counts them.", c.word(c.r.View), whole(float64(n))))
	}
	return out
}

func (c *composer) screening() note {
	return note(c.say("GB 36894 针对单个危险化学品生产、储存装置编制；全市叠加值仅借用其限值分色比较，不作为合规判定依据。各数均为筛查值。",
		"GB 36894 is written for single plants; a city's sum is compared for colour, not for law. All values are screening values."))
}

// counted is a table of counts by level, one row each.
func (c *composer) counted(caption, head string, rows []Row) *table {
	t := &table{caption: caption, columns: []column{{head, kindText, 22}}}
	t.columns = append(t.columns, c.levelColumns()...)
	t.columns = append(t.columns, column{c.say("合计", "Total"), kindCount, 0})
	var total Counts
	for _, row := range rows {
		t.rows = append(t.rows, append([]cell{text(c.name(row.Title))}, counts(row.Counts)...))
		for l := range total {
			total[l] += row.Counts[l]
		}
	}
	if len(rows) > 1 {
		t.total = true
		t.rows = append(t.rows, append([]cell{text(c.say("合计", "Total"))}, counts(total)...))
	}
	return t
}

func (c *composer) levelColumns() []column {
	var out []column
	for l := data.Major; l >= data.Low; l-- {
		out = append(out, column{c.level(l), kindCount, 0})
	}
	return out
}

// counts are the cells of a row: the levels from the worst, then their sum.
func counts(n Counts) []cell {
	return []cell{count(n[4]), count(n[3]), count(n[2]), count(n[1]), count(sum(n))}
}

// groundTable says area and people by level of ground, the worst first.
func (c *composer) groundTable(caption string, km2, who [5]float64) *table {
	t := &table{caption: caption, columns: []column{{c.say("地面等级", "Level of ground"), kindLevel, 16},
		{c.say("面积（km²）", "Area (km²)"), kindArea, 0}, {c.say("面积占比", "Share of area"), kindShare, 0},
		{c.say("人口（人）", "People"), kindPeople, 0}, {c.say("人口占比", "Share of people"), kindShare, 0}}}
	allKM2, everybody := all(km2), all(who)
	for l := int(data.Major); l >= 0; l-- {
		t.rows = append(t.rows, []cell{graded(data.Level(l)), ground(km2[l]), over(km2[l], allKM2), c.peopleOf(who[l], everybody), over(who[l], everybody)})
	}
	t.total = true
	t.rows = append(t.rows, []cell{text(c.say("合计", "Total")), ground(allKM2), over(allKM2, allKM2), c.peopleOf(everybody, everybody), over(everybody, everybody)})
	return t
}

// all is the sum over levels, [0] too.
func all(v [5]float64) float64 { return v[0] + v[1] + v[2] + v[3] + v[4] }

func (c *composer) peopleOf(v, whole float64) cell {
	if whole == 0 {
		return missing()
	}
	return people(v)
}

// over is a share of a whole, unknown where the whole is nothing.
func over(v, whole float64) cell {
	if whole == 0 {
		return missing()
	}
	return part(v / whole)
}

// parts is a table of a composition.
func (c *composer) divided(caption, head string, rows []Part) *table {
	t := &table{caption: caption, columns: []column{{head, kindText, 26}, {c.say("数量", "Count"), kindCount, 0},
		{c.say("预期死亡（人/年）", "Expected deaths (1/yr)"), kindLoss, 14}, {c.say("占比", "Share"), kindShare, 0}}}
	for _, p := range rows {
		t.rows = append(t.rows, []cell{text(c.name(p.Title)), count(p.Count), losses(p.PLL), part(p.Share)})
	}
	return t
}
