package tiles

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
	"riskatlas/tiles/mvtcheck"
)

func TestNotReady(t *testing.T) {
	r, err := NewRenderer(NewViewer(townProfile(townCuts), "internal"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Tile(t.Context(), Request{}); !errors.Is(err, ErrNotReady) {
		t.Errorf("before the first view: %v", err)
	}
}

// A tile computed again, by another renderer of another load of the city, has
// the same bytes and the same tag, and one that is known is not sent at all.
func TestTilesAreDeterministic(t *testing.T) {
	w := compactTown(t, 31, 80)
	first, second := w.renderer(Options{}), newTown(t, w.profile, w.hazards).renderer(Options{})
	full := 0
	for i, req := range manyRequests(rand.New(rand.NewPCG(31, 2)), w.profile.Taxonomy, 60) {
		a, b := mustTile(t, first, req), mustTile(t, second, req)
		if !bytes.Equal(a.Data, b.Data) || a.ETag != b.ETag || a.Empty != b.Empty || a.ETag == "" {
			t.Fatalf("request %d: %v %s differs", i, req.Tile, req.Layers)
		}
		if a.Empty != (len(a.Data) == 0) {
			t.Fatalf("request %d: empty %v with %d bytes", i, a.Empty, len(a.Data))
		}
		if !a.Empty {
			full++
			if len(a.Data) > 500_000 {
				t.Errorf("request %d: %d bytes", i, len(a.Data))
			}
		}
		req.Known = `W/"old", ` + a.ETag
		if again := mustTile(t, second, req); !again.NotModified || again.Data != nil || again.ETag != a.ETag {
			t.Fatalf("request %d: known and sent again", i)
		}
	}
	if full < 20 {
		t.Errorf("only %d tiles had anything in them", full)
	}
	// A tag is answered before any cache: by a renderer that never built it.
	third := w.renderer(Options{})
	req := Request{Tile: tileAt(14, 0, 0), Layers: AllLayers, Filter: data.All()}
	req.Known = mustTile(t, first, req).ETag
	if tile := mustTile(t, third, req); !tile.NotModified || third.stats.Computed.Load() != 0 {
		t.Errorf("not modified %v after %d computations", tile.NotModified, third.stats.Computed.Load())
	}
}

func TestOneComputationForAThousand(t *testing.T) {
	w := compactTown(t, 32, 100)
	r := w.renderer(Options{})
	req := Request{Tile: tileAt(11, 0, 0), Layers: AllLayers, Filter: data.All()}
	req.Filter.Levels &^= 2
	const n = 1000
	var wg sync.WaitGroup
	start := make(chan struct{})
	tags := make([]string, n)
	for i := range n {
		wg.Go(func() {
			<-start
			tile, err := r.Tile(context.Background(), req)
			if err != nil {
				t.Error(err)
			}
			tags[i] = tile.ETag
		})
	}
	close(start)
	wg.Wait()
	s := &r.stats
	if s.Computed.Load() != 1 || s.Joined.Load()+s.MemoryHits.Load() != n-1 || s.Requests.Load() != n {
		t.Errorf("computed %d, joined %d, from memory %d", s.Computed.Load(), s.Joined.Load(), s.MemoryHits.Load())
	}
	for _, tag := range tags {
		if tag != tags[0] || tag == "" {
			t.Fatal("the answers differ")
		}
	}
}

func TestBadAddress(t *testing.T) {
	r := randomTown(t, 33, 5).renderer(Options{})
	for field, tile := range map[string]maptile.Tile{"z": maptile.New(0, 0, 23), "x": maptile.New(8, 0, 3), "y": maptile.New(0, 8, 3)} {
		_, err := r.Tile(t.Context(), Request{Tile: tile, Layers: AllLayers, Filter: data.All()})
		if invalid := (*data.Invalid)(nil); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%v: %v, want a word on %s", tile, err, field)
		}
	}
	for _, tile := range []maptile.Tile{maptile.New(0, 0, 0), maptile.New(7, 7, 3), maptile.New(1<<22-1, 1<<22-1, 22)} {
		if got := mustTile(t, r, Request{Tile: tile, Layers: AllLayers, Filter: data.All()}); !got.Empty || got.ETag == "" {
			t.Errorf("%v: empty %v, tag %s", tile, got.Empty, got.ETag)
		}
	}
}

// What a client that leaves and a server at its limits get.
func TestBusyAndGone(t *testing.T) {
	w := compactTown(t, 34, 20)
	r := w.renderer(Options{Builds: 1, Queue: 1, QueueWait: time.Hour})
	if err := r.limit.acquire(t.Context()); err != nil { // a build that takes its time
		t.Fatal(err)
	}
	ask := func(ctx context.Context, dx int) error {
		_, err := r.Tile(ctx, Request{Tile: tileAt(12, dx, 0), Layers: Layers(data.LayerDistricts), Filter: data.All()})
		return err
	}
	ctx, leave := context.WithCancel(t.Context())
	gone, waited := make(chan error), make(chan error)
	go func() { gone <- ask(ctx, 0) }()
	for r.stats.Waiting.Load() != 1 {
	}
	if err := ask(t.Context(), 1); !errors.Is(err, ErrBusy) {
		t.Errorf("past the queue: %v", err)
	}
	go func() { waited <- ask(t.Context(), 0) }()
	for joined := 0; joined != 2; {
		r.flights.mu.Lock()
		for _, f := range r.flights.open {
			joined = f.waiting
		}
		r.flights.mu.Unlock()
	}
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	r.limit.release()
	if err := <-waited; err != nil {
		t.Errorf("who stayed: %v", err)
	}
}

// byRequest is what a renderer gives for each request.
func byRequest(t *testing.T, r *Renderer, reqs []Request) []Tile {
	out := make([]Tile, len(reqs))
	for i, req := range reqs {
		out[i] = mustTile(t, r, req)
	}
	return out
}

// Through random changes of the city, a tile whose bytes are others has another
// tag, and a tile whose tag is the same has the same bytes.
func TestKeysFollowContent(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 2))
	w := compactTown(t, 35, 80)
	reqs := manyRequests(rng, w.profile.Taxonomy, 50)
	m := citytest.NewMaker(rng, downtown)
	last := byRequest(t, w.renderer(Options{}), reqs)
	renewed, kept := 0, 0
	for round := range 5 {
		i := rng.IntN(len(w.hazards))
		h := m.Changed(w.hazards[i])
		w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
		w.hazards[i] = h
		now := byRequest(t, w.renderer(Options{}), reqs)
		for i := range reqs {
			same := bytes.Equal(now[i].Data, last[i].Data)
			if now[i].ETag == last[i].ETag {
				kept++
				if !same {
					t.Fatalf("round %d: %v %s changed under its tag", round, reqs[i].Tile, reqs[i].Layers)
				}
			} else {
				renewed++
			}
		}
		last = now
	}
	if renewed == 0 || kept < renewed {
		t.Errorf("%d tiles renewed and %d kept: want some renewed and most kept", renewed, kept)
	}
	// The city that grew by changes is the city loaded at once.
	fresh := byRequest(t, newTown(t, w.profile, w.hazards).renderer(Options{}), reqs)
	for i := range reqs {
		if fresh[i].ETag != last[i].ETag || !bytes.Equal(fresh[i].Data, last[i].Data) {
			t.Fatalf("%v %s depends on the way to the city's state", reqs[i].Tile, reqs[i].Layers)
		}
	}
}

