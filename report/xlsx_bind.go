package report

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"riskatlas/data"
)

// binder writes pages into a workbook. The first error stays.
type binder struct {
	f      *excelize.File
	lang   language
	styles map[styleKey]int
	err    error
}

func (b *binder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// styleKey says how a cell looks.
type styleKey struct {
	role  role
	kind  kind
	level data.Level
}

type role uint8

const (
	roleCell role = iota
	roleHeader
	roleCaption
	roleTitle
	roleHead // what is said above the tables: it runs on over the columns
	roleSum
)

// formats are the number formats of kinds.
var formats = map[kind]string{kindCount: "#,##0", kindPeople: "#,##0", kindLoss: "0.000E+00", kindPower: "0.00E+00", kindShare: "0.00%",
	kindArea: "#,##0.00", kindNumber: "General", kindDegrees: "0.000000"}

// widths are the widths of columns of kinds, in characters.
var widths = [...]float64{kindText: 24, kindCode: 20, kindLevel: 14, kindCount: 11, kindPeople: 13, kindLoss: 13, kindPower: 13, kindShare: 11, kindArea: 13, kindNumber: 13, kindDegrees: 13}

func (b *binder) style(k styleKey) int {
	if id, ok := b.styles[k]; ok {
		return id
	}
	s := &excelize.Style{Alignment: &excelize.Alignment{Vertical: "top"}}
	line := []excelize.Border{{Type: "bottom", Color: "CFD6DE", Style: 1}}
	switch k.role {
	case roleTitle:
		s.Font = &excelize.Font{Bold: true, Size: 14, Color: "17365C"}
	case roleHead:
	case roleCaption:
		s.Font = &excelize.Font{Bold: true, Size: 12, Color: "17365C"}
	case roleHeader:
		s.Font = &excelize.Font{Bold: true, Color: "FFFFFF"}
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"17365C"}}
		s.Alignment = &excelize.Alignment{Vertical: "center", WrapText: true}
	default:
		s.Border = line
		s.Alignment.WrapText = k.kind == kindText
		if k.role == roleSum {
			s.Font = &excelize.Font{Bold: true}
			s.Border = append(line, excelize.Border{Type: "top", Color: "1C2530", Style: 1})
		}
	}
	if f := formats[k.kind]; f != "" && (k.role == roleCell || k.role == roleSum) {
		s.CustomNumFmt = &f
	}
	if k.kind == kindLevel && k.level > data.LevelNone && k.role != roleHeader {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{strings.TrimPrefix(colour(k.level), "#")}}
		s.Font = &excelize.Font{Bold: true, Color: map[bool]string{true: "FFFFFF", false: "14181D"}[k.level == data.Low || k.level == data.Major]}
	}
	id, err := b.f.NewStyle(s)
	b.fail(err)
	b.styles[k] = id
	return id
}

func at(column, row int) string {
	name, _ := excelize.CoordinatesToCellName(column, row) // both are at least 1
	return name
}

// page writes a sheet row by row. What stands beside the rows in a sheet has to
// be set before the first of them.
func (b *binder) page(p page) {
	if p.list {
		b.listed(p.name, p.tables[0], len(p.head)+2)
	}
	out, err := b.f.NewStreamWriter(p.name)
	if err != nil {
		b.fail(err)
		return
	}
	b.columns(out, p)
	if p.list {
		header := len(p.head) + 2
		b.fail(out.SetPanes(&excelize.Panes{Freeze: true, XSplit: 3, YSplit: header, TopLeftCell: at(4, header+1), ActivePane: "bottomRight"}))
	}
	row := 0
	write := func(cells []any, options ...excelize.RowOpts) {
		row++
		if len(cells) > 0 {
			b.fail(out.SetRow(at(1, row), cells, options...))
		}
	}
	for i, words := range p.head {
		k := styleKey{role: roleHead}
		if i == 0 {
			k.role = roleTitle
		}
		write([]any{excelize.Cell{StyleID: b.style(k), Value: clean(words)}})
	}
	write(nil)
	for _, t := range p.tables {
		if !p.list {
			write([]any{excelize.Cell{StyleID: b.style(styleKey{role: roleCaption}), Value: clean(t.caption)}})
		}
		write(b.header(t), excelize.RowOpts{Height: 30})
		for n := range t.rows {
			write(b.row(t, n))
		}
		write(nil)
	}
	b.fail(out.Flush())
}

