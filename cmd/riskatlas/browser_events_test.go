package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"riskatlas/api/web"
)

// heardLine is what the two browsers report, line by line.
type heardLine struct {
	Ready   bool  `json:"ready"`
	Visible []int `json:"visible"` // tiles that each page has asked for
	Waiting bool  `json:"waiting"`
	Wrote   struct {
		Begun  int64  `json:"begun"` // ms since 1970
		Status int    `json:"status"`
		Text   string `json:"text"`
	} `json:"wrote"`
	Shown []struct {
		At    int64 `json:"at"`    // ms since 1970; 0: never
		Least int   `json:"least"` // of the bands of risk that were drawn while it waited
	} `json:"shown"`
	Tiles  [][]string `json:"tiles"` // paths that each page asked for since
	Errors [][]string `json:"errors"`
	Live   []string   `json:"live"`
}

// An edit by another process shows in two browsers within a second of its end,
// and one that the first browser makes within a second of its beginning, without a reload: each asks again for just the tiles that the stream names, and
// what it has drawn stays until they come.
func TestTwoBrowsersShowAnEdit(t *testing.T) {
	if !web.Built() {
		t.Skip("the pages are not built: 'make page' builds them")
	}
	store := filepath.Join(t.TempDir(), "city.gpkg")
	must(t, "demo", "--store", store, "--hazards", "400", "--seed", "3")
	edit := func(id, name string, lon, lat float64) {
		file := filepath.Join(t.TempDir(), "edit.csv")
		csv := fmt.Sprintf("id,name,industry,level,lon,lat\n%s,%s,I04,2,%v,%v\n", id, name, lon, lat)
		if err := os.WriteFile(file, []byte(csv), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := another("import", file, "--store", store).CombinedOutput(); err != nil {
			t.Fatalf("import: %v\n%s", err, out)
		}
	}
	edit("SEEN", "first", 120.1711, 30.2537) // so that there is risk in view
	url := serveForTest(t, "serve", "--store", store, "--listen", "127.0.0.1:0")
	say, hear := twoBrowsers(t, url)
	first := hear()
	if !first.Ready {
		t.Fatalf("%+v", first)
	}
	changes := eventsOf(t, url)
	var took []time.Duration
	var before dirtyTiles
	fewer := 0
	for i := range 5 {
		name := fmt.Sprint("edit ", i)
		say(map[string]string{"id": "EDITED", "name": name})
		if !hear().Waiting {
			t.Fatal("the browsers do not wait")
		}
		edit("EDITED", name, 120.1711+0.001*float64(i), 30.2537)
		ended := time.Now()
		dirty := changes()
		got := hear()
		for p, s := range got.Shown {
			if s.At == 0 {
				t.Fatalf("edit %d never shows in browser %d", i, p)
			}
			took = append(took, time.UnixMilli(s.At).Sub(ended))
			if s.Least == 0 {
				t.Errorf("edit %d: browser %d was blank for a moment", i, p)
			}
			// A new source counts in its district, which is all in view; one that moves
			// a little changes less.
			if n := len(got.Tiles[p]); n == 0 {
				t.Errorf("edit %d: browser %d asked for no tile", i, p)
			} else if n < first.Visible[p] {
				fewer++
			}
			for _, path := range got.Tiles[p] {
				// The edit before may have come while tiles were on their way.
				if !dirty.names(t, path) && !before.names(t, path) {
					t.Errorf("edit %d: browser %d asked for %s, which has not changed", i, p, path)
				}
			}
		}
		before = dirty
	}
	if fewer == 0 {
		t.Error("every edit renewed all tiles in view")
	}
	took = append(took, editsOfTheFirst(t, say, hear)...)
	say(nil)
	last := hear()
	if len(slices.Concat(last.Errors...)) > 0 || !strings.Contains(last.Live[0], "实时更新") || !strings.Contains(last.Live[1], "last update") {
		t.Errorf("%+v", last)
	}
	slices.Sort(took)
	t.Logf("shown %v after the import's process ended or the browser began to write (median of %d; %v to %v)", took[len(took)/2], len(took), took[0], took[len(took)-1])
	if took[len(took)/2] >= time.Second || took[len(took)-1] > 5*time.Second {
		t.Errorf("an edit takes %v to show, want under a second", took)
	}
}

// editsOfTheFirst lets the first browser change the source, and gives how long
// after that began each browser showed it.
func editsOfTheFirst(t *testing.T, say func(any), hear func() heardLine) (took []time.Duration) {
	t.Helper()
	for i := range 5 {
		name := fmt.Sprint("written ", i)
		say(map[string]any{"id": "EDITED", "name": name, "write": map[string]string{"method": "PATCH", "path": "/api/v1/hazards/EDITED?why=seen",
			"type": "application/merge-patch+json", "body": fmt.Sprintf(`{"properties":{"name":%q}}`, name)}})
		if !hear().Waiting {
			t.Fatal("the browsers do not wait")
		}
		got := hear()
		if got.Wrote.Status != http.StatusOK {
			t.Fatalf("write %d: %d %s", i, got.Wrote.Status, got.Wrote.Text)
		}
		for p, s := range got.Shown {
			if s.At == 0 {
				t.Fatalf("write %d never shows in browser %d", i, p)
			}
			took = append(took, time.Duration(s.At-got.Wrote.Begun)*time.Millisecond)
		}
	}
	return took
}

// twoBrowsers starts them: say sends a line (nil: the end), hear reads the next.
func twoBrowsers(t *testing.T, url string) (say func(any), hear func() heardLine) {
	t.Helper()
	cmd := browserScript(t, "events.mjs", url)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); io.Copy(io.Discard, out); cmd.Wait() })
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	say = func(v any) {
		if v == nil {
			in.Close()
			return
		}
		if err := json.NewEncoder(in).Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	return say, func() (l heardLine) {
		t.Helper()
		if !lines.Scan() {
			t.Fatalf("the browsers ended: %v", lines.Err())
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		return l
	}
}

// dirtyTiles are the tiles that an event names.
type dirtyTiles struct {
	All   bool `json:"all"`
	Tiles map[string]struct {
		All   bool
		Zooms map[string][][4]uint32
	} `json:"tiles"`
}

// names reports whether the event names a tile's path.
func (d dirtyTiles) names(t *testing.T, path string) bool {
	t.Helper()
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(path, "/tiles/"), ".mvt"), "/")
	var x, y uint32
	if n, err := fmt.Sscan(parts[2]+" "+parts[3], &x, &y); n != 2 {
		t.Fatal(path, err)
	}
	return d.All || slices.ContainsFunc(strings.Split(strings.ReplaceAll(parts[0], "%2C", ","), ","), func(layer string) bool {
		l := d.Tiles[layer]
		return l.All || slices.ContainsFunc(l.Zooms[parts[1]], func(r [4]uint32) bool { return x >= r[0] && y >= r[1] && x <= r[2] && y <= r[3] })
	})
}

