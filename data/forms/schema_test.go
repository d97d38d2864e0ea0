package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"riskatlas/data"
	"riskatlas/data/demo"
)

// compile puts every schema to an independent validator, which checks it by the
// dialect's own schema first.
func compile(t *testing.T, f *Form, lang string) *jsonschema.Schema {
	t.Helper()
	raw, err := f.Schema(lang)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("form.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("form.json")
	if err != nil {
		t.Fatalf("%s: %v", f.Industry.Code, err)
	}
	return s
}

func propertiesOf(t *testing.T, raw []byte) any {
	t.Helper()
	var f struct {
		Properties json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(f.Properties))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The demonstration city's records are valid by their forms, and by Check
// without a warning.
func TestDemonstrationRecordsAreValid(t *testing.T) {
	p, b := load(t, "hangzhou")
	schemas := map[data.Industry]*jsonschema.Schema{}
	for i, f := range b.Forms() {
		schemas[data.Industry(i)] = compile(t, f, "zh")
		if i%7 == 0 {
			compile(t, f, "en")
		}
	}
	n := 0
	for r := range demo.Hazards(p, 1000, 1) {
		raw, err := p.Taxonomy.AppendFeature(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := schemas[r.Hazard.Industry].Validate(propertiesOf(t, raw)); err != nil {
			t.Fatalf("%s: %v\n%s", r.Hazard.ID, err, raw)
		}
		if _, warnings, err := b.Check(r.Hazard.Industry, r.Detail.Indicators); err != nil || len(warnings) > 0 {
			t.Fatalf("%s: %v %v", r.Hazard.ID, warnings, err)
		}
		n++
	}
	if n != 1000 {
		t.Fatal(n)
	}
}

// What our own check refuses the schema refuses at the same place, and the other
// way round.
func TestBrokenRecordsAreBrokenAtTheSamePlace(t *testing.T) {
	p, b := load(t, "hangzhou")
	in := industry(t, b, "I04")
	schema := compile(t, b.Form(in), "en")
	for _, c := range []struct{ change, place string }{
		{`"level":5`, "level"},
		{`"level":"high"`, "level"},
		{`"status":"burning"`, "status"},
		{`"sensitivity":"hush"`, "sensitivity"},
		{`"district":"999999"`, "district"},
		{`"exposed_day":-1`, "exposed_day"},
		{`"exposed_night":1000001`, "exposed_night"},
		{`"staff":"many"`, "staff"},
		{`"staff":1.5`, "staff"},
		{`"major_hazard_grade":5`, "major_hazard_grade"},
		{`"coord_accuracy_m":-1`, "coord_accuracy_m"},
		{`"protection_class":"general_4"`, "protection_class"},
		{`"net_explosive_kg":-1`, "net_explosive_kg"},
		{`"effect_radius_m":{"death":0,"serious":1,"minor":2}`, "effect_radius_m"},
		{`"effect_radius_m":{"death":1,"serious":2,"minor":20001}`, "effect_radius_m"},
		{`"vessels":[{"substance":""}]`, "vessels.substance"},
		{`"vessels":[{"substance":"汽油","kind":"bucket"}]`, "vessels.kind"},
		{`"vessels":[{"substance":"汽油","fill":1.1}]`, "vessels.fill"},
		{`"vessels":[{"substance":"汽油","count":10001}]`, "vessels.count"},
		{`"substances":[{"name":"汽油","max_t":0}]`, "substances.max_t"},
		{`"scenarios":[{"outcome":"meteor","per_year":1e-5,"footprint":{"kind":"step","r":30}}]`, "outcome"},
		{`"indicators":{"tank_count":-1}`, "indicators.tank_count"},
		{`"indicators":{"tank_count":2.5}`, "indicators.tank_count"},
		{`"indicators":{"petrol_tank_m3":"lots"}`, "indicators.petrol_tank_m3"},
		{`"indicators":{"petrol_tank_m3":1e6}`, "indicators.petrol_tank_m3"},
		{`"indicators":{"station_grade":"4"}`, "indicators.station_grade"},
		{`"indicators":{"gas_alarm":"perhaps"}`, "indicators.gas_alarm"},
		{`"indicators":{"last_inspection":"yesterday"}`, "indicators.last_inspection"},
		{`"indicators":{"last_inspection":"2019-02-30"}`, "indicators.last_inspection"},
		{`"indicators":[]`, "indicators"},
		{`"colour":"red"`, ""},
	} {
		raw := []byte(`{"type":"Feature","id":"A","geometry":{"type":"Point","coordinates":[120.1551,30.2741]},"properties":{"name":"A","industry":"I04","level":2,"status":"active",` + c.change + `}}`)
		err := own(p.Taxonomy, b, raw)
		var bad *data.Invalid
		if !errors.As(err, &bad) {
			t.Errorf("%s: our own check takes it: %v", c.change, err)
			continue
		}
		if ours := strings.TrimPrefix(bad.Field, "properties."); ours != c.place && !(c.place == "" && ours == "properties") {
			t.Errorf("%s: our own check refuses %q, want %q", c.change, bad.Field, c.place)
		}
		var broken *jsonschema.ValidationError
		if err := schema.Validate(propertiesOf(t, raw)); !errors.As(err, &broken) {
			t.Errorf("%s: the schema takes it", c.change)
			continue
		}
		if !places(broken)[c.place] {
			t.Errorf("%s: the schema refuses %v, want %q", c.change, places(broken), c.place)
		}
	}
	for _, good := range []string{`"indicators":{"tanks":4}`, `"indicators":{"tank_count":4,"station_grade":"2","gas_alarm":true}`, `"exposed_day":0`, `"major_hazard_grade":0`, `"valid_from":"2020-01-01"`} {
		raw := []byte(`{"type":"Feature","id":"A","geometry":{"type":"Point","coordinates":[120.1551,30.2741]},"properties":{"name":"A","industry":"I04","level":2,"status":"active",` + good + `}}`)
		if err := own(p.Taxonomy, b, raw); err != nil {
			t.Errorf("%s: %v", good, err)
		}
		if err := schema.Validate(propertiesOf(t, raw)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

// own is the check that a record of the interchange passes.
func own(tax *data.Taxonomy, b *Book, raw []byte) error {
	r, err := tax.ParseFeature(raw)
	if err != nil {
		return err
	}
	_, _, err = b.Check(r.Hazard.Industry, r.Detail.Indicators)
	return err
}

// places are the properties at which a validator complains: dotted, positions in
// lists and members of a whole that is refused together left out.
func places(e *jsonschema.ValidationError) map[string]bool {
	out := map[string]bool{}
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		var parts []string
		for _, part := range e.InstanceLocation {
			if strings.Trim(part, "0123456789") != "" {
				parts = append(parts, part)
			}
		}
		out[strings.Join(parts, ".")] = true
		if len(e.Causes) == 0 {
			out[strings.Join(parts, ".")] = true
			if len(parts) > 0 && (parts[0] == "effect_radius_m" || parts[0] == "scenarios") {
				out[parts[0]], out[parts[len(parts)-1]] = true, true
			}
		}
		for _, c := range e.Causes {
			walk(c)
		}
	}
	if len(e.Causes) == 0 {
		walk(e)
	}
	for _, c := range e.Causes {
		walk(c)
	}
	return out
}
