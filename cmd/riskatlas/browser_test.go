package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"riskatlas/api/web"
)

// page is what the browser reports of one opened page.
type page struct {
	Name      string         `json:"name"`
	Risk      map[string]int `json:"risk"`
	Sources   int            `json:"sources"`
	Districts int            `json:"districts"`
	Notice    string         `json:"notice"`
	Title     string         `json:"title"`
	Answer    string         `json:"answer"`
	Address   string         `json:"address"`
	Filtered  struct {
		Risk map[string]int `json:"risk"`
	} `json:"filtered"`
	Errors []string `json:"errors"`
}

// The map in a real browser: risk is drawn, no error is said, the demonstration
// says that it is synthetic, a click explains the colour, a filter filters.
func TestMapInABrowser(t *testing.T) {
	if !web.Built() {
		t.Skip("the pages are not built: 'make page' builds them")
	}
	url := serveForTest(t, "serve", "--demo", "--demo-hazards", "3000", "--listen", "127.0.0.1:0", "--view", "public")
	var pages []page
	folder := inBrowser(t, "map.mjs", url, &pages)
	if len(pages) != 5 {
		t.Fatalf("%d pages reported, want 5", len(pages))
	}
	for _, p := range pages {
		if len(p.Errors) > 0 {
			t.Errorf("%s: the console says %q", p.Name, p.Errors)
		}
		if len(p.Risk) == 0 || p.Districts == 0 {
			t.Errorf("%s: risk %v, %d districts drawn: a blank map", p.Name, p.Risk, p.Districts)
		}
		if !strings.Contains(p.Notice, "虚构") && !strings.Contains(strings.ToLower(p.Notice), "synthetic") {
			t.Errorf("%s: the page does not say that its data is synthetic: %q", p.Name, p.Notice)
		}
		if n := colours(t, filepath.Join(folder, p.Name+".png")); n < 20 {
			t.Errorf("%s: %d colours on the screenshot: a blank map", p.Name, n)
		}
	}
	first := pages[0]
	if !strings.Contains(first.Answer, "×10") {
		t.Errorf("a click explains nothing: %q", first.Answer)
	}
	if !strings.Contains(first.Address, "group=crowded") || len(first.Filtered.Risk) == 0 {
		t.Errorf("the filter: address %s, risk %v", first.Address, first.Filtered.Risk)
	}
}

// inBrowser runs a script of api/web/e2e in a browser, reads what it reports and
// gives the folder of its screenshots.
func inBrowser(t *testing.T, script, url string, report any) (folder string) {
	t.Helper()
	for _, program := range []string{"node", "chromium"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not here: 'make tools' installs what it may", program)
		}
	}
	if _, err := os.Stat("../../api/web/node_modules"); err != nil {
		t.Skip("what drives the browser is not installed: 'make page' does it")
	}
	if folder = os.Getenv("RISKATLAS_SCREENSHOTS"); folder == "" {
		folder = t.TempDir()
	}
	path, err := filepath.Abs(filepath.Join("../../api/web/e2e", script))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", path, url, folder)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the browser failed: %v\n%s", err, stderr.String())
	}
	if err := json.Unmarshal(out, report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return folder
}

// colours counts the different colours of a screenshot, coarsely.
func colours(t *testing.T, path string) int {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[[3]uint32]bool{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 3 {
		for x := b.Min.X; x < b.Max.X; x += 3 {
			r, g, b, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r >> 12, g >> 12, b >> 12}] = true
		}
	}
	return len(seen)
}
