package datum

import (
	"math"

	"github.com/wroge/wgs84"
)

// lambert is the conformal conic projection with one or two standard parallels:
// J. P. Snyder, "Map Projections: A Working Manual" (USGS PP 1395), eqs. 15-1 to
// 15-11, the isometric latitude ψ in the place of -ln t.
type lambert struct {
	eccentric
	meridian     float64 // degrees
	n            float64 // the cone's constant
	psi1, radius float64 // ψ of the first parallel; its radius on the cone, metres
	origin       float64 // radius of the origin's parallel, metres
	east, north  float64 // of the origin, metres
}

var _ wgs84.Projection = (*lambert)(nil)

// newLambert takes the ellipsoid, the origin, the parallels in degrees (equal
// for one), the scale there and the origin's easting and northing in metres.
func newLambert(s wgs84.Spheroid, lon, lat, lat1, lat2, scale, east, north float64) *lambert {
	f := 1 / s.Fi()
	l := &lambert{eccentric: eccentric{e2: f * (2 - f), e: math.Sqrt(f * (2 - f))}, meridian: lon, east: east, north: north}
	l.psi1 = l.isometric(lat1)
	m1, m2 := l.parallel(lat1), l.parallel(lat2)
	if l.n = math.Sin(lat1 * math.Pi / 180); math.Abs(lat1-lat2) > 1e-9 {
		l.n = math.Log(m1/m2) / (l.isometric(lat2) - l.psi1)
	}
	l.radius = scale * s.A() * m1 / l.n
	l.origin = l.rho(lat)
	return l
}

// parallel is the radius of a parallel over the greatest one's.
func (l *lambert) parallel(lat float64) float64 {
	sin, cos := math.Sincos(lat * math.Pi / 180)
	return cos / math.Sqrt(1-l.e2*sin*sin)
}

func (l *lambert) isometric(lat float64) float64 {
	return math.Asinh(l.conformal(math.Tan(lat * math.Pi / 180)))
}

func (l *lambert) rho(lat float64) float64 {
	return l.radius * math.Exp(-l.n*(l.isometric(lat)-l.psi1))
}

// FromLonLat gives easting and northing, NaN for what is no place.
func (l *lambert) FromLonLat(lon, lat float64, _ wgs84.Spheroid) (east, north float64) {
	if !(math.Abs(lat) < 90 && math.Abs(lon) <= 360) {
		return math.NaN(), math.NaN()
	}
	theta := l.n * math.Remainder(lon-l.meridian, 360) * math.Pi / 180
	rho := l.rho(lat)
	return l.east + rho*math.Sin(theta), l.north + l.origin - rho*math.Cos(theta)
}

// ToLonLat gives longitude and latitude in degrees, NaN where no place has these
// coordinates.
func (l *lambert) ToLonLat(east, north float64, _ wgs84.Spheroid) (lon, lat float64) {
	x, y := east-l.east, l.origin-(north-l.north)
	if l.n < 0 {
		x, y = -x, -y
	}
	theta, rho := math.Atan2(x, y), math.Hypot(x, y)
	if !(rho <= 1e8) || math.Abs(theta) > math.Abs(l.n)*math.Pi {
		return math.NaN(), math.NaN()
	}
	psi := l.psi1 - math.Log(rho/math.Abs(l.radius))/l.n
	lat = math.Atan(l.geographic(math.Sinh(psi))) * 180 / math.Pi
	return math.Remainder(l.meridian+theta/l.n*180/math.Pi, 360), lat
}
