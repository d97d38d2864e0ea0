package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"riskatlas/data/memory"
)

// The workbook accounts for every row; what is kept aside comes back into it as
// sent, is set right there, and imports again. Nothing in it is a formula.
func TestReportWorkbook(t *testing.T) {
	p := profile(t, "hangzhou")
	store := memory.New(p.Taxonomy)
	text := "编号,名称,行业,风险等级,经度,纬度,备注,备注2\n" +
		"A,一,加油站,2,120.1551,30.2741,x,\n" +
		"B,=HYPERLINK(1),加油加气站,2,120.1651,30.2741,+1,-2\n" +
		"C,@三,加油站,9,120.1751,30.2741,\"a\tb\",\n" +
		"D,-四,农贸集市场,3,120.1851,30.2741,,=1\n"
	r := deliver(t, store, "a.csv", text, Options{Profile: p, Delivery: &Delivery{Source: "=body"}})
	if r.Totals() != "read 4 accepted 1 rejected 1 quarantined 2" {
		t.Fatal(r.Totals(), r.Problems)
	}
	var out bytes.Buffer
	if err := r.WriteXLSX(&out); err != nil {
		t.Fatal(err)
	}
	noFormulas(t, out.Bytes())
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(f.GetSheetList()); got != "[summary mapping rows rejected quarantined warnings duplicates]" {
		t.Errorf("sheets %s", got)
	}
	total := 0
	for name, want := range map[string]int{"rows": 1, "rejected": 1, "quarantined": 2} {
		rows, err := f.GetRows(name)
		if err != nil || len(rows) != 1+want {
			t.Errorf("%s has %d rows: %v %v", name, len(rows), rows, err)
		}
		total += len(rows) - 1
	}
	if total != r.Read {
		t.Errorf("%d rows of %d are accounted for", total, r.Read)
	}
	if rows, _ := f.GetRows("mapping"); !strings.Contains(fmt.Sprint(rows), "unused 备注") || !strings.Contains(fmt.Sprint(rows), "industry 行业") {
		t.Errorf("mapping: %v", rows)
	}
	rows, _ := f.GetRows("quarantined")
	if rows[1][1] != "3" || !strings.Contains(rows[1][2], "I04 加油站") || rows[1][4] != "=HYPERLINK(1)" {
		t.Errorf("quarantined: %q", rows)
	}
	// Set right in the workbook and read again, from its sheet as it is.
	for i, value := range map[int]string{2: "I14", 3: "C01"} {
		if err := f.SetCellStr("quarantined", fmt.Sprintf("F%d", i), value); err != nil {
			t.Fatal(err)
		}
	}
	var again bytes.Buffer
	if err := f.Write(&again); err != nil {
		t.Fatal(err)
	}
	r = deliver(t, store, "report.xlsx", again.String(), Options{Profile: p, Delivery: &Delivery{Source: "=body"}, Sheets: []string{"quarantined"}})
	if r.Totals() != "read 2 accepted 2 rejected 0 quarantined 0" || r.Added != 2 {
		t.Errorf("again: %s %+v", r.Totals(), r.Problems)
	}
	if name := detailsOf(t, store, []string{"B"})[0].Hazard.Name; name != "=HYPERLINK(1)" {
		t.Errorf("the name came back as %q", name)
	}
	// The same in JSON, member by member.
	out.Reset()
	if err := r.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Totals() != r.Totals() || len(back.Rows) != 2 {
		t.Errorf("JSON: %v %s", err, out.String())
	}
}

func noFormulas(t *testing.T, book []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	sheets := 0
	for _, file := range z.File {
		if !strings.HasPrefix(file.Name, "xl/worksheets/") {
			continue
		}
		sheets++
		in, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil || bytes.Contains(text, []byte("<f>")) || bytes.Contains(text, []byte("<f ")) {
			t.Errorf("%s holds a formula, or %v", file.Name, err)
		}
	}
	if sheets != 7 {
		t.Errorf("%d sheets", sheets)
	}
}
