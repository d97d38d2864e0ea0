package datum

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/wroge/wgs84"
)

// System is a coordinate system that a file describes in full.
type System struct {
	Name      string // as the file has it
	EPSG      int    // of a system that ByEPSG takes; 0: it has none here
	Projected bool   // a plane; false: degrees
	Same      bool   // its coordinates are WGS 84's longitude and latitude
	ToWGS84   func(orb.Point) orb.Point
	FromWGS84 func(orb.Point) orb.Point
}

// ErrUnknownSystem is wrapped by the errors of ByWKT for text that is
// well-formed and describes a system that is not known here.
var ErrUnknownSystem = errors.New("unknown coordinate system")

// ByWKT reads the well-known text of a system (OGC 01-009, clause 7, and ESRI's
// dialect of it, as .prj files have): degrees, and the projections transverse
// Mercator (Gauss-Krüger, UTM), Lambert conformal conic, Albers, Lambert
// azimuthal equal area and Web Mercator, in any unit of length. Points are in the
// text's unit; US survey feet are 1200/3937 m each. Datums are those of ByEPSG,
// under their usual names: WGS 84, CGCS2000, NAD83, ETRS89, GDA94 and others that
// stay within two metres of them count as one.
//
// Beijing 1954, Xi'an 1980 and other datums with a shift that is not known here
// are refused, and so is a prime meridian other than Greenwich's.
//
// A text that names an EPSG code of ByEPSG's, or has the parameters of a CGCS2000
// Gauss-Krüger system, is that system.
func ByWKT(text string) (*System, error) {
	root, err := parseWKT(text)
	if err != nil {
		return nil, err
	}
	if root.is("COMPD_CS") {
		if root = root.child("PROJCS", "GEOGCS"); root == nil {
			return nil, fmt.Errorf("%w: a compound one without a horizontal part", ErrUnknownSystem)
		}
	}
	s := &System{Name: root.text(0)}
	switch {
	case root.is("GEOGCS"):
		return s, s.geographic(root)
	case root.is("PROJCS"):
		s.Projected = true
		return s, s.projected(root)
	}
	return nil, fmt.Errorf("%w: %s; want GEOGCS or PROJCS", ErrUnknownSystem, root.keyword)
}

// known makes it the system of an EPSG code, where ByEPSG takes that.
func (s *System) known(code int) bool {
	to, from, err := ByEPSG(code)
	if err != nil {
		return false
	}
	s.EPSG, s.ToWGS84, s.FromWGS84 = code, to, from
	switch code {
	case 4326, 4490, 4258, 4171, 4269:
		s.Same = true
	}
	return true
}

func (s *System) geographic(n *wkt) error {
	d, err := datumOf(n)
	if err != nil {
		return err
	}
	if unit := n.unit(); math.Abs(unit-math.Pi/180) > 1e-9 {
		return fmt.Errorf("%w: %s in units of %g radians; want degrees", ErrUnknownSystem, s.Name, unit)
	}
	if s.known(n.authority()) {
		return nil
	}
	if _, named := geocentric[plainName(n.child("DATUM").text(0))]; named {
		s.Same = true
		same := func(p orb.Point) orb.Point { return p }
		s.ToWGS84, s.FromWGS84 = same, same
		return nil
	}
	there, here := d.LonLat(), wgs84.LonLat()
	s.ToWGS84, s.FromWGS84 = between(there, here), between(here, there)
	return nil
}

