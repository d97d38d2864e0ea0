package report

import (
	"cmp"
	"slices"

	"riskatlas/data"
)

// summary is the page of key figures.
func (c *composer) summary() *section {
	o := &c.r.Overall
	s := &section{id: "summary", title: c.say("摘要", "Summary")}
	s.add(para(c.f("%s共有在用风险源 %s 个，其中重大风险 %s 个、较大风险 %s 个、一般风险 %s 个、低风险 %s 个。全市潜在生命损失（PLL）为每年 %s 人。按%s占比规则，城市总体风险等级为%s（%s）。",
		"%s has %s active sources: %s major, %s significant, %s general and %s low. The city's potential loss of life (PLL) is %s expected deaths a year. By the rule on shares of %s, its overall level is %s (%s).",
		c.name(c.r.City), whole(float64(sum(o.Counts))), whole(float64(o.Counts[4])), whole(float64(o.Counts[3])), whole(float64(o.Counts[2])),
		whole(float64(o.Counts[1])), loss(o.PLL), c.word(o.Rule.From), c.level(o.Level), c.colour(o.Level))))
	key := facts{
		{c.say("总体风险等级", "Overall level"), graded(o.Level), c.f("规则 %s", "rule %s", o.Rule.ID)},
		{c.say("在用风险源（个）", "Active sources"), count(sum(o.Counts)), ""},
		{c.say("重大风险（红）", "Major (red)"), count(o.Counts[4]), ""},
		{c.say("较大风险（橙）", "Significant (orange)"), count(o.Counts[3]), ""},
		{c.say("潜在生命损失（人/年）", "Potential loss of life (1/yr)"), losses(o.PLL), c.say("预期死亡人数", "expected deaths a year")},
		{c.say("人均个人风险（/年）", "Mean individual risk (1/yr)"), risk(o.MeanIR).or(), c.say("PLL ÷ 人口", "PLL over people")},
		{c.say("人口（人）", "People"), people(o.People).or(), c.f("依据：%s", "from %s", c.word(o.PeopleFrom))},
		{c.say("社会风险 F-N 区域", "Societal risk (F-N)"), text(c.word(o.SocietalFN)), c.say("并列报告，不参与定级", "beside the level, not used in it")},
	}
	s.add(key)
	s.add(c.levelTable())
	if len(c.r.Top) > 0 {
		first := c.r.Top[0]
		s.add(para(c.f("潜在生命损失最大的单个风险源为“%s”（%s），占全市 %s。", "The single source with the largest loss is “%s” (%s), with %s of the city's.",
			c.sourceName(first), first.ID, share(first.Share))))
	}
	s.add(c.screening())
	return s
}

// levelTable explains the four colours with the sources and the ground of each.
func (c *composer) levelTable() *table {
	o := &c.r.Overall
	t := &table{caption: c.say("四色等级：风险源、面积与人口", "The four colours: sources, ground and people"),
		columns: []column{{c.say("等级", "Level"), kindLevel, 16}, {c.say("颜色", "Colour"), kindText, 10}, {c.say("风险源（个）", "Sources"), kindCount, 0},
			{c.say("地面面积（km²）", "Ground (km²)"), kindArea, 0}, {c.say("人口（人）", "People"), kindPeople, 0}}}
	who := all(o.PeopleBy)
	for l := data.Major; l >= data.Low; l-- {
		t.rows = append(t.rows, []cell{graded(l), text(c.colour(l)), count(o.Counts[l]), ground(o.GroundKM2[l]), c.peopleOf(o.PeopleBy[l], who)})
	}
	return t
}

