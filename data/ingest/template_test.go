package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"riskatlas/data"
	"riskatlas/data/demo"
	"riskatlas/data/forms"
	"riskatlas/data/memory"
)

// asCSV is the first sheet of a workbook as a table of text.
func asCSV(t *testing.T, book []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, r := range rows {
		for len(r) < len(rows[0]) {
			r = append(r, "")
		}
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return out.String()
}

// byIndustry are the demonstration city's first records of each industry.
func byIndustry(t *testing.T, most int) (map[data.Industry][]*data.Record, *forms.Book) {
	t.Helper()
	p := profile(t, "hangzhou")
	book, err := forms.New(p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[data.Industry][]*data.Record{}
	for r := range demo.Hazards(p, 2000, 3) {
		if in := r.Hazard.Industry; len(out[in]) < most {
			out[in] = append(out[in], r)
		}
	}
	return out, book
}

// A form's workbook with records in it reads back as the same records.
func TestFilledTemplatesComeBackUnchanged(t *testing.T) {
	p := profile(t, "hangzhou")
	records, book := byIndustry(t, 8)
	for in, list := range records {
		for _, lang := range []string{"zh", "en"} {
			if lang == "en" && in%5 != 0 {
				continue
			}
			// What a survey may say beside what the demonstration says.
			odd := *list[0]
			odd.Detail.Indicators = map[string]any{"last_inspection": "2019-10-12", "unheard_of": map[string]any{"a": []any{1.0, "x; y"}}, "street": "北山街道"}
			odd.Detail.Measures = &data.Measures{Engineering: []string{"a; b", "[c"}, Management: []string{}, Emergency: []string{"一条"}, Monitoring: []string{}}
			odd.Detail.LevelInputs, odd.Detail.LevelMethod = map[string]any{"note": "x"}, ""
			odd.Detail.Address, odd.Detail.USCC, odd.Detail.StreetCode = `=HYPERLINK("x")`, "00123", "330106001"
			odd.Detail.OccupancyMax = new(int)
			list := append([]*data.Record{&odd}, list[1:]...)
			var out bytes.Buffer
			if err := book.Form(in).Template(&out, lang, list...); err != nil {
				t.Fatal(err)
			}
			b := parse(t, "a.csv", asCSV(t, out.Bytes()), Options{Profile: p})
			totals(t, b, fmt.Sprintf("read %d accepted %d rejected 0 quarantined 0", len(list), len(list)))
			store := memory.New(p.Taxonomy)
			var changes []data.Change
			for _, r := range list {
				changes = append(changes, data.Change{ID: r.Hazard.ID, New: r})
			}
			if _, err := store.Apply(t.Context(), data.Note{}, changes...); err != nil {
				t.Fatal(err)
			}
			if plan, err := b.Plan(t.Context(), store, p.Taxonomy); err != nil || len(plan) > 0 || b.Report.Unchanged != len(list) {
				if len(plan) > 0 {
					i := slices.IndexFunc(list, func(r *data.Record) bool { return r.Hazard.ID == plan[0].ID })
					want, _ := p.Taxonomy.AppendFeature(nil, list[i])
					got, _ := p.Taxonomy.AppendFeature(nil, plan[0].New)
					t.Fatal(cmp.Diff(strings.Split(string(want), `,"`), strings.Split(string(got), `,"`)))
				}
				t.Fatal(err, b.Report.Unchanged)
			}
		}
	}
}

// A form's workbook filled by its own drop-downs, ranges and examples is read
// without a word against it.
func TestTemplatesFilledByTheirOwnRules(t *testing.T) {
	p := profile(t, "hangzhou")
	book, err := forms.New(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range book.Forms() {
		for _, lang := range []string{"zh", "en"} {
			var out bytes.Buffer
			if err := form.Template(&out, lang); err != nil {
				t.Fatal(err)
			}
			filled, rows := fill(t, out.Bytes(), form, lang)
			b := parse(t, "a.csv", asCSV(t, filled), Options{Profile: p})
			totals(t, b, fmt.Sprintf("read %d accepted %d rejected 0 quarantined 0", rows, rows))
			if b.Report.Files[0].Examples != 1 || len(b.Report.Files[0].Unused) > 0 {
				t.Errorf("%s %s: %d examples, unused %v", form.Industry.Code, lang, b.Report.Files[0].Examples, b.Report.Files[0].Unused)
			}
			for _, x := range b.Report.Problems { // every district stands at one place, as a point
				if !strings.HasPrefix(x.Kind, "district") && x.Kind != "geometry_unusual" {
					t.Errorf("%s %s: %s %s %q: %s", form.Industry.Code, lang, x.Kind, x.Field, x.Value, x.Want)
				}
			}
		}
	}
}

// fill types every option of every drop-down and both ends of every range into
// the workbook, one more a row.
func fill(t *testing.T, book []byte, form *forms.Form, lang string) ([]byte, int) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet := f.GetSheetName(0)
	rules, err := f.GetDataValidations(sheet)
	if err != nil {
		t.Fatal(err)
	}
	columns := form.Columns()
	const rows = 8
	for i, c := range columns {
		letter, _ := excelize.ColumnNumberToName(i + 1)
		options := optionsOf(t, f, rules, letter)
		example, _ := f.GetCellValue(sheet, letter+"2", excelize.Options{RawCellValue: true})
		for row := range rows {
			var v any = example
			switch {
			case c.Key == "id":
				v = fmt.Sprintf("A-%d", row)
			case c.Key == "lon":
				v = 120.15123 + 0.001*float64(row)
			case c.Key == "lat":
				v = 30.27123
			case strings.HasPrefix(c.Key, "level_inputs."), c.Key == "major_hazard_grade", c.Key == "district_vintage":
				v = "" // levels would have to be what they give
			case c.Key == "level_method":
				v = options[6] // experts' opinion
			case len(options) > 0:
				v = options[row%len(options)]
			case c.Indicator && c.Min != nil && row%3 == 0:
				v = *c.Min
			case c.Indicator && c.Max != nil && row%3 == 1:
				v = *c.Max
			}
			if v != "" {
				if err := f.SetCellValue(sheet, fmt.Sprintf("%s%d", letter, row+3), v); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), rows
}

func optionsOf(t *testing.T, f *excelize.File, rules []*excelize.DataValidation, letter string) []string {
	t.Helper()
	for _, dv := range rules {
		if dv.Type != "list" || !strings.HasPrefix(dv.Sqref, letter+"2:") {
			continue
		}
		sheet, span, ok := strings.Cut(dv.Formula1, "!")
		if !ok {
			t.Fatalf("drop-down %q", dv.Formula1)
		}
		first, last, _ := strings.Cut(strings.ReplaceAll(span, "$", ""), ":")
		column, from, err := excelize.CellNameToCoordinates(first)
		if err != nil {
			t.Fatal(err)
		}
		_, to, _ := excelize.CellNameToCoordinates(last)
		var out []string
		for row := from; row <= to; row++ {
			cell, _ := excelize.CoordinatesToCellName(column, row)
			v, err := f.GetCellValue(strings.Trim(sheet, "'"), cell)
			if err != nil || v == "" {
				t.Fatalf("%s of %q: %v", cell, dv.Formula1, err)
			}
			out = append(out, v)
		}
		return out
	}
	return nil
}
