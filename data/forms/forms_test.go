package forms

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/grading"
)

func load(t *testing.T, name string) (*city.Profile, *Book) {
	t.Helper()
	p, err := city.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return p, b
}

func industry(t *testing.T, b *Book, code string) data.Industry {
	t.Helper()
	in, err := b.City.Taxonomy.Industry(code)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestEveryIndustryHasIndicators(t *testing.T) {
	p, b := load(t, "hangzhou")
	if len(b.Forms()) != 39 || len(p.Taxonomy.Industries) != 39 {
		t.Fatalf("%d forms", len(b.Forms()))
	}
	for _, f := range b.Forms() {
		own := 0
		for _, x := range f.Indicators {
			if !slices.Contains(x.For, "all") {
				own++
			}
		}
		if own < 6 {
			t.Errorf("%s has %d indicators of its own", f.Industry.Code, own)
		}
	}
	// domain: one field of each industry that the survey asks for by name
	for code, keys := range map[string]string{"I01": "process_list sis", "I04": "station_grade petrol_tank_m3 dwelling_distance_m", "I05": "mine_type slope_height_m tailings_dam_height_m",
		"I06": "store_net_kg hazard_division", "I07": "dust_type dust_area_staff dedusting", "I08": "ammonia_t", "I09": "furnace_t ladle_count", "I10": "confined_spaces",
		"I11": "pipe_diameter_mm design_pressure_mpa wall_thickness_mm burial_depth_m built_year hca_km", "I12": "store_net_kg", "I13": "excavation_depth_m hazardous_works tbm_length_m adjacent_buildings",
		"I14": "gas_storage_m3 gas_kind station_grade", "I15": "vehicles length_km route_count hazmat_classes accidents_year", "I16": "chlorine_t",
		"C01": "floor_area_m2 storeys height_m underground_storeys crowd_density_per_m2 exits sprinklers fire_alarm fire_rating key_fire_unit gas_use overnight_people weak_share lifts built_year",
		"C08": "daily_capacity cableways boats", "C11": "building_class building_residents", "C13": "seats events_year", "C14": "flood_points",
		"P01": "voltage_kv critical_users", "P02": "spoil_volume_m3 heap_height_m slope_angle_deg drainage downstream_people", "P03": "old_pipe_km leaks_year medium_pressure_km",
		"P04": "berths ferries passengers_day", "P05": "black_spots deaths_year aadt", "P06": "bridge_class span_m aadt", "P07": "passengers_day section_load_people_h floor_depth_m",
		"P08": "waste_t_year waste_classes waste_store_m2", "P09": "reservoir_volume_m3 dam_height_m dam_class people_at_risk warning_time_h"} {
		f := b.Form(industry(t, b, code))
		for _, key := range strings.Fields(keys) {
			if x, ok := f.Indicator(key); !ok || x.Key != key {
				t.Errorf("%s has no %s", code, key)
			}
		}
	}
}

// What the methods of grading read as an indicator is an indicator.
func TestWhatGradingReadsIsCollected(t *testing.T) {
	_, b := load(t, "hangzhou")
	for _, name := range append(slices.Clone(grading.SizeNames), "residents_500m", "dust_area_staff", "excavation_depth_m", "crowd_density_per_m2", "building_class", "bridge_class", "dam_class") {
		if !b.Names(name) {
			t.Errorf("no industry has %s", name)
		}
	}
}

// The record's fields are those of the interchange, no more and no fewer.
func TestCommonFieldsAreTheInterchange(t *testing.T) {
	_, b := load(t, "hangzhou")
	want := []string{"name", "name_en", "industry", "district", "district_vintage", "level", "status", "sensitivity", "regulator", "scenarios", "rev"}
	for f := range fieldsOf(reflect.TypeFor[data.Detail]()) {
		want = append(want, f)
	}
	raw, err := b.Form(0).Schema("en")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	var got []string
	for name := range schema.Properties {
		if name != "id" { // a feature's own member
			got = append(got, name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func fieldsOf(t reflect.Type) map[string]bool {
	out := map[string]bool{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		out[name] = true
	}
	return out
}

func TestEveryFieldCarriesItsExample(t *testing.T) {
	_, b := load(t, "hangzhou")
	for _, f := range b.Forms() {
		for i := range f.Indicators {
			x := &f.Indicators[i]
			if v, err := x.Read(x.Example); err != nil || v == nil {
				t.Errorf("%s: example %q: %v", x.Key, x.Example, err)
			}
			for _, lang := range []string{"zh", "en"} {
				if got, ok := f.Indicator(x.Header(lang)); !ok || got.Key != x.Key {
					t.Errorf("%s: the head %q is not its own", x.Key, x.Header(lang))
				}
			}
			for _, c := range x.Choices {
				for _, text := range []string{c.Code, c.Name, c.NameEn} {
					if v, err := x.choice(text); err != nil || v != c.Code {
						t.Errorf("%s: %q is %v, %v", x.Key, text, v, err)
					}
				}
			}
		}
	}
}

// A profile's own industry, even with a code that the tables have, has the
// fields of all industries alone.
func TestOwnIndustriesFallBack(t *testing.T) {
	p, b := load(t, "../city/testdata/riverton.json")
	for _, f := range b.Forms() {
		known := f.Industry.Slug == "petrol-station"
		if _, has := f.Indicator("petrol_tank_m3"); has != known {
			t.Errorf("%s: petrol_tank_m3 %v", f.Industry.Code, has)
		}
		if _, has := f.Indicator("last_inspection"); !has {
			t.Errorf("%s lacks last_inspection", f.Industry.Code)
		}
		if raw, err := f.Schema("en"); err != nil || !json.Valid(raw) {
			t.Error(err)
		}
	}
	t.Log(len(p.Taxonomy.Industries), "industries")
}

func TestCheck(t *testing.T) {
	_, b := load(t, "hangzhou")
	for _, c := range []struct {
		name, code string
		in         map[string]any
		want       map[string]any
		warned     []string // fields
		refused    string   // field
	}{
		{"nothing", "I04", nil, nil, nil, ""},
		{"as they are", "I04", map[string]any{"tank_count": 6.0, "petrol_tank_m3": 90.0}, map[string]any{"tank_count": 6.0, "petrol_tank_m3": 90.0}, nil, ""},
		{"by name", "I04", map[string]any{"汽油罐总容积 (m³)": "90", "Station grade": "二级"}, map[string]any{"petrol_tank_m3": 90.0, "station_grade": "2"}, nil, ""},
		{"units", "I11", map[string]any{"pipe_diameter_mm": "0.61 m", "length_km": "18500米", "design_pressure_mpa": "63 bar", "built_year": "2008年"},
			map[string]any{"pipe_diameter_mm": 610.0, "length_km": 18.5, "design_pressure_mpa": 6.3, "built_year": 2008.0}, nil, ""},
		{"multiples", "P09", map[string]any{"reservoir_volume_m3": "216.26亿立方米", "people_at_risk": "1.2万人"}, map[string]any{"reservoir_volume_m3": 21.626e9, "people_at_risk": 12000.0}, nil, ""},
		{"full width", "P09", map[string]any{"dam_height_m": "１０５米", "dam_class": "二类"}, map[string]any{"dam_height_m": 105.0, "dam_class": "2"}, nil, ""},
		{"empty", "I04", map[string]any{"tank_count": " ", "dispensers": nil}, nil, nil, ""},
		{"yes", "I01", map[string]any{"sis": "有", "gas_alarm": false, "process_list": "氯化；加氢、氯化"}, map[string]any{"sis": true, "gas_alarm": false, "process_list": []any{"chlorination", "hydrogenation"}}, nil, ""},
		{"date", "I04", map[string]any{"last_inspection": "2019年6月3日"}, map[string]any{"last_inspection": "2019-06-03"}, nil, ""},
		{"unknown", "I04", map[string]any{"tank_cout": 6.0}, map[string]any{"tank_cout": 6.0}, []string{"indicators.tank_cout"}, ""},
		{"of another", "I04", map[string]any{"dam_height_m": 3.0}, map[string]any{"dam_height_m": 3.0}, []string{"indicators.dam_height_m"}, ""},
		{"a text", "I04", map[string]any{"tank_count": "many"}, nil, nil, "indicators.tank_count"},
		{"half", "I04", map[string]any{"tank_count": 2.5}, nil, nil, "indicators.tank_count"},
		{"too few", "I04", map[string]any{"petrol_tank_m3": -1.0}, nil, nil, "indicators.petrol_tank_m3"},
		{"too many", "I04", map[string]any{"petrol_tank_m3": "2万方"}, nil, nil, "indicators.petrol_tank_m3"},
		{"of another measure", "I04", map[string]any{"petrol_tank_m3": "90 t"}, nil, nil, "indicators.petrol_tank_m3"},
		{"thousands", "I04", map[string]any{"petrol_tank_m3": "1,000"}, nil, nil, "indicators.petrol_tank_m3"},
		{"hexadecimal", "I04", map[string]any{"petrol_tank_m3": "0x10"}, nil, nil, "indicators.petrol_tank_m3"},
		{"a list", "I04", map[string]any{"petrol_tank_m3": []any{1.0}}, nil, nil, "indicators.petrol_tank_m3"},
		{"true", "I04", map[string]any{"petrol_tank_m3": true}, nil, nil, "indicators.petrol_tank_m3"},
		{"perhaps", "I01", map[string]any{"sis": "perhaps"}, nil, nil, "indicators.sis"},
		{"no grade", "I04", map[string]any{"station_grade": "四级"}, nil, nil, "indicators.station_grade"},
		{"no day", "I04", map[string]any{"last_inspection": "2019-02-30"}, nil, nil, "indicators.last_inspection"},
		{"no class", "P08", map[string]any{"waste_classes": "HW06；HW51"}, nil, nil, "indicators.waste_classes"},
		{"twice", "I04", map[string]any{"tank_count": 1.0, "储罐总数": 2.0}, nil, nil, "indicators.储罐总数"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, warnings, err := b.Check(industry(t, b, c.code), c.in)
			var bad *data.Invalid
			if c.refused != "" {
				if !errors.As(err, &bad) || bad.Field != c.refused || bad.Want == "" || got != nil {
					t.Fatalf("refused as %v, want %s", err, c.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			var fields []string
			for _, w := range warnings {
				fields = append(fields, w.Field)
			}
			if d := cmp.Diff(c.warned, fields); d != "" {
				t.Error(d)
			}
			again, more, err := b.Check(industry(t, b, c.code), got)
			if err != nil || cmp.Diff(got, again) != "" || len(more) != len(warnings) {
				t.Errorf("a second look changes it: %v %v", again, err)
			}
		})
	}
}

func TestUnknownNamesTheNearest(t *testing.T) {
	_, b := load(t, "hangzhou")
	_, warnings, err := b.Check(industry(t, b, "I04"), map[string]any{"petrol_tank_volme": 3.0})
	if err != nil || len(warnings) != 1 || !slices.Contains(warnings[0].Allowed, "petrol_tank_m3") {
		t.Errorf("%+v %v", warnings, err)
	}
	_, warnings, _ = b.Check(industry(t, b, "I04"), map[string]any{"dam_height_m": 3.0})
	if !strings.Contains(warnings[0].Want, "P09") {
		t.Errorf("%+v", warnings)
	}
}

// Every unit of a measure converts to every field's unit of it and back.
func TestUnitsConvert(t *testing.T) {
	for unit, of := range measureOf {
		table := measures[of]
		if _, ok := table[strings.ToLower(unit)]; !ok {
			t.Errorf("%q is no unit of %s", unit, of)
		}
		for written, factor := range table {
			v, ok := decimal("3 "+written, unit)
			want := 3 * factor / table[strings.ToLower(unit)]
			if !ok || v < want*(1-1e-14) || v > want*(1+1e-14) {
				t.Errorf("3 %s is %v %s, want %v", written, v, unit, want)
			}
		}
	}
	for text, want := range map[string]float64{"1e3": 1000, "1.5E-2": 0.015, "+7": 7, "12万": 120000, "3千克": 3, "3百万": 3e6, "0.07 t": 70} {
		if v, ok := decimal(text, "kg"); !ok || v != want {
			t.Errorf("%s is %v", text, v)
		}
	}
	for _, text := range []string{"", "e3", "1e", "NaN", "Inf", "1_0", "12 furlongs", "--1", "万", "1e999"} {
		if v, ok := decimal(text, "kg"); ok {
			t.Errorf("%q is taken for %v", text, v)
		}
	}
}
