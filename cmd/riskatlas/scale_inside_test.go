package main

import (
	"context"
	"iter"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/project"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/gpkg"
	"riskatlas/index"
	"riskatlas/tiles"
)

// processorTime is what this process has used.
func processorTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// inside loads the file into this process, with next to no memory for tiles, so
// that each is cold.
func (s *scale) inside(t *testing.T, file string) {
	profile, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "own.gpkg")
	if out, err := exec.Command("cp", file, own).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	store, err := gpkg.Open(own, profile.Taxonomy, gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	c := &timed{City: city.Wrap(store, profile, city.InternalView), done: make(chan data.Revision)}
	l, stop := followTimed(t, c)
	defer stop()
	if err := l.viewer.View().Wait(t.Context()); err != nil { // the losses' count would be taken for the tiles'
		t.Fatal(err)
	}
	for _, k := range []struct {
		name  string
		layer data.Layer
		zoom  maptile.Zoom
	}{
		{"risk z8", data.LayerRisk, 8}, {"risk z11", data.LayerRisk, 11}, {"risk z13", data.LayerRisk, 13}, {"risk z14", data.LayerRisk, 14}, {"risk z16", data.LayerRisk, 16},
		{"hazards z8", data.LayerHazards, 8}, {"hazards z12", data.LayerHazards, 12}, {"hazards z14", data.LayerHazards, 14},
	} {
		s.took[k.name] = s.cold(t, l, tiles.Request{Layers: tiles.Layers(k.layer), Filter: data.All()}, k.zoom, 300)
	}
	f := someFilter(profile.Taxonomy)
	s.took["filtered risk z8, first"] = s.cold(t, l, tiles.Request{Layers: tiles.Layers(data.LayerRisk), Filter: f}, 8, 1)
	for name, zoom := range map[string]maptile.Zoom{"filtered risk z8": 8, "filtered risk z11": 11, "filtered risk z13": 13} {
		s.took[name] = s.cold(t, l, tiles.Request{Layers: tiles.Layers(data.LayerRisk), Filter: f}, zoom, 300)
	}
	s.changes(t, l, c, store)
}

