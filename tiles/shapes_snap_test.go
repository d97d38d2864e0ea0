package tiles

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"riskatlas/tiles/mvtcheck"
)

// ringEdges gives the edges of rings, of which every third is a hole.
func ringEdges(rings [][]vertex) (edges []edge) {
	for n, r := range rings {
		for i, p := range r {
			if q := r[(i+1)%len(r)]; p != q {
				edges = append(edges, edge{p, q, int32(n), n%3 == 2})
			}
		}
	}
	return edges
}

// wildRings are rings that cross and touch themselves and each other, with
// vertices from 0 to span.
func wildRings(t *rapid.T, span int32) [][]vertex {
	point := rapid.Custom(func(t *rapid.T) vertex {
		return vertex{rapid.Int32Range(0, span).Draw(t, "x"), rapid.Int32Range(0, span).Draw(t, "y")}
	})
	return rapid.SliceOfN(rapid.SliceOfN(point, 3, 9), 1, 4).Draw(t, "rings")
}

// windingAt is the twin of the ground inside: how the edges wind around p, which
// is on none of them.
func windingAt(edges []edge, p vertex) (w winding) {
	for _, e := range edges {
		turn := winding{}
		if (e.a.y > p.y) != (e.b.y > p.y) {
			one := int32(1)
			if e.b.y < e.a.y {
				one = -1
			}
			if c := cross(e.a, e.b, p); (c > 0) == (one > 0) {
				turn.outer = one
			}
		}
		if e.hole {
			turn.outer, turn.hole = 0, turn.outer
		}
		w = w.plus(turn)
	}
	return w
}

// moved is the square of how far rebuilding may move an edge: half a unit in x
// and in y. What is just so far away may come to lie on a border.
const moved = 0.5 + 1e-9

// checkRebuild holds what rebuild draws to the winding of the rings that it is
// given, at every step-th place from 0 to span that no edge may come to lie on.
func checkRebuild(t rapid.TB, rings [][]vertex, span, step int32) {
	edges := ringEdges(rings)
	var polys []mvtcheck.Polygon
	for _, p := range rebuild(slices.Clone(edges)) {
		var poly mvtcheck.Polygon
		for _, r := range p {
			var ring mvtcheck.Ring
			for _, v := range r {
				ring = append(ring, mvtcheck.Point{X: int64(v.x), Y: int64(v.y)})
			}
			poly = append(poly, ring)
		}
		polys = append(polys, poly)
	}
	if err := multiPolygon(polys).Validate(); err != nil {
		t.Fatal(err)
	}
	for y := int32(0); y <= span; y += step {
		for x := int32(0); x <= span; x += step {
			near := math.Inf(1)
			for _, e := range edges {
				near = min(near, squaredDistance(spot{float64(x), float64(y)}, spot{float64(e.a.x), float64(e.a.y)}, spot{float64(e.b.x), float64(e.b.y)}))
			}
			if near <= moved {
				continue
			}
			want := windingAt(edges, vertex{x, y}).inside()
			if holds(polys, mvtcheck.Point{X: int64(x), Y: int64(y)}) != want {
				t.Fatalf("%d, %d inside: %t, want %t", x, y, !want, want)
			}
		}
	}
}

func TestRebuild(t *testing.T) {
	for range rounds {
		rapid.Check(t, func(t *rapid.T) { checkRebuild(t, wildRings(t, 60), 60, 3) })
	}
}

// TestRebuildNeedles draws rings whose edges meet at sharp angles, where a place
// that is rounded again and again wanders along them.
func TestRebuildNeedles(t *testing.T) {
	for _, r := range [][]vertex{
		{{32, 1}, {0, 5}, {33, 1}, {0, 11}},
		{{0, 0}, {60, 2}, {0, 1}, {60, 3}, {1, 0}, {60, 1}},
		{{0, 30}, {60, 31}, {0, 31}, {60, 30}, {30, 60}},
	} {
		checkRebuild(t, [][]vertex{r}, 60, 1)
	}
}

