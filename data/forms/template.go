package forms

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"riskatlas/data"
)

// lastRow is the last row of a workbook that drop-downs and ranges are set for.
const lastRow = 5000

// TemplateName is the name of the file of a form's workbook.
func TemplateName(f *Form, lang string) string {
	return fmt.Sprintf("%s-form-%s-%s.xlsx", f.city.Key, f.Industry.Code, lang)
}

// Template writes the workbook to fill of the form: a sheet with the columns'
// names and units in the language ("zh" or "en") over an example row that an
// import leaves out, with drop-downs for choices and ranges for numbers; a sheet
// that explains every column; and a hidden one with the choices. The records, all
// of the form's industry, stand in the rows as an import reads them back without
// a change: where one has a field that the form does not ask for there is a
// column more. The error is *data.Invalid where a record does not fit into cells.
// The same form and records give the same bytes.
func (f *Form) Template(w io.Writer, lang string, records ...*data.Record) error {
	if err := CheckLang(lang); err != nil {
		return err
	}
	rows, err := f.rowsOf(records)
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer book.Close()
	t := &filling{workbook: workbook{book: book, lang: lang}, form: f, columns: f.columnsFor(rows)}
	t.name = pick(lang, "填报", "Form")
	t.fail(book.SetSheetName("Sheet1", t.name))
	t.choices = pick(lang, "选项", "Choices")
	help := pick(lang, "填写说明", "Instructions")
	for _, sheet := range []string{help, t.choices} {
		_, err := book.NewSheet(sheet)
		t.fail(err)
	}
	t.styles()
	for i := range t.columns {
		t.column(i)
	}
	t.rows(rows)
	t.instructions(help)
	t.fail(book.SetSheetVisible(t.choices, false))
	return t.write(w, pick(lang, f.Industry.Name+"采集表", f.Industry.NameEn+": form"))
}

// filling is a workbook to fill as it is made.
type filling struct {
	workbook
	form          *Form
	columns       []Column
	name, choices string // of sheets
	lists         int    // columns of the sheet of choices
	head          map[string]int
	example, text int
	day           int
}

// Fills of the heads of columns: what must be filled, what should, what may.
const (
	mustFill   = "B3261E"
	shouldFill = "17365C"
	mayFill    = "6B7785"
)

func (t *filling) styles() {
	t.head = map[string]int{}
	for _, fill := range []string{mustFill, shouldFill, mayFill} {
		t.head[fill] = t.style(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: solid(fill),
			Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "center", WrapText: true}, Border: lines("FFFFFF")})
	}
	t.example = t.style(&excelize.Style{Font: &excelize.Font{Italic: true, Color: "6B7785"}, Fill: solid("EEF1F4"), Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	t.text = t.style(&excelize.Style{NumFmt: 49})
	format := "yyyy-mm-dd"
	t.day = t.style(&excelize.Style{CustomNumFmt: &format})
	t.fail(t.book.SetPanes(t.name, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}))
}

func headFill(c Column) string {
	switch {
	case c.Required:
		return mustFill
	case c.Desired:
		return shouldFill
	}
	return mayFill
}

// column writes a column's head, example and rules.
func (t *filling) column(i int) {
	c := t.columns[i]
	letter, _ := excelize.ColumnNumberToName(i + 1)
	switch c.Type {
	case Text, List, Object, Objects:
		t.fail(t.book.SetColStyle(t.name, letter, t.text))
	case Date:
		t.fail(t.book.SetColStyle(t.name, letter, t.day))
	}
	t.fail(t.book.SetColWidth(t.name, letter, letter, c.width(t.lang)))
	t.put(t.name, i+1, 1, c.head(t.lang))
	t.fail(t.book.SetCellStyle(t.name, letter+"1", letter+"1", t.head[headFill(c)]))
	t.put(t.name, i+1, 2, t.exampleOf(i, c))
	t.fail(t.book.SetCellStyle(t.name, letter+"2", letter+"2", t.example))
	t.fail(t.book.AddComment(t.name, excelize.Comment{Cell: letter + "1", Author: "riskatlas", Text: t.comment(c), Width: 320, Height: 190}))
	t.rule(c, letter)
}

// head is what stands over the column: a name that an import finds it by.
func (c Column) head(lang string) string {
	if c.Form == jsonForm {
		return c.Key
	}
	return c.Header(lang)
}

