package report

import (
	"strings"

	"riskatlas/data"
)

// places is the chapter of the districts, one by one.
func (c *composer) places(districts []Chapter) *section {
	s := &section{id: "districts", title: c.say("各区、县（市）", "Districts one by one")}
	if len(districts) == 0 {
		return nil
	}
	for i := range districts {
		p := c.place("district", &districts[i])
		c.districtMap(p, districts[i].Title)
		s.parts = append(s.parts, p)
	}
	return s
}

// zones is the chapter of sets of zones, nil where there is none.
func (c *composer) zones() *section {
	if len(c.r.Zones) == 0 {
		return nil
	}
	s := &section{id: "zones", title: c.say("专题区域", "Zones")}
	for i, set := range c.r.Zones {
		p := &section{id: anchor("zone", string(rune('a'+i%26)), set.Name), title: set.Name}
		if set.Overlap {
			p.add(note(c.say("这些区域相互重叠：每个区域各自完整计数，因此各数之和可大于全市数。",
				"These zones overlap: each counts in full, so that their sum may be more than the city's.")))
		}
		for j := range set.Zones {
			p.parts = append(p.parts, c.place("zone-"+anchor(set.Name), &set.Zones[j]))
		}
		s.parts = append(s.parts, p)
	}
	return s
}

// place is the part of one district or zone.
func (c *composer) place(prefix string, ch *Chapter) *section {
	s := &section{id: anchor(prefix, ch.Key), title: c.name(ch.Title)}
	if ch.Rule != nil {
		s.add(c.ruled(ch.Level, ch.Rule))
	}
	s.add(facts{
		{c.say("风险等级", "Level"), c.judged(ch), ""},
		{c.say("在用风险源（个）", "Active sources"), count(sum(ch.Counts)), ""},
		{c.say("PLL（人/年）", "PLL (1/yr)"), losses(ch.PLL), ""},
		{c.say("占全市", "Share of the city"), part(ch.Share), ""},
		{c.say("人口（人）", "People"), people(ch.People).or(), ""},
		{c.say("每万人 PLL", "PLL per 10,000 people"), losses(ch.Per10000).or(), ""},
		{c.say("每平方千米 PLL", "PLL per km²"), losses(ch.PerKM2).or(), ""},
	})
	c.blocks(s, ch, shown{industry: true, district: prefix != "district"})
	return s
}

// judged is the level of a chapter's ground, unknown where it has none.
func (c *composer) judged(ch *Chapter) cell {
	if ch.Rule == nil {
		return missing()
	}
	return graded(ch.Level)
}

// units is the chapter of the plan's groups.
func (c *composer) units() *section {
	if len(c.r.Groups) == 0 {
		return nil
	}
	s := &section{id: "groups", title: c.say("三个评估单元", "The units of the plan")}
	for i := range c.r.Groups {
		g := &c.r.Groups[i]
		p := &section{id: anchor("group", g.Key), title: c.name(g.Title)}
		p.add(c.sharePara(g))
		c.groupMap(p, g)
		c.blocks(p, g, shown{industry: true, district: true})
		s.parts = append(s.parts, p)
	}
	return s
}

// all is the chapter of the industries, one by one.
func (c *composer) all() *section {
	if len(c.r.Industries) == 0 {
		return nil
	}
	s := &section{id: "industries", title: c.f("%d 个行业领域", "The %d industries one by one", len(c.r.Industries))}
	s.add(c.industryTable())
	for i := range c.r.Industries {
		ch := &c.r.Industries[i]
		p := &section{id: anchor("industry", ch.Key), title: c.f("%s（%s）", "%s (%s)", c.name(ch.Title), ch.Key)}
		p.add(c.regulated(ch))
		if sum(ch.Counts) == 0 {
			p.add(para(c.surveyed(ch.Survey)))
		} else {
			p.add(c.sharePara(ch))
			c.industryMap(p, i, ch)
			c.blocks(p, ch, shown{district: true})
		}
		s.parts = append(s.parts, p)
	}
	return s
}

// surveyed says why an industry has no source at work.
func (c *composer) surveyed(survey string) string {
	switch survey {
	case "not_surveyed":
		return c.say("该行业领域尚无任何记录：尚未调查，不能认为没有风险。", "This industry has no record at all: it was not surveyed, which does not mean that it is without risk.")
	case "none":
		return c.say("该行业领域已有记录，但目前没有在用风险源。", "This industry has records, but none is at work now.")
	case "not_shown":
		return c.say("该行业领域没有本版本可以显示的记录。", "This industry has no record that this view may show.")
	}
	return c.word(survey)
}

