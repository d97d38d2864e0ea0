package ingest

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/datum"
)

// frame is what a file's coordinates mean.
type frame struct {
	name      string // as reports and --datum spell it
	tag       string // as source_crs spells it; "" for WGS 84, which needs no tag
	toWGS84   func(orb.Point) orb.Point
	fromWGS84 func(orb.Point) orb.Point
	same      bool // coordinates are WGS 84's
	projected bool // metres, not degrees
}

// parseFrame reads the name of a datum or "epsg:CODE".
func parseFrame(name string) (frame, error) {
	d, err := datum.Parse(name)
	if err == nil {
		return datumFrame(d), nil
	}
	if code, ok := epsgCode(name); ok {
		return epsgFrame(code)
	}
	return frame{}, fmt.Errorf("%w, or epsg:CODE of a projected system", err)
}

func datumFrame(d datum.Datum) frame {
	f := frame{name: d.String(), toWGS84: d.ToWGS84, fromWGS84: d.FromWGS84}
	switch d {
	case datum.WGS84:
		f.same = true
	case datum.CGCS2000:
		f.same, f.tag = true, "EPSG:4490"
	default:
		f.tag = strings.ToUpper(d.String())
	}
	return f
}

func epsgFrame(code int) (frame, error) {
	switch code {
	case 4326:
		return datumFrame(datum.WGS84), nil
	case 4490:
		return datumFrame(datum.CGCS2000), nil
	}
	to, from, err := datum.ByEPSG(code)
	if err != nil {
		return frame{}, err
	}
	f := frame{name: fmt.Sprintf("epsg:%d", code), tag: fmt.Sprintf("EPSG:%d", code), toWGS84: to, fromWGS84: from}
	switch code {
	case 4258, 4171, 4269: // ETRS89, RGF93, NAD83: degrees, one datum with WGS 84 here
		f.same = true
	case 4277, 4314: // degrees on another datum
	default:
		f.projected = true
	}
	return f, nil
}

// epsgCode finds the code in "epsg:4549", "EPSG::4549" and the OGC URN and URL.
func epsgCode(name string) (int, bool) {
	s := strings.ToLower(strings.TrimSpace(name))
	for _, prefix := range []string{"urn:ogc:def:crs:epsg:", "http://www.opengis.net/def/crs/epsg/", "https://www.opengis.net/def/crs/epsg/", "epsg:"} {
		rest, ok := strings.CutPrefix(s, prefix)
		if !ok {
			continue
		}
		if i := strings.LastIndexAny(rest, ":/"); i >= 0 {
			rest = rest[i+1:]
		}
		code, err := strconv.Atoi(rest)
		return code, err == nil
	}
	return 0, false
}

// parseCRS reads the crs member of GeoJSON 2008; ok is false where it says
// nothing.
func parseCRS(raw []byte) (f frame, ok bool, err error) {
	if len(raw) == 0 || string(raw) == "null" {
		return frame{}, false, nil
	}
	var crs struct {
		Type       string `json:"type"`
		Properties struct {
			Name string `json:"name"`
			Code int    `json:"code"`
		} `json:"properties"`
	}
	want := "a named EPSG code such as urn:ogc:def:crs:EPSG::4326; or leave crs out and give --datum"
	if json.Unmarshal(raw, &crs) != nil {
		return frame{}, false, &data.Invalid{Field: "crs", Value: string(raw), Want: want}
	}
	switch {
	case strings.EqualFold(crs.Type, "name") && crs.Properties.Name != "":
		f, err = parseFrame(crs.Properties.Name)
	case strings.EqualFold(crs.Type, "EPSG") && crs.Properties.Code != 0:
		f, err = epsgFrame(crs.Properties.Code)
	default:
		return frame{}, false, &data.Invalid{Field: "crs", Value: string(raw), Want: want}
	}
	if err != nil {
		return frame{}, false, fmt.Errorf("crs member: %w", err)
	}
	return f, true, nil
}

// chooseFrame decides between what the options say and what a crs member says.
func chooseFrame(option string, crs []byte) (frame, error) {
	said, ok, err := parseCRS(crs)
	if option == "" && err == nil && !ok {
		return datumFrame(datum.WGS84), nil
	}
	return chooseBetween(option, "its crs member", said, ok, err)
}

// chooseBetween decides between what the options say and what the file does; ok
// is false where it says nothing, and err says why that cannot be read. The
// options win over degrees, which many programs write whatever the data; they
// cannot turn metres into degrees.
func chooseBetween(option, by string, said frame, ok bool, err error) (frame, error) {
	if option == "" {
		if err == nil && !ok {
			err = &data.Invalid{Field: "--datum", Value: "", Want: "what the coordinates are, since " + by + " does not say: wgs84, cgcs2000, gcj02, bd09 or epsg:CODE"}
		}
		return said, err
	}
	f, ferr := parseFrame(option)
	if ferr != nil {
		return frame{}, fmt.Errorf("--datum: %w", ferr)
	}
	if ok && said.projected && said.name != f.name {
		return frame{}, &data.Invalid{Field: "--datum", Value: option, Want: "the file's own, " + said.name + ", or nothing: " + by + " says metres"}
	}
	return f, nil
}

// convert gives the geometry in WGS 84. Converted degrees are rounded to 1e-9
// (0.1 mm), so that the same file gives the same record on every machine.
func (f *frame) convert(g orb.Geometry) orb.Geometry {
	if f.same {
		return g
	}
	return datum.Geometry(g, func(p orb.Point) orb.Point {
		p = f.toWGS84(p)
		return orb.Point{math.Round(p[0]*1e9) / 1e9, math.Round(p[1]*1e9) / 1e9}
	})
}

// parseWKT reads the well-known text of a system.
func parseWKT(text string) (frame, error) {
	s, err := datum.ByWKT(text)
	if err != nil {
		return frame{}, &data.Invalid{Field: "coordinate system", Value: text, Want: "one that is known here: " + err.Error()}
	}
	if s.EPSG != 0 {
		return epsgFrame(s.EPSG)
	}
	if s.Same {
		f := datumFrame(datum.WGS84)
		f.name = shorten(s.Name)
		return f, nil
	}
	return frame{name: shorten(s.Name), tag: shorten(s.Name), toWGS84: s.ToWGS84, fromWGS84: s.FromWGS84, projected: s.Projected}, nil
}
