package main

import (
	"strings"
	"testing"
)

// The handbook in a real browser: it asks for nothing else, the console is
// silent, its contents lead to a chapter for every industry, and it fits a phone.
func TestHandbookInABrowser(t *testing.T) {
	url := serveForTest(t, "serve", "--demo", "--demo-hazards", "40", "--listen", "127.0.0.1:0", "--view", "public")
	var pages []struct {
		readPage
		Top int `json:"top"` // of the chapter that was gone to, pixels
	}
	inBrowser(t, "handbook.mjs", url, &pages)
	if len(pages) != 3 {
		t.Fatalf("%d pages reported, want 3", len(pages))
	}
	for _, p := range pages {
		if len(p.Errors) > 0 {
			t.Errorf("%s: the console says %q", p.Name, p.Errors)
		}
		if p.Tables != 40 || p.Overflow > 0 || p.Top < -1 || p.Top > 1 {
			t.Errorf("%s: %d tables, %d pixels too wide, the chapter at %d", p.Name, p.Tables, p.Overflow, p.Top)
		}
		for _, word := range []string{"汽油罐总容积", "Petrol tank volume", "petrol_tank_m3", "大坝安全类别", "GB 50156-2021"} {
			if !strings.Contains(p.Text, word) {
				t.Errorf("%s: %q is not on the page", p.Name, word)
			}
		}
	}
}
