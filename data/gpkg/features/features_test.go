package features

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	orbwkb "github.com/paulmach/orb/encoding/wkb"
)

const core = `
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER);
INSERT INTO gpkg_spatial_ref_sys VALUES ('w', 4326, 'EPSG', 4326, 'GEOGCS["x"]'), ('u', 0, 'NONE', 0, 'undefined');
`

// layerSQL lists a table as features.
func layerSQL(name string, srs int) string {
	return fmt.Sprintf("INSERT INTO gpkg_contents VALUES ('%s', 'features', %d); INSERT INTO gpkg_geometry_columns VALUES ('%s', 'geom', 'GEOMETRY', %d);\n", name, srs, name, srs)
}

// file makes a database by SQL.
func file(t testing.TB, statements string, args ...any) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.gpkg")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(core+statements, args...); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// blob wraps WKB, with an envelope of the code.
func blob(srs int32, flags byte, envelope int, wkb []byte) []byte {
	b := []byte{'G', 'P', 0, flags}
	b = binary.LittleEndian.AppendUint32(b, uint32(srs))
	return append(append(b, make([]byte, envelope)...), wkb...)
}

// read gives all rows of all layers as text.
func read(b []byte) (out []string, err error) {
	ctx := context.Background()
	f, err := Open(ctx, bytes.NewReader(b), int64(len(b)), 1<<20)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	layers, err := f.Layers(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range layers {
		err := f.Read(ctx, &l, 100, func(r *Row) error {
			s := fmt.Sprintf("%s %d %s=%q", l.Name, r.Number, l.Columns, r.Values)
			if r.Shape != nil {
				s += fmt.Sprintf(" %v", r.Shape)
			}
			if r.Broken != nil {
				s += " broken: " + r.Broken.Error()
			}
			out = append(out, s)
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func TestRows(t *testing.T) {
	point, err := orbwkb.Marshal(orb.Point{1, 2}, binary.LittleEndian)
	if err != nil {
		t.Fatal(err)
	}
	b := file(t, layerSQL("a b", 4326)+layerSQL("v", 4326)+layerSQL("r", 4326)+`
		CREATE TABLE "a b" (fid INTEGER PRIMARY KEY, n INTEGER, x REAL, "q""t" TEXT, d DATE, at DATETIME, yes BOOLEAN, geom BLOB, raw BLOB,
			twice INTEGER GENERATED ALWAYS AS (length(zeroblob(1000000000))) VIRTUAL);
		INSERT INTO "a b" (fid, n, x, "q""t", d, at, yes, geom, raw) VALUES (7, 5, 120.1551, '甲', '2019-11-20', '2019-11-20T08:00:00Z', 1, ?, x'00'), (9, NULL, 1e21, '', NULL, NULL, NULL, NULL, NULL);
		CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS fid, x AS geom FROM c;
		CREATE VIRTUAL TABLE r USING rtree(id, a, b);
		CREATE TABLE other (x);`, blob(4326, 1, 0, point))
	got, err := read(b)
	want := []string{
		`a b 1 [fid n x q"t d at yes raw]=["7" "5" "120.1551" "甲" "2019-11-20" "2019-11-20T08:00:00Z" "1" ""] [1 2]`,
		`a b 2 [fid n x q"t d at yes raw]=["9" "" "1000000000000000000000" "" "" "" "" ""]`,
	}
	if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s\n%v", strings.Join(got, "\n"), strings.Join(want, "\n"), err)
	}
}

func TestGeometries(t *testing.T) {
	shapes := []orb.Geometry{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}, orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}, {{1, 1}, {2, 1}, {2, 2}, {1, 1}}},
		orb.MultiPoint{{1, 2}, {3, 4}}, orb.MultiLineString{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}},
		orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}}, {{{9, 9}, {10, 9}, {10, 10}, {9, 9}}}}}
	for _, g := range shapes {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			raw, err := orbwkb.Marshal(g, order)
			if err != nil {
				t.Fatal(err)
			}
			for code, envelope := range []int{0, 32, 48, 48, 64} {
				got, bad := decode(blob(4326, byte(code<<1|1), envelope, raw), 100, 4326)
				if bad != nil || !orb.Equal(got, g) {
					t.Errorf("%v: %v, %v", g, got, bad)
				}
			}
			for cut := range raw {
				if got, bad := decode(blob(4326, 1, 0, raw[:cut]), 100, 4326); bad == nil {
					t.Errorf("%v cut at %d was read as %v", g, cut, got)
				}
			}
		}
	}
	z := []byte{1, 0xE9, 3, 0, 0} // 1001
	for _, v := range []float64{1, 2, 3} {
		z = binary.LittleEndian.AppendUint64(z, math.Float64bits(v))
	}
	if got, bad := decode(blob(0, 1, 0, z), 100, 0); bad != nil || got != orb.Geometry(orb.Point{1, 2}) {
		t.Errorf("with z: %v, %v", got, bad)
	}
	line, _ := orbwkb.Marshal(make(orb.LineString, 101), binary.LittleEndian)
	collection, _ := orbwkb.Marshal(orb.Collection{orb.Point{1, 2}}, binary.LittleEndian)
	for name, c := range map[string]struct {
		blob []byte
		want string
	}{
		"magic":      {[]byte("GQ\x00\x01\x00\x00\x00\x00"), "version 1"},
		"short":      {[]byte("GP"), "version 1"},
		"extended":   {blob(4326, 0x21, 0, nil), "extended"},
		"system":     {blob(4490, 1, 0, z), "srs_id 4490"},
		"envelope":   {blob(4326, 0x0B, 0, z), "envelope"},
		"vertices":   {blob(4326, 1, 0, line), "over 100"},
		"collection": {blob(4326, 1, 0, collection), "type 7"},
		"a claim":    {blob(4326, 1, 0, []byte{1, 2, 0, 0, 0, 255, 255, 255, 255}), "4294967295 parts"},
	} {
		if got, bad := decode(c.blob, 100, 4326); bad == nil || !strings.Contains(bad.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %q", name, got, bad, c.want)
		}
	}
	if got, bad := decode(blob(4326, 0x11, 0, nil), 100, 4326); got != nil || bad != nil {
		t.Errorf("empty: %v, %v", got, bad)
	}
}

