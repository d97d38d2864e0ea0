package tiles

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data/datum"
	"riskatlas/riskgrid"
)

var datums = []datum.Datum{datum.WGS84, datum.CGCS2000, datum.GCJ02, datum.BD09}

// randomCanvas is of a tile near Hangzhou, or now and then anywhere.
func randomCanvas(rng *rand.Rand) *canvas {
	z := uint8(5 + rng.IntN(14))
	p := orb.Point{118.3 + 2.5*rng.Float64(), 29.2 + 1.5*rng.Float64()}
	if rng.IntN(5) == 0 {
		p = orb.Point{-180 + 360*rng.Float64(), -80 + 160*rng.Float64()}
	}
	return newCanvas(tileOf(p, z), datums[rng.IntN(len(datums))])
}

// TestCanvasAgainstOrb compares with orb's projection of the datum's place.
func TestCanvasAgainstOrb(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 4000 {
		c := randomCanvas(rng)
		b := c.tile.Bound()
		p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		there := c.datum.FromWGS84(p)
		f := maptile.Fraction(there, c.tile.Z)
		wantX, wantY := (f[0]-float64(c.tile.X))*extent, (f[1]-float64(c.tile.Y))*extent
		x, y := c.at(p)
		if math.Abs(x-wantX) > 1e-3 || math.Abs(y-wantY) > 1e-3 {
			t.Fatalf("%v %s: %v at %v, %v, want %v, %v", c.tile, c.datum, p, x, y, wantX, wantY)
		}
		if v := c.round(p); math.Abs(float64(v.x)-x) > 0.5 || math.Abs(float64(v.y)-y) > 0.5 {
			t.Fatalf("%v, %v rounded to %v", x, y, v)
		}
		// A neighbour rounds the same place alike.
		east := newCanvas(maptile.New(c.tile.X+1, c.tile.Y+1, c.tile.Z), c.datum)
		if v, w := c.round(p), east.round(p); v.x-extent != w.x || v.y-extent != w.y {
			t.Fatalf("%v here, %v on the next tile", v, w)
		}
	}
}

func TestWindowCoversTile(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 3000 {
		c := randomCanvas(rng)
		w := c.window(1)
		if !c.offset {
			if want := riskgrid.TileWindow(uint8(c.tile.Z), c.tile.X, c.tile.Y, 1); w != want {
				t.Fatalf("%v, want %v", w, want)
			}
			continue
		}
		n := extent/int(c.cellSize(w.Zoom)) + 2
		if w.W < n || w.H < n || w.W > n+8 || w.H > n+8 {
			t.Fatalf("%v %s: a window of %d × %d, want little over %d", c.tile, c.datum, w.W, w.H, n)
		}
		for range 20 {
			x, y := rng.Float64(), rng.Float64()
			p := c.datum.ToWGS84(lonLat((c.x0+x*extent)/c.world, (c.y0+y*extent)/c.world))
			cell := riskgrid.CellAt(p, w.Zoom)
			if i, k := int(cell.X)-w.X, int(cell.Y)-w.Y; i < 1 || k < 1 || i >= w.W-1 || k >= w.H-1 {
				t.Fatalf("%v %s: %v falls in cell %d, %d of %d × %d", c.tile, c.datum, p, i, k, w.W, w.H)
			}
		}
	}
}

func TestBoundHoldsTile(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 5000 {
		c := randomCanvas(rng)
		x, y := (rng.Float64()*(extent+2*buffer)-buffer)/extent, (rng.Float64()*(extent+2*buffer)-buffer)/extent
		p := c.datum.ToWGS84(lonLat((c.x0+x*extent)/c.world, (c.y0+y*extent)/c.world))
		if !c.bounds.Pad(1e-12).Contains(p) {
			t.Fatalf("%v %s: %v is not in %v", c.tile, c.datum, p, c.bounds)
		}
	}
}

// TestBandsMeetOnOffsetMaps compares the vertices of neighbours on the map of an
// offset datum, where their windows overlap by more than a cell.
func TestBandsMeetOnOffsetMaps(t *testing.T) {
	for _, d := range []datum.Datum{datum.GCJ02, datum.BD09} {
		for _, tile := range bandTiles {
			g := ground{seed: 7}
			vertices := func(x uint32, shift int64) map[[3]int64]bool {
				c := newCanvas(maptile.New(x, tile.Y, tile.Z), d)
				w := c.window(1)
				set := map[[3]int64]bool{}
				for l, ps := range bandTile(t, c, g.input(w, false)) {
					for _, p := range ps {
						for _, r := range p {
							for _, v := range r {
								// Near the shared side, away from the windows' ends.
								if v.X+shift > extent-20 && v.X+shift < extent+20 && v.Y > 100 && v.Y < 4000 {
									set[[3]int64{int64(l), v.X + shift, v.Y}] = true
								}
							}
						}
					}
				}
				return set
			}
			a, b := vertices(tile.X, 0), vertices(tile.X+1, extent)
			for v := range a {
				if !b[v] {
					t.Errorf("z%d %s: the eastern tile has no vertex %v", tile.Z, d, v)
				}
			}
			if len(a) != len(b) || len(a) == 0 && tile.Z < 17 {
				t.Errorf("z%d %s: %d and %d vertices", tile.Z, d, len(a), len(b))
			}
		}
	}
}
