package tiles

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/riskgrid"
	"riskatlas/tiles/mvtcheck"
)

// homes are random squares of people in downtown.
func homes(rng *rand.Rand, n int) []data.Unit {
	units := make([]data.Unit, n)
	for i := range units {
		p := orb.Point{downtown.Min[0] + rng.Float64()*0.08, downtown.Min[1] + rng.Float64()*0.07}
		units[i] = data.Unit{Code: fmt.Sprintf("H%03d", i), Shape: data.PadMetres(orb.Bound{Min: p, Max: p}, 150).ToPolygon(),
			Props: map[string]string{data.PeopleProp: fmt.Sprintf("%.3f", 300*rng.Float64())}}
	}
	return units
}

// figures are all that a view's totals say.
func figures(v *View) string {
	var parts []string
	for p := range v.Totals.Parts(data.All()) {
		parts = append(parts, fmt.Sprintf("%+v", p))
	}
	slices.Sort(parts)
	for r, g := range v.Totals.Regions() {
		parts = append(parts, fmt.Sprint(r, g))
	}
	at := tileAt(12, 0, 0)
	parts = append(parts, fmt.Sprint(v.Totals.Cells(riskgrid.TileWindow(12, at.X, at.Y, 0))), fmt.Sprint(v.Totals.People(), v.Totals.Loss(data.All())))
	for i := range v.districts {
		parts = append(parts, fmt.Sprint(v.districts[i].level, v.districts[i].share))
	}
	return fmt.Sprint(parts)
}

// The totals of a view are those of a fresh one through any changes: of sources,
// of people and of districts.
func TestTotalsFollow(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 1))
	w := compactTown(t, 51, 50)
	m := citytest.NewMaker(rng, downtown)
	said := map[string]bool{}
	for i := range 12 {
		switch i {
		case 2, 7:
			w.wait(w.replace(data.PeopleKind, homes(rng, 40)))
		case 4:
			w.wait(w.replace(data.DistrictKind("2021"), citytest.Districts("2021", orb.Bound{Min: downtown.Min, Max: orb.Point{120.18, 30.27}})))
		case 9:
			w.wait(w.replace(data.PeopleKind, nil))
		default:
			h := m.Changed(w.hazards[rng.IntN(len(w.hazards))])
			w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
		}
		v := w.viewer.View()
		fresh := NewViewer(w.profile, city.InternalView)
		if got, want := figures(v), figures(fresh.next(nil, v.Snapshot, nil, nil)); got != want {
			t.Fatalf("after change %d:\n%.2000s\nafresh\n%.2000s", i, got, want)
		}
		if v.PeopleKnown() != (i >= 2 && i < 9) {
			t.Errorf("after change %d people are known: %v", i, v.PeopleKnown())
		}
		said[figures(v)] = true
	}
	if len(said) < 8 {
		t.Errorf("only %d states", len(said))
	}
}

// People that cannot be put on the ground are refused as a whole, like too much
// risk.
func TestTooManyPeopleInACell(t *testing.T) {
	w := compactTown(t, 52, 5)
	good := w.viewer.View()
	crowd := []data.Unit{{Code: "X", Shape: downtown.Center(), Props: map[string]string{data.PeopleProp: "500000"}}}
	w.wait(w.replace(data.PeopleKind, crowd))
	if w.viewer.Err() == nil || w.viewer.View() != good {
		t.Fatalf("got %v", w.viewer.Err())
	}
	crowd[0].Props[data.PeopleProp] = "400000"
	w.wait(w.replace(data.PeopleKind, crowd))
	if w.viewer.Err() != nil || w.viewer.View().Totals.People().Persons() != 400000 {
		t.Errorf("afterwards: %v", w.viewer.Err())
	}
}

func TestJudge(t *testing.T) {
	v := &View{City: townProfile(townCuts)}
	people := func(parts ...float64) (g riskgrid.Tally) {
		for l, n := range parts {
			g.People[riskgrid.InService][l] = riskgrid.Headcount(n * 1e4)
		}
		g.Area[riskgrid.InService] = [5]int64{0, 0, 0, 0, 1e10} // all red: people decide
		return g
	}
	j := v.Judge(people(0, 187500, 10000, 2000, 500), [5]int{}, riskgrid.InService)
	if j.Level != data.Significant || j.From != ByPeople || j.Share != data.Significant || j.Floor != data.LevelNone {
		t.Errorf("the worked district: %+v", j)
	}
	for l, want := range [5]float64{1, 1, 0.0625, 0.0125, 0.0025} {
		if math.Abs(j.Shares[l]-want) > 1e-15 {
			t.Errorf("share from level %d: %g, want %g", l, j.Shares[l], want)
		}
	}
	if j := v.Judge(people(), [5]int{}, riskgrid.InService); j.Level != data.Major || j.From != ByArea || j.Shares[4] != 1 {
		t.Errorf("nobody lives there: %+v", j)
	}
	if j := v.Judge(people(0, 1000), [5]int{4: 3}, riskgrid.InService); j.Level != data.Significant || j.Share != data.Low || j.Floor != data.Significant {
		t.Errorf("three sources of level 4: %+v", j)
	}
	if j := v.Judge(riskgrid.Tally{}, [5]int{}, riskgrid.NewBuild); j.Level != data.LevelNone || j.Shares != [5]float64{} {
		t.Errorf("nothing: %+v", j)
	}
}