func (c Column) width(lang string) float64 {
	wide := 0.
	for _, r := range c.head(lang) {
		wide++
		if r > 0x2E80 {
			wide++
		}
	}
	if c.Type == Text || c.Type == List {
		wide = max(wide, 18)
	}
	return min(max(wide+3, 11), 34)
}

// comment explains a column in both languages.
func (t *filling) comment(c Column) string {
	var b strings.Builder
	for _, lang := range []string{t.lang, pick(t.lang, "en", "zh")} {
		b.WriteString(c.Header(lang) + "\n" + c.Explain(lang) + "\n")
		if r := c.Range(lang); r != "" && len(r) < 200 {
			b.WriteString(r + "\n")
		}
	}
	b.WriteString(c.Key)
	return b.String()
}

// options are what the column's drop-down offers: words that an import reads.
func (t *filling) options(c Column) []string {
	var out []string
	switch {
	case c.Key == "industry" && !c.Indicator:
		return []string{t.form.Industry.Code}
	case c.Key == "district" && !c.Indicator:
		tax := t.form.city.Taxonomy
		for _, d := range tax.Vintages[tax.Default].Districts {
			out = append(out, pick(t.lang, d.Name, d.NameEn))
		}
	case c.Type == Boolean:
		return []string{showBoolean(true, t.lang), showBoolean(false, t.lang)}
	case c.Type == Enum:
		for _, x := range c.Choices {
			out = append(out, x.show(t.lang))
		}
	default:
		return c.Suggest
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

func showBoolean(v bool, lang string) string {
	if v {
		return pick(lang, "是", "yes")
	}
	return pick(lang, "否", "no")
}

// rule sets which values the column's cells take, and says so where a cell is
// chosen.
func (t *filling) rule(c Column, letter string) {
	dv := excelize.NewDataValidation(true)
	dv.Sqref = fmt.Sprintf("%s2:%s%d", letter, letter, lastRow)
	style := excelize.DataValidationErrorStyleStop
	switch options := t.options(c); {
	case len(options) > 0:
		dv.SetSqrefDropList(t.list(options))
		if c.Type == Text {
			style = excelize.DataValidationErrorStyleInformation
		}
	case c.Type == Integer:
		t.fail(dv.SetRange(bound(c.Min, -1e15), bound(c.Max, 1e15), excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween))
	case c.Type == Number:
		t.fail(dv.SetRange(bound(c.Min, -1e15), bound(c.Max, 1e15), excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween))
	}
	title, text := shorten(c.Label(t.lang), 30), c.Explain(t.lang)
	if r := c.Range(t.lang); r != "" && c.Type != Boolean {
		text += "\n" + r
	}
	dv.SetInput(title, shorten(text, 250))
	if dv.Type != "" {
		dv.SetError(style, title, shorten(pick(t.lang, "应为：", "Want: ")+c.Range(t.lang), 220))
	}
	t.fail(t.book.AddDataValidation(t.name, dv))
}

func bound(v *float64, other float64) float64 {
	if v != nil {
		return *v
	}
	return other
}

// list writes options into the sheet of choices and gives their place.
func (t *filling) list(options []string) string {
	t.lists++
	letter, _ := excelize.ColumnNumberToName(t.lists)
	for i, o := range options {
		t.put(t.choices, t.lists, i+1, o)
	}
	return fmt.Sprintf("'%s'!$%s$1:$%s$%d", t.choices, letter, letter, len(options))
}

// exampleOf is the cell of the example row.
func (t *filling) exampleOf(i int, c Column) any {
	in := t.form.Industry
	if i == 0 {
		return ExampleMark(t.lang)
	}
	switch {
	case strings.Contains(c.Example, "{lon}"):
		return t.form.city.Centre[0]
	case strings.Contains(c.Example, "{lat}"):
		return t.form.city.Centre[1]
	}
	if c.Key == "name" {
		return pick(t.lang, in.Name+"示例", in.NameEn+" example")
	}
	text := strings.NewReplacer("{industry}", in.Code, "{name}", in.Name, "{regulator}", in.Regulator, "{accidents}", strings.Join(in.Accidents, "; ")).Replace(c.Example)
	if text == "" || c.Form == jsonForm {
		return nil
	}
	v, err := c.Read(text)
	if err != nil {
		return text
	}
	return c.cell(v, t.lang)
}

// rows writes the records under the example.
func (t *filling) rows(rows []row) {
	for i, r := range rows {
		for j, c := range t.columns {
			t.put(t.name, j+1, i+3, r.cell(c, t.lang))
		}
	}
}
