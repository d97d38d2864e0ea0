package report

import (
	"bytes"
	"io"

	"github.com/xuri/excelize/v2"
)

// XLSX writes the tables of the report as a workbook: numbers as numbers. lang
// is zh or en, else the error is *data.Invalid. The same report gives the same
// bytes.
func XLSX(w io.Writer, r *Report, lang string) error {
	c, err := newComposer(r, lang)
	if err != nil {
		return err
	}
	return c.workbook(w, c.compose().title, []page{
		c.overviewPage(), c.compositionPage(), c.districtsPage(), c.industriesPage(), c.sourcesPage(),
		c.curvePage(), c.suggestionsPage(), c.methodsPage(), c.qualityPage(),
	})
}

// MainListXLSX writes 城市主要风险源清单, the list of main sources, as a
// workbook of one sheet: its rule of membership stands in the head rows above
// a frozen header with filters. lang is zh or en, else the error is
// *data.Invalid. The same report gives the same bytes.
func MainListXLSX(w io.Writer, r *Report, lang string) error {
	c, err := newComposer(r, lang)
	if err != nil {
		return err
	}
	return c.workbook(w, c.listName(), []page{c.sourcesPage()})
}

// page is one sheet of a workbook: head rows, then tables below each other. A
// list has one table with filters, under a header that stays in view.
type page struct {
	name   string
	head   []string
	tables []*table
	list   bool
}

// made is the time that workbooks state as their making: a report has none, so
// it is the same for all.
const made = "2000-01-01T00:00:00Z"

func (c *composer) workbook(w io.Writer, title string, pages []page) error {
	f := excelize.NewFile()
	defer f.Close()
	b := &binder{f: f, lang: c.language, styles: map[styleKey]int{}}
	for i, p := range pages {
		if i == 0 {
			b.fail(f.SetSheetName("Sheet1", p.name))
		} else {
			_, err := f.NewSheet(p.name)
			b.fail(err)
		}
		b.page(p)
	}
	b.fail(f.SetDocProps(&excelize.DocProperties{Title: clean(title), Creator: "riskatlas", LastModifiedBy: "riskatlas", Created: made, Modified: made, Language: c.tag()}))
	if b.err != nil {
		return b.err
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return err
	}
	return repack(w, out.Bytes())
}

func (c *composer) stated() []string {
	return append(c.notices(), c.f("数据版本 %d；%s版本；%s。各数均为筛查值。", "Data revision %d; %s view; criterion: %s. All values are screening values.",
		c.r.Revision, c.word(c.r.View), c.word(c.r.Criterion)))
}

func (c *composer) overviewPage() page {
	p := page{name: c.say("总览", "Overview"), head: append([]string{c.compose().title}, c.stated()...)}
	p.head = append(p.head, string(c.screening()))
	for _, s := range []*section{c.overall(), c.summary()} {
		for _, b := range s.blocks {
			switch b := b.(type) {
			case *table:
				p.tables = append(p.tables, b)
			case para:
				p.head = append(p.head, string(b))
			}
		}
	}
	return p
}

func (c *composer) compositionPage() page {
	p := page{name: c.say("风险构成", "Composition"), head: []string{c.say("风险构成", "Composition of risk")}}
	for _, k := range c.r.Composition {
		by := c.word(k.By)
		t := c.divided(c.f("按%s的构成", "Composition by %s", by), by, k.Rows)
		t.columns = append([]column{{c.say("代码", "Code"), kindCode, 14}}, t.columns...)
		for i := range t.rows {
			t.rows[i] = append([]cell{code(k.Rows[i].Key)}, t.rows[i]...)
		}
		p.tables = append(p.tables, t)
	}
	return p
}

func (c *composer) districtsPage() page {
	p := page{name: c.say("各区县", "Districts"), head: []string{c.say("各区、县（市）", "Districts")}}
	p.tables = append(p.tables, c.districtTable(), c.districtRules())
	for i := range c.r.Districts {
		d := &c.r.Districts[i]
		p.tables = append(p.tables, c.groundTable(c.f("%s：按地面等级的面积与人口", "%s: ground and people by level", c.name(d.Title)), d.GroundKM2, d.PeopleBy))
	}
	for _, z := range c.r.Zones {
		rows := make([]Row, len(z.Zones))
		for i, ch := range z.Zones {
			rows[i] = Row{ch.Title, ch.Counts}
		}
		t := c.counted(z.Name, c.say("区域", "Zone"), rows)
		if z.Overlap && t.total { // a sum of zones that overlap is no number of sources
			t.rows, t.total = t.rows[:len(t.rows)-1], false
		}
		p.tables = append(p.tables, t)
	}
	return p
}

func (c *composer) industriesPage() page {
	p := page{name: c.say("行业领域", "Industries"), head: []string{c.say("行业领域", "Industries")}, tables: []*table{c.industryTable()}}
	for i := range c.r.Industries {
		ch := &c.r.Industries[i]
		if len(ch.ByDistrict) > 0 {
			p.tables = append(p.tables, c.counted(ch.Key+" "+c.name(ch.Title), c.say("区、县（市）", "District"), ch.ByDistrict))
		}
	}
	return p
}

func (c *composer) sourcesPage() page {
	head := append([]string{c.listName(), c.rule()}, c.stated()...)
	return page{name: c.say("主要风险源清单", "Sources"), head: head, tables: []*table{c.listTable()}, list: true}
}

func (c *composer) curvePage() page {
	p := page{name: "F-N", head: []string{c.say("社会风险 F-N 曲线", "Societal risk: F-N curve")}}
	f := c.r.Curve
	if f == nil {
		return p
	}
	p.head = append(p.head, c.say("容许线来源：", "Source of the lines: ")+f.Source, c.say("全市所在区域：", "Zone of the city: ")+c.word(f.Zone))
	p.tables = append(p.tables, c.points(c.say("全部点", "All points"), f.Points))
	for _, line := range []struct {
		name   string
		points [][2]float64
	}{{c.say("上限", "Upper line"), f.Upper}, {c.say("下限", "Lower line"), f.Lower}} {
		t := &table{caption: line.name, columns: []column{{"N", kindNumber, 14}, {c.say("F（次/年）", "F (1/yr)"), kindPower, 16}}}
		for _, q := range line.points {
			t.rows = append(t.rows, []cell{number(q[0]), risk(q[1])})
		}
		p.tables = append(p.tables, t)
	}
	return p
}

func (c *composer) suggestionsPage() page {
	p := page{name: c.say("对策建议", "Suggestions"), head: []string{c.say("对策建议（草稿，供人工修改）", "Suggestions (draft, for a person to edit)")}}
	for _, h := range c.r.Suggestions {
		if len(h.Suggestions) > 0 {
			p.tables = append(p.tables, c.drafts(c.name(h.Title), h.Suggestions))
		}
	}
	return p
}

func (c *composer) methodsPage() page {
	return page{name: c.say("方法与来源", "Methods"), head: []string{c.say("方法与来源", "Methods and sources"), string(c.screening())}, tables: []*table{c.methodTable()}}
}

func (c *composer) qualityPage() page {
	p := page{name: c.say("数据质量", "Quality"), head: []string{c.say("数据质量", "Data quality")}, tables: c.qualityTables()}
	for _, words := range c.r.Quality.Placeholders {
		p.head = append(p.head, c.say("占位值：", "Placeholder: ")+words)
	}
	return p
}
