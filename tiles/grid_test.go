package tiles

import (
	"math"
	"math/big"
	"testing"

	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
	"riskatlas/tiles/mvtcheck"
)

func TestPerYear(t *testing.T) {
	for _, r := range []riskgrid.Risk{0, 1, 2, 3, 7, 1e9, 30000000001, 1<<53 - 1, 1 << 53, 1<<53 + 1, 123456789012345678, math.MaxInt64} {
		want, _ := new(big.Rat).SetFrac(big.NewInt(int64(r)), big.NewInt(1e15)).Float64()
		if got := perYear(r); got != want {
			t.Errorf("%d: %v, want %v", r, got, want)
		}
	}
}

// TestGrid holds every square to its cell, with and without a ring around the
// tile, on the map of every datum.
func TestGrid(t *testing.T) {
	tax := citytest.Taxonomy()
	for _, tile := range []maptile.Tile{maptile.New(3414, 1681, 12), maptile.New(13659, 6727, 14), maptile.New(109275, 53816, 17), maptile.New(218550, 107632, 18)} {
		for _, d := range []datum.Datum{datum.WGS84, datum.GCJ02, datum.BD09} {
			for ring := range 2 {
				c := newCanvas(tile, d)
				g := ground{seed: 3, noise: true}
				bands := g.input(c.window(ring), false)
				in := gridInput{Window: bands.Window, IR: bands.Value, Level: bands.Level}
				if tile.Z >= 14 {
					for i := range in.IR {
						in.Chief = append(in.Chief, data.Industry(i%8))
					}
				} else {
					for i := range in.IR {
						in.Mean = append(in.Mean, in.IR[i]/3)
					}
				}
				checkGrid(t, c, in, tax)
			}
		}
	}
}

func checkGrid(t *testing.T, c *canvas, in gridInput, tax *data.Taxonomy) {
	t.Helper()
	size := int64(c.cellSize(in.Window.Zoom))
	margin := int64(0)
	if c.offset {
		margin = size + 2
	}
	l := decode(t, appendGrid(nil, c, in, tax), margin).Layer("grid")
	left := map[uint64]int{}
	for k, ir := range in.IR {
		x, y := in.Window.X+k%in.Window.W, in.Window.Y+k/in.Window.W
		// A cell that the datum moves is in the tile where its centre surely is.
		a := c.cellCorner(in.Window.Zoom, x, y)
		m := c.moved(vertex{a.x + int32(size/2), a.y + int32(size/2)})
		if ir > 0 && m.x > 0 && m.y > 0 && m.x < extent && m.y < extent {
			left[uint64(in.Window.Zoom)<<44|uint64(y)<<22|uint64(x)] = k
		}
	}
	area, want := int64(0), int64(len(left))*2*size*size
	for _, f := range l.Features {
		k, centred := left[f.ID]
		if !centred {
			if !c.offset {
				t.Fatalf("%v: a square of cell %d, which is not in the tile", c.tile, f.ID)
			}
			continue
		}
		delete(left, f.ID)
		area += f.Polygons[0][0].Area()
		x, y := in.Window.X+k%in.Window.W, in.Window.Y+k/in.Window.W
		px, py := c.at(riskgrid.Cell{X: uint32(x), Y: uint32(y), Zoom: in.Window.Zoom}.Centre())
		if inside, _ := f.Polygons[0].Contains(mvtcheck.Point{X: int64(px), Y: int64(py)}); !inside || len(f.Polygons) != 1 {
			t.Fatalf("%v: cell %d, %d is drawn elsewhere than its centre", c.tile, x, y)
		}
		mean, chief := in.IR[k], any(nil)
		if in.Mean != nil {
			mean = in.Mean[k]
		}
		if in.Chief != nil {
			chief = tax.Industries[in.Chief[k]].Code
		}
		p := f.Properties
		if p["level"] != uint64(in.Level[k]) || p["ir"] != perYear(in.IR[k]) || p["ir_mean"] != perYear(mean) || p["chief"] != chief {
			t.Fatalf("%v: cell %d, %d has %v", c.tile, x, y, p)
		}
	}
	if len(left) > 0 {
		t.Errorf("%v: %d cells are not drawn", c.tile, len(left))
	}
	if !c.offset && area != want || math.Abs(float64(area-want)) > 0.01*float64(want) {
		t.Errorf("%v: area %d/2, want %d/2", c.tile, area, want)
	}
}

func TestGridWithoutRisk(t *testing.T) {
	c := newCanvas(maptile.New(13659, 6727, 14), datum.WGS84)
	w := c.window(0)
	in := gridInput{Window: w, IR: make([]riskgrid.Risk, w.W*w.H), Level: make([]data.Level, w.W*w.H)}
	if b := appendGrid(nil, c, in, citytest.Taxonomy()); len(b) != 0 {
		t.Errorf("%d bytes", len(b))
	}
}
