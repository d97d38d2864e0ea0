package ingest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// The fields of a unit. They are at the positions of a source's, which the
// readers know; places and people have further ones after them.
const (
	fieldCode     = fieldID
	firstOfKind   = fieldGeometry + 1
	fieldClass    = firstOfKind
	fieldAddress  = firstOfKind + 1
	fieldCapacity = firstOfKind + 2
	fieldDuty     = firstOfKind + 3
	fieldPhone    = firstOfKind + 4
	fieldContact  = firstOfKind + 5
	fieldPeople   = firstOfKind
)

var unitFields = []fieldInfo{
	fieldCode:     {name: "code", words: []string{"adcode", "district_code", "id", "代码", "编码", "编号", "区划代码", "行政区划代码", "gb"}},
	fieldName:     {name: "name", words: []string{"名称", "name_zh", "区县", "title"}},
	fieldNameEn:   classFields[fieldNameEn],
	fieldLon:      classFields[fieldLon],
	fieldLat:      classFields[fieldLat],
	fieldGeometry: classFields[fieldGeometry],
}

// Units is what a file of units gave: one kind's units and the account of all
// rows. Districts and zones are written only when no row was kept out.
type Units struct {
	Kind   string // of the store: district:VINTAGE, zone:NAME, place or people
	Units  []data.Unit
	Report *Report

	whole bool // all rows or nothing
}

// ReadDistricts reads the polygons of a vintage's districts. Codes must be the
// profile's, each once; districts that the file lacks are a warning. An invalid
// polygon is repaired where that changes its area by no more than 0.1 %, with a
// warning, else rejected.
func ReadDistricts(ctx context.Context, name string, r io.Reader, size int64, opts Options, vintage string) (*Units, error) {
	if opts.Profile == nil {
		return nil, fmt.Errorf("%s: no city profile", name)
	}
	v, err := opts.Profile.Taxonomy.Vintage(vintage)
	if err != nil {
		return nil, err
	}
	if len(v.Districts) == 0 {
		return nil, &data.Invalid{Field: "vintage", Value: v.Name, Want: "a vintage with districts: profile " + opts.Profile.Key + " has none; --zone NAME takes free codes"}
	}
	u := &Units{Kind: data.DistrictKind(v.Name), whole: true}
	b := &unitBuilder{units: u, vintage: v}
	if err := b.run(ctx, name, r, size, &opts); err != nil {
		return nil, err
	}
	for _, d := range v.Districts {
		if _, ok := b.codes[d.Code]; !ok && u.Report.Rejected == 0 {
			u.Report.add(Problem{File: name, Kind: "district_missing", Severity: Warning, Field: "code", Value: d.Code,
				Want: "a polygon of " + d.Name + " too: vintage " + v.Name + " has it"})
		}
	}
	return u, nil
}

// ReadZones reads the polygons of a named set of zones, whose codes are free.
func ReadZones(ctx context.Context, name string, r io.Reader, size int64, opts Options, zone string) (*Units, error) {
	if err := data.ID(zone).Validate(); err != nil {
		return nil, fmt.Errorf("--zone: %w", err)
	}
	u := &Units{Kind: data.ZoneKind(zone), whole: true}
	return u, (&unitBuilder{units: u}).run(ctx, name, r, size, &opts)
}

// unitBuilder turns rows into units.
type unitBuilder struct {
	builder
	units   *Units
	fields  []fieldInfo    // nil: unitFields
	vintage *data.Vintage  // of districts
	class   string         // of all places; "": each row's own
	codes   map[string]int // to the line or feature that has it
	grounds map[[16]byte]int
}

func (b *unitBuilder) places() bool { return b.units.Kind == data.PlaceKind }
func (b *unitBuilder) people() bool { return b.units.Kind == data.PeopleKind }

