package tiles

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/redis/go-redis/v9"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/data/memory"
	"riskatlas/index"
)

// town is a small random city that lives: a store, and a viewer that follows it.
type town struct {
	t       *testing.T
	profile *city.Profile
	store   *memory.Store
	viewer  *Viewer
	seen    chan data.Revision // every published revision
	last    index.Update       // of the latest that was seen
	hazards []*data.Hazard
}

// townProfile is the profile of citytest's cities.
func townProfile(cuts [4]float64) *city.Profile {
	digest := uint64(1)
	for _, c := range cuts {
		digest = digest*31 + uint64(c*1e15)
	}
	return &city.Profile{Key: "test", Taxonomy: citytest.Taxonomy(), Bound: citytest.Bound, Cuts: cuts,
		Shares: city.ShareRule{Major: 0.01, Significant: 0.01, General: 0.05}, Digest: digest}
}

var townCuts = [4]float64{1e-9, 3e-6, 1e-5, 3e-5}

// downtown is a part of citytest's bound in which a hundred hazards are dense.
var downtown = orb.Bound{Min: orb.Point{120.12, 30.22}, Max: orb.Point{120.20, 30.29}}

// newTown makes a town of the hazards, with citytest's districts and some places.
func newTown(t *testing.T, p *city.Profile, hazards []*data.Hazard) *town {
	t.Helper()
	w := &town{t: t, profile: p, store: memory.New(p.Taxonomy), seen: make(chan data.Revision, 64), hazards: hazards}
	w.replace(data.DistrictKind("2021"), citytest.Districts("2021", downtown))
	var places []data.Unit
	for i := range 20 {
		places = append(places, data.Unit{Code: fmt.Sprintf("P-%02d", i), Name: fmt.Sprintf("Place %d", i), Class: "shelter",
			Shape: orb.Point{120.06 + float64(i)*0.013, 30.16 + float64(i*7%20)*0.011}})
	}
	w.replace(data.PlaceKind, places)
	var changes []data.Change
	for _, h := range hazards {
		changes = append(changes, data.Change{ID: h.ID, New: &data.Record{Hazard: h}})
	}
	if _, err := w.store.Apply(t.Context(), data.Note{Who: "test"}, changes...); err != nil {
		t.Fatal(err)
	}
	w.viewer = NewViewer(p, city.InternalView)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- index.New(p.Taxonomy).Follow(ctx, placedStore{w.store, citytest.NewPlacer(downtown)}, func(u index.Update) {
			w.viewer.Publish(u)
			w.last = u
			w.seen <- u.Snapshot.Revision()
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		w.store.Close()
	})
	select {
	case <-w.seen:
	case err := <-done:
		done <- err
		t.Fatal(err)
	}
	if err := w.viewer.Err(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) replace(kind string, units []data.Unit) data.Revision {
	w.t.Helper()
	rev, err := w.store.Replace(w.t.Context(), data.Note{Who: "test"}, kind, units)
	if err != nil {
		w.t.Fatal(err)
	}
	return rev
}

// wait returns when the viewer shows the revision.
func (w *town) wait(rev data.Revision) {
	w.t.Helper()
	for {
		select {
		case got := <-w.seen:
			if got >= rev {
				return
			}
		case <-time.After(30 * time.Second):
			w.t.Fatalf("revision %d was not published", rev)
		}
	}
}

// apply changes records and waits until the viewer shows it.
func (w *town) apply(changes ...data.Change) {
	w.t.Helper()
	rev, err := w.store.Apply(w.t.Context(), data.Note{Who: "test"}, changes...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.wait(rev)
}

// renderer makes a renderer of the town that ends with the test.
func (w *town) renderer(opts Options) *Renderer {
	w.t.Helper()
	r, err := NewRenderer(w.viewer, opts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { r.Close() })
	return r
}

func randomTown(t *testing.T, seed uint64, n int) *town {
	return newTown(t, townProfile(townCuts), citytest.Hazards(rand.New(rand.NewPCG(seed, 1)), n, downtown))
}

// compactTown is a random town of nearHazards.
func compactTown(t *testing.T, seed uint64, n int) *town {
	return newTown(t, townProfile(townCuts), nearHazards(seed, n))
}

// nearHazards are random hazards that reach no further than some hundred metres,
// so that tests may superpose all their ground again and again.
func nearHazards(seed uint64, n int) (near []*data.Hazard) {
	for m := citytest.NewMaker(rand.New(rand.NewPCG(seed, 1)), downtown); len(near) < n; {
		h := m.Hazard(citytest.ID(len(near)))
		if e := h.Extent(); e.Max[0]-e.Min[0] < 0.012 && e.Max[1]-e.Min[1] < 0.012 {
			near = append(near, h)
		}
	}
	return near
}

// tileAt is the tile of a zoom that holds the middle of downtown, moved.
func tileAt(zoom maptile.Zoom, dx, dy int) maptile.Tile {
	t := maptile.At(downtown.Center(), zoom)
	return maptile.New(uint32(int(t.X)+dx), uint32(int(t.Y)+dy), zoom)
}

func mustTile(t *testing.T, r *Renderer, req Request) Tile {
	t.Helper()
	tile, err := r.Tile(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return tile
}

// manyRequests is a mix of tiles of every zoom, layer, filter, statistic and
// datum.
func manyRequests(rng *rand.Rand, tax *data.Taxonomy, n int) []Request {
	var out []Request
	for range n {
		z := maptile.Zoom(4 + rng.IntN(15))
		r := Request{Tile: tileAt(z, rng.IntN(3)-1, rng.IntN(3)-1), Layers: LayerSet(1+rng.IntN(int(AllLayers))) & AllLayers,
			Filter: randomFilter(rng, tax), Stat: Stat(rng.IntN(2))}
		if rng.IntN(4) == 0 {
			r.Datum = datum.GCJ02
		}
		out = append(out, r)
	}
	return out
}

// randomFilter restricts nothing as often as not.
func randomFilter(rng *rand.Rand, tax *data.Taxonomy) data.Filter {
	f := data.All()
	if rng.IntN(2) == 0 {
		return f
	}
	if rng.IntN(2) == 0 {
		f.Industries &^= data.Set(rng.Uint64N(1 << len(tax.Industries)))
	}
	if rng.IntN(2) == 0 {
		f.Levels &^= data.Set(rng.Uint64N(16)) << 1
	}
	if rng.IntN(3) == 0 {
		v := &tax.Vintages[tax.Default]
		for d := v.First; d <= v.Outside(); d++ {
			if rng.IntN(2) == 0 {
				f.Districts[d/64] &^= 1 << (d % 64)
			}
		}
	}
	return f
}

// redisServer is a real one, started for the test.
type redisServer struct {
	Addr, URL string
	cmd       *exec.Cmd
	rdb       *redis.Client
}

func startRedis(t *testing.T, args ...string) *redisServer {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed: nothing is tested against a real Redis")
	}
	addr := freeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	args = append([]string{"--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no"}, args...)
	s := &redisServer{Addr: addr, URL: "redis://" + addr, cmd: exec.Command(binary, args...)}
	s.cmd.Dir = t.TempDir()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.rdb = redis.NewClient(&redis.Options{Addr: addr, ReadTimeout: patient, DialTimeout: patient})
	t.Cleanup(func() {
		s.rdb.Close()
		_ = s.cmd.Process.Signal(syscall.SIGCONT)
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	})
	if !eventually(func() bool { return s.rdb.Ping(t.Context()).Err() == nil }) {
		t.Fatal("redis-server does not answer")
	}
	return s
}

// freeAddress is an address of this machine at which nobody listens just now.
func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// placedStore gives every hazard its districts, as the city does; a raw store
// keeps none.
type placedStore struct {
	*memory.Store
	placer *citytest.Placer
}

func (s placedStore) place(h *data.Hazard) *data.Hazard {
	g := *h
	g.Districts = s.placer.Districts(h.Label())
	return citytest.Seal(g)
}

func (s placedStore) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	rev, hazards := s.Store.Load(ctx)
	return rev, func(yield func(*data.Hazard, error) bool) {
		for h, err := range hazards {
			if err == nil {
				h = s.place(h)
			}
			if !yield(h, err) {
				return
			}
		}
	}
}

func (s placedStore) Watch(ctx context.Context, since data.Revision) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for b, err := range s.Store.Watch(ctx, since) {
			b.Changes = slices.Clone(b.Changes)
			for i, c := range b.Changes {
				if c.New != nil {
					b.Changes[i].New = &data.Record{Hazard: s.place(c.New.Hazard), Detail: c.New.Detail}
				}
			}
			if !yield(b, err) {
				return
			}
		}
	}
}
