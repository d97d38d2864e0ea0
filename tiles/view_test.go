package tiles

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/riskgrid"
)

// The field of a view is that of its snapshot's hazards, through changes of
// every kind.
func TestViewFollows(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	w := compactTown(t, 41, 60)
	m := citytest.NewMaker(rng, downtown)
	for i := range 8 {
		h := m.Changed(w.hazards[rng.IntN(len(w.hazards))])
		change := data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}}
		if i%4 == 3 {
			change.New = nil
		}
		w.hazards = slices.DeleteFunc(w.hazards, func(o *data.Hazard) bool { return o.ID == h.ID })
		if change.New != nil {
			w.hazards = append(w.hazards, h)
		}
		w.apply(change)
		v := w.viewer.View()
		want := riskgrid.NewField(w.viewer.cuts, slices.Values(w.hazards))
		window := riskgrid.TileWindow(12, tileAt(12, 0, 0).X, tileAt(12, 0, 0).Y, 1)
		if !slices.Equal(v.Pool(window), want.Pool(window)) {
			t.Fatalf("change %d: the field is not that of the snapshot", i)
		}
		fresh := newTown(t, w.profile, w.hazards).viewer.View()
		for k, d := range v.districts {
			if f := fresh.districts[k]; d.share != f.share || d.level != f.level || d.counts != f.counts {
				t.Fatalf("change %d: district %s: level %d (%d) counts %v, of a fresh view %d (%d) %v",
					i, d.unit.Code, d.level, d.share, d.counts, f.level, f.share, f.counts)
			}
		}
	}
}

func TestDistrictRule(t *testing.T) {
	rule := city.ShareRule{Major: 0.01, Significant: 0.01, General: 0.05}
	for _, c := range []struct {
		parts [5]float64 // none, blue, yellow, orange, red
		want  data.Level
	}{
		{[5]float64{0, 187500, 10000, 2000, 500}, data.Significant}, // the published example: .25 %, 1.25 %, 6.25 %
		{[5]float64{0, 99, 0, 0, 1}, data.Major},
		{[5]float64{0, 99.01, 0, 0, 0.99}, data.Low},
		{[5]float64{0, 98.9, 0.11, 0, 0.99}, data.Low},
		{[5]float64{0, 99, 0, 0.5, 0.5}, data.Significant},
		{[5]float64{95, 0, 5, 0, 0}, data.General},
		{[5]float64{95.1, 0, 4.9, 0, 0}, data.Low},
		{[5]float64{99, 1, 0, 0, 0}, data.Low},
		{[5]float64{100, 0, 0, 0, 0}, data.LevelNone},
		{[5]float64{}, data.LevelNone},
	} {
		if got := shareLevel(c.parts, rule); got != c.want {
			t.Errorf("%v: %s, want %s", c.parts, got, c.want)
		}
	}
	for _, c := range []struct {
		share  data.Level
		counts [5]int
		want   data.Level
	}{
		{data.Low, [5]int{4: 3}, data.Significant},
		{data.Major, [5]int{4: 3}, data.Major},
		{data.Low, [5]int{4: 2}, data.General},
		{data.Significant, [5]int{4: 1}, data.Significant},
		{data.LevelNone, [5]int{3: 9}, data.Low},
		{data.LevelNone, [5]int{}, data.LevelNone},
	} {
		if got := floorLevel(c.share, c.counts); got != c.want {
			t.Errorf("%s with %v: %s, want %s", c.share, c.counts, got, c.want)
		}
	}
}

