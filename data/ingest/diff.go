package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"riskatlas/data"
)

// FieldChange is one field of a record that another value came into. A value is
// as a cell has it: text as it is, numbers, lists and objects as JSON; "" is
// none. Personal values are not shown.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// propertiesOf gives a record's properties in the interchange and its geometry, by
// name.
func propertiesOf(tax *data.Taxonomy, r *data.Record) (map[string]json.RawMessage, error) {
	text, err := tax.AppendFeature(nil, stated(r))
	if err != nil {
		return nil, err
	}
	var f struct {
		Geometry   json.RawMessage            `json:"geometry"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("record %s: %w", r.Hazard.ID, err)
	}
	f.Properties["geometry"] = f.Geometry
	return f.Properties, nil
}

// stated is the record without what the program fills in: its revision, derived
// scenarios and the city's districts.
func stated(r *data.Record) *data.Record {
	h := *r.Hazard
	h.Rev, h.Districts, h.Scenarios = 0, [data.MaxVintages]data.District{}, nil
	for _, s := range r.Hazard.Scenarios {
		if !s.Derived {
			h.Scenarios = append(h.Scenarios, s)
		}
	}
	return &data.Record{Hazard: &h, Detail: r.Detail}
}

// sameRecord compares two records by all that the interchange says of them but
// the revision, derived scenarios and what the city fills in.
func sameRecord(tax *data.Taxonomy, a, b *data.Record) (bool, error) {
	var text [2][]byte
	for i, r := range []*data.Record{a, b} {
		var err error
		if text[i], err = tax.AppendFeature(nil, stated(r)); err != nil {
			return false, err
		}
	}
	return bytes.Equal(text[0], text[1]), nil
}

// changes lists the fields in which two records differ, by name.
func changes(tax *data.Taxonomy, before, after *data.Record) ([]FieldChange, error) {
	was, err := propertiesOf(tax, before)
	if err != nil {
		return nil, err
	}
	is, err := propertiesOf(tax, after)
	if err != nil {
		return nil, err
	}
	names := slices.Collect(maps.Keys(was))
	for name := range is {
		if _, both := was[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []FieldChange
	for _, name := range names {
		if bytes.Equal(was[name], is[name]) {
			continue
		}
		c := FieldChange{name, shorten(propertyText(was[name])), shorten(propertyText(is[name]))}
		if personalFields[name] {
			c.Before, c.After = hidden(c.Before), hidden(c.After)
		}
		out = append(out, c)
	}
	return out, nil
}

var personalFields = func() map[string]bool {
	out := map[string]bool{}
	for _, f := range sourceFields {
		if f.personal {
			out[f.name] = true
		}
	}
	return out
}()

func hidden(text string) string {
	if text == "" {
		return ""
	}
	return "(personal)"
}

// fillsToo are the columns of flat lists that fill a property under another name,
// and what follows from what: the scenarios from the inventory.
var fillsToo = map[string][]string{
	"lon": {"geometry"}, "lat": {"geometry"},
	"geometry":  {"source_geometry", "source_crs", "coord_accuracy_m"},
	"district":  {"district_vintage"},
	"substance": {"substances"}, "cas": {"substances"}, "max_t": {"substances", "vessels"},
	"vessel_kind": {"vessels"}, "vessel_volume_m3": {"vessels"}, "vessel_count": {"vessels"}, "bund_diameter_m": {"vessels"},
	"dust_mass_kg": {"indicators", "scenarios", "derivations"}, "dust_type": {"indicators"},
	"substances": {"scenarios", "derivations"}, "vessels": {"scenarios", "derivations"},
	"net_explosive_kg": {"scenarios", "derivations"}, "flood": {"scenarios", "derivations"},
}

// carried is the set of properties that a file's columns fill.
type carried map[string]bool

func (c carried) add(column string) {
	if c[column] {
		return
	}
	c[column] = true
	for _, name := range fillsToo[column] {
		c.add(name)
	}
	if whole, _, dotted := strings.Cut(column, "."); dotted {
		c.add(whole)
	}
}

// overlaid is the new record with what the file has no column for taken from
// the one that it replaces: a delivery changes only what it speaks of.
func overlaid(tax *data.Taxonomy, held, made *data.Record, has carried) (*data.Record, error) {
	was, err := propertiesOf(tax, held)
	if err != nil {
		return nil, err
	}
	is, err := propertiesOf(tax, made)
	if err != nil {
		return nil, err
	}
	kept := false
	for name := range is {
		if _, there := was[name]; !there && !has[name] {
			delete(is, name) // a default of this reading, which the file does not state
			kept = true
		}
	}
	for name, raw := range was {
		if !has[name] && name != "rev" && !bytes.Equal(raw, is[name]) {
			is[name], kept = raw, true
		}
	}
	if !kept {
		return made, nil
	}
	geometry := is["geometry"]
	delete(is, "geometry")
	text, err := json.Marshal(map[string]any{"type": "Feature", "id": made.Hazard.ID, "geometry": geometry, "properties": is})
	if err != nil {
		return nil, err
	}
	out, err := tax.ParseFeature(text)
	if err != nil {
		return nil, fmt.Errorf("record %s with what the store holds of it: %w", made.Hazard.ID, err)
	}
	return out, nil
}
