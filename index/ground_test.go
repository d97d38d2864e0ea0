package index

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// Ground that reaches any place of a box is never left out, anywhere on the
// sphere and up to the longest reach: the place is searched by climbing down
// data.Nearest from random starts.
func TestWithinIsNeverTooShort(t *testing.T) {
	rng := newRand(31)
	for i := range 900 {
		at := orb.Point{rng.Float64()*300 - 150, rng.Float64()*160 - 80}
		m := citytest.NewMaker(rng, orb.Bound{Min: at, Max: at})
		shape := m.Hazard(citytest.ID(i)).Shape
		reach := math.Pow(10, 1+3.3*rng.Float64())
		angle, off := rng.Float64()*2*math.Pi, reach*(0.2+rng.Float64())
		lo := orb.Point{
			at[0] + off*math.Sin(angle)/data.MetresPerDegree/math.Cos(at[1]*math.Pi/180),
			at[1] + off*math.Cos(angle)/data.MetresPerDegree}
		size := math.Pow(10, -4+4*rng.Float64())
		box := orb.Bound{Min: lo, Max: orb.Point{lo[0] + size, lo[1] + size*rng.Float64()}}
		p, d := nearestInBox(rng, shape, box)
		if d > data.MaxReachMetres {
			continue
		}
		if !within(shape, box, allow(d, shape.Bound())) {
			t.Fatalf("%v reaches %v of %v at %.3f m; within %.3f m says no", shape, p, box, d, allow(d, shape.Bound()))
		}
	}
}

func nearestInBox(rng *rand.Rand, shape orb.Geometry, box orb.Bound) (best orb.Point, least float64) {
	least = math.Inf(1)
	try := func(p orb.Point) {
		p = orb.Point{min(max(p[0], box.Min[0]), box.Max[0]), min(max(p[1], box.Min[1]), box.Max[1])}
		if _, d := data.Nearest(shape, p); d < least {
			best, least = p, d
		}
	}
	edges(shape, func(a, b orb.Point) bool { try(a); try(b); return true })
	for range 60 {
		try(orb.Point{box.Min[0] + rng.Float64()*(box.Max[0]-box.Min[0]), box.Min[1] + rng.Float64()*(box.Max[1]-box.Min[1])})
	}
	step := max(box.Max[0]-box.Min[0], box.Max[1]-box.Min[1])
	for range 150 {
		try(orb.Point{best[0] + step*(rng.Float64()*2-1), best[1] + step*(rng.Float64()*2-1)})
		step *= 0.95
	}
	return best, least
}

// Nor does it take much that is out of reach.
func TestWithinIsTight(t *testing.T) {
	rng := newRand(32)
	m := citytest.NewMaker(rng, citytest.Bound)
	met, apart := 0, 0
	for i := range 800 {
		shape := m.Hazard(citytest.ID(i)).Shape
		b := shape.Bound()
		lo := orb.Point{b.Min[0] + (rng.Float64()-0.5)*0.03, b.Min[1] + (rng.Float64()-0.5)*0.03}
		box := orb.Bound{Min: lo, Max: orb.Point{lo[0] + 0.02*rng.Float64(), lo[1] + 0.02*rng.Float64()}}
		d := planeDistance(shape, box)
		if d == 0 {
			met++
			if !within(shape, box, 0) {
				t.Errorf("%v meets %v", shape, box)
			}
			continue
		}
		apart++
		for _, c := range []struct {
			metres float64
			want   bool
		}{{d*1.002 + 0.01, true}, {d*0.998 - 0.01, false}} {
			if c.metres > 0 && within(shape, box, c.metres) != c.want {
				t.Errorf("%v and %v are %.2f m apart: within %.2f m is %t", shape, box, d, c.metres, !c.want)
			}
		}
	}
	if met < 60 || apart < 60 {
		t.Errorf("%d met, %d did not: want many of each", met, apart)
	}
}

func TestWithinKnowsALineFromItsBox(t *testing.T) {
	box := orb.Bound{Min: orb.Point{120, 30}, Max: orb.Point{120.1, 30.1}}
	around := orb.Ring{{119, 29}, {121, 29}, {121, 31}, {119, 31}, {119, 29}}
	hole := orb.Ring{{119.5, 29.5}, {119.5, 30.5}, {120.5, 30.5}, {120.5, 29.5}, {119.5, 29.5}}
	for _, c := range []struct {
		name  string
		shape orb.Geometry
		want  bool
	}{
		{"a line past a corner whose box meets", orb.LineString{{119.9, 30.05}, {120.05, 30.25}}, false},
		{"a line through a corner of the box", orb.LineString{{119.95, 30.05}, {120.05, 30.15}}, true},
		{"a line through without a vertex inside", orb.LineString{{119, 30.05}, {121, 30.06}}, true},
		{"a polygon around", orb.Polygon{around}, true},
		{"the hole of a polygon around", orb.Polygon{around, hole}, false},
		{"a point on the border", orb.Point{120.1, 30.05}, true},
		{"a part of many", orb.MultiPoint{{1, 1}, {120.05, 30.05}}, true},
		{"a line of no length inside", orb.LineString{{120.05, 30.05}, {120.05, 30.05}}, true},
	} {
		if got := within(c.shape, box, 0); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
