package gpkg_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"riskatlas/data"
	"riskatlas/data/storetest"
)

// An edit by another program fails by the name of what it lacks, and changes nothing.
func TestEditFromOutsideFailsLoudly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s := open(t, path)
	apply(t, s, fill(20)...)
	if _, err := s.Replace(context.Background(), data.Note{}, data.PlaceKind, []data.Unit{{Code: "p", Shape: storetest.Record("p", 0).Hazard.Shape}}); err != nil {
		t.Fatal(err)
	}
	before, err := s.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, edit := range []string{
		"UPDATE hazards SET level = 4", "DELETE FROM hazards", "INSERT INTO hazards (geom, id, name, industry, level, status, rev, scenarios, record) SELECT geom, 'x', name, industry, level, status, rev, scenarios, record FROM hazards LIMIT 1",
		"UPDATE units SET name = 'x'", "DELETE FROM revisions", "UPDATE changes SET op = 'remove'",
	} {
		for _, program := range [][]string{{"sqlite3", path, edit}, {"ogrinfo", path, "-sql", edit}} {
			bin, err := exec.LookPath(program[0])
			if err != nil {
				continue
			}
			tried++
			out, err := exec.Command(bin, program[1:]...).CombinedOutput()
			if !strings.Contains(string(out), "no such function: change_this_file_only_through_riskatlas") {
				t.Errorf("%v: %v: %s", program, err, out)
			}
		}
	}
	if tried == 0 {
		t.Skip("needs sqlite3 or ogrinfo (package gdal-bin)")
	}
	if after, err := s.Digest(context.Background()); err != nil || after != before {
		t.Errorf("digest %x, want %x, %v", after, before, err)
	}
	if rev := apply(t, s, put("a", 1)); rev != 3 {
		t.Errorf("revision %d", rev)
	}
}

var (
	featureCount = regexp.MustCompile(`Feature Count: (\d+)`)
	extentLine   = regexp.MustCompile(`Extent: \(([-\d.]+), ([-\d.]+)\) - \(([-\d.]+), ([-\d.]+)\)`)
)

func TestReadByOgrinfoWhileWritten(t *testing.T) {
	ogrinfo, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Skip("needs ogrinfo (package gdal-bin)")
	}
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s := open(t, path)
	apply(t, s, fill(400)...)
	ask := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(ogrinfo, append([]string{"-ro", "-so", path}, args...)...).CombinedOutput()
		if err != nil || strings.Contains(string(out), "ERROR") || strings.Contains(string(out), "Warning") {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
		return string(out)
	}
	count := func(out string) int {
		m := featureCount.FindStringSubmatch(out)
		if m == nil {
			t.Fatal(out)
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := s.Apply(context.Background(), data.Note{}, put(data.ID(fmt.Sprintf("w%d", n%7)), n)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	halt := sync.OnceFunc(func() { close(stop); wg.Wait() })
	defer halt()
	layers := ask()
	for _, layer := range []string{": hazards\n", ": units\n", ": revisions (None)\n", ": changes (None)\n"} {
		if !strings.Contains(layers, layer) {
			t.Errorf("no layer %q in %s", layer, layers)
		}
	}
	for range 3 {
		if n := count(ask("hazards")); n < 400 || n > 407 {
			t.Errorf("%d features while being written", n)
		}
	}
	halt()

	_, hs := load(t, s)
	out := ask("hazards")
	if n := count(out); n != len(hs) || !strings.Contains(out, "WGS 84") || !strings.Contains(out, "FID Column = fid") {
		t.Errorf("%d features, want %d: %s", n, len(hs), out)
	}
	bound, inside := hs[0].Bound(), 0
	west := storetest.Record("x", 3).Hazard.Bound()
	for _, h := range hs {
		bound = bound.Union(h.Bound())
		if h.Bound().Intersects(west.Pad(0.2)) {
			inside++
		}
	}
	m := extentLine.FindStringSubmatch(out)
	if m == nil {
		t.Fatal(out)
	}
	for i, want := range []float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]} {
		if got, _ := strconv.ParseFloat(m[i+1], 64); got-want > 1e-6 || want-got > 1e-6 {
			t.Errorf("extent %v, want %v", m[1:], bound)
		}
	}
	// A window is answered from the R-tree, and GDAL then tests the shapes themselves.
	w := west.Pad(0.2)
	arg := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	if n := count(ask("-spat", arg(w.Min[0]), arg(w.Min[1]), arg(w.Max[0]), arg(w.Max[1]), "hazards")); n == 0 || n > inside || inside-n > len(hs)/20 {
		t.Errorf("%d features in %v, %d bounds meet it", n, w, inside)
	}
}
