package gpkg_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/gpkg"
	"riskatlas/data/storetest"
)

func TestForeignFilesAreRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"no SQLite":     "",
		"other program": "CREATE TABLE t (x)",
		"half a header": "PRAGMA application_id = 99",
		"bare gpkg":     "PRAGMA application_id = 1196444487; CREATE TABLE gpkg_contents (table_name TEXT)",
		"newer":         "own",
	}
	for name, sql := range files {
		path := filepath.Join(dir, name)
		want := map[string]string{"no SQLite": "not an SQLite file", "bare gpkg": "GeoPackage of another program", "newer": "version 3"}[name]
		switch {
		case sql == "own":
			s := open(t, path)
			apply(t, s, fill(3)...)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			sql = "UPDATE riskatlas_store SET schema_version = 3"
			fallthrough
		case sql != "":
			db := raw(t, path)
			if _, err := db.Exec(sql); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		default:
			if err := os.WriteFile(path, []byte(strings.Repeat("id,name,lon,lat\n", 100)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		refused(t, path, want)
	}
}

// refused checks that the file is not opened, with one line that names it, and
// has the bytes that it had.
func refused(t *testing.T, path, want string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
	if err == nil {
		s.Close()
		t.Fatalf("%s: opened", path)
	}
	if line := err.Error(); strings.Contains(line, "\n") || !strings.Contains(line, path) || !strings.Contains(line, want) {
		t.Errorf("%s: %q, want one line with %q", path, line, want)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("%s was changed: %v", path, err)
	}
	if left, _ := filepath.Glob(path + "-*"); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestGeoPackageOfAnotherProgram(t *testing.T) {
	ogr2ogr, err := exec.LookPath("ogr2ogr")
	if err != nil {
		t.Skip("needs ogr2ogr (package gdal-bin)")
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.geojson"), filepath.Join(dir, "other.gpkg")
	if err := os.WriteFile(in, []byte(`{"type":"Feature","geometry":{"type":"Point","coordinates":[120,30]},"properties":{}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(ogr2ogr, out, in).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	refused(t, out, "GeoPackage of another program")
}

func TestPathsThatAreNoFiles(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no", "city.gpkg")} {
		if s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, %v", path, s, err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v was made", left)
	}
	empty := filepath.Join(dir, "empty.gpkg")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if rev := apply(t, open(t, empty), fill(1)...); rev != 1 {
		t.Errorf("revision %d in what was an empty file", rev)
	}
}

// A profile that lacks what the records are classed in fails by id and code.
func TestCodesOutsideOfTheProfile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s := open(t, path)
	apply(t, s, fill(12)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, hs := load(t, open(t, path))
	full := storetest.Taxonomy()
	for name, lesser := range map[string]func(*data.Taxonomy){
		"industry": func(x *data.Taxonomy) { x.Industries = x.Industries[:2] },
		"district": func(x *data.Taxonomy) { x.Vintages[1].Districts = x.Vintages[1].Districts[:1] },
		"vintage":  func(x *data.Taxonomy) { x.Vintages, x.Default = x.Vintages[1:], 0 },
	} {
		tax := *storetest.Taxonomy()
		lesser(&tax)
		made, err := data.NewTaxonomy(tax)
		if err != nil {
			t.Fatal(err)
		}
		other, err := gpkg.Open(path, made, gpkg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var failed error
		_, all := other.Load(context.Background())
		for _, err := range all {
			failed = err
		}
		if failed == nil || strings.Contains(failed.Error(), "\n") {
			t.Fatalf("%s: %v", name, failed)
		}
		named := false
		for _, h := range hs {
			code := map[string]string{"industry": full.Industries[h.Industry].Code, "district": full.DistrictCode(h.Stated), "vintage": full.DistrictCode(h.Stated)}[name]
			named = named || code != "" && strings.Contains(failed.Error(), string(h.ID)) && strings.Contains(failed.Error(), `"`+code+`"`)
		}
		if !named {
			t.Errorf("%s: %q names no record and its code", name, failed)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
}
