package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// parts opens the parts of a packed workbook.
func parts(packed []byte) func(string) (io.ReadCloser, error) {
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	return func(name string) (io.ReadCloser, error) {
		if err != nil {
			return nil, err
		}
		f, err := z.Open(name)
		if err != nil {
			return nil, err
		}
		return f, nil
	}
}

func save(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read gives the rows of a sheet with their numbers before them, and faults
// after the texts that they are of.
func read(t testing.TB, packed []byte, sheet string) []string {
	t.Helper()
	out, err := readAll(packed, sheet)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readAll(packed []byte, sheet string) ([]string, error) {
	w, err := Open(parts(packed))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(w.Sheets(), func(s Sheet) bool { return s.Name == sheet })
	if i < 0 {
		return nil, fmt.Errorf("no sheet %s in %v", sheet, w.Sheets())
	}
	rows, err := w.Rows(w.Sheets()[i])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for {
		r, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		texts := slices.Clone(r.Texts)
		for _, f := range r.Faults {
			for len(texts) <= f.Column {
				texts = append(texts, "")
			}
			texts[f.Column] += fmt.Sprintf("!%d", f.Kind)
		}
		out = append(out, fmt.Sprintf("%d:%s", r.Number, strings.Join(texts, "|")))
	}
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// put writes values at cells, each perhaps with a number format.
func put(t testing.TB, f *excelize.File, cell string, value any, code string) {
	t.Helper()
	if err := f.SetCellValue("Sheet1", cell, value); err != nil {
		t.Fatal(err)
	}
	if code == "" {
		return
	}
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
		t.Fatal(err)
	}
}

func TestNumbersAsHeld(t *testing.T) {
	f := excelize.NewFile()
	put(t, f, "A1", 13800000000, "")
	put(t, f, "B1", 120.15510000000001, "0.00")
	put(t, f, "C1", 0.25, "0%")
	put(t, f, "D1", 0.07, "0.0%") // 7.000000000000001 by multiplication
	put(t, f, "E1", 57112345678, "000000000000")
	put(t, f, "F1", 57112345678, "0000-00000000")
	put(t, f, "G1", 123456789012345678, "0")
	put(t, f, "H1", true, "")
	put(t, f, "I1", -1.5e-7, "")
	put(t, f, "J1", 43789, "[Red]General")
	put(t, f, "K1", 1234.5, `#,##0.00"元";[Red]-0`)
	put(t, f, "L1", "00571", "")
	put(t, f, "M1", 3.5, `0.0"days"`)
	put(t, f, "N1", 1e15, "")
	same(t, read(t, save(t, f), "Sheet1"),
		"1:13800000000|120.1551|25%|7%|057112345678|0571-12345678|123456789012345680!2|TRUE|-0.00000015|43789|1234.5|00571|3.5|1000000000000000!2")
}

// TestDates asks excelize for the same days in both systems.
func TestDates(t *testing.T) {
	for _, since04 := range []bool{false, true} {
		f := excelize.NewFile()
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since04}); err != nil {
			t.Fatal(err)
		}
		var want []string
		random := rand.New(rand.NewPCG(1, 2))
		for row := 1; row <= 200; row++ {
			day := float64(1 + random.IntN(60000))
			if row == 1 {
				day = 1
			}
			if day == 60 {
				day = 61
			}
			at, err := excelize.ExcelDateToTime(day, since04)
			if err != nil {
				t.Fatal(err)
			}
			if !since04 && day < 60 {
				at = at.AddDate(0, 0, 1) // excelize takes the day that 1900 did not have for one
				if day == 1 && at.Format(time.DateOnly) != "1900-01-01" {
					at = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
				}
			}
			seconds := random.IntN(86400)
			put(t, f, fmt.Sprint("A", row), day, "yyyy/m/d")
			put(t, f, fmt.Sprint("B", row), day+float64(seconds)/86400, `yyyy"年"m"月"d"日" h:mm`)
			put(t, f, fmt.Sprint("C", row), float64(seconds)/86400, "h:mm;@")
			clock := time.Date(2000, 1, 1, 0, 0, seconds, 0, time.UTC)
			b := at.Add(time.Duration(seconds) * time.Second).Format(time.DateTime)
			want = append(want, fmt.Sprintf("%d:%s|%s|%s", row, at.Format(time.DateOnly), b, clock.Format(time.TimeOnly)))
		}
		same(t, read(t, save(t, f), "Sheet1"), want...)
	}
	f := excelize.NewFile()
	put(t, f, "A1", 60, "yyyy-mm-dd")  // 29 February 1900, which was not
	put(t, f, "B1", 1.5, "[h]:mm")     // 36 hours
	put(t, f, "C1", 43789, "mmm-yy")   // a month
	put(t, f, "D1", 43789, "mm:ss.0")  // minutes
	put(t, f, "E1", -1, "yyyy-mm-dd")  // before time
	put(t, f, "F1", 3e6, "yyyy-mm-dd") // after it
	put(t, f, "G1", 43789, `[$-804]m"月"d"日"`)
	same(t, read(t, save(t, f), "Sheet1"), "1:60|36:00:00|2019-11-20|2019-11-20 00:00:00|-1|3000000|2019-11-20")
}

