package riskgrid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

func TestLoss(t *testing.T) {
	a, b := lossOf(1<<62, 1<<62), lossOf(3, 5)
	if a.Plus(b).Minus(a) != b || b.Minus(a).Plus(a) != b || b.Minus(a).Cmp(b) != -1 || a.Cmp(b) != 1 || b.Cmp(b) != 0 {
		t.Error("sums cannot be taken back")
	}
	if got := lossOf(2e9, 12_345).String(); got != "0.0000024690000000000" {
		t.Errorf("2e-6 times 1.2345 people: %s", got)
	}
	near(t, "PerYear", lossOf(2e9, 12_345).PerYear(), 2.469e-6, 1e-15)
	near(t, "a debt", Loss{}.Minus(lossOf(2e9, 12_345)).PerYear(), -2.469e-6, 1e-15)
}

func TestPeopleAreConserved(t *testing.T) {
	cell := CellAt(base, 17).Bound() // 64 base cells
	square := cell.ToPolygon()
	units := []data.Unit{
		{Code: "a", Shape: square, Props: map[string]string{"people": "100.00005"}},
		{Code: "b", Shape: square, Props: map[string]string{"people": "0.00005"}},
		{Code: "c", Shape: base, Props: map[string]string{"people": "7"}},
		{Code: "d", Shape: square, Props: map[string]string{"people": "1e-9"}},
	}
	p, err := NewPeople(units)
	if err != nil {
		t.Fatal(err)
	}
	if p.Total() != 1070001 {
		t.Errorf("total %d, want 107.0001 people", p.Total())
	}
	var sum Headcount
	var all []Headcount
	w := CellAt(base, 17).window().at(BaseZoom)
	for i := range w.W * w.H {
		n := p.At(Cell{uint32(w.X + i%w.W), uint32(w.Y + i/w.W), BaseZoom})
		sum += n
		all = append(all, n)
	}
	if sum != p.Total() {
		t.Errorf("cells hold %d, the city %d", sum, p.Total())
	}
	slices.Sort(all)
	if all[0] != 15625 || all[62] > 15626 || all[63] < 85625 {
		t.Errorf("cells hold %v", all)
	}
}