// Adding a source and removing it again restores every byte.
func TestAddThenRemove(t *testing.T) {
	rng := rand.New(rand.NewPCG(36, 2))
	w := compactTown(t, 36, 60)
	reqs := manyRequests(rng, w.profile.Taxonomy, 60)
	m := citytest.NewMaker(rng, downtown)
	before := byRequest(t, w.renderer(Options{}), reqs)
	for i := range 3 {
		h := m.Hazard(citytest.ID(1000 + i))
		w.apply(data.Change{ID: h.ID, New: &data.Record{Hazard: h}})
	}
	between := byRequest(t, w.renderer(Options{}), reqs)
	for i := range 3 {
		w.apply(data.Change{ID: citytest.ID(1000 + i), If: data.Any})
	}
	after := byRequest(t, w.renderer(Options{}), reqs)
	changed := 0
	for i := range reqs {
		if !bytes.Equal(before[i].Data, after[i].Data) || before[i].ETag != after[i].ETag {
			t.Fatalf("%v %s: not what it was", reqs[i].Tile, reqs[i].Layers)
		}
		if before[i].ETag != between[i].ETag {
			changed++
		}
	}
	if changed == 0 {
		t.Error("three more sources changed no tile")
	}
}

// What no tile shows renews no tile: a telephone number, a measure, who wrote it.
func TestDetailsRenewNothing(t *testing.T) {
	w := compactTown(t, 37, 40)
	r := w.renderer(Options{})
	reqs := manyRequests(rand.New(rand.NewPCG(37, 2)), w.profile.Taxonomy, 60)
	before := byRequest(t, r, reqs)
	built := r.stats.Computed.Load()
	var changes []data.Change
	for _, h := range w.hazards {
		changes = append(changes, data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h,
			Detail: data.Detail{DutyPhone: "000-0000", Enterprise: "another", Measures: &data.Measures{Engineering: []string{"a wall"}}}}})
	}
	revision := w.viewer.View().Revision()
	w.apply(changes...)
	if w.viewer.View().Revision() == revision {
		t.Fatal("nothing was written")
	}
	for i, req := range reqs {
		req.Known = before[i].ETag
		if !mustTile(t, r, req).NotModified {
			t.Fatalf("%v %s was renewed", req.Tile, req.Layers)
		}
	}
	if r.stats.Computed.Load() != built {
		t.Error("something was computed")
	}
}

