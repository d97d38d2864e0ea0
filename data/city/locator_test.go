package city

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
)

// brute is the even-odd rule over all edges, with the crossing computed from
// the lower end.
func brute(units []data.Unit, p orb.Point) (string, bool) {
	for _, u := range units {
		polys, ok := u.Shape.(orb.MultiPolygon)
		if poly, one := u.Shape.(orb.Polygon); one {
			polys, ok = orb.MultiPolygon{poly}, true
		}
		if !ok {
			continue
		}
		for _, poly := range polys {
			in := false
			for _, r := range poly {
				for i := 1; i < len(r); i++ {
					e := edge{r[i-1], r[i]}
					if e.low[1] > e.high[1] {
						e.low, e.high = e.high, e.low
					}
					if (e.low[1] > p[1]) != (e.high[1] > p[1]) && p[0] < e.crossing(p[1]) {
						in = !in
					}
				}
			}
			if in {
				return u.Code, true
			}
		}
	}
	return "", false
}

// quilt is a city of n × n districts whose shared borders wander over many
// vertices, each the same for both neighbours.
func quilt(n, vertices int, seed uint64) []data.Unit {
	rng := rand.New(rand.NewPCG(seed, 7))
	corner := make([][]orb.Point, n+1)
	for y := range corner {
		for x := 0; x <= n; x++ {
			corner[y] = append(corner[y], orb.Point{120 + 0.1*float64(x) + 0.03*(rng.Float64()-0.5), 30 + 0.1*float64(y) + 0.03*(rng.Float64()-0.5)})
		}
	}
	lines := map[[2]orb.Point][]orb.Point{}
	line := func(a, b orb.Point) []orb.Point { // from a to just before b
		if back, ok := lines[[2]orb.Point{b, a}]; ok {
			out := []orb.Point{a}
			for i := len(back) - 1; i > 0; i-- {
				out = append(out, back[i])
			}
			return out
		}
		out := []orb.Point{a}
		for i := 1; i < vertices; i++ {
			f := float64(i) / float64(vertices)
			out = append(out, orb.Point{a[0] + f*(b[0]-a[0]) + 0.002*(rng.Float64()-0.5), a[1] + f*(b[1]-a[1]) + 0.002*(rng.Float64()-0.5)})
		}
		lines[[2]orb.Point{a, b}] = out
		return out
	}
	var units []data.Unit
	for y := range n {
		for x := range n {
			a, b, c, d := corner[y][x], corner[y][x+1], corner[y+1][x+1], corner[y+1][x]
			ring := orb.Ring(append(append(append(line(a, b), line(b, c)...), line(c, d)...), line(d, a)...))
			units = append(units, data.Unit{Code: fmt.Sprintf("%02d%02d", y, x), Shape: orb.Polygon{append(ring, ring[0])}})
		}
	}
	return units
}

func TestLocateEqualsBruteForce(t *testing.T) {
	for _, units := range [][]data.Unit{hangzhou(t).Outlines("2019"), hangzhou(t).Outlines("2021"), quilt(4, 40, 3)} {
		l := NewLocator(units)
		asked := 0
		for _, cell := range l.sure.cells {
			if cell == askThem {
				asked++
			}
		}
		if share := float64(asked) / float64(len(l.sure.cells)); !(share > 0 && share < 0.25) {
			t.Errorf("%.3f of the cells are not sure", share)
		}
		rng := rand.New(rand.NewPCG(5, 6))
		try := func(p orb.Point) {
			got, ok := l.Locate(p)
			if want, in := brute(units, p); got != want || ok != in {
				t.Fatalf("%v: %q %v, want %q %v", p, got, ok, want, in)
			}
		}
		for range 3000 {
			try(orb.Point{118.2 + rng.Float64()*2.7, 29 + rng.Float64()*1.7})
			try(orb.Point{119.9 + rng.Float64()*0.6, 29.9 + rng.Float64()*0.6})
		}
		for _, u := range units { // on vertices and edges
			ring := u.Shape.(orb.Polygon)[0]
			for i := 1; i < len(ring); i++ {
				try(ring[i])
				f := rng.Float64()
				on := orb.Point{ring[i][0] + f*(ring[i-1][0]-ring[i][0]), ring[i][1] + f*(ring[i-1][1]-ring[i][1])}
				try(on)
				for _, off := range []float64{1e-12, 1e-9, 1e-6, 1e-4, 3e-3} { // within cells that the edge crosses, and beside them
					try(orb.Point{on[0] + off, on[1] - off})
					try(orb.Point{on[0] - off, on[1] - off})
				}
			}
		}
	}
}

