package tiles

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb/maptile"
	"go.uber.org/goleak"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/riskgrid"
)

// checkSurface compares a filtered surface with one that is pooled for itself.
func checkSurface(t *testing.T, kept *fields, v *View, req Request) {
	t.Helper()
	req = req.canonical()
	c := newCanvas(req.Tile, req.Datum)
	got, want := v.surface(t.Context(), kept, c, req), v.surface(t.Context(), nil, c, req)
	defer got.release()
	defer want.release()
	if !slices.Equal(got.ir, want.ir) || !slices.Equal(got.mean, want.mean) || !slices.Equal(got.level, want.level) || got.fixed != want.fixed {
		t.Fatalf("%+v: the kept field and PoolWindow differ", req)
	}
}

// held sums what the fields say that they take.
func (s *fields) held() (bytes int64, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.kept {
		bytes += k.made.Load().Bytes()
	}
	return bytes, len(s.kept)
}

// The city changes, filters are asked at random moments of it and of what-ifs,
// and the budget is sometimes too small for any of them.
func TestFieldsOfFiltersFollowTheCity(t *testing.T) {
	w := compactTown(t, 71, 60)
	rng := rand.New(rand.NewPCG(71, 1))
	maker := citytest.NewMaker(rng, downtown)
	for _, budget := range []int64{64 << 20, 200_000, 1} {
		var stats Stats
		kept := newFields(budget, &stats)
		var filters []data.Filter
		for len(filters) < 4 {
			if f := randomFilter(rng, w.profile.Taxonomy); f != data.All() {
				filters = append(filters, f)
			}
		}
		views := []*View{w.viewer.View(), w.viewer.View()}
		for range 24 {
			if rng.IntN(3) == 0 {
				i := rng.IntN(len(w.hazards))
				h := *w.hazards[i]
				if rng.IntN(2) == 0 {
					h.Level = data.Level(1 + rng.IntN(4)) // the same risk, another class
				} else {
					h = *maker.Changed(w.hazards[i])
				}
				w.put(i, citytest.Seal(h))
				what, err := w.viewer.View().With(data.Change{ID: "X", New: &data.Record{Hazard: maker.Hazard("X")}})
				if err != nil {
					t.Fatal(err)
				}
				views = []*View{w.viewer.View(), what}
			}
			req := Request{Tile: w.tile(rng, maptile.Zoom(5+rng.IntN(10))), Layers: Layers(data.LayerRisk),
				Filter: filters[rng.IntN(len(filters))], Stat: Stat(rng.IntN(2))}
			if req.Tile.Z >= 11 && rng.IntN(2) == 0 {
				req.Layers = Layers(data.LayerGrid)
			}
			checkSurface(t, kept, views[rng.IntN(2)], req)
		}
		kept.close()
		if bytes, n := kept.held(); bytes > budget || bytes != stats.FieldBytes.Load() || bytes != kept.bytes {
			t.Errorf("%d fields take %d bytes of %d, and say %d and %d", n, bytes, budget, kept.bytes, stats.FieldBytes.Load())
		}
		if (stats.FieldsDropped.Load() == 0) == (budget < 1<<20) {
			t.Errorf("a budget of %d bytes: %d fields were dropped", budget, stats.FieldsDropped.Load())
		}
	}
}

// put changes a hazard of the town and waits for its view.
func (w *town) put(i int, h *data.Hazard) {
	w.t.Helper()
	w.hazards[i] = h
	w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
}

