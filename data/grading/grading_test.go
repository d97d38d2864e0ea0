package grading

import (
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"riskatlas/data"
)

func rules(t testing.TB) *Rules {
	t.Helper()
	r, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// refused wants a *data.Invalid of the field whose text holds every word.
func refused(t *testing.T, err error, field string, words ...string) {
	t.Helper()
	var bad *data.Invalid
	if !errors.As(err, &bad) {
		t.Errorf("error %v, want a data.Invalid of %s", err, field)
		return
	}
	if bad.Field != field {
		t.Errorf("%v: field %q, want %q", err, bad.Field, field)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func TestLEC(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		l, e, c, d float64
		level      data.Level
	}{
		{3, 6, 15, 270, 3}, {6, 6, 15, 540, 4}, {1, 10, 7, 70, 1}, {1, 6, 15, 90, 2}, {0.5, 1, 40, 20, 1},
		{10, 10, 100, 10000, 4}, {0.1, 0.5, 1, 0.05, 1}, {0.2, 10, 100, 200, 3},
	} {
		d, level, err := r.LEC(c.l, c.e, c.c, true)
		if err != nil || math.Abs(d-c.d) > 1e-12*c.d || level != c.level {
			t.Errorf("L%v E%v C%v: D %v level %d, %v; want %v, %d", c.l, c.e, c.c, d, level, err, c.d, c.level)
		}
	}
	for d, want := range map[float64]data.Level{320: 3, 320.01: 4, 321: 4, 160: 2, 160.01: 3, 70: 1, 70.01: 2, 20: 1, 1e-9: 1} {
		if got, err := r.LevelOfD(d); err != nil || got != want {
			t.Errorf("D %v: %d, %v, want %d", d, got, err, want)
		}
	}
	for _, d := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		_, err := r.LevelOfD(d)
		refused(t, err, "level_inputs.D")
	}
	_, _, err := r.LEC(2, 6, 15, true)
	refused(t, err, "level_inputs.L", `"2"`, "10, 6, 3, 1, 0.5, 0.2, 0.1")
	_, _, err = r.LEC(3, 4, 15, true)
	refused(t, err, "level_inputs.E", "10, 6, 3, 2, 1, 0.5")
	_, _, err = r.LEC(3, 6, 14, true)
	refused(t, err, "level_inputs.C", "100, 40, 15, 7, 3, 1")
	if d, level, err := r.LEC(2, 8, 20, false); err != nil || d != 320 || level != 3 {
		t.Errorf("free values: %v %d %v", d, level, err)
	}
	for _, l := range []float64{0, -1, 10.1, math.NaN()} {
		_, _, err := r.LEC(l, 6, 15, false)
		refused(t, err, "level_inputs.L", "at most 10")
	}
}

// Raising any input never lowers D or the level: all table values.
func TestLECMonotone(t *testing.T) {
	r := rules(t)
	for i, l := range r.lec.L {
		for j, e := range r.lec.E {
			for k, c := range r.lec.C {
				d, level, err := r.LEC(l.Value, e.Value, c.Value, true)
				if err != nil {
					t.Fatal(err)
				}
				for _, up := range [][3]int{{i - 1, j, k}, {i, j - 1, k}, {i, j, k - 1}} {
					if min(up[0], up[1], up[2]) < 0 {
						continue
					}
					d2, level2, err := r.LEC(r.lec.L[up[0]].Value, r.lec.E[up[1]].Value, r.lec.C[up[2]].Value, true)
					if err != nil || d2 <= d || level2 < level {
						t.Fatalf("%v %v %v: from %v, %d to %v, %d, %v", l.Value, e.Value, c.Value, d, level, d2, level2, err)
					}
				}
			}
		}
	}
}

func TestLS(t *testing.T) {
	r := rules(t)
	want := map[int]data.Level{1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 8: 1, 9: 2, 10: 2, 12: 2, 15: 3, 16: 3, 20: 4, 25: 4}
	met := map[int]bool{}
	for l := 1; l <= 5; l++ {
		for s := 1; s <= 5; s++ {
			value, level, err := r.LS(l, s)
			if err != nil || value != l*s || level != want[value] {
				t.Errorf("L%d S%d: %d, %d, %v; want level %d", l, s, value, level, err, want[l*s])
			}
			met[value] = true
			for _, up := range [][2]int{{l + 1, s}, {l, s + 1}} {
				if v2, level2, err := r.LS(up[0], up[1]); err == nil && (v2 <= value || level2 < level) {
					t.Errorf("not monotone at %d %d", l, s)
				}
			}
		}
	}
	if len(met) != len(want) {
		t.Errorf("products %v", met)
	}
	_, _, err := r.LS(0, 3)
	refused(t, err, "level_inputs.L", "1 to 5")
	_, _, err = r.LS(3, 6)
	refused(t, err, "level_inputs.S", "1 to 5")
}

// Every table says where it comes from, and a table that is wrong is refused with
// its file's and member's name.
func TestBrokenRules(t *testing.T) {
	whole := fstest.MapFS{}
	sub, _ := fs.Sub(embedded, "rules")
	entries, err := fs.ReadDir(sub, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(sub, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		whole[e.Name()] = &fstest.MapFile{Data: raw}
	}
	if _, err := Read(whole); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, old, made, field string }{
		{"major_hazard.json", `"s": 1,`, `"s": 0,`, "threshold.s"},
		{"major_hazard.json", `"s": 1,`, `"s": 1, "t": 2,`, "json"},
		{"major_hazard.json", `{"residents": 0, "alpha": 0.5}`, `{"residents": 0, "alpha": 1.5}`, "alpha.steps"},
		{"major_hazard.json", `"residents": 0, "alpha"`, `"residents": 0.5, "alpha"`, "alpha.steps"},
		{"major_hazard.json", `"grade": 2`, `"grade": 3`, "grades.grade"},
		{"major_hazard.json", `"r": 50`, `"r": 100`, "grades.steps"},
		{"major_hazard.json", `"四级", "level": 2`, `"四级", "level": 0`, "grades.steps.level"},
		{"major_hazard.json", `"class": "J2"`, `"class": "j1"`, "classes.class"},
		{"major_hazard.json", `"threshold_t": 150`, `"threshold_t": -150`, "classes.class"},
		{"substances.json", `"beta_source": "beta`, `"beta_source": "", "source": "beta`, "beta_source"},
		{"substances.json", `"7782-50-5"`, `"7782-50-4"`, "list.cas"},
		{"substances.json", `"液氯"`, `"氨"`, "list.name"},
		{"substances.json", `"class": "W4"`, `"class": "W44"`, "list.class"},
		{"substances.json", `"threshold_t": 20, "beta": 3`, `"threshold_t": 0, "beta": 3`, "list"},
		{"lec.json", `"value": 6, "meaning": "quite`, `"value": 16, "meaning": "quite`, "l"},
		{"lec.json", `"d": 160, "level": 3`, `"d": 160, "level": 5`, "over.level"},
		{"lec.json", `"else": 1`, `"else": 0`, "else"},
		{"ls.json", `"most": 5`, `"most": 0`, "most"},
		{"ls.json", `"r": 15`, `"r": 25`, "at_least"},
		{"ls.json", `"source": "risk`, `"source": "", "x": "risk`, "json"},
		{"key_units.json", `"over": [`, `"at_least": [{"value": 1, "level": 1}], "over": [`, "rules"},
		{"key_units.json", `"id": "dam-class"`, `"id": "dust-staff"`, "rules.id"},
		{"key_units.json", `["B", "B级"], "level": 2`, `["A"], "level": 2`, "rules.classes of building-class"},
		{"individual.json", `"new_build_per_year": 1e-5`, `"new_build_per_year": 1e-3`, "limits"},
		{"individual.json", `{"class": "general_3", "new`, `{"class": "general_2", "new`, "limits.class"},
		{"individual.json", `{"beds": 100}`, `{"beeds": 100}`, "targets.any of lodging"},
		{"individual.json", `"use": "welfare"`, `"use": "medical"`, "targets.use"},
		{"societal.json", `[1000, 1e-8]`, `[1000, 1e-5]`, "lower"},
		{"societal.json", `[1, 1e-5], `, ``, "lower"},
		{"severity.json", `"key": "serious"`, `"key": "major"`, "list.key"},
		{"severity.json", `"deaths": 10,`, `"deaths": 40,`, "list"},
		{"severity.json", `{`, `[`, "json"},
	} {
		raw := string(whole[c.file].Data)
		made := strings.Replace(raw, c.old, c.made, 1)
		if made == raw {
			t.Errorf("%s has no %q", c.file, c.old)
			continue
		}
		files := fstest.MapFS{}
		for name, f := range whole {
			files[name] = f
		}
		files[c.file] = &fstest.MapFile{Data: []byte(made)}
		_, err := Read(files)
		if err == nil || !strings.Contains(err.Error(), c.file) {
			t.Errorf("%s with %q: %v", c.file, c.made, err)
			continue
		}
		refused(t, err, c.field)
	}
	delete(whole, "ls.json")
	if _, err := Read(whole); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without ls.json: %v", err)
	}
}
