package report

import (
	"riskatlas/data"
)

// charted is a figure of a map.
func (c *composer) charted(caption string, m chart) figure {
	m.title = caption
	if m.description == "" {
		m.description = c.say("地图：上为北。", "Map, north up. ")
		if m.cells {
			m.description += c.say("底色为叠加个人风险的四色等级。", "The ground shows the four colours of superposed individual risk. ")
		}
		if m.drawn {
			m.description += c.f("其上有 %s 个风险源：圆为低、方为一般、三角为较大、菱形为重大。", "On it are %s sources: circles low, squares general, triangles significant, diamonds major.", whole(float64(len(m.sources))))
		}
	}
	a := c.atlas
	return figure{caption, func(w *canvas) { w.chart(a, m) }}
}

// overallMap is the four-colour map of the city.
func (c *composer) overallMap(s *section) {
	a := c.atlas
	if a == nil {
		return
	}
	s.add(c.charted(c.f("%s安全风险四色图", "Four-colour risk map of %s", c.name(c.r.City)),
		chart{part: a.whole(), cells: true, here: -1, levels: true}))
	s.add(para(c.f("格网为第 %d 级四叉树，每格按区县占比规则定级；区名后为该区等级标记。",
		"Cells are quadtree nodes of zoom %d; each takes its level by the district rule on its ground. Marks after the names are the districts' levels.", a.ground.Window.Zoom)))
}

// pick gives the sources that a map shows.
func (c *composer) pick(keep func(Dot) bool) []int {
	var out []int
	for i, d := range c.atlas.ground.Sources {
		if keep(d) {
			out = append(out, i)
		}
	}
	return out
}

func (c *composer) levelMap(s *section, l data.Level) {
	if c.atlas == nil || c.r.Overall.Counts[l] == 0 {
		return
	}
	s.add(c.charted(c.f("%s风险源分布", "%s sources", c.level(l)),
		chart{part: c.atlas.whole(), here: -1, drawn: true, sources: c.pick(func(d Dot) bool { return d.Level == l })}))
}

func (c *composer) groupMap(s *section, g *Chapter) {
	if c.atlas == nil {
		return
	}
	mine := map[data.Industry]bool{}
	for i := range c.r.Industries {
		if g.Key != "" && c.r.Industries[i].Group == g.Key {
			mine[data.Industry(i)] = true
		}
	}
	if len(mine) > 0 {
		s.add(c.charted(c.f("%s：风险源分布", "%s: distribution", c.name(g.Title)),
			chart{part: c.atlas.whole(), here: -1, drawn: true, sources: c.pick(func(d Dot) bool { return mine[d.Industry] })}))
	}
}

// industryMap shows the industry at a position of the profile.
func (c *composer) industryMap(s *section, i int, ch *Chapter) {
	if c.atlas != nil {
		s.add(c.charted(c.f("%s：分布", "%s: distribution", c.name(ch.Title)),
			chart{part: c.atlas.whole(), here: -1, drawn: true, sources: c.atlas.industry[data.Industry(i)]}))
	}
}

func (c *composer) districtMap(s *section, t Title) {
	a := c.atlas
	if a == nil {
		return
	}
	for i, d := range a.ground.Districts {
		if d.Key != t.Key || len(a.shapes[i]) == 0 {
			continue
		}
		m := chart{part: a.bounds[i], cells: true, here: i, drawn: true}
		for j, home := range a.home {
			if home == i {
				m.sources = append(m.sources, j)
			}
		}
		s.blocks = append([]block{c.charted(c.f("%s：四色等级与风险源", "%s: the four colours and the sources", c.name(t)), m)}, s.blocks...)
	}
}

// distribution is the third question: 风险分布.
func (c *composer) distribution() *section {
	s := &section{id: "distribution", title: c.say("风险分布", "Distribution of risk")}
	c.overallMap(s)
	rows := make([]stack, 0, len(c.r.Districts))
	for _, d := range c.r.Districts {
		rows = append(rows, stack{c.name(d.Title), d.Counts})
	}
	if len(rows) > 0 {
		title := c.say("各区、县（市）按等级的风险源数", "Sources by district and level")
		s.add(figure{title, func(w *canvas) {
			w.stacks(title, c.f("堆叠条形图，%d 行；数值见下表。", "Stacked bars, %d rows; the table below has the numbers.", len(rows)), rows)
		}})
	}
	s.add(c.districtTable())
	if n := c.r.Quality.Outside; n > 0 {
		s.add(para(c.f("另有 %s 个风险源不在任何区、县（市）界内。", "%s further sources stand in no district.", whole(float64(n)))))
	}
	return s
}

