package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"riskatlas/data"
	"riskatlas/data/datum"
)

// csvColumns are the interchange's names, so that a file can be imported again;
// a dot leads into an object.
var csvColumns = []string{"id", "name", "name_en", "industry", "district", "district_vintage", "level", "status", "sensitivity",
	"lon", "lat", "geometry", "regulator", "enterprise", "uscc", "address", "street_code", "responsible", "duty_phone",
	"regulator_contact", "grid_officer", "level_of_control", "level_method", "accident_types", "measures.engineering",
	"measures.management", "measures.emergency", "measures.monitoring", "exposed_day", "exposed_night", "occupancy_max", "staff",
	"hidden_dangers_open", "major_hazard_grade", "emergency_plan_id", "nearest_fire_station", "shelter", "assessed_at", "assessor",
	"next_review", "valid_from", "valid_to", "data_source", "collected_at", "synthetic", "substances", "vessels", "net_explosive_kg",
	"flood", "protection_class", "indicators", "scenarios", "derivations", "rev"}

// byteOrderMark tells spreadsheets that the text is UTF-8.
const byteOrderMark = "\ufeff"

// csvPage writes the records as RFC 4180 text. lon and lat are the point that
// stands for the source; geometry is there for lines and areas, as WKT.
func csvPage(tax *data.Taxonomy, records []*data.Record, d datum.Datum) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(byteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	if err := w.Write(csvColumns); err != nil {
		return nil, err
	}
	cells := make([]string, len(csvColumns))
	for _, r := range records {
		props, err := csvProperties(tax, shownRecord(r, d))
		if err != nil {
			return nil, err
		}
		for i, name := range csvColumns {
			cells[i] = csvCell(props, name)
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// csvProperties is the record's interchange form with the columns that only
// tables have.
func csvProperties(tax *data.Taxonomy, r *data.Record) (map[string]any, error) {
	raw, err := tax.AppendFeature(nil, r)
	if err != nil {
		return nil, err
	}
	var f struct {
		Properties map[string]any `json:"properties"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("record %s: %w", r.Hazard.ID, err)
	}
	label := data.LabelPoint(r.Hazard.Shape)
	f.Properties["id"] = string(r.Hazard.ID)
	f.Properties["lon"], f.Properties["lat"] = label[0], label[1]
	if _, point := r.Hazard.Shape.(orb.Point); !point {
		f.Properties["geometry"] = wkt.MarshalString(r.Hazard.Shape)
	}
	return f.Properties, nil
}

func csvCell(props map[string]any, name string) string {
	head, rest, nested := strings.Cut(name, ".")
	v := props[head]
	if nested {
		inner, _ := v.(map[string]any)
		return csvCell(inner, rest)
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return harmless(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		if words, ok := texts(v); ok {
			return harmless(strings.Join(words, ";"))
		}
	}
	b, err := json.Marshal(v)
	if err != nil { // it came from JSON: cannot happen
		return ""
	}
	return harmless(string(b))
}

func texts(list []any) ([]string, bool) {
	out := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string { return data.Harmless(s) }
