package report

import (
	"strings"
)

func (c *composer) sourceName(s Source) string {
	return c.name(Title{Key: string(s.ID), Name: s.Name, NameEn: s.NameEn})
}

// top is the chapter of the sources with the largest losses.
func (c *composer) top() *section {
	s := &section{id: "top", title: c.say("主要风险贡献源", "Top sources")}
	s.add(para(c.say("按潜在生命损失由大到小排列。“后果”为其最不利情景的预期死亡人数及事故等级（国务院令第493号第三条），与风险等级是两回事。",
		"By potential loss of life, largest first. “Severity” is that of the worst scenario by its expected deaths (State Council Order 493, article 3); it is not a level of risk.")))
	if len(c.r.Top) == 0 {
		s.add(para(c.say("没有在用风险源。", "There is no active source.")))
		return s
	}
	rows := make([]bar, 0, mostBars)
	for _, p := range c.r.Top {
		if len(rows) < mostBars && p.PLL > 0 {
			rows = append(rows, bar{c.sourceName(p), p.PLL, loss(p.PLL) + " (" + share(p.Share) + ")"})
		}
	}
	title := c.say("潜在生命损失最大的风险源（人/年，占全市比例）", "Sources with the largest loss (expected deaths a year, share of the city's)")
	if len(rows) > 0 {
		s.add(figure{title, func(w *canvas) {
			w.bars(title, c.f("条形图，前 %d 个。", "Bar chart of the first %d.", len(rows)), rows)
		}})
	}
	s.add(c.ranked(c.say("主要风险贡献源", "Top sources"), c.r.Top, true, true))
	return s
}

// ranked is a short table of sources, the largest loss first; without the
// industry or the district where all have the same.
func (c *composer) ranked(caption string, sources []Source, industry, district bool) *table {
	t := &table{caption: caption, head: 1, long: true, columns: []column{{c.say("序号", "No."), kindCount, 6}, {c.say("名称", "Name"), kindText, 34}, {c.say("编号", "Id"), kindCode, 22}}}
	if industry {
		t.columns = append(t.columns, column{c.say("行业领域", "Industry"), kindText, 22})
	}
	if district {
		t.columns = append(t.columns, column{c.say("区、县（市）", "District"), kindText, 14})
	}
	t.columns = append(t.columns, column{c.say("等级", "Level"), kindLevel, 12}, column{c.say("PLL（人/年）", "PLL (1/yr)"), kindLoss, 12}, column{c.say("占全市", "Of the city"), kindShare, 10},
		column{c.say("最大死亡（人）与后果", "Worst deaths, severity"), kindText, 14}, column{c.say("监管部门", "Regulator"), kindText, 18})
	for i, s := range sources {
		row := []cell{count(i + 1), text(c.sourceName(s)), code(string(s.ID))}
		if industry {
			row = append(row, text(c.title(c.industries, s.Industry)))
		}
		if district {
			row = append(row, text(c.title(c.districts, s.District)))
		}
		t.rows = append(t.rows, append(row, graded(s.Level), losses(s.PLL), part(s.Share), text(c.worst(s)), text(orDash(s.Regulator))))
	}
	return t
}

// worst is the expected deaths of a source's worst scenario with their class.
func (c *composer) worst(s Source) string {
	if s.Severity == "" {
		return round(s.Deaths)
	}
	return round(s.Deaths) + c.say("，", ", ") + c.word(s.Severity)
}

// rule says who belongs to the main list.
func (c *composer) rule() string {
	m := &c.r.Main
	words := c.f("列入规则：在用，且评估等级为 %d 级（%s）及以上", "Rule of membership: active, and of assessed level %d (%s) or worse", m.MinLevel, levelWords[max(0, min(m.MinLevel, 4))][c.language])
	if m.MajorHazard {
		words += c.say("，或为任一级别的危险化学品重大危险源", ", or a major hazard installation of any grade")
	}
	words += c.say("。", ".")
	if m.Source != "" {
		words += c.say("规则来源：", " Source of the rule: ") + m.Source + c.say("。", ".")
	}
	return words
}

func (c *composer) listName() string {
	return c.say(c.name(c.r.City)+"城市主要风险源清单", "Main risk sources of "+c.name(c.r.City))
}

