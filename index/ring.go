package index

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// ring is a circle on the ground as two circles in the plane of data.Nearest,
// where a degree of longitude is as long as at p: a shape with a place within
// the inner one is within the circle, one without a place in the outer one is
// not, and between them, a ten-thousandth of the radius at 1 km, only
// data.Nearest can tell.
//
// Let c be the plane's distance of the shape's nearest place, as an angle, φ p's
// latitude, δ half of their difference in latitude and t = |tan φ|. Distance has
// cos(φ±δ) where the plane has cos φ, and
//
//	1 - δ²/2 - t δ  ≤  cos(φ±δ) / cos φ  ≤  1 + t δ.
//
// δ is at most c/2, so that the distance is at most c (1 + t c/2). It is over m
// when twice δ is; else at least c (1 - m²/8 - t m/2).
type ring struct {
	p         orb.Point
	cos, tan  float64 // of p's latitude, tan without its sign
	sure, far float64 // squares of the radii, degrees of a meridian
}

// newRing is that of a radius in metres.
func newRing(p orb.Point, metres float64) ring {
	sin, cos := math.Sincos(p[1] * (math.Pi / 180))
	r := ring{p: p, cos: cos, tan: math.Abs(sin) / cos}
	r.set(metres)
	return r
}

// set changes the radius. It leaves a micrometre to what Nearest rounds.
func (r *ring) set(metres float64) {
	r.sure, r.far = -1, math.Inf(1)
	t := r.tan
	const slack = 1e-6 / data.EarthRadiusMetres
	angle := metres / data.EarthRadiusMetres
	if m := angle*(1-1e-9) - slack; m > 0 {
		c := 2 * m / (1 + math.Sqrt(1+2*t*m)) // of c (1 + t c/2) = m
		r.sure = squared(c * (180 / math.Pi))
	}
	m := angle*(1+1e-9) + slack
	if shrink := 1 - m*m/8 - t*m/2; shrink > 0.01 { // else nothing is known
		r.far = squared(m / shrink * (180 / math.Pi))
	}
}

func squared(x float64) float64 { return x * x }

// gaps are the squares of the least and the greatest distance in the plane of
// the box's places.
func (r *ring) gaps(b *orb.Bound) (least, most float64) {
	west, east := b.Min[0]-r.p[0], b.Max[0]-r.p[0]
	south, north := b.Min[1]-r.p[1], b.Max[1]-r.p[1]
	lon, lat := 0.0, 0.0
	if west > 0 {
		lon = west
	} else if east < 0 {
		lon = east
	}
	if -west > east {
		east = west
	}
	if south > 0 {
		lat = south
	} else if north < 0 {
		lat = north
	}
	if -south > north {
		north = south
	}
	lon, east = lon*r.cos, east*r.cos
	return lon*lon + lat*lat, east*east + north*north
}

// line is the square of the least distance in the plane of a line's places, or
// one within sure of them: the first that is met.
func (r *ring) line(l []orb.Point) float64 {
	least := math.Inf(1)
	var x, y float64
	for i := range l {
		nextX, nextY := (l[i][0]-r.p[0])*r.cos, l[i][1]-r.p[1]
		if d := nextX*nextX + nextY*nextY; d < least {
			if least = d; d <= r.sure {
				return d
			}
		}
		if i > 0 {
			east, north := nextX-x, nextY-y
			along, length := -(x*east + y*north), east*east+north*north
			if along > 0 && along < length { // else an end is nearest
				least = min(least, squared(x*north-y*east)/length)
			}
		}
		x, y = nextX, nextY
	}
	return least
}

// outline is the square of an outline's distance, 0 inside of an area, likewise;
// least is that of its box, which inside is 0. Of none nothing is known.
func (r *ring) outline(o outline, least float64) (square float64, inside, known bool) {
	switch {
	case len(o.line) == 0:
		return least, false, false
	case least == 0 && o.holds(r.p):
		return 0, true, true
	}
	return r.line(o.line), false, true
}
