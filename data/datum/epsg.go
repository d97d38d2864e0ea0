package datum

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"
	"github.com/wroge/wgs84"
)

// ErrUnknownEPSG is wrapped by every error of ByEPSG.
var ErrUnknownEPSG = errors.New("unknown EPSG code")

// Known names the codes that ByEPSG takes.
const Known = "4326 (WGS 84), 4490 (CGCS2000), 3857 (Web Mercator), " +
	"4491-4512 (CGCS2000 6-degree Gauss-Krüger), 4513-4554 (3-degree, 4549 for Hangzhou, 4528 with zone number), " +
	"32601-32660 and 32701-32760 (UTM), 25828-25838 (ETRS89 UTM), 3035, 3416, 4258 (ETRS89), " +
	"2154, 3942-3950, 4171 (RGF93), 4269, 6355, 6356 (NAD83), 4277, 27700 (OSGB36), " +
	"4314, 31466-31469 (DHDN), 31257-31259, 31284-31287 (MGI)"

// How far from the central meridian coordinates are read, in metres. The Chinese
// zones keep close (a 6-degree zone is 335 km to each side), so that an easting
// is never mistaken for a northing.
const (
	chineseReach = 500_000
	widestReach  = 2_000_000
)

// ByEPSG gives the conversions between WGS 84 longitude and latitude in degrees
// and the system of an EPSG code; Known lists the codes, and the error, which
// wraps ErrUnknownEPSG, does too.
//
// Projected points are easting, northing in metres, as GIS files hold them,
// whatever order the registry lists. The CGCS2000 Gauss-Krüger systems
// (4491-4554), whose registered order is northing, easting and whose files have
// either, are read by value: the order in which the easting lies within 500 km
// of the central meridian's (500,000, with zone number 40,500,000 for zone 40)
// and the northing within 10,003 km of the equator. North of 10 degrees, and with
// a zone number everywhere, that is one order alone; else easting comes first.
// 4326 and 4490 and the other geographic codes are longitude, latitude, though
// the registry lists latitude first: GeoJSON and Shapefiles have it so.
//
// Gauss-Krüger and UTM are right to 1e-6 m (WGS 84, CGCS2000, ETRS89 and NAD83
// count as one datum); the others follow wroge/wgs84, to 1 mm, or for OSGB36,
// DHDN and MGI to the few metres of their seven-parameter shift. In Gauss-Krüger
// and UTM, coordinates that no place has, and places more than 500 km (CGCS2000)
// or 2,000 km from the central meridian, give NaN; elsewhere they may give
// numbers, which a check of the area refuses. The functions are safe for
// concurrent use; those left to wroge/wgs84 allocate, the others do not.
func ByEPSG(code int) (toWGS84, fromWGS84 func(orb.Point) orb.Point, err error) {
	switch code {
	case 4326, 4490, 4258, 4171, 4269:
		same := func(p orb.Point) orb.Point { return p }
		return same, same, nil
	case 3857:
		return project.Mercator.ToWGS84, project.WGS84.ToMercator, nil
	}
	if m := gaussKrueger2000(code); m != nil {
		return m.toWGS84ByValue, m.fromWGS84, nil
	}
	if m := utm(code); m != nil {
		return m.toWGS84, m.fromWGS84, nil
	}
	if crs := european(code); crs != nil {
		geographic := wgs84.LonLat()
		return between(crs, geographic), between(geographic, crs), nil
	}
	return nil, nil, fmt.Errorf("%w %d: known are %s", ErrUnknownEPSG, code, Known)
}

// gaussKrueger2000 gives the CGCS2000 systems: by zone number or by central
// meridian, in zones of 6 degrees (75 to 135 E) or 3 (75 to 135 E); nil for
// another code.
func gaussKrueger2000(code int) *transverseMercator {
	var meridian, easting float64
	switch {
	case code >= 4491 && code <= 4501:
		zone := float64(code - 4491 + 13)
		meridian, easting = 6*zone-3, zone*1e6+500_000
	case code >= 4502 && code <= 4512:
		meridian, easting = float64(75+6*(code-4502)), 500_000
	case code >= 4513 && code <= 4533:
		zone := float64(code - 4513 + 25)
		meridian, easting = 3*zone, zone*1e6+500_000
	case code >= 4534 && code <= 4554:
		meridian, easting = float64(75+3*(code-4534)), 500_000
	default:
		return nil
	}
	return newTransverseMercator(wgs84.GRS80{}, meridian, 0, 1, easting, 0, chineseReach)
}

// utm gives the UTM zones of WGS 84 and ETRS89 and the Alabama plane systems of
// NAD83, all of one datum with WGS 84 here; nil for another code.
func utm(code int) *transverseMercator {
	var (
		s        wgs84.Spheroid = wgs84.WGS84()
		zone     int
		northing float64
	)
	switch {
	case code >= 32601 && code <= 32660:
		zone = code - 32600
	case code >= 32701 && code <= 32760:
		zone, northing = code-32700, 10_000_000
	case code >= 25828 && code <= 25838:
		zone, s = code-25800, wgs84.GRS80{}
	case code == 6355:
		return newTransverseMercator(wgs84.GRS80{}, -85-50.0/60, 30.5, 0.99996, 200_000, 0, widestReach)
	case code == 6356:
		return newTransverseMercator(wgs84.GRS80{}, -87.5, 30, 0.999933333, 600_000, 0, widestReach)
	default:
		return nil
	}
	return newTransverseMercator(s, float64(6*zone-183), 0, 0.9996, 500_000, northing, widestReach)
}

// european gives the systems left to wroge/wgs84: its conic and azimuthal
// projections and its datum shifts, with our transverse Mercator; nil for
// another code. Its EPSG:6414 has its parameters in the wrong order, and 4978
// needs a height: both stay unknown.
func european(code int) wgs84.CoordinateReferenceSystem {
	gk := func(d wgs84.Datum, lon, lat, scale, easting, northing float64) wgs84.CoordinateReferenceSystem {
		return wgs84.ProjectedReferenceSystem{
			Datum:      d,
			Projection: newTransverseMercator(d, lon, lat, scale, easting, northing, widestReach),
		}
	}
	switch code {
	case 2154, 3942, 3943, 3944, 3945, 3946, 3947, 3948, 3949, 3950, 3035, 3416, 4277, 4314, 31287:
		return wgs84.EPSG().Code(code)
	case 27700:
		return gk(wgs84.OSGB36(), -2, 49, 0.9996012717, 400_000, -100_000)
	case 31466, 31467, 31468, 31469:
		zone := float64(code - 31464)
		return gk(wgs84.DHDN2001(), 3*zone, 0, 1, zone*1e6+500_000, 0)
	case 31257, 31258, 31259:
		k := float64(code - 31257)
		return gk(wgs84.MGI(), 10+1.0/3+3*k, 0, 1, 150_000+300_000*k, -5_000_000)
	case 31284, 31285, 31286:
		k := float64(code - 31284)
		return gk(wgs84.MGI(), 10+1.0/3+3*k, 0, 1, 150_000+300_000*k, 0)
	}
	return nil
}

func between(from, to wgs84.CoordinateReferenceSystem) func(orb.Point) orb.Point {
	f := wgs84.Transform(from, to)
	return func(p orb.Point) orb.Point {
		x, y, _ := f(p[0], p[1], 0)
		return orb.Point{x, y}
	}
}
