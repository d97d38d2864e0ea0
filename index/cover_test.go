package index

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data/citytest"
)

// descended are the tiles found without a short cut.
func (c *cover) descended(grow float64, g ground) []uint32 {
	c.tiles(grow, g)
	c.keys, c.stack = c.keys[:0], c.stack[:0]
	edges(g.shape, func(a, b orb.Point) bool {
		c.stack = append(c.stack, edge{a, b})
		return true
	})
	all := c.stack
	const n = 1 << minKept
	for x := range uint32(n) {
		for y := range uint32(n) {
			c.descend(minKept, x, y, all)
		}
	}
	slices.Sort(c.keys)
	return c.keys
}

func TestTilesAreThoseFoundByDescending(t *testing.T) {
	rng := newRand(92)
	var fast, slow cover
	for i, h := range citytest.Hazards(rng, 400, orb.Bound{Min: orb.Point{112.3, 30.1}, Max: orb.Point{112.7, 30.5}}) {
		for _, g := range append(grounds(nil, h, 0), ground{h.Shape, 0, h.Bound()}) {
			grow := []float64{cellGrow, pointGrow, shapeGrow}[i%3]
			fast.tiles(grow, g)
			slices.Sort(fast.keys)
			if want := slow.descended(grow, g); !slices.Equal(fast.keys, want) {
				t.Fatalf("%v within %v m: %x, want %x", g.shape, g.metres, fast.keys, want)
			}
		}
	}
}

// The tiles of a point found at once are those found by descending.
func TestSpotTilesAreTheTiles(t *testing.T) {
	rng := newRand(91)
	var fast, slow cover
	edges, far := 0, 0
	for i := range 8000 {
		p := orb.Point{citytest.Bound.Min[0] + rng.Float64()*0.4, citytest.Bound.Min[1] + rng.Float64()*0.4}
		switch i % 8 {
		case 0: // anywhere that the projection knows
			p = orb.Point{rng.Float64()*360 - 180, rng.Float64()*168 - 84}
		case 1, 2: // at the corner of a tile, or about the growing away
			n := math.Exp2(float64(5 + rng.IntN(10)))
			x, y := math.Floor((p[0]+180)/360*n), math.Floor(rng.Float64()*n*0.5+n*0.25)
			at := []float64{0, cellGrow, -cellGrow, pointGrow, -pointGrow}[rng.IntN(5)]
			p = orb.Point{(x+at)/n*360 - 180, latitude((y + at) / n)}
		}
		metres := []float64{0, 0, 1, 50, 500, 3000, 20_000}[rng.IntN(7)] * (0.1 + rng.Float64())
		grow := []float64{cellGrow, pointGrow, shapeGrow}[rng.IntN(3)]
		if i%8 == 3 && metres > 0 { // as far from a tile's grown side as it reaches
			n := math.Exp2(float64(5 + rng.IntN(10)))
			x := math.Floor((p[0]+180)/360*n) - grow
			metres = math.Abs((p[0] - (x/n*360 - 180)) * math.Cos(p[1]*math.Pi/180) * (worldMetres / 360))
			metres = min(metres, 20_000)
			edges++
		}
		s := spotAt(p)
		fast.spotTiles(grow, &s, metres)
		slow.descended(grow, ground{p, metres, p.Bound()})
		slices.Sort(fast.keys)
		if !slices.Equal(fast.keys, slow.keys) {
			t.Fatalf("%v within %v m, grown by %v: %x, want %x", p, metres, grow, fast.keys, slow.keys)
		}
		if len(slow.keys) > 10 {
			far++
		}
	}
	if edges < 100 || far < 1500 {
		t.Errorf("%d at the limit, %d of several tiles: want many", edges, far)
	}
}
