package forms

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"riskatlas/data"
)

// SchemaDialect is the dialect of JSON Schema that forms are written in.
const SchemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Schema writes the form as a JSON Schema (2020-12) of the properties of a
// source's GeoJSON feature. Titles and descriptions are in the language ("zh" or
// "en"), and in both under x-title and x-description; choices are oneOf of const
// and title; units stand under x-unit, sources under x-source. It asks for what
// the record cannot be without (required) and marks what a complete one has
// (x-desired). It takes indicators that it does not know, as Book.Check does. The
// same form gives the same bytes.
func (f *Form) Schema(lang string) ([]byte, error) {
	if err := CheckLang(lang); err != nil {
		return nil, err
	}
	in := f.Industry
	root := object{
		{"$schema", SchemaDialect},
		{"$id", "urn:riskatlas:form:" + f.city.Key + ":" + in.Code + ":" + lang},
		{"title", pick(lang, in.Name, in.NameEn)},
		{"description", pick(lang, "风险源属性（GeoJSON 要素的 properties）", "Properties of a source, as of its GeoJSON feature")},
		{"x-title", both(in.Name, in.NameEn)},
		{"x-industry", object{{"code", in.Code}, {"slug", in.Slug}, {"group", f.Group.Key}, {"geometry", geometries(in.Geometry)}, {"method", in.Method}}},
		{"type", "object"},
	}
	var properties object
	nested := map[string]object{}
	var required []string
	for i := range f.Common {
		x := &f.Common[i]
		if x.Form == columnForm {
			continue
		}
		if x.Required {
			required = append(required, x.Key)
		}
		if head, tail, is := strings.Cut(x.Key, "."); is {
			if nested[head] == nil {
				properties = append(properties, member{head, nil})
			}
			nested[head] = append(nested[head], member{tail, x.schema(lang, in)})
			continue
		}
		properties = append(properties, member{x.Key, x.schema(lang, in)})
	}
	for i, m := range properties {
		if inner := nested[m.name]; inner != nil {
			properties[i].value = object{{"type", "object"}, {"title", measuresTitle(lang)}, {"properties", inner}, {"additionalProperties", false}}
		}
	}
	properties = append(properties, member{"indicators", f.indicators(lang)},
		member{"rev", object{{"type", "integer"}, {"minimum", 0}, {"readOnly", true}, {"title", pick(lang, "版本", "Revision")}}})
	root = append(root, member{"properties", properties}, member{"required", required}, member{"additionalProperties", false})
	return encode(root)
}

func measuresTitle(lang string) string { return pick(lang, "管控措施", "Measures") }

func (f *Form) indicators(lang string) object {
	var inner object
	for i := range f.Indicators {
		inner = append(inner, member{f.Indicators[i].Key, f.Indicators[i].schema(lang, f.Industry)})
	}
	return object{{"type", "object"}, {"title", pick(lang, "指标", "Indicators")}, {"properties", inner}, {"additionalProperties", true}}
}

// geometries are the kinds of shape that the industry's sources usually have.
func geometries(forms string) []string {
	var out []string
	for _, r := range forms {
		switch r {
		case 'P':
			out = append(out, "Point")
		case 'L':
			out = append(out, "LineString", "MultiLineString")
		case 'A':
			out = append(out, "Polygon", "MultiPolygon")
		}
	}
	return out
}

// schema is the field's own schema.
func (f *Field) schema(lang string, in data.IndustryInfo) object {
	out := object{{"title", f.Label(lang)}, {"description", f.Explain(lang)}}
	out = append(out, f.shape(lang, in)...)
	if f.Unit != "" {
		out = append(out, member{"x-unit", f.Unit})
	}
	for _, mark := range []struct {
		name string
		set  bool
	}{{"x-desired", f.Desired}, {"x-personal", f.Personal}} {
		if mark.set {
			out = append(out, member{mark.name, true})
		}
	}
	if v, ok := f.example(); ok {
		out = append(out, member{"examples", []any{v}})
	}
	return append(out, member{"x-title", both(f.Name, f.NameEn)}, member{"x-description", both(f.Meaning, f.MeaningEn)}, member{"x-source", f.Source})
}

// shape are the keywords that say which values there are.
func (f *Field) shape(lang string, in data.IndustryInfo) object {
	switch f.Key {
	case "industry":
		return object{{"const", in.Code}}
	case "level": // a number in the interchange
		return object{{"type", "integer"}, {"oneOf", f.oneOf(lang, func(code string) any { return int(code[0] - '0') })}}
	}
	if made, ok := structured[f.Key]; ok {
		return made
	}
	switch f.Type {
	case Integer, Number:
		out := object{{"type", string(f.Type)}}
		if f.Min != nil {
			out = append(out, member{"minimum", *f.Min})
		}
		if f.Max != nil {
			out = append(out, member{"maximum", *f.Max})
		}
		return out
	case Boolean:
		return object{{"type", "boolean"}}
	case Date:
		return object{{"type", "string"}, {"format", "date"}, {"pattern", `^\d{4}-\d{2}-\d{2}$`}}
	case Enum:
		return object{{"type", "string"}, {"oneOf", f.oneOf(lang, func(code string) any { return code })}}
	case List:
		item := object{{"type", "string"}}
		if len(f.Choices) > 0 {
			item = append(item, member{"oneOf", f.oneOf(lang, func(code string) any { return code })})
		} else {
			item = append(item, f.textRules()...)
		}
		out := object{{"type", "array"}, {"items", item}}
		if len(f.Choices) > 0 || f.Pattern != "" {
			out = append(out, member{"uniqueItems", true})
		}
		return out
	}
	return append(object{{"type", "string"}}, f.textRules()...)
}