// districtTable compares the districts.
func (c *composer) districtTable() *table {
	t := &table{caption: c.say("各区、县（市）风险比较", "The districts compared"), long: true, columns: []column{{c.say("区、县（市）", "District"), kindText, 18}, {c.say("等级", "Level"), kindLevel, 14}}}
	t.columns = append(t.columns, c.levelColumns()...)
	t.columns = append(t.columns, column{c.say("合计", "Total"), kindCount, 0}, column{c.say("PLL（人/年）", "PLL (1/yr)"), kindLoss, 12}, column{c.say("占全市", "Of the city"), kindShare, 10},
		column{c.say("人口", "People"), kindPeople, 12}, column{c.say("每万人 PLL", "PLL per 10,000"), kindLoss, 14}, column{c.say("每 km² PLL", "PLL per km²"), kindLoss, 14})
	for _, d := range c.r.Districts {
		row := append([]cell{text(c.name(d.Title)).to(anchor("district", d.Key)), c.judged(&d)}, counts(d.Counts)...)
		t.rows = append(t.rows, append(row, losses(d.PLL), part(d.Share), people(d.People).or(), losses(d.Per10000).or(), losses(d.PerKM2).or()))
	}
	return t
}

// levels is the fourth question: 风险等级.
func (c *composer) levels() *section {
	s := &section{id: "levels", title: c.say("风险等级", "Levels of risk")}
	s.add(para(c.say("风险源的等级是评估所得（专家、法规或方法），从不由格网重新计算；地面的等级由叠加个人风险计算。两者并列。",
		"A source's level is assessed (by experts, law or method) and never computed from the grid; the level of ground is computed from superposed individual risk. Both are shown.")))
	s.add(c.districtRules())
	for l := data.Major; l >= data.Low; l-- {
		p := &section{id: anchor("level", l.String()), title: c.f("%s（%s）：%s 个", "%s (%s): %s sources", c.level(l), c.colour(l), whole(float64(c.r.Overall.Counts[l])))}
		if c.r.Overall.Counts[l] == 0 {
			p.add(para(c.say("没有该等级的在用风险源。", "There is no active source of this level.")))
		}
		c.levelMap(p, l)
		var rows []bar
		for _, d := range c.r.Districts {
			if n := d.Counts[l]; n > 0 {
				rows = append(rows, bar{c.name(d.Title), float64(n), whole(float64(n))})
			}
		}
		if len(rows) > 0 {
			title := c.f("%s风险源：按区、县（市）", "%s sources by district", c.level(l))
			p.add(figure{title, func(w *canvas) {
				w.bars(title, c.f("条形图，%d 行。", "Bar chart of %d rows.", len(rows)), rows)
			}})
		}
		s.parts = append(s.parts, p)
	}
	return s
}

// districtRules says how each district came to its level.
func (c *composer) districtRules() *table {
	t := &table{caption: c.say("各区、县（市）等级及其依据", "Levels of the districts and how they were found"), long: true,
		columns: []column{{c.say("区、县（市）", "District"), kindText, 18}, {c.say("等级", "Level"), kindLevel, 14}, {c.say("依据", "By"), kindText, 10},
			{c.say("红", "Red"), kindShare, 0}, {c.say("橙及以上", "Orange and up"), kindShare, 0}, {c.say("黄及以上", "Yellow and up"), kindShare, 0},
			{c.say("蓝及以上", "Blue and up"), kindShare, 0}, {c.say("最低等级", "Floor"), kindText, 14}, {c.say("规则", "Rule"), kindCode, 22}}}
	row := func(name string, l data.Level, r *Rule) {
		if r == nil {
			return
		}
		floor := unknown
		if r.Floor != data.LevelNone {
			floor = c.level(r.Floor)
		}
		t.rows = append(t.rows, []cell{text(name), graded(l), text(c.word(r.From)), part(r.Shares[4]), part(r.Shares[3]), part(r.Shares[2]), part(r.Shares[1]), text(floor), code(r.ID)})
	}
	for i := range c.r.Districts {
		row(c.name(c.r.Districts[i].Title), c.r.Districts[i].Level, c.r.Districts[i].Rule)
	}
	row(c.say("全市", "The city"), c.r.Overall.Level, &c.r.Overall.Rule)
	t.total = true
	return t
}