// mainList is the chapter of the main list, in the columns that fit a page.
func (c *composer) mainList() *section {
	m := &c.r.Main
	s := &section{id: "main-list", title: c.say("城市主要风险源清单", "List of main sources")}
	s.add(para(c.rule()), para(c.f("共 %s 个，按等级由高到低、编号由小到大排列；完整字段见工作簿。", "%s sources, by level falling and then by id; the workbook has all fields.", whole(float64(m.Matched)))))
	if len(m.Sources) < m.Matched {
		s.add(note(c.f("符合规则者 %s 个，此处列出 %s 个。", "%s sources match; %s are listed here.", whole(float64(m.Matched)), whole(float64(len(m.Sources))))))
	}
	t := &table{caption: c.listName(), head: 1, long: true, columns: []column{{c.say("序号", "No."), kindCount, 6}, {c.say("名称", "Name"), kindText, 34}, {c.say("编号", "Id"), kindCode, 22},
		{c.say("行业领域", "Industry"), kindText, 22}, {c.say("区、县（市）", "District"), kindText, 14}, {c.say("等级", "Level"), kindLevel, 12},
		{c.say("重大危险源", "Major hazard"), kindText, 10}, {c.say("PLL（人/年）", "PLL (1/yr)"), kindLoss, 12}, {c.say("监管部门", "Regulator"), kindText, 18}, {c.say("下次评估", "Next review"), kindText, 12}}}
	for i, p := range m.Sources {
		t.rows = append(t.rows, []cell{count(i + 1), text(c.sourceName(p)), code(string(p.ID)), text(c.title(c.industries, p.Industry)), text(c.title(c.districts, p.District)),
			graded(p.Level), text(c.grade(p.Grade)), losses(p.PLL), text(p.Regulator), text(orDash(p.Review))})
	}
	s.add(t)
	return s
}

func orDash(s string) string {
	if s == "" {
		return unknown
	}
	return s
}

// listTable has every field of the main list, for the workbook.
func (c *composer) listTable() *table {
	t := &table{caption: c.listName(), head: 1, columns: []column{{c.say("序号", "No."), kindCount, 6}, {c.say("名称", "Name"), kindText, 34}, {c.say("编号", "Id"), kindCode, 22},
		{c.say("行业领域", "Industry"), kindText, 22}, {c.say("行业代码", "Industry code"), kindCode, 10}, {c.say("区、县（市）", "District"), kindText, 14},
		{c.say("区划代码", "District code"), kindCode, 12}, {c.say("等级", "Level"), kindLevel, 14}, {c.say("重大危险源级别", "Major hazard grade"), kindText, 14},
		{c.say("PLL（人/年）", "PLL (1/yr)"), kindLoss, 14}, {c.say("占全市", "Share of the city"), kindShare, 11}, {c.say("最大预期死亡（人）", "Worst expected deaths"), kindNumber, 14},
		{c.say("后果等级", "Severity"), kindText, 14}, {c.say("事故类型", "Accident types"), kindText, 28}, {c.say("企业", "Enterprise"), kindText, 26},
		{c.say("地址", "Address"), kindText, 30}, {c.say("责任人", "Person responsible"), kindText, 16}, {c.say("监管部门", "Regulator"), kindText, 20},
		{c.say("管控层级", "Level of control"), kindText, 14}, {c.say("评估日期", "Assessed"), kindText, 12}, {c.say("下次评估", "Next review"), kindText, 12},
		{c.say("管控措施", "Measures"), kindText, 44}, {c.say("经度（WGS 84）", "Longitude (WGS 84)"), kindDegrees, 13}, {c.say("纬度（WGS 84）", "Latitude (WGS 84)"), kindDegrees, 13}}}
	for i, s := range c.r.Main.Sources {
		t.rows = append(t.rows, []cell{count(i + 1), text(c.sourceName(s)), code(string(s.ID)), text(c.title(c.industries, s.Industry)), code(s.Industry),
			text(c.title(c.districts, s.District)), code(s.District), graded(s.Level), text(c.grade(s.Grade)), losses(s.PLL), part(s.Share), number(s.Deaths),
			text(c.word(s.Severity)), text(c.accidentNames(s.Accidents)), text(s.Enterprise), text(s.Address), text(s.Responsible), text(s.Regulator),
			text(c.word(s.Control)), text(s.Assessed), text(s.Review), text(strings.Join(s.Measures, c.say("；", "; "))), degrees(s.At[0]), degrees(s.At[1])})
	}
	return t
}

func (c *composer) accidentNames(codes []string) string {
	names := make([]string, len(codes))
	for i, k := range codes {
		names[i] = c.title(c.accidents, k)
	}
	return strings.Join(names, c.say("、", ", "))
}
