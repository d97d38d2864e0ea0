package ingest

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/grading"
)

// Finding is something odd or missing about a record that is kept all the same.
// What is personal stands in no value.
type Finding struct {
	Kind  string `json:"kind" doc:"One word for what it is."`
	Field string `json:"field"`
	Value string `json:"value" doc:"As it is; empty where it is missing, (personal) where nobody else is to see it."`
	Want  string `json:"want" doc:"What would be right."`
}

// shownValue is a field's value as a finding or report may print it.
func (f *fieldInfo) shownValue(text string) string {
	if f.personal && text != "" {
		return "(personal)"
	}
	return text
}

// lacking finds what a record of the head should have and has not, and what of
// its texts checks wrong.
func lacking(level data.Level, d *data.Detail) (out []Finding) {
	if d.LevelMethod == "" {
		out = append(out, Finding{"level_method_missing", "level_method", "", "how the level was found: R, QRA, consequence, LEC, LS, key_unit, expert or condition_class"})
	}
	if level >= data.Significant && d.Measures == nil {
		out = append(out, Finding{"measures_missing", "measures", "", "measures, which a source of level 3 or 4 has"})
	}
	if len(d.AccidentTypes) == 0 {
		out = append(out, Finding{"accident_types_missing", "accident_types", "", "at least one accident type"})
	}
	if d.USCC != "" && !validUSCC(d.USCC) {
		out = append(out, Finding{"uscc_check", "uscc", d.USCC, "18 characters whose last one checks the others (GB 32100)"})
	}
	if d.DutyPhone != "" && !phoneForm.MatchString(d.DutyPhone) {
		out = append(out, Finding{"phone_form", "duty_phone", "(personal)", "a number such as 0571-12345678 or 13000000000"})
	}
	return out
}

// nameMissing is of a record that has none of its own.
var nameMissing = Finding{"name_missing", "name", "", "a name; the industry and id stand in for it"}

// unusualForm finds a shape that the industry's sources do not usually have.
func unusualForm(in *data.IndustryInfo, shape orb.Geometry) (Finding, bool) {
	var form string
	switch shape.(type) {
	case orb.Point, orb.MultiPoint:
		form = "P"
	case orb.LineString, orb.MultiLineString:
		form = "L"
	case orb.Polygon, orb.MultiPolygon:
		form = "A"
	}
	if form == "" || in.Geometry == "" || strings.Contains(in.Geometry, form) {
		return Finding{}, false
	}
	return Finding{"geometry_unusual", "geometry", shape.GeoJSONType(),
		"a shape that " + in.Code + " usually has (P point, L line, A area): " + in.Geometry}, true
}

// coarsePoint finds points that look rounded or never filled in.
func coarsePoint(shape orb.Geometry) (Finding, bool) {
	p, ok := shape.(orb.Point)
	switch {
	case !ok:
	case p == orb.Point{}:
		return Finding{"at_zero", "geometry", "0,0", "a surveyed place: 0,0 often stands for none"}, true
	case round2(p[0]) && round2(p[1]):
		return Finding{"coarse_coordinates", "geometry", point(p), "more than two decimals, which are about a kilometre"}, true
	}
	return Finding{}, false
}

// levelUnchecked finds a level that its inputs were too few for. A method without
// any inputs is merely incomplete; some are a slip.
func levelUnchecked(out grading.Outcome, d *data.Detail) (Finding, bool) {
	if out.Computed || len(out.Missing) == 0 || len(d.LevelInputs) == 0 && !(d.LevelMethod == "R" && len(d.Substances) > 0) {
		return Finding{}, false
	}
	return Finding{"level_unchecked", "level_inputs", strings.Join(out.Missing, ", "), out.Why + "; the level was not checked"}, true
}

// outsideCity finds the first vertex that lies outside the city, and why that may
// be: the refusal and its kind, or nil.
func outsideCity(p *city.Profile, f *frame, shape orb.Geometry) (kind string, bad *data.Invalid) {
	bound := p.Bound
	for at := range vertices(shape) {
		there := f.toWGS84(at)
		if inside(bound, there) {
			continue
		}
		turned := f.toWGS84(orb.Point{at[1], at[0]})
		kind, bad = "geometry_outside", &data.Invalid{Field: "geometry", Value: point(at),
			Want: fmt.Sprintf("a place in %s: longitude %g to %g, latitude %g to %g; it lies outside the city", p.NameEn,
				bound.Min[0], bound.Max[0], bound.Min[1], bound.Max[1])}
		switch {
		case f.projected && !finite(there):
			kind, bad.Want = "geometry_invalid", "an easting and a northing of "+f.name
		case f.projected:
		case inside(bound, turned):
			kind = "geometry_swapped"
			bad.Want = fmt.Sprintf("longitude, then latitude: they look swapped, %s would lie in the city", point(orb.Point{at[1], at[0]}))
		case math.Abs(at[0]) > 180 || math.Abs(at[1]) > 90:
			bad.Want += "; these are no degrees: say the system with --datum, such as epsg:4549"
		}
		return kind, bad
	}
	return "", nil
}
