package api

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// shapes are random points, lines and areas within some kilometres of a place.
func randomShape(rng *rand.Rand, p orb.Point, metres float64) orb.Geometry {
	near := func(q orb.Point, m float64) orb.Point {
		return data.Moved(q, m*(2*rng.Float64()-1), m*(2*rng.Float64()-1))
	}
	at := near(p, metres)
	line := func() orb.LineString {
		l := orb.LineString{near(p, metres)}
		for range 1 + rng.IntN(4) {
			l = append(l, near(l[len(l)-1], metres))
		}
		return l
	}
	ring := func(m float64) orb.Ring {
		var r orb.Ring
		for i := range 7 {
			e, n := ahead(float64(i) * 51)
			k := m * (0.3 + rng.Float64())
			r = append(r, data.Moved(at, k*e, k*n))
		}
		return append(r, r[0])
	}
	switch rng.IntN(5) {
	case 0:
		return at
	case 1:
		return orb.MultiPoint{at, near(p, metres)}
	case 2:
		return line()
	case 3:
		return orb.MultiLineString{line(), line()}
	}
	return orb.Polygon{ring(metres * rng.Float64()), orb.Ring{at, data.Moved(at, 1, 0), data.Moved(at, 0, 1), at}}
}

// samples are places of a shape, every few metres along its edges and over its
// inside.
func samples(g orb.Geometry, metres float64) []orb.Point {
	var out []orb.Point
	eachEdge(g, func(a, b orb.Point) bool {
		n := math.Ceil(data.Distance(a, b)/metres) + 1
		for i := 0.0; i <= n; i++ {
			out = append(out, along(a, b, i/n))
		}
		return true
	})
	if g.Dimensions() < 2 {
		return out
	}
	b := g.Bound()
	e, n := data.Offset(b.Min, b.Max)
	step := max(metres, e/60, n/60)
	for x := 0.0; x <= e; x += step {
		for y := 0.0; y <= n; y += step {
			if p := data.Moved(b.Min, x, y); areaHolds(g, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// inSector is the definition: distance and angle off the axis.
func inSector(at, q orb.Point, axis, half, radius float64) bool {
	return data.Distance(at, q) <= radius && offAxis(at, q, axis) <= half
}

// inSquare is the definition: coordinates along and beside the axis.
func inSquare(at, q orb.Point, axis, length, isolation float64) bool {
	d, turn := data.Distance(at, q), (data.Bearing(at, q)-axis)*math.Pi/180
	x, y := d*math.Cos(turn), d*math.Sin(turn)
	return x >= 0 && x <= length && math.Abs(y) <= length/2 || isolation > 0 && d <= isolation
}

// Regions against dense samples of shapes: no sampled place of a shape may lie
// in a region that its shape is said not to touch, or nearer than its nearest
// place; and that place must itself be of the shape and of the region.
func TestRegionsEqualDenseSamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	p := orb.Point{120.15, 30.27}
	met, missed := 0, 0
	for range 1200 {
		axis, size := 360*rng.Float64(), 300+2000*rng.Float64()
		var ground *tract
		var in func(q orb.Point) bool
		switch rng.IntN(3) {
		case 0:
			half := 180 * rng.Float64()
			if rng.IntN(5) == 0 {
				half = []float64{22.5, 90, 180}[rng.IntN(3)]
			}
			ground = sectorTract(p, axis, half, size)
			in = func(q orb.Point) bool { return inSector(p, q, axis, half, size) }
		case 1:
			isolation := 100 * float64(rng.IntN(3))
			ground = squareTract(p, axis, size, isolation)
			in = func(q orb.Point) bool { return inSquare(p, q, axis, size, isolation) }
		default:
			ground = circleTract(p, size)
			in = func(q orb.Point) bool { return data.Distance(p, q) <= size }
		}
		g := randomShape(rng, p, 2500)
		const step = 5.0
		least := math.Inf(1)
		for _, q := range samples(g, step) {
			if ground.holds(q) != in(q) {
				t.Fatalf("%v axis %v: holds is %v", q, axis, ground.holds(q))
			}
			if in(q) {
				least = min(least, data.Distance(p, q))
			}
		}
		at, metres, ok := nearestIn(ground, g, p)
		if ok != touches(ground, g) {
			t.Fatalf("%v: nearest %v, touches %v", g, ok, !ok)
		}
		if !ok {
			if missed++; !math.IsInf(least, 1) {
				t.Fatalf("%v: a place of it at %v m lies in the region, which it is said not to touch", g, least)
			}
			continue
		}
		met++
		if metres > least+1e-3 {
			t.Fatalf("%v: nearest at %v m, a sample at %v m", g, metres, least)
		}
		e, n := data.Offset(p, at)
		if _, off := data.Nearest(g, at); off > 0.01 || !holdsNearly(ground, e, n) || math.Abs(data.Distance(p, at)-metres) > 1e-6 {
			t.Fatalf("%v: nearest %v is %v m off the shape, %v m from the place", g, at, off, data.Distance(p, at))
		}
		drawnHolds := areaHolds(drawn(ground), at) || data.Distance(p, at) < 1 || math.Abs(data.Distance(p, at)-size) < size*0.01
		if _, off := data.Nearest(drawn(ground), at); !drawnHolds && off > 2 {
			t.Fatalf("%v lies %v m off the drawn region", at, off)
		}
	}
	if met < 300 || missed < 200 {
		t.Errorf("%d met, %d missed: too few of one", met, missed)
	}
}

// The box of a region holds its furthest places, at the greatest sizes and
// latitudes too.
func TestBoxesHoldTheWholeRegion(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	for range 3000 {
		p := orb.Point{120, 140*rng.Float64() - 70}
		axis, half, size := 360*rng.Float64(), 180*rng.Float64(), 20_000*rng.Float64()
		turn := axis + half*(2*rng.Float64()-1)*0.999
		e, n := ahead(turn)
		far := size * (1 - 1e-9)
		if q := data.Moved(p, far*e, far*n); !sectorTract(p, axis, half, size).holds(q) {
			t.Fatalf("sector at %v, axis %v, half %v, %v m: its %v at bearing %v is out", p, axis, half, size, q, turn)
		}
		x, y := far, far/2*(2*rng.Float64()-1)
		ae, an := ahead(axis)
		re, rn := right(axis)
		square := squareTract(p, axis, size, 500)
		if q := data.Moved(p, x*ae+y*re, x*an+y*rn); !square.holds(q) {
			t.Fatalf("square at %v, axis %v, %v m: its %v is out", p, axis, size, q)
		}
		if q := data.Moved(p, 499.999*e, 499.999*n); !square.holds(q) {
			t.Fatalf("square at %v: its circle's %v is out", p, q)
		}
	}
}

// holdsNearly allows a millimetre: a place found on an edge is rounded, and edges
// are straight in degrees.
func holdsNearly(ground *tract, e, n float64) bool {
	for _, piece := range ground.pieces {
		in := piece.radius == 0 || math.Hypot(e, n) <= piece.radius+0.01
		for _, s := range piece.sides {
			in = in && s.past(e, n) <= 0.01
		}
		if in {
			return true
		}
	}
	return false
}

// A parcel holds what data.Contains says, and the lengths inside are those of
// dense samples.
func TestParcelsEqualDenseSamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	p := orb.Point{120.15, 30.27}
	touched := 0
	for range 150 {
		var outer, hole orb.Ring
		for i := range 40 {
			e, n := ahead(-9 * float64(i))
			k := 800 + 700*rng.Float64()
			outer = append(outer, data.Moved(p, k*e, k*n))
			hole = append(hole, data.Moved(p, 0.3*k*e, 0.3*k*n))
		}
		poly := orb.Polygon{append(outer, outer[0]), append(hole, hole[0])}
		other := orb.Polygon{disc(data.Moved(p, 4000, 0), 300)[0]}
		ground, err := newParcel(orb.MultiPolygon{poly, other})
		if err != nil {
			t.Fatal(err)
		}
		in := func(q orb.Point) bool { return data.Contains(poly, q) || data.Contains(other, q) }
		for range 200 {
			q := data.Moved(p, 6000*(rng.Float64()-0.3), 4000*(rng.Float64()-0.5))
			if ground.holds(q) != in(q) {
				t.Fatalf("%v: holds is %v", q, ground.holds(q))
			}
		}
		g := randomShape(rng, p, 2000)
		const step = 0.5
		length, any := 0.0, false
		for _, q := range samples(g, 5) {
			any = any || in(q)
		}
		if any && !touches(ground, g) {
			t.Fatalf("%v is said not to touch", g)
		}
		if touches(ground, g) {
			touched++
		}
		if g.Dimensions() == 1 {
			eachEdge(g, func(a, b orb.Point) bool {
				n := math.Ceil(data.Distance(a, b) / step)
				for i := 0.5; i < n; i++ {
					if in(along(a, b, i/n)) {
						length += data.Distance(a, b) / n
					}
				}
				return true
			})
		}
		if got := lengthIn(ground, g); math.Abs(got-length) > 20*step {
			t.Fatalf("%v: %v m inside, samples say %v", g, got, length)
		}
	}
	if touched < 30 || touched > 145 {
		t.Errorf("%d of 150 touched", touched)
	}
}

// The length inside in closed form: a chord of a circle, and a line across a
// square with a hole.
func TestLengthInsideIsTheClosedForm(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	chord := orb.LineString{data.Moved(p, -500, 90), data.Moved(p, 500, 90)}
	if got := lengthIn(circleTract(p, 150), chord); math.Abs(got-240) > 0.001 { // 2 sqrt(150^2 - 90^2)
		t.Errorf("chord %v m, want 240", got)
	}
	box := func(m float64) orb.Ring {
		return orb.Ring{data.Moved(p, -m, -m), data.Moved(p, m, -m), data.Moved(p, m, m), data.Moved(p, -m, m), data.Moved(p, -m, -m)}
	}
	ground, err := newParcel(orb.Polygon{box(300), box(100)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line orb.LineString
		want float64
	}{
		{orb.LineString{data.Moved(p, -1000, 0), data.Moved(p, 1000, 0)}, 400},
		{orb.LineString{data.Moved(p, 0, -1000), data.Moved(p, 0, 50)}, 200},
		{orb.LineString{data.Moved(p, 200, 200), data.Moved(p, 200, -200)}, 400},
		{orb.LineString{data.Moved(p, -50, 0), data.Moved(p, 50, 0)}, 0},
		{orb.LineString{data.Moved(p, -1000, 200), data.Moved(p, 0, 200), data.Moved(p, 0, 0)}, 400},
	} {
		if got := lengthIn(ground, c.line); math.Abs(got-c.want) > 0.05 {
			t.Errorf("%v: %v m inside, want %v", c.line, got, c.want)
		}
	}
	if got := groundKM2(ground.shape); math.Abs(got-(0.36-0.04)) > 1e-4 {
		t.Errorf("%v km2", got)
	}
}

// Two shapes are as far apart as their densest samples say, at most.
func TestApartEqualsDenseSamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	p := orb.Point{120.15, 30.27}
	met, near := 0, 0
	for range 400 {
		a, b := randomShape(rng, p, 700), randomShape(rng, data.Moved(p, 2000*(rng.Float64()-0.5), 0), 700)
		least := math.Inf(1)
		for _, q := range samples(a, 5) {
			_, d := data.Nearest(b, q)
			least = min(least, d)
		}
		at, to, metres, ok := apart(a, b, 5000)
		if !ok || metres > least+1e-6 || metres < least-15 {
			t.Fatalf("%v and %v: %v m (%v), samples say %v", a, b, metres, ok, least)
		}
		_, offA := data.Nearest(a, at)
		_, offB := data.Nearest(b, to)
		if offA > 0.01 || offB > 0.01 || math.Abs(data.Distance(at, to)-metres) > 1e-6 {
			t.Fatalf("%v and %v: %v to %v are %v m apart, not %v", a, b, at, to, data.Distance(at, to), metres)
		}
		if metres == 0 {
			met++
		} else {
			near++
			if _, _, _, ok := apart(a, b, metres*0.999); ok {
				t.Fatalf("within %v m of each other", metres*0.999)
			}
		}
	}
	if met < 30 || near < 50 {
		t.Errorf("%d met, %d near", met, near)
	}
}
