package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// readBeside reads a real file with the others of its folder beside it.
func readBeside(t *testing.T, name string, opts Options) *Batch {
	t.Helper()
	f, _ := realFile(t, name)
	opts.Beside = os.DirFS(filepath.Dir(f.Name()))
	return readReal(t, name, opts)
}

// stations are the places of a batch by id.
func stations(b *Batch) map[string]orb.Point {
	out := map[string]orb.Point{}
	for _, r := range b.Records {
		out[string(r.Hazard.ID)] = r.Hazard.Shape.(orb.Point)
	}
	return out
}

func TestRealStationsInFourFormats(t *testing.T) {
	opts := Options{Profile: profile(t, "generic"), Set: map[string]string{"industry": "I04", "level": "1"},
		Map: map[string]string{"id": "objectid", "name": "station_name", "address": "station_address"}}
	all := stations(readReal(t, "melbourne/Petrol_Stations.csv", opts))
	if len(all) != 6646 {
		t.Fatalf("%d stations in the CSV", len(all))
	}
	geo := readReal(t, "melbourne/Petrol_Stations.geojson", opts)
	totals(t, geo, "read 734 accepted 734 rejected 0 quarantined 0")
	want := stations(geo)
	for id := range want {
		if _, ok := all[id]; !ok {
			t.Errorf("station %s is not in the CSV", id)
		}
	}
	zipped, size := zipOf(t, "melbourne/Petrol_Stations.shp", "melbourne/Petrol_Stations.dbf", "melbourne/Petrol_Stations.prj", "melbourne/Petrol_Stations.cpg")
	inZip, err := Read(context.Background(), "upload.zip", zipped, size, opts)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*Batch{
		"kml": readReal(t, "melbourne/Petrol_Stations.kml", opts),
		"shp": readBeside(t, "melbourne/Petrol_Stations.shp", opts),
		"zip": inZip,
	} {
		totals(t, b, "read 734 accepted 734 rejected 0 quarantined 0")
		got := stations(b)
		for id, p := range want {
			q, ok := got[id]
			if !ok || math.Abs(p[0]-q[0]) > 1e-7 || math.Abs(p[1]-q[1]) > 1e-7 {
				t.Fatalf("%s: station %s at %v, want %v", name, id, q, p)
			}
		}
		for i, r := range b.Records {
			w := geo.Records[slices.IndexFunc(geo.Records, func(x *data.Record) bool { return x.Hazard.ID == r.Hazard.ID })]
			if r.Hazard.Name != w.Hazard.Name || r.Detail.Address != w.Detail.Address {
				t.Fatalf("%s: record %d is %q at %q, want %q at %q", name, i, r.Hazard.Name, r.Detail.Address, w.Hazard.Name, w.Detail.Address)
			}
		}
	}
}

// zipOf packs real files into an archive.
func zipOf(t *testing.T, names ...string) (*bytes.Reader, int64) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		f, _ := realFile(t, name)
		w, err := z.Create("folder/" + strings.ToUpper(filepath.Base(name)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes()), int64(b.Len())
}
