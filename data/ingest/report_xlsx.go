package ingest

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Bounds of a sheet of a report.
const (
	mostSheetRows    = 1_000_000
	mostSheetColumns = 1000
	mostCellRunes    = 32_767 // of one cell of a workbook (ECMA-376 part 1, Excel's limits)
)

// WriteXLSX writes the report as a workbook: summary, mapping, rows, rejected,
// quarantined, warnings and duplicates, with headings in Chinese and English.
// Every text is a cell of text, whatever it begins with, so that none is taken
// for a formula. The sheets rejected and quarantined hold the rows as they were
// sent, under their own columns: set right, a sheet can be imported again.
func (r *Report) WriteXLSX(w io.Writer) error {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // it holds nothing but memory
	book := &reportBook{file: f}
	var err error
	if book.head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 49}); err != nil {
		return err
	}
	if book.text, err = f.NewStyle(&excelize.Style{NumFmt: 49}); err != nil { // 49 is text
		return err
	}
	for _, s := range []struct {
		name  string
		write func(*sheet)
	}{
		{"summary", r.summarySheet}, {"mapping", r.mappingSheet}, {"rows", r.rowsSheet},
		{"rejected", func(s *sheet) { r.keptSheet(s, Rejected) }}, {"quarantined", func(s *sheet) { r.keptSheet(s, Quarantined) }},
		{"warnings", r.warningsSheet}, {"duplicates", r.duplicatesSheet},
	} {
		if err := book.add(s.name, s.write); err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return err
	}
	return f.Write(w)
}

type reportBook struct {
	file       *excelize.File
	head, text int // styles
}

func (b *reportBook) add(name string, write func(*sheet)) error {
	if _, err := b.file.NewSheet(name); err != nil {
		return err
	}
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	s := &sheet{book: b, stream: stream}
	if s.err = stream.SetColWidth(1, 12, 22); s.err == nil {
		s.err = stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	}
	write(s)
	if s.err != nil {
		return s.err
	}
	return stream.Flush()
}

// sheet is written row by row; the first error stays.
type sheet struct {
	book   *reportBook
	stream *excelize.StreamWriter
	row    int
	err    error
}

func (s *sheet) header(names ...string) { s.write(s.book.head, names) }

// add writes a row: whole numbers are numbers, all else is text.
func (s *sheet) add(values ...any) { s.write(s.book.text, values) }

func (s *sheet) write(style int, values any) {
	if s.err != nil || s.row >= mostSheetRows { // what is beyond stands in the JSON report
		return
	}
	s.row++
	var cells []any
	switch list := values.(type) {
	case []string:
		for _, v := range list {
			cells = append(cells, excelize.Cell{StyleID: style, Value: cellText(v)})
		}
	case []any:
		for _, v := range list {
			if text, ok := v.(string); ok {
				cells = append(cells, excelize.Cell{StyleID: style, Value: cellText(text)})
			} else {
				cells = append(cells, v)
			}
		}
	}
	s.err = s.stream.SetRow(fmt.Sprintf("A%d", s.row), cells)
}

// cellText is a text as a cell can hold it.
func cellText(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > mostCellRunes && utf8.RuneCountInString(text) > mostCellRunes {
		return ""
	}
	return text
}

func (r *Report) summarySheet(s *sheet) {
	s.header("项目 item", "数值 value")
	s.add("读取 read", r.Read)
	s.add("接受 accepted", r.Accepted)
	s.add("拒收 rejected", r.Rejected)
	s.add("隔离 quarantined", r.Quarantined)
	s.add("新增 new", r.Added)
	s.add("变更 changed", r.Changed)
	s.add("未变 unchanged", r.Unchanged)
	if r.Same > 0 {
		s.add("文件间相同 same in two files", r.Same)
	}
	if d := r.Delivery; d != nil {
		s.add("报送单位 source", d.Source)
		s.add("原有 held before", d.Held)
		s.add("按名称位置匹配 matched by name and place", d.Matched)
		s.add("恢复 returned", d.Returned)
		s.add("完整报送 complete", map[bool]string{true: "是 yes", false: "否 no"}[d.Complete])
		s.add("消失并停用 gone and suspended", d.Gone)
		s.add("此前已停用 absent before", d.Absent)
		s.add("未定而保留 spared", d.Spared)
	}
	s.add("可能重复 possible duplicates", len(r.Duplicates))
	s.add("版本 revision", int(r.Revision))
	for _, kind := range sortedKeys(r.Kinds) {
		s.add("问题 "+string(r.Severities[kind])+": "+kind, r.Kinds[kind])
	}
	for _, kind := range sortedKeys(r.NotListed) {
		s.add("未列出 not listed: "+kind, r.NotListed[kind])
	}
	for _, code := range sortedKeys(r.Districts) {
		s.add("区县 district "+code, r.Districts[code])
	}
}

