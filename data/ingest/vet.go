package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/datum"
	"riskatlas/data/forms"
	"riskatlas/data/grading"
)

// Vetter checks records that come one by one, by the rules that rows of files
// are checked by. Safe for concurrent use.
type Vetter struct {
	profile *city.Profile
	rules   *grading.Rules
	forms   *forms.Book

	mu     sync.Mutex
	bounds *boundaries
	of     string // which districts bounds are of
}

// NewVetter makes the vetter of a city.
func NewVetter(p *city.Profile, rules *grading.Rules, book *forms.Book) *Vetter {
	return &Vetter{profile: p, rules: rules, forms: book}
}

// Places are the districts by which a Vetter says where a record lies: Units, and
// a word that changes whenever they do.
type Places struct {
	data.Units
	State string
}

// Vetted is a record as it may be stored, with what is odd about it.
type Vetted struct {
	Record   *data.Record
	Named    bool // it has a name of its own
	Findings []Finding
}

// Vet reads one feature in the interchange form, in WGS 84, and checks it. It is
// read as data.Taxonomy.ParseFeature does, but for its district, which is found as
// a row's: what it cannot be is found and left out, and the place decides. A text
// that is no value of its field is left out too, and one that is too long is cut.
//
// The refusals, of which there may be several, are all *data.Invalid: a record
// that has any may not be stored, and may be nil. The error is that of reading the
// districts.
func (v *Vetter) Vet(ctx context.Context, raw []byte, places Places) (out Vetted, refused []error, err error) {
	bounds, err := v.boundaries(ctx, places)
	if err != nil {
		return out, nil, err
	}
	g, err := openFeature(raw)
	if err != nil {
		return out, []error{err}, nil
	}
	r, err := v.profile.Taxonomy.ParseFeature(g.raw)
	if err != nil {
		return out, []error{err}, nil
	}
	out.Named = g.named
	if !g.named {
		out.Findings = append(out.Findings, nameMissing)
	}
	h, d := *r.Hazard, r.Detail
	for _, t := range []struct {
		field string
		text  *string
	}{{"name", &h.Name}, {"name_en", &h.NameEn}, {"regulator", &h.Regulator}} {
		clean, cut := cleanText(*t.text, mostName)
		if *t.text = clean; cut {
			out.Findings = append(out.Findings, shortened(t.field, clean))
		}
	}
	if g.district != "" {
		var found []Finding
		h.Stated, found = bounds.stated(g.district, g.vintage)
		out.Findings = append(out.Findings, found...)
	}
	sealed, err := h.Seal()
	if err != nil {
		return out, []error{err}, nil
	}
	out.Findings = append(out.Findings, texts(&d)...)
	return v.vet(out, sealed, d, bounds)
}

// vet checks what was read.
func (v *Vetter) vet(out Vetted, h *data.Hazard, d data.Detail, bounds *boundaries) (Vetted, []error, error) {
	out.Findings = append(out.Findings, v.accidents(&d)...)
	refused, level := v.refusals(h, &d)
	clean, odd, err := v.forms.Check(h.Industry, d.Indicators)
	if err != nil {
		refused = append(refused, err)
	}
	for i := range odd {
		out.Findings = append(out.Findings, Finding{"indicator_unknown", odd[i].Field, shorten(odd[i].Value), want(&odd[i])})
	}
	if d.Indicators = clean; len(clean) == 0 {
		d.Indicators = nil
	}
	in := &v.profile.Taxonomy.Industries[h.Industry]
	if f, odd := unusualForm(in, h.Shape); odd {
		out.Findings = append(out.Findings, f)
	}
	if f, odd := coarsePoint(h.Shape); odd {
		out.Findings = append(out.Findings, f)
	}
	out.Findings = append(out.Findings, lacking(h.Level, &d)...)
	if f, odd := levelUnchecked(level, &d); odd {
		out.Findings = append(out.Findings, f)
	}
	found, _ := bounds.look(h, d.StreetCode)
	out.Findings = append(out.Findings, found...)
	out.Record = &data.Record{Hazard: h, Detail: d}
	return out, refused, nil
}

// givenFeature is a feature as it was sent, but for its district.
type givenFeature struct {
	raw               []byte
	named             bool
	district, vintage string
}

