package tiles

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
)

// benchAgainst times f, and reports the CPU time that it takes and how many times
// as much the reference takes.
func benchAgainst(b *testing.B, name string, f, reference func()) {
	b.Helper()
	f()
	b.ReportAllocs()
	start := cpuTime()
	for b.Loop() {
		f()
	}
	b.StopTimer()
	ours := float64(cpuTime()-start) / float64(b.N)
	n, begin := 0, cpuTime()
	for ; n < 3 || cpuTime()-begin < 100*time.Millisecond; n++ {
		reference()
	}
	b.ReportMetric(ours, "cpu-ns/op")
	b.ReportMetric(float64(cpuTime()-begin)/float64(n)/ours, name)
}

// BenchmarkBands draws the bands of a z14 tile from its 66 × 66 cells. The
// reference is orb encoding the same polygons when they are already made.
func BenchmarkBands(b *testing.B) {
	for _, noise := range []bool{false, true} {
		b.Run(map[bool]string{false: "hills", true: "noise"}[noise], func(b *testing.B) {
			c := newCanvas(bandTiles[2], datum.WGS84)
			in := ground{seed: 1, noise: noise}.input(c.window(1), false)
			layers, err := mvt.Unmarshal(appendRisk(nil, c, in))
			if err != nil {
				b.Fatal(err)
			}
			var dst []byte
			benchAgainst(b, "x-orb-encoding", func() { dst = appendRisk(dst[:0], c, in) }, marshal(b, layers))
			b.ReportMetric(float64(len(dst)), "bytes")
		})
	}
}

func marshal(b *testing.B, layers mvt.Layers) func() {
	return func() {
		if _, err := mvt.Marshal(layers); err != nil {
			b.Fatal(err)
		}
	}
}

// benchHazards are n hazards of a shape whose label points lie in the tile.
func benchHazards(n int, c *canvas, shape func(orb.Point) orb.Geometry) []*data.Hazard {
	rng := rand.New(rand.NewPCG(1, 1))
	m := citytest.NewMaker(rng, citytest.Bound)
	b := c.tile.Bound()
	var hs []*data.Hazard
	for i := range n {
		p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		h := m.Shaped(data.ID(fmt.Sprintf("HZ-I%02d-%06d", i%39, i)), shape(p))
		g := *h
		g.Name = fmt.Sprintf("%s第%d加油站", []string{"西湖", "拱墅", "滨江", "萧山"}[i%4], rng.IntN(n))
		hs = append(hs, citytest.Seal(g))
	}
	return hs
}

// BenchmarkHazards writes 1,000 points; the reference is orb projecting and
// marshalling the same.
func BenchmarkHazards(b *testing.B) {
	tax := citytest.Taxonomy()
	for _, z := range []uint8{12, 14} {
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			c := newCanvas(tileOf(citytest.Bound.Center(), z), datum.WGS84)
			hs := benchHazards(1000, c, func(p orb.Point) orb.Geometry { return p })
			seq := slices.Values(hs)
			var dst []byte
			benchAgainst(b, "x-orb", func() { dst = appendHazards(dst[:0], c, seq, tax) }, func() {
				fc := geojson.NewFeatureCollection()
				for _, h := range hs {
					f := geojson.NewFeature(h.Label())
					f.ID = featureID(h.ID)
					f.Properties = geojson.Properties{"id": string(h.ID), "name": h.Name, "level": int(h.Level),
						"industry": tax.Industries[h.Industry].Code, "district": tax.DistrictCode(h.Districts[tax.Default])}
					fc.Append(f)
				}
				layer := mvt.NewLayer("hazards", fc)
				layer.ProjectToTile(c.tile)
				marshal(b, mvt.Layers{layer})()
			})
			b.ReportMetric(float64(len(dst)), "bytes")
		})
	}
}

