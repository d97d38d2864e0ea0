package riskgrid

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// edgeNear is a random edge of at most 2 km as a place sees it: of every length,
// through the place, past it, towards it, and touching the circle of a radius.
func edgeNear(rng *rand.Rand, at orb.Point, radii ...float64) edge {
	length := math.Pow(10, -4+7.3*rng.Float64())
	turn := rng.Float64() * 2 * math.Pi
	if rng.IntN(4) == 0 {
		turn = float64(rng.IntN(4)) * math.Pi / 2
	}
	sin, cos := math.Sincos(turn)
	h, along := radii[rng.IntN(len(radii))]*(2*rng.Float64()-1), -length*rng.Float64()
	switch rng.IntN(6) {
	case 0:
		h = 0
	case 1:
		h = radii[rng.IntN(len(radii))] * (1 + 1e-6*(rng.Float64()-0.5))
	case 2:
		along = radii[rng.IntN(len(radii))] * (2*rng.Float64() - 1)
	}
	a := data.Moved(at, along*cos-h*sin, along*sin+h*cos)
	return edge{a, data.Moved(a, length*cos, length*sin)}
}

// The ramps' closed form is that of their pieces.
func TestRampsAlongEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	var p, q painter
	for range 400 {
		r2 := math.Pow(10, 4.3*rng.Float64())
		r1 := r2 * rng.Float64()
		switch rng.IntN(5) {
		case 0:
			r1 = 0
		case 1:
			r1 = r2
		case 2:
			r1 = max(r2-math.Pow(10, -5+5*rng.Float64()), 0)
		}
		f := print(t, data.Footprint{Kind: data.Linear, V0: 0.01 + 0.99*rng.Float64(), R1: r1, R2: r2})
		l := p.linear(f)
		plain := l
		plain.ramp = false
		q.profile(f)
		at := orb.Point{120, -80 + 160*rng.Float64()}
		p.g.setPlace(at)
		for range many(200) {
			e := edgeNear(rng, at, r1, r2, (r1+r2)/2)
			if e.a == e.b {
				continue
			}
			v := p.g.view(0, at[1], &e)
			var got, want [1]float64
			p.along(got[:], at[:1], &v, &l)
			q.along(want[:], at[:1], &v, &plain)
			bound := 1e-8*want[0] + 1e-11*r2*(1+f.V0*r2/max(r2-r1, narrowest))
			if !(math.Abs(got[0]-want[0]) <= bound) || got[0] > f.V0*v.length*(1+1e-9)+1e-11*r2 {
				t.Fatalf("%+v along %v from %v: %.12g, by pieces %.12g, %g long", *f, e, at, got[0], want[0], v.length)
			}
		}
	}
}

func TestLogOver(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 12))
	for range many(100_000) {
		x := 1 + math.Pow(10, -15+30*rng.Float64())
		if got, want := logOver(x), math.Log(x); !(math.Abs(got-want) <= 1e-11*want) {
			t.Fatalf("%g: %g, want %g", x, got, want)
		}
	}
	if logOver(1) != 0 {
		t.Error("not 0 of 1")
	}
}
