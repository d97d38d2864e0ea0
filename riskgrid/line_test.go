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

// bell is a table of many pieces: a fall from 1 like a probit's, with a jump at
// its end and, where asked for, in its middle.
func bell(t testing.TB, reach float64, jumps bool) *data.Footprint {
	f := data.Footprint{Kind: data.Table}
	for i := range 180 {
		r := reach * float64(i) / 179
		v := 0.01 + 0.99/(1+math.Exp((r/reach-0.6)*14))
		if jumps && i > 60 {
			v *= 0.8
		}
		f.Metres, f.Lethality = append(f.Metres, r), append(f.Lethality, v)
		if jumps && i == 60 {
			f.Metres, f.Lethality = append(f.Metres, r), append(f.Lethality, v*0.8)
		}
	}
	return print(t, f)
}

// Quadratures by the prepared table are those of the pieces, for whole lines too:
// errors do not add up along many short edges.
func TestTablesAlongEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 13))
	var p, q painter
	saw := data.Footprint{Kind: data.Table}
	spike := data.Footprint{Kind: data.Table, Metres: []float64{0, 1}, Lethality: []float64{1, 0.2}}
	for i := range 100 {
		saw.Metres, saw.Lethality = append(saw.Metres, float64(i)), append(saw.Lethality, float64(i%2))
		spike.Metres, spike.Lethality = append(spike.Metres, 2+float64(i)), append(spike.Lethality, 0.2-float64(i)/500)
	}
	for _, c := range []struct {
		f     *data.Footprint
		table bool
	}{{bell(t, 180, false), true}, {bell(t, 180, true), true}, {bell(t, 20_000, true), true},
		{print(t, saw), false}, {print(t, spike), false}} {
		l := p.linear(c.f)
		if (l.table != nil) != c.table {
			t.Fatalf("a table to %g m by quadrature: %v", c.f.Reach(), l.table != nil)
		}
		plain := l
		plain.table = nil
		q.profile(c.f)
		at := orb.Point{120, -80 + 160*rng.Float64()}
		p.g.setPlace(at)
		reach := c.f.Reach()
		for range many(4000) {
			e := edgeNear(rng, at, reach, reach/3, reach*rng.Float64())
			if e.a == e.b {
				continue
			}
			v := p.g.view(0, at[1], &e)
			var got, want [1]float64
			p.along(got[:], at[:1], &v, &l)
			q.along(want[:], at[:1], &v, &plain)
			if bound := 5*(tableOfReach*min(reach, 2*v.length)+tableOfValue*want[0]) + 1e-12*reach; !(math.Abs(got[0]-want[0]) <= bound) {
				t.Fatalf("table to %g m along %v from %v: %.9g, by pieces %.9g, %g long", reach, e, at, got[0], want[0], v.length)
			}
		}
	}
}