// Districts follow the unfiltered field by the areas of base cells whose centres
// lie in them, and under a filter have counts alone.
func TestDistrictsOfAView(t *testing.T) {
	w := compactTown(t, 42, 80)
	v := w.viewer.View()
	vintage := v.defaultVintage()
	levels := map[data.Level]bool{}
	for _, d := range v.shown(citytest.Bound, Request{Filter: data.All()}) {
		poly := d.Unit.Shape.(orb.Polygon)
		b := poly.Bound()
		nw, se := riskgrid.CellAt(orb.Point{b.Min[0], b.Max[1]}, 20), riskgrid.CellAt(orb.Point{b.Max[0], b.Min[1]}, 20)
		window := riskgrid.Window{X: int(nw.X), Y: int(nw.Y), W: int(se.X-nw.X) + 1, H: int(se.Y-nw.Y) + 1, Zoom: 20}
		cells := make([]riskgrid.Risk, window.W*window.H)
		riskgrid.Superpose(cells, window, active(v.Snapshot))
		var parts [5]float64
		for i, r := range cells {
			c := riskgrid.Cell{X: uint32(window.X + i%window.W), Y: uint32(window.Y + i/window.W), Zoom: 20}
			if data.Contains(poly, c.Centre()) {
				parts[v.Cuts.Level(r)]++ // areas differ by 1 in 1000 at most here
			}
		}
		var counts [5]int
		for _, h := range w.hazards {
			if h.Status == data.Active && data.Contains(poly, h.Label()) {
				counts[h.Level]++
			}
		}
		if want := floorLevel(shareLevel(parts, w.profile.Shares), counts); d.Level != want || v.DistrictLevel(d.Unit.Code) != want {
			t.Errorf("%s: level %s, want %s", d.Unit.Code, d.Level, want)
		}
		levels[d.Level] = true
		if n := counts[1] + counts[2] + counts[3] + counts[4]; d.Count != n {
			t.Errorf("%s: %d sources, want %d", d.Unit.Code, d.Count, n)
		}
	}
	if len(levels) < 2 {
		t.Error("all districts have one level: nothing was tested")
	}
	f := data.All()
	f.Industries &^= 0b10101
	for _, d := range v.shown(citytest.Bound, Request{Filter: f}) {
		at, _ := vintage.District(d.Unit.Code)
		n := 0
		for _, h := range w.hazards {
			if h.Status == data.Active && f.Match(h) && data.Contains(d.Unit.Shape.(orb.Polygon), h.Label()) {
				n++
			}
		}
		if d.Level != data.LevelNone || d.Count != n || at == 0 {
			t.Errorf("%s under a filter: level %s, %d sources, want none and %d", d.Unit.Code, d.Level, d.Count, n)
		}
	}
	if v.DistrictLevel("nowhere") != data.LevelNone {
		t.Error("a district that is not has a level")
	}
}

// Frequencies that would not fit in the grid's numbers are refused as a whole:
// the last good view stays, and the next good revision is shown.
func TestTooMuchRiskIsRefused(t *testing.T) {
	w := compactTown(t, 43, 10)
	var line orb.LineString
	for i := range 2000 { // 30 km back and forth, 60 000 km in all
		line = append(line, orb.Point{120.0 + 0.3*float64(i%2), 30.2})
	}
	f, err := data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: 10, R2: 10})
	if err != nil {
		t.Fatal(err)
	}
	good := w.viewer.View()
	var changes []data.Change
	for i := range 20 {
		h := citytest.Seal(data.Hazard{ID: citytest.ID(5000 + i), Class: data.Class{Level: data.Low}, Shape: line,
			Scenarios: []data.Scenario{{PerYear: 1e-2, Per: data.PerKm, Footprint: f}}})
		changes = append(changes, data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
	}
	if err := good.Holds(changes...); err == nil || !strings.Contains(err.Error(), "per_year") {
		t.Errorf("asked before: %v", err)
	}
	if err := good.Holds(changes[0]); err != nil {
		t.Errorf("asked of one: %v", err)
	}
	w.apply(changes...)
	if err := w.viewer.Reached(t.Context(), good.Revision()+1); err == nil || !strings.Contains(err.Error(), "per_year") {
		t.Errorf("who waits for it hears %v", err)
	}
	if err := w.viewer.Err(); err == nil || !strings.Contains(err.Error(), "per_year") {
		t.Fatalf("got %v", err)
	}
	if w.viewer.View() != good {
		t.Error("the last good view is gone")
	}
	for i := range changes {
		changes[i].New = nil
	}
	w.apply(changes...)
	if err := w.viewer.Reached(t.Context(), good.Revision()+2); err != nil {
		t.Errorf("who waits for the next hears %v", err)
	}
	v := w.viewer.View()
	window := riskgrid.TileWindow(12, tileAt(12, 0, 0).X, tileAt(12, 0, 0).Y, 0)
	if w.viewer.Err() != nil || v.Revision() <= good.Revision() || !slices.Equal(v.Pool(window), good.Pool(window)) {
		t.Errorf("afterwards: %v at revision %d", w.viewer.Err(), v.Revision())
	}
}
