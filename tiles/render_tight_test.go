package tiles

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// A tile whose layers are each within their limits and together over 500 kB is
// drawn with clusters, which count every hazard, and stays the same each time.
func TestTightTile(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	m := citytest.NewMaker(rng, downtown)
	tile := tileAt(14, 0, 0)
	b := tile.Bound().Pad(-1e-4)
	place := func() orb.Point {
		return orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
	}
	letters := make([]byte, 75)
	named := func(h *data.Hazard) *data.Hazard { // by what no compression makes shorter
		for i := range letters {
			letters[i] = byte(rng.Uint32())
		}
		g := *h
		g.Name, g.Status = base64.StdEncoding.EncodeToString(letters), data.Active
		return citytest.Seal(g)
	}
	var hs []*data.Hazard
	for i := range 4000 {
		if i%3 == 0 {
			hs = append(hs, named(m.Shaped(citytest.ID(i), orb.LineString{place(), place(), place()})))
		} else {
			hs = append(hs, named(m.Shaped(citytest.ID(i), place())))
		}
	}
	v := keyView(hs...)
	r, err := NewRenderer(NewViewer(v.City, v.Who), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	sizeOf := func(l LayerSet) ([]byte, *canvas) {
		req := Request{Tile: tile, Layers: l, Filter: data.All()}.canonical()
		zipped, err := r.pack(t.Context(), v, req)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := r.pack(t.Context(), v, req); string(again) != string(zipped) {
			t.Error("the same tile has other bytes")
		}
		return zipped, newCanvas(tile, req.Datum)
	}
	points, _ := sizeOf(Layers(data.LayerHazards))
	if l := decode(t, unzip(t, points), buffer).Layer("hazards"); len(l.Features) != len(hs) {
		t.Fatalf("alone there are %d points, want %d", len(l.Features), len(hs))
	}
	lines, _ := sizeOf(Layers(data.LayerLines))
	both, c := sizeOf(Layers(data.LayerHazards, data.LayerLines))
	if len(points) > mostTileBytes || len(lines) > mostTileBytes || len(points)+len(lines) < mostTileBytes {
		t.Fatalf("layers of %d and %d bytes show nothing", len(points), len(lines))
	}
	if len(both) > mostTileBytes {
		t.Errorf("%d bytes, want at most %d", len(both), mostTileBytes)
	}
	whole := decode(t, unzip(t, both), buffer)
	counted, inside := uint64(0), uint64(0)
	for _, f := range whole.Layer("hazards").Features {
		if n, ok := f.Properties["count"].(uint64); ok {
			counted += n
		} else {
			counted++
		}
	}
	for _, h := range hs {
		if p := c.round(h.Label()); p.x >= 0 && p.y >= 0 && p.x < extent && p.y < extent {
			inside++
		}
	}
	if counted != inside || whole.Layer("lines") == nil {
		t.Errorf("%d hazards counted, want %d", counted, inside)
	}
}