// A source in a far corner of a district is counted in it everywhere, while
// tiles of the ground elsewhere stay as they are.
func TestFarCornerRenewsDistricts(t *testing.T) {
	w := compactTown(t, 38, 40)
	r := w.renderer(Options{})
	d := &w.viewer.View().districts[4]
	corner := orb.Point{d.bound.Min[0] + 0.1*(d.bound.Max[0]-d.bound.Min[0]), d.label[1]}
	if !data.Contains(d.unit.Shape.(orb.Polygon), corner) {
		t.Fatal("the corner is not in the district")
	}
	tile := maptile.At(d.label, 17)
	ask := func(l data.Layer, f data.Filter) string {
		return mustTile(t, r, Request{Tile: tile, Layers: Layers(l), Filter: f}).ETag
	}
	layers := []data.Layer{data.LayerDistricts, data.LayerRisk, data.LayerHazards, data.LayerPlaces}
	some, others := data.All(), data.All()
	some.Industries &^= 0b10
	others.Industries &^= 0b01
	filters := []data.Filter{data.All(), some, others}
	var before []string
	for _, f := range filters {
		for _, l := range layers {
			before = append(before, ask(l, f))
		}
	}
	h := *citytest.NewMaker(rand.New(rand.NewPCG(1, 1)), downtown).Shaped("NEW", corner)
	h.Industry, h.Status, h.Scenarios = 0, data.Active, w.hazards[0].Scenarios[:0]
	w.apply(data.Change{ID: "NEW", New: &data.Record{Hazard: citytest.Seal(h)}})
	i := 0
	for k, f := range filters {
		for _, l := range layers {
			// The third filter leaves the new source's industry out.
			if renewed, want := ask(l, f) != before[i], l == data.LayerDistricts && k != 2; renewed != want {
				t.Errorf("filter %d, layer %s: renewed %v, want %v", k, l, renewed, want)
			}
			i++
		}
	}
}

// A tile of an offset datum's map is the same ground, moved: the colour at a
// place of the WGS 84 map is that at the converted place of the other, but for
// the rounding of borders.
func TestDatumTilesShowTheSameGround(t *testing.T) {
	w := compactTown(t, 39, 60)
	r := w.renderer(Options{})
	rng := rand.New(rand.NewPCG(39, 2))
	bands := func(tile maptile.Tile, d datum.Datum) map[data.Level][]mvtcheck.Polygon {
		got := mustTile(t, r, Request{Tile: tile, Layers: Layers(data.LayerRisk), Filter: data.All(), Datum: d})
		out, err := mvtcheck.Strict(unzipped(t, got), 2*extent)
		if err != nil {
			t.Fatal(err)
		}
		return bandsOf(out)
	}
	compared := map[data.Level]int{}
	for _, d := range []datum.Datum{datum.GCJ02, datum.BD09} {
		for range 10 {
			z := maptile.Zoom(10 + rng.IntN(9))
			tile := maptile.At(d.FromWGS84(w.hazards[rng.IntN(len(w.hazards))].Label()), z)
			moved, canvas := bands(tile, d), newCanvas(tile, d)
			plain := map[maptile.Tile]map[data.Level][]mvtcheck.Polygon{}
			for range 60 {
				x, y := rng.Float64(), rng.Float64()
				p := d.ToWGS84(lonLat((canvas.x0+x*extent)/canvas.world, (canvas.y0+y*extent)/canvas.world))
				home := maptile.At(p, z)
				if plain[home] == nil {
					plain[home] = bands(home, datum.WGS84)
				}
				a, sureA := around(moved, canvas, p)
				b, sureB := around(plain[home], newCanvas(home, datum.WGS84), p)
				if sureA && sureB {
					compared[a]++
					if a != b {
						t.Fatalf("%s %v at %v: level %d, on the WGS 84 map %d", d, tile, p, a, b)
					}
				}
			}
		}
	}
	if len(compared) < 4 || compared[data.Major] == 0 {
		t.Errorf("compared only %v", compared)
	}
}

// around is the level of the bands at a place, and whether it is the same some
// units around.
func around(bands map[data.Level][]mvtcheck.Polygon, c *canvas, p orb.Point) (level data.Level, sure bool) {
	x, y := c.at(p)
	levelAt := func(dx, dy int64) data.Level {
		for l, polygons := range bands {
			for _, poly := range polygons {
				if in, on := poly.Contains(mvtcheck.Point{X: int64(x) + dx, Y: int64(y) + dy}); in || on {
					return l
				}
			}
		}
		return data.LevelNone
	}
	level, sure = levelAt(0, 0), true
	for _, step := range [][2]int64{{4, 4}, {-4, 4}, {4, -4}, {-4, -4}, {4, 0}, {-4, 0}, {0, 4}, {0, -4}} {
		sure = sure && levelAt(step[0], step[1]) == level
	}
	return level, sure
}

func TestMeanOf(t *testing.T) {
	for _, c := range []struct{ sum, cells, want riskgrid.Risk }{
		{0, 4, 0}, {1, 4, 0}, {2, 4, 1}, {3, 4, 1}, {5, 4, 1}, {6, 4, 2}, {1<<63 - 1, 4, 1 << 61}, {7, 1, 7},
	} {
		if got := meanOf(c.sum, c.cells); got != c.want {
			t.Errorf("%d / %d: %d, want %d", c.sum, c.cells, got, c.want)
		}
	}
}
