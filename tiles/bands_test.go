package tiles

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb/maptile"
	"github.com/peterstace/simplefeatures/geom"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
	"riskatlas/tiles/mvtcheck"
)

var testCuts = riskgrid.Cuts{1e6, 3e9, 1e10, 3e10} // 1e-9, 3e-6, 1e-5, 3e-5 per year

// ground is an endless plane of cell values, some of them smooth hills and some
// pure noise, so that every kind of square occurs.
type ground struct {
	seed  uint64
	noise bool
}

func (g ground) value(x, y int) riskgrid.Risk {
	hash := func(x, y int) uint64 {
		h := g.seed ^ uint64(x)*0x9e3779b97f4a7c15 ^ uint64(y)*0xc2b2ae3d27d4eb4f
		h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>32) * 0x94d049bb133111eb
		return h ^ h>>31
	}
	if g.noise {
		return [...]riskgrid.Risk{0, 1, 1e6, 1e6 + 1, 5e8, 3e9 - 1, 3e9, 9e9, 1e10, 2e10, 3e10, 1e12}[hash(x, y)%12]
	}
	var sum riskgrid.Risk
	const step = 7
	for i := -2; i <= 2; i++ {
		for j := -2; j <= 2; j++ {
			cx, cy := floorDiv(x, step)+i, floorDiv(y, step)+j
			h := hash(cx, cy)
			if h%3 != 0 {
				continue
			}
			dx, dy := x-cx*step-int(h>>8%step), y-cy*step-int(h>>16%step)
			r2 := riskgrid.Risk(dx*dx + dy*dy)
			top := riskgrid.Risk(1) << (20 + h>>24%17)
			sum += max(0, top-top*r2/(20+riskgrid.Risk(h>>40%120)))
		}
	}
	return sum
}

func floorDiv(a, b int) int {
	if q := a / b; a%b < 0 {
		return q - 1
	} else {
		return q
	}
}

func (g ground) input(w riskgrid.Window, fixed bool) bandInput {
	in := bandInput{Window: w, Cuts: testCuts, Fixed: fixed}
	for j := range w.H {
		for i := range w.W {
			v := g.value(w.X+i, w.Y+j)
			in.Value = append(in.Value, v)
			in.Level = append(in.Level, testCuts.Level(v))
		}
	}
	return in
}

func bandTile(t testing.TB, c *canvas, in bandInput) map[data.Level][]mvtcheck.Polygon {
	t.Helper()
	b := appendRisk(nil, c, in)
	if again := appendRisk(nil, c, in); !bytes.Equal(b, again) {
		t.Fatal("the same ground gave other bytes")
	}
	margin := int64(c.cellSize(in.Window.Zoom)) * 4
	if !c.offset {
		margin /= 8
	}
	tile, err := mvtcheck.Strict(b, margin)
	if err != nil {
		t.Fatal(err)
	}
	bands := map[data.Level][]mvtcheck.Polygon{}
	if layer := tile.Layer("risk"); layer != nil {
		for _, f := range layer.Features {
			l := data.Level(f.Properties["level"].(uint64))
			if bands[l] != nil || f.ID != uint64(l) {
				t.Fatalf("level %d twice, or with id %d", l, f.ID)
			}
			bands[l] = f.Polygons
		}
	}
	return bands
}

var bandTiles = []maptile.Tile{
	maptile.New(53, 26, 6), maptile.New(853, 420, 10), maptile.New(13659, 6727, 14),
	maptile.New(54637, 26908, 16), maptile.New(109275, 53816, 17), maptile.New(218550, 107632, 18),
}

func eachGround(t *testing.T, f func(t *testing.T, g ground, tile maptile.Tile, fixed bool)) {
	for i, tile := range bandTiles {
		for _, noise := range []bool{false, true} {
			if noise && i%2 == 1 {
				continue // noise is costly to check, and the same at all zooms but for its scale
			}
			for _, fixed := range []bool{false, true} {
				t.Run(fmt.Sprintf("z%d/noise=%t/fixed=%t", tile.Z, noise, fixed), func(t *testing.T) {
					f(t, ground{seed: uint64(i + 1), noise: noise}, tile, fixed)
				})
			}
		}
	}
}