// overall is the first of the plan's four questions: 总体情况.
func (c *composer) overall() *section {
	o := &c.r.Overall
	s := &section{id: "overall", title: c.say("总体情况", "Overall situation")}
	s.add(c.ruled(o.Level, &o.Rule))
	s.add(&table{caption: c.say("全市风险指标", "Measures of the city's risk"), columns: []column{{c.say("指标", "Measure"), kindText, 34}, {c.say("数值", "Value"), kindNumber, 16}, {c.say("单位", "Unit"), kindText, 14}},
		rows: [][]cell{
			{text(c.say("潜在生命损失（PLL）", "Potential loss of life (PLL)")), losses(o.PLL), text(c.say("人/年", "deaths/yr"))},
			{text(c.say("其中：定量风险评估部分", "of it, from quantitative assessment")), losses(o.QRA), text(c.say("人/年", "deaths/yr"))},
			{text(c.say("其中：按评估等级折算部分", "of it, equivalent of assessed levels")), losses(o.Equivalent), text(c.say("人/年", "deaths/yr"))},
			{text(c.say("人口", "People")), people(o.People).or(), text(c.say("人", "people"))},
			{text(c.say("人均个人风险", "Mean individual risk")), risk(o.MeanIR).or(), text(c.say("/年", "1/yr"))},
		}})
	if o.PeopleFrom != "grid" {
		s.add(note(c.f("没有人口网格：人口依据为%s，人均值与人口占比由此而来。", "There is no population grid: people are %s; means and shares follow from that.", c.word(o.PeopleFrom))))
	}
	s.add(c.groundTable(c.say("按地面等级的面积与人口", "Ground and people by level of ground"), o.GroundKM2, o.PeopleBy))
	if rest := o.People - all(o.PeopleBy); all(o.PeopleBy) > 0 && rest >= 0.5 {
		s.add(para(c.f("全市人口中另有 %s 人不在上表所计的地面内。", "A further %s people live on ground that the table does not count.", whole(rest))))
	}
	if sum(Counts(o.MajorHazard)) > 0 {
		t := &table{caption: c.say("危险化学品重大危险源（GB 18218-2018，一级最高）", "Major hazard installations (GB 18218-2018; grade 1 is the worst)"),
			columns: []column{{c.say("级别", "Grade"), kindText, 14}, {c.say("数量", "Count"), kindCount, 0}}}
		for g := 1; g <= 4; g++ {
			t.rows = append(t.rows, []cell{text(c.grade(g)), count(o.MajorHazard[g])})
		}
		s.add(t)
	}
	if len(o.PlacesKinds) > 0 {
		t := &table{caption: c.say("应急场所", "Emergency places"), columns: []column{{c.say("类别", "Kind"), kindText, 22}, {c.say("数量", "Count"), kindNumber, 12}}}
		for _, n := range o.PlacesKinds {
			t.rows = append(t.rows, []cell{text(c.name(n.Title)), number(n.Value)})
		}
		s.add(t)
	}
	if tg := c.r.Targets; tg != nil {
		s.add(c.targets(tg)...)
	}
	return s
}

func (c *composer) targets(t *Targets) []block {
	words := c.f("高敏感防护目标（学校、医院、福利机构等，GB 36894-2018 第3章）共 %s 个；仅计工业危险源，所在处个人风险超过新建标准限值 %s/年的有 %s 个。",
		"There are %s high-sensitive targets (schools, hospitals, homes; GB 36894-2018, clause 3); by industrial sources alone, %[3]s of them stand where individual risk is over the limit of %[2]s per year for what is new.",
		whole(float64(t.Count)), power(t.Limit), whole(float64(t.Over)))
	out := []block{para(words)}
	if t.Worst != nil {
		out = append(out, para(c.f("其中个人风险最高处为“%s”（%s）：%s/年。", "The highest is at “%s” (%s): %s per year.", c.sourceName(*t.Worst), t.Worst.ID, power(t.IR))))
	}
	return out
}

// ruled says by which rule and inputs a level was found.
func (c *composer) ruled(l data.Level, rule *Rule) para {
	floor := c.say("无", "none")
	if rule.Floor != data.LevelNone {
		floor = c.level(rule.Floor)
	}
	return para(c.f("风险等级：%s（%s）。规则 %s，按%s占比：红 %s；橙及以上 %s；黄及以上 %s；蓝及以上 %s。由风险源数量决定的最低等级：%s。",
		"Level: %s (%s). Rule %s, by share of %s: red %s; orange and up %s; yellow and up %s; blue and up %s. The least level that the sources alone give: %s.",
		c.level(l), c.colour(l), rule.ID, c.word(rule.From), share(rule.Shares[4]), share(rule.Shares[3]), share(rule.Shares[2]), share(rule.Shares[1]), floor))
}

