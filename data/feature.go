package data

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// properties is a record's properties in the interchange: the hot ones with
// codes in the place of positions, then the detail.
type properties struct {
	Name        string     `json:"name"`
	NameEn      string     `json:"name_en,omitempty"`
	Industry    string     `json:"industry"`
	District    string     `json:"district,omitempty"`
	Vintage     string     `json:"district_vintage,omitempty"` // "" is the default vintage
	Level       Level      `json:"level"`
	Status      string     `json:"status"`
	Sensitivity string     `json:"sensitivity,omitempty"`
	Regulator   string     `json:"regulator,omitempty"`
	Scenarios   []Scenario `json:"scenarios,omitempty"`
	Detail
	Rev Revision `json:"rev,omitempty"`
}

// AppendFeature writes the record as a GeoJSON feature in the interchange form.
// The district is the stated one; where none is stated, the one that the default
// vintage has for the hazard, if the city is known.
func (t *Taxonomy) AppendFeature(b []byte, r *Record) ([]byte, error) {
	props, err := t.properties(r)
	if err != nil {
		return b, err
	}
	b = append(b, `{"type":"Feature","id":`...)
	b = strconv.AppendQuote(b, string(r.Hazard.ID))
	b = append(b, `,"geometry":`...)
	b = AppendGeometry(b, r.Hazard.Shape)
	b = append(b, `,"properties":`...)
	b = append(b, props...)
	return append(b, '}'), nil
}

func (t *Taxonomy) properties(r *Record) ([]byte, error) {
	h := r.Hazard
	if int(h.Industry) >= len(t.Industries) {
		return nil, fmt.Errorf("record %s: industry %d is not in the taxonomy", h.ID, h.Industry)
	}
	p := properties{Name: h.Name, NameEn: h.NameEn, Industry: t.Industries[h.Industry].Code, Level: h.Level,
		Status: h.Status.String(), Sensitivity: h.Sensitivity.String(), Regulator: h.Regulator,
		Scenarios: h.Scenarios, Detail: r.Detail, Rev: h.Rev}
	at := h.Stated
	if at == 0 {
		at = h.Districts[t.Default]
	}
	if v, info, ok := t.DistrictInfo(at); ok {
		p.District = info.Code
		if v != &t.Vintages[t.Default] {
			p.Vintage = v.Name
		}
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("record %s: %w", h.ID, err)
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// ParseFeature reads one GeoJSON feature in the interchange form and seals its
// hazard. Derived scenarios and rev are ignored. Coordinates are taken as WGS
// 84. Class.Districts is left 0: the city fills it. Unknown properties are
// refused by name. The error is an *Invalid where a value breaks a rule.
func (t *Taxonomy) ParseFeature(raw []byte) (*Record, error) {
	var f struct {
		Type       string          `json:"type"`
		ID         json.RawMessage `json:"id"`
		Geometry   json.RawMessage `json:"geometry"`
		Properties json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(raw, &f); err != nil || f.Type != "Feature" {
		return nil, &Invalid{Field: "type", Value: f.Type, Want: "a GeoJSON Feature"}
	}
	var h Hazard
	var id string
	if json.Unmarshal(f.ID, &id) != nil {
		id = string(f.ID) // a number is a usable id; its digits are its name
	}
	h.ID = ID(id)
	var err error
	if h.Shape, err = ParseGeometry(f.Geometry); err != nil {
		return nil, err
	}
	detail, err := t.parseProperties(f.Properties, &h)
	if err != nil {
		return nil, err
	}
	sealed, err := h.Seal()
	if err != nil {
		return nil, err
	}
	return &Record{Hazard: sealed, Detail: *detail}, nil
}

func (t *Taxonomy) parseProperties(raw []byte, h *Hazard) (*Detail, error) {
	var p properties
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return nil, propertyError(err)
	}
	var err error
	h.Name, h.NameEn, h.Level, h.Regulator = p.Name, p.NameEn, p.Level, p.Regulator
	if h.Industry, err = t.Industry(p.Industry); err != nil {
		return nil, err
	}
	if h.Name == "" {
		h.Name = t.Industries[h.Industry].Name + " " + string(h.ID)
	}
	if p.District != "" {
		v, err := t.Vintage(p.Vintage)
		if err != nil {
			return nil, err
		}
		if h.Stated, err = v.District(p.District); err != nil {
			return nil, err
		}
	}
	if h.Status, err = ParseStatus(p.Status); err != nil {
		return nil, err
	}
	if h.Sensitivity, err = ParseSensitivity(p.Sensitivity); err != nil {
		return nil, err
	}
	for _, s := range p.Scenarios {
		if !s.Derived {
			h.Scenarios = append(h.Scenarios, s)
		}
	}
	return &p.Detail, p.Detail.Check()
}

// propertyError keeps the rule that was broken and gives JSON's own errors the
// same form.
func propertyError(err error) error {
	switch e := err.(type) {
	case *Invalid:
		return e
	case *json.UnmarshalTypeError:
		// The detail is embedded: its name is Go's and none of the interchange.
		return &Invalid{Field: strings.TrimPrefix(e.Field, "Detail."), Value: e.Value, Want: "a " + e.Type.String()}
	}
	return &Invalid{Field: "properties", Value: err.Error(), Want: "the properties of a source"}
}