func (s *System) projected(n *wkt) error {
	base := n.child("GEOGCS")
	if base == nil {
		return fmt.Errorf("%w: %s without GEOGCS", ErrUnknownSystem, s.Name)
	}
	if s.known(n.authority()) {
		return nil
	}
	d, err := datumOf(base)
	if err != nil {
		return err
	}
	metres := n.unit()
	if !(metres > 1e-6 && metres < 1e6) {
		return fmt.Errorf("%w: %s in units of %g metres", ErrUnknownSystem, s.Name, metres)
	}
	p := parameters{n, base.unit() * 180 / math.Pi, metres}
	if math.Abs(p.degrees-1) < 1e-9 {
		p.degrees = 1
	}
	projection, code, err := p.projection(d)
	if err != nil {
		return fmt.Errorf("%w: %s", err, s.Name)
	}
	if code != 0 && math.Abs(metres-1) < 1e-12 && s.known(code) {
		return nil
	}
	there, here := wgs84.ProjectedReferenceSystem{Datum: d, Projection: projection}, wgs84.LonLat()
	to, from := between(there, here), between(here, there)
	if one, ok := projection.(*transverseMercator); ok && d.Transformation == nil {
		to, from = one.toWGS84, one.fromWGS84
	}
	s.ToWGS84 = func(p orb.Point) orb.Point { return to(orb.Point{p[0] * metres, p[1] * metres}) }
	s.FromWGS84 = func(p orb.Point) orb.Point {
		p = from(p)
		return orb.Point{p[0] / metres, p[1] / metres}
	}
	return nil
}

// geocentric are the datums that count as WGS 84, by their plain names.
var geocentric = map[string]struct{}{
	"wgs1984": {}, "worldgeodeticsystem1984": {}, "china2000": {}, "chinageodeticcoordinatesystem2000": {}, "cgcs2000": {},
	"northamerican1983": {}, "northamericandatum1983": {}, "northamerican1983harn": {}, "nad1983harn": {}, "nad1983csrs": {}, "nad83canadianspatialreferencesystem": {},
	"nad83highaccuracyreferencenetwork": {}, "nad19832011": {}, "nad83nationalspatialreferencesystem2011": {}, "nad1983nsrs2007": {}, "nad83nationalspatialreferencesystem2007": {},
	"etrs1989": {}, "europeanterrestrialreferencesystem1989": {}, "europeanterrestrialreferencesystem1989ensemble": {}, "rgf1993": {}, "reseaugeodesiquefrancais1993": {},
	"gda1994": {}, "geocentricdatumofaustralia1994": {}, "gda2020": {}, "geocentricdatumofaustralia2020": {}, "nzgd2000": {}, "newzealandgeodeticdatum2000": {},
	"jgd2000": {}, "japanesegeodeticdatum2000": {}, "jgd2011": {}, "japanesegeodeticdatum2011": {}, "korea2000": {}, "koreageodeticdatum2000": {}, "geocentricdatumofkorea": {},
}

// datumOf finds the datum of a geographic system.
func datumOf(n *wkt) (wgs84.Datum, error) {
	d := n.child("DATUM")
	if d == nil || d.child("SPHEROID") == nil {
		return wgs84.Datum{}, fmt.Errorf("%w: %s without DATUM and SPHEROID", ErrUnknownSystem, n.text(0))
	}
	if m := n.child("PRIMEM"); m != nil && m.number(1) != 0 {
		return wgs84.Datum{}, fmt.Errorf("%w: prime meridian %s", ErrUnknownSystem, m.text(0))
	}
	name := plainName(d.text(0))
	switch name {
	case "osgb1936", "ordnancesurveyofgreatbritain1936":
		return wgs84.OSGB36(), nil
	case "deutscheshauptdreiecksnetz":
		return wgs84.DHDN2001(), nil
	case "mgi", "militargeographischeinstitut", "militargeographischesinstitut":
		return wgs84.MGI(), nil
	}
	if _, ok := geocentric[name]; !ok {
		return wgs84.Datum{}, fmt.Errorf("%w: datum %s, whose shift to WGS 84 is not known here: bring it to WGS 84 or CGCS2000 first, or say with --datum what the coordinates are", ErrUnknownSystem, d.text(0))
	}
	spheroid := d.child("SPHEROID")
	a, rf := spheroid.number(1), spheroid.number(2)
	if math.Abs(a-wgs84.A) > 1e-3 || math.Abs(rf-wgs84.Fi) > 1e-5 {
		return wgs84.Datum{}, fmt.Errorf("%w: datum %s on an ellipsoid of %g m and 1/%g", ErrUnknownSystem, d.text(0), a, rf)
	}
	return wgs84.Datum{Spheroid: spheroidOf{a, rf}}, nil
}

