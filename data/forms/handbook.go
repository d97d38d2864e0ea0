package forms

import (
	"fmt"
	"slices"
	"strconv"
)

// HandbookName is the name of the handbook's file.
func HandbookName(b *Book, lang, ending string) string {
	return fmt.Sprintf("%s-handbook-%s.%s", b.City.Key, lang, ending)
}

// handbook is the handbook as both writers take it: every word in the language
// that comes first and, where there is one, in the other.
type handbook struct {
	Lang, Title, City, Lead string
	Facts                   []fact
	How                     []string
	Common                  chapter
	Groups                  []group
	Sources                 []string
	Words                   map[string]string
	CSS                     any // safe styles, of the page alone
}

type fact struct{ Name, Value string }

type group struct {
	Key, Name, Other string
	Chapters         []chapter
}

// chapter is one table of fields.
type chapter struct {
	Code, Name, Other string
	Facts             []fact
	Rows              []entry
}

// entry is one field. The second of a pair is in the other language.
type entry struct {
	Key, Example            string
	Name, Meaning, Range    [2]string
	Unit, Type, Asked, Note string
	Mark                    string // must, should, may
	Source                  int    // position in Sources, from 1
}

func (b *Book) handbook(lang string) (*handbook, error) {
	if err := CheckLang(lang); err != nil {
		return nil, err
	}
	h := &handbook{Lang: lang, City: pick(lang, b.City.Name, b.City.NameEn),
		Title: pick(lang, "城市安全风险采集手册", "Handbook of what is collected"),
		Lead:  pick(lang, "每个行业采集什么、怎样填写、依据什么。采集表、校验与本手册出自同一份字段表。", "What is collected of each industry, how it is written and what it goes by. Forms, checks and this handbook are made from the same tables."),
		Words: words(lang), How: howTo(lang)}
	sources := map[string]int{}
	h.Common = chapter{Name: pick(lang, "通用字段", "Fields of every record"), Other: pick(lang, "Fields of every record", "通用字段"), Rows: h.entries(b.forms[0].Common, sources)}
	count := map[string]bool{}
	for g, info := range b.City.Taxonomy.Groups {
		made := group{Key: info.Key, Name: pick(lang, info.Name, info.NameEn), Other: pick(lang, info.NameEn, info.Name)}
		for _, f := range b.forms {
			if f.Industry.Group != g {
				continue
			}
			for _, x := range f.Indicators {
				count[x.Key] = true
			}
			made.Chapters = append(made.Chapters, h.chapter(f, sources))
		}
		h.Groups = append(h.Groups, made)
	}
	h.Facts = []fact{{pick(lang, "行业", "Industries"), strconv.Itoa(len(b.forms))},
		{pick(lang, "通用字段", "Fields of every record"), strconv.Itoa(len(h.Common.Rows))}, {pick(lang, "行业指标", "Indicators"), strconv.Itoa(len(count))}}
	return h, nil
}

func (h *handbook) chapter(f *Form, sources map[string]int) chapter {
	in, lang := f.Industry, h.Lang
	c := chapter{Code: in.Code, Name: pick(lang, in.Name, in.NameEn), Other: pick(lang, in.NameEn, in.Name), Rows: h.entries(f.Indicators, sources)}
	for _, x := range []fact{{pick(lang, "评估方法", "Assessed by"), in.Method}, {pick(lang, "监管部门", "Regulator"), in.Regulator},
		{pick(lang, "几何", "Shape"), shapes(in.Geometry, lang)}} {
		if x.Value != "" {
			c.Facts = append(c.Facts, x)
		}
	}
	return c
}

func shapes(geometry, lang string) string {
	out := ""
	for _, r := range geometry {
		word := map[rune]string{'P': pick(lang, "点", "point"), 'L': pick(lang, "线", "line"), 'A': pick(lang, "面", "area")}[r]
		if word == "" {
			continue
		}
		if out != "" {
			out += pick(lang, "、", ", ")
		}
		out += word
	}
	return out
}