func TestBandsAtCentres(t *testing.T) {
	eachGround(t, func(t *testing.T, g ground, tile maptile.Tile, fixed bool) {
		c := newCanvas(tile, datum.WGS84)
		in := g.input(c.window(1), fixed)
		bands := bandTile(t, c, in)
		w := in.Window
		size := int64(c.cellSize(w.Zoom))
		corner := c.cellCorner(w.Zoom, w.X, w.Y)
		for j := 1; j < w.H-1; j++ {
			y := int64(corner.y) + int64(j)*size + size/2
			for l := data.Low; l <= data.Major; l++ {
				walls := wallsAt(bands[l], y)
				for i := 1; i < w.W-1; i++ {
					x := int64(corner.x) + int64(i)*size + size/2
					west, _ := slices.BinarySearch(walls, float64(x))
					if want := in.Level[j*w.W+i]; (west%2 == 1) != (l == want) {
						t.Fatalf("cell %d, %d of level %d: band %d holds its centre: %t", i, j, want, l, west%2 == 1)
					}
				}
			}
		}
	})
}

// wallsAt gives where the polygons' rings cross a parallel, from west to east.
func wallsAt(ps []mvtcheck.Polygon, y int64) (xs []float64) {
	for _, p := range ps {
		for _, r := range p {
			for i, a := range r {
				b := r[(i+1)%len(r)]
				if (a.Y > y) != (b.Y > y) {
					xs = append(xs, float64(a.X)+float64(y-a.Y)/float64(b.Y-a.Y)*float64(b.X-a.X))
				}
			}
		}
	}
	slices.Sort(xs)
	return xs
}

// holds reports whether a place lies in one of the polygons.
func holds(ps []mvtcheck.Polygon, p mvtcheck.Point) bool {
	for _, poly := range ps {
		if in, _ := poly.Contains(p); in {
			return true
		}
	}
	return false
}

// TestBandsArea holds the area of every band, to the unit, to the sum over the
// squares of the dual grid of the part of each that has the level or more: a
// polygon of corners and crossings walked around the square. Together with
// simple rings this makes bands disjoint.
func TestBandsArea(t *testing.T) {
	eachGround(t, func(t *testing.T, g ground, tile maptile.Tile, fixed bool) {
		c := newCanvas(tile, datum.WGS84)
		in := g.input(c.window(1), fixed)
		bands := bandTile(t, c, in)
		var region [6]int64
		for l := data.Low; l <= data.Major; l++ {
			for j := range in.Window.H - 1 {
				for i := range in.Window.W - 1 {
					region[l] += squareArea(&in, i, j, l, c.cellSize(in.Window.Zoom))
				}
			}
		}
		for l := data.Low; l <= data.Major; l++ {
			var sum int64
			for _, p := range bands[l] {
				for _, r := range p {
					sum += r.Area()
				}
			}
			if want := region[l] - region[l+1]; sum != want {
				t.Errorf("band %d: area %d/2, want %d/2", l, sum, want)
			}
		}
	})
}

func squareArea(in *bandInput, i, j int, l data.Level, size int32) int64 {
	corners := [4][2]int{{i, j}, {i + 1, j}, {i + 1, j + 1}, {i, j + 1}}
	var poly mvtcheck.Ring
	for k := range 4 {
		a, b := corners[k], corners[(k+1)%4]
		ca, cb := int32(a[1]*in.Window.W+a[0]), int32(b[1]*in.Window.W+b[0])
		pa := mvtcheck.Point{X: int64(a[0]) * int64(size), Y: int64(a[1]) * int64(size)}
		la, lb := in.Level[ca], in.Level[cb]
		if la >= l {
			poly = append(poly, pa)
		}
		if (la >= l) == (lb >= l) {
			continue
		}
		d := int64(0)
		if la < lb {
			d = int64(in.crossing(ca, cb, l, size/2))
		} else {
			d = int64(size) - int64(in.crossing(cb, ca, l, size/2))
		}
		poly = append(poly, mvtcheck.Point{X: pa.X + d*int64(b[0]-a[0]), Y: pa.Y + d*int64(b[1]-a[1])})
	}
	if len(poly) == 0 {
		return 0
	}
	return poly.Area()
}

func TestCrossings(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		g := ground{seed: rng.Uint64(), noise: true}
		half := []int32{32, 64, 128}[rng.IntN(3)]
		a, b := g.value(0, 0), g.value(1, 0)
		if a > b {
			a, b = b, a
		}
		in := bandInput{Value: []riskgrid.Risk{a, b}, Level: []data.Level{testCuts.Level(a), testCuts.Level(b)}, Cuts: testCuts, Fixed: rng.IntN(2) == 0}
		last := int32(0)
		for k := in.Level[0] + 1; k <= in.Level[1]; k++ {
			at := in.crossing(0, 1, k, half)
			if at < last+minGap || at > half-minGap {
				t.Fatalf("%d to %d: cut %d at %d after %d, half %d", a, b, k, at, last, half)
			}
			last = at
		}
	}
}

