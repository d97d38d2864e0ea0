package city

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

func TestOwnProfile(t *testing.T) {
	p, err := Load("testdata/riverton.json")
	if err != nil {
		t.Fatal(err)
	}
	tax := p.Taxonomy
	if len(tax.Industries) != 12 || len(tax.Vintages[1].Districts) != 5 || tax.Default != 1 || p.Cuts[3] != 2e-5 || p.Zone.String() != "Africa/Accra" {
		t.Errorf("%+v", p)
	}
	for code, want := range map[string]data.Sensitivity{"A1": data.Internal, "A2": data.Public, "U3": data.Secret} {
		i, err := tax.Industry(code)
		if err != nil || tax.Industries[i].Sensitivity != want {
			t.Errorf("%s: %v %v", code, tax.Industries[i].Sensitivity, err)
		}
	}
	if got, _ := NewLocator(p.Outlines("new")).Locate(orb.Point{0.46, 0.31}); got != "I" {
		t.Errorf("the second island is in %q", got)
	}
	if u := p.Outlines("old")[0]; u.Props["schematic"] != "true" || u.Name != "North" {
		t.Errorf("%+v", u)
	}
	if u := p.Outlines("new")[0]; u.Props["schematic"] != "" {
		t.Errorf("%+v is surveyed", u)
	}
}

// riverton is the example as a JSON tree, to be spoilt by the caller.
func riverton(t testing.TB) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("testdata/riverton.json")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// in follows keys and positions into a JSON tree.
func in(tree any, path ...any) map[string]any {
	for _, step := range path {
		if i, ok := step.(int); ok {
			tree = tree.([]any)[i]
		} else {
			tree = tree.(map[string]any)[step.(string)]
		}
	}
	return tree.(map[string]any)
}

func write(t testing.TB, tree any) string {
	t.Helper()
	raw, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	beside, err := os.ReadFile("testdata/riverton-new.geojson")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"city.json": raw, "riverton-new.geojson": beside} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "city.json")
}