func (c *composer) regulated(ch *Chapter) para {
	words := c.say("监管部门：", "Regulator: ") + orDash(ch.Regulator)
	if ch.Assistant != "" {
		words += c.f("（协助：%s）", " (with %s)", ch.Assistant)
	}
	if ch.Method != "" {
		words += c.say("；评估方法：", "; method: ") + ch.Method
	}
	return para(words + c.say("。", "."))
}

func (c *composer) sharePara(ch *Chapter) para {
	n := ch.Counts
	return para(c.f("在用风险源 %s 个：重大 %s、较大 %s、一般 %s、低 %s。潜在生命损失每年 %s 人，占全市 %s。",
		"%s active sources: %s major, %s significant, %s general, %s low. Potential loss of life %s expected deaths a year, %s of the city's.",
		whole(float64(sum(n))), whole(float64(n[4])), whole(float64(n[3])), whole(float64(n[2])), whole(float64(n[1])), loss(ch.PLL), share(ch.Share)))
}

// industryTable is the overview of all industries: its totals are the city's.
func (c *composer) industryTable() *table {
	t := &table{caption: c.say("各行业领域一览", "All industries"), long: true, head: 1, columns: []column{{c.say("代码", "Code"), kindCode, 8}, {c.say("行业领域", "Industry"), kindText, 32}}}
	t.columns = append(t.columns, c.levelColumns()...)
	t.columns = append(t.columns, column{c.say("合计", "Total"), kindCount, 0}, column{c.say("PLL（人/年）", "PLL (1/yr)"), kindLoss, 12},
		column{c.say("占全市", "Of the city"), kindShare, 10}, column{c.say("调查情况", "Survey"), kindText, 20}, column{c.say("监管部门", "Regulator"), kindText, 20})
	var total Counts
	var pll, of float64
	for _, ch := range c.r.Industries {
		row := append([]cell{code(ch.Key), text(c.name(ch.Title)).to(anchor("industry", ch.Key))}, counts(ch.Counts)...)
		t.rows = append(t.rows, append(row, losses(ch.PLL), part(ch.Share), text(c.word(ch.Survey)), text(orDash(ch.Regulator))))
		for l := range total {
			total[l] += ch.Counts[l]
		}
		pll, of = pll+ch.PLL, of+ch.Share
	}
	t.total = true
	row := append([]cell{text(""), text(c.say("合计", "Total"))}, counts(total)...)
	t.rows = append(t.rows, append(row, losses(pll), part(of), text(""), text("")))
	return t
}

// shown says which columns the lists of sources of a chapter need: an industry's
// sources are all of it, and a district's all in it.
type shown struct{ industry, district bool }

// blocks adds the tables that a chapter has.
func (c *composer) blocks(s *section, ch *Chapter, show shown) {
	name := c.name(ch.Title)
	if len(ch.ByIndustry) > 0 {
		s.add(c.counted(c.f("%s：按行业领域和等级的风险源数", "%s: sources by industry and level", name), c.say("行业领域", "Industry"), ch.ByIndustry))
	}
	if len(ch.ByDistrict) > 0 {
		s.add(c.counted(c.f("%s：按区、县（市）和等级的风险源数", "%s: sources by district and level", name), c.say("区、县（市）", "District"), ch.ByDistrict))
	}
	if some(ch.GroundKM2) && ch.Rule != nil {
		s.add(c.groundTable(c.f("%s：按地面等级的面积与人口", "%s: ground and people by level", name), ch.GroundKM2, ch.PeopleBy))
	}
	if len(ch.Accidents) > 0 {
		s.add(c.divided(c.f("%s：事故后果类型（一个风险源可有多种）", "%s: outcomes (a source may have several)", name), c.say("事故后果类型", "Outcome"), ch.Accidents))
	}
	if len(ch.Types) > 0 {
		var list []string
		for _, t := range ch.Types {
			list = append(list, c.name(t.Title)+" "+round(t.Value))
		}
		s.add(para(c.say("登记的事故类型（记录数）：", "Accident types stated (records): ") + strings.Join(list, c.say("、", ", ")) + c.say("。", ".")))
	}
	if len(ch.Top) > 0 {
		s.add(c.ranked(c.f("%s：主要风险贡献源", "%s: top sources", name), ch.Top, show.industry, show.district))
	}
	if len(ch.Measures) > 0 {
		t := &table{caption: c.f("%s：常见管控措施", "%s: most frequent measures", name), columns: []column{{c.say("措施", "Measure"), kindText, 40}, {c.say("记录数", "Records"), kindCount, 0}}}
		for _, m := range ch.Measures {
			t.rows = append(t.rows, []cell{text(m.Text), count(m.Count)})
		}
		s.add(t)
	}
}

func some(v [5]float64) bool {
	for l := data.LevelNone; l <= data.Major; l++ {
		if v[l] != 0 {
			return true
		}
	}
	return false
}