func (f *Field) textRules() object {
	out := object{{"maxLength", f.most()}}
	if f.Pattern != "" {
		out = append(out, member{"pattern", f.Pattern})
	}
	if len(f.Suggest) > 0 {
		out = append(out, member{"x-suggest", f.Suggest})
	}
	return out
}

func (f *Field) oneOf(lang string, value func(code string) any) []object {
	out := make([]object, len(f.Choices))
	for i, c := range f.Choices {
		out[i] = object{{"const", value(c.Code)}, {"title", c.show(lang)}, {"x-title", both(c.Name, c.NameEn)}}
	}
	return out
}

// example is the field's example as a value; ok is false where it has none that
// is the same for all sources.
func (f *Field) example() (any, bool) {
	if f.Example == "" || strings.Contains(f.Example, "{") {
		return nil, false
	}
	v, err := f.Read(f.Example)
	if err != nil || v == nil {
		return nil, false
	}
	if f.Key == "level" {
		return int(v.(string)[0] - '0'), true
	}
	return v, true
}

func both(zh, en string) object { return object{{"zh", zh}, {"en", en}} }

// The shapes of what is no single value, as data.Detail and data.Scenario take
// them.
var (
	aText     = object{{"type", "string"}, {"minLength", 1}}
	overZero  = object{{"type", "number"}, {"exclusiveMinimum", 0}}
	anyText   = object{{"type", "string"}}
	anyObject = object{{"type", "object"}}

	structured = map[string]object{
		"level_inputs":    anyObject,
		"source_geometry": anyObject,
		"effect_radius_m": record([]string{"death", "serious", "minor"}, object{{"death", overZero}, {"serious", overZero},
			{"minor", object{{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", data.MaxReachMetres}}}}),
		"substances": listOf(record([]string{"name", "max_t"}, object{{"name", anyText}, {"cas", anyText}, {"un", anyText}, {"max_t", overZero}, {"class", anyText}})),
		"vessels": listOf(record([]string{"substance"}, object{{"name", anyText}, {"substance", aText}, {"kind", object{{"enum", append([]string{""}, data.VesselKinds...)}}},
			{"count", object{{"type", "integer"}, {"minimum", 0}, {"maximum", 10_000}}}, {"amount_kg", upTo(1e9)}, {"volume_m3", upTo(1e6)}, {"fill", upTo(1)},
			{"bund_diameter_m", upTo(1000)}, {"pipe_diameter_mm", upTo(5000)}, {"length_m", upTo(1e7)}, {"release_kg_s", upTo(1e4)}, {"release_s", upTo(1e7)},
			{"pressure_mpa", upTo(100)}, {"trips_per_year", upTo(1e8)}})),
		"flood": record([]string{"geometry", "people", "warning_hours"}, object{{"geometry", anyObject}, {"people", object{{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", 1e8}}},
			{"warning_hours", object{{"type", "number"}, {"minimum", 0}, {"maximum", 24}}}, {"forceful", object{{"type", "boolean"}}},
			{"skirt_m", object{{"type", "number"}, {"minimum", 0}, {"maximum", data.MaxReachMetres}}}}),
		"scenarios": listOf(object{{"type", "object"}, {"required", []string{"outcome", "per_year", "footprint"}}, {"properties", object{
			{"outcome", object{{"enum", data.Outcomes[:]}}}, {"per_year", object{{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", data.MaxPerYear}}},
			{"per", object{{"enum", []string{"", "km"}}}}, {"basis", object{{"enum", append([]string{""}, data.BasisKeys[:]...)}}}, {"derived", object{{"type", "boolean"}}},
			{"footprint", object{{"type", "object"}, {"required", []string{"kind"}}, {"properties", object{{"kind", object{{"enum", data.FootprintKinds[:]}}}}}}}}}}),
		"derivations": listOf(object{{"type", "object"}, {"required", []string{"scenario", "outcome", "model", "frequency"}}, {"properties", object{
			{"scenario", object{{"type", "integer"}}}, {"outcome", anyText}, {"model", anyText}, {"frequency", anyText}}}}),
	}
)

func record(required []string, properties object) object {
	return object{{"type", "object"}, {"required", required}, {"properties", properties}, {"additionalProperties", false}}
}

func upTo(most float64) object {
	return object{{"type", "number"}, {"minimum", 0}, {"maximum", most}}
}

func listOf(item object) object { return object{{"type", "array"}, {"items", item}} }

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members as they stand.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []any{m.name, m.value} {
			if j == 1 {
				b.WriteByte(':')
			}
			text, err := encode(v)
			if err != nil {
				return nil, err
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode is json.Marshal without escapes of HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return slices.Clone(bytes.TrimRight(b.Bytes(), "\n")), nil
}
