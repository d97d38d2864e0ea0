package citytest

import (
	"slices"

	"riskatlas/data"
)

// footprint is a random one of the kinds that count from the shape.
func (m *Maker) footprint() *data.Footprint {
	r := m.rng
	f := data.Footprint{Kind: data.FootprintKind(r.IntN(4)), V0: 1}
	if r.IntN(2) == 0 {
		f.V0 = 0.05 + 0.95*r.Float64()
	}
	switch f.Kind {
	case data.Step:
		f.R1 = m.radius()
		f.R2 = f.R1
	case data.Linear:
		f.R1, f.R2 = m.radius(), m.radius()
		if f.R1 > f.R2 {
			f.R1, f.R2 = f.R2, f.R1
		}
	case data.Table:
		f.V0 = 0
		f.Metres = m.metres()
		f.Lethality = m.falling(len(f.Metres))
	case data.Polar:
		f.V0 = 0
		f.Metres = m.metres()
		n := 1 + r.IntN(8)
		for i := range n {
			f.Bearings = append(f.Bearings, (float64(i)+r.Float64()*0.9)*360/float64(n))
			f.Lethality = append(f.Lethality, m.falling(len(f.Metres))...)
		}
	}
	return sealPrint(f)
}

// radius is 0, some dozen metres, some hundred, or some kilometres.
func (m *Maker) radius() float64 {
	r := m.rng
	switch r.IntN(12) {
	case 0:
		return 0
	case 1, 2, 3:
		return 5 + 45*r.Float64()
	case 4:
		return 1000 + 3000*r.Float64()
	}
	return 50 + 500*r.Float64()
}

// metres is a rising list of distances, sometimes with a repeated one (a jump)
// and with a first one that is not 0.
func (m *Maker) metres() []float64 {
	at := 0.0
	if m.rng.IntN(3) == 0 {
		at = m.radius()
	}
	out := []float64{at}
	for range 1 + m.rng.IntN(5) {
		if m.rng.IntN(5) != 0 {
			at += 10 + 200*m.rng.Float64()
		}
		out = append(out, at)
	}
	return out
}

// falling is a list of n lethalities, none over the one before.
func (m *Maker) falling(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = m.rng.Float64()
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

// zone is a footprint of one to three absolute pieces near the last place.
func (m *Maker) zone() *data.Footprint {
	f := data.Footprint{Kind: data.Zone}
	for range 1 + m.rng.IntN(3) {
		f.Zones = append(f.Zones, data.ZonePiece{
			Shape: m.polygon(from(m.last, m.signed(3000), m.signed(3000))), Lethality: m.rng.Float64()})
	}
	if m.rng.IntN(2) == 0 {
		f.Skirt = [2]float64{50 * m.rng.Float64(), 50 + 400*m.rng.Float64()}
	}
	return sealPrint(f)
}

// spread is the same footprint with its frequency spread over the polygon.
func spread(f *data.Footprint) *data.Footprint {
	g := *f
	g.Over = data.OverSpread
	return sealPrint(g)
}

func sealPrint(f data.Footprint) *data.Footprint {
	p, err := data.NewFootprint(f)
	if err != nil {
		panic(err) // a fault of this package
	}
	return p
}
