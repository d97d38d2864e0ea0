package datum

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/wroge/wgs84"
)

// longestQuarter bounds northings, in metres: no ellipsoid used here has a
// longer quarter of a meridian.
const longestQuarter = 10_003_000

// transverseMercator is the Gauss-Krüger projection by Krüger's series in the
// third flattening, to its fourth power: C. F. F. Karney, "Transverse Mercator
// with an accuracy of a few nanometers", J. Geodesy 85 (2011), eqs. 7-12, 19-21,
// 25, 35 and 36. The terms left out are under 1 micrometre within 1,000 km of the
// central meridian. (The series of wroge/wgs84 v1.1.7 is not used: against PROJ
// it is off by decimetres forward and by metres back towards the edge of a UTM
// zone.)
type transverseMercator struct {
	eccentric
	meridian     float64 // central meridian, degrees
	radius       float64 // scale times rectifying radius, metres
	falseEasting float64 // easting of the central meridian, metres
	equator      float64 // northing of the equator, metres
	reach        float64 // greatest distance from the central meridian, metres
	alpha, beta  [4]float64
}

var _ wgs84.Projection = (*transverseMercator)(nil)

// newTransverseMercator takes the ellipsoid, the origin's longitude and latitude
// in degrees, the scale there, the origin's easting and northing and the reach
// in metres.
func newTransverseMercator(s wgs84.Spheroid, lon, lat, scale, easting, northing, reach float64) *transverseMercator {
	f := 1 / s.Fi()
	n := f / (2 - f)
	n2, n3, n4 := n*n, n*n*n, n*n*n*n
	m := &transverseMercator{
		eccentric:    eccentric{e2: f * (2 - f), e: math.Sqrt(f * (2 - f))},
		meridian:     lon,
		radius:       scale * s.A() / (1 + n) * (1 + n2/4 + n4/64),
		falseEasting: easting,
		reach:        reach,
		alpha: [4]float64{
			n/2 - n2*2/3 + n3*5/16 + n4*41/180,
			n2*13/48 - n3*3/5 + n4*557/1440,
			n3*61/240 - n4*103/140,
			n4 * 49561 / 161280,
		},
		beta: [4]float64{
			n/2 - n2*2/3 + n3*37/96 - n4/360,
			n2/48 + n3/15 - n4*437/1440,
			n3*17/480 - n4*37/840,
			n4 * 4397 / 161280,
		},
	}
	_, origin := m.project(lon, lat)
	m.equator = northing - origin
	return m
}

// holds tells whether a place can have these coordinates.
func (m *transverseMercator) holds(east, north float64) bool {
	return math.Abs(east-m.falseEasting) <= m.reach && math.Abs(north-m.equator) <= longestQuarter
}

// project gives easting and northing in metres, NaN when the place is beyond
// the reach of the system or no place at all.
func (m *transverseMercator) project(lon, lat float64) (east, north float64) {
	if !(math.Abs(lat) <= 90 && math.Abs(lon) <= 360) {
		return math.NaN(), math.NaN()
	}
	sinLon, cosLon := math.Sincos((lon - m.meridian) * math.Pi / 180)
	tau := m.conformal(math.Tan(lat * math.Pi / 180))
	xi := math.Atan2(tau, cosLon)
	eta := math.Asinh(sinLon / math.Hypot(tau, cosLon))
	dxi, deta := series(&m.alpha, xi, eta)
	east = m.falseEasting + m.radius*(eta+deta)
	north = m.equator + m.radius*(xi+dxi)
	if !m.holds(east, north) {
		return math.NaN(), math.NaN()
	}
	return east, north
}

// unproject gives longitude (-180 to 180) and latitude in degrees, NaN when no
// place has these coordinates.
func (m *transverseMercator) unproject(east, north float64) (lon, lat float64) {
	if !m.holds(east, north) {
		return math.NaN(), math.NaN()
	}
	xi, eta := (north-m.equator)/m.radius, (east-m.falseEasting)/m.radius
	dxi, deta := series(&m.beta, xi, eta)
	xi, eta = xi-dxi, eta-deta
	sinXi, cosXi := math.Sincos(xi)
	sinhEta := math.Sinh(eta)
	tau := m.geographic(sinXi / math.Hypot(sinhEta, cosXi))
	lon = m.meridian + math.Atan2(sinhEta, cosXi)*180/math.Pi
	switch {
	case lon > 180:
		lon -= 360
	case lon < -180:
		lon += 360
	}
	return lon, math.Atan(tau) * 180 / math.Pi
}

// series is Σ c_j sin(2jξ) cosh(2jη) and Σ c_j cos(2jξ) sinh(2jη).
func series(c *[4]float64, xi, eta float64) (dxi, deta float64) {
	for j := range c {
		k := 2 * float64(j+1)
		sin, cos := math.Sincos(k * xi)
		sinh := math.Sinh(k * eta)
		dxi += c[j] * sin * math.Sqrt(1+sinh*sinh)
		deta += c[j] * cos * sinh
	}
	return dxi, deta
}

// eccentric is an ellipsoid's first eccentricity, and squared.
type eccentric struct{ e, e2 float64 }

// conformal turns the tangent of the geographic latitude into that of the
// conformal latitude.
func (m *eccentric) conformal(tau float64) float64 {
	secant := math.Hypot(1, tau)
	sigma := math.Sinh(m.e * math.Atanh(m.e*tau/secant))
	return tau*math.Hypot(1, sigma) - sigma*secant
}

// geographic inverts conformal by Newton's method, quadratic from a start that
// is right to the flattening.
func (m *eccentric) geographic(want float64) float64 {
	tau := want
	for range 5 {
		got := m.conformal(tau)
		step := (want - got) / math.Hypot(1, got) *
			(1 + (1-m.e2)*tau*tau) / ((1 - m.e2) * math.Hypot(1, tau))
		tau += step
		if !(math.Abs(step) > 1e-15*math.Hypot(1, tau)) {
			break
		}
	}
	return tau
}

// ToLonLat makes the series serve wroge/wgs84, which adds the shift of datum.
func (m *transverseMercator) ToLonLat(east, north float64, _ wgs84.Spheroid) (lon, lat float64) {
	return m.unproject(east, north)
}

// FromLonLat is the inverse of ToLonLat.
func (m *transverseMercator) FromLonLat(lon, lat float64, _ wgs84.Spheroid) (east, north float64) {
	return m.project(lon, lat)
}

func (m *transverseMercator) fromWGS84(p orb.Point) orb.Point {
	east, north := m.project(p[0], p[1])
	return orb.Point{east, north}
}

func (m *transverseMercator) toWGS84(p orb.Point) orb.Point {
	lon, lat := m.unproject(p[0], p[1])
	return orb.Point{lon, lat}
}

// toWGS84ByValue is toWGS84 for systems whose files have either order of axes.
func (m *transverseMercator) toWGS84ByValue(p orb.Point) orb.Point {
	if !m.holds(p[0], p[1]) {
		p[0], p[1] = p[1], p[0]
	}
	return m.toWGS84(p)
}
