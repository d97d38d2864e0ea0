package forms

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"riskatlas/data"
)

// row is a record as a workbook has it.
type row struct {
	id         string
	point      []float64                  // of a point: longitude, latitude
	geometry   json.RawMessage            // of any other shape
	properties map[string]json.RawMessage // by key; those of measures dotted
	indicators map[string]any             // those that the form knows
}

// mostCell is how many characters a cell of a workbook holds (ECMA-376).
const mostCell = 32_767

func (f *Form) rowsOf(records []*data.Record) ([]row, error) {
	out := make([]row, len(records))
	for i, r := range records {
		if code := f.city.Taxonomy.Industries[r.Hazard.Industry].Code; code != f.Industry.Code {
			return nil, &data.Invalid{Field: "industry", Value: code, Want: "records of " + f.Industry.Code}
		}
		made, err := f.rowOf(r)
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", r.Hazard.ID, err)
		}
		out[i] = made
	}
	return out, nil
}

func (f *Form) rowOf(r *data.Record) (row, error) {
	// What is derived at load is no part of a record.
	h := *r.Hazard
	h.Scenarios = slices.DeleteFunc(slices.Clone(h.Scenarios), func(s data.Scenario) bool { return s.Derived })
	raw, err := f.city.Taxonomy.AppendFeature(nil, &data.Record{Hazard: &h, Detail: r.Detail})
	if err != nil {
		return row{}, err
	}
	var feature struct {
		ID         string                     `json:"id"`
		Geometry   json.RawMessage            `json:"geometry"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(raw, &feature); err != nil {
		return row{}, err
	}
	out := row{id: feature.ID, geometry: feature.Geometry, properties: feature.Properties}
	var point struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if json.Unmarshal(feature.Geometry, &point) == nil && point.Type == "Point" {
		if err := json.Unmarshal(point.Coordinates, &out.point); err != nil {
			return row{}, err
		}
		out.geometry = nil
	}
	if err := out.spread(f); err != nil {
		return row{}, err
	}
	return out, out.fits()
}

// spread takes nested properties apart into those that have columns.
func (r *row) spread(f *Form) error {
	delete(r.properties, "rev")
	if raw, ok := r.properties["measures"]; ok {
		delete(r.properties, "measures")
		var lists map[string]json.RawMessage
		if err := json.Unmarshal(raw, &lists); err != nil {
			return err
		}
		said := false
		for name, list := range lists {
			if text := string(list); text != "[]" && text != "null" {
				said = true
				r.properties["measures."+name] = list
			}
		}
		if !said { // measures that were looked for and are none
			r.properties["measures.engineering"] = json.RawMessage("[]")
		}
	}
	raw, ok := r.properties["indicators"]
	if !ok {
		return nil
	}
	delete(r.properties, "indicators")
	var all, others map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	r.indicators = map[string]any{}
	for name, v := range all {
		if x, known := f.Indicator(name); known && x.Key == name && !x.Unlisted {
			r.indicators[name] = v
			continue
		}
		if others == nil {
			others = map[string]any{}
		}
		others[name] = v
	}
	if others != nil {
		text, err := encode(others)
		r.properties["indicators"] = text
		return err
	}
	return nil
}

// fits refuses what no cell holds: it would be cut off in silence.
func (r *row) fits() error {
	check := func(name string, raw json.RawMessage) error {
		if n := utf8.RuneCount(raw); n > mostCell {
			return &data.Invalid{Field: name, Value: fmt.Sprintf("%d characters", n), Want: fmt.Sprintf("at most %d, which is what a cell holds: export the record as GeoJSON", mostCell)}
		}
		return nil
	}
	if err := check("geometry", r.geometry); err != nil {
		return err
	}
	for name, raw := range r.properties {
		if err := check(name, raw); err != nil {
			return err
		}
	}
	return nil
}

// unknownIndicators is the column of indicators that the form does not ask for.
var unknownIndicators = Field{Key: "indicators", Type: Object, Form: jsonForm, Name: "其他指标", NameEn: "Other indicators",
	Meaning: "采集表没有的指标（JSON）", MeaningEn: "Indicators that the form does not ask for, as JSON", Source: "convention of this project"}

// columnsFor are the form's columns and those that only the rows ask for.
func (f *Form) columnsFor(rows []row) []Column {
	out := f.Columns()
	has := func(key string) bool {
		return slices.ContainsFunc(rows, func(r row) bool { _, ok := r.properties[key]; return ok })
	}
	more := append(slices.Clone(f.Common), unknownIndicators)
	for i := range more {
		x := &more[i]
		listed := slices.ContainsFunc(out, func(c Column) bool { return !c.Indicator && c.Key == x.Key })
		if !listed && has(x.Key) {
			out = append(out, Column{x, false})
		}
	}
	return out
}

// cell is what the row says in the column; nil says nothing.
func (r *row) cell(c Column, lang string) any {
	switch {
	case c.Indicator:
		if v, ok := r.indicators[c.Key]; ok {
			return c.cell(v, lang)
		}
		return nil
	case c.Key == "id":
		return r.id
	case c.Key == "lon" && r.point != nil:
		return r.point[0]
	case c.Key == "lat" && r.point != nil:
		return r.point[1]
	case c.Key == "geometry" && r.geometry != nil:
		return string(r.geometry)
	}
	raw, ok := r.properties[c.Key]
	if !ok {
		return nil
	}
	if c.Form == jsonForm && c.Type != Text && c.Type != Boolean {
		return string(raw)
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	if c.Key == "district" && r.properties["district_vintage"] != nil {
		return v // the name is another ground's in the present division
	}
	if c.Key == "level" {
		v = show(v)
	}
	return c.cell(v, lang)
}

// cell is a value of the field as a cell has it.
func (f *Field) cell(v any, lang string) any {
	name := func(v any) string {
		for _, c := range f.Choices {
			if c.Code == v && f.Key != "industry" && f.Key != "accident_types" {
				return c.show(lang)
			}
		}
		return show(v)
	}
	switch v := v.(type) {
	case bool:
		return showBoolean(v, lang)
	case float64:
		return v
	case []any:
		parts := make([]string, len(v))
		plain := len(v) > 0
		for i, p := range v {
			parts[i] = name(p)
			plain = plain && !strings.ContainsAny(parts[i], separators) && strings.TrimSpace(parts[i]) == parts[i] && parts[i] != "" && parts[i][0] != '['
		}
		if plain {
			return strings.Join(parts, "; ")
		}
		text, err := encode(v)
		if err != nil {
			return nil
		}
		return string(text)
	}
	return name(v)
}
