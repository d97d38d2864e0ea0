package ingest

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// fieldUnits are the units in which the values of a field are, as columns have them
// behind its name: 最大储量（吨）. They are in the form of bareUnit.
var fieldUnits = map[string][]string{
	"max_t":               {"t", "吨", "tonne", "tonnes", "ton(metric)"},
	"net_explosive_kg":    {"kg", "公斤", "千克"},
	"dust_mass_kg":        {"kg", "公斤", "千克"},
	"vessel_volume_m3":    {"m3", "m^3", "立方米", "立方", "方"},
	"bund_diameter_m":     {"m", "米", "metres", "meters"},
	"coord_accuracy_m":    {"m", "米", "metres", "meters"},
	"vessel_count":        {"个", "台", "座", "只"},
	"exposed_day":         {"人", "persons", "people"},
	"exposed_night":       {"人", "persons", "people"},
	"occupancy_max":       {"人", "persons", "people"},
	"staff":               {"人", "persons", "people"},
	"capacity":            {"人", "persons", "people"},
	"people":              {"人", "persons", "people"},
	"hidden_dangers_open": {"个", "项", "处", "条"},
	"lon":                 {"°", "度", "deg", "degree", "degrees", "°e", "dd"},
	"lat":                 {"°", "度", "deg", "degree", "degrees", "°n", "dd"},
}

// remarks may stand behind any name and change nothing.
var remarks = []string{"必填", "选填", "可选", "必填项", "required", "optional", "mandatory"}

// cutUnit cuts what stands in brackets or after a slash behind a name.
func cutUnit(column string) (name, unit string, ok bool) {
	s := strings.TrimSpace(norm.NFKC.String(column))
	for _, pair := range [][2]string{{"(", ")"}, {"[", "]"}, {"【", "】"}} {
		inner, shut := strings.CutSuffix(s, pair[1])
		if i := strings.LastIndex(inner, pair[0]); shut && i > 0 {
			return inner[:i], bareUnit(inner[i+len(pair[0]):]), true
		}
	}
	if i := strings.LastIndexByte(s, '/'); i > 0 {
		return s[:i], bareUnit(s[i+1:]), true
	}
	return "", "", false
}

func bareUnit(s string) string {
	s = strings.ToLower(strings.TrimSpace(norm.NFKC.String(s)))
	return strings.TrimSpace(strings.TrimPrefix(s, "单位:"))
}

// lookUpUnit finds the field of a column whose name has a unit behind it. A unit
// that is not the field's leaves the column unread, since its numbers would be
// other ones; other remarks are passed over where a field has no unit.
func (m *mapping) lookUpUnit(column string) target {
	name, unit, ok := cutUnit(column)
	if !ok {
		return target{}
	}
	t, ok := m.names[fold(name)]
	if !ok {
		return target{}
	}
	own, measured := fieldUnits[m.table[t.field].name]
	switch {
	case slices.Contains(own, unit), slices.Contains(remarks, unit), !measured:
		t.rank += unitRank
		return t
	}
	m.foreign[column] = t.field
	return target{}
}

// unitRank puts names with a unit behind those without.
const unitRank = 500

// foreignUnits warns of columns that were not read for their unit.
func (b *builder) foreignUnits() {
	for _, column := range sortedKeys(b.mapping.foreign) {
		name := b.mapping.table[b.mapping.foreign[column]].name
		b.report.add(Problem{File: b.file.Name, Kind: "unit_differs", Severity: Warning, Field: name, Value: column,
			Want: "a column in " + strings.Join(fieldUnits[name], ", ") + ": this one was not read; where it is in that unit, --map " + name + "=COLUMN says so"})
	}
}
