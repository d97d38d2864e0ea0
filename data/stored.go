package data

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// What every store does alike with what it is given.

// Stored checks the new record of a change and gives what a store keeps of it
// as written by the revision: without derived scenarios, its districts unplaced
// (the city places them), sealed again. The error names the record.
func (t *Taxonomy) Stored(c *Change, rev Revision) (*Record, error) {
	r, err := t.stored(c, rev)
	if err != nil {
		return nil, fmt.Errorf("record %q: %w", shorten(string(c.ID)), err)
	}
	return r, nil
}

func (t *Taxonomy) stored(c *Change, rev Revision) (*Record, error) {
	if c.New.Hazard == nil {
		return nil, &Invalid{Field: "hazard", Value: "none", Want: "a hazard"}
	}
	h := *c.New.Hazard
	if h.ID != c.ID {
		return nil, &Invalid{Field: "id", Value: string(h.ID), Want: "the id of the change"}
	}
	if int(h.Industry) >= len(t.Industries) {
		return nil, &Invalid{Field: "industry", Value: itoa(int(h.Industry)), Want: "a position in the taxonomy"}
	}
	if _, _, ok := t.DistrictInfo(h.Stated); !ok && h.Stated != 0 {
		return nil, &Invalid{Field: "district", Value: itoa(int(h.Stated)), Want: "a district's position in the taxonomy, or 0"}
	}
	if int(h.Status) >= len(StatusKeys) {
		return nil, &Invalid{Field: "status", Value: itoa(int(h.Status)), Want: "one of", Allowed: StatusKeys[:]}
	}
	if int(h.Sensitivity) >= len(SensitivityKeys) {
		return nil, &Invalid{Field: "sensitivity", Value: itoa(int(h.Sensitivity)), Want: "one of", Allowed: SensitivityKeys[1:]}
	}
	for _, text := range [...]struct{ field, value string }{{"name", h.Name}, {"name_en", h.NameEn}, {"regulator", h.Regulator}} {
		if !utf8.ValidString(text.value) || strings.ContainsRune(text.value, 0) {
			return nil, &Invalid{Field: text.field, Value: text.value, Want: "UTF-8 text without NUL"}
		}
	}
	h.Rev, h.Districts = rev, [MaxVintages]District{}
	h.Exposed = c.New.Detail.exposed()
	protection, err := ParseProtection(c.New.Detail.ProtectionClass)
	if err != nil {
		return nil, err
	}
	h.Protection = protection
	if slices.ContainsFunc(h.Scenarios, func(s Scenario) bool { return s.Derived }) {
		h.Scenarios = slices.DeleteFunc(slices.Clone(h.Scenarios), func(s Scenario) bool { return s.Derived })
	}
	for i := range h.Scenarios {
		if s := &h.Scenarios[i]; int(s.Outcome) >= len(Outcomes) || int(s.Basis) >= len(BasisKeys) || s.Per > PerKm {
			return nil, &Invalid{Field: "scenarios", Value: fmt.Sprintf("%d, %d, %d", s.Outcome, s.Basis, s.Per), Want: "an outcome, basis and per that exist"}
		}
	}
	sealed, err := h.Seal()
	if err != nil {
		return nil, err
	}
	d := c.New.Detail
	if err := d.Check(); err != nil {
		return nil, err
	}
	if len(d.SourceCoords) > 0 && !json.Valid(d.SourceCoords) {
		return nil, &Invalid{Field: "source_geometry", Value: string(d.SourceCoords), Want: "JSON"}
	}
	return &Record{Hazard: sealed, Detail: d}, nil
}

// CheckBatch reports an id that is malformed or named by two of the changes.
func CheckBatch(changes []Change) error {
	seen := make(map[ID]struct{}, len(changes))
	for i := range changes {
		id := changes[i].ID
		if err := id.Validate(); err != nil {
			return err
		}
		if _, twice := seen[id]; twice {
			return &Invalid{Field: "id", Value: string(id), Want: "at most one change of each record in a batch"}
		}
		seen[id] = struct{}{}
	}
	return nil
}

// Holds reports, as an error that wraps ErrConflict and names the id, that the
// record now at revision have (0: there is none) is not what the change expects.
func (c *Change) Holds(have Revision) error {
	switch {
	case c.If == Any || c.If == have:
		return nil
	case have == 0:
		return fmt.Errorf("record %s: want it at revision %d, it is not there: %w", c.ID, c.If, ErrConflict)
	case c.If == 0:
		return fmt.Errorf("record %s: want it new, it is there at revision %d: %w", c.ID, have, ErrConflict)
	}
	return fmt.Errorf("record %s: want it at revision %d, it is at revision %d: %w", c.ID, c.If, have, ErrConflict)
}

// MaxUnitVertices bounds the vertices of one unit.
const MaxUnitVertices = 1_000_000

// CheckUnits checks a whole set of units and gives it in the order of codes.
// The error names the unit. A unit may have more vertices
// than a hazard.
func CheckUnits(kind string, units []Unit) ([]Unit, error) {
	if kind == "" || len(kind) > 128 || !utf8.ValidString(kind) {
		return nil, &Invalid{Field: "kind", Value: kind, Want: "the name of a kind of units, 1 to 128 bytes"}
	}
	out := slices.Clone(units)
	slices.SortStableFunc(out, func(a, b Unit) int { return strings.Compare(a.Code, b.Code) })
	for i := range out {
		u := &out[i]
		if u.Code == "" || !utf8.ValidString(u.Code) || i > 0 && out[i-1].Code == u.Code {
			return nil, &Invalid{Field: kind + " code", Value: u.Code, Want: "a code that no other unit of the kind has"}
		}
		if err := u.checkShape(); err != nil {
			return nil, fmt.Errorf("%s %q: %w", kind, shorten(u.Code), err)
		}
		if kind == PeopleKind {
			if _, err := u.People(); err != nil {
				return nil, fmt.Errorf("%s %q: %w", kind, shorten(u.Code), err)
			}
		}
	}
	return out, nil
}

func (u *Unit) checkShape() error {
	var polygons orb.MultiPolygon
	switch g := u.Shape.(type) {
	case orb.Point:
		return CheckShape(g)
	case orb.LineString, orb.MultiLineString:
		if u.Class != RoadClass {
			return &Invalid{Field: "geometry", Value: g.GeoJSONType(), Want: "a Point, Polygon or MultiPolygon; only a road is a line"}
		}
		return CheckShape(g)
	case orb.Polygon:
		polygons = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		polygons = g
	default:
		return &Invalid{Field: "geometry", Value: fmt.Sprintf("%T", u.Shape), Want: "a Point, Polygon or MultiPolygon"}
	}
	c := shapeCheck{}
	c.parts(len(polygons))
	for _, p := range polygons {
		c.polygon(p)
	}
	if c.err == nil && c.vertices > MaxUnitVertices {
		c.fail(fmt.Sprint(c.vertices, " vertices"), fmt.Sprintf("at most %d", MaxUnitVertices))
	}
	return c.err
}
