package tiles

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/riskgrid"
	"riskatlas/tiles/mvtcheck"
)

// thought makes random changes of a town: some records changed, some removed,
// some new.
func thought(w *town, rng *rand.Rand, n int) []data.Change {
	m := citytest.NewMaker(rng, downtown)
	var changes []data.Change
	for i, k := range rng.Perm(len(w.hazards))[:n] {
		old := w.hazards[k]
		c := data.Change{ID: old.ID, If: data.Any}
		switch i % 3 {
		case 0:
			c.New = &data.Record{Hazard: m.Changed(old)}
		case 1:
			c.ID = citytest.ID(1_000_000 + rng.IntN(1_000_000))
			c.New = &data.Record{Hazard: m.Hazard(c.ID)}
		}
		changes = append(changes, c)
	}
	return changes
}

// A what-if shows, tile by tile and byte by byte, what a store with its changes
// would; the view that it was made of shows what it did.
func TestAWhatIfIsTheChangedCity(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 1))
	w := compactTown(t, 61, 60)
	r := w.renderer(Options{})
	changes := thought(w, rng, 12)
	requests := manyRequests(rng, w.profile.Taxonomy, 80)
	base := w.viewer.View()
	before := make([]Tile, len(requests))
	for i, req := range requests {
		before[i] = mustTile(t, r, req)
	}
	what, err := base.With(changes...)
	if err != nil {
		t.Fatal(err)
	}
	supposed := make([]Tile, len(requests))
	differ := 0
	for i, req := range requests {
		req.View = what
		supposed[i] = mustTile(t, r, req)
		if supposed[i].ETag != before[i].ETag {
			differ++
		}
		req.View = nil
		if again := mustTile(t, r, req); again.ETag != before[i].ETag || !bytes.Equal(again.Data, before[i].Data) {
			t.Fatalf("%+v: the city's own tile has changed", req)
		}
	}
	if differ < 10 {
		t.Errorf("%d of %d tiles differ: little was tested", differ, len(requests))
	}
	w.apply(changes...)
	fresh := w.renderer(Options{}) // with nothing in its memory
	for i, req := range requests {
		real := mustTile(t, fresh, req)
		if real.ETag != supposed[i].ETag || !bytes.Equal(real.Data, supposed[i].Data) {
			t.Errorf("%+v: the what-if shows another tile than the changed city", req)
		}
	}
	now := w.viewer.View()
	for i, d := range now.districts {
		if o := what.districts[i]; d.level != o.level || d.counts != o.counts {
			t.Errorf("district %s: %v %v in thought, %v %v in the store", d.unit.Code, o.level, o.counts, d.level, d.counts)
		}
	}
}

// What is added and removed again leaves no trace; two what-ifs that change one
// record in two ways share no tile in which it shows.
func TestWhatIfsShareOnlyWhatIsEqual(t *testing.T) {
	rng := rand.New(rand.NewPCG(62, 1))
	w := compactTown(t, 62, 60)
	r := w.renderer(Options{})
	base := w.viewer.View()
	m := citytest.NewMaker(rng, downtown)
	added := m.Shaped("NEW", downtown.Center())
	with, err := base.With(data.Change{ID: "NEW", New: &data.Record{Hazard: added}})
	if err != nil {
		t.Fatal(err)
	}
	without, err := with.With(data.Change{ID: "NEW"})
	if err != nil {
		t.Fatal(err)
	}
	if without.Base() != base || base.Base() != nil {
		t.Error("a what-if of a what-if has the city as its base")
	}
	if _, ok := without.Supposed("NEW"); ok {
		t.Error("what was removed is supposed still")
	}
	for _, req := range manyRequests(rng, w.profile.Taxonomy, 60) {
		own := mustTile(t, r, req)
		req.View = without
		if got := mustTile(t, r, req); got.ETag != own.ETag || !bytes.Equal(got.Data, own.Data) {
			t.Fatalf("%+v: added and removed, it has left a trace", req)
		}
	}
	if !slices.Equal(allBase(without), allBase(base)) {
		t.Error("added and removed, it has left a trace in the field")
	}

	two := [2]*View{}
	for i, reach := range []float64{150, 151} {
		h := *added
		h.Status = data.Active
		f, err := data.NewFootprint(data.Footprint{Kind: data.Linear, V0: 1, R1: 10, R2: reach})
		if err != nil {
			t.Fatal(err)
		}
		h.Scenarios = []data.Scenario{{PerYear: 1e-3, Footprint: f}}
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		if two[i], err = base.With(data.Change{ID: "NEW", New: &data.Record{Hazard: sealed}}); err != nil {
			t.Fatal(err)
		}
	}
	for z := data.Layers[data.LayerRisk].MinZoom; z <= 18; z++ {
		req := Request{Tile: tileAt(maptile.Zoom(z), 0, 0), Layers: Layers(data.LayerRisk), Filter: data.All()}
		tags := map[string]bool{}
		for _, v := range []*View{base, two[0], two[1]} {
			req.View = v
			tags[mustTile(t, r, req).ETag] = true
		}
		if len(tags) != 3 {
			t.Errorf("zoom %d: %d ETags for three cities", z, len(tags))
		}
	}
	if n := two[0].OwnBytes(); n < 1000 || n > 4<<20 {
		t.Errorf("a what-if of one source says that it takes %d bytes", n)
	}
}

