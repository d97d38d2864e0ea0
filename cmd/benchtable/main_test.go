package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

const results = `goos: linux
goarch: amd64
pkg: riskatlas/index
BenchmarkNearest/100000-2         	    1000	      5000 ns/op	        52.50 x-rtree	     128 B/op	       3 allocs/op
BenchmarkNearest/100000-2         	    1000	      6000 ns/op	        50.00 x-rtree	     128 B/op	       3 allocs/op
BenchmarkNearest/100000-2         	    1000	      7000 ns/op	        48.00 x-rtree	     128 B/op	       3 allocs/op
PASS
ok  	riskatlas/index	1.2s
pkg: riskatlas/api
BenchmarkTile/cached 	    1000	      900 ns/op	       1.1 x-bare	  42 bytes
ok  	riskatlas/api	1.2s
`

// TestTable holds what the table says: medians, the spread, sources and ratios.
func TestTable(t *testing.T) {
	var out bytes.Buffer
	status, err := convert(strings.NewReader(results), &out)
	if status != 0 || err != nil {
		t.Fatal(status, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	space := regexp.MustCompile(`  +`)
	want := []string{
		"package|operation|sources|ns|±|allocations|bytes|times the reference|more",
		"api|Tile/cached|-|900|0 %|-|-|1.1 x bare|42 bytes",
		"index|Nearest|100000|6000|17 %|3|128|50 x rtree|",
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	for i, line := range lines {
		if got := space.ReplaceAllString(line, "|"); strings.TrimRight(got, "|") != strings.TrimRight(want[i], "|") {
			t.Errorf("line %d: %s\nwant %s", i, got, want[i])
		}
	}
}

// TestFailures: a table must not hide that a benchmark failed or that none ran.
func TestFailures(t *testing.T) {
	for _, in := range []string{results + "--- FAIL: BenchmarkX\nFAIL\triskatlas/x\t1s\n", "ok \triskatlas/x\t1s\n", ""} {
		var out bytes.Buffer
		if status, err := convert(strings.NewReader(in), &out); status == 0 {
			t.Errorf("%q: status 0, %v", in, err)
		}
	}
	var out bytes.Buffer
	if _, err := convert(strings.NewReader("--- FAIL: BenchmarkX\n"+results), &out); err != nil || !strings.Contains(out.String(), "--- FAIL: BenchmarkX") {
		t.Errorf("the failure is not passed on: %s", out.String())
	}
}