// TestRebuildFolds draws a ring that runs to and fro over its own vertices, so
// that its edges have too many parts without a crossing: its box is drawn.
func TestRebuildFolds(t *testing.T) {
	for _, c := range []struct {
		folds int
		box   bool
	}{{5, false}, {100, true}} {
		r := []vertex{{0, 1000}}
		for x := range int32(1000) {
			r = append(r, vertex{x, 0})
		}
		for range c.folds {
			r = append(r, vertex{0, 0}, vertex{999, 0})
		}
		want := [][][]vertex{{{{0, 0}, {999, 0}, {0, 1000}}}}
		if c.box {
			want = [][][]vertex{{{{0, 0}, {999, 0}, {999, 1000}, {0, 1000}}}}
		}
		if diff := gocmp.Diff(want, rebuild(ringEdges([][]vertex{r})), gocmp.AllowUnexported(vertex{})); diff != "" {
			t.Errorf("%d folds: %s", c.folds, diff)
		}
	}
}

// TestSnap holds edges after snapping to share nothing but ends.
func TestSnap(t *testing.T) {
	for range rounds {
		rapid.Check(t, func(t *rapid.T) {
			edges := ringEdges(wildRings(t, rapid.SampledFrom([]int32{6, 20, 60}).Draw(t, "span")))
			parts, ok := snap(edges)
			if !ok {
				t.Fatal("too tangled")
			}
			for i, e := range parts {
				for _, f := range parts[:i] {
					if e.a == f.a && e.b == f.b || e.a == f.b && e.b == f.a {
						continue
					}
					if meetInside(e, f) || meetInside(f, e) {
						t.Fatalf("%v and %v share more than an end", e, f)
					}
				}
			}
		})
	}
}

// meetInside reports whether a point of f is an inner point of e, of two that do
// not share both ends.
func meetInside(e, f edge) bool {
	inner := func(p vertex) bool {
		return p != e.a && p != e.b && cross(e.a, e.b, p) == 0 &&
			p.x >= e.left() && p.x <= e.right() && p.y >= e.top() && p.y <= e.bottom()
	}
	apart := func(c, d int64) bool { return c > 0 && d < 0 || c < 0 && d > 0 }
	return inner(f.a) || inner(f.b) ||
		apart(cross(e.a, e.b, f.a), cross(e.a, e.b, f.b)) && apart(cross(f.a, f.b, e.a), cross(f.a, f.b, e.b))
}

// TestAlong holds that an edge on a grid of nothing but hot pixels is routed
// through just those that it passes, in order along it.
func TestAlong(t *testing.T) {
	check := func(t *rapid.T) {
		of := rapid.Int32Range(-6, 6)
		e := edge{a: vertex{of.Draw(t, "ax"), of.Draw(t, "ay")}, b: vertex{of.Draw(t, "bx"), of.Draw(t, "by")}}
		var grid, want []vertex
		for y := e.top() - 1; y <= e.bottom()+1; y++ {
			for x := e.left() - 1; x <= e.right()+1; x++ {
				grid = append(grid, vertex{x, y})
				if passes(e, vertex{x, y}) {
					want = append(want, vertex{x, y})
				}
			}
		}
		along := func(v vertex) int32 { return (v.x-e.a.x)*sign(e.b.x-e.a.x) + (v.y-e.a.y)*sign(e.b.y-e.a.y) }
		slices.SortFunc(want, func(v, w vertex) int { return int(along(v) - along(w)) })
		if got := newPixels(grid).along(nil, e.a, e.b); !slices.Equal(got, want) {
			t.Fatalf("%v, %v passes the pixels %v, want %v", e.a, e.b, got, want)
		}
	}
	for range rounds {
		rapid.Check(t, check)
	}
}

func sign(d int32) int32 { return int32(cmp.Compare(d, 0)) }