// followTimed is startLive of a timed city.
func followTimed(t *testing.T, c *timed) (*live, func()) {
	l := &live{index: index.New(c.Profile().Taxonomy), viewer: tiles.NewViewer(c.Profile(), c.View())}
	var err error
	if l.renderer, err = tiles.NewRenderer(l.viewer, tiles.Options{MemoryBytes: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := l.index.Follow(ctx, c, l.viewer.Publish); ctx.Err() == nil {
			t.Error(err)
		}
	}()
	<-l.viewer.Ready()
	return l, func() { cancel(); <-ended; l.viewer.Close(); l.renderer.Close() }
}

// someFilter is half of the industries, two levels and three districts.
func someFilter(tax *data.Taxonomy) data.Filter {
	var sel data.Selection
	for i := 0; i < len(tax.Industries); i += 2 {
		sel.Industries = append(sel.Industries, tax.Industries[i].Code)
	}
	sel.Levels = []string{"2", "3"}
	for _, d := range tax.Vintages[tax.Default].Districts[:3] {
		sel.Districts = append(sel.Districts, d.Code)
	}
	f, err := tax.Filter(sel)
	if err != nil {
		panic(err)
	}
	return f
}

// cold is the median processor time of n tiles of a zoom at random places of the
// core, in microseconds.
func (s *scale) cold(t *testing.T, l *live, req tiles.Request, zoom maptile.Zoom, n int) float64 {
	r := rand.New(rand.NewPCG(3, uint64(zoom)))
	var took []float64
	for range n {
		p := orb.Point{120 + 0.4*r.Float64(), 30.1 + 0.3*r.Float64()}
		req.Tile = maptile.At(p, zoom)
		renderer := l.renderer
		if req.Filter == data.All() { // the memory of the last one may not have let go of the tile yet
			var err error
			if renderer, err = tiles.NewRenderer(l.viewer, tiles.Options{MemoryBytes: 1}); err != nil {
				t.Fatal(err)
			}
		}
		before := processorTime(t)
		tile, err := renderer.Tile(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if len(tile.Data) > 500_000 {
			t.Errorf("tile %v of %v has %d bytes", req.Tile, req.Layers, len(tile.Data))
		}
		took = append(took, float64((processorTime(t)-before).Nanoseconds())/1e3)
		if renderer != l.renderer {
			renderer.Close()
		}
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// timed is a city whose follower's work on each batch is timed: what it does
// between two batches is to make and publish the view of the first.
type timed struct {
	*city.City
	mu   sync.Mutex
	took []time.Duration
	done chan data.Revision
}

func (c *timed) Watch(ctx context.Context, since data.Revision) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for b, err := range c.City.Watch(ctx, since) {
			start := time.Now()
			if !yield(b, err) {
				return
			}
			c.mu.Lock()
			c.took = append(c.took, time.Since(start))
			c.mu.Unlock()
			c.done <- b.Revision
		}
	}
}

// changes moves, removes and adds sources one after the other, each published
// before the next; then readers ask while a hundred are moved in a second.
func (s *scale) changes(t *testing.T, l *live, c *timed, store *gpkg.Store) {
	r := rand.New(rand.NewPCG(5, 6))
	ids := s.someIDs(l, r, 500)
	apply := func(i int) {
		was, err := store.Detail(t.Context(), ids[i])
		if err != nil {
			t.Fatal(err)
		}
		change := data.Change{ID: ids[i], If: data.Any}
		if i%5 != 4 || was[0] == nil {
			change.New = moved(t, was[0], r)
		}
		if _, err := store.Apply(t.Context(), data.Note{Who: "test", Why: "moved"}, change); err != nil {
			t.Fatal(err)
		}
		<-c.done
	}
	for i := range ids {
		apply(i)
	}
	slices.Sort(c.took)
	s.took["a change published, p50, wall"] = float64(c.took[len(c.took)/2].Microseconds())
	s.took["a change published, p99, wall"] = float64(c.took[len(c.took)*99/100].Microseconds())

	quiet := s.readers(t, l, nil)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	i := 0
	busy := s.readers(t, l, func() {
		<-tick.C
		i = (i + 1) % len(ids)
		if i%5 != 4 {
			apply(i)
		}
	})
	s.took["readers' p99 with 100 changes/s, % of quiet"] = 100 * busy.Seconds() / quiet.Seconds()
}

// someIDs are of hazards drawn from the whole city.
func (s *scale) someIDs(l *live, r *rand.Rand, n int) []data.ID {
	chosen := map[int]bool{}
	for len(chosen) < n {
		chosen[r.IntN(s.sources)] = true
	}
	var ids []data.ID
	i := 0
	for h := range l.viewer.View().All(data.All(), "") {
		if chosen[i] {
			ids = append(ids, h.ID)
		}
		i++
	}
	return ids
}

// moved is the record some metres away.
func moved(t *testing.T, r *data.Record, rng *rand.Rand) *data.Record {
	h := *r.Hazard
	h.Shape = project.Geometry(orb.Clone(h.Shape), func(p orb.Point) orb.Point {
		return orb.Point{p[0] + 1e-4*rng.Float64(), p[1]}
	})
	sealed, err := h.Seal()
	if err != nil {
		return r // rings that no longer close: as it was
	}
	return &data.Record{Hazard: sealed, Detail: r.Detail}
}

// readers is the p99 of tiles, nearest sources and risks asked for three seconds
// while the other work is done again and again.
func (s *scale) readers(t *testing.T, l *live, other func()) time.Duration {
	stop := make(chan struct{})
	var work sync.WaitGroup
	if other != nil {
		work.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					other()
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(7, 8))
	var took []time.Duration
	for begin := time.Now(); time.Since(begin) < 3*time.Second; {
		p := orb.Point{120 + 0.4*r.Float64(), 30.1 + 0.3*r.Float64()}
		start := time.Now()
		if _, err := l.renderer.Tile(t.Context(), tiles.Request{Tile: maptile.At(p, 14), Layers: tiles.Layers(data.LayerRisk), Filter: data.All()}); err != nil {
			t.Fatal(err)
		}
		n := 0
		for range l.viewer.View().Nearest(p, data.All()) {
			if n++; n == 10 {
				break
			}
		}
		took = append(took, time.Since(start))
	}
	close(stop)
	work.Wait()
	slices.Sort(took)
	return took[len(took)*99/100]
}