type spheroidOf struct{ a, rf float64 }

func (s spheroidOf) A() float64  { return s.a }
func (s spheroidOf) Fi() float64 { return s.rf }

// plainName drops ESRI's D_ and what is no letter or digit.
func plainName(s string) string {
	s = strings.TrimPrefix(strings.ToLower(s), "d_")
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// parameters are those of a projection.
type parameters struct {
	n       *wkt
	degrees float64 // of one unit of angle
	metres  float64 // of one unit of length
}

// value is a parameter under any of its names; ok is false where there is none.
func (p *parameters) value(names ...string) (float64, bool) {
	for _, c := range p.n.children {
		if c.is("PARAMETER") {
			for _, name := range names {
				if plainName(c.text(0)) == name {
					return c.number(1), true
				}
			}
		}
	}
	return 0, false
}

func (p *parameters) angle(names ...string) float64 {
	v, _ := p.value(names...)
	return v * p.degrees
}

func (p *parameters) origin() (lon, lat, east, north float64) {
	lon = p.angle("centralmeridian", "longitudeofcenter", "longitudeoforigin")
	lat = p.angle("latitudeoforigin", "latitudeofcenter")
	east, _ = p.value("falseeasting")
	north, _ = p.value("falsenorthing")
	return lon, lat, east * p.metres, north * p.metres
}

// projection makes the projection; code is that of the EPSG system that it is,
// where it is one of those read by value.
func (p *parameters) projection(d wgs84.Datum) (made wgs84.Projection, code int, err error) {
	named := p.n.child("PROJECTION")
	if named == nil {
		return nil, 0, fmt.Errorf("%w without PROJECTION", ErrUnknownSystem)
	}
	lon, lat, east, north := p.origin()
	scale, scaled := p.value("scalefactor")
	if !scaled {
		scale = 1
	}
	switch plainName(named.text(0)) {
	case "transversemercator", "gausskruger":
		if plainName(p.n.child("GEOGCS").child("DATUM").text(0)) == "china2000" && lat == 0 && scale == 1 && north == 0 {
			code = codeOf2000(lon, east)
		}
		return newTransverseMercator(d, lon, lat, scale, east, north, widestReach), code, nil
	case "lambertconformalconic", "lambertconformalconic2sp", "lambertconformalconic1sp":
		lat1, ok := p.value("standardparallel1")
		if lat1 *= p.degrees; !ok {
			lat1 = lat
		}
		lat2, ok := p.value("standardparallel2")
		if lat2 *= p.degrees; !ok {
			lat2 = lat1
		}
		return newLambert(d, lon, lat, lat1, lat2, scale, east, north), 0, nil
	case "albers", "albersconicequalarea":
		return d.AlbersEqualAreaConic(lon, lat, p.angle("standardparallel1"), p.angle("standardparallel2"), east, north).Projection, 0, nil
	case "lambertazimuthalequalarea":
		return d.LambertAzimuthalEqualArea(lon, lat, east, north).Projection, 0, nil
	case "mercatorauxiliarysphere", "popularvisualisationpseudomercator":
		if lon == 0 && east == 0 && north == 0 {
			return d.WebMercator().Projection, 3857, nil
		}
	}
	return nil, 0, fmt.Errorf("%w: projection %s", ErrUnknownSystem, named.text(0))
}

// codeOf2000 finds the CGCS2000 Gauss-Krüger system of a meridian and a false
// easting; 0 where there is none.
func codeOf2000(meridian, easting float64) int {
	for code := 4491; code <= 4554; code++ {
		if m := gaussKrueger2000(code); m.meridian == meridian && m.falseEasting == easting {
			return code
		}
	}
	return 0
}
