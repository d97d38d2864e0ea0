package consequence

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// check gathers the first wrong input of a model.
type check struct{ err error }

func (c *check) fail(field string, value any, want string, allowed ...string) {
	if c.err == nil {
		c.err = &data.Invalid{Field: field, Value: fmt.Sprint(value), Want: want, Allowed: allowed}
	}
}

// within asks for lo <= v <= hi; a v of 0 is a number that is missing.
func (c *check) within(field string, v, lo, hi float64, unit string) {
	switch {
	case v == 0 && lo > 0:
		c.fail(field, "none or 0", fmt.Sprintf("%g to %g %s", lo, hi, unit))
	case !(v >= lo && v <= hi):
		c.fail(field, v, fmt.Sprintf("%g to %g %s", lo, hi, unit))
	}
}

// orElse replaces a 0 by a default, then asks for the range.
func (c *check) orElse(field string, v *float64, otherwise, lo, hi float64, unit string) {
	if *v == 0 {
		*v = otherwise
	}
	c.within(field, *v, lo, hi, unit)
}

// pascals asks for a pressure in Pa and says so where the number looks like one
// in bar, kPa or MPa.
func (c *check) pascals(field string, v, lo, hi float64) {
	if v >= lo && v <= hi {
		return
	}
	want := fmt.Sprintf("%g to %g Pa", lo, hi)
	var like []string
	for _, u := range []struct {
		name string
		pa   float64
	}{{"bar", 1e5}, {"kPa", 1e3}, {"MPa", 1e6}} {
		if pa := v * u.pa; v > 0 && v < lo && pa >= lo && pa <= hi {
			like = append(like, fmt.Sprintf("%s (%g Pa)", u.name, pa))
		}
	}
	if len(like) > 0 {
		want += fmt.Sprintf("; %g looks like %s", v, strings.Join(like, " or "))
	}
	c.fail(field, v, want)
}

// heat takes the heat of combustion from the field or else the substance.
func (c *check) heat(mjPerKg *float64, s *Substance, lo, hi float64) {
	if *mjPerKg == 0 && s != nil {
		if s.Heat == nil {
			c.fail("substance", s.Key, "a substance with a known heat of combustion, or heat_mj_per_kg in MJ/kg")
			return
		}
		*mjPerKg = s.Heat.Value
	}
	c.within("heat_mj_per_kg", *mjPerKg, lo, hi, "MJ/kg")
}

// ground asks for an area.
func (c *check) ground(field string, g orb.Geometry) {
	switch g.(type) {
	case orb.Polygon, orb.MultiPolygon:
	case nil:
		c.fail(field, "none", "a Polygon or MultiPolygon in degrees")
	default:
		c.fail(field, g.GeoJSONType(), "a Polygon or MultiPolygon in degrees")
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func trim(v float64) string { return fmt.Sprintf("%g", v) }
