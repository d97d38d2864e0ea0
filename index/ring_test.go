package index

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
)

// What the ring says of a line is what data.Nearest says, anywhere on the sphere
// and for any radius; between its circles it says nothing, which must be rare.
func TestRingAgreesWithNearest(t *testing.T) {
	said, silent := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-89.9, 89.9).Draw(t, "lat")}
		size := math.Pow(10, rapid.Float64Range(-6, 1.5).Draw(t, "size"))
		near := func(name string) orb.Point {
			return orb.Point{p[0] + size*rapid.Float64Range(-1, 1).Draw(t, name), min(90, max(-90, p[1]+size*rapid.Float64Range(-1, 1).Draw(t, name)))}
		}
		line := orb.LineString{near("a"), near("b"), near("c")}
		_, exact := data.Nearest(line, p)
		metres := exact * rapid.SampledFrom([]float64{0, 0.5, 0.999, 0.999999, 1, 1.000001, 1.001, 1.5, 5}).Draw(t, "of it")
		r := newRing(p, metres)
		box := line.Bound()
		least, most := r.gaps(&box)
		edges := r.line(line)
		if (most <= r.sure || edges <= r.sure) && exact > metres {
			t.Fatalf("%v from %v: %v m, said to be within %v m (%+v; %v, %v)", line, p, exact, metres, r, most, edges)
		}
		if (least > r.far || edges > r.far) && exact <= metres {
			t.Fatalf("%v from %v: %v m, said to be beyond %v m (%+v; %v, %v)", line, p, exact, metres, r, least, edges)
		}
		if edges > r.sure && least > edges*(1+1e-9)+1e-18 {
			t.Fatalf("%v from %v: the box is at %v, its line at %v", line, p, least, edges)
		}
		if off := math.Abs(metres/exact - 1); math.Abs(p[1]) < 60 && size < 0.1 && off > 0.0009 && exact > 0.1 {
			if said++; edges > r.sure && edges <= r.far {
				silent++
			}
		}
	})
	if said == 0 || silent*20 > said {
		t.Errorf("silent %d times, said %d", silent, said)
	}
}