// mostBars is how many rows of a composition are drawn; its table has all.
const mostBars = 15

// composition is the second question: 风险构成.
func (c *composer) composition() *section {
	s := &section{id: "composition", title: c.say("风险构成", "Composition of risk")}
	s.add(para(c.say("构成按潜在生命损失（PLL）划分，各项占比之和为 100%。", "Composition divides the potential loss of life (PLL); the shares of each division sum to 100%.")))
	for _, k := range c.r.Composition {
		by := c.word(k.By)
		p := &section{id: anchor("by", k.By), title: c.f("按%s", "By %s", by)}
		rows := c.largest(k.Rows)
		if len(rows) > 0 {
			title := c.f("按%s的潜在生命损失占比", "Share of loss by %s", by)
			if len(rows) == mostBars {
				title += c.f("：最大 %d 项", ": the largest %d", mostBars)
			}
			p.add(figure{title, func(w *canvas) {
				w.bars(title, c.f("条形图，%d 项；数值见下表。", "Bar chart of %d rows; the table below has the numbers.", len(rows)), rows)
			}})
		}
		p.add(c.divided(c.f("按%s的构成", "Composition by %s", by), by, k.Rows))
		s.parts = append(s.parts, p)
	}
	return s
}

// largest gives the bars of the largest parts, the largest first.
func (c *composer) largest(parts []Part) []bar {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(b.PLL, a.PLL) })
	var rows []bar
	for _, p := range parts {
		if p.PLL > 0 && len(rows) < mostBars {
			rows = append(rows, bar{c.name(p.Title), p.Share, share(p.Share)})
		}
	}
	return rows
}

// societal is the F-N curve.
func (c *composer) societal() *section {
	f := c.r.Curve
	if f == nil {
		return nil
	}
	s := &section{id: "fn", title: c.say("社会风险（F-N 曲线）", "Societal risk (F-N curve)")}
	s.add(para(c.f("全市曲线最不利处位于%s。此结果与总体等级并列报告，不参与定级。", "At its worst the city's curve lies in the zone: %s. This is reported beside the overall level and not used in it.", c.word(f.Zone))))
	title := c.say("社会风险 F-N 曲线与容许线", "F-N curve with its criterion lines")
	s.add(figure{title, func(w *canvas) {
		w.curve(f, title, c.f("双对数图，%d 级阶梯，上下两条容许线分出三区。", "Log-log chart of %d steps; two lines divide it into three zones.", len(f.Points)))
	}})
	t := c.points(c.say("F-N 曲线上的点", "Points of the F-N curve"), someOf(f.Points))
	s.add(t)
	if len(t.rows) < len(f.Points) {
		s.add(para(c.f("表中为 %d 个点中的 %d 个；全部点见工作簿与 JSON。", "The table has %[2]d of %[1]d points; the workbook and the JSON have all.", len(f.Points), len(t.rows))))
	}
	if f.Source != "" {
		s.add(para(c.say("容许线来源：", "Source of the lines: ") + f.Source))
	}
	s.add(c.screening())
	return s
}

func (c *composer) points(caption string, points []Point) *table {
	t := &table{caption: caption, columns: []column{{c.say("死亡人数 N", "Deaths N"), kindNumber, 14}, {c.say("频率 F（次/年）", "Frequency F (1/yr)"), kindPower, 16}, {c.say("区域", "Zone"), kindText, 34}}}
	for _, p := range points {
		t.rows = append(t.rows, []cell{number(p.N), risk(p.F), text(c.word(p.Zone))})
	}
	return t
}

// fewPoints is how many points of a curve a table shows whole.
const fewPoints = 25

// someOf picks points near round numbers of deaths, and the first and the last.
func someOf(points []Point) []Point {
	if len(points) <= fewPoints {
		return points
	}
	out := points[:1:1]
	i := 0
	for _, n := range []float64{1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000, 10000} {
		for i < len(points) && points[i].N < n {
			i++
		}
		if i < len(points) && points[i] != out[len(out)-1] {
			out = append(out, points[i])
		}
	}
	if last := points[len(points)-1]; last != out[len(out)-1] {
		out = append(out, last)
	}
	return out
}