func allBase(v *View) []data.Level {
	c := newCanvas(tileAt(11, 0, 0), 0)
	g := &surface{window: c.window(0)}
	g.window.X, g.window.Y, g.window.W, g.window.H, g.window.Zoom = g.window.X<<3, g.window.Y<<3, g.window.W<<3, g.window.H<<3, 20
	g.ir, g.level = make([]riskgrid.Risk, g.window.W*g.window.H), make([]data.Level, g.window.W*g.window.H)
	g.read(v.Field, Request{Tile: tileAt(14, 0, 0)}, v.City.Shares)
	return g.level
}

func TestWhatIfsAreBounded(t *testing.T) {
	w := compactTown(t, 63, 10)
	base := w.viewer.View()
	far, err := data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: 20_000, R2: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	change := func(i int, perYear float64, shape orb.Geometry) data.Change {
		h := data.Hazard{ID: citytest.ID(100 + i), Name: "x", Class: w.hazards[0].Class, Shape: shape,
			Scenarios: []data.Scenario{{PerYear: perYear, Footprint: far}}}
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		return data.Change{ID: h.ID, New: &data.Record{Hazard: sealed}}
	}
	var many []data.Change
	for i := range 30 { // some 400 tiles of zoom 14 each
		many = append(many, change(i, 1e-6, downtown.Center()))
	}
	if _, err := base.With(many...); invalidField(err) != "changes" {
		t.Errorf("30 sources that reach 20 km: %v", err)
	}
	if _, err := base.With(many[:10]...); err != nil {
		t.Errorf("10 of them: %v", err)
	}
	if _, err := base.With(many[0], many[0]); invalidField(err) != "id" {
		t.Errorf("one id twice: %v", err)
	}
	req := Request{View: base, Tile: tileAt(12, 0, 0), Layers: Layers(data.LayerRisk, data.LayerDiff), Filter: data.All()}
	if _, err := w.renderer(Options{}).Tile(t.Context(), req); invalidField(err) != "whatif" {
		t.Errorf("diff of the city itself: %v", err)
	}
}

func invalidField(err error) string {
	if invalid, ok := err.(*data.Invalid); ok {
		return invalid.Field
	}
	return ""
}

// At every cell's centre the layer diff says how the level of the layer grid's
// cell there has changed; its rings are strict.
func TestDiffSaysHowLevelsChange(t *testing.T) {
	rng := rand.New(rand.NewPCG(64, 1))
	w := compactTown(t, 64, 60)
	r := w.renderer(Options{})
	what, err := w.viewer.View().With(thought(w, rng, 30)...)
	if err != nil {
		t.Fatal(err)
	}
	changed, seen := 0, 0
	for _, req := range manyRequests(rng, w.profile.Taxonomy, 60) {
		req.View, req.Layers = what, Layers(data.LayerDiff)
		if req.Tile.Z < 5 {
			continue
		}
		tile := mustTile(t, r, req)
		seen++
		n := checkDiff(t, what, req, tile)
		changed += n
		if tile.Empty != (n == 0) {
			t.Errorf("%+v: %d cells change, empty is %v", req, n, tile.Empty)
		}
	}
	if changed < 1000 {
		t.Errorf("%d cells change in %d tiles: little was tested", changed, seen)
	}
	same, err := what.With(data.Change{ID: "nothing"})
	if err != nil {
		t.Fatal(err)
	}
	req := Request{View: same, Tile: tileAt(12, 0, 0), Layers: Layers(data.LayerDiff), Filter: data.All()}
	if a, b := mustTile(t, r, req), mustTile(t, r, Request{View: what, Tile: req.Tile, Layers: req.Layers, Filter: req.Filter}); a.ETag != b.ETag {
		t.Error("equal what-ifs have different tiles")
	}
}

// checkDiff gives the number of cells in the tile that change.
func checkDiff(t *testing.T, v *View, req Request, tile Tile) (changed int) {
	t.Helper()
	req = req.canonical()
	c := newCanvas(req.Tile, req.Datum)
	from, to := v.base.surface(t.Context(), nil, c, req), v.surface(t.Context(), nil, c, req)
	var l *mvtcheck.Layer
	if !tile.Empty {
		decoded, err := mvtcheck.Strict(unzipped(t, tile), extent/8)
		if err != nil {
			t.Fatalf("%+v: %v", req, err)
		}
		l = decoded.Layer("diff")
	}
	o := newOutliner(to.window)
	for k := range to.level {
		if !o.meets(c, k) {
			continue
		}
		x, y := k%to.window.W, k/to.window.W
		a, b := o.vertex(c, x, y), o.vertex(c, x+1, y+1)
		middle := mvtcheck.Point{X: int64(a.x+b.x) / 2, Y: int64(a.y+b.y) / 2}
		var found []*mvtcheck.Feature
		if l != nil {
			for i := range l.Features {
				for _, p := range l.Features[i].Polygons {
					if in, _ := p.Contains(middle); in {
						found = append(found, &l.Features[i])
					}
				}
			}
		}
		if from.level[k] == to.level[k] {
			if len(found) > 0 {
				t.Fatalf("%+v: cell %d does not change, and diff has it", req, k)
			}
			continue
		}
		changed++
		word := "rise"
		if to.level[k] < from.level[k] {
			word = "fall"
		}
		if len(found) != 1 || found[0].Properties["from"] != uint64(from.level[k]) || found[0].Properties["to"] != uint64(to.level[k]) ||
			found[0].Properties["change"] != word {
			t.Fatalf("%+v: cell %d goes from %d to %d, diff has %v", req, k, from.level[k], to.level[k], found)
		}
	}
	return changed
}
