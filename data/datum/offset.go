package datum

import (
	"math"

	"github.com/paulmach/orb"
)

// Constants of the published reconstruction of GCJ-02: the semi-major axis of
// the Krasovsky 1940 ellipsoid in metres, its squared first eccentricity, and
// the box outside which nothing is shifted, in degrees.
const (
	krasovskyA  = 6378245.0
	krasovskyE2 = 0.00669342162296594323

	boxWest, boxEast   = 72.004, 137.8347
	boxSouth, boxNorth = 0.8293, 55.8271
)

// Constants of the published reconstruction of BD-09, in degrees and radians.
const (
	bdShiftLon, bdShiftLat = 0.0065, 0.006
	bdWave                 = math.Pi * 3000 / 180
	bdRadial, bdAngular    = 2e-5, 3e-6
)

// tolerance is the step in degrees at which an inversion has converged; about
// 1e-7 m, 70 times the spacing of float64 at 120 degrees.
const tolerance = 1e-12

// maxSteps bounds an inversion. Each step shrinks the error at least 30 times,
// so 0.05 degrees reach the tolerance in 8; the rest is for the rounding noise.
const maxSteps = 16

func inOffsetBox(p orb.Point, margin float64) bool {
	return p[0] >= boxWest-margin && p[0] <= boxEast+margin &&
		p[1] >= boxSouth-margin && p[1] <= boxNorth+margin
}

func clampToOffsetBox(p orb.Point) orb.Point {
	return orb.Point{
		math.Min(math.Max(p[0], boxWest), boxEast),
		math.Min(math.Max(p[1], boxSouth), boxNorth),
	}
}

// gcjFromWGS is the offset without the box.
func gcjFromWGS(p orb.Point) orb.Point {
	x, y := p[0]-105, p[1]-35
	root := math.Sqrt(math.Abs(x))
	both := 20 * (math.Sin(6*math.Pi*x) + math.Sin(2*math.Pi*x))

	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root +
		2.0/3*(both+
			20*math.Sin(math.Pi*y)+40*math.Sin(math.Pi*y/3)+
			160*math.Sin(math.Pi*y/12)+320*math.Sin(math.Pi*y/30))
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root +
		2.0/3*(both+
			20*math.Sin(math.Pi*x)+40*math.Sin(math.Pi*x/3)+
			150*math.Sin(math.Pi*x/12)+300*math.Sin(math.Pi*x/30))

	sin, cos := math.Sincos(p[1] * math.Pi / 180)
	w2 := 1 - krasovskyE2*sin*sin
	w := math.Sqrt(w2)
	meridian := krasovskyA * (1 - krasovskyE2) / (w2 * w) // radii of curvature, metres
	parallel := krasovskyA / w * cos
	return orb.Point{
		p[0] + east/parallel*180/math.Pi,
		p[1] + north/meridian*180/math.Pi,
	}
}

func bdFromGCJ(p orb.Point) orb.Point {
	r := math.Sqrt(p[0]*p[0]+p[1]*p[1]) + bdRadial*math.Sin(p[1]*bdWave)
	angle := math.Atan2(p[1], p[0]) + bdAngular*math.Cos(p[0]*bdWave)
	sin, cos := math.Sincos(angle)
	return orb.Point{r*cos + bdShiftLon, r*sin + bdShiftLat}
}

// invert solves f(w) = p by w -= f(w) - p, which converges because f is the
// identity plus an offset that changes slowly with place.
func invert(f func(orb.Point) orb.Point, p orb.Point) orb.Point {
	w := p
	for range maxSteps {
		g := f(w)
		dx, dy := g[0]-p[0], g[1]-p[1]
		w[0] -= dx
		w[1] -= dy
		if math.Abs(dx) < tolerance && math.Abs(dy) < tolerance {
			break
		}
	}
	return w
}
