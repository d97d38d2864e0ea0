package tiles

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/datum"
)

// ragged is a ring of n points around a place, some 0.3° wide.
func ragged(rng *rand.Rand, at orb.Point, n int) orb.Polygon {
	var r orb.Ring
	for i := range n {
		a, far := 2*math.Pi*float64(i)/float64(n), 0.15*(0.9+0.1*rng.Float64())
		r = append(r, orb.Point{at[0] + far*math.Cos(a), at[1] + far*math.Sin(a)})
	}
	return orb.Polygon{append(r, r[0])}
}

// Shapes drawn from kept outlines have the bytes of those drawn anew, and tiles of
// one zoom share them.
func TestKeptOutlines(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var units []data.Unit
	for i := range 6 {
		units = append(units, data.Unit{Code: string(rune('a' + i)),
			Shape: ragged(rng, orb.Point{119.8 + 0.2*float64(i), 30.1 + 0.1*rng.Float64()}, 30+100*i)})
	}
	ds := districtShapes(units)
	kept, err := newOutlines()
	if err != nil {
		t.Fatal(err)
	}
	defer kept.StopAllGoroutines()
	drawn := 0
	for z := maptile.Zoom(4); z <= 15; z++ {
		for _, d := range []datum.Datum{datum.WGS84, datum.GCJ02} {
			for range 6 {
				c := newCanvas(maptile.At(orb.Point{119.7 + 1.2*rng.Float64(), 29.9 + 0.5*rng.Float64()}, z), d)
				want := appendDistricts(nil, c, ds)
				c.kept = kept
				for range 2 {
					if got := appendDistricts(nil, c, ds); !bytes.Equal(got, want) {
						t.Fatalf("%v %s: %d bytes, want other %d", c.tile, d, len(got), len(want))
					}
				}
				if len(want) > 0 {
					drawn++
				}
			}
		}
	}
	// Five of the six are long, at ten zooms in two datums; some were never met.
	if n := kept.EstimatedSize(); drawn < 60 || n < 70 || n > 5*10*2 {
		t.Errorf("%d tiles drawn, %d outlines kept", drawn, n)
	}
}
