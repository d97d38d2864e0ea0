package export

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"riskatlas/data"
)

// The bounds of a workbook (ECMA-376 as Excel has it).
const (
	mostCell = 32_767 // UTF-16 units of a cell
	mostRows = 1_048_576
)

// cellPart is how many characters of a longer text one cell gets: each is at most
// two units. The rest goes into columns of the same name with #2, #3 … behind it,
// which import joins.
const cellPart = 16_000

// made is the time that a workbook states as its making: the same records are
// the same bytes.
const made = "2000-01-01T00:00:00Z"

// writeXLSX writes a workbook of one sheet: texts as texts, numbers as numbers.
func writeXLSX(w io.Writer, tax *data.Taxonomy, records Records, opts Options) error {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "sources"
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	rows, parts, err := workbookRows(tax, records, opts)
	if err != nil {
		return err
	}
	defer rows.close()
	out, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := rows.write(out, parts); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	err = f.SetDocProps(&excelize.DocProperties{Creator: "riskatlas", LastModifiedBy: "riskatlas", Created: made, Modified: made})
	if err != nil {
		return err
	}
	return packed(w, f)
}

// packed writes the workbook's files in the order of their names and without
// times.
func packed(w io.Writer, f *excelize.File) error {
	spool, err := os.CreateTemp("", "riskatlas-*.xlsx")
	if err != nil {
		return err
	}
	defer os.Remove(spool.Name())
	defer spool.Close()
	if err := f.Write(spool); err != nil {
		return err
	}
	size, err := spool.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	in, err := zip.NewReader(spool, size)
	if err != nil {
		return err
	}
	files := slices.Clone(in.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int {
		first := func(f *zip.File) int { // readers look for it first
			if f.Name == "[Content_Types].xml" {
				return 0
			}
			return 1
		}
		return cmp.Or(first(a)-first(b), cmp.Compare(a.Name, b.Name))
	})
	out := zip.NewWriter(w)
	for _, file := range files {
		if err := copyFile(out, file); err != nil {
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

// carried refuses what a workbook's XML cannot hold, or would change.
func carried(id data.ID, c column, s string) error {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff
	}) {
		return &data.Invalid{Field: c.name, Value: s, Want: fmt.Sprintf("text without control characters (record %s), or another format: csv, geojson or gpkg", id)}
	}
	return nil
}

// number is a cell's number as a workbook has it.
func number(s string) (any, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	return strconv.ParseFloat(s, 64)
}
