package tiles

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/tiles/mvtcheck"
)

func decode(t testing.TB, b []byte, margin int64) *mvtcheck.Tile {
	t.Helper()
	tile, err := mvtcheck.Strict(b, margin)
	if err != nil {
		t.Fatal(err)
	}
	return tile
}

// tileOf is the tile of a zoom that holds a place.
func tileOf(p orb.Point, z uint8) maptile.Tile { return maptile.At(p, maptile.Zoom(z)) }

// shapeTest is one random hazard on one random tile near it.
func shapeTests(n int, f func(h *data.Hazard, c *canvas)) {
	rng := rand.New(rand.NewPCG(11, 12))
	m := citytest.NewMaker(rng, citytest.Bound)
	for i := range n {
		h := m.Hazard(citytest.ID(i))
		for _, z := range []uint8{8, 10, 12, 13, 14, 16, 18} {
			b := h.Bound()
			at := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
			f(h, newCanvas(tileOf(at, z), datum.Datum(rng.IntN(4))))
		}
	}
}

// project gives the rings or lines of a shape in tile units.
func project(c *canvas, g orb.Geometry) (paths [][]spot) {
	add := func(ps []orb.Point) {
		var path []spot
		for _, p := range ps {
			x, y := c.at(p)
			path = append(path, spot{x, y})
		}
		paths = append(paths, path)
	}
	switch g := g.(type) {
	case orb.LineString:
		add(g)
	case orb.MultiLineString:
		for _, l := range g {
			add(l)
		}
	case orb.Polygon:
		for _, r := range g {
			add(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			for _, r := range p {
				add(r)
			}
		}
	}
	return paths
}

func distance(p spot, paths [][]spot) float64 {
	least := math.Inf(1)
	for _, path := range paths {
		for i := 1; i < len(path); i++ {
			least = min(least, squaredDistance(p, path[i-1], path[i]))
		}
	}
	return math.Sqrt(least)
}

// slack is how far drawing may move a line: simplifying, then rounding both ways.
const slack = tolerance + math.Sqrt2/2 + 0.01

func TestLines(t *testing.T) {
	tax := citytest.Taxonomy()
	drawn := 0
	shapeTests(400, func(h *data.Hazard, c *canvas) {
		isLine, _ := dimension(h.Shape)
		before := orb.Clone(h.Shape)
		b := appendLines(nil, c, slices.Values([]*data.Hazard{h}), tax)
		if diff := cmp.Diff(before, h.Shape); diff != "" {
			t.Fatalf("drawing changed the shape: %s", diff)
		}
		tile := decode(t, b, buffer)
		if !isLine {
			if len(tile.Layers) != 0 {
				t.Fatalf("%s in the layer lines", h.Shape.GeoJSONType())
			}
			return
		}
		paths := project(c, h.Shape)
		var got [][]spot
		if l := tile.Layer("lines"); l != nil {
			drawn++
			for _, line := range l.Features[0].Lines {
				var path []spot
				for _, p := range line {
					s := spot{float64(p.X), float64(p.Y)}
					if d := distance(s, paths); d > slack {
						t.Fatalf("%s, %v: vertex %v is %.2f from the line", h.ID, c.tile, p, d)
					}
					path = append(path, s)
				}
				got = append(got, path)
			}
		}
		// Every piece of the line in the tile is drawn, but for one under a unit.
		for _, path := range paths {
			for i := 1; i < len(path); i++ {
				for _, s := range []float64{0, 0.25, 0.5, 0.75, 1} {
					p := spot{path[i-1].x + s*(path[i].x-path[i-1].x), path[i-1].y + s*(path[i].y-path[i-1].y)}
					if p.x < 0 || p.y < 0 || p.x > extent || p.y > extent || length(path) < 3 {
						continue
					}
					if d := distance(p, got); d > slack {
						t.Fatalf("%s, %v: the line's point %v is %.2f from what is drawn", h.ID, c.tile, p, d)
					}
				}
			}
		}
	})
	if drawn < 100 {
		t.Errorf("%d lines drawn", drawn)
	}
}

func length(path []spot) float64 {
	sum := 0.0
	for i := 1; i < len(path); i++ {
		sum += math.Hypot(path[i].x-path[i-1].x, path[i].y-path[i-1].y)
	}
	return sum
}

// insideOf is the twin of a drawn area: by the even-odd rule of each polygon's
// rings, or of any polygon.
func insideOf(c *canvas, g orb.Geometry, p spot) bool {
	in := false
	switch g := g.(type) {
	case orb.MultiPolygon:
		for _, poly := range g {
			in = in || insideOf(c, poly, p)
		}
	case orb.Polygon:
		for _, ring := range project(c, g) {
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				if (a.y > p.y) != (b.y > p.y) && p.x < a.x+(p.y-a.y)/(b.y-a.y)*(b.x-a.x) {
					in = !in
				}
			}
		}
	}
	return in
}

