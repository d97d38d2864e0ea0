package forms

import (
	"archive/zip"
	"bytes"
	"cmp"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"
)

// workbook is one as it is made. The first error stays.
type workbook struct {
	book *excelize.File
	lang string
	err  error
}

func (b *workbook) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *workbook) style(s *excelize.Style) int {
	id, err := b.book.NewStyle(s)
	b.fail(err)
	return id
}

// put writes a cell; nil leaves it empty. Texts stay texts, whatever they begin
// with.
func (b *workbook) put(sheet string, column, row int, v any) {
	if v == nil {
		return
	}
	name, err := excelize.CoordinatesToCellName(column, row)
	b.fail(err)
	if text, ok := v.(string); ok {
		b.fail(b.book.SetCellStr(sheet, name, text))
		return
	}
	b.fail(b.book.SetCellValue(sheet, name, v))
}

func solid(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

func lines(colour string) []excelize.Border {
	return []excelize.Border{{Type: "bottom", Color: colour, Style: 1}, {Type: "right", Color: colour, Style: 1}}
}

// made is the time that workbooks state as their making: what is the same has
// the same bytes.
const made = "2000-01-01T00:00:00Z"

// write ends the workbook and writes it, its parts in one order.
func (b *workbook) write(w io.Writer, title string) error {
	b.fail(b.book.SetDocProps(&excelize.DocProperties{Title: title, Creator: "riskatlas", LastModifiedBy: "riskatlas", Created: made, Modified: made,
		Language: pick(b.lang, "zh-CN", "en")}))
	if b.err != nil {
		return b.err
	}
	var out bytes.Buffer
	if err := b.book.Write(&out); err != nil {
		return err
	}
	in, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		return err
	}
	files := slices.Clone(in.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int { return cmp.Or(turn(a)-turn(b), cmp.Compare(a.Name, b.Name)) })
	archive := zip.NewWriter(w)
	for _, f := range files {
		if err := again(archive, f); err != nil {
			return err
		}
	}
	return archive.Close()
}

// turn is 0 of the part that readers look for first, 1 of the others.
func turn(f *zip.File) int {
	if f.Name == "[Content_Types].xml" {
		return 0
	}
	return 1
}

// again copies a part without the time of its making.
func again(archive *zip.Writer, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := archive.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

// shorten keeps at most `most` characters.
func shorten(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
