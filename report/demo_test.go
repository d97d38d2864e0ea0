package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/riskgrid"
)

// demoUnits are places, people and two zones of the demonstration city.
func demoUnits(t testing.TB) map[string][]data.Unit {
	var people []data.Unit
	for i := range 40 {
		for j := range 40 {
			p := orb.Point{119.9 + 0.015*float64(i), 30.1 + 0.01*float64(j)}
			people = append(people, data.Unit{Code: fmt.Sprintf("p%02d%02d", i, j), Shape: square(p, 0.005),
				Props: map[string]string{data.PeopleProp: fmt.Sprint(1000 + 37*i + 11*j)}})
		}
	}
	return map[string][]data.Unit{data.PlaceKind: demo.Places(hangzhou(t), 60, 1), data.PeopleKind: people,
		data.ZoneKind("parks"): {{Code: "a", Name: "甲", NameEn: "A", Shape: square(orb.Point{120.15, 30.27}, 0.05)},
			{Code: "b", Name: "乙", NameEn: "B", Shape: square(orb.Point{120.17, 30.27}, 0.05)}}}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12*math.Max(math.Abs(got), math.Abs(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// The demonstration city of 600 sources, with people and without.
func TestDemonstration(t *testing.T) {
	records, units := demoRecords(t, 600), demoUnits(t)
	w := newTown(t, city.InternalView, records, units)
	r := w.report(t, riskgrid.InService)
	t.Run("sums", func(t *testing.T) { chaptersSumToTheCity(t, r, fromGrid) })
	t.Run("losses", func(t *testing.T) { lossesSumExactly(t, w) })
	t.Run("suggestions", func(t *testing.T) { suggestionsOfTheDemonstration(t, r) })
	t.Run("whole", func(t *testing.T) { demonstrationIsWhole(t, r) })
	t.Run("again", func(t *testing.T) { reportsOfOneRevisionAreEqual(t, newTown(t, city.InternalView, records, units), r) })
	w = newTown(t, city.InternalView, records, nil)
	t.Run("sums without people", func(t *testing.T) { chaptersSumToTheCity(t, w.report(t, riskgrid.InService), fromSources) })
	t.Run("losses without people", func(t *testing.T) { lossesSumExactly(t, w) })
}

// Every way of dividing the city sums to the city: counts exactly, losses exactly
// before they are turned into floats and to their rounding after.
func chaptersSumToTheCity(t *testing.T, r *Report, from string) {
	if r.Overall.PLL <= 0 || len(r.Industries) != 39 || r.Overall.Counts.Sum() != 600 || len(r.Districts) < 13 {
		t.Fatalf("PLL %v, %d industries, %d sources, %d districts", r.Overall.PLL, len(r.Industries), r.Overall.Counts.Sum(), len(r.Districts))
	}
	if r.Overall.PeopleFrom != from {
		t.Errorf("people from %s", r.Overall.PeopleFrom)
	}
	for what, chapters := range map[string][]Chapter{"industries": r.Industries, "groups": r.Groups, "districts": r.Districts} {
		var counts Counts
		pll, share := 0.0, 0.0
		for _, c := range chapters {
			counts.add(c.Counts)
			pll += c.PLL
			share += c.Share
			var rows Counts
			for _, row := range append(c.ByDistrict, c.ByIndustry...) {
				rows.add(row.Counts)
			}
			if rows != c.Counts {
				t.Errorf("%s %s: rows sum to %v, want %v", what, c.Key, rows, c.Counts)
			}
			accidents := 0.0
			for _, a := range c.Accidents {
				accidents += a.PLL
			}
			near(t, what+" "+c.Key+" by outcome", accidents, c.PLL)
		}
		if counts != r.Overall.Counts {
			t.Errorf("%s sum to %v, the city has %v", what, counts, r.Overall.Counts)
		}
		near(t, what, pll, r.Overall.PLL)
		near(t, what+" shares", share, 1)
	}
	for _, c := range r.Composition {
		share, count := 0.0, 0
		for _, p := range c.Rows {
			share += p.Share
			count += p.Count
		}
		near(t, "composition by "+c.By, share, 1)
		if c.By != "accident" && c.By != "outcome" && c.By != "basis" && count != 600 {
			t.Errorf("composition by %s counts %d", c.By, count)
		}
	}
	near(t, "bases", r.Overall.QRA+r.Overall.Equivalent, r.Overall.PLL)
}

func lossesSumExactly(t *testing.T, w *town) {
	g, err := newGatherer(t.Context(), func() Input { in := w.input(t); in.Top = 3; return in }())
	if err != nil {
		t.Fatal(err)
	}
	var industries, districts, groups, sources, outcomes riskgrid.Loss
	for i := range g.tax.Industries {
		industries = industries.Plus(g.book.industry[i].loss)
	}
	for i := range g.tax.Groups {
		s := g.groupShare(i)
		groups = groups.Plus(s.loss)
	}
	for _, d := range g.positions() {
		districts = districts.Plus(g.book.at(d).loss)
	}
	for i := range g.facts {
		sources = sources.Plus(g.facts[i].loss)
	}
	for _, l := range g.book.outcome.by {
		outcomes = outcomes.Plus(l)
	}
	all := g.totals.Loss(data.All())
	for what, l := range map[string]riskgrid.Loss{"industries": industries, "groups": groups, "districts": districts, "sources": sources, "outcomes": outcomes, "book": g.book.all} {
		if l != all || all.IsZero() {
			t.Errorf("%s: %v, the city has %v", what, l, all)
		}
	}
}

// The same revision gives the same bytes, from another process's memory too.
func reportsOfOneRevisionAreEqual(t *testing.T, w *town, before *Report) {
	first, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(w.report(t, riskgrid.InService))
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("two reports of one revision differ: %v", err)
	}
	if !reflect.DeepEqual(before.Map, w.report(t, riskgrid.InService).Map) {
		t.Error("their maps differ")
	}
}

func suggestionsOfTheDemonstration(t *testing.T, r *Report) {
	n, seen := 0, map[string]bool{}
	if len(r.Suggestions) != 5 {
		t.Fatalf("%d heads", len(r.Suggestions))
	}
	for _, h := range r.Suggestions {
		if len(h.Suggestions) == 0 {
			t.Errorf("no suggestion under %s", h.Key)
		}
		for _, s := range h.Suggestions {
			n++
			if !s.Draft || s.Query == "" || s.Member == "" || s.Text == "" || s.TextEn == "" || s.Unit == "" || s.Number == 0 || seen[s.Finding] ||
				!strings.HasPrefix(s.Query, "/api/v1/") || strings.Contains(s.Text+s.TextEn, "%!") {
				t.Errorf("%+v", s)
			}
			seen[s.Finding] = true
		}
	}
	if n < 10 {
		t.Errorf("%d suggestions", n)
	}
}

func demonstrationIsWhole(t *testing.T, r *Report) {
	for _, in := range r.Industries {
		if in.Survey != surveyed || len(in.Top) == 0 || in.Regulator == "" || len(in.Types) == 0 || len(in.Measures) == 0 || len(in.ByDistrict) < 13 {
			t.Errorf("%s: %+v", in.Key, in)
		}
		for i := 1; i < len(in.Top); i++ {
			if a, b := in.Top[i-1], in.Top[i]; a.PLL < b.PLL || a.PLL == b.PLL && a.ID > b.ID {
				t.Errorf("%s: %s stands before %s", in.Key, a.ID, b.ID)
			}
		}
	}
	if len(r.Zones) != 2 || r.Zones[0].Name != "functional-2019" || r.Zones[0].Overlap || r.Zones[1].Name != "parks" || !r.Zones[1].Overlap || len(r.Zones[1].Zones) != 2 {
		t.Errorf("zones %+v", r.Zones)
	}
	if z := r.Zones[1].Zones[0]; z.Counts.Sum() == 0 || z.PLL <= 0 || z.People <= 0 || z.Level == 0 || z.Rule.From != "people" {
		t.Errorf("zone %+v", z)
	}
	if len(r.Curve.Points) == 0 || r.Curve.Worst == nil || r.Curve.Zone == "" || len(r.Curve.Upper) < 2 {
		t.Errorf("curve %+v", r.Curve)
	}
	for i, s := range r.Main.Sources {
		if s.Level < 3 && s.Grade == 0 {
			t.Errorf("%s is on the main list", s.ID)
		}
		if i > 0 && (s.Level > r.Main.Sources[i-1].Level || s.Level == r.Main.Sources[i-1].Level && s.ID < r.Main.Sources[i-1].ID) {
			t.Errorf("%s is out of order", s.ID)
		}
	}
	if r.Main.Matched != r.Overall.Counts.AtLeast(3) || r.Main.Matched != len(r.Main.Sources) {
		t.Errorf("main list of %d, %d sources of level 3 and up", r.Main.Matched, r.Overall.Counts.AtLeast(3))
	}
	if len(r.Methods) < 20 || r.Map == nil || len(r.Map.Districts) < 13 || r.Map.Window.W < 50 || len(r.Map.Sources) != 600 {
		t.Errorf("%d methods, map %d districts %d cells", len(r.Methods), len(r.Map.Districts), r.Map.Window.W)
	}
	painted := map[data.Level]int{}
	for _, l := range r.Map.Window.Level {
		painted[l]++
	}
	if painted[1]+painted[2] == 0 || painted[0] == 0 {
		t.Errorf("the map shows %v", painted)
	}
	for _, m := range r.Methods {
		if m.Key == "" || m.Source == "" || m.Name == "" {
			t.Errorf("method %+v", m)
		}
	}
}
