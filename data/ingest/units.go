package ingest

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// The fields of a unit. The first ones are at the positions of a source's, which
// the readers know.
const (
	fieldCode    = fieldID
	fieldClass   = field(6)
	fieldAddress = field(7)
	fieldRoom    = field(8)
)

var unitFields = []fieldInfo{
	fieldCode:     {name: "code", words: []string{"adcode", "district_code", "id", "代码", "编码", "编号", "区划代码", "行政区划代码", "gb"}},
	fieldName:     {name: "name", words: []string{"名称", "name_zh", "区县", "title"}},
	fieldNameEn:   {name: "name_en", words: []string{"英文名", "英文名称", "english_name"}},
	fieldLon:      classFields[fieldLon],
	fieldLat:      classFields[fieldLat],
	fieldGeometry: classFields[fieldGeometry],
	fieldClass:    {name: "kind", words: []string{"class", "类型", "类别", "type"}},
	fieldAddress:  {name: "address", words: []string{"地址", "详细地址"}},
	fieldRoom:     {name: "capacity", words: []string{"容量", "容纳人数"}},
}

// PlaceClasses are the kinds of emergency places.
var PlaceClasses = []string{"shelter", "fire_station", "hospital", "rescue_team", "material", "duty_room", "road", "place"}

// Units is what a file of units gave: one kind's units and the account of all
// rows. Districts and zones are written only when no row was kept out.
type Units struct {
	Kind   string // of the store: district:VINTAGE, zone:NAME or place
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

// ReadPlaces reads emergency places. class is the kind of all of them; "" takes
// each row's own. Good rows stand beside rejected ones.
func ReadPlaces(ctx context.Context, name string, r io.Reader, size int64, opts Options, class string) (*Units, error) {
	if class != "" {
		if err := checkClass(class); err != nil {
			return nil, fmt.Errorf("--kind: %w", err)
		}
	}
	u := &Units{Kind: data.PlaceKind}
	return u, (&unitBuilder{units: u, class: class, places: true}).run(ctx, name, r, size, &opts)
}

func checkClass(class string) error {
	for _, c := range PlaceClasses {
		if c == class {
			return nil
		}
	}
	return &data.Invalid{Field: "kind", Value: class, Want: "one of", Allowed: PlaceClasses}
}

// unitBuilder turns rows into units.
type unitBuilder struct {
	builder
	units   *Units
	vintage *data.Vintage // of districts
	places  bool
	class   string
	codes   map[string]int // to the line or feature that has it
}

func (b *unitBuilder) run(ctx context.Context, name string, r io.Reader, size int64, opts *Options) error {
	err := passes(r, size, opts, func(c *content, late []byte) error {
		b.builder = builder{ctx: ctx, opts: opts, tax: opts.Profile.Taxonomy, table: unitFields, most: data.MaxUnitVertices,
			unread: []field{fieldLon, fieldLat, fieldGeometry}, report: newReport(), equals: map[[16]byte]int{}}
		b.file.Name = name
		b.rule, b.builder.build = b.unitRule, b.unit
		b.codes = map[string]int{}
		b.units.Units, b.units.Report = nil, b.report
		return b.read(c, late, maxUnitBytes)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (b *unitBuilder) unitRule(f field, text string) error {
	if f == fieldClass && b.places {
		return checkClass(text)
	}
	return nil
}

// unit makes the row's unit.
func (b *unitBuilder) unit() (keep func()) {
	b.untranslated()
	u := data.Unit{}
	u.Shape = b.ground()
	b.describe(&u)
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
	at := b.row.line + b.row.feature
	return func() {
		b.codes[u.Code] = at
		b.units.Units = append(b.units.Units, u)
	}
}

// describe reads code, names and class.
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
	if b.places {
		b.describePlace(u, get)
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

func (b *unitBuilder) describePlace(u *data.Unit, get func(field, int) string) {
	if u.Class = b.class; u.Class == "" {
		class, known := b.value(fieldClass)
		if known {
			if err := checkClass(class); err != nil {
				b.rejectError("kind_unknown", "kind", err)
			}
		}
		u.Class = class
	}
	if u.Name == "" {
		b.warn("name_missing", "name", "", "a name; the kind stands in for it")
		u.Name = u.Class
	}
	for name, f := range map[string]field{"address": fieldAddress, "capacity": fieldRoom} {
		if text := get(f, 300); text != "" {
			if u.Props == nil {
				u.Props = map[string]string{}
			}
			u.Props[name] = text
		}
	}
}

// ground reads the unit's shape: a place's point, or polygons, repaired where
// the stated rule allows it.
func (b *unitBuilder) ground() orb.Geometry {
	shape, err := b.geometry()
	if err != nil {
		kind := "geometry_invalid"
		if b.row.geometry == nil && b.cell() == "" {
			kind = "geometry_missing"
		}
		b.rejectError(kind, "geometry", err)
		return nil
	}
	b.row.shape = shape
	if m, ok := shape.(orb.MultiPoint); ok && len(m) == 1 && b.places {
		shape = m[0]
	}
	_, isPoint := shape.(orb.Point)
	if want := map[bool]string{true: "a Point", false: "a Polygon or MultiPolygon"}[b.places]; isPoint != b.places || strings.Contains(shape.GeoJSONType(), "Line") {
		b.reject("geometry_invalid", "geometry", shape.GeoJSONType(), want)
		return nil
	}
	if p, ok := b.outside(shape); ok {
		b.reject(p.Kind, p.Field, p.Value, p.Want)
		return nil
	}
	made := b.frame.convert(shape)
	if _, err := data.CheckUnits("unit", []data.Unit{{Code: "x", Shape: made}}); err != nil {
		b.rejectError("geometry_invalid", "geometry", err)
		return nil
	}
	invalid := checkValid(made)
	if invalid == nil {
		return made
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
