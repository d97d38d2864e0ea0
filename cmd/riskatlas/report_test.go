package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"riskatlas/report"
)

// The command writes every form of a stored city's report, twice to the byte, and
// the public view of it holds no word that is for the inside.
func TestReportCommand(t *testing.T) {
	const canary = "CANARY"
	dir := t.TempDir()
	csv := "id,name,industry,level,lon,lat,sensitivity,responsible,duty_phone,address\n" +
		"OPEN-1,开放,I04,3,120.17,30.25,public," + canary + ",,路\n" +
		canary + "-1," + canary + ",I04,3,120.171,30.251,internal," + canary + ",," + canary + "\n"
	file, store := filepath.Join(dir, "in.csv"), filepath.Join(dir, "city.gpkg")
	if err := os.WriteFile(file, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "import", file, "--store", store)
	for _, c := range []struct{ begins, args string }{
		{"{", "--format json"}, {"<!", "--format html"}, {"#", "--format md --lang en"}, {"PK", "--format xlsx"}, {"PK", "--main-list"}, {"{", "--main-list --format json --cuts new-build"},
	} {
		args := append([]string{"report", "--store", store, "-o", "-"}, strings.Fields(c.args)...)
		out := must(t, args...)
		if !strings.HasPrefix(out, c.begins) || out != must(t, args...) {
			t.Errorf("%s: begins %.20q, or is another the second time", c.args, out)
		}
		if c.begins != "PK" {
			inside := must(t, append(args, "--view", "internal")...)
			if strings.Contains(out, canary) || !strings.Contains(inside, canary) {
				t.Errorf("%s: the word is in the public view, or not in the internal one", c.args)
			}
		}
	}
	named := filepath.Join(dir, "r.json")
	if said := must(t, "report", "--store", store, "--format", "json", "-o", named, "--view", "internal"); !strings.Contains(said, "2 active sources, revision 1, internal view") {
		t.Errorf("it says %q", said)
	}
	raw, err := os.ReadFile(named)
	var r report.Report
	if err != nil || json.Unmarshal(raw, &r) != nil || r.Overall.Counts != (report.Counts{3: 2}) || r.Main.Matched != 2 {
		t.Errorf("%v: %.300s", err, raw)
	}
	for _, args := range []string{"--store " + filepath.Join(dir, "no.gpkg"), "--store " + store + " --main-list --format md", "--store " + store + " --format pdf", "--demo --store " + store} {
		var out, errs bytes.Buffer
		if status := run(context.Background(), append([]string{"report"}, strings.Fields(args)...), &out, &errs); status == 0 || errs.Len() == 0 {
			t.Errorf("%s: status %d, %s", args, status, out.String())
		}
	}
}