// columns gives each column the width of the widest that stands in it.
func (b *binder) columns(out *excelize.StreamWriter, p page) {
	var wide []float64
	for _, t := range p.tables {
		for i, k := range t.columns {
			if i == len(wide) {
				wide = append(wide, 0)
			}
			wide[i] = max(wide[i], cmp.Or(k.width, widths[k.kind]))
		}
	}
	for i, w := range wide {
		b.fail(out.SetColWidth(i+1, i+1, w))
	}
}

func (b *binder) header(t *table) []any {
	out := make([]any, len(t.columns))
	for i, k := range t.columns {
		out[i] = excelize.Cell{StyleID: b.style(styleKey{role: roleHeader}), Value: clean(k.title)}
	}
	return out
}

func (b *binder) row(t *table, n int) []any {
	r := roleCell
	if t.total && n == len(t.rows)-1 {
		r = roleSum
	}
	out := make([]any, len(t.rows[n]))
	for i, v := range t.rows[n] {
		value, k := b.value(v)
		k.role = r
		out[i] = excelize.Cell{StyleID: b.style(k), Value: value}
	}
	return out
}

// value is what a cell holds: a number where it has one, a level with its mark.
func (b *binder) value(v cell) (any, styleKey) {
	k := styleKey{kind: v.kind}
	switch {
	case v.kind == kindLevel:
		k.level = inside(v.level)
		if k.level == data.LevelNone {
			return b.lang.level(k.level), k
		}
		return fmt.Sprintf("%d %s %s", k.level, b.lang.mark(k.level), b.lang.level(k.level)), k
	case !v.kind.numeric():
		return clean(v.text), k
	case !finite(v.value):
		return unknown, k
	case v.value == math.Trunc(v.value) && math.Abs(v.value) < 1e15:
		return int64(v.value), k
	}
	return v.value, k
}

// listed puts filters on a list and lays it out for paper: A4 across, as many
// pages as it takes, the header on each.
func (b *binder) listed(sheet string, t *table, header int) {
	b.fail(b.f.AutoFilter(sheet, at(1, header)+":"+at(len(t.columns), header+len(t.rows)), nil))
	orientation, size, fit, yes := "landscape", 9, 0, true
	b.fail(b.f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &orientation, Size: &size, FitToHeight: &fit}))
	b.fail(b.f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}))
	b.fail(b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: sheet,
		RefersTo: "'" + sheet + "'!$" + strconv.Itoa(header) + ":$" + strconv.Itoa(header)}))
}

// mostRunes is what a cell of a workbook may hold.
const mostRunes = 32_767

// clean drops what a workbook cannot hold, and cuts what is too long.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if utf8.RuneCountInString(s) > mostRunes {
		s = string([]rune(s)[:mostRunes-1]) + "…"
	}
	return s
}

// repack writes an archive's files in the order of their names and without
// times, so that equal contents are equal bytes.
func repack(w io.Writer, archive []byte) error {
	in, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	files := slices.Clone(in.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int {
		first := func(f *zip.File) bool { return f.Name != "[Content_Types].xml" } // readers look for it first
		if first(a) != first(b) {
			return map[bool]int{true: 1, false: -1}[first(a)]
		}
		return cmp.Compare(a.Name, b.Name)
	})
	out := zip.NewWriter(w)
	for _, f := range files {
		if err := copyFile(out, f); err != nil {
			return err
		}
	}
	return out.Close()
}

func copyFile(out *zip.Writer, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}