// A place on the border of neighbours is in exactly one of them, inside the
// city; no such place is in none or in both.
func TestBordersAreHalfOpen(t *testing.T) {
	units := quilt(3, 25, 9)
	single := make([]*Locator, len(units))
	for i := range units {
		single[i] = NewLocator(units[i : i+1])
	}
	middle := units[4].Shape.(orb.Polygon)[0] // all its sides have neighbours
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(1, len(middle)-1).Draw(t, "edge")
		f := rapid.Float64Range(0, 1).Draw(t, "share")
		p := orb.Point{middle[i-1][0] + f*(middle[i][0]-middle[i-1][0]), middle[i-1][1] + f*(middle[i][1]-middle[i-1][1])}
		n := 0
		for _, l := range single {
			if _, ok := l.Locate(p); ok {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%v is in %d districts", p, n)
		}
	})
}

func TestLocatorTakesAnyShape(t *testing.T) {
	square := func(x, y, s float64) orb.Ring {
		return orb.Ring{{x, y}, {x + s, y}, {x + s, y + s}, {x, y + s}, {x, y}}
	}
	units := []data.Unit{
		{Code: "c", Shape: orb.MultiPolygon{{square(0, 0, 1)}, {square(5, 5, 1)}}},
		{Code: "b", Shape: orb.Polygon{square(2, 0, 3), square(3, 1, 1)}}, // with a hole
		{Code: "a", Shape: orb.Polygon{square(3.4, 1.4, 0.2)}},            // in the hole
		{Code: "d", Shape: orb.Point{0.5, 0.5}},
		{Code: "e", Shape: orb.Polygon{{{9, 9}, {10, 9}, {9, 9}, {9, 9}}}}, // flat
		{Code: "f"},
	}
	l := NewLocator(units)
	for _, c := range []struct {
		p    orb.Point
		want string
	}{{orb.Point{0.5, 0.5}, "c"}, {orb.Point{5.5, 5.5}, "c"}, {orb.Point{2.5, 0.5}, "b"}, {orb.Point{3.2, 1.2}, ""},
		{orb.Point{3.5, 1.5}, "a"}, {orb.Point{9.5, 9}, ""}, {orb.Point{-1, 0}, ""}, {orb.Point{math.NaN(), 1}, ""}, {orb.Point{math.Inf(1), 1}, ""}} {
		if got, ok := l.Locate(c.p); got != c.want || ok != (c.want != "") {
			t.Errorf("%v: %q %v, want %q", c.p, got, ok, c.want)
		}
	}
	if _, ok := NewLocator(nil).Locate(orb.Point{}); ok {
		t.Error("nothing holds a point")
	}
}

// BenchmarkLocate: 16 districts of 1600 vertices each, beside the scan of all
// their edges.
func BenchmarkLocate(b *testing.B) {
	units := quilt(4, 400, 1)
	l := NewLocator(units)
	rng := rand.New(rand.NewPCG(1, 1))
	points := make([]orb.Point, 1024)
	for i := range points {
		points[i] = orb.Point{120 + 0.4*rng.Float64(), 30 + 0.4*rng.Float64()}
	}
	start := time.Now()
	for _, p := range points {
		brute(units, p)
	}
	slow := float64(time.Since(start).Nanoseconds()) / float64(len(points))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Locate(points[i&1023])
		i++
	}
	b.ReportMetric(slow/(float64(b.Elapsed().Nanoseconds())/float64(b.N)), "x-brute")
}
