package mvtcheck

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// fixtures finds the npm package @mapbox/mvt-fixtures, which holds tiles with
// their validity: in RISKATLAS_NODE_MODULES, or where the pages are built.
func fixtures(t *testing.T) string {
	t.Helper()
	for _, modules := range []string{os.Getenv("RISKATLAS_NODE_MODULES"), "../../api/web/node_modules"} {
		dir := filepath.Join(modules, "@mapbox", "mvt-fixtures", "fixtures")
		if _, err := os.Stat(dir); err == nil && modules != "" {
			return dir
		}
	}
	t.Skip("the npm package @mapbox/mvt-fixtures is not here: run npm ci in api/web, or name a node_modules folder by RISKATLAS_NODE_MODULES")
	return ""
}

// disputed are the fixtures where this package differs, and why.
var disputed = map[string]string{
	"016": "a feature without a type field is called valid; 4.2 wants the field, and fixture 003, called invalid, has the very same bytes",
	"057": "a MoveTo that announces 536870911 points and has one is called valid; 4.3.3.1 wants them all, and fixture 051, called invalid, has the same command",
}

func TestFixtures(t *testing.T) {
	dir := fixtures(t)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	valid, invalid := 0, 0
	for _, e := range entries {
		tile, err := os.ReadFile(filepath.Join(dir, e.Name(), "tile.mvt"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name(), "info.json"))
		if err != nil {
			t.Fatal(err)
		}
		var info struct {
			Description string
			Validity    struct{ V2 bool }
		}
		if err := json.Unmarshal(text, &info); err != nil {
			t.Fatal(err)
		}
		got := Check(tile)
		want := info.Validity.V2
		if disputed[e.Name()] != "" {
			want = !want
		}
		if (got == nil) != want {
			t.Errorf("fixture %s: %v, want valid %t: %s", e.Name(), got, want, info.Description)
		}
		if got == nil {
			valid++
		} else {
			invalid++
		}
	}
	if valid+invalid < 74 {
		t.Errorf("%d fixtures, want 74 or more", valid+invalid)
	}
	t.Logf("%d valid, %d invalid, %d of them disputed", valid, invalid, len(disputed))
}

// TestRealWorld reads every fourth of the package's tiles of real maps, made by
// other programs: none breaks a rule.
func TestRealWorld(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(fixtures(t), "../real-world/*/*.mvt"))
	if err != nil || len(paths) < 200 {
		t.Fatalf("%d tiles: %v", len(paths), err)
	}
	for i := 0; i < len(paths); i += 4 {
		tile, err := os.ReadFile(paths[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(tile); err != nil {
			t.Errorf("%s: %v", paths[i], err)
		}
	}
}
