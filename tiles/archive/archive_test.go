package archive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/protomaps/go-pmtiles/pmtiles"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/data/memory"
	"riskatlas/index"
	"riskatlas/tiles"
)

var downtown = orb.Bound{Min: orb.Point{120.12, 30.22}, Max: orb.Point{120.16, 30.25}}

// liveCity is a renderer of a small random city.
func liveCity(t testing.TB) *tiles.Renderer {
	t.Helper()
	p := &city.Profile{Key: "test", Taxonomy: citytest.Taxonomy(), Bound: citytest.Bound, Cuts: [4]float64{1e-9, 3e-6, 1e-5, 3e-5},
		Shares: city.ShareRule{Major: 0.01, Significant: 0.01, General: 0.05}, Digest: 1}
	store := memory.New(p.Taxonomy)
	note := data.Note{Who: "test"}
	if _, err := store.Replace(t.Context(), note, data.DistrictKind("2021"), citytest.Districts("2021", citytest.Bound)); err != nil {
		t.Fatal(err)
	}
	var changes []data.Change
	for m := citytest.NewMaker(rand.New(rand.NewPCG(1, 1)), downtown); len(changes) < 40; {
		h := m.Hazard(citytest.ID(len(changes)))
		if e := h.Extent(); e.Max[0]-e.Min[0] < 0.012 {
			changes = append(changes, data.Change{ID: h.ID, New: &data.Record{Hazard: h}})
		}
	}
	if _, err := store.Apply(t.Context(), note, changes...); err != nil {
		t.Fatal(err)
	}
	viewer := tiles.NewViewer(p, city.InternalView)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = index.New(p.Taxonomy).Follow(ctx, store, viewer.Publish)
	}()
	<-viewer.Ready()
	r, err := tiles.NewRenderer(viewer, tiles.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		<-done
		r.Close()
	})
	return r
}

var allLayers = tiles.Layers(data.LayerRisk, data.LayerGrid, data.LayerHazards, data.LayerLines, data.LayerAreas, data.LayerDistricts, data.LayerLabels)

func smallMap() Options {
	return Options{Layers: allLayers, Filter: data.All(), MinZoom: 4, MaxZoom: 14, Bound: citytest.Bound,
		Metadata: map[string]any{"name": "test", "vector_layers": []any{map[string]any{"id": "risk"}}}}
}

func bake(t testing.TB, src tiles.Source, o Options) (string, Stats) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "map.pmtiles")
	stats, err := Bake(t.Context(), path, src, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return path, stats
}

