package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The table of coverage is read, printed, edited and read again.
func TestCoverageCommand(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "city.gpkg")
	file := write(t, dir, "c.csv", "行业,区县,状态,反馈日期\n加油站,西湖区,已反馈,2019-11-20\nI06,330106,asked,\nI99,330106,asked,\n")
	call := func(status int, args ...string) string {
		t.Helper()
		var out, errs strings.Builder
		if got := run(t.Context(), append([]string{"coverage", "--store", store}, args...), &out, &errs); got != status {
			t.Fatalf("%q: status %d, want %d: %s%s", args, got, status, out.String(), errs.String())
		}
		return out.String() + errs.String()
	}
	wants := func(text string, words ...string) {
		t.Helper()
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("no %q in %s", word, text)
			}
		}
	}
	wants(call(1), "no such file")
	wants(call(0, file, "--dry-run"), "would write 2 new", "read 3 accepted 2 rejected 1 quarantined 0")
	if _, err := os.Stat(store); err == nil {
		t.Fatal("a dry run made a store")
	}
	wants(call(1, file, "--whole"), "nothing was written")
	wants(call(0), "no coverage is recorded")
	wants(call(2, file, "--strict"), "wrote 2 new", "line 4: rejected: industry \"I99\"")
	wants(call(0, file), "wrote 0 new, 0 changed; 2 unchanged")
	wants(call(0), "330106    西湖区   37           1      1         0         0          1/39  2019-11-20")
	table := write(t, dir, "t.csv", call(0, "--csv"))
	wants(call(0, table, "--whole", "--dry-run"), "would write 0 new, 0 changed; 507 unchanged")
	wants(call(0, write(t, dir, "w.csv", "industry,district,status\nI04,330106,verified\n"), "--whole"), "wrote 0 new, 2 changed; 0 unchanged")
	wants(call(0), "330106    西湖区   38           0      0         1         0          1/39  -")
}
