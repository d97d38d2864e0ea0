package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// workbook packs sheets of rows; a cell "=…" is a formula, a number is one.
func workbook(t testing.TB, sheets map[string][][]any, order ...string) (*bytes.Reader, int64) {
	t.Helper()
	f := excelize.NewFile()
	for i, name := range order {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				t.Fatal(err)
			}
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for r, row := range sheets[name] {
			if err := f.SetSheetRow(name, fmt.Sprint("A", r+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes()), int64(b.Len())
}

// rowsOf makes cells of CSV.
func rowsOf(t testing.TB, text string) [][]any {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]any
	for _, row := range rows {
		var cells []any
		for _, c := range row {
			cells = append(cells, c)
		}
		out = append(out, cells)
	}
	return out
}

// stored gives what a store holds after an import, as it would write it.
func stored(t *testing.T, tax *data.Taxonomy, b *Batch) []string {
	t.Helper()
	ctx, store := context.Background(), memory.New(tax)
	if err := b.Write(ctx, store, tax, data.Note{Who: "test"}); err != nil {
		t.Fatal(err)
	}
	_, all := store.Load(ctx)
	var out []string
	for h, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		recs, err := store.Detail(ctx, h.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := tax.AppendFeature(nil, recs[0])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// TestOneListInManyForms reads one list in every encoding and as a workbook and
// wants equal stores. Its second half has no ids: those are made of its content.
func TestOneListInManyForms(t *testing.T) {
	p := profile(t, "hangzhou")
	text := list + strings.ReplaceAll(strings.SplitN(list, "\n", 2)[1], "A-", "")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\n1,", "\n,"), "\n2,", "\n,")
	want := stored(t, p.Taxonomy, parse(t, "list.csv", text, Options{Profile: p}))
	if len(want) != 4 {
		t.Fatalf("%d records", len(want))
	}
	encode := func(s string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	gb := encode(simplifiedchinese.GB18030.NewEncoder().String(text))
	forms := map[string]string{
		"UTF-8 with BOM": "\ufeff" + text,
		"GB18030":        gb,
		"UTF-16":         encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)),
		"UTF-16LE":       encode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)),
		"UTF-16BE":       encode(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(text)),
	}
	for encoding, form := range forms {
		b := parse(t, "list.csv", form, Options{Profile: p})
		if got := b.Report.Files[0].Encoding; got != encoding {
			t.Errorf("%s was read as %s", encoding, got)
		}
		if d := cmp.Diff(want, stored(t, p.Taxonomy, b)); d != "" {
			t.Errorf("%s: %s", encoding, d)
		}
	}
	b := parse(t, "list.csv", gb, Options{Profile: p, Encoding: "gbk"})
	if d := cmp.Diff(want, stored(t, p.Taxonomy, b)); d != "" {
		t.Errorf("asked for: %s", d)
	}

	rows := rowsOf(t, text)
	titled := append([][]any{{"2019年杭州市主要风险源清单"}, {}, {"填报单位：甲", "", "填报日期"}}, rows...)
	for name, sheet := range map[string][][]any{"plain": rows, "titled": titled} {
		r, size := workbook(t, map[string][][]any{"清单": sheet, "说明": {{"本表由各区县填报"}, {"等级", "含义"}}}, "清单", "说明")
		b, err := Read(context.Background(), "list.xlsx", r, size, Options{Profile: p})
		if err != nil {
			t.Fatal(err)
		}
		addsUp(t, b)
		if d := cmp.Diff(want, stored(t, p.Taxonomy, b)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if b.Report.Kinds["sheet_skipped"] != 1 || b.Report.Files[0].Format != "xlsx" || b.Report.Files[0].Name != "list.xlsx: 清单" {
			t.Errorf("%s: %+v, %v", name, b.Report.Files, b.Report.Kinds)
		}
	}
}

func TestSheets(t *testing.T) {
	p := profile(t, "hangzhou")
	head := []any{"id", "industry", "level", "lon", "lat", "phone", "staff"}
	r, size := workbook(t, map[string][][]any{
		"east": {head, {"a", "I04", 1, 120.1551, 30.2741, 13800000000, 12}, {"b", "I04", 1, 120.1552, 30.2741}},
		"west": {{"west"}, head, {"c", "I04", 2, 120.1553, 30.2741}, {}, {"a", "I04", 2, 120.1553, 30.2742}},
	}, "east", "west")
	read := func(sheets ...string) (*Batch, error) {
		return Read(context.Background(), "two.xlsx", r, size, Options{Profile: p, Sheets: sheets})
	}
	b, err := read()
	if err != nil {
		t.Fatal(err)
	}
	totals(t, b, "read 4 accepted 3 rejected 1 quarantined 0")
	if d := b.Records[0].Detail; d.DutyPhone != "13800000000" || *d.Staff != 12 {
		t.Errorf("phone %s, staff %d", d.DutyPhone, *d.Staff)
	}
	for _, q := range b.Report.Problems {
		if q.Kind == "duplicate_id" && (q.File != "two.xlsx: west" || q.Line != 5 || !strings.Contains(q.Want, "two.xlsx: east line 2")) {
			t.Errorf("%+v", q)
		}
	}
	if b, err = read("west"); err != nil {
		t.Fatal(err)
	}
	totals(t, b, "read 2 accepted 2 rejected 0 quarantined 0")
	if _, err = read("north"); err == nil || !strings.Contains(err.Error(), "east, west") {
		t.Errorf("a sheet that is not: %v", err)
	}
}

func TestFaultyCells(t *testing.T) {
	p := profile(t, "hangzhou")
	f := excelize.NewFile()
	for i, row := range [][]any{{"id", "industry", "level", "lon", "lat", "address", "uscc"},
		{"a", "I04", 1, 120.1551, 30.2741, nil, 913301001234567890}, {"b", "I04", 1, nil, 30.2741}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, cell := range []string{"F2", "D3"} {
		if err := f.SetCellFormula("Sheet1", cell, "1+1"); err != nil {
			t.Fatal(err)
		}
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read(context.Background(), "a.xlsx", bytes.NewReader(buf.Bytes()), -1, Options{Profile: p})
	if err != nil {
		t.Fatal(err)
	}
	totals(t, b, "read 2 accepted 1 rejected 1 quarantined 0")
	for _, kind := range []string{"digits_lost", "formula_without_value", "formula_without_value_lon"} {
		if b.Report.Kinds[kind] != 1 {
			t.Errorf("%s: %v", kind, b.Report.Kinds)
		}
	}
	if d := b.Records[0].Detail; d.USCC != "" || d.Address != "" {
		t.Errorf("kept %q and %q", d.USCC, d.Address)
	}
}