// passes is the twin of along: whether the edge has a point in the pixel of p.
// Each side of the pixel leaves it a piece from one ratio to another, closed at
// the sides that belong to the pixel, and open at the others.
func passes(e edge, p vertex) bool {
	low, high, open := big.NewRat(0, 1), big.NewRat(1, 1), [2]bool{}
	for _, axis := range [2][3]int32{{e.a.x, e.b.x, p.x}, {e.a.y, e.b.y, p.y}} {
		d, to := int64(axis[1]-axis[0]), int64(2*(axis[2]-axis[0]))
		switch {
		case d == 0:
			if to != 0 {
				return false
			}
		case d > 0:
			narrow(low, &open[0], big.NewRat(to-1, 2*d), false, 1)
			narrow(high, &open[1], big.NewRat(to+1, 2*d), true, -1)
		default:
			narrow(low, &open[0], big.NewRat(to+1, 2*d), true, 1)
			narrow(high, &open[1], big.NewRat(to-1, 2*d), false, -1)
		}
	}
	c := low.Cmp(high)
	return c < 0 || c == 0 && !open[0] && !open[1]
}

// narrow moves an end of a piece to a bound that lies further in, in the way
// that sign gives.
func narrow(end *big.Rat, open *bool, bound *big.Rat, without bool, sign int) {
	switch c := bound.Cmp(end) * sign; {
	case c > 0:
		end.Set(bound)
		*open = without
	case c == 0:
		*open = *open || without
	}
}

func TestCrossingsOfEdges(t *testing.T) {
	for _, c := range []struct {
		e, f [2]vertex
		want []vertex
	}{
		{[2]vertex{{0, 0}, {4, 4}}, [2]vertex{{0, 4}, {4, 0}}, []vertex{{2, 2}}},
		{[2]vertex{{0, 0}, {1, 1}}, [2]vertex{{0, 1}, {1, 0}}, []vertex{{1, 1}}},     // halves go up
		{[2]vertex{{-1, -1}, {0, 0}}, [2]vertex{{0, -1}, {-1, 0}}, []vertex{{0, 0}}}, // below nought too
		{[2]vertex{{-64, -64}, {4160, 4159}}, [2]vertex{{-64, -63}, {4160, 4158}}, []vertex{{2048, 2048}}},
		{[2]vertex{{0, 0}, {4, 4}}, [2]vertex{{2, 2}, {4, 0}}, nil}, // touches
		{[2]vertex{{0, 0}, {4, 4}}, [2]vertex{{1, 1}, {6, 6}}, nil}, // lies on it
	} {
		for range 2 { // either way round
			got, ok := crossings([]edge{{a: c.e[0], b: c.e[1]}, {a: c.f[0], b: c.f[1]}})
			if !ok || !slices.Equal(got, c.want) {
				t.Errorf("%v and %v cross at %v, want %v", c.e, c.f, got, c.want)
			}
			c.e[0], c.e[1] = c.e[1], c.e[0]
		}
	}
}

// BenchmarkRebuild rebuilds rings of random vertices, most of whose edges cross,
// and a comb of long slanting teeth with one edge across them all.
func BenchmarkRebuild(b *testing.B) {
	for _, n := range []int{12, 40, 150, 280} {
		rng := rand.New(rand.NewPCG(1, 1))
		var r []vertex
		for range n {
			r = append(r, vertex{rng.Int32N(extent), rng.Int32N(extent)})
		}
		benchRebuild(b, fmt.Sprintf("tangle-%d", n), r)
	}
	var comb []vertex
	for x := int32(0); x < extent/2; x += 2 {
		comb = append(comb, vertex{x, 0}, vertex{x + extent/2, extent})
	}
	benchRebuild(b, "comb", comb)
}

func benchRebuild(b *testing.B, name string, r []vertex) {
	edges := ringEdges([][]vertex{r})
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n = len(rebuild(edges))
		}
		b.ReportMetric(float64(n), "polygons")
	})
}
