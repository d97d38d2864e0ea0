package city

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"riskatlas/data"
	"riskatlas/data/memory"
)

func coverage(t testing.TB, p *Profile, industry, code string, s data.CoverageStatus) data.Coverage {
	t.Helper()
	in, err := p.Taxonomy.Industry(industry)
	if err != nil {
		t.Fatal(err)
	}
	return data.Coverage{Industry: in, District: district(t, p, p.Taxonomy.Vintages[p.Taxonomy.Default].Name, code), Status: s}
}

func coverageOf(t testing.TB, s data.Units) map[string]data.Unit {
	t.Helper()
	out := map[string]data.Unit{}
	for u, err := range s.Units(t.Context(), data.CoverageKind) {
		if err != nil {
			t.Fatal(err)
		}
		out[u.Code] = *u
	}
	return out
}

func TestCover(t *testing.T) {
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	c := Wrap(store, p, InternalView)
	cover := func(what Covering, want Covered) {
		t.Helper()
		got, err := c.Cover(t.Context(), data.Note{Who: "test"}, what)
		if err != nil || got != want {
			t.Fatalf("%+v, %v, want %+v", got, err, want)
		}
	}
	a, b := coverage(t, p, "I04", "330106", data.Verified), coverage(t, p, "I06", "330106", data.Asked)
	a.Body, a.Note, a.Received = "市商务局", "a note", 20191120
	cover(Covering{Rows: []data.Coverage{a, b}}, Covered{Revision: 1, Added: 2})
	cover(Covering{Rows: []data.Coverage{b, a}}, Covered{Revision: 1, Unchanged: 2})
	held := coverageOf(t, store)
	if u := held["I04:330106"]; u.Class != "verified" || u.Name != "加油站 · 西湖区" || u.Props["body"] != "市商务局" {
		t.Errorf("%+v", u)
	}
	locator := NewLocator(p.Outlines("2021"))
	if code, _ := locator.Locate(held["I04:330106"].Shape.Bound().Min); code != "330106" {
		t.Errorf("the row of 330106 lies in %q", code)
	}
	b.Status, b.Received = data.Received, 20191201
	cover(Covering{Rows: []data.Coverage{b}}, Covered{Revision: 2, Changed: 1})
	if len(coverageOf(t, store)) != 2 {
		t.Error("the other row is gone")
	}
	bare := coverage(t, p, "I04", "330106", data.NotStarted)
	cover(Covering{Rows: []data.Coverage{bare}}, Covered{Revision: 3, Removed: 1})
	cover(Covering{Rows: []data.Coverage{bare}}, Covered{Revision: 3, Unchanged: 1})
	cover(Covering{Rows: []data.Coverage{a}, Whole: true}, Covered{Revision: 4, Added: 1, Removed: 1})
	refused := errors.New("refused")
	hold := func(row, held *data.Coverage) error {
		if held.Status != data.Verified || held.Body != "市商务局" {
			t.Errorf("held %+v", held)
		}
		return refused
	}
	if _, err := c.Cover(t.Context(), data.Note{}, Covering{Rows: []data.Coverage{coverage(t, p, "I04", "330106", data.Asked)}, Hold: hold}); !errors.Is(err, refused) {
		t.Errorf("%v, want the refusal", err)
	}
	wrong := coverage(t, p, "I04", "330106", data.Asked)
	wrong.Verified = 20191201
	outside := a
	outside.District = p.Taxonomy.Vintages[p.Taxonomy.Default].Outside()
	old := a
	old.District = district(t, p, "2019", "330104")
	for name, rows := range map[string][]data.Coverage{"twice": {a, b, a}, "a contradiction": {b, wrong}, "outside": {outside}, "of another vintage": {old}, "no industry": {{Industry: 63, District: a.District}}} {
		var invalid *data.Invalid
		if _, err := c.Cover(t.Context(), data.Note{}, Covering{Rows: rows}); !errors.As(err, &invalid) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	if got := coverageOf(t, store); len(got) != 1 || got["I04:330106"].Class != "verified" {
		t.Errorf("after refusals: %v", got)
	}
	if _, err := c.Replace(t.Context(), data.Note{}, data.CoverageKind, []data.Unit{{Code: "x", Shape: p.Centre}}); err == nil {
		t.Error("a unit that is no row passed")
	}
}

// Rows that many write at once are all kept.
func TestCoverAtOnce(t *testing.T) {
	p := hangzhou(t)
	c := Wrap(memory.New(p.Taxonomy), p, InternalView)
	var all sync.WaitGroup
	for _, in := range p.Taxonomy.Industries[:12] {
		row := coverage(t, p, in.Code, "330106", data.Verified)
		all.Go(func() {
			for i := range 5 {
				row.Note = fmt.Sprint(i)
				if _, err := c.Cover(t.Context(), data.Note{}, Covering{Rows: []data.Coverage{row}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got := coverageOf(t, c)
	if len(got) != 12 {
		t.Errorf("%d rows of 12", len(got))
	}
	for code, u := range got {
		if u.Props["note"] != "4" {
			t.Errorf("%s: note %q", code, u.Props["note"])
		}
	}
}

// The public view knows how far the survey has come and nothing of whom it asked,
// what was noted, or how many there are to find.
func TestCoverageInThePublicView(t *testing.T) {
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	n := 7
	row := coverage(t, p, "I06", "330106", data.Verified)
	row.Body, row.Note, row.Expected = "canary body", "canary note", &n
	row.Asked, row.Received, row.Verified, row.Due = 20191010, 20191110, 20191210, 20191111
	if _, err := Wrap(store, p, PublicView).Cover(t.Context(), data.Note{}, Covering{Rows: []data.Coverage{row}}); err != nil {
		t.Fatal(err)
	}
	u := coverageOf(t, Wrap(store, p, PublicView))["I06:330106"]
	if text := fmt.Sprint(u); strings.Contains(text, "canary") || u.Props["expected"] != "" {
		t.Errorf("the public view has %s", text)
	}
	keys := []string{}
	for k := range u.Props {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	if want := []string{"asked", "district", "due", "industry", "received", "verified", "vintage"}; !slices.Equal(keys, want) {
		t.Errorf("properties %q, want %q", keys, want)
	}
	if u := coverageOf(t, store)["I06:330106"]; u.Props["body"] != "canary body" || u.Props["expected"] != "7" {
		t.Errorf("the store lost %v", u.Props)
	}
}
