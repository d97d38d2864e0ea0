package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows says which packages of ours each package may import outside its tests.
// Data flows one way: data, then index and riskgrid, then tiles, then api, then
// cmd. A new package needs a row here.
var arrows = map[string][]string{
	"data":           {},
	"data/city":      {"data"},
	"data/datum":     {},
	"data/demo":      {"data", "data/city"},
	"data/grading":   {"data"},
	"data/ingest":    {"data", "data/city", "data/datum", "data/forms", "data/grading", "data/kml", "data/shapefile", "data/xlsx"},
	"data/gpkg":      {"data"},
	"data/memory":    {"data"},
	"data/storetest": {"data"},
	"data/citytest":  {"data"},
	"index":          {"data"},
	"riskgrid":       {"data"},
	"styles":         {"data"},
	"tiles":          {"data", "data/city", "data/datum", "index", "riskgrid", "styles"},
	"report":         {"data", "data/city", "data/grading", "riskgrid", "styles", "tiles"},
	"tiles/archive":  {"data", "data/datum", "riskgrid", "tiles"},
	"tiles/mvtcheck": {},
	"api":            {"api/web", "data", "data/city", "data/datum", "data/export", "data/forms", "data/grading", "data/ingest", "index", "report", "riskgrid", "riskgrid/consequence", "styles", "tiles"},
	"api/web":        {},
	"cmd/riskatlas":  {"*"},
	"cmd/benchtable": {},

	"data/kml":       {"data"},
	"data/shapefile": {"data"},
	"data/xlsx":      {"data"},
	"data/forms":     {"data", "data/city"},
	"data/export":    {"data", "data/city", "data/gpkg"},

	"riskgrid/consequence": {"data"},
	"riskgrid/assess":      {"data", "riskgrid/consequence"},
}

// leaves are modules that only the named packages may import, so that their
// weight or their traps stay in one place.
var leaves = map[string][]string{
	"github.com/protomaps/go-pmtiles": {"tiles/archive"},
	"modernc.org/sqlite":              {"data/gpkg"},
	"github.com/redis/go-redis":       {"tiles"},
	"github.com/gorilla/mux":          {"api"},
	"github.com/danielgtaylor/huma":   {"api"},
	"github.com/alecthomas/kong":      {"cmd/riskatlas"},
	"github.com/tidwall/rtree":        {"index", "data/city", "data/ingest"},
}

const mostLines = 400

func TestHouse(t *testing.T) {
	root := "../.."
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && path != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		dir, _ := filepath.Rel(root, filepath.Dir(path))
		seen[filepath.ToSlash(dir)] = true
		checkFile(t, filepath.ToSlash(dir), path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range seen {
		if _, ok := arrows[dir]; !ok {
			t.Errorf("package %s has no row in the table of arrows", dir)
		}
		doc, err := os.ReadFile(filepath.Join(root, dir, "doc.go"))
		if err != nil || !strings.Contains(string(doc), "// ") {
			t.Errorf("package %s has no doc.go that says its purpose", dir)
		}
	}
}

func checkFile(t *testing.T, dir, path string) {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, "_test.go") {
		return
	}
	if n := strings.Count(string(src), "\n"); n > mostLines {
		t.Errorf("%s has %d lines: split it, %d is the most", path, n, mostLines)
	}
	for _, decl := range f.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Name.Name == "init" && fn.Recv == nil {
			t.Errorf("%s has an init function: wire it in main", path)
		}
	}
	for _, imp := range f.Imports {
		checkImport(t, dir, path, strings.Trim(imp.Path.Value, `"`))
	}
}

func checkImport(t *testing.T, dir, path, imported string) {
	if ours, ok := strings.CutPrefix(imported, "riskatlas/"); ok {
		if allowed := arrows[dir]; !slices.Contains(allowed, ours) && !slices.Contains(allowed, "*") {
			t.Errorf("%s imports %s: %s may import only %v of ours", path, ours, dir, allowed)
		}
		return
	}
	for module, homes := range leaves {
		if (imported == module || strings.HasPrefix(imported, module+"/")) && !slices.Contains(homes, dir) {
			t.Errorf("%s imports %s: only %v may", path, imported, homes)
		}
	}
}