func (b *unitBuilder) run(ctx context.Context, name string, r io.Reader, size int64, opts *Options) error {
	if b.fields == nil {
		b.fields = unitFields
	}
	err := passes(r, name, size, opts, func(c *content, late []byte) error {
		b.builder = builder{ctx: ctx, opts: opts, tax: opts.Profile.Taxonomy, table: b.fields, most: data.MaxUnitVertices,
			unread: []field{fieldLon, fieldLat, fieldGeometry}, report: newReport(), equals: map[[16]byte]int{}}
		b.file.Name = name
		b.rule, b.builder.build = b.unitRule, b.unit
		b.codes, b.grounds = map[string]int{}, map[[16]byte]int{}
		b.units.Units, b.units.Report = nil, b.report
		return b.read(c, late, maxUnitBytes)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (b *unitBuilder) unitRule(f field, text string) error {
	if f == fieldClass && b.places() {
		return checkClass(text)
	}
	return nil
}

// unit makes the row's unit.
func (b *unitBuilder) unit() (keep func()) {
	b.untranslated()
	u := data.Unit{}
	b.describe(&u)
	u.Shape = b.ground(u.Class)
	if b.kept() {
		return nil
	}
	if u.Code == "" {
		digest := b.row.digest()
		b.equals[digest]++
		u.Code = contentID(digest, b.equals[digest])
	}
	if at, twice := b.codes[u.Code]; twice {
		b.reject("duplicate_id", "code", u.Code, "a code that stands once: "+b.where(at)+" has it too")
		return nil
	}
	at := b.at()
	if b.people() {
		b.lookForSameGround(&u, at)
	}
	return func() {
		b.codes[u.Code] = at
		if b.people() && !b.count(&u) {
			return
		}
		b.units.Units = append(b.units.Units, u)
	}
}

// describe reads code, names and what the kind has beside them.
func (b *unitBuilder) describe(u *data.Unit) {
	get := func(f field, most int) string {
		text, _ := b.value(f)
		clean, _ := cleanText(text, most)
		return clean
	}
	u.Code, u.Name, u.NameEn = b.id(), get(fieldName, 200), get(fieldNameEn, 200)
	if clean, cut := cleanText(u.Code, 64); cut || clean != u.Code {
		b.reject("id_invalid", "code", u.Code, "at most 64 printing characters")
	}
	switch {
	case b.places():
		b.describePlace(u, get)
		return
	case b.people():
		b.readPeople(u)
		return
	}
	if u.Code == "" {
		b.reject("code_missing", "code", "", "a code: say which property has it with --map code=PROPERTY")
		return
	}
	if b.vintage != nil {
		at, err := b.vintage.District(u.Code)
		if err != nil {
			b.rejectError("code_unknown", "code", err)
			b.pending[len(b.pending)-1].Field = "code"
			return
		}
		info := b.vintage.Districts[at-b.vintage.First]
		if u.Name == "" {
			u.Name = info.Name
		}
		if u.NameEn == "" {
			u.NameEn = info.NameEn
		}
	}
	if u.Name == "" {
		u.Name = u.Code
	}
}

// ground reads the unit's shape: a place's point or a road's line, or polygons,
// repaired where the stated rule allows it.
func (b *unitBuilder) ground(class string) orb.Geometry {
	shape, err := b.geometry()
	if err != nil {
		kind := "geometry_invalid"
		if b.row.geometry == nil && b.row.drawn == nil && b.cell() == "" {
			kind = "geometry_missing"
		}
		b.rejectError(kind, "geometry", err)
		return nil
	}
	b.row.shape = shape
	if m, ok := shape.(orb.MultiPoint); ok && len(m) == 1 {
		shape = m[0]
	}
	if forms := b.forms(class); !slices.Contains(forms, shape.GeoJSONType()) {
		b.reject("geometry_invalid", "geometry", shape.GeoJSONType(), "a "+strings.Join(forms, " or "))
		return nil
	}
	if p, ok := b.outside(shape); ok {
		b.reject(p.Kind, p.Field, p.Value, p.Want)
		return nil
	}
	made := b.frame.convert(shape)
	// forms has decided about lines.
	if _, err := data.CheckUnits("unit", []data.Unit{{Code: "x", Class: data.RoadClass, Shape: made}}); err != nil {
		b.rejectError("geometry_invalid", "geometry", err)
		return nil
	}
	invalid := checkValid(made)
	if invalid == nil {
		return made
	}
	if made.Dimensions() < 2 {
		b.rejectError("geometry_invalid", "geometry", invalid)
		return nil
	}
	repaired, share, err := repair(made)
	if err != nil {
		b.reject("geometry_invalid", "geometry", shape.GeoJSONType(), want(invalid.(*data.Invalid))+"; "+err.Error())
		return nil
	}
	b.warn("geometry_repaired", "geometry", shape.GeoJSONType(),
		fmt.Sprintf("%s; it was repaired, which changed its area by %.2g %%", want(invalid.(*data.Invalid)), share*100))
	return repaired
}

// forms are the GeoJSON types that a unit's shape may have. A row whose class is
// not known has that problem alone.
func (b *unitBuilder) forms(class string) []string {
	areas := []string{"Polygon", "MultiPolygon"}
	switch {
	case b.people():
		return append([]string{"Point"}, areas...)
	case !b.places():
		return areas
	case class == data.RoadClass, checkClass(class) != nil:
		return []string{"Point", "LineString", "MultiLineString"}
	}
	return []string{"Point"}
}