func (r *Report) mappingSheet(s *sheet) {
	s.header("文件 file", "格式 format", "编码 encoding", "坐标系 datum", "字段 field", "列 column")
	for _, f := range r.Files {
		for _, name := range sortedKeys(f.Columns) {
			s.add(f.Name, f.Format, f.Encoding, f.Datum, name, f.Columns[name])
		}
		for _, name := range f.Unused {
			s.add(f.Name, f.Format, f.Encoding, f.Datum, "未用 unused", name)
		}
	}
}

func (r *Report) rowsSheet(s *sheet) {
	s.header("文件 file", "行 row", "编号 id", "名称 name", "结果 outcome", "匹配 found", "原因 reason", "字段 field", "原值 before", "新值 after")
	for _, row := range r.Rows {
		if len(row.Fields) == 0 {
			s.add(row.File, row.Line+row.Feature, row.ID, row.Name, row.What, row.Match, row.Why)
		}
		for _, c := range row.Fields {
			s.add(row.File, row.Line+row.Feature, row.ID, row.Name, row.What, row.Match, row.Why, c.Field, c.Before, c.After)
		}
	}
}

// rowAt is where a row stands.
type rowAt struct {
	file string
	at   int
}

// keptSheet writes the rows of one severity that were kept out: why, then all
// that they say.
func (r *Report) keptSheet(s *sheet, severity Severity) {
	var order []rowAt
	reasons := map[rowAt][]string{}
	for _, p := range r.Problems {
		if p.Severity == Warning || p.Line+p.Feature == 0 {
			continue
		}
		at := rowAt{p.File, p.Line + p.Feature}
		if reasons[at] == nil {
			order = append(order, at)
		}
		reasons[at] = append(reasons[at], fmt.Sprintf("%s %q: %s", p.Field, p.Value, p.Want))
	}
	kept, column := map[rowAt]*KeptRow{}, map[string]int{}
	var names []string
	for i := range r.Kept {
		row := &r.Kept[i]
		kept[rowAt{row.File, row.Line + row.Feature}] = row
		for _, c := range row.Cells {
			if _, known := column[c[0]]; !known && row.Severity == severity && len(names) < mostSheetColumns {
				column[c[0]] = len(names)
				names = append(names, c[0])
			}
		}
	}
	s.header(append([]string{"_文件 file", "_行 row", "_原因 reason"}, names...)...)
	for _, at := range order {
		row := kept[at]
		if row == nil || row.Severity != severity {
			continue
		}
		values := make([]any, 3+len(names))
		for i := range values {
			values[i] = ""
		}
		why := reasons[at]
		for _, c := range row.Cells {
			i, ok := column[c[0]]
			if !ok || cellText(c[1]) == "" {
				why = append(slices.Clip(why), c[0]+" is too long for a cell: it stands in the JSON report")
				continue
			}
			values[3+i] = c[1]
		}
		values[0], values[1], values[2] = at.file, at.at, strings.Join(why, "\n")
		s.add(values...)
	}
}

func (r *Report) warningsSheet(s *sheet) {
	s.header("文件 file", "行 row", "编号 id", "种类 kind", "字段 field", "值 value", "应为 want")
	for _, p := range r.Problems {
		if p.Severity == Warning {
			s.add(p.File, p.Line+p.Feature, p.ID, p.Kind, p.Field, p.Value, p.Want)
		}
	}
}

func (r *Report) duplicatesSheet(s *sheet) {
	s.header("编号 id", "名称 name", "另一编号 other id", "另一名称 other name", "另一单位 other source", "距离_米 metres", "名称相似 likeness")
	for _, d := range r.Duplicates {
		s.add(d.ID, d.Name, d.Other, d.OtherName, d.OtherSource, d.Metres, d.Likeness)
	}
}