// Many ask at once, some of whom leave: every block is made once, and all get
// the same.
func TestOneFieldForAllWhoAsk(t *testing.T) {
	w := compactTown(t, 72, 60)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	v := w.viewer.View()
	f := data.All()
	f.Levels = 0b10010
	var stats Stats
	kept := newFields(64<<20, &stats)
	rng := rand.New(rand.NewPCG(72, 1))
	window := riskgrid.TileWindow(9, w.tile(rng, 9).X, w.tile(rng, 9).Y, 1)
	var wait sync.WaitGroup
	for i := range 24 {
		wait.Go(func() {
			ctx, leave := context.WithCancel(t.Context())
			if i%2 == 0 {
				leave()
			}
			defer leave()
			out := kept.field(ctx, v, f, window)
			if out == nil && i%2 == 1 {
				t.Error("who stays gets no field")
			}
		})
	}
	wait.Wait()
	if n := stats.FieldsBegun.Load(); n != 1 {
		t.Errorf("%d fields were begun for one filter", n)
	}
	// What was made stays what it is, block by block.
	a, b := kept.field(t.Context(), v, f, window), kept.field(t.Context(), v, f, window)
	if a.OwnBytes(b) > 1000 {
		t.Error("asking again makes another field")
	}
	kept.close()
}

// The first tile of a street is pooled for itself; the next makes the blocks that
// it covers, and the rest comes afterwards. A field of no room is not gone on
// with.
func TestTheFirstTileDoesNotWaitForTheCity(t *testing.T) {
	w := compactTown(t, 73, 60)
	v, f := w.viewer.View(), data.All()
	f.Levels = 0b11000
	rng := rand.New(rand.NewPCG(73, 1))
	tile := w.tile(rng, 13)
	window := riskgrid.TileWindow(13, tile.X, tile.Y, 1)
	for _, budget := range []int64{64 << 20, 1} {
		var stats Stats
		kept := newFields(budget, &stats)
		kept.later <- struct{}{} // nobody goes on
		alone := kept.field(t.Context(), v, f, window) == nil
		before, _ := kept.held()
		if alone != (budget > 1) || before != 0 {
			t.Errorf("a budget of %d bytes: the first tile is pooled for itself: %v; it made %d bytes", budget, alone, before)
		}
		kept.field(t.Context(), v, f, window)
		first, _ := kept.held()
		if budget > 1 && (first == 0 || kept.known(v, f, window) == nil || kept.known(v, f, riskgrid.World()) != nil) {
			t.Errorf("a first tile made %d bytes", first)
		}
		<-kept.later
		kept.work.Wait()
		if all := kept.known(v, f, riskgrid.World()); (all != nil) != (budget > 1) {
			t.Errorf("a budget of %d bytes: the rest was made: %v", budget, all != nil)
		}
		kept.close()
	}
}

// A city of which less is left over than is asked for is asked for what is not.
func TestLargeFiltersAreTakenFromTheCity(t *testing.T) {
	w := compactTown(t, 74, 80)
	v, f := w.viewer.View(), data.All()
	f.Industries &^= 1 << w.hazards[0].Industry
	var stats Stats
	kept := newFields(64<<20, &stats)
	defer kept.close()
	rng := rand.New(rand.NewPCG(74, 1))
	for z := maptile.Zoom(5); z <= 13; z++ {
		checkSurface(t, kept, v, Request{Tile: w.tile(rng, z), Layers: Layers(data.LayerRisk), Filter: f})
	}
	// Where none is taken back, the city's own blocks serve.
	kept.work.Wait()
	if own := kept.known(v, f, riskgrid.World()); own == nil || own.OwnBytes(v.Field) >= own.OwnBytes(&riskgrid.Field{}) {
		t.Error("no block is the city's")
	}
}

func TestARendererEndsItsFields(t *testing.T) {
	w := compactTown(t, 75, 60)
	rng := rand.New(rand.NewPCG(75, 1))
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	r, err := NewRenderer(w.viewer, Options{FieldBytes: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	f := data.All()
	f.Levels = 0b10010
	ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
	defer cancel()
	if _, err := r.Tile(ctx, Request{Tile: w.tile(rng, 8), Layers: Layers(data.LayerRisk), Filter: f}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	mustTile(t, r, Request{Tile: tileAt(10, 0, 0), Layers: Layers(data.LayerRisk), Filter: f})
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if r.Stats().FieldsBegun.Load() != 1 || r.Stats().FieldBytes.Load() == 0 {
		t.Errorf("%d fields of %d bytes", r.Stats().FieldsBegun.Load(), r.Stats().FieldBytes.Load())
	}
}