func (h *handbook) entries(fields []Field, sources map[string]int) []entry {
	other := pick(h.Lang, "en", "zh")
	both := func(f func(lang string) string) [2]string {
		pair := [2]string{f(h.Lang), f(other)}
		if pair[0] == pair[1] {
			pair[1] = ""
		}
		return pair
	}
	var out []entry
	for i := range fields {
		f := &fields[i]
		if f.Key == "industry" {
			continue // each chapter is one
		}
		if sources[f.Source] == 0 {
			h.Sources = append(h.Sources, f.Source)
			sources[f.Source] = len(h.Sources)
		}
		e := entry{Key: f.Key, Name: both(f.Label), Meaning: both(f.Explain), Range: both(f.Range), Unit: ShowUnit(f.Unit, h.Lang), Type: typeWord(f.Type, h.Lang),
			Asked: asked(f, h.Lang), Mark: mark(f), Source: sources[f.Source], Example: f.sample(h.Lang)}
		switch {
		case f.Personal:
			e.Note = pick(h.Lang, "个人信息", "personal")
		case f.Unlisted:
			e.Note = pick(h.Lang, "不在采集表中", "not in workbooks")
		}
		out = append(out, e)
	}
	return out
}

func mark(f *Field) string {
	switch {
	case f.Required:
		return "must"
	case f.Desired:
		return "should"
	}
	return "may"
}

// sample is the field's example as a cell of the language has it.
func (f *Field) sample(lang string) string {
	if v, ok := f.example(); ok && f.Key != "level" {
		return show(f.cell(v, lang))
	}
	if i := slices.IndexFunc(f.Choices, func(c Choice) bool { return c.Name == f.Example }); i >= 0 {
		return f.Choices[i].show(lang)
	}
	return map[string]string{"id": "HZ-I04-000123", "lon": "120.1551", "lat": "30.2741", "accident_types": "FIRE; EXPL", "name": pick(lang, "加油站示例", "Petrol station example"),
		"regulator": pick(lang, "市应急局", "市应急局")}[f.Key]
}

func words(lang string) map[string]string {
	return map[string]string{"contents": pick(lang, "目录", "Contents"), "how": pick(lang, "怎样填写", "How to fill"), "sources": pick(lang, "依据", "Sources"),
		"field": pick(lang, "字段", "Field"), "meaning": pick(lang, "含义", "Meaning"), "unit": pick(lang, "单位", "Unit"), "type": pick(lang, "类型", "Type"),
		"range": pick(lang, "取值范围", "Range"), "example": pick(lang, "示例", "Example"), "asked": pick(lang, "填写", "To fill"), "source": pick(lang, "依据", "Source"),
		"key": pick(lang, "字段名", "Key"), "indicators": pick(lang, "项指标", "indicators"), "name": pick(lang, "名称", "Name"), "other": pick(lang, "英文名称", "Chinese name"),
		"meaningOther": pick(lang, "英文含义", "Meaning in Chinese"), "note": pick(lang, "备注", "Note"), "industry": pick(lang, "行业", "Industry")}
}

func howTo(lang string) []string {
	return []string{
		pick(lang, "必填的缺了就不收；应填的缺了算不完整；可填的有则填。", "A record without what must be filled is refused; without what should be filled it is incomplete; the rest is welcome."),
		pick(lang, "数值用所列单位；也可写明单位（如 1.2 km、12万立方米），导入时换算。", "Numbers are in the unit that stands with them; with a unit of their own (1.2 km, 3 ha) they are converted at the import."),
		pick(lang, "日期写作 2019-11-20；多项用分号隔开；坐标为 WGS 84 经纬度，其他坐标系请在导入时说明。", "Dates are 2019-11-20; several values are parted by semicolons; places are WGS 84 longitude and latitude unless the import says otherwise."),
		pick(lang, "标有「个人信息」的字段只供内部使用，公开视图一律不显示。", "Fields marked personal are for internal use: the public view never shows them."),
		pick(lang, "「字段名」是数据交换和接口中的名称；采集表的表头是中文（或英文）名称加单位。", "The key is the name in the interchange; the workbooks' heads are the names with their units."),
	}
}
