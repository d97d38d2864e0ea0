package report

import "strings"

// suggestions is the chapter of drafts under the plan's heads.
func (c *composer) suggestions() *section {
	s := &section{id: "suggestions", title: c.say("对策建议（草稿）", "Suggestions (draft)")}
	s.add(note(c.say("以下各条由发现自动生成，为草稿，须由人审阅修改后方可使用。每条附其依据的数值和可重新得到该数值的接口查询。",
		"Each of these is derived from a finding and is a draft for a person to edit. With it stand the number that it rests on and the question to the API that answers that number again.")))
	for _, h := range c.r.Suggestions {
		p := &section{id: anchor("head", h.Key), title: c.name(h.Title)}
		if len(h.Suggestions) == 0 {
			p.add(para(c.say("没有由数据得出的建议。", "The data give no suggestion under this head.")))
		} else {
			p.add(c.drafts(c.name(h.Title), h.Suggestions))
		}
		s.parts = append(s.parts, p)
	}
	return s
}

// unitKinds says how numbers of units are written.
var unitKinds = map[string]kind{"share of the city's PLL": kindShare, "share": kindShare, "1/yr": kindPower, "km2": kindArea,
	"expected deaths per year": kindLoss, "expected deaths per year per 10,000 people": kindLoss, "people": kindPeople}

func (c *composer) drafts(caption string, list []Suggestion) *table {
	t := &table{caption: caption, columns: []column{{c.say("建议（草稿，供人工修改）", "Suggestion (draft, for a person to edit)"), kindText, 60},
		{c.say("数值", "Number"), kindNumber, 12}, {c.say("单位", "Unit"), kindText, 12}, {c.say("依据", "Finding"), kindCode, 24}, {c.say("接口查询与成员", "API question and member"), kindCode, 48}}}
	for _, g := range list {
		words := c.say(g.Text, g.TextEn)
		if words == "" {
			words = g.Text + g.TextEn
		}
		if g.Draft {
			words = c.say("【草稿】", "[draft] ") + words
		}
		t.rows = append(t.rows, []cell{text(words), {kind: c.unitKind(g.Unit), value: g.Number}, text(c.word(g.Unit)), code(g.Finding), code(g.Query + " → " + g.Member)})
	}
	return t
}

func (c *composer) unitKind(unit string) kind {
	if k, ok := unitKinds[unit]; ok {
		return k
	}
	return kindNumber
}

// methods is the chapter of methods and their sources.
func (c *composer) methods() *section {
	s := &section{id: "methods", title: c.say("方法与来源", "Methods and sources")}
	s.add(c.screening(), c.methodTable())
	return s
}

func (c *composer) methodTable() *table {
	t := &table{caption: c.say("方法、常数及其来源", "Methods and constants with their sources"), columns: []column{{c.say("方法", "Method"), kindText, 24}, {c.say("说明", "What it does"), kindText, 60}, {c.say("来源", "Source"), kindText, 44}}}
	for _, m := range c.r.Methods {
		words := c.say(m.Text, m.TextEn)
		if words == "" {
			words = m.Text + m.TextEn
		}
		t.rows = append(t.rows, []cell{text(c.name(m.Title)), text(words), text(m.Source)})
	}
	return t
}

// quality is the chapter on how complete the records are.
func (c *composer) quality() *section {
	s := &section{id: "quality", title: c.say("数据质量", "Data quality")}
	for _, t := range c.qualityTables() {
		s.add(t)
	}
	q := &c.r.Quality
	if len(q.Placeholders) > 0 {
		s.add(note(c.say("下列内容尚为占位值，待主管部门提供后替换：", "These are placeholders until the city gives its own: ") + strings.Join(q.Placeholders, c.say("；", "; "))))
	}
	if len(q.NotSurveyed) > 0 {
		names := make([]string, len(q.NotSurveyed))
		for i, t := range q.NotSurveyed {
			names[i] = c.name(t)
		}
		s.add(para(c.say("没有任何记录的行业领域：", "Industries without any record: ") + strings.Join(names, c.say("、", ", ")) + c.say("。", ".")))
	}
	return s
}

func (c *composer) qualityTables() []*table {
	q := &c.r.Quality
	t := &table{caption: c.say("记录", "Records"), columns: []column{{c.say("项目", "What"), kindText, 44}, {c.say("数量", "Count"), kindCount, 12}}}
	row := func(zh, en string, n int) { t.rows = append(t.rows, []cell{text(c.say(zh, en)), count(n)}) }
	row("全部记录（各种状态）", "Records of every status", q.Records)
	row("在用", "Active", q.Active)
	row("不在任何区、县（市）界内", "In no district", q.Outside)
	row("仅以评估等级折算计入", "Count by their assessed level alone", q.Equivalent)
	row("受影响人数不明", "People exposed not known", q.NoPeople)
	if q.Changed > 0 {
		row("编制期间发生变动，详情未列入", "Changed while the report was made: details left out", q.Changed)
	}
	out := []*table{t}
	if len(q.Complete) > 0 {
		t := &table{caption: c.say("字段完整率（在用记录）", "Completeness of fields (active records)"), columns: []column{{c.say("字段", "Field"), kindText, 44}, {c.say("完整率", "Share"), kindShare, 12}}}
		for _, n := range q.Complete {
			t.rows = append(t.rows, []cell{text(c.name(n.Title)), part(n.Value)})
		}
		out = append(out, t)
	}
	if len(q.Gaps) > 0 {
		t := &table{caption: c.say("应有而缺的内容（在用记录数）", "What active records lack"), columns: []column{{c.say("缺项", "Lacking"), kindText, 44}, {c.say("记录数", "Records"), kindNumber, 12}}}
		for _, n := range q.Gaps {
			t.rows = append(t.rows, []cell{text(c.name(n.Title)), number(n.Value)})
		}
		out = append(out, t)
	}
	if len(q.ByMethod) > 0 {
		out = append(out, c.divided(c.say("按定级方法", "By method of the level"), c.say("定级方法", "Method"), q.ByMethod))
	}
	return out
}
