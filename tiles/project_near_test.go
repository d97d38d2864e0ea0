package tiles

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data/datum"
)

// Places are rounded to the units that the projection gives, everywhere on the
// world, also next to the border between two units.
func TestNearMercatorIsTheProjection(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	series := 0
	for range 400 {
		z := maptile.Zoom(10 + rng.IntN(9))
		c := newCanvas(maptile.At(orb.Point{rng.Float64()*360 - 180, math.Asin(rng.Float64()*2-1) * 180 / math.Pi}, z), datum.Datum(rng.IntN(4)))
		n := newNearMercator(c)
		if n.usable {
			series++
		}
		b := c.bound()
		for i := range 500 {
			p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
			if i%2 == 0 { // half way between two units, or next to it
				y := (c.y0 + math.Floor(rng.Float64()*extent) + 0.5 + rng.NormFloat64()*1e-5*float64(i%4)) / c.world
				p[1] = lonLat(0, y)[1]
			}
			if got, want := n.round(c, p), c.round(p); got != want {
				t.Fatalf("%v %v: %v, want %v", c.tile, p, got, want)
			}
			if !n.usable || math.Abs(p[1]-n.lat) > n.most {
				continue
			}
			_, y := c.at(p)
			d := p[1] - n.lat
			if e := math.Abs(n.y0 + d*(n.c[0]+d*(n.c[1]+d*(n.c[2]+d*n.c[3]))) - y); e > doubt/10 {
				t.Fatalf("%v %v: the series is %g units off", c.tile, p, e)
			}
		}
	}
	if series < 50 {
		t.Errorf("only %d tiles by the series", series)
	}
}
