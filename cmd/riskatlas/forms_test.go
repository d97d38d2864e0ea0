package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// A city's sources, each industry in its form's workbook, come back without a
// change; an edited cell is one change; an empty form brings nothing.
func TestTemplateComesBack(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "city.gpkg")
	if status, _, errs := command("demo", "--hazards", "150", "--store", store); status != 0 {
		t.Fatal(errs)
	}
	file := filepath.Join(dir, "form.xlsx")
	rev, all := held(t, store, "hangzhou")
	read := 0
	for _, industry := range []string{"I01", "I04", "I11", "I14", "petrol-station", "C03", "P09"} {
		lang := map[bool]string{true: "en", false: "zh"}[industry == "petrol-station"]
		status, out, errs := command("template", "--industry", industry, "--records", "--store", store, "--lang", lang, "-o", file)
		if status != 0 || !strings.HasPrefix(out, file+": ") {
			t.Fatal(out, errs)
		}
		status, out, errs = command("import", file, "--store", store)
		if status != 0 || !strings.Contains(out, "wrote 0 new, 0 changed; ") || strings.Contains(out, "revision") || !strings.HasSuffix(lastLine(out), " rejected 0 quarantined 0") || strings.Contains(out, "sheet_skipped") {
			t.Fatalf("%s: %s %s", industry, out, errs)
		}
		read++
	}
	if now, same := held(t, store, "hangzhou"); now != rev || len(same) != len(all) || read != 7 {
		t.Errorf("revision %d became %d", rev, now)
	}

	if status, _, errs := command("template", "--industry", "I04", "--records", "--store", store, "-o", file); status != 0 {
		t.Fatal(errs)
	}
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sheet := f.GetSheetName(0)
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, head := range rows[0] {
		if head == "汽油罐总容积 (m³)" {
			cell, _ := excelize.CoordinatesToCellName(i+1, 3)
			if err := f.SetCellValue(sheet, cell, 75); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if status, out, errs := command("import", file, "--store", store); status != 0 || !strings.Contains(out, "wrote 0 new, 1 changed; ") {
		t.Error(out, errs)
	}

	if status, _, errs := command("template", "--industry", "I04", "-o", file); status != 0 {
		t.Fatal(errs)
	}
	if status, out, errs := command("import", file, "--store", store); status != 0 || lastLine(out) != "read 0 accepted 0 rejected 0 quarantined 0" {
		t.Error(out, errs)
	}
}

func TestTemplateRefuses(t *testing.T) {
	store := filepath.Join(t.TempDir(), "none.gpkg")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--industry", "X"}, `--industry: industry: "X": want the code or slug of an industry: I01`},
		{[]string{}, "--industry"},
		{[]string{"--industry", "I04", "--lang", "fr"}, "--lang"},
		{[]string{"--industry", "I04", "--records"}, "--store is missing"},
		{[]string{"--industry", "I04", "--records", "--store", store}, "there is no store"},
		{[]string{"--industry", "I04", "--city", "nowhere"}, "nowhere"},
		{[]string{"--industry", "I04", "-o", filepath.Join(store, "x.xlsx")}, "-o: "},
	} {
		if status, _, errs := command(append([]string{"template"}, c.args...)...); status != 1 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: %d %s", c.args, status, errs)
		}
	}
	if _, err := os.Stat(store); err == nil {
		t.Error("a store was made")
	}
}

func TestHandbook(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, lang, word string }{{"a.html", "zh", "城市安全风险采集手册"}, {"b.html", "en", "Handbook of what is collected"}} {
		file := filepath.Join(dir, c.name)
		if status, out, errs := command("handbook", "-o", file, "--lang", c.lang); status != 0 || !strings.Contains(out, "39 industries") {
			t.Fatal(out, errs)
		}
		page, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(page, []byte(c.word)) || !bytes.Contains(page, []byte("petrol_tank_m3")) || bytes.Contains(page, []byte("<script")) {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, out, _ := command("handbook", "-o", "-", "--lang", c.lang); out != string(page) {
			t.Error("not the same when written again")
		}
	}
	file := filepath.Join(dir, "c.xlsx")
	if status, _, errs := command("handbook", "-o", file); status != 0 {
		t.Fatal(errs)
	}
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); len(got) != 4 {
		t.Errorf("sheets %v, want the record's and one of each group", got)
	}
}
