package forms

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// HandbookXLSX writes the handbook as a workbook: a sheet of the fields of every
// record, then one for each group of industries, headers frozen and filtered. The
// language of lang ("zh" or "en") comes first. The same city gives the same bytes.
func (b *Book) HandbookXLSX(w io.Writer, lang string) error {
	h, err := b.handbook(lang)
	if err != nil {
		return err
	}
	file := excelize.NewFile()
	defer file.Close()
	x := &workbook{book: file, lang: lang}
	out := &handbookSheets{workbook: x, h: h}
	out.header = x.style(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: solid(shouldFill), Border: lines("FFFFFF"),
		Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}})
	out.cell = x.style(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, Border: lines("CFD6DE")})
	x.fail(file.SetSheetName("Sheet1", h.Common.Name))
	out.sheet(h.Common.Name, []chapter{h.Common})
	for _, g := range h.Groups {
		name := sheetName(g.Name)
		_, err := file.NewSheet(name)
		x.fail(err)
		out.sheet(name, g.Chapters)
	}
	return x.write(w, h.City+" "+h.Title)
}

// sheetName is a name that a sheet may have: at most 31 characters, none of
// :\/?*[].
func sheetName(s string) string {
	return shorten(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, s), 31)
}

type handbookSheets struct {
	*workbook
	h            *handbook
	header, cell int
}

func (s *handbookSheets) sheet(name string, chapters []chapter) {
	w := s.h.Words
	heads := []string{w["industry"], w["name"], w["other"], w["key"], w["type"], w["unit"], w["range"], w["meaning"], w["meaningOther"], w["example"], w["asked"], w["note"], w["source"]}
	widths := []float64{22, 24, 28, 22, 9, 10, 34, 40, 40, 20, 8, 12, 46}
	for i, head := range heads {
		letter, _ := excelize.ColumnNumberToName(i + 1)
		s.fail(s.book.SetColWidth(name, letter, letter, widths[i]))
		s.put(name, i+1, 1, head)
	}
	row := 1
	for _, c := range chapters {
		for _, e := range c.Rows {
			row++
			for i, v := range []string{strings.TrimSpace(c.Code + " " + c.Name), e.Name[0], e.Name[1], e.Key, e.Type, e.Unit, e.Range[0], e.Meaning[0], e.Meaning[1], e.Example, e.Asked, e.Note,
				s.h.Sources[e.Source-1]} {
				s.put(name, i+1, row, v)
			}
		}
	}
	last, _ := excelize.ColumnNumberToName(len(heads))
	s.fail(s.book.SetCellStyle(name, "A1", last+"1", s.header))
	s.fail(s.book.SetCellStyle(name, "A2", fmt.Sprintf("%s%d", last, row), s.cell))
	s.fail(s.book.AutoFilter(name, fmt.Sprintf("A1:%s%d", last, row), nil))
	s.fail(s.book.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}))
}