func TestAreas(t *testing.T) {
	tax := citytest.Taxonomy()
	rng := rand.New(rand.NewPCG(5, 6))
	drawn, held := 0, 0
	shapeTests(400, func(h *data.Hazard, c *canvas) {
		_, isArea := dimension(h.Shape)
		before := orb.Clone(h.Shape)
		tile := decode(t, appendAreas(nil, c, slices.Values([]*data.Hazard{h}), tax), buffer)
		if diff := cmp.Diff(before, h.Shape); diff != "" {
			t.Fatalf("drawing changed the shape: %s", diff)
		}
		if !isArea {
			if len(tile.Layers) != 0 {
				t.Fatalf("%s in the layer areas", h.Shape.GeoJSONType())
			}
			return
		}
		var got []mvtcheck.Polygon
		if l := tile.Layer("areas"); l != nil {
			got = l.Features[0].Polygons
			drawn++
			if err := multiPolygon(got).Validate(); err != nil {
				t.Fatalf("%s, %v: %v", h.ID, c.tile, err)
			}
		}
		paths := project(c, h.Shape)
		for range 40 {
			x, y := rng.Int64N(extent+2*buffer-8)-buffer+4, rng.Int64N(extent+2*buffer-8)-buffer+4
			if rng.IntN(2) == 0 { // near the shape
				path := paths[rng.IntN(len(paths))]
				s := path[rng.IntN(len(path))]
				x, y = int64(s.x)+rng.Int64N(21)-10, int64(s.y)+rng.Int64N(21)-10
			}
			p := spot{float64(x), float64(y)}
			if distance(p, paths) < slack || x <= -buffer || y <= -buffer || x >= extent+buffer || y >= extent+buffer {
				continue
			}
			want := insideOf(c, h.Shape, p)
			if want {
				held++
			}
			if holds(got, mvtcheck.Point{X: x, Y: y}) != want {
				t.Fatalf("%s, %v: %d, %d inside: %t, want %t", h.ID, c.tile, x, y, !want, want)
			}
		}
	})
	if drawn < 100 || held < 500 {
		t.Errorf("%d areas drawn, %d places in them", drawn, held)
	}
}

// rounds is how often a cheap property is checked, a hundred times each.
const rounds = 10

// TestAreasNeverInvalid draws wild rings: crossing themselves, folded back,
// beyond the tile on all sides, with holes anywhere.
func TestAreasNeverInvalid(t *testing.T) {
	check := func(t *rapid.T) {
		z := uint8(rapid.IntRange(8, 18).Draw(t, "zoom"))
		c := newCanvas(tileOf(orb.Point{120.2, 30.25}, z), datum.WGS84)
		span := rapid.SampledFrom([]float64{4, 40, 4000, 12000}).Draw(t, "span")
		point := rapid.Custom(func(t *rapid.T) orb.Point {
			x, y := rapid.Float64Range(-0.5, 0.5).Draw(t, "x"), rapid.Float64Range(-0.5, 0.5).Draw(t, "y")
			return lonLat((c.x0+2048+x*span)/c.world, (c.y0+2048+y*span)/c.world)
		})
		ring := rapid.Custom(func(t *rapid.T) orb.Ring {
			r := orb.Ring(rapid.SliceOfN(point, 3, 12).Draw(t, "ring"))
			return append(r, r[0])
		})
		poly := orb.Polygon(rapid.SliceOfN(ring, 1, 3).Draw(t, "polygon"))
		w := newLayer(hazardKeys)
		w.feature(1)
		d := newDrawer(c, w)
		drawn := d.areas(poly)
		if drawn {
			w.end(polygonGeometry)
		}
		b := w.finish(nil, data.LayerAreas)
		d.release()
		tile, err := mvtcheck.Strict(b, buffer)
		if err != nil {
			t.Fatal(err)
		}
		if !drawn {
			return
		}
		if err := multiPolygon(tile.Layers[0].Features[0].Polygons).Validate(); err != nil {
			t.Fatal(err)
		}
	}
	for range rounds {
		rapid.Check(t, check)
	}
}