func open1(t testing.TB, path string) *Archive {
	t.Helper()
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// A baked map passes the format's own verification and serves, byte for byte,
// what the renderer does: whole tiles and parts of them.
func TestBakedTilesAreTheRenderers(t *testing.T) {
	live := liveCity(t)
	o := smallMap()
	var last, total int64
	path := filepath.Join(t.TempDir(), "map.pmtiles")
	stats, err := Bake(t.Context(), path, live, o, func(d, n int64) {
		if d <= last || d > n {
			t.Errorf("progress %d of %d after %d", d, n, last)
		}
		last, total = d, n
	})
	if err != nil || last != total || total == 0 {
		t.Fatalf("%v, done %d of %d", err, last, total)
	}
	var said bytes.Buffer
	if err := pmtiles.Verify(log.New(&said, "", 0), path); err != nil || strings.Contains(said.String(), "nvalid") {
		t.Fatalf("verify: %v\n%s", err, said.String())
	}
	a := open1(t, path)
	held, parts := int64(0), []tiles.LayerSet{allLayers, tiles.Layers(data.LayerRisk), tiles.Layers(data.LayerHazards, data.LayerDistricts), tiles.Layers(data.LayerGrid)}
	ids, err := o.plan()
	if err != nil || int64(len(ids)) != total {
		t.Fatal(err)
	}
	for _, id := range ids {
		z, x, y := pmtiles.IDToZxy(id)
		for i, layers := range parts {
			if i > 0 && id%7 != 0 {
				continue
			}
			req := tiles.Request{Tile: maptile.New(x, y, maptile.Zoom(z)), Layers: layers, Filter: data.All()}
			want, err := live.Tile(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.Tile(t.Context(), req)
			if err != nil || !bytes.Equal(got.Data, want.Data) || got.Empty != want.Empty {
				t.Fatalf("%v %s: %d bytes, want %d, %v", req.Tile, layers, len(got.Data), len(want.Data), err)
			}
			if i == 0 && !got.Empty {
				held++
			}
			req.Known = got.ETag
			if again, err := a.Tile(t.Context(), req); err != nil || !again.NotModified || got.ETag == "" {
				t.Fatalf("%v: known and sent again, %v", req.Tile, err)
			}
		}
	}
	if held != stats.Addressed || stats.Distinct > held || held == 0 || held == total {
		t.Errorf("%+v, %d of %d tiles held", stats, held, total)
	}
	if min, max := a.Zooms(); min != 4 || max != 14 || a.Layers() != allLayers || a.Metadata()["name"] != "test" {
		t.Errorf("zooms %d-%d, layers %s, metadata %v", min, max, a.Layers(), a.Metadata())
	}
	if b := a.Bound(); !b.Pad(1e-6).Contains(citytest.Bound.Min) || !citytest.Bound.Pad(1e-6).Contains(b.Max) {
		t.Errorf("bound %v", b)
	}
}

func TestBakeIsDeterministic(t *testing.T) {
	live := liveCity(t)
	a, _ := bake(t, live, smallMap())
	b, _ := bake(t, live, smallMap())
	x, errX := os.ReadFile(a)
	y, errY := os.ReadFile(b)
	if errX != nil || errY != nil || !bytes.Equal(x, y) {
		t.Error("the same map gave other bytes")
	}
}

func TestArchiveRefusesOtherMaps(t *testing.T) {
	live := liveCity(t)
	o := smallMap()
	o.MinZoom, o.MaxZoom, o.Layers, o.Stat = 8, 12, tiles.Layers(data.LayerRisk), tiles.Share
	o.Filter.Industries &^= 1
	path, _ := bake(t, live, o)
	a := open1(t, path)
	good := tiles.Request{Tile: maptile.At(downtown.Center(), 10), Layers: o.Layers, Filter: o.Filter, Stat: tiles.Share}
	other := data.All()
	other.Levels &^= 2
	for name, c := range map[string]struct {
		change func(r *tiles.Request)
		held   bool
	}{
		"as baked":        {func(*tiles.Request) {}, true},
		"by default":      {func(r *tiles.Request) { r.Filter, r.Stat = data.All(), tiles.Worst }, true},
		"CGCS2000":        {func(r *tiles.Request) { r.Datum = datum.CGCS2000 }, true},
		"another filter":  {func(r *tiles.Request) { r.Filter = other }, false},
		"another layer":   {func(r *tiles.Request) { r.Layers |= tiles.Layers(data.LayerGrid) }, false},
		"another datum":   {func(r *tiles.Request) { r.Datum = datum.GCJ02 }, false},
		"a deeper zoom":   {func(r *tiles.Request) { r.Tile = maptile.At(downtown.Center(), 13) }, false},
		"a wider zoom":    {func(r *tiles.Request) { r.Tile = maptile.At(downtown.Center(), 7) }, false},
		"beyond the edge": {func(r *tiles.Request) { r.Tile = maptile.New(1<<10, 0, 10) }, false},
	} {
		req := good
		c.change(&req)
		tile, err := a.Tile(t.Context(), req)
		if c.held && (err != nil || tile.Empty) || !c.held && !errors.Is(err, tiles.ErrNotHeld) {
			t.Errorf("%s: empty %v, %v", name, tile.Empty, err)
		}
	}
	far := good
	far.Tile = maptile.New(1, 1, 10)
	if tile, err := a.Tile(t.Context(), far); err != nil || !tile.Empty || tile.ETag == "" {
		t.Errorf("nothing there: %+v, %v", tile, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Tile(ctx, good); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that left: %v", err)
	}
}

// An offset datum's map is baked over that datum's tiles.
func TestBakeAnotherDatum(t *testing.T) {
	live := liveCity(t)
	o := smallMap()
	o.MinZoom, o.MaxZoom, o.Layers, o.Datum = 10, 12, tiles.Layers(data.LayerRisk), datum.GCJ02
	path, stats := bake(t, live, o)
	a := open1(t, path)
	req := tiles.Request{Tile: maptile.At(datum.GCJ02.FromWGS84(downtown.Center()), 12), Layers: o.Layers, Filter: o.Filter, Datum: datum.GCJ02}
	want, _ := live.Tile(t.Context(), req)
	got, err := a.Tile(t.Context(), req)
	if err != nil || !bytes.Equal(got.Data, want.Data) || got.Empty || stats.Addressed == 0 {
		t.Errorf("%d bytes of %d, %v", len(got.Data), len(want.Data), err)
	}
}

// sourceFunc is a source that is made up.
type sourceFunc func(r tiles.Request) (tiles.Tile, error)

func (f sourceFunc) Tile(_ context.Context, r tiles.Request) (tiles.Tile, error) { return f(r) }

// Equal tiles are stored once, and a great map gets leaf directories.
func TestBakeManyTiles(t *testing.T) {
	o := smallMap()
	o.MinZoom, o.MaxZoom, o.Bound = 9, 9, orb.Bound{Min: orb.Point{-90, -60}, Max: orb.Point{90, 60}}
	o.Layers = tiles.Layers(data.LayerRisk)
	content := func(t maptile.Tile) []byte {
		switch h := t.X*2654435761 ^ t.Y*40503; h % 8 {
		case 0:
			return nil
		case 1, 2:
			return []byte("sea")
		default:
			return []byte{byte(h), byte(h >> 8), byte(h >> 16), byte(h >> 24)}
		}
	}
	path, stats := bake(t, sourceFunc(func(r tiles.Request) (tiles.Tile, error) { return tiles.Tile{Data: content(r.Tile)}, nil }), o)
	if err := pmtiles.Verify(log.New(io.Discard, "", 0), path); err != nil {
		t.Fatal(err)
	}
	a := open1(t, path)
	if a.header.LeafDirectoryLength == 0 || stats.Distinct >= stats.Addressed {
		t.Errorf("%d bytes of leaves, %+v", a.header.LeafDirectoryLength, stats)
	}
	ids, _ := o.plan()
	for _, id := range ids {
		z, x, y := pmtiles.IDToZxy(id)
		want := content(maptile.New(x, y, maptile.Zoom(z)))
		if got, err := a.bytes(id); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d/%d/%d: %q, want %q, %v", z, x, y, got, want, err)
		}
	}
}

func TestBakeErrors(t *testing.T) {
	live := liveCity(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "map.pmtiles")
	if err := os.WriteFile(path, []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		src    tiles.Source
		change func(o *Options)
		want   func(error) bool
	}{
		"zooms":    {t.Context(), live, func(o *Options) { o.MinZoom = 15 }, isInvalid("zoom")},
		"deep":     {t.Context(), live, func(o *Options) { o.MaxZoom = 19 }, isInvalid("zoom")},
		"too many": {t.Context(), live, func(o *Options) { o.MaxZoom, o.Bound = 18, orb.Bound{Min: orb.Point{-90, -60}, Max: orb.Point{90, 60}} }, isInvalid("zoom")},
		"layers":   {t.Context(), live, func(o *Options) { o.Layers = 0 }, isInvalid("layers")},
		"bound":    {t.Context(), live, func(o *Options) { o.Bound.Max[0] = o.Bound.Min[0] }, isInvalid("bound")},
		"nothing":  {t.Context(), live, func(o *Options) { o.Filter.Levels, o.Layers = 0, tiles.Layers(data.LayerRisk) }, func(err error) bool { return errors.Is(err, ErrNothing) }},
		"stopped":  {cancelled, live, func(*Options) {}, func(err error) bool { return errors.Is(err, context.Canceled) }},
		"broken":   {t.Context(), sourceFunc(func(tiles.Request) (tiles.Tile, error) { return tiles.Tile{}, broken }), func(*Options) {}, func(err error) bool { return errors.Is(err, broken) }},
	} {
		o := smallMap()
		c.change(&o)
		if _, err := Bake(c.ctx, path, c.src, o, nil); !c.want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b, _ := os.ReadFile(path); string(b) != "older" {
		t.Error("a bake that failed took the older file")
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%d files are left", len(left))
	}
	if _, err := Bake(t.Context(), filepath.Join(dir, "no", "folder"), live, smallMap(), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func isInvalid(field string) func(error) bool {
	return func(err error) bool {
		invalid := (*data.Invalid)(nil)
		return errors.As(err, &invalid) && invalid.Field == field
	}
}
