package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// London's boroughs as zones over its tube lines: how many lines lie in each by
// their label point, and how many meet it, is what GDAL (SpatiaLite, GEOS) counts
// on the polygons and lines that the store holds.
func TestZonesOfLondonCountAsGDALDoes(t *testing.T) {
	ogrinfo, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Skip("ogrinfo is not here: GDAL's counts are not asked for ('make tools' installs it where it may)")
	}
	folder := os.Getenv("RISKATLAS_REALDATA")
	if folder == "" {
		folder = "../../../shared/realdata"
	}
	real := filepath.Join(folder, "london")
	if _, err := os.Stat(filepath.Join(real, "london-boroughs.geojson")); err != nil {
		t.Skipf("real data is not here: no %s (set RISKATLAS_REALDATA to its folder)", real)
	}
	dir := t.TempDir()
	store := filepath.Join(dir, "london.gpkg")
	must(t, "districts", real+"/london-boroughs.geojson", "--zone", "boroughs", "--store", store, "--city", "generic")
	must(t, "import", real+"/london-tube-lines.geojson", "--set", "industry=P07", "--set", "level=1", "--map", "name=id", "--store", store, "--city", "generic")
	url := serveForTest(t, "serve", "--store", store, "--city", "generic", "--listen", "127.0.0.1:0")

	_, hazards := held(t, store, "generic")
	var points []string
	for _, h := range hazards {
		points = append(points, fmt.Sprintf(`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[%s,%s]}}`,
			strconv.FormatFloat(h.Label()[0], 'g', -1, 64), strconv.FormatFloat(h.Label()[1], 'g', -1, 64)))
	}
	labels := write(t, dir, "labels.geojson", `{"type":"FeatureCollection","features":[`+strings.Join(points, ",\n")+`]}`)

	gdal := func(file, sql string) map[string]int {
		out, err := exec.Command(ogrinfo, "-ro", "-q", file, "-dialect", "SQLite", "-sql", sql).CombinedOutput()
		if err != nil && strings.Contains(string(out), "no such function") {
			t.Skipf("this GDAL has no SpatiaLite: its counts are not asked for: %s", out)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		counts := map[string]int{}
		for _, m := range regexp.MustCompile(`(?s)code \(String\) = (.*?)\n\s*n \(Integer\) = (\d+)`).FindAllStringSubmatch(string(out), -1) {
			counts[m[1]], _ = strconv.Atoi(m[2])
		}
		return counts
	}
	inside := gdal(labels, fmt.Sprintf("SELECT u.code AS code, COUNT(*) AS n FROM '%s'.units u, labels l WHERE ST_Contains(u.geom, l.geometry) GROUP BY u.code", store))
	meeting := gdal(store, "SELECT u.code AS code, COUNT(*) AS n FROM units u, hazards h WHERE ST_Intersects(u.geom, h.geom) GROUP BY u.code")

	var summary struct {
		Total struct{ Count int }
		Rows  []struct {
			Key     string
			Count   int
			Meeting *struct{ Count int }
		}
		Zones struct{ Overlap bool }
	}
	resp, body := get(t, url+"/api/v1/summary?by=zone:boroughs")
	if err := json.Unmarshal(body, &summary); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %v: %.500s", resp.StatusCode, err, body)
	}
	if len(summary.Rows) != 34 || summary.Total.Count != 394 || len(inside) < 20 || len(meeting) < len(inside) {
		t.Fatalf("%d rows, %d sources; GDAL finds %d boroughs with label points, %d with lines", len(summary.Rows), summary.Total.Count, len(inside), len(meeting))
	}
	sum, all := 0, 0
	for _, r := range summary.Rows[:33] {
		if r.Count != inside[r.Key] || r.Meeting.Count != meeting[r.Key] {
			t.Errorf("%s: %d lie in it and %d meet it, GDAL counts %d and %d", r.Key, r.Count, r.Meeting.Count, inside[r.Key], meeting[r.Key])
		}
		sum, all = sum+r.Count, all+r.Meeting.Count
	}
	if out := summary.Rows[33]; out.Key != "outside" || out.Count+sum != 394 || summary.Zones.Overlap || all <= sum {
		t.Errorf("%d inside, %d outside, %d meet: %+v", sum, out.Count, all, summary.Zones)
	}
}