// TestTangle draws rings of nothing but crossings, of as many vertices as a
// shape may have.
func TestTangle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	c := newCanvas(tileOf(orb.Point{120.2, 30.25}, 14), datum.WGS84)
	for _, n := range []int{40, 150, 1000, data.MaxVertices - 1} {
		var r orb.Ring
		for range n {
			r = append(r, lonLat((c.x0+extent*rng.Float64())/c.world, (c.y0+extent*rng.Float64())/c.world))
		}
		w := newLayer(hazardKeys)
		w.feature(1)
		d := newDrawer(c, w)
		if !d.areas(orb.Polygon{append(r, r[0])}) {
			t.Fatalf("%d vertices: nothing drawn", n)
		}
		w.end(polygonGeometry)
		b := w.finish(nil, data.LayerAreas)
		d.release()
		polys := decode(t, b, buffer).Layers[0].Features[0].Polygons
		if err := multiPolygon(polys).Validate(); err != nil {
			t.Fatalf("%d vertices: %v", n, err)
		}
		if box := len(polys) == 1 && len(polys[0][0]) == 4; box != (n > 500) {
			t.Errorf("%d vertices: %d polygons, want a box only of the greatest tangles", n, len(polys))
		}
	}
}

func TestSpecks(t *testing.T) {
	tax := citytest.Taxonomy()
	m := citytest.NewMaker(rand.New(rand.NewPCG(1, 1)), citytest.Bound)
	p := orb.Point{120.2, 30.25}
	line := m.Shaped("L", orb.LineString{p, {p[0] + 1e-8, p[1]}})
	area := m.Shaped("A", orb.Polygon{{p, {p[0] + 1e-8, p[1]}, {p[0], p[1] + 1e-8}, p}})
	for _, z := range []uint8{8, 12, 13, 18} {
		c := newCanvas(tileOf(p, z), datum.WGS84)
		both := slices.Values([]*data.Hazard{line, area})
		tile := decode(t, appendAreas(appendLines(nil, c, both, tax), c, both, tax), buffer)
		if want := z >= smallestZoom; len(tile.Layers) == 2 != want {
			t.Errorf("z%d: %d layers, want both: %t", z, len(tile.Layers), want)
		}
		other := newCanvas(tileOf(orb.Point{120.5, 30.25}, z), datum.WGS84)
		if z >= smallestZoom && len(appendLines(nil, other, both, tax)) > 0 {
			t.Errorf("z%d: drawn in a tile where it is not", z)
		}
	}
}

// TestShapesKeepTheWorst draws more areas than a tile may hold.
func TestShapesKeepTheWorst(t *testing.T) {
	tax := citytest.Taxonomy()
	c := newCanvas(tileOf(citytest.Bound.Center(), 11), datum.WGS84)
	hs := benchHazards(9000, c, func(p orb.Point) orb.Geometry {
		return orb.Polygon{{p, {p[0] + 0.002, p[1]}, {p[0] + 0.002, p[1] + 0.002}, {p[0], p[1] + 0.002}, p}}
	})
	b := appendAreas(nil, c, slices.Values(hs), tax)
	again := appendAreas(nil, c, slices.Values(shuffled(rand.New(rand.NewPCG(1, 1)), hs)), tax)
	if len(b) > mostShapeBytes+1000 || !bytes.Equal(b, again) {
		t.Errorf("%d bytes, want at most %d, and the same for another order: %t", len(b), mostShapeBytes, bytes.Equal(b, again))
	}
	var have, drawn [5]int
	for _, h := range hs {
		have[h.Level]++
	}
	last := uint64(0)
	for _, f := range decode(t, b, buffer).Layer("areas").Features {
		level := f.Properties["level"].(uint64)
		if level < last {
			t.Fatalf("level %d is drawn after %d", level, last)
		}
		last = level
		drawn[level]++
	}
	if drawn[4] != have[4] || drawn[3] != have[3] || drawn[2] != have[2] || drawn[1] == have[1] || drawn[1] == 0 {
		t.Errorf("%v of %v drawn by level", drawn, have)
	}
}
