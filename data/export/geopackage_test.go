package export

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	"riskatlas/data"
	"riskatlas/data/demo"
)

// asGeoJSON reads a GeoPackage's layer with SQLite and orb alone and writes each
// row as a feature whose properties are its columns.
func asGeoJSON(t testing.TB, file []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.gpkg")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT * FROM sources ORDER BY fid")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	features := []json.RawMessage{}
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		f := geojson.Feature{Type: "Feature", Properties: geojson.Properties{}}
		for i, name := range names {
			switch v := *(values[i].(*any)); {
			case name == "geom":
				// 8 bytes of header, 32 of envelope (OGC 12-128r17, 2.1.3).
				if f.Geometry, err = wkb.Unmarshal(v.([]byte)[40:]); err != nil {
					t.Fatal(err)
				}
			case name == "id":
				f.ID = v
			case name != "fid" && v != nil:
				f.Properties[name] = v
			}
		}
		raw, err := f.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		features = append(features, raw)
	}
	raw, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err := cmp.Or(err, rows.Err()); err != nil {
		t.Fatal(err)
	}
	return raw
}

// A GeoPackage holds all that the records say, and again the same bytes.
func TestGeoPackageHoldsEverything(t *testing.T) {
	p := hangzhou(t)
	town := slices.SortedFunc(demo.Hazards(p, 400, 5), func(a, b *data.Record) int { return strings.Compare(string(a.Hazard.ID), string(b.Hazard.ID)) })
	for i, records := range [][]*data.Record{random(rand.New(rand.NewPCG(11, 12)), p, 60), town, {}} {
		first := write(t, p.Taxonomy, records, Options{Format: "gpkg"})
		back := imported(t, p, "geojson", asGeoJSON(t, first))
		if digest(t, p.Taxonomy, back) != digest(t, p.Taxonomy, records) {
			for i := range back {
				if digest(t, p.Taxonomy, back[i:i+1]) != digest(t, p.Taxonomy, records[i:i+1]) {
					t.Fatalf("not the same record\n%s\n%s", describe(p.Taxonomy, interchange(records[i], false)), describe(p.Taxonomy, back[i]))
				}
			}
		}
		if again := write(t, p.Taxonomy, back, Options{Format: "gpkg"}); !bytes.Equal(again, first) {
			t.Errorf("%d: the same records are other bytes: %d, then %d", i, len(first), len(again))
		}
	}
}

var countLine = regexp.MustCompile(`Feature Count: (\d+)`)

// GDAL reads the layer without a complaint, its columns with their types, and
// finds as many features and the same places.
func TestGDALReadsTheGeoPackage(t *testing.T) {
	ogrinfo, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Skip("ogrinfo is not here: 'make tools' installs it where it may")
	}
	p := hangzhou(t)
	records := random(rand.New(rand.NewPCG(13, 14)), p, 80)
	path := filepath.Join(t.TempDir(), "sources.gpkg")
	if err := os.WriteFile(path, write(t, p.Taxonomy, records, Options{Format: "gpkg"}), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(ogrinfo, "-ro", "-so", path, "sources").CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERROR") || strings.Contains(string(out), "Warning") {
		t.Fatalf("%v: %s", err, out)
	}
	if m := countLine.FindStringSubmatch(string(out)); m == nil || m[1] != fmt.Sprint(len(records)) {
		t.Errorf("GDAL counts %v of %d", m, len(records))
	}
	for _, want := range []string{"level: Integer64 (0.0)", "name: String (0.0)", "coord_accuracy_m: Real (0.0)", "synthetic: Integer(Boolean) (0.0)", `ID["EPSG",4326]`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("GDAL does not say %q:\n%s", want, out)
		}
	}
	box := records[0].Hazard.Bound()
	for _, r := range records {
		box = box.Union(r.Hazard.Bound())
	}
	if want := fmt.Sprintf("Extent: (%.6f, %.6f) - (%.6f, %.6f)", box.Min[0], box.Min[1], box.Max[0], box.Max[1]); !strings.Contains(string(out), want) {
		t.Errorf("GDAL does not say %s:\n%s", want, out)
	}
}
