package riskgrid

import (
	"math"

	"riskatlas/data"
)

// slack covers the rounding of squared distances: what lies within it of a
// radius is decided by the distance itself.
const slack = 1e-12

// kernel turns distances into one scenario's contributions. Its values are
// those of data.Footprint.At; it keeps the places of the last search, since
// neighbours ask for neighbouring distances.
type kernel struct {
	f       *data.Footprint
	units   float64 // frequency in units of Risk, negative to take back
	core    Risk    // at distance 0
	inside2 float64 // squares under it are surely within R1
	reach2  float64 // squares over it are surely past the reach
	metre   int     // last found place in f.Metres
	bearing int     // and in f.Bearings
}

func newKernel(f *data.Footprint, units float64) kernel {
	return kernel{
		f: f, units: units, core: fixed(f.At(0, 0) * units),
		inside2: f.R1 * f.R1 * (1 - slack), reach2: f.Reach() * f.Reach() * (1 + slack),
	}
}

// at is the contribution at a distance of east and north metres from the
// nearest point of the shape to the place.
func (k *kernel) at(d, east, north float64) Risk {
	if d > k.f.Reach() {
		return 0
	}
	switch k.f.Kind {
	case data.Step, data.Linear:
		return k.linear(d)
	case data.Table:
		return fixed(k.table(d) * k.units)
	case data.Polar:
		if d == 0 {
			return k.core
		}
		return fixed(k.polar(d, east, north) * k.units)
	}
	return 0
}

func (k *kernel) linear(d float64) Risk {
	f := k.f
	if d <= f.R1 {
		return k.core
	}
	if d >= f.R2 {
		return 0
	}
	return fixed(f.V0 * (f.R2 - d) / (f.R2 - f.R1) * k.units)
}

// seek gives the place of the first metre at or past d.
func (k *kernel) seek(d float64) int {
	m, i := k.f.Metres, k.metre
	for i > 0 && m[i-1] >= d {
		i--
	}
	for i < len(m) && m[i] < d {
		i++
	}
	k.metre = i
	return i
}

func (k *kernel) table(d float64) float64 { return k.between(k.f.Lethality, k.seek(d), d) }

// between reads a table's values at d, whose place is i.
func (k *kernel) between(values []float64, i int, d float64) float64 {
	m := k.f.Metres
	switch {
	case i == len(m):
		return 0
	case i == 0 || m[i] == d:
		return values[i]
	}
	t := (d - m[i-1]) / (m[i] - m[i-1])
	return values[i-1] + float64(t*(values[i]-values[i-1]))
}

// polar reads a polar footprint at d > 0, in the direction of east and north.
func (k *kernel) polar(d, east, north float64) float64 {
	i := k.seek(d)
	n := len(k.f.Metres)
	if i == n {
		return 0
	}
	lo, hi, t := k.turn(degrees(east, north))
	a := k.between(k.f.Lethality[lo*n:lo*n+n], i, d)
	if lo == hi {
		return a
	}
	b := k.between(k.f.Lethality[hi*n:hi*n+n], i, d)
	return a + float64((b-a)*t)
}

// turn gives the two bearings beside one and how far it is from the first to
// the second.
func (k *kernel) turn(bearing float64) (lo, hi int, t float64) {
	bs := k.f.Bearings
	hi = k.bearing
	for hi > 0 && bs[hi-1] >= bearing {
		hi--
	}
	for hi < len(bs) && bs[hi] < bearing {
		hi++
	}
	k.bearing = hi
	var left, right float64
	switch hi {
	case len(bs):
		lo, hi = hi-1, 0
		left, right = bs[lo], bs[0]+360
	case 0:
		lo = len(bs) - 1
		left, right = bs[lo]-360, bs[0]
	default:
		lo = hi - 1
		left, right = bs[lo], bs[hi]
	}
	return lo, hi, (bearing - left) / (right - left)
}

// degrees is the direction of east and north, clockwise from north in [0, 360),
// as data.Bearing gives it.
func degrees(east, north float64) float64 {
	deg := math.Atan2(east, north) * (180 / math.Pi)
	if deg < 0 {
		deg += 360
	}
	if deg >= 360 {
		deg = 0
	}
	return deg
}
