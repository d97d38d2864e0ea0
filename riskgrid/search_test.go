package riskgrid

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// oddShapes are lines and areas that a search may stumble over, about a place.
func oddShapes(at orb.Point) []orb.Geometry {
	to := func(east, north float64) orb.Point { return data.Moved(at, east, north) }
	return []orb.Geometry{
		orb.LineString{to(-30_000, -9000), to(28_000, 11_000)},              // long
		orb.LineString{to(0, -5000), to(0, 5000)},                           // along a meridian
		orb.LineString{to(-5000, 0), {at[0] + 0.05, to(-5000, 0)[1]}},       // along a parallel
		orb.LineString{at, at},                                              // of no length
		orb.LineString{to(3, 3), to(3, 3), to(60, -40), to(60, -40)},        // edges of no length
		orb.LineString{to(0, 0), to(1e-4, 1e-4), to(0, 2e-4), to(-1e-4, 0)}, // tiny
		orb.LineString{to(-200, 0), to(200, 0), to(-200, 0)},                // there and back
		orb.MultiLineString{{to(-300, -10), to(-50, 30)}, {to(40, 5), to(300, -80)}},
		orb.MultiPoint{to(-90, 4), to(80, 0), to(80, 0)},
		orb.Polygon{{to(-90, -60), to(80, -70), to(100, 50), to(-20, 90), to(-90, -60)}, {to(-20, -20), to(-20, 30), to(30, 0), to(-20, -20)}},
		orb.Polygon{{to(-9000, -9000), to(9000, -9000), to(9000, 60), to(-9000, 50), to(-9000, -9000)}},
		orb.MultiPolygon{{{to(-90, 0), to(-50, 0), to(-50, 1e-3), to(-90, 0)}}, {{to(9, 0), to(90, 0), to(90, 50), to(9, 0)}}},
	}
}

// The search finds what data.Nearest finds, everywhere and at every zoom.
func TestSearchOfOddShapes(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 15))
	var p painter
	for _, at := range []orb.Point{{120.17, 30.27}, {-70, -80}, {15, 79.9}, {0, 0}} {
		for i, shape := range oddShapes(at) {
			for _, reach := range []float64{0.5, 90, 2500} {
				zoom := uint8(14 + rng.IntN(9))
				c := CellAt(at, zoom)
				w := Window{X: int(c.X) - rng.IntN(12), Y: int(c.Y) - rng.IntN(12), W: 12, H: 12, Zoom: zoom}
				p.window(w, make([]Risk, w.W*w.H))
				p.g.lift = rng.IntN(2) == 0
				s := p.measure(shape, reach, true)
				for r := range w.H {
					for c := range w.W {
						centre := orb.Point{p.g.lon[c], p.g.lat[r]}
						q, want := data.Nearest(shape, centre)
						if !(c >= s.c0 && c < s.c1 && r >= s.r0 && r < s.r1) {
							if want <= reach {
								t.Fatalf("shape %d at %v: cell %d,%d of %v is %g m away and left out", i, at, c, r, w, want)
							}
							continue
						}
						d := p.dist[r*w.W+c]
						switch {
						case p.g.lift && d == 0 || d > reach && want > reach:
						case math.Abs(d-want) > 1e-9*want+1e-8 || want > 0 && data.Distance(q, p.near[r*w.W+c]) > 1e-5 &&
							math.Abs(data.Distance(centre, p.near[r*w.W+c])-want) > 1e-8:
							t.Fatalf("shape %d at %v: cell %d,%d of %v at %.9g of %v, data.Nearest %.9g of %v",
								i, at, c, r, w, d, p.near[r*w.W+c], want, q)
						}
						if run := p.runs[r]; !math.IsInf(d, 1) && (c < run.from || c >= run.to) {
							t.Fatalf("shape %d: cell %d,%d is out of its row's run", i, c, r)
						}
					}
				}
			}
		}
	}
}

// A contribution is one number whatever window it is painted in, for lines of
// every kind and everywhere, and lies within the brute force's bounds.
func TestLinesInEveryWindow(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 16))
	prints := []*data.Footprint{linear(t, 25, 125), linear(t, 0, 80), linear(t, 60, 60), bell(t, 180, true), bell(t, 900, false),
		print(t, data.Footprint{Kind: data.Table, Metres: []float64{10, 60, 60, 200}, Lethality: []float64{1, 0.8, 0.3, 0}}),
		print(t, data.Footprint{Kind: data.Polar, Metres: []float64{20, 150}, Bearings: []float64{0, 120, 240}, Lethality: []float64{1, 0.2, 0.8, 0, 1, 0.5}})}
	for _, at := range []orb.Point{{120.17, 30.27}, {-70, -80}, {15, 79.9}} {
		for _, shape := range oddShapes(at) {
			switch shape.(type) {
			case orb.LineString, orb.MultiLineString:
			default:
				continue
			}
			h := hazard(t, shape, data.Scenario{Per: data.PerKm, PerYear: 1e-3, Footprint: prints[rng.IntN(len(prints))]})
			zoom := uint8(18 + rng.IntN(4))
			c := CellAt(at, zoom)
			w := Window{X: int(c.X) - 9, Y: int(c.Y) - 9, W: 20, H: 20, Zoom: zoom}
			got := make([]Risk, w.W*w.H)
			Superpose(got, w, slices.Values([]*data.Hazard{h}))
			for range 60 {
				i := rng.IntN(len(got))
				c := Cell{uint32(w.X + i%w.W), uint32(w.Y + i/w.W), zoom}
				if one := Contribution(h, 0, c); one != got[i] {
					t.Fatalf("%v along %v in %v: %d in a window, %d alone", h.Scenarios[0].Footprint.Kind, shape, c, got[i], one)
				}
			}
			checkCell(t, sampler{step: 0.05, rows: 100}, h, CellAt(data.Moved(at, 300*rng.Float64(), 200*rng.Float64()), zoom))
		}
	}
}

// No column in reach of an edge is left out, and few others are taken.
func TestReachesLeavesNothingOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 17))
	var p painter
	in, taken := 0, 0
	for range many(300) {
		at := orb.Point{120, -80 + 160*rng.Float64()}
		zoom := uint8(16 + rng.IntN(7))
		c := CellAt(at, zoom)
		w := Window{X: int(c.X) - rng.IntN(40), Y: int(c.Y) - rng.IntN(20), W: 40, H: 20, Zoom: zoom}
		p.window(w, make([]Risk, w.W*w.H))
		reach := math.Pow(10, 3.5*rng.Float64())
		e := edgeNear(rng, at, reach)
		if e.a == e.b {
			continue
		}
		for r := range w.H {
			v := p.g.view(r, p.g.lat[r], &e)
			c0, c1 := p.g.reaches(&v, reach, p.g.all)
			if c1 > c0 {
				taken += c1 - c0
			}
			for c, lon := range p.g.lon {
				east := (v.lon - lon) * v.scale
				cross, a := east*v.uy-v.cross0, east*v.ux+v.a0
				s := straight{h2: cross * cross, a: a, b: a + v.length}
				if s.nearest2() > reach*reach {
					continue
				}
				in++
				if c < c0 || c >= c1 {
					t.Fatalf("column %d is in reach of %v and not in %d to %d", c, e, c0, c1)
				}
			}
		}
	}
	if in == 0 || taken > 2*in {
		t.Errorf("%d columns taken for %d in reach", taken, in)
	}
}