// openFeature takes a feature apart.
func openFeature(raw []byte) (g givenFeature, err error) {
	if tooDeep(raw) {
		return g, &data.Invalid{Field: "feature", Value: "deeper", Want: fmt.Sprintf("JSON of at most %d levels", maxDepth)}
	}
	var f struct {
		Type       json.RawMessage            `json:"type"`
		ID         json.RawMessage            `json:"id,omitempty"`
		Geometry   json.RawMessage            `json:"geometry,omitempty"`
		Properties map[string]json.RawMessage `json:"properties"`
		CRS        json.RawMessage            `json:"crs,omitempty"`
		Datum      string                     `json:"datum,omitempty"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return g, &data.Invalid{Field: "feature", Value: shorten(string(raw)), Want: "a GeoJSON Feature: " + err.Error()}
	}
	// What is given in another datum would lie half a kilometre off.
	if f.Datum != "" && f.Datum != datum.WGS84.String() {
		return g, &data.Invalid{Field: "datum", Value: f.Datum, Want: "coordinates in WGS 84: an answer without crs= has them"}
	}
	if len(f.CRS) > 0 {
		if said, ok, err := parseCRS(f.CRS); err != nil || ok && !said.same {
			return g, &data.Invalid{Field: "crs", Value: shorten(string(f.CRS)), Want: "coordinates in WGS 84"}
		}
	}
	for name, to := range map[string]*string{"district": &g.district, "district_vintage": &g.vintage} {
		if text, given := f.Properties[name]; given {
			if *to = propertyText(text); text[0] != '"' && *to != "" {
				return g, &data.Invalid{Field: name, Value: shorten(*to), Want: "text"}
			}
			delete(f.Properties, name)
		}
	}
	g.named = propertyText(f.Properties["name"]) != ""
	f.Datum, f.CRS = "", nil
	g.raw, err = json.Marshal(f)
	return g, err
}

// mostName is the most characters of a name.
const mostName = 200

func shortened(field, value string) Finding {
	return Finding{field + "_shortened", field, value, "a shorter text: the rest was cut off"}
}

// refusals are what keeps a record out of the store, and what its inputs give.
func (v *Vetter) refusals(h *data.Hazard, d *data.Detail) (refused []error, level grading.Outcome) {
	f := datumFrame(datum.WGS84)
	if _, bad := outsideCity(v.profile, &f, h.Shape); bad != nil {
		bad.Want = strings.TrimSuffix(bad.Want, "; these are no degrees: say the system with --datum, such as epsg:4549")
		refused = append(refused, bad)
	}
	if err := checkValid(h.Shape); err != nil {
		refused = append(refused, err)
	}
	for i, s := range h.Scenarios {
		for _, z := range s.Footprint.Zones {
			if err := checkValid(z.Shape); err != nil {
				refused = append(refused, inField(fmt.Sprintf("scenarios[%d].footprint.zones.geometry", i), err))
			}
		}
	}
	if err := d.Check(); err != nil {
		refused = append(refused, err)
	}
	level, err := v.rules.Check(v.profile.Taxonomy.Industries[h.Industry].Code, h.Level, d)
	if err != nil {
		refused = append(refused, err)
	}
	return refused, level
}

// inField is the error of a rule that another field broke.
func inField(field string, err error) error {
	if bad := (*data.Invalid)(nil); errors.As(err, &bad) {
		moved := *bad
		moved.Field = field
		return &moved
	}
	return err
}

// texts brings the detail's texts and dates into their forms. The table of fields
// says which those are.
func texts(d *data.Detail) (out []Finding) {
	for i := range detailFields {
		f := &detailFields[i]
		switch {
		case f.date != nil:
			at := f.date(d)
			if *at == "" {
				continue
			}
			day, ok := parseDate(*at)
			if !ok {
				out = append(out, Finding{"date_unreadable", f.name, shorten(*at), "a date as 2019-11-20; it was left out"})
			}
			*at = day
		case f.oneOf != nil:
			at := f.text(d)
			if *at == "" {
				continue
			}
			word, ok := f.oneOf[strings.ToLower(*at)]
			if !ok {
				out = append(out, Finding{f.name + "_unknown", f.name, shorten(*at), "one of: " + strings.Join(sortedKeys(f.oneOf), ", ") + "; it was left out"})
			}
			*at = word
		case f.text != nil:
			at, most := f.text(d), f.most
			if most == 0 {
				most = 1000
			}
			clean, cut := cleanText(*at, most)
			if cut {
				out = append(out, shortened(f.name, f.shownValue(shorten(*at))))
			}
			*at = clean
		}
	}
	return out
}

// accidents keeps the accident types that there are, each once.
func (v *Vetter) accidents(d *data.Detail) (out []Finding) {
	var kept []string
	for _, code := range d.AccidentTypes {
		known, seen := false, false
		for _, a := range v.profile.Taxonomy.AccidentTypes {
			known = known || a.Code == code
		}
		for _, k := range kept {
			seen = seen || k == code
		}
		switch {
		case !known:
			out = append(out, Finding{"accident_type_unknown", "accident_types", shorten(code), "a code of an accident type; it was left out"})
		case !seen:
			kept = append(kept, code)
		}
	}
	d.AccidentTypes = kept
	return out
}

// boundaries gives the districts, read again when they have changed.
func (v *Vetter) boundaries(ctx context.Context, places Places) (*boundaries, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bounds != nil && v.of == places.State {
		return v.bounds, nil
	}
	made, err := newBoundaries(ctx, v.profile, places.Units)
	if err != nil {
		return nil, err
	}
	v.bounds, v.of = made, places.State
	return made, nil
}
