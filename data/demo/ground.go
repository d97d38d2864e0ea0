package demo

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"riskatlas/data/city"
)

// centre is a place around which sources gather: a rough position, the spread
// in kilometres and a weight.
type centre struct {
	at     orb.Point
	km     float64
	weight float64
}

// The layout of Hangzhou, roughly: where its centres, its industrial parks and
// its river lie.
var (
	centres = []centre{
		{orb.Point{120.163, 30.272}, 3.2, 20}, {orb.Point{120.215, 30.250}, 2.6, 12}, {orb.Point{120.205, 30.195}, 3.2, 10},
		{orb.Point{120.268, 30.168}, 3.8, 11}, {orb.Point{120.140, 30.325}, 3.4, 9}, {orb.Point{120.345, 30.310}, 3.6, 8},
		{orb.Point{120.300, 30.420}, 3.8, 8}, {orb.Point{120.005, 30.285}, 3.8, 8}, {orb.Point{120.035, 30.375}, 2.8, 4},
		{orb.Point{119.955, 30.050}, 2.8, 4}, {orb.Point{119.720, 30.233}, 2.2, 3}, {orb.Point{119.685, 29.797}, 2.2, 2.5},
		{orb.Point{119.283, 29.475}, 2.0, 2}, {orb.Point{119.035, 29.608}, 2.0, 1.6},
	}
	parks = []centre{
		{orb.Point{120.560, 30.280}, 4.0, 12}, {orb.Point{120.390, 30.290}, 2.4, 7}, {orb.Point{120.390, 30.165}, 3.4, 8},
		{orb.Point{120.270, 30.455}, 2.6, 7}, {orb.Point{120.090, 30.440}, 2.4, 4}, {orb.Point{119.735, 29.975}, 2.0, 3},
		{orb.Point{119.480, 29.550}, 1.8, 3}, {orb.Point{119.170, 29.350}, 1.6, 2}, {orb.Point{119.760, 29.850}, 1.8, 3},
		{orb.Point{119.800, 30.260}, 2.2, 4}, {orb.Point{120.190, 30.360}, 2.0, 4},
	}
	riverCourse = orb.LineString{{119.50, 29.56}, {119.64, 29.72}, {119.75, 29.88}, {119.93, 30.03}, {120.05, 30.06},
		{120.12, 30.13}, {120.165, 30.195}, {120.215, 30.225}, {120.27, 30.27}, {120.34, 30.28}, {120.42, 30.33}, {120.56, 30.38}}
)

// ground finds places for sources inside the city.
type ground struct {
	bound   orb.Bound
	located *city.Locator // nil when the profile has no outlines
	centres []centre
	parks   []centre
	river   orb.LineString
	urban   []float64
	works   []float64
}

// home is the box in which the layout above is drawn.
var home = orb.Bound{Min: orb.Point{118.3, 29.1}, Max: orb.Point{120.8, 30.6}}

// newGround takes the layout as it is where the city lies there, and moves it
// into the city's own box elsewhere. A profile for the whole world gets the
// layout in its home.
func newGround(p *city.Profile, _ *rand.Rand) *ground {
	g := &ground{bound: p.Bound}
	if p.Bound.Max[0]-p.Bound.Min[0] > 20 {
		g.bound = home
	}
	fit := func(q orb.Point) orb.Point { return q }
	if !g.bound.Contains(centres[0].at) {
		fit = func(q orb.Point) orb.Point {
			x := (q[0] - home.Min[0]) / (home.Max[0] - home.Min[0])
			y := (q[1] - home.Min[1]) / (home.Max[1] - home.Min[1])
			return orb.Point{g.bound.Min[0] + x*(g.bound.Max[0]-g.bound.Min[0]), g.bound.Min[1] + y*(g.bound.Max[1]-g.bound.Min[1])}
		}
	}
	for _, c := range centres {
		g.centres = append(g.centres, centre{fit(c.at), c.km, c.weight})
	}
	for _, c := range parks {
		g.parks = append(g.parks, centre{fit(c.at), c.km, c.weight})
	}
	for _, q := range riverCourse {
		g.river = append(g.river, fit(q))
	}
	g.urban, g.works = cumulate(g.centres), cumulate(g.parks)
	v := p.Taxonomy.Vintages[p.Taxonomy.Default]
	if outlines := p.Outlines(v.Name); len(outlines) > 0 {
		g.located = city.NewLocator(outlines)
	}
	return g
}

func cumulate(cs []centre) []float64 {
	var out []float64
	sum := 0.0
	for _, c := range cs {
		sum += c.weight
		out = append(out, sum)
	}
	return out
}

// holds reports whether a source may stand there, with a margin of a kilometre
// to the box for what has a size.
func (g *ground) holds(p orb.Point) bool {
	const margin = 0.012
	if p[0] < g.bound.Min[0]+margin || p[0] > g.bound.Max[0]-margin || p[1] < g.bound.Min[1]+margin || p[1] > g.bound.Max[1]-margin {
		return false
	}
	if g.located == nil {
		return true
	}
	_, ok := g.located.Locate(p)
	return ok
}

// place draws a point of the terrain inside the city.
func (g *ground) place(rng *rand.Rand, t terrain) orb.Point {
	for range 200 {
		if p := g.draw(rng, t); g.holds(p) {
			return p
		}
	}
	return g.centres[0].at
}

func (g *ground) draw(rng *rand.Rand, t terrain) orb.Point {
	if t != river && rng.Float64() < 0.04 {
		t = rural // a few of everything stand in the country
	}
	switch t {
	case industrial:
		if rng.Float64() < 0.25 {
			return scatter(rng, g.centres[pick(rng, g.urban)], 1.6)
		}
		return scatter(rng, g.parks[pick(rng, g.works)], 1)
	case rural:
		return orb.Point{
			round7(g.bound.Min[0] + rng.Float64()*(g.bound.Max[0]-g.bound.Min[0])),
			round7(g.bound.Min[1] + rng.Float64()*(g.bound.Max[1]-g.bound.Min[1]))}
	case road:
		a, b := g.centres[pick(rng, g.urban)].at, g.centres[pick(rng, g.urban)].at
		if rng.Float64() < 0.4 {
			b = g.parks[pick(rng, g.works)].at
		}
		t := rng.Float64()
		p := orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
		return scatter(rng, centre{at: p, km: 1.2}, 1)
	case river:
		i := 1 + rng.IntN(len(g.river)-1)
		t := rng.Float64()
		a, b := g.river[i-1], g.river[i]
		return move(orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}, 150*rng.NormFloat64(), 150*rng.NormFloat64())
	}
	return scatter(rng, g.centres[pick(rng, g.urban)], 1)
}

// scatter draws around a centre; distances are heavier in the middle than a
// normal distribution's, as cities are.
func scatter(rng *rand.Rand, c centre, wide float64) orb.Point {
	r := c.km * 1000 * wide * math.Abs(rng.NormFloat64()) * (0.35 + rng.Float64())
	a := rng.Float64() * 2 * math.Pi
	return move(c.at, r*math.Cos(a), r*math.Sin(a))
}

// riverDirection is the bearing of the river near p, radians from east.
func (g *ground) riverDirection(p orb.Point) float64 {
	best, direction := math.Inf(1), 0.0
	for i := 1; i < len(g.river); i++ {
		a, b := g.river[i-1], g.river[i]
		mx, my := (a[0]+b[0])/2-p[0], (a[1]+b[1])/2-p[1]
		if d := mx*mx + my*my; d < best {
			best, direction = d, math.Atan2(b[1]-a[1], b[0]-a[0])
		}
	}
	return direction
}
