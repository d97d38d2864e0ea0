package consequence

import (
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Shares of people that are indoors (Purple Book CPR 18E 5.2).
const (
	IndoorDay   = 0.93
	IndoorNight = 0.99
)

const (
	clothing    = 0.14  // of the heat's lethality outdoors, societal risk
	indoorToxic = 0.1   // of the gas's lethality
	indoorBlast = 0.025 // lethality indoors from 10 to 30 kPa
)

// OutdoorsClothed is the footprint for people outdoors in societal risk: heat
// kills 0.14 of those unprotected outside the flame, all else as it is. Individual
// risk never uses it.
func (r *Result) OutdoorsClothed() (*data.Footprint, error) {
	if r.inverse[EffectHeatFlux] == nil {
		return r.Footprint, nil
	}
	f := *r.Footprint
	if f.Kind != data.Table {
		return r.Footprint, nil // all within the flame
	}
	flame, _ := r.Reach(EffectEngulfment, 1)
	if flame == 0 {
		return scaled(r.Footprint, clothing)
	}
	past := sort.Search(len(f.Metres), func(i int) bool { return f.Metres[i] > flame })
	metres := append([]float64{0, flame, flame}, f.Metres[past:]...)
	lethality := []float64{1, 1, clothing * f.Lethality[past-1]}
	for _, v := range f.Lethality[past:] {
		lethality = append(lethality, clothing*v)
	}
	return data.NewFootprint(data.Footprint{Kind: data.Table, Metres: metres, Lethality: lethality})
}

// scaled is a footprint with every lethality multiplied by at most 1.
func scaled(from *data.Footprint, by float64) (*data.Footprint, error) {
	f := *from
	f.V0 *= by
	f.Lethality = slices.Clone(from.Lethality)
	for i := range f.Lethality {
		f.Lethality[i] *= by
	}
	f.Zones = slices.Clone(from.Zones)
	for i := range f.Zones {
		f.Zones[i].Lethality *= by
	}
	return data.NewFootprint(f)
}

// Indoors is the footprint for people indoors in societal risk (Purple Book CPR
// 18E 5.2): heat kills all from 35 kW/m2 and nobody below; a blast all from 30
// kPa and 0.025 down to 10 kPa; gas 0.1 of those outdoors. A flash fire, and what
// has no such rule, is as outdoors.
func (r *Result) Indoors() (*data.Footprint, error) {
	switch {
	case r.Outcome == toxic:
		return scaled(r.Footprint, indoorToxic)
	case r.inverse[EffectHeatFlux] != nil:
		metres, _ := r.Reach(EffectHeatFlux, sureKWPerM2)
		flame, _ := r.Reach(EffectEngulfment, 1)
		metres = max(metres, flame)
		return data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: metres, R2: metres})
	case r.inverse[EffectOverpressure] != nil:
		near, _ := r.Reach(EffectOverpressure, stepKPa)
		far, _ := r.Reach(EffectOverpressure, indoorKPa)
		return data.NewFootprint(data.Footprint{Kind: data.Table,
			Metres: []float64{0, near, near, far}, Lethality: []float64{1, 1, indoorBlast, indoorBlast}})
	}
	return r.Footprint, nil
}

// ExpectedDeaths is the number of dead among people spread evenly, per km2, of
// whom a share is indoors. It may be fractional.
func (r *Result) ExpectedDeaths(perKM2, indoorShare float64) (float64, error) {
	var c check
	c.within("per_km2", perKM2, 0, 1e6, "people per km2")
	c.within("indoor_share", indoorShare, 0, 1, "of the people")
	if c.err != nil {
		return 0, c.err
	}
	out, err := r.OutdoorsClothed()
	if err != nil {
		return 0, err
	}
	in, err := r.Indoors()
	if err != nil {
		return 0, err
	}
	return (1-indoorShare)*ExpectedDeaths(out, perKM2) + indoorShare*ExpectedDeaths(in, perKM2), nil
}

// ExpectedDeaths is the integral of a footprint's lethality over people spread
// evenly, per km2, about a point: exact for the footprint's straight pieces. A
// zone counts the ground of its pieces, the greatest where they overlap, on a grid
// of 400 by 400 (within about 1 %).
func ExpectedDeaths(f *data.Footprint, perKM2 float64) float64 {
	return perKM2 / 1e6 * areaM2(f)
}

// areaM2 is the integral of the lethality over the ground.
func areaM2(f *data.Footprint) float64 {
	switch f.Kind {
	case data.Step:
		return math.Pi * f.V0 * f.R2 * f.R2
	case data.Linear: // v r over the core, then over the slope
		return math.Pi * f.V0 * (f.R1*f.R1 + f.R1*f.R2 + f.R2*f.R2) / 3
	case data.Table:
		return 2 * math.Pi * along(f.Metres, f.Lethality)
	case data.Polar:
		return aroundM2(f)
	}
	return zoneM2(f)
}

// along is the integral of v r over the distance.
func along(metres, v []float64) float64 {
	sum := v[0] * metres[0] * metres[0] / 2
	for i := 1; i < len(metres); i++ {
		a, b := metres[i-1], metres[i]
		// A straight v times r, by its values at both ends.
		sum += (b - a) * (v[i-1]*(2*a+b) + v[i]*(a+2*b)) / 6
	}
	return sum
}

func aroundM2(f *data.Footprint) float64 {
	n, sum := len(f.Metres), 0.0
	for i, b := range f.Bearings {
		before := f.Bearings[(i+len(f.Bearings)-1)%len(f.Bearings)]
		after := f.Bearings[(i+1)%len(f.Bearings)]
		width := math.Mod(b-before+360, 360) + math.Mod(after-b+360, 360)
		if len(f.Bearings) == 1 {
			width = 720
		}
		sum += along(f.Metres, f.Lethality[i*n:i*n+n]) * width / 2 * (math.Pi / 180)
	}
	return sum
}

func zoneM2(f *data.Footprint) float64 {
	const steps = 400
	bound := f.Zones[0].Shape.Bound()
	for _, z := range f.Zones[1:] {
		bound = bound.Union(z.Shape.Bound())
	}
	north := f.Skirt[1] / data.MetresPerDegree
	east := north / math.Cos(bound.Center()[1]*math.Pi/180)
	low, high := orb.Point{bound.Min[0] - east, bound.Min[1] - north}, orb.Point{bound.Max[0] + east, bound.Max[1] + north}
	dx, dy := (high[0]-low[0])/steps, (high[1]-low[1])/steps
	sum := 0.0
	for j := range steps {
		lat := low[1] + (float64(j)+0.5)*dy
		cell := dx * dy * data.MetresPerDegree * data.MetresPerDegree * math.Cos(lat*math.Pi/180)
		for i := range steps {
			sum += cell * zoneAt(f, orb.Point{low[0] + (float64(i)+0.5)*dx, lat})
		}
	}
	return sum
}

// zoneAt is a zone's lethality at a place.
func zoneAt(f *data.Footprint, at orb.Point) float64 {
	most := 0.0
	for _, z := range f.Zones {
		_, metres := data.Nearest(z.Shape, at)
		v := z.Lethality
		switch {
		case metres <= f.Skirt[0]:
		case metres >= f.Skirt[1]:
			v = 0
		default:
			v *= (f.Skirt[1] - metres) / (f.Skirt[1] - f.Skirt[0])
		}
		most = math.Max(most, v)
	}
	return most
}