// eventsOf opens a stream; each call gives its next change.
func eventsOf(t *testing.T, url string) (next func() dirtyTiles) {
	t.Helper()
	resp, err := http.Get(url + "/api/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	lines, change := bufio.NewScanner(resp.Body), false
	lines.Buffer(nil, 1<<20)
	return func() (d dirtyTiles) {
		t.Helper()
		for lines.Scan() {
			line := lines.Text()
			if name, ok := strings.CutPrefix(line, "event: "); ok {
				change = name == "change"
			}
			if body, ok := strings.CutPrefix(line, "data: "); ok && change {
				if err := json.Unmarshal([]byte(body), &d); err != nil {
					t.Fatal(err)
				}
				return d
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return d
	}
}

// browserScript is the command that runs a script of api/web/e2e in a browser; its
// screenshots go where those of the tests go.
func browserScript(t *testing.T, script, url string) *exec.Cmd {
	t.Helper()
	for _, program := range []string{"node", "chromium"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not here: 'make tools' installs what it may", program)
		}
	}
	if _, err := os.Stat("../../api/web/node_modules"); err != nil {
		t.Skip("what drives the browser is not installed: 'make page' does it")
	}
	folder := os.Getenv("RISKATLAS_SCREENSHOTS")
	if folder == "" {
		folder = t.TempDir()
	}
	path, err := filepath.Abs(filepath.Join("../../api/web/e2e", script))
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command("node", path, url, folder)
}