func TestLog2(t *testing.T) {
	if got := log2(1); got != 0 {
		t.Errorf("log2(1) = %d", got)
	}
	if got := log2(3 << 40); got != 41<<16+1<<15 {
		t.Errorf("log2(3·2^40) = %d", got)
	}
	last := int64(-1)
	for _, r := range []riskgrid.Risk{1, 2, 3, 4, 5, 1e6, 1e6 + 20, 1e9, 3e9, 1e15, 1<<63 - 1} {
		if l := log2(r); l <= last {
			t.Errorf("log2(%d) = %d after %d", r, l, last)
		} else {
			last = l
		}
	}
}

// TestBandsMeet compares tiles that share a side: within a cell of it they have
// the same vertices of the same bands, but for the cells' centres along which
// each of them ends.
func TestBandsMeet(t *testing.T) {
	near := func(bands map[data.Level][]mvtcheck.Polygon, size, from, shift int64, down bool) []string {
		var all []string
		for l, ps := range bands {
			for _, p := range ps {
				for _, r := range p {
					for _, v := range r {
						across, along := v.X, v.Y
						if down {
							across, along = v.Y, v.X
						}
						centre := (across+size/2)%size == 0 && (along+size/2)%size == 0
						if across >= from-size/2 && across <= from+size/2 && !centre {
							all = append(all, fmt.Sprint(l, across+shift, along))
						}
					}
				}
			}
		}
		slices.Sort(all)
		return all
	}
	eachGround(t, func(t *testing.T, g ground, tile maptile.Tile, fixed bool) {
		if g.noise && fixed {
			return // as without
		}
		draw := func(x, y uint32) (map[data.Level][]mvtcheck.Polygon, int64) {
			c := newCanvas(maptile.New(x, y, tile.Z), datum.WGS84)
			w := c.window(1)
			return bandTile(t, c, g.input(w, fixed)), int64(c.cellSize(w.Zoom))
		}
		here, size := draw(tile.X, tile.Y)
		east, _ := draw(tile.X+1, tile.Y)
		south, _ := draw(tile.X, tile.Y+1)
		a, b := near(here, size, extent, 0, false), near(east, size, 0, extent, false)
		if !slices.Equal(a, b) || len(a) == 0 {
			t.Errorf("%d vertices near the side, %d on the other side of it:\n%v\n%v", len(a), len(b), a, b)
		}
		a, b = near(here, size, extent, 0, true), near(south, size, 0, extent, true)
		if !slices.Equal(a, b) || len(a) == 0 {
			t.Errorf("%d vertices near the foot, %d below it", len(a), len(b))
		}
	})
}

// TestBandsAreValid asks another program whether every band is a valid
// multipolygon: simple rings, holes inside, polygons apart.
func TestBandsAreValid(t *testing.T) {
	eachGround(t, func(t *testing.T, g ground, tile maptile.Tile, fixed bool) {
		if g.noise && (fixed || tile.Z != 17) {
			return // slow to judge; the checker has seen simple rings already
		}
		for _, d := range []datum.Datum{datum.WGS84, datum.GCJ02, datum.BD09} {
			c := newCanvas(tile, d)
			for l, ps := range bandTile(t, c, g.input(c.window(1), fixed)) {
				if err := multiPolygon(ps).Validate(); err != nil {
					t.Errorf("%s, band %d: %v", d, l, err)
				}
			}
		}
	})
}

func multiPolygon(ps []mvtcheck.Polygon) geom.MultiPolygon {
	var polys []geom.Polygon
	for _, p := range ps {
		var rings []geom.LineString
		for _, r := range p {
			var xy []float64
			for _, v := range append(slices.Clone(r), r[0]) {
				xy = append(xy, float64(v.X), float64(v.Y))
			}
			rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
		}
		polys = append(polys, geom.NewPolygon(rings))
	}
	return geom.NewMultiPolygon(polys)
}

func TestBandsOfEvenGround(t *testing.T) {
	c := newCanvas(bandTiles[2], datum.WGS84)
	w := c.window(1)
	in := bandInput{Window: w, Level: make([]data.Level, w.W*w.H), Value: make([]riskgrid.Risk, w.W*w.H), Cuts: testCuts}
	if b := appendRisk([]byte("x"), c, in); string(b) != "x" {
		t.Errorf("ground without risk gave %d bytes", len(b)-1)
	}
	for i := range in.Level {
		in.Level[i], in.Value[i] = data.Major, 1e12
	}
	bands := bandTile(t, c, in)
	want := mvtcheck.Ring{{X: -32, Y: -32}, {X: 4128, Y: -32}, {X: 4128, Y: 4128}, {X: -32, Y: 4128}}
	if len(bands) != 1 || len(bands[data.Major]) != 1 || !slices.Equal(bands[data.Major][0][0], want) {
		t.Errorf("red ground gave %v, want %v", bands, want)
	}
}
