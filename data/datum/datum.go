package datum

import (
	"errors"
	"fmt"
	"strings"

	"github.com/paulmach/orb"
)

// Datum names how a longitude and a latitude are to be read.
type Datum uint8

const (
	// WGS84 is EPSG:4326, what the house stores.
	WGS84 Datum = iota
	// CGCS2000 is EPSG:4490, China Geodetic Coordinate System 2000. It is
	// taken as identical to WGS 84: the ellipsoids differ by about 0.1 mm, and
	// the realisations (ITRF97, epoch 2000.0) by the plate's motion since then,
	// about 3 cm a year, which no cell of the grid resolves.
	CGCS2000
	// GCJ02 is the offset system of Amap and Tencent maps; no EPSG code.
	GCJ02
	// BD09 is Baidu's longitude and latitude (bd09ll), a second offset on top
	// of GCJ-02; no EPSG code. Baidu's own Mercator metres (bd09mc) are another
	// system and not read.
	BD09
)

// ErrUnknownDatum is wrapped by every error of Parse.
var ErrUnknownDatum = errors.New("unknown datum")

// Parse reads the name of a datum: wgs84, cgcs2000, gcj02 or bd09, the codes
// EPSG:4326 and EPSG:4490 (also as OGC URN or URL), and CRS84. Case, spaces,
// hyphens and underscores do not matter ("WGS 84", "gcj-02").
//
// A name says nothing about the order of axes: the registry lists latitude
// first for EPSG:4326 and EPSG:4490, while files and this package have longitude
// first. The error wraps ErrUnknownDatum and names what is allowed.
func Parse(name string) (Datum, error) {
	switch strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(name)) {
	case "wgs84", "epsg:4326", "crs84", "ogc:crs84",
		"urn:ogc:def:crs:epsg::4326", "http://www.opengis.net/def/crs/epsg/0/4326",
		"urn:ogc:def:crs:ogc:1.3:crs84", "urn:ogc:def:crs:ogc::crs84",
		"http://www.opengis.net/def/crs/ogc/1.3/crs84":
		return WGS84, nil
	case "cgcs2000", "epsg:4490",
		"urn:ogc:def:crs:epsg::4490", "http://www.opengis.net/def/crs/epsg/0/4490":
		return CGCS2000, nil
	case "gcj02":
		return GCJ02, nil
	case "bd09", "bd09ll":
		return BD09, nil
	}
	if len(name) > 64 {
		name = name[:64] + "…"
	}
	return WGS84, fmt.Errorf("%w %q: allowed are wgs84 (EPSG:4326), cgcs2000 (EPSG:4490), gcj02, bd09",
		ErrUnknownDatum, name)
}

// String gives the name that Parse reads: wgs84, cgcs2000, gcj02 or bd09.
func (d Datum) String() string {
	switch d {
	case WGS84:
		return "wgs84"
	case CGCS2000:
		return "cgcs2000"
	case GCJ02:
		return "gcj02"
	case BD09:
		return "bd09"
	}
	return fmt.Sprintf("datum(%d)", uint8(d))
}

// FromWGS84 converts a WGS 84 longitude and latitude in degrees to d.
//
// GCJ-02 and BD-09 are defined inside the box 72.004..137.8347 E,
// 0.8293..55.8271 N; elsewhere, and for NaN, the point comes back unchanged. A
// value that is none of the package's constants converts nothing.
func (d Datum) FromWGS84(p orb.Point) orb.Point {
	if d != GCJ02 && d != BD09 || !inOffsetBox(p, 0) {
		return p
	}
	p = gcjFromWGS(p)
	if d == BD09 {
		p = bdFromGCJ(p)
	}
	return p
}

// ToWGS84 converts a longitude and latitude in degrees of d to WGS 84. It
// inverts FromWGS84 by iteration to better than 1e-9 degrees (0.1 mm), for
// BD-09 too, whose usual closed inverse is off by 0.06 to 0.15 m.
//
// Where the offset box ends, FromWGS84 jumps by some hundred metres, so a point
// there may have two origins or none: of two the one inside the box is given,
// and a point without one comes back unchanged.
func (d Datum) ToWGS84(p orb.Point) orb.Point {
	// The offsets stay under 0.05 degrees, so beyond 0.1 there is no origin
	// inside the box, and no trigonometry of huge numbers is needed.
	if d != GCJ02 && d != BD09 || !inOffsetBox(p, 0.1) {
		return p
	}
	g := p
	if d == BD09 {
		g = invert(bdFromGCJ, g)
	}
	w := invert(gcjFromWGS, g)
	if !inOffsetBox(w, tolerance) {
		return p
	}
	return clampToOffsetBox(w)
}
