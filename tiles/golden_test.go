package tiles

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/tiles/mvtcheck"
)

var update = flag.Bool("update", false, "write the golden tiles of testdata anew")

// wholeTile is a tile with every layer of the contract that its zoom has.
func wholeTile(z uint8, d datum.Datum, hazards int) []byte {
	tax := citytest.Taxonomy()
	hs := citytest.Hazards(rand.New(rand.NewPCG(uint64(z), 1)), hazards, citytest.Bound)
	c := newCanvas(tileOf(citytest.Bound.Center(), z), d)
	g := ground{seed: uint64(z)}.input(c.window(1), z < 14)
	b := appendRisk(nil, c, g)
	if z >= data.Layers[data.LayerGrid].MinZoom {
		cells := gridInput{Window: g.Window, IR: g.Value, Level: g.Level}
		if z >= 14 {
			cells.Chief = make([]data.Industry, len(g.Level))
		}
		b = appendGrid(b, c, cells, tax)
	}
	b = appendHazards(b, c, slices.Values(hs), tax)
	b = appendLines(b, c, slices.Values(hs), tax)
	b = appendAreas(b, c, slices.Values(hs), tax)
	ds := districtShapes(citytest.Districts("2021", citytest.Bound))
	b = appendLabels(appendDistricts(b, c, ds), c, ds)
	places := []data.Unit{{Code: "F-1", Name: "消防站", Class: "fire_station", Shape: citytest.Bound.Center()}}
	return appendPlaces(b, c, places)
}

var goldens = []struct {
	name    string
	z       uint8
	d       datum.Datum
	hazards int
}{
	{"city-z8", 8, datum.WGS84, 300},
	{"city-z11-gcj02", 11, datum.GCJ02, 300},
	{"town-z13", 13, datum.WGS84, 300},
	{"quarter-z15", 15, datum.WGS84, 2000},
	{"street-z18-bd09", 18, datum.BD09, 2000},
}

// TestGolden holds every byte of some tiles: a change here is a change of all
// keys, so the encoder's version must change with it. -update writes them anew.
func TestGolden(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the golden tiles are of amd64: other machines' mathematical functions differ in the last bit")
	}
	for _, g := range goldens {
		path := filepath.Join("testdata", g.name+".mvt.gz")
		got := wholeTile(g.z, g.d, g.hazards)
		if *update {
			var zipped bytes.Buffer
			w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
			if _, err := w.Write(got); err != nil || w.Close() != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, zipped.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		zipped, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := unzip(t, zipped)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want other %d: was the encoder's version changed? Write anew with -update", g.name, len(got), len(want))
		}
	}
}

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestWholeTilesAgainstOrb compares what the strict checker reads in a tile with
// what orb's decoder reads.
func TestWholeTilesAgainstOrb(t *testing.T) {
	for _, g := range goldens {
		b := wholeTile(g.z, g.d, g.hazards)
		tile := decode(t, b, 1024)
		layers, err := mvt.Unmarshal(b)
		if err != nil {
			t.Fatal(err)
		}
		if len(layers) != len(tile.Layers) {
			t.Fatalf("%d layers, orb has %d", len(tile.Layers), len(layers))
		}
		for i, l := range tile.Layers {
			if layers[i].Name != l.Name || layers[i].Extent != extent || len(layers[i].Features) != len(l.Features) {
				t.Fatalf("layer %s of %d features, orb has %s of %d", l.Name, len(l.Features), layers[i].Name, len(layers[i].Features))
			}
			for k, f := range l.Features {
				o := layers[i].Features[k]
				if fmt.Sprint(o.Properties) != fmt.Sprint(numbers(f.Properties)) || o.ID != float64(f.ID) {
					t.Fatalf("%s %d: %v with id %d, orb has %v with id %v", l.Name, k, f.Properties, f.ID, o.Properties, o.ID)
				}
				if got := orbOf(f); !orb.Equal(got, o.Geometry) {
					t.Fatalf("%s %d: %v, orb has %v", l.Name, k, got, o.Geometry)
				}
			}
		}
	}
}

// numbers are the properties with numbers as orb gives them.
func numbers(p map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range p {
		if n, ok := v.(uint64); ok {
			v = float64(n)
		}
		out[k] = v
	}
	return out
}

func orbOf(f mvtcheck.Feature) orb.Geometry {
	points := func(ps []mvtcheck.Point) (out []orb.Point) {
		for _, p := range ps {
			out = append(out, orb.Point{float64(p.X), float64(p.Y)})
		}
		return out
	}
	switch f.Type {
	case mvtcheck.Points:
		return points(f.Points)[0]
	case mvtcheck.Lines:
		var m orb.MultiLineString
		for _, l := range f.Lines {
			m = append(m, points(l))
		}
		if len(m) == 1 {
			return m[0]
		}
		return m
	}
	var m orb.MultiPolygon
	for _, p := range f.Polygons {
		var poly orb.Polygon
		for _, r := range p {
			ps := points(r)
			poly = append(poly, append(ps, ps[0]))
		}
		m = append(m, poly)
	}
	if len(m) == 1 {
		return m[0]
	}
	return m
}

// TestGDALReadsTiles asks GDAL's MVT driver for the features of every layer, one
// by one.
func TestGDALReadsTiles(t *testing.T) {
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("ogrinfo is not here: install gdal-bin to compare with GDAL")
	}
	for _, g := range goldens {
		b := wholeTile(g.z, g.d, g.hazards)
		path := filepath.Join(t.TempDir(), g.name+".mvt")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("ogrinfo", "-ro", "-q", "-al", "-oo", "CLIP=NO", path)
		var out, complaints bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaints
		if err := cmd.Run(); err != nil || complaints.Len() > 0 {
			t.Fatalf("%s: %v: %s", g.name, err, complaints.String())
		}
		var want, got []string
		for _, l := range decode(t, b, 1024).Layers {
			for i, f := range l.Features {
				want = append(want, fmt.Sprintf("OGRFeature(%s):%d", l.Name, i), fmt.Sprintf("mvt_id (Integer64) = %d", f.ID))
				for _, key := range []string{"level", "count", "id", "code"} {
					switch v := f.Properties[key].(type) {
					case uint64:
						want = append(want, fmt.Sprintf("%s (Integer) = %d", key, v))
					case string:
						want = append(want, fmt.Sprintf("%s (String) = %s", key, v))
					}
				}
			}
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSpace(line)
			for _, known := range []string{"OGRFeature(", "mvt_id (", "level (", "count (", "id (", "code ("} {
				if strings.HasPrefix(line, known) {
					got = append(got, line)
				}
			}
		}
		// GDAL gives a feature's properties in the order of the layer's keys.
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: GDAL reads %d facts, want %d: %s", g.name, len(got), len(want), gocmp.Diff(want, got))
		}
	}
}