// BenchmarkEncode writes 1,000 points of eight properties whose places in the tile
// are known; the reference is orb's Marshal of the same features, no more.
func BenchmarkEncode(b *testing.B) {
	tax := citytest.Taxonomy()
	c := newCanvas(tileOf(citytest.Bound.Center(), 14), datum.WGS84)
	hs := benchHazards(1000, c, func(p orb.Point) orb.Geometry { return p })
	at := make([]vertex, len(hs))
	ids := make([]uint64, len(hs))
	for i, h := range hs {
		at[i], ids[i] = c.round(h.Label()), featureID(h.ID)
	}
	var dst []byte
	encode := func() {
		w, s := newLayer(hazardKeys), newPointSet(c)
		defer s.release()
		for i, h := range hs {
			w.feature(ids[i])
			s.describe(w, h, tax)
			w.number(hazardCount, uint64(i%7))
			w.number(hazardN1, uint64(i%5))
			w.number(hazardN1+1, uint64(i%3))
			w.dot(at[i])
		}
		dst = w.finish(dst[:0], data.LayerHazards)
	}
	encode()
	layers, err := mvt.Unmarshal(dst)
	if err != nil || len(layers[0].Features) != len(hs) || len(layers[0].Features[0].Properties) != 8 {
		b.Fatalf("%d layers, %v", len(layers), err)
	}
	benchAgainst(b, "x-orb-encoding", encode, marshal(b, layers))
}

// BenchmarkGrid writes the 4,096 squares of a tile; the reference is orb
// marshalling them.
func BenchmarkGrid(b *testing.B) {
	tax := citytest.Taxonomy()
	c := newCanvas(bandTiles[2], datum.WGS84)
	g := ground{seed: 1}.input(c.window(0), false)
	in := gridInput{Window: g.Window, IR: g.Value, Level: g.Level, Chief: make([]data.Industry, len(g.Level))}
	layers, err := mvt.Unmarshal(appendGrid(nil, c, in, tax))
	if err != nil {
		b.Fatal(err)
	}
	var dst []byte
	benchAgainst(b, "x-orb-encoding", func() { dst = appendGrid(dst[:0], c, in, tax) }, marshal(b, layers))
	b.ReportMetric(float64(len(dst)), "bytes")
}

// BenchmarkAreas draws 1,000 polygons; the reference is orb simplifying nothing,
// clipping, projecting and marshalling them.
func BenchmarkAreas(b *testing.B) {
	tax := citytest.Taxonomy()
	c := newCanvas(tileOf(citytest.Bound.Center(), 12), datum.WGS84)
	rng := rand.New(rand.NewPCG(2, 2))
	hs := benchHazards(1000, c, func(p orb.Point) orb.Geometry {
		var r orb.Ring
		for i := range 8 {
			r = append(r, orb.Point{p[0] + 0.002*float64([8]int{0, 2, 3, 3, 2, 0, -1, -1}[i])*(0.8+0.2*rng.Float64()),
				p[1] + 0.002*float64([8]int{-1, -1, 0, 2, 3, 3, 2, 0}[i])*(0.8+0.2*rng.Float64())})
		}
		return orb.Polygon{append(r, r[0])}
	})
	seq := slices.Values(hs)
	var dst []byte
	benchAgainst(b, "x-orb", func() { dst = appendAreas(dst[:0], c, seq, tax) }, func() {
		fc := geojson.NewFeatureCollection()
		for _, h := range hs {
			f := geojson.NewFeature(orb.Clone(h.Shape))
			f.ID = featureID(h.ID)
			f.Properties = geojson.Properties{"id": string(h.ID), "name": h.Name, "level": int(h.Level),
				"industry": tax.Industries[h.Industry].Code, "district": tax.DistrictCode(h.Districts[tax.Default])}
			fc.Append(f)
		}
		layer := mvt.NewLayer("areas", fc)
		layer.ProjectToTile(c.tile)
		layer.Clip(mvt.MapboxGLDefaultExtentBound)
		marshal(b, mvt.Layers{layer})()
	})
	b.ReportMetric(float64(len(dst)), "bytes")
}

// BenchmarkDistricts draws real boundaries on a tile that shows nearly all of
// them and on one within a district.
func BenchmarkDistricts(b *testing.B) {
	ds := districtShapes(realDistricts(b))
	for _, z := range []uint8{8, 11, 14} {
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			c := newCanvas(tileOf(orb.Point{120.2, 30.25}, z), datum.WGS84)
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst = appendDistricts(dst[:0], c, ds)
			}
			b.ReportMetric(float64(len(dst)), "bytes")
		})
	}
}
