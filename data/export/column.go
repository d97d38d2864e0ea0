package export

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"riskatlas/data"
)

// kind is what the cells of a column hold.
type kind uint8

const (
	text    kind = iota
	list         // phrases with semicolons between them, or a JSON list of them
	whole        // a whole number
	decimal      // a number
	truth        // true, or nothing
	object       // JSON
	wktText      // a geometry
)

// column is one column of a table: its name is the interchange's, a dot leads
// into an object.
type column struct {
	name string
	kind kind
}

// columns are all that the interchange says of a record but its revision. lon
// and lat are the point that stands for the source; geometry is there for what is
// no point.
var columns = []column{
	{"id", text}, {"name", text}, {"name_en", text}, {"industry", text}, {"district", text}, {"district_vintage", text},
	{"level", whole}, {"status", text}, {"status_reason", text}, {"sensitivity", text}, {"lon", decimal}, {"lat", decimal}, {"geometry", wktText},
	{"regulator", text}, {"kind", text}, {"enterprise", text}, {"uscc", text}, {"address", text}, {"street_code", text},
	{"responsible", text}, {"duty_phone", text}, {"regulator_contact", text}, {"grid_officer", text}, {"level_of_control", text},
	{"level_method", text}, {"level_inputs", object}, {"override_reason", text}, {"major_hazard_grade", whole},
	{"accident_types", list}, {"measures.engineering", list}, {"measures.management", list}, {"measures.emergency", list},
	{"measures.monitoring", list}, {"effect_radius_m", object}, {"exposed_day", whole}, {"exposed_night", whole},
	{"occupancy_max", whole}, {"staff", whole}, {"hidden_dangers_open", whole}, {"emergency_plan_id", text},
	{"nearest_fire_station", text}, {"shelter", text}, {"assessed_at", text}, {"assessor", text}, {"next_review", text},
	{"valid_from", text}, {"valid_to", text}, {"data_source", text}, {"collected_at", text}, {"source_crs", text},
	{"source_geometry", object}, {"coord_accuracy_m", decimal}, {"synthetic", truth}, {"protection_class", text},
	{"substances", object}, {"vessels", object}, {"net_explosive_kg", decimal}, {"flood", object}, {"indicators", object},
	{"scenarios", object}, {"derivations", object},
}

// Table turns records into rows of cells. It is made for one taxonomy; one
// goroutine may use it at a time.
type Table struct {
	tax     *data.Taxonomy
	columns []column
	cells   []string
}

// NewTable makes the table of a city; revisions adds the column rev.
func NewTable(tax *data.Taxonomy, revisions bool) *Table {
	t := &Table{tax: tax, columns: columns}
	if revisions {
		t.columns = append(columns[:len(columns):len(columns)], column{"rev", whole})
	}
	t.cells = make([]string, len(t.columns))
	return t
}

// Names are the columns' names, in the order of cells.
func (t *Table) Names() []string {
	out := make([]string, len(t.columns))
	for i, c := range t.columns {
		out[i] = c.name
	}
	return out
}

// Row gives the record's cells, "" where it says nothing. The cells of texts and
// lists are as they are: Harmless is the writer's. The slice is overwritten by
// the next call.
func (t *Table) Row(r *data.Record) ([]string, error) {
	raw, err := t.tax.AppendProperties(nil, r)
	if err != nil {
		return nil, err
	}
	var props map[string]json.RawMessage
	if err := json.Unmarshal(raw, &props); err != nil {
		return nil, fmt.Errorf("record %s: %w", r.Hazard.ID, err)
	}
	for i, c := range t.columns {
		if t.cells[i], err = cell(c, props, r.Hazard); err != nil {
			return nil, fmt.Errorf("record %s: %s: %w", r.Hazard.ID, c.name, err)
		}
	}
	return t.cells, nil
}

func cell(c column, props map[string]json.RawMessage, h *data.Hazard) (string, error) {
	switch c.name {
	case "id":
		return string(h.ID), nil
	case "lon":
		return degrees(data.LabelPoint(h.Shape)[0]), nil
	case "lat":
		return degrees(data.LabelPoint(h.Shape)[1]), nil
	case "geometry":
		if _, point := h.Shape.(orb.Point); point {
			return "", nil
		}
		return wkt.MarshalString(h.Shape), nil
	}
	head, rest, nested := strings.Cut(c.name, ".")
	raw := props[head]
	if nested && len(raw) > 0 {
		var inner map[string]json.RawMessage
		if err := json.Unmarshal(raw, &inner); err != nil {
			return "", err
		}
		raw = inner[rest]
	}
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	switch c.kind {
	case text:
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case list:
		var phrases []string
		err := json.Unmarshal(raw, &phrases)
		return joined(phrases, raw), err
	}
	return string(raw), nil
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// joined is a list as people write one, or its JSON where that would be read as
// another.
func joined(phrases []string, raw json.RawMessage) string {
	for i, p := range phrases {
		if p == "" || p != strings.TrimSpace(p) || strings.ContainsAny(p, ";；、|\n") || i == 0 && strings.HasPrefix(p, "[") {
			return string(raw)
		}
	}
	if len(phrases) == 0 {
		return "[]"
	}
	return strings.Join(phrases, ";")
}

// guarded reports whether cells of the kind are texts that a person may have
// typed.
func (k kind) guarded() bool { return k == text || k == list }
