package tiles

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/tiles/mvtcheck"
)

// want gives what the layer's properties of a hazard must be.
func wantProperties(h *data.Hazard, tax *data.Taxonomy) map[string]any {
	want := map[string]any{
		"id": string(h.ID), "name": h.Name, "industry": tax.Industries[h.Industry].Code, "level": uint64(h.Level),
	}
	if v := tax.Vintages[tax.Default]; h.Districts[tax.Default] != v.Outside() {
		want["district"] = v.Districts[h.Districts[tax.Default]-v.First].Code
	}
	return want
}

func shuffled(rng *rand.Rand, hs []*data.Hazard) []*data.Hazard {
	hs = slices.Clone(hs)
	rng.Shuffle(len(hs), func(i, k int) { hs[i], hs[k] = hs[k], hs[i] })
	return hs
}

func hazardLayer(t testing.TB, c *canvas, hs []*data.Hazard, tax *data.Taxonomy) *mvtcheck.Layer {
	t.Helper()
	b := appendHazards(nil, c, slices.Values(hs), tax)
	if again := appendHazards(nil, c, slices.Values(shuffled(rand.New(rand.NewPCG(9, 9)), hs)), tax); !bytes.Equal(b, again) {
		t.Fatal("the same hazards in another order gave other bytes")
	}
	l := decode(t, b, buffer).Layer("hazards")
	if l == nil {
		l = &mvtcheck.Layer{}
	}
	return l
}

func TestHazardsPlain(t *testing.T) {
	tax := citytest.Taxonomy()
	rng := rand.New(rand.NewPCG(1, 2))
	hs := citytest.Hazards(rng, 6000, citytest.Bound)
	byID := map[string]*data.Hazard{}
	for _, h := range hs {
		byID[string(h.ID)] = h
	}
	shown, outer := 0, 0
	for _, z := range []uint8{13, 14, 15} {
		for range 6 {
			c := newCanvas(tileOf(hs[rng.IntN(len(hs))].Label(), z), datum.Datum(rng.IntN(4)))
			want := map[string]bool{}
			for _, h := range hs {
				if x, y := c.at(h.Label()); x >= -64.5 && y >= -64.5 && x < 4159.5 && y < 4159.5 {
					want[string(h.ID)] = true
				}
			}
			l := hazardLayer(t, c, hs, tax)
			for _, f := range l.Features {
				h := byID[f.Properties["id"].(string)]
				if !want[string(h.ID)] {
					t.Fatalf("%v: %s shown twice or not there", c.tile, h.ID)
				}
				delete(want, string(h.ID))
				if wantP := wantProperties(h, tax); fmt.Sprint(f.Properties) != fmt.Sprint(wantP) {
					t.Fatalf("properties %v, want %v", f.Properties, wantP)
				}
				if f.ID != featureID(h.ID) {
					t.Fatalf("id %d of %s", f.ID, h.ID)
				}
				x, y := c.at(h.Label())
				if p := f.Points[0]; float64(p.X)-x > 0.501 || x-float64(p.X) > 0.501 || float64(p.Y)-y > 0.501 || y-float64(p.Y) > 0.501 {
					t.Fatalf("%s at %v, want %v, %v", h.ID, p, x, y)
				} else if p.X < 0 || p.Y < 0 || p.X >= extent || p.Y >= extent {
					outer++
				}
				shown++
			}
			if len(want) > 0 {
				t.Fatalf("%v: %d hazards left out", c.tile, len(want))
			}
		}
	}
	if shown < 500 || outer == 0 {
		t.Errorf("%d shown, %d in the buffer", shown, outer)
	}
}

