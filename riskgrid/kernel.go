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
	fall    float64 // step, linear: units lost by metre between the radii
	inside2 float64 // squares under it are surely within R1
	reach2  float64 // squares over it are surely past the reach
	metre   int     // last found place in f.Metres
	bearing int     // and in f.Bearings

	rose   []data.Direction // of a polar footprint whose bearings are close; nil for others
	sector int              // last found bearing at or before a direction
}

// closeBearings is how far apart bearings may be, radians, for their directions
// to be told by the sine of the angle between: 16°.
const closeBearings = 16 * math.Pi / 180

// closeRose is the directions of a footprint, nil unless all are close.
func closeRose(f *data.Footprint) []data.Direction {
	rose := f.Rose()
	for i := range rose {
		if rose[i].PerRadian < 1/closeBearings {
			return nil
		}
	}
	return rose
}

func newKernel(f *data.Footprint, units float64) kernel {
	k := kernel{f: f, units: units, reach2: f.Reach() * f.Reach() * (1 + slack)}
	switch f.Kind {
	case data.Step, data.Linear:
		k.core, k.inside2 = fixed(f.V0*units), f.R1*f.R1*(1-slack)
		if f.R2 > f.R1 {
			k.fall = f.V0 / (f.R2 - f.R1) * units
		}
	default:
		k.core, k.rose = fixed(f.At(0, 0)*units), closeRose(f)
	}
	return k
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
	return fixed(float64((f.R2 - d) * k.fall))
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
	lo, hi, t := k.beside(d, east, north)
	a, b := k.f.Lethality[lo*n:lo*n+n], k.f.Lethality[hi*n:hi*n+n]
	m := k.f.Metres
	if i == 0 || m[i] == d {
		return a[i] + float64((b[i]-a[i])*t)
	}
	u := (d - m[i-1]) / (m[i] - m[i-1])
	near, far := a[i-1]+float64((b[i-1]-a[i-1])*t), a[i]+float64((b[i]-a[i])*t)
	return near + float64(u*(far-near))
}

// beside gives the two bearings beside a direction and how far it is from the
// first to the second. Close bearings are found by the signs of sines, walking on
// from the last place, and the angle is the arc sine's series (to 6e-9 at 16°):
// a third of what an arc tangent costs. What it gives does not depend on where it
// began: of two neighbours, one sine decides.
func (k *kernel) beside(d, east, north float64) (lo, hi int, t float64) {
	if k.rose == nil {
		return k.turn(degrees(east, north))
	}
	lo = k.sector
	for {
		a := &k.rose[lo]
		hi = lo + 1
		if hi == len(k.rose) {
			hi = 0
		}
		b := &k.rose[hi]
		sine := float64(east*a.North) - float64(north*a.East)
		switch {
		case float64(east*a.East)+float64(north*a.North) <= 0: // far off
			lo, _, _ = k.turn(degrees(east, north))
		case sine < 0:
			if lo--; lo < 0 {
				lo = len(k.rose) - 1
			}
		case float64(east*b.North)-float64(north*b.East) >= 0:
			lo = hi
		default:
			k.sector = lo
			x := sine / d
			x2 := float64(x * x)
			angle := x * (1 + float64(x2*(1.0/6+float64(x2*(3.0/40+float64(x2*(15.0/336+float64(x2*(105.0/3456)))))))))
			return lo, hi, min(float64(angle*a.PerRadian), 1)
		}
	}
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
