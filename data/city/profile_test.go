package city

import (
	"strings"
	"testing"
	"time"

	"riskatlas/data"
)

func hangzhou(t testing.TB) *Profile {
	t.Helper()
	p, err := Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHangzhou(t *testing.T) {
	p := hangzhou(t)
	tax := p.Taxonomy
	if p.Name != "杭州市" || p.NameEn != "Hangzhou" || p.Zone.String() != "Asia/Shanghai" {
		t.Errorf("%s %s %s", p.Name, p.NameEn, p.Zone)
	}
	if _, offset := time.Date(2019, 7, 1, 0, 0, 0, 0, p.Zone).Zone(); offset != 8*3600 {
		t.Errorf("offset %d s", offset)
	}
	groups := map[int]int{}
	letters := map[byte]string{'I': "industrial", 'C': "crowded", 'P': "public"}
	for _, in := range tax.Industries {
		groups[in.Group]++
		if got := tax.Groups[in.Group].Key; got != letters[in.Code[0]] {
			t.Errorf("%s is in group %s", in.Code, got)
		}
		if in.Regulator == "" || in.NameEn == "" || in.Method == "" || len(in.Accidents) == 0 {
			t.Errorf("%s lacks something: %+v", in.Code, in)
		}
	}
	if len(tax.Industries) != 39 || groups[0] != 16 || groups[1] != 14 || groups[2] != 9 {
		t.Errorf("%d industries, by group %v", len(tax.Industries), groups)
	}
	if p.Cuts != [4]float64{1e-9, 3e-6, 1e-5, 3e-5} || p.Equivalent != [5]float64{0, 1e-6, 6e-6, 2e-5, 1e-4} ||
		p.Shares != (ShareRule{0.01, 0.01, 0.05}) {
		t.Errorf("%v %v %v", p.Cuts, p.Equivalent, p.Shares)
	}
	internal := " I06 I11 I12 C14 P01 P03 P06 P09 "
	for _, in := range tax.Industries {
		want := data.Public
		if strings.Contains(internal, " "+in.Code+" ") {
			want = data.Internal
		}
		if in.Sensitivity != want {
			t.Errorf("%s is %s", in.Code, in.Sensitivity)
		}
	}
}

// Rows of the project's table of industries that differ in every column.
func TestHangzhouRows(t *testing.T) {
	tax := hangzhou(t).Taxonomy
	for _, w := range []data.IndustryInfo{
		{Code: "I04", Slug: "petrol-station", Name: "加油站", Geometry: "P", Regulator: "市应急局", Assistant: "市商务局", R1: 30, R2: 100},
		{Code: "I11", Slug: "oil-gas-pipeline", Name: "油气长输管道", Geometry: "L", Regulator: "市发改委", Assistant: "市应急局", R1: 50, R2: 300},
		{Code: "C14", Slug: "underground-space", Name: "公用人防工程/地下商场", Geometry: "A", Regulator: "市人防办", R1: 20, R2: 100},
		{Code: "P07", Slug: "rail-transit", Name: "轨道交通", Geometry: "L/P", Regulator: "市地铁集团", Assistant: "市交通运输局", R1: 30, R2: 100},
		{Code: "P09", Slug: "dam", Name: "水库大坝", Geometry: "P/A", Regulator: "市林水局", R1: 50, R2: 500},
	} {
		i, err := tax.Industry(w.Code)
		if err != nil {
			t.Fatal(err)
		}
		g := tax.Industries[i]
		if g.Slug != w.Slug || g.Name != w.Name || g.Geometry != w.Geometry || g.Regulator != w.Regulator ||
			g.Assistant != w.Assistant || g.R1 != w.R1 || g.R2 != w.R2 {
			t.Errorf("got %+v, want %+v", g, w)
		}
	}
}

func TestHangzhouDistricts(t *testing.T) {
	tax := hangzhou(t).Taxonomy
	old, _ := tax.Vintage("2019")
	now, _ := tax.Vintage("")
	if len(old.Districts) != 13 || len(now.Districts) != 13 || now.Name != "2021" {
		t.Fatalf("%d districts in 2019, %d in %s", len(old.Districts), len(now.Districts), now.Name)
	}
	for _, c := range []struct {
		v    *data.Vintage
		code string
		want bool
	}{{old, "330103", true}, {old, "330104", true}, {old, "330113", false}, {now, "330103", false}, {now, "330104", false},
		{now, "330113", true}, {now, "330114", true}, {old, "X3301QT", false}, {now, "X3301XH", false}} {
		if _, err := c.v.District(c.code); (err == nil) != c.want {
			t.Errorf("%s in %s: %v", c.code, c.v.Name, err)
		}
	}
}

func TestGeneric(t *testing.T) {
	p, err := Load("generic")
	if err != nil {
		t.Fatal(err)
	}
	if v := p.Taxonomy.Vintages; len(v) != 1 || v[0].Name != "none" || len(v[0].Districts) != 0 || v[0].Outside() != 1 {
		t.Errorf("vintages %+v", v)
	}
	if p.Bound.Min[0] != -180 || p.Bound.Max[1] != 85 || len(p.Taxonomy.Industries) != 39 {
		t.Errorf("%v", p.Bound)
	}
	for _, in := range p.Taxonomy.Industries {
		if in.Sensitivity != data.Public || in.Regulator == "" || strings.HasPrefix(in.Regulator, "市应") || strings.HasSuffix(in.Regulator, "局") {
			t.Errorf("%s: %s, %s", in.Code, in.Sensitivity, in.Regulator)
		}
	}
	if hz := hangzhou(t); p.Digest == hz.Digest {
		t.Error("two cities, one digest")
	}
}

func TestEveryConstantIsSourced(t *testing.T) {
	for _, name := range Embedded {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"place", "cuts", "equivalent", "shares", "groups", "accident_types", "industries", "industries.geometry",
			"industries.accidents", "industries.method", "industries.radii", "regulators", "sensitivity"} {
			if p.Sources[key] == "" {
				t.Errorf("%s: %s has no source", name, key)
			}
		}
		for key, source := range p.Sources {
			if source == "" {
				t.Errorf("%s: %s has no source", name, key)
			}
		}
		for _, a := range p.Taxonomy.AccidentTypes {
			if a.Source == "" || a.NameEn == "" {
				t.Errorf("%s: accident type %s lacks something", name, a.Code)
			}
		}
	}
}

// The published core and edge of the table of equivalents: its kernel is 1 to
// r1 and falls to 0 at r2, and every level's core has its own colour.
func TestDerived(t *testing.T) {
	p := hangzhou(t)
	in, _ := p.Taxonomy.Industry("I03") // r1 50, r2 500
	for l, want := range map[data.Level]float64{data.Low: 1e-6, data.General: 6e-6, data.Significant: 2e-5, data.Major: 1e-4} {
		s := p.Derived(in, l)
		if len(s) != 1 || s[0].PerYear != want || s[0].Basis != data.Equivalent || s[0].Outcome != data.OutcomeIndex ||
			!s[0].Derived || s[0].Footprint.At(50, 0) != 1 || s[0].Footprint.At(275, 0) != 0.5 || s[0].Footprint.At(500, 0) != 0 {
			t.Errorf("level %s: %+v", l, s)
		}
		var colour data.Level
		for i, cut := range p.Cuts {
			if s[0].PerYear >= cut {
				colour = data.Level(i + 1)
			}
		}
		if colour != l {
			t.Errorf("a lone source of level %s shows as %s", l, colour)
		}
	}
	if p.Derived(in, data.LevelNone) != nil || p.Derived(39, data.Low) != nil {
		t.Error("a scenario for what does not exist")
	}
}