// TestClustersConserve holds every cluster to a count of its square.
func TestClustersConserve(t *testing.T) {
	tax := citytest.Taxonomy()
	hs := citytest.Hazards(rand.New(rand.NewPCG(3, 4)), 4000, citytest.Bound)
	clusters, singles := 0, 0
	for _, z := range []uint8{5, 8, 10, 11, 12} {
		for _, d := range []datum.Datum{datum.WGS84, datum.GCJ02} {
			first := tileOf(citytest.Bound.Min, z)
			last := tileOf(citytest.Bound.Max, z)
			shown := uint64(0)
			for x := first.X; x <= last.X+1; x++ {
				for y := last.Y - 1; y <= first.Y+1; y++ {
					c := newCanvas(maptile.New(x, y, maptile.Zoom(z)), d)
					count, k, s := checkClusters(t, c, hs, tax)
					shown, clusters, singles = shown+count, clusters+k, singles+s
				}
			}
			if shown != uint64(len(hs)) {
				t.Errorf("z%d %s: %d of %d counted over all tiles", z, d, shown, len(hs))
			}
		}
	}
	if clusters < 500 || singles < 50 {
		t.Errorf("%d clusters and %d singles", clusters, singles)
	}
}

func checkClusters(t *testing.T, c *canvas, hs []*data.Hazard, tax *data.Taxonomy) (counted uint64, clusters, singles int) {
	members := map[vertex][]*data.Hazard{}
	for _, h := range hs {
		if p := c.round(h.Label()); p.x >= 0 && p.y >= 0 && p.x < extent && p.y < extent {
			k := vertex{p.x / 256, p.y / 256}
			members[k] = append(members[k], h)
		}
	}
	l := hazardLayer(t, c, hs, tax)
	if len(l.Features) != len(members) {
		t.Fatalf("%v: %d features in %d squares", c.tile, len(l.Features), len(members))
	}
	for _, f := range l.Features {
		p := vertex{int32(f.Points[0].X), int32(f.Points[0].Y)}
		in := members[vertex{p.x / 256, p.y / 256}]
		delete(members, vertex{p.x / 256, p.y / 256})
		at := slices.IndexFunc(in, func(h *data.Hazard) bool { return featureID(h.ID) == f.ID && c.round(h.Label()) == p })
		if at < 0 {
			t.Fatalf("%v: a feature at %v, where no member of its square is", c.tile, p)
		}
		counted += uint64(len(in))
		if len(in) == 1 {
			singles++
			if want := wantProperties(in[0], tax); fmt.Sprint(f.Properties) != fmt.Sprint(want) {
				t.Fatalf("alone: %v, want %v", f.Properties, want)
			}
			continue
		}
		clusters++
		var n [5]uint64
		for _, h := range in {
			n[h.Level]++
		}
		want := map[string]any{"count": uint64(len(in)), "n1": n[1], "n2": n[2], "n3": n[3], "n4": n[4]}
		for l := uint64(1); l <= 4; l++ {
			if n[l] > 0 {
				want["level"] = l
			}
		}
		if fmt.Sprint(f.Properties) != fmt.Sprint(want) {
			t.Fatalf("%v, want %v", f.Properties, want)
		}
	}
	return counted, clusters, singles
}

func TestClustersPastTheLimit(t *testing.T) {
	tax := citytest.Taxonomy()
	rng := rand.New(rand.NewPCG(5, 5))
	tile := tileOf(orb.Point{120.2, 30.25}, 14)
	b := tile.Bound().Pad(-1e-5) // no place rounds into a neighbour
	m := citytest.NewMaker(rng, citytest.Bound)
	var hs []*data.Hazard
	for i := range mostPoints + 1 {
		p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		hs = append(hs, m.Shaped(citytest.ID(i), p))
	}
	c := newCanvas(tile, datum.WGS84)
	if l := hazardLayer(t, c, hs[:mostPoints], tax); len(l.Features) != mostPoints {
		t.Errorf("%d features of %d hazards", len(l.Features), mostPoints)
	}
	if count, clusters, _ := checkClusters(t, c, hs, tax); count != mostPoints+1 || clusters == 0 {
		t.Errorf("%d hazards in %d clusters, want %d", count, clusters, mostPoints+1)
	}
}

// TestFeatureIDs looks for collisions among many ids.
func TestFeatureIDs(t *testing.T) {
	seen := make(map[uint64]struct{}, 300_000)
	for i := range 300_000 {
		id := featureID(fmt.Sprintf("HZ-I%02d-%06d", i%39, i))
		if id >= 1<<53 {
			t.Fatalf("%d is not below 2^53", id)
		}
		seen[id] = struct{}{}
	}
	if len(seen) != 300_000 {
		t.Errorf("%d of 300,000 ids are distinct", len(seen))
	}
}
