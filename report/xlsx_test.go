package report

import (
	"archive/zip"
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func opened(t *testing.T, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// raw gives a sheet's cells as they are stored.
func raw(t *testing.T, f *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// sameNumber compares to the 15 digits that workbooks give.
func sameNumber(a, b float64) bool { return math.Abs(a-b) <= 1e-14*math.Abs(b) }

func TestWorkbook(t *testing.T) {
	r := fixture(t, 500)
	f := opened(t, written(t, XLSX, r, "en"))
	if got, want := f.GetSheetList(), []string{"Overview", "Composition", "Districts", "Industries", "Sources", "F-N", "Suggestions", "Methods", "Quality"}; !slices.Equal(got, want) {
		t.Errorf("sheets %v, want %v", got, want)
	}
	numbers := map[string][]float64{}
	for _, sheet := range f.GetSheetList() {
		for _, row := range raw(t, f, sheet) {
			for _, v := range row {
				if x, err := strconv.ParseFloat(v, 64); err == nil {
					numbers[sheet] = append(numbers[sheet], x)
				}
			}
		}
	}
	want := map[string][]float64{"Overview": {r.Overall.PLL, r.Overall.QRA, r.Overall.People, r.Overall.MeanIR}}
	for _, k := range r.Composition {
		for _, p := range k.Rows {
			want["Composition"] = append(want["Composition"], p.PLL, p.Share)
		}
	}
	for _, d := range r.Districts {
		want["Districts"] = append(want["Districts"], d.PLL, d.Per10000, d.PerKM2)
	}
	for _, d := range r.Industries {
		want["Industries"] = append(want["Industries"], d.PLL, d.Share)
	}
	for _, p := range r.Curve.Points {
		want["F-N"] = append(want["F-N"], p.N, p.F)
	}
	for sheet, list := range want {
		for _, v := range list {
			if !slices.ContainsFunc(numbers[sheet], func(x float64) bool { return sameNumber(x, v) }) {
				t.Errorf("sheet %s does not hold %v as a number", sheet, v)
			}
		}
	}
}

func TestMainListWorkbook(t *testing.T) {
	r := fixture(t, 900)
	b := written(t, MainListXLSX, r, "zh")
	f := opened(t, b)
	sheet := f.GetSheetList()[0]
	rows := raw(t, f, sheet)
	if rows[0][0] != "杭州市城市主要风险源清单" || !strings.Contains(rows[1][0], "3 级（较大风险）及以上，或为任一级别的危险化学品重大危险源") || !strings.Contains(rows[1][0], r.Main.Source) {
		t.Errorf("head rows %q, %q", rows[0], rows[1])
	}
	header := slices.IndexFunc(rows, func(row []string) bool { return len(row) > 2 && row[0] == "序号" })
	body := rows[header+1:]
	if len(body) != len(r.Main.Sources) {
		t.Fatalf("%d rows, want %d", len(body), len(r.Main.Sources))
	}
	column := func(name string) int { return slices.Index(rows[header], name) }
	for i, s := range r.Main.Sources {
		row := body[i]
		pll, err := strconv.ParseFloat(row[column("PLL（人/年）")], 64)
		if err != nil || !sameNumber(pll, s.PLL) || row[column("编号")] != string(s.ID) || row[column("名称")] != s.Name {
			t.Fatalf("row %d is %q, want %+v", i, row, s)
		}
		if level := row[column("等级")]; !strings.HasPrefix(level, strconv.Itoa(int(s.Level))) || !strings.Contains(level, chinese.mark(s.Level)) {
			t.Fatalf("row %d: level %q", i, level)
		}
	}
	id, err := f.GetCellStyle(sheet, at(column("等级")+1, header+2))
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil || len(style.Fill.Color) == 0 || !strings.HasSuffix(style.Fill.Color[0], strings.TrimPrefix(colour(r.Main.Sources[0].Level), "#")) {
		t.Errorf("the level's cell has the fill %+v (%v)", style, err)
	}
	panes, err := f.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != header+1 {
		t.Errorf("panes %+v (%v), the header is row %d", panes, err, header+1)
	}
	if xml := entry(t, b, "xl/worksheets/sheet1.xml"); !strings.Contains(xml, `<autoFilter ref="A`+strconv.Itoa(header+1)+`:`) && !strings.Contains(xml, `<autoFilter ref="$A$`+strconv.Itoa(header+1)+`:`) {
		t.Error("the header has no filters")
	}
}

// entry reads a file of an archive, and checks that none in it has a time.
func entry(t *testing.T, b []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, f := range z.File {
		if f.ModifiedDate != 0 || len(f.Extra) != 0 {
			t.Errorf("%s has a time", f.Name)
		}
		if f.Name == name {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := out.ReadFrom(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out.String()
}

func TestWorkbooksOpenInLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed: workbooks are read with excelize alone")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "list.xlsx"), written(t, MainListXLSX, fixture(t, 200), "zh"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(office, "--headless", "-env:UserInstallation=file://"+dir+"/profile", "--convert-to", "csv", "--outdir", dir, filepath.Join(dir, "list.xlsx"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "list.csv"))
	if err != nil || !strings.Contains(string(text), "城市主要风险源清单") {
		t.Errorf("%v: %.200s", err, text)
	}
}
