package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReportText(t *testing.T) {
	p := profile(t, "hangzhou")
	var text strings.Builder
	text.WriteString("id,name,industry,level,lon,lat,duty_phone,responsible\n")
	for i := range 30 {
		fmt.Fprintf(&text, "A-%d,n,I04,1,120.15%02d,30.27,12CANARY,CANARY%s\n", i, i, strings.Repeat("长", 2000))
	}
	text.WriteString("B-1,n,\"bank\nread 9 accepted 9\",1,120.1551,30.2741,,\nB-2,n,I04,7,0,0,,\n")
	b := parse(t, "a.csv", text.String(), Options{Profile: p, Values: map[string]*ValueTable{"industry": {Name: "v.csv", To: map[string]string{"I04": "I04"}}}})
	totals(t, b, "read 32 accepted 30 rejected 1 quarantined 1")
	var out bytes.Buffer
	if err := b.Report.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	// The refused row comes first, with all that is wrong with it; then the
	// quarantined one; then warnings, twenty lines in all.
	if !strings.Contains(lines[1], `a.csv line 34 (B-2): rejected: geometry "0,0"`) || !strings.Contains(lines[2], `rejected: level "7"`) ||
		!strings.Contains(lines[3], "quarantined: industry") || !strings.Contains(lines[21], "more problems") {
		t.Errorf("%s", out.String())
	}
	for _, want := range []string{"rejected: geometry_outside 1, level_unknown 1\n", "industry not in its value table: bank read 9 accepted 9 1\n", "phone_form 30", "by district: 330105"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if err := b.Report.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "CANARY") {
		t.Error("the report holds personal values")
	}
}

func TestReportMerge(t *testing.T) {
	p := profile(t, "hangzhou")
	read := func(name string, n int) *Report {
		var text strings.Builder
		text.WriteString("name,industry,level,lon,lat\n")
		for i := range n {
			fmt.Fprintf(&text, "x%d,%s,1,120.16,30.2%d\n", i, []string{"I04", "bank", "C09"}[i%3], i%10)
		}
		return parse(t, name, text.String(), Options{Profile: p}).Report
	}
	a, b := read("a.csv", 330), read("b.csv", 99)
	rejected, kinds := a.Rejected+b.Rejected, a.Kinds["industry_unknown"]+b.Kinds["industry_unknown"]
	coarse := a.Kinds["coarse_coordinates"] + b.Kinds["coarse_coordinates"]
	a.Merge(b)
	if a.Read != 429 || a.Rejected != rejected || a.Kinds["industry_unknown"] != kinds || a.Kinds["coarse_coordinates"] != coarse || len(a.Files) != 2 {
		t.Errorf("%s, %v", a.Totals(), a.Kinds)
	}
	// Every problem is listed or counted as not listed.
	left := map[string]int{}
	for _, q := range a.Problems {
		left[q.Kind]++
	}
	for kind, n := range a.NotListed {
		left[kind] += n
	}
	if diff := cmp.Diff(a.Kinds, left); diff != "" {
		t.Error(diff)
	}
	var out bytes.Buffer
	var back Report
	if err := a.WriteJSON(&out); err != nil || json.Unmarshal(out.Bytes(), &back) != nil || back.Totals() != a.Totals() || len(back.Problems) != len(a.Problems) {
		t.Errorf("%v: %s, %d problems", err, back.Totals(), len(back.Problems))
	}
}