func TestMergedCells(t *testing.T) {
	f := excelize.NewFile()
	for cell, v := range map[string]string{"A1": "title", "A3": "name", "B3": "place", "B4": "lon", "C4": "lat",
		"A5": "firm", "B5": "1", "C5": "2", "B6": "3", "C6": "4", "A8": "note"} {
		put(t, f, cell, v, "")
	}
	for _, m := range [][2]string{{"A1", "C2"}, {"A3", "A4"}, {"B3", "C3"}, {"A5", "A7"}, {"E1", "E9"}} {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, save(t, f), "Sheet1")
	for i := range got {
		got[i] = strings.TrimRight(got[i], "|")
	}
	// Rows 2 and 7 hold nothing of their own.
	got = slices.DeleteFunc(got, func(s string) bool { return s == "2:" || s == "7:" || s == "9:" })
	same(t, got, "1:title|title|title", "3:name|place|place", "4:name|lon|lat", "5:firm|1|2", "6:firm|3|4", "8:note")
}

func TestFormulas(t *testing.T) {
	sheet := `<worksheet><sheetData><row r="2"><c r="A2"><f>B2</f><v>5</v></c><c r="C2"><f>1/0</f></c><c r="D2" t="e"><v>#N/A</v></c>` +
		`<c r="E2" t="str"><f>x</f><v>a_x000D_b</v></c><c t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r><rPh><t>no</t></rPh></is></c><c r="G2" t="s"><v>1</v></c></row></sheetData></worksheet>`
	got, err := readAll(pack(t, sheet, `<sst><si><t>x</t></si><si><t xml:space="preserve"> y&amp;z </t></si></sst>`), "S")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, "2:5||!1|#N/A!0|a\rb|rich| y&z ")
}

// pack makes a workbook of one sheet from raw XML.
func pack(t testing.TB, sheet, shared string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"xl/workbook.xml":            `<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/s.xml"/></Relationships>`,
		"xl/worksheets/s.xml":        sheet,
		"xl/sharedStrings.xml":       shared,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRefused(t *testing.T) {
	row := func(cells string) string { return "<worksheet><sheetData>" + cells + "</sheetData></worksheet>" }
	for name, c := range map[string]struct{ sheet, shared, want string }{
		"rows out of order":    {row(`<row r="2"/><row r="2"/>`), "", "after 2"},
		"a text that is not":   {row(`<row><c t="s"><v>7</v></c></row>`), "<sst/>", "shared text 7"},
		"no number":            {row(`<row><c><v>x</v></c></row>`), "", "a number"},
		"a column past XFD":    {row(`<row><c r="XFE1"><v>1</v></c></row>`), "", "16384"},
		"no reference":         {row(`<row><c r="7"><v>1</v></c></row>`), "", "AB12"},
		"cut short":            {"<worksheet><sheetData><row>", "", "end of the part"},
		"an entity of its own": {`<!DOCTYPE x [<!ENTITY a "aaaa">]>` + row(`<row><c t="str"><v>&a;</v></c></row>`), "", "entity"},
		"depth":                {row(strings.Repeat("<a>", 100)), "", "deeper"},
		"a row without end":    {row(`<row><c t="str"><v>` + strings.Repeat("x", 5<<20)), "", "in one piece"},
		"overlapping merges":   {row(`<row r="1"><c><v>1</v></c></row>`) + "", "", ""},
	} {
		if c.want == "" {
			c.sheet = strings.Replace(c.sheet, "</worksheet>", "<mergeCells>"+strings.Repeat(`<mergeCell ref="A1:XFD9"/>`, 3)+"</mergeCells></worksheet>", 1)
			c.want = "overlap"
		}
		if _, err := readAll(pack(t, c.sheet, c.shared), "S"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for _, packed := range [][]byte{nil, []byte("PK")} {
		if _, err := Open(parts(packed)); err == nil {
			t.Error("opened")
		}
	}
}

// TestAgainstExcelize reads random sheets of plain texts and numbers as excelize
// does.
func TestAgainstExcelize(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		f := excelize.NewFile()
		for range 60 {
			cell, _ := excelize.CoordinatesToCellName(1+random.IntN(40), 1+random.IntN(30))
			var v any = []string{"甲", " a ", "<&>", "_x41_", "line\nbreak", ""}[random.IntN(6)]
			if random.IntN(2) == 0 {
				v = random.IntN(1e9)
			}
			put(t, f, cell, v, "")
		}
		packed := save(t, f)
		g, err := excelize.OpenReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := g.GetRows("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i, r := range rows {
			if s := strings.TrimRight(strings.Join(r, "|"), "|"); s != "" {
				want = append(want, fmt.Sprintf("%d:%s", i+1, s))
			}
		}
		var got []string
		for _, s := range read(t, packed, "Sheet1") {
			if s = strings.TrimRight(s, "|"); !strings.HasSuffix(s, ":") {
				got = append(got, s)
			}
		}
		same(t, got, want...)
	}
}

func FuzzSheet(f *testing.F) {
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" s="1"><v>43789</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`, `<sst><si><t>x</t></si></sst>`)
	f.Fuzz(func(t *testing.T, sheet, shared string) {
		if len(sheet)+len(shared) > 1<<14 {
			t.Skip()
		}
		rows, _ := readAll(pack(t, sheet, shared), "S")
		if len(rows) > len(sheet) {
			t.Errorf("%d rows of %d bytes", len(rows), len(sheet))
		}
	})
}

func FuzzFormat(f *testing.F) {
	f.Add(`[$-804]yyyy"年"m;@`, 43789.5)
	f.Fuzz(func(t *testing.T, code string, v float64) {
		w := &Workbook{styles: []format{formatOf(code)}}
		w.number(fmt.Sprint(v), 0)
	})
}