func TestRefused(t *testing.T) {
	good := file(t, layerSQL("a", 4326)+"CREATE TABLE a (fid INTEGER PRIMARY KEY, geom BLOB, x TEXT); INSERT INTO a VALUES (1, NULL, hex(zeroblob(400000)));")
	if got, err := read(good); err != nil || len(got) != 1 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	plain := filepath.Join(t.TempDir(), "plain")
	db, err := sql.Open("sqlite", plain)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE x (y)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	other, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"no GeoPackage": {other, "gpkg_contents"},
		"no database":   {bytes.Repeat([]byte("x"), 4096), "not a database"},
		"cut":           {good[:len(good)/3], "malformed"},
		"a huge value":  {file(t, layerSQL("a", 4326)+"CREATE TABLE a (geom BLOB, x TEXT); INSERT INTO a VALUES (NULL, hex(zeroblob(600000)));"), "too big"},
		"no geometry":   {file(t, layerSQL("a", 4326)+"CREATE TABLE a (x TEXT);"), "geometry column geom"},
	} {
		if got, err := read(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d rows, %v, want %q", name, len(got), err, c.want)
		}
	}
}

func FuzzGeometry(f *testing.F) {
	raw, _ := orbwkb.Marshal(orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}}}, binary.LittleEndian)
	f.Add(blob(4326, 1, 0, raw))
	f.Fuzz(func(t *testing.T, b []byte) {
		if g, bad := decode(b, 50, 4326); bad == nil && g != nil {
			g.Bound()
		}
	})
}

// FuzzFile changes bytes of a whole file.
func FuzzFile(f *testing.F) {
	point, _ := orbwkb.Marshal(orb.Point{1, 2}, binary.LittleEndian)
	good := file(f, layerSQL("a", 4326)+"CREATE TABLE a (fid INTEGER PRIMARY KEY, geom BLOB, x TEXT); INSERT INTO a VALUES (1, ?, 'x'), (2, NULL, 'y');", blob(4326, 1, 0, point))
	f.Add(uint16(20), byte(1), uint16(2000), byte(7))
	f.Fuzz(func(t *testing.T, at uint16, v byte, at2 uint16, v2 byte) {
		b := bytes.Clone(good)
		b[int(at)%len(b)], b[int(at2)%len(b)] = v, v2
		_, _ = read(b)
	})
}
