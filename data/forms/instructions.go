package forms

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// instructions explain how the workbook is filled, then every column.
func (t *filling) instructions(sheet string) {
	in := t.form.Industry
	title := t.style(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 14, Color: "17365C"}})
	wrapped := t.style(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}, Border: lines("CFD6DE")})
	lead := t.style(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	t.put(sheet, 1, 1, pick(t.lang, in.Name+"（"+in.Code+"）采集表填写说明", in.NameEn+" ("+in.Code+"): how to fill the form"))
	t.fail(t.book.SetCellStyle(sheet, "A1", "A1", title))
	row := 2
	for _, text := range t.advice() {
		row++
		t.put(sheet, 1, row, text)
		t.fail(t.book.MergeCell(sheet, fmt.Sprintf("A%d", row), fmt.Sprintf("H%d", row)))
		t.fail(t.book.SetCellStyle(sheet, fmt.Sprintf("A%d", row), fmt.Sprintf("A%d", row), lead))
		t.fail(t.book.SetRowHeight(sheet, row, 32))
	}
	row += 2
	for i, head := range []string{pick(t.lang, "栏目", "Column"), pick(t.lang, "填写", "To fill"), pick(t.lang, "类型", "Type"), pick(t.lang, "单位", "Unit"),
		pick(t.lang, "取值范围", "Range"), pick(t.lang, "含义", "Meaning"), pick(t.lang, "示例", "Example"), pick(t.lang, "依据", "Source")} {
		t.put(sheet, i+1, row, head)
	}
	t.fail(t.book.SetCellStyle(sheet, fmt.Sprintf("A%d", row), fmt.Sprintf("H%d", row), t.head[shouldFill]))
	for i, c := range t.columns {
		row++
		example := any("")
		if i > 0 {
			example = t.exampleOf(i, c)
		}
		for j, v := range []any{c.Label(t.lang), asked(c.Field, t.lang), typeWord(c.Type, t.lang), ShowUnit(c.Unit, t.lang), c.Range(t.lang), c.Explain(t.lang), example, c.Source} {
			t.put(sheet, j+1, row, v)
		}
		t.fail(t.book.SetCellStyle(sheet, fmt.Sprintf("A%d", row), fmt.Sprintf("H%d", row), wrapped))
	}
	for letter, width := range map[string]float64{"A": 26, "B": 9, "C": 9, "D": 9, "E": 44, "F": 52, "G": 26, "H": 46} {
		t.fail(t.book.SetColWidth(sheet, letter, letter, width))
	}
}

func (t *filling) advice() []string {
	code := t.form.Industry.Code
	return []string{
		pick(t.lang, "在「填报」页自第3行起填写，一行一个风险源；第2行是示例，导入时不计。", "Fill the sheet Form from row 3 on, one source a row; row 2 is an example, which an import leaves out."),
		pick(t.lang, "红色栏目必填，蓝色栏目应填，灰色栏目可填。行业一律填 "+code+"。", "Columns in red must be filled, in blue should, in grey may. The industry is "+code+" in every row."),
		pick(t.lang, "经纬度为 WGS 84；若为高德、腾讯（GCJ-02）或百度（BD-09）坐标，导入时用 --datum 说明。线、面填「几何」（GeoJSON）。",
			"Longitude and latitude are WGS 84; say --datum at the import where they are of GCJ-02 or BD-09. Lines and areas stand as GeoJSON in Geometry."),
		pick(t.lang, "多个值用分号隔开。不要改动表头；可以删去用不到的栏目、调换栏目次序。", "Several values are parted by semicolons. Leave the heads as they are; columns may be removed or moved."),
		pick(t.lang, "导入：riskatlas import 文件.xlsx --store 库.gpkg（先加 --dry-run 试算）。", "Import: riskatlas import FILE.xlsx --store STORE.gpkg (try --dry-run first)."),
	}
}

// asked says whether a field must, should or may be filled.
func asked(f *Field, lang string) string {
	switch {
	case f.Required:
		return pick(lang, "必填", "must")
	case f.Desired:
		return pick(lang, "应填", "should")
	}
	return pick(lang, "可填", "may")
}

var typeWords = map[Type][2]string{Integer: {"整数", "whole number"}, Number: {"数值", "number"}, Text: {"文本", "text"}, Boolean: {"是否", "yes or no"},
	Enum: {"单选", "one of"}, Date: {"日期", "date"}, List: {"多项", "list"}, Object: {"JSON", "JSON"}, Objects: {"JSON", "JSON"}}

func typeWord(t Type, lang string) string { return pick(lang, typeWords[t][0], typeWords[t][1]) }
