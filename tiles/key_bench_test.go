package tiles

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// BenchmarkCachedPath asks for a tile that is in memory. The reference is the
// key made anew.
func BenchmarkCachedPath(b *testing.B) {
	r, v, req := cachedTile(b)
	ctx := b.Context()
	benchAgainst(b, "x-key", func() {
		if tile, err := r.Tile(ctx, req); err != nil || tile.From != "memory" {
			b.Fatal(tile.From, err)
		}
	}, func() { keyOf(v, req.canonical(), r.program) })
}

// A cached tile, one that is not modified and one that is empty take nothing
// from the heap.
func TestCachedPathAllocatesNothing(t *testing.T) {
	r, _, req := cachedTile(t)
	ctx := t.Context()
	tile, err := r.Tile(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	known, far := req, req
	known.Known = tile.ETag
	far.Tile = tileAt(14, 2000, 2000)
	for name, c := range map[string]struct {
		req  Request
		want func(Tile) bool
	}{
		"cached":       {req, func(t Tile) bool { return t.From == "memory" && len(t.Data) > 0 }},
		"not modified": {known, func(t Tile) bool { return t.NotModified }},
		"empty":        {far, func(t Tile) bool { return t.Empty }},
	} {
		if n := testing.AllocsPerRun(100, func() {
			if tile, err := r.Tile(ctx, c.req); err != nil || !c.want(tile) {
				t.Errorf("%s: %v, %v", name, tile, err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// Header values are the ETag's and the data's.
func TestHeaderValues(t *testing.T) {
	r, _, req := cachedTile(t)
	tile, err := r.Tile(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if len(tile.ETagHeader) != 1 || tile.ETagHeader[0] != tile.ETag {
		t.Errorf("ETag %q, header %q", tile.ETag, tile.ETagHeader)
	}
	if want := tile.ETag[:len(tile.ETag)-1] + `-gzip"`; len(tile.ZippedETagHeader) != 1 || tile.ZippedETagHeader[0] != want {
		t.Errorf("gzipped ETag %q, want %q", tile.ZippedETagHeader, want)
	}
	if want := strconv.Itoa(len(tile.Data)); len(tile.LengthHeader) != 1 || tile.LengthHeader[0] != want {
		t.Errorf("length %q, want %q", tile.LengthHeader, want)
	}
}

func cachedTile(t testing.TB) (*Renderer, *View, Request) {
	t.Helper()
	v := keyView(citytest.Hazards(rand.New(rand.NewPCG(5, 5)), 100, downtown)...)
	v.memo, v.criteria = new(keyMemo), criteriaOf(v.City)
	r, err := NewRenderer(NewViewer(v.City, v.Who), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	req := Request{View: v, Tile: tileAt(14, 0, 0), Layers: Layers(data.LayerHazards), Filter: data.All()}
	for range 2 { // computed, then in memory
		if _, err := r.Tile(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	return r, v, req
}
