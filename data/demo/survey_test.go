package demo

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/forms"
)

// The city's records are valid by the forms of their industries, as an
// independent validator of JSON Schema sees them, and by our own check without a
// warning that changes nothing; every indicator that is asked for occurs.
func TestRecordsAreValidByTheirForms(t *testing.T) {
	p, all := records(t, 1500, 1)
	book, err := forms.New(p)
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[data.Industry]*jsonschema.Schema{}
	answered := map[data.Industry]map[string]int{}
	for _, r := range all {
		in := r.Hazard.Industry
		if schemas[in] == nil {
			schemas[in], answered[in] = schemaOf(t, book.Form(in)), map[string]int{}
		}
		raw, err := p.Taxonomy.AppendFeature(nil, r)
		if err != nil {
			t.Fatal(err)
		}
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
		if err := schemas[in].Validate(v); err != nil {
			t.Fatalf("%s: %v\n%s", r.Hazard.ID, err, f.Properties)
		}
		clean, warnings, err := book.Check(in, r.Detail.Indicators)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("%s: %v %v", r.Hazard.ID, warnings, err)
		}
		was, _ := json.Marshal(r.Detail.Indicators)
		now, _ := json.Marshal(clean)
		if !bytes.Equal(was, now) {
			t.Fatalf("%s: a check changes %s to %s", r.Hazard.ID, was, now)
		}
		for key := range clean {
			answered[in][key]++
		}
	}
	for in, keys := range answered {
		form := book.Form(in)
		if len(keys) < len(form.Indicators)/3 {
			t.Errorf("%s: of %d indicators %d have an answer", form.Industry.Code, len(form.Indicators), len(keys))
		}
	}
}

func schemaOf(t *testing.T, f *forms.Form) *jsonschema.Schema {
	t.Helper()
	raw, err := f.Schema("zh")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("form.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("form.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Past the size of a usual city a source has no survey: what is there to be
// measured stays lean.
func TestFurtherSourcesAreNotSurveyed(t *testing.T) {
	m := newMaker(hangzhouOf(t), surveyed+1, 1)
	f := draft{i: surveyed}
	d := data.Detail{Indicators: map[string]any{"beds": 3.0}}
	m.survey(&f, &d)
	if len(d.Indicators) != 1 {
		t.Errorf("%v", d.Indicators)
	}
	f.i, d.ExposedNight = 0, new(int)
	if m.survey(&f, &d); len(d.Indicators) < 5 || d.Indicators["beds"] != 3.0 {
		t.Errorf("%v", d.Indicators)
	}
}

func hangzhouOf(t *testing.T) *city.Profile {
	t.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