// lossesOf gives the losses that a tile's cells show.
func lossesOf(t *testing.T, r *Renderer, at maptile.Tile, f data.Filter) map[uint64]float64 {
	t.Helper()
	tile, err := r.Tile(t.Context(), Request{Tile: at, Layers: Layers(data.LayerGrid), Filter: f})
	if err != nil {
		t.Fatal(err)
	}
	if tile.Empty {
		return nil
	}
	decoded, err := mvtcheck.Decode(unzip(t, tile.Data))
	if err != nil {
		t.Fatal(err)
	}
	out := map[uint64]float64{}
	for _, f := range decoded.Layers[0].Features {
		v, ok := f.Properties["pll"].(float64)
		if !ok {
			t.Fatalf("%v: a cell without its loss: %v", at, f.Properties)
		}
		out[f.ID] = v
	}
	return out
}

// The grid's cells carry the loss of the people on them: whole base cells or
// coarser exactly, finer ones equal parts; only that layer's name depends on
// people.
func TestGridShowsLosses(t *testing.T) {
	w := compactTown(t, 53, 60)
	layers := []LayerSet{Layers(data.LayerRisk), Layers(data.LayerGrid), Layers(data.LayerHazards), Layers(data.LayerPlaces)}
	tags := func() (out []Key) {
		v := w.viewer.View()
		for _, l := range layers {
			k, _ := v.key(Request{Tile: tileAt(14, 0, 0), Layers: l, Filter: data.All()}.canonical(), "test")
			out = append(out, k)
		}
		return out
	}
	before := tags()
	here := data.Unit{Code: "CENTRE", Shape: data.PadMetres(orb.Bound{Min: downtown.Center(), Max: downtown.Center()}, 900).ToPolygon(),
		Props: map[string]string{data.PeopleProp: "9000"}}
	w.wait(w.replace(data.PeopleKind, append(homes(rand.New(rand.NewPCG(53, 2)), 60), here)))
	for i, k := range tags() {
		if (k != before[i]) != (layers[i] == Layers(data.LayerGrid)) {
			t.Errorf("layers %v: key changed %v", layers[i], k != before[i])
		}
	}
	r, v := w.renderer(Options{}), w.viewer.View()
	some := data.All()
	some.Industries &^= 0b1010
	for _, f := range []data.Filter{data.All(), some} {
		for _, z := range []maptile.Zoom{12, 14, 16} {
			at := tileAt(z, 0, 0)
			window := riskgrid.TileWindow(uint8(z), at.X, at.Y, 0)
			want := v.losses(t.Context(), window, f)
			got := lossesOf(t, r, at, f)
			if len(got) == 0 {
				t.Fatalf("z%d: nothing shown", z)
			}
			sum := 0.0
			for i, l := range want {
				id := uint64(window.Zoom)<<44 | uint64(window.Y+i/window.W)<<22 | uint64(window.X+i%window.W)
				if shown, ok := got[id]; ok && shown != l {
					t.Errorf("z%d cell %d: %g, want %g", z, i, shown, l)
				}
				sum += l
			}
			base := window
			if z > 14 {
				base = riskgrid.Window{X: window.X >> 2, Y: window.Y >> 2, W: 16, H: 16, Zoom: riskgrid.BaseZoom}
			}
			whole := riskgrid.Loss{}
			for _, l := range v.Totals.CellsOf(base, func(b orb.Bound) iter.Seq[*data.Hazard] { return v.Reaching(b, f) }) {
				whole = whole.Plus(l)
			}
			if whole.IsZero() || math.Abs(sum-whole.PerYear()) > 1e-12*sum {
				t.Errorf("z%d: cells lose %g, the ground %g", z, sum, whole.PerYear())
			}
		}
	}
}
