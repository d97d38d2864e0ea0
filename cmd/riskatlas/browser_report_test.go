package main

import (
	"strings"
	"testing"
)

// readPage is what the browser reports of one opened report.
type readPage struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	Drawings int      `json:"drawings"`
	Tables   int      `json:"tables"`
	Overflow int      `json:"overflow"` // pixels that the page is wider than its window
	Errors   []string `json:"errors"`
}

// The report in a real browser: it asks for nothing else, the console is silent,
// maps, charts and a chapter for every industry are there, and it fits a phone.
func TestReportInABrowser(t *testing.T) {
	url := serveForTest(t, "serve", "--demo", "--demo-hazards", "1500", "--listen", "127.0.0.1:0", "--view", "public")
	var pages []readPage
	inBrowser(t, "report.mjs", url, &pages)
	if len(pages) != 3 {
		t.Fatalf("%d pages reported, want 3", len(pages))
	}
	for _, p := range pages {
		if len(p.Errors) > 0 {
			t.Errorf("%s: the console says %q", p.Name, p.Errors)
		}
		if p.Drawings < 39 || p.Tables < 39 || p.Overflow > 0 {
			t.Errorf("%s: %d drawings, %d tables, %d pixels too wide", p.Name, p.Drawings, p.Tables, p.Overflow)
		}
		for _, word := range map[bool][]string{true: {"Synthetic demonstration data", "Petrol filling stations", "Reservoir dams"}, false: {"合成数据", "加油站", "水库大坝"}}[p.Name == "report-en"] {
			if !strings.Contains(p.Text, word) {
				t.Errorf("%s: %q is not on the page", p.Name, word)
			}
		}
	}
}
