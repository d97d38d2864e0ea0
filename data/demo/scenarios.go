package demo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// footprintKey lets sources share footprints: sizes come in a few grades.
type footprintKey struct {
	effect effect
	r1, r2 float64
	grade  int
}

var grades = [...]float64{0.6, 0.8, 1, 1.25, 1.6}

// scenarios gives the source accidents whose frequency at the core is about its
// level's equivalent risk, so that the map shows what was assessed.
func (m *maker) scenarios(k kind, info *data.IndustryInfo, level data.Level, shape orb.Geometry) []data.Scenario {
	strength := m.profile.Equivalent[level] * m.strength * (0.7 + 0.5*m.rng.Float64())
	grade := m.rng.IntN(len(grades))
	one := func(o data.Outcome, b data.Basis, share float64, f *data.Footprint) data.Scenario {
		return data.Scenario{Outcome: o, Basis: b, PerYear: round3(strength * share), Footprint: f}
	}
	own := m.shared(footprintKey{index, info.R1, info.R2, grade})
	switch k.effect {
	case pool:
		return []data.Scenario{
			one(outcome("pool_fire"), data.QRA, 0.7, m.shared(footprintKey{pool, 30, 60, grade})),
			one(outcome("vce"), data.QRA, 0.3, m.shared(footprintKey{blast, 0, 90, grade}))}
	case bleve:
		return []data.Scenario{
			one(outcome("fireball"), data.QRA, 0.4, m.shared(footprintKey{bleve, 110, 420, grade})),
			one(outcome("jet_fire"), data.QRA, 0.6, m.shared(footprintKey{pool, 40, 110, grade}))}
	case blast:
		return []data.Scenario{one(outcome("condensed_explosion"), data.QRA, 1, m.shared(footprintKey{blast, 0, 120, grade}))}
	case toxic:
		return []data.Scenario{one(outcome("toxic"), data.QRA, 1, m.shared(footprintKey{toxic, 40, 600, grade}))}
	case perKm:
		s := one(outcome("jet_fire"), data.QRA, 1, m.shared(footprintKey{perKm, info.R1, info.R2, grade}))
		// A place on the line lies in reach of about r1 + r2 metres of it.
		s.Per, s.PerYear = data.PerKm, round3(math.Min(s.PerYear*1000/(info.R1+info.R2), data.MaxPerYear))
		return []data.Scenario{s}
	case flood, slide:
		return []data.Scenario{one(outcome("flood"), data.Equivalent, 1, m.zones(k, shape)), one(outcome("index"), data.Equivalent, 0.5, own)}
	case inside:
		if _, ok := shape.(orb.Polygon); ok {
			return []data.Scenario{one(outcome("collapse"), data.Equivalent, 1, m.shared(footprintKey{inside, info.R1, info.R2, grade}))}
		}
	}
	return []data.Scenario{one(outcome("index"), data.Equivalent, 1, own)}
}

func outcome(name string) data.Outcome {
	o, err := data.ParseOutcome(name)
	if err != nil {
		panic(err)
	}
	return o
}

// round3 keeps three significant digits: nobody knows a frequency better.
func round3(v float64) float64 {
	scale := math.Pow(10, 2-math.Floor(math.Log10(v)))
	return math.Round(v*scale) / scale
}

// shared makes each footprint once.
func (m *maker) shared(key footprintKey) *data.Footprint {
	if f, ok := m.footprints[key]; ok {
		return f
	}
	f := must(build(key))
	m.footprints[key] = f
	return f
}

func build(key footprintKey) data.Footprint {
	g := grades[key.grade]
	r1, r2 := math.Round(key.r1*g), math.Round(key.r2*g)
	switch key.effect {
	case pool:
		return data.Footprint{Kind: data.Table, Metres: []float64{0, r1 / 2, r1, (r1 + r2) / 2, r2}, Lethality: []float64{1, 1, 0.5, 0.1, 0.01}}
	case bleve:
		f := data.Footprint{Kind: data.Table}
		for i := range 9 {
			t := float64(i) / 8
			f.Metres = append(f.Metres, math.Round(r1+t*(r2-r1)))
			f.Lethality = append(f.Lethality, math.Round(1000*math.Pow(1-0.92*t, 1.6))/1000)
		}
		return f
	case blast:
		return data.Footprint{Kind: data.Step, V0: 1, R1: r2, R2: r2}
	case toxic:
		return rose(r1, r2)
	case inside:
		return data.Footprint{Kind: data.Linear, Over: data.OverSpread, V0: 1, R1: r1, R2: r2}
	}
	return data.Footprint{Kind: data.Linear, V0: 1, R1: r1, R2: r2}
}

// rose is a toxic footprint that reaches further to where the usual winds (here
// north-west and south-east) blow.
func rose(r1, r2 float64) data.Footprint {
	f := data.Footprint{Kind: data.Polar, Metres: []float64{0, r1, r2 / 4, r2 / 2, r2}}
	for b := 0; b < 360; b += 15 {
		f.Bearings = append(f.Bearings, float64(b))
		blow := 0.35 + 0.65*math.Pow(math.Cos(float64(b-135)*math.Pi/180), 2)
		for _, v := range []float64{1, 0.8, 0.3, 0.08, 0} {
			f.Lethality = append(f.Lethality, math.Round(1000*v*blow)/1000)
		}
	}
	return f
}

// zones are the ground that a dam floods or a heap buries: a near part and a
// longer, wider and less deadly one.
func (m *maker) zones(k kind, shape orb.Geometry) *data.Footprint {
	at, ok := shape.(orb.Point)
	if !ok {
		at = shape.Bound().Center()
	}
	metres, width := 2500.0, 500.0
	if k.effect == slide {
		metres, width = 450, 220
	}
	size := 0.6 + 0.8*m.rng.Float64()
	course := m.rng.Float64() * 2 * math.Pi
	return must(data.Footprint{Kind: data.Zone, Skirt: [2]float64{0, 60}, Zones: []data.ZonePiece{
		{Shape: m.tongue(at, metres*size/3, width*size/2, course), Lethality: 0.8},
		{Shape: m.tongue(at, metres*size, width*size, course), Lethality: 0.25}}})
}

func must(f data.Footprint) *data.Footprint {
	sealed, err := data.NewFootprint(f)
	if err != nil {
		panic(fmt.Sprintf("demo: footprint: %v", err))
	}
	return sealed
}