// Every broken profile gives one line with the file, the member, its value and
// what would be right.
func TestBrokenProfiles(t *testing.T) {
	list := func(tree map[string]any) []any { return in(tree, "industries")["list"].([]any) }
	for _, c := range []struct {
		name  string
		spoil func(map[string]any)
		want  []string
	}{
		{"65 industries", func(m map[string]any) {
			var many []any
			for i := range 65 {
				one := map[string]any{"code": fmt.Sprint("X", i), "slug": fmt.Sprint("x-", i), "name": "x", "group": "heavy", "geometry": "P", "r1": 1, "r2": 2}
				many = append(many, one)
			}
			in(m, "industries")["list"] = many
		}, []string{"industries.list", `"65"`, "1 to 64"}},
		{"no industries", func(m map[string]any) { in(m, "industries")["list"] = []any{} }, []string{"industries.list", `"0"`}},
		{"a code twice", func(m map[string]any) { in(m, "industries", "list", 1)["code"] = "A1" }, []string{"industries.code", `"A1"`, "no other industry"}},
		{"a slug that is a code", func(m map[string]any) { in(m, "industries", "list", 1)["slug"] = "A1" }, []string{"industries.code", `"A1"`}},
		{"cuts that do not rise", func(m map[string]any) { in(m, "cuts")["per_year"] = []any{1e-8, 1e-6, 1e-6, 2e-5} }, []string{"cuts.per_year[2]", "1e-06", "rising"}},
		{"three cuts", func(m map[string]any) { in(m, "cuts")["per_year"] = []any{1e-8, 1e-6, 2e-5} }, []string{"cuts.per_year", "four"}},
		{"a negative floor", func(m map[string]any) { in(m, "cuts")["per_year"] = []any{-1, 1e-6, 5e-6, 2e-5} }, []string{"cuts.per_year[0]", `"-1"`}},
		{"equivalents that fall", func(m map[string]any) { in(m, "equivalent")["per_year"] = []any{5e-7, 2e-6, 1e-6, 5e-5} }, []string{"equivalent.per_year[2]"}},
		{"an equivalent too high", func(m map[string]any) { in(m, "equivalent")["per_year"] = []any{5e-7, 2e-6, 1e-5, 0.5} }, []string{"equivalent.per_year[3]", `"0.5"`, "1e-2"}},
		{"a share of nothing", func(m map[string]any) { in(m, "shares")["major"] = 0 }, []string{"shares.major", `"0"`}},
		{"an unknown member", func(m map[string]any) { in(m, "cuts")["colour"] = "red" }, []string{"colour", "unknown member"}},
		{"a word for a number", func(m map[string]any) { in(m, "shares")["major"] = "much" }, []string{"shares.major", "string", "number"}},
		{"another format", func(m map[string]any) { m["format"] = "riskatlas-profile/9" }, []string{"format", "riskatlas-profile/9", "riskatlas-profile/1"}},
		{"no key", func(m map[string]any) { delete(m, "key") }, []string{"key"}},
		{"a box inside out", func(m map[string]any) { in(m, "place")["bbox"] = []any{0.5, 0, 0, 0.4} }, []string{"place.bbox"}},
		{"a centre outside", func(m map[string]any) { in(m, "place")["centre"] = []any{1, 1} }, []string{"place.centre", "[1 1]"}},
		{"an unknown zone", func(m map[string]any) { in(m, "place")["zone"] = "Mars/Olympus" }, []string{"place.zone", "Mars/Olympus"}},
		{"an unknown group", func(m map[string]any) { in(m, "industries", "list", 0)["group"] = "light" }, []string{"industries.list[0].group", `"light"`}},
		{"an unknown geometry", func(m map[string]any) { in(m, "industries", "list", 0)["geometry"] = "P/P" }, []string{"industries.list[0].geometry", `"P/P"`}},
		{"an unknown accident", func(m map[string]any) { in(m, "industries", "list", 0)["accidents"] = []any{"NOISE"} }, []string{"industries.list[0].accidents", `"NOISE"`}},
		{"radii inside out", func(m map[string]any) { in(m, "industries", "list", 0)["r1"] = 500 }, []string{"industries.list[0].r2", "500, 400", "20000"}},
		{"an unknown sensitivity", func(m map[string]any) { in(m, "industries", "list", 0)["sensitivity"] = "hush" }, []string{"industries.list[0].sensitivity", `"hush"`, "public, internal, secret"}},
		{"no sensitivity", func(m map[string]any) { delete(m, "sensitivity") }, []string{"sensitivity.default", "A2"}},
		{"a regulator of nothing", func(m map[string]any) {
			m["regulators"] = map[string]any{"by_industry": map[string]any{"Z9": map[string]any{"regulator": "x"}}}
		}, []string{"regulators.by_industry", `"Z9"`}},
		{"a catalogue and lists", func(m map[string]any) { m["catalogue"] = "urban-39" }, []string{"catalogue", "urban-39"}},
		{"no such catalogue", func(m map[string]any) {
			m["catalogue"] = "urban-40"
			delete(m, "groups")
			delete(m, "industries")
			delete(m, "accident_types")
		}, []string{"catalogue", "urban-40", "urban-39"}},
		{"neither", func(m map[string]any) { delete(m, "industries") }, []string{"industries", "catalogue"}},
		{"five vintages", func(m map[string]any) {
			v := m["vintages"].([]any)
			m["vintages"] = append(v, v[0], v[0], v[0])
		}, []string{"vintages", `"5"`, "1 to 4"}},
		{"a vintage twice", func(m map[string]any) { in(m, "vintages", 1)["name"] = "old" }, []string{"vintages[1].name", `"old"`}},
		{"a district twice", func(m map[string]any) { in(m, "vintages", 1, "districts", 1)["code"] = "NW" }, []string{"districts.code", `"NW"`}},
		{"300 districts", func(m map[string]any) {
			var many []any
			for i := range 300 {
				many = append(many, map[string]any{"code": fmt.Sprint(i), "name": "x", "name_en": "x"})
			}
			in(m, "vintages", 0)["districts"] = many
			delete(in(m, "vintages", 0), "outlines")
			delete(m, "conversions")
		}, []string{"districts", "256"}},
		{"no such default", func(m map[string]any) { m["default_vintage"] = "next" }, []string{"default_vintage", `"next"`, "old, new"}},
		{"outlines of nothing", func(m map[string]any) {
			in(m, "vintages", 0, "outlines", "features", 0, "properties")["code"] = "Q"
		}, []string{"district:old", "features[0].properties.code", `"Q"`}},
		{"a point for an outline", func(m map[string]any) {
			in(m, "vintages", 0, "outlines", "features", 0)["geometry"] = map[string]any{"type": "Point", "coordinates": []any{0.1, 0.1}}
		}, []string{"geometry.type", "Point", "Polygon"}},
		{"no file beside", func(m map[string]any) { in(m, "vintages", 1)["outlines"] = "gone.geojson" }, []string{"outlines", "gone.geojson"}},
		{"a file outside", func(m map[string]any) { in(m, "vintages", 1)["outlines"] = "../../etc/passwd" }, []string{"outlines", "../../etc/passwd"}},
		{"a conversion from nowhere", func(m map[string]any) { in(m, "conversions", 0)["from"] = "past" }, []string{"conversions[0].from", `"past"`}},
		{"a rule to nowhere", func(m map[string]any) { in(m, "conversions", 0, "rules", 1)["to"] = "Q" }, []string{"conversions[0].rules[1].to", `"Q"`, "N, S"}},
		{"two rules for one", func(m map[string]any) { in(m, "conversions", 0, "rules", 1)["from"] = "NW" }, []string{"conversions[0].rules[1].from", `"NW"`}},
		{"a pieces' file of another kind", func(m map[string]any) { m["pieces"] = "riverton-new.geojson" }, []string{"pieces", "riverton-new.geojson"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := riverton(t)
			if len(list(tree)) != 12 {
				t.Fatal("the example has changed")
			}
			c.spoil(tree)
			path := write(t, tree)
			_, err := Load(path)
			if err == nil {
				t.Fatal("taken")
			}
			line := err.Error()
			if strings.Contains(line, "\n") || !strings.Contains(line, path) {
				t.Errorf("not one line that names the file: %q", line)
			}
			for _, w := range c.want {
				if !strings.Contains(line, w) {
					t.Errorf("%s\nlacks %q", line, w)
				}
			}
			var inv *data.Invalid
			if !errors.As(err, &inv) && !errors.Is(err, os.ErrNotExist) && !strings.Contains(c.name, "outside") {
				t.Errorf("%v is no *data.Invalid", err)
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	var inv *data.Invalid
	if _, err := Load("hangzhuo"); !errors.As(err, &inv) || inv.Field != "city" || inv.Value != "hangzhuo" {
		t.Errorf("%v", err)
	}
	if _, err := Load("testdata/none.json"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "testdata/none.json") {
		t.Errorf("%v", err)
	}
	if _, err := Load("no-such-folder/none.json"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	for _, c := range []struct{ content, want string }{
		{"", "line 1"}, {"{\n\"format\": ", "line 2"}, {"{\n\n\"key\": x}", "line 3"}, {"[]", "JSON object"},
		{"\ufeff{}", "format"}, {"{} {}", "one JSON value"}, {strings.Repeat("[", 20_000), "JSON"},
	} {
		path := filepath.Join(t.TempDir(), "p.json")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &inv) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.20q: %v, want %q", c.content, err, c.want)
		}
	}
}

// Whatever changes a tile changes the digest; what does not leaves it, so that
// a corrected telephone or source renews nothing.
func TestDigest(t *testing.T) {
	load := func(spoil func(map[string]any)) uint64 {
		t.Helper()
		tree := riverton(t)
		spoil(tree)
		p, err := Load(write(t, tree))
		if err != nil {
			t.Fatal(err)
		}
		return p.Digest
	}
	base := load(func(map[string]any) {})
	seen := map[uint64]string{base: "the example"}
	for name, spoil := range map[string]func(map[string]any){
		"key":         func(m map[string]any) { m["key"] = "rivertown" },
		"cuts":        func(m map[string]any) { in(m, "cuts")["per_year"] = []any{1e-8, 1e-6, 5e-6, 3e-5} },
		"floor":       func(m map[string]any) { in(m, "cuts")["per_year"] = []any{1e-9, 1e-6, 5e-6, 2e-5} },
		"equivalent":  func(m map[string]any) { in(m, "equivalent")["per_year"] = []any{5e-7, 2e-6, 8e-6, 6e-5} },
		"shares":      func(m map[string]any) { in(m, "shares")["general"] = 0.2 },
		"r1":          func(m map[string]any) { in(m, "industries", "list", 2)["r1"] = 21 },
		"r2":          func(m map[string]any) { in(m, "industries", "list", 2)["r2"] = 81 },
		"code":        func(m map[string]any) { in(m, "industries", "list", 2)["code"] = "A9" },
		"slug":        func(m map[string]any) { in(m, "industries", "list", 2)["slug"] = "winery" },
		"sensitivity": func(m map[string]any) { in(m, "industries", "list", 2)["sensitivity"] = "internal" },
		"default":     func(m map[string]any) { m["default_vintage"] = "old" },
		"district code": func(m map[string]any) {
			in(m, "vintages", 0)["districts"] = append(in(m, "vintages", 0)["districts"].([]any), map[string]any{"code": "X", "name": "x", "name_en": "x"})
		},
		"district name": func(m map[string]any) { in(m, "vintages", 1, "districts", 0)["name"] = "Hills" },
		"english name":  func(m map[string]any) { in(m, "vintages", 1, "districts", 0)["name_en"] = "Hills" },
		"outline":       func(m map[string]any) { delete(in(m, "vintages", 1), "outlines") },
		"schematic": func(m map[string]any) {
			in(m, "vintages", 0, "outlines", "features", 0, "properties")["schematic"] = false
		},
		"rule": func(m map[string]any) {
			in(m, "conversions", 1, "rules", 0)["to"] = "SE"
			in(m, "conversions", 1, "rules", 0)["streets"] = map[string]any{"SW": []any{"Quay"}}
		},
		"street": func(m map[string]any) {
			in(m, "conversions", 1, "rules", 0)["streets"] = map[string]any{"SE": []any{"Wharf"}}
		},
		"no rules": func(m map[string]any) { delete(m, "conversions") },
	} {
		d := load(spoil)
		if was, twice := seen[d]; twice {
			t.Errorf("%s has the digest of %s", name, was)
		}
		seen[d] = name
	}
	for name, spoil := range map[string]func(map[string]any){
		"nothing":   func(map[string]any) {},
		"regulator": func(m map[string]any) { in(m, "industries", "list", 2)["regulator"] = "another" },
		"source":    func(m map[string]any) { in(m, "cuts")["source"] = "another" },
		"zone":      func(m map[string]any) { in(m, "place")["zone"] = "UTC" },
	} {
		if load(spoil) != base {
			t.Errorf("%s changes the digest", name)
		}
	}
}

func FuzzProfile(f *testing.F) {
	for _, name := range Embedded {
		raw, err := read(profiles(), name+".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	tree := riverton(f)
	in(tree, "vintages", 1)["outlines"] = nil
	raw, err := json.Marshal(tree)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"format":"riskatlas-profile/1","vintages":[{"outlines":{"type":"FeatureCollection","features":[{}]}}],"pieces":{"arcs":{"a":[[0,0],[1,1]]},"pieces":[{"ring":["a","-a"]}]}}`))
	pieces, err := read(profiles(), "hangzhou-pieces.json")
	if err != nil {
		f.Fatal(err)
	}
	files := fstest.MapFS{"hangzhou-pieces.json": {Data: pieces}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parse(raw, files)
		if err != nil {
			if p != nil || err.Error() == "" {
				t.Fatalf("%v beside %v", p, err)
			}
			return
		}
		for _, v := range p.Taxonomy.Vintages {
			NewLocator(p.Outlines(v.Name)).Locate(p.Centre)
		}
		again, err := parse(raw, files)
		if err != nil || again.Digest != p.Digest {
			t.Fatalf("read twice: %v", err)
		}
	})
}