// The worked city of three sources and three groups of people, who live in the
// centres of their cells.
func TestTotalsOracle(t *testing.T) {
	home := func(east, north float64) orb.Point { return CellAt(ground(east, north), BaseZoom).Centre() }
	p1, p2, p3 := home(200, 0), home(0, 300), home(400, 60)
	a := ground(0, 0)
	b := orb.Point{p3[0], p3[1] - 60/data.MetresPerDegree}
	c := orb.Point{p2[0], p2[1] + 300/data.MetresPerDegree}
	fireball := print(t, data.Footprint{Kind: data.Table,
		Metres:    []float64{0, data.Distance(a, p1), data.Distance(a, p2), data.Distance(a, p3), 800},
		Lethality: []float64{1, 0.992584, 0.821844, 0.281393, 0}})
	hs := []*data.Hazard{
		hazard(t, a, data.Scenario{PerYear: 1e-5, Footprint: fireball}),
		hazard(t, b, data.Scenario{PerYear: 2e-5, Footprint: print(t, data.Footprint{Kind: data.Step, V0: 1, R1: 62.22, R2: 62.22})}),
		hazard(t, c, data.Scenario{PerYear: 5e-5, Footprint: print(t, data.Footprint{Kind: data.Linear, V0: 0.5, R1: 100, R2: 500})}),
	}
	for i, h := range hs {
		g := *h
		g.ID, g.Industry = data.ID([]string{"A", "B", "C"}[i]), data.Industry(i)
		var err error
		if hs[i], err = g.Seal(); err != nil {
			t.Fatal(err)
		}
	}
	people, err := NewPeople([]data.Unit{
		{Code: "P1", Shape: p1, Props: map[string]string{"people": "120"}},
		{Code: "P2", Shape: p2, Props: map[string]string{"people": "800"}},
		{Code: "P3", Shape: p3, Props: map[string]string{"people": "15"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	land := Land{People: people, Cuts: [CriteriaCount]Cuts{hangzhouCuts}}
	total := NewTotals(land, NewField(hangzhouCuts, slices.Values(hs)), slices.Values(hs))
	whole := total.Loss(data.All())
	if got := fmt.Sprintf("%.7f", whole.PerYear()); got != "0.0181081" {
		t.Errorf("PLL %s", got)
	}
	composition := []string{"43.12", "1.657", "55.22"}
	for i, want := range []float64{780.806, 15, 200} {
		near(t, "N of "+string(hs[i].ID), total.Expected(nil, hs[i])[0].Deaths, want, 1e-6)
		only := data.All()
		only.Industries = 1 << i
		if got := fmt.Sprintf("%.4g", 100*total.Loss(only).Of(whole)); got != composition[i] {
			t.Errorf("share of %s: %s %%", hs[i].ID, got)
		}
	}
	for _, want := range []struct {
		home orb.Point
		pll  float64
	}{{p1, 0.0011911}, {p2, 0.0165748}, {p3, 0.000342209}} {
		near(t, "PLL of a home", total.Cells(CellAt(want.home, BaseZoom).window())[0].PerYear(), want.pll, 5e-6)
	}
}

// Without people on the ground, what sources say of themselves counts.
func TestTotalsBySourceExposure(t *testing.T) {
	h := *hazard(t, base, data.Scenario{PerYear: 2e-5, Outcome: 3, Footprint: linear(t, 30, 100)},
		data.Scenario{PerYear: 1e-5, Footprint: print(t, data.Footprint{Kind: data.Table, Metres: []float64{0, 10}, Lethality: []float64{0.5, 0.25}})})
	h.Exposed = data.Exposed{Day: 120, Night: 10, Known: true}
	h.Districts = [4]data.District{3, 7, 3, 3}
	loud, err := h.Seal()
	if err != nil {
		t.Fatal(err)
	}
	road := *hazard(t, orb.LineString{ground(-1000, 0), ground(1000, 0)}, data.Scenario{Per: data.PerKm, PerYear: 1e-6, Footprint: linear(t, 30, 100)})
	road.ID, road.Exposed = "T-2", data.Exposed{Day: 10, Night: 10, Known: true}
	long, err := road.Seal()
	if err != nil {
		t.Fatal(err)
	}
	silent := *hazard(t, base, data.Scenario{PerYear: 1e-2, Footprint: linear(t, 30, 100)})
	silent.ID = "T-3"
	mute, err := silent.Seal()
	if err != nil {
		t.Fatal(err)
	}
	hs := []*data.Hazard{loud, long, mute}
	total := NewTotals(Land{Cuts: [CriteriaCount]Cuts{hangzhouCuts}}, NewField(hangzhouCuts, slices.Values(hs)), slices.Values(hs))
	near(t, "PLL", total.Loss(data.All()).PerYear(), 65*(2e-5+0.5e-5)+10*2e-6, 1e-9)
	if e := total.Expected(nil, loud); e[0].Deaths != 65 || e[1].Deaths != 32.5 {
		t.Errorf("deaths %+v", e)
	}
	near(t, "a line's frequency", total.Expected(nil, long)[0].PerYear, 2e-6, 1e-6)
	for p := range total.Of(loud) {
		if p.Region != Region(loud.Districts) {
			t.Errorf("counts in %v", p.Region)
		}
	}
	if total.Grid() || total.Silent(data.All()) != 1 || total.Cells(CellAt(base, 14).window()) != nil {
		t.Error("people appear from nowhere")
	}
}

func TestPeopleAreRefused(t *testing.T) {
	for value, want := range map[string]string{"": "decimal", "-1": "decimal", "NaN": "decimal", "0x10": "decimal", "1e12": "decimal",
		"430000": "33 m", "many": "decimal"} {
		_, err := NewPeople([]data.Unit{{Code: "X7", Shape: base, Props: map[string]string{"people": value}}})
		var bad *data.Invalid
		if !errors.As(err, &bad) || bad.Field != "people" || !strings.Contains(err.Error(), "X7") || !strings.Contains(bad.Error(), want) {
			t.Errorf("%q: %v", value, err)
		}
	}
	if p, err := NewPeople(nil); p != nil || err != nil || p.Total() != 0 {
		t.Errorf("nobody: %v, %v", p, err)
	}
}
