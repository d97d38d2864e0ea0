package grading

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"riskatlas/data"
)

type in = map[string]any

func TestLevel(t *testing.T) {
	r := rules(t)
	gases := []data.Substance{tonnes("Cl2", 20), tonnes("NH3", 50)}
	for _, c := range []struct {
		method, industry string
		inputs           in
		substances       []data.Substance
		level            data.Level
		grade            int
		value            float64
		rule             string
	}{
		{"LEC", "", in{"L": 3.0, "E": 6.0, "C": 15.0}, nil, 3, 0, 270, "lec"},
		{"lec", "", in{"l": json.Number("3"), "e": "6", "c": 15}, nil, 3, 0, 270, "lec"},
		{"LS", "", in{"L": 4.0, "S": int64(5)}, nil, 4, 0, 20, "ls"},
		{"R", "I08", in{"residents_500m": 120.0}, gases, 3, 2, 52, "gb18218-r"},
		{"R", "", in{"residents_500m": 0}, gases, 2, 3, 13, "gb18218-r"},
		{"R", "", in{"residents_500m": 120, "R": 52.2}, gases, 3, 2, 52, "gb18218-r"},
		{"R", "", in{"residents_500m": 120, "substances": []any{in{"name": "LPG", "max_t": 600.0}}}, gases, 2, 3, 36, "gb18218-r"},
		{"R", "", in{"residents_500m": 120, "substances": `[{"name":"LPG","max_t":600}]`}, nil, 2, 3, 36, "gb18218-r"},
		{"R", "", in{"S": 9, "R": 100}, nil, 4, 1, 100, "gb18218-r"},
		{"R", "", in{"S": 9, "R": 60, "residents_500m": 5}, []data.Substance{tonnes("unobtainium", 1)}, 3, 2, 60, "gb18218-r"},
		{"R", "", in{"S": 0.99, "R": 30}, nil, 0, 0, 30, "gb18218-r"},
		{"key_unit", "I07", in{"dust_area_staff": 30}, nil, 4, 0, 30, "dust-staff"},
		{"key_unit", "I07", in{"dust_area_staff": 29}, nil, 3, 0, 29, "dust-staff"},
		{"key_unit", "I07", in{"dust_area_staff": 10}, nil, 3, 0, 10, "dust-staff"},
		{"key_unit", "I07", in{"dust_area_staff": 9}, nil, 2, 0, 9, "dust-staff"},
		{"key_unit", "C11", in{"building_class": "c级"}, nil, 3, 0, 0, "building-class"},
		{"key_unit", "C11", in{"building_class": "D"}, nil, 4, 0, 0, "building-class"},
		{"key_unit", "I13", in{"excavation_depth_m": 5}, nil, 3, 0, 5, "excavation-depth"},
		{"key_unit", "I13", in{"excavation_depth_m": 4.99}, nil, 2, 0, 4.99, "excavation-depth"},
		{"key_unit", "P07", in{"crowd_density_per_m2": 4.0}, nil, 2, 0, 4, "crowd-density"},
		{"key_unit", "P07", in{"crowd_density_per_m2": 4.1}, nil, 3, 0, 4.1, "crowd-density"},
		{"key_unit", "", in{"dust_area_staff": 3, "building_class": "D"}, nil, 4, 0, 0, "building-class"},
		{"key_unit", "X99", in{"dam_class": 3.0}, nil, 4, 0, 0, "dam-class"},
		{"condition_class", "P06", in{"condition_class": "D"}, nil, 3, 0, 0, "bridge-class"},
		{"condition_class", "P06", in{"bridge_class": "E级"}, nil, 4, 0, 0, "bridge-class"},
		{"condition_class", "P09", in{"dam_class": "二类坝"}, nil, 3, 0, 0, "dam-class"},
		{"condition_class", "P09", in{"dam_class": 1}, nil, 1, 0, 0, "dam-class"},
	} {
		o, err := r.Level(c.method, c.industry, c.inputs, c.substances)
		if err != nil || !o.Computed || o.Level != c.level || o.Grade != c.grade || math.Abs(o.Value-c.value) > 1e-12*c.value || o.Rule != c.rule || o.Why == "" || o.Source == "" {
			t.Errorf("%s %v: %+v, %v", c.method, c.inputs, o, err)
		}
	}
}

func TestLevelNotComputed(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		method, industry string
		inputs           in
		substances       []data.Substance
		missing          []string
	}{
		{"QRA", "", in{"L": "x"}, nil, nil}, {"consequence", "", nil, nil, nil}, {"expert", "", nil, nil, nil}, {"", "", nil, nil, nil},
		{"LEC", "", nil, nil, []string{"L", "E", "C"}}, {"LEC", "", in{"L": 3, "C": nil}, nil, []string{"E", "C"}}, {"LS", "", in{"S": 3}, nil, []string{"L"}},
		{"R", "", nil, nil, []string{"residents_500m", "substances"}}, {"R", "", in{"residents_500m": 3}, nil, []string{"substances"}},
		{"R", "", in{"R": 3}, []data.Substance{tonnes("Cl2", 1)}, []string{"residents_500m"}},
		{"key_unit", "I07", in{"dam_class": 3}, nil, []string{"dust_area_staff"}},
		{"condition_class", "P06", nil, nil, []string{"bridge_class"}},
	} {
		o, err := r.Level(c.method, c.industry, c.inputs, c.substances)
		if err != nil || o.Computed || o.Level != 0 || o.Why == "" || !slices.Equal(o.Missing, c.missing) {
			t.Errorf("%s %v: %+v, %v, want missing %v", c.method, c.inputs, o, err, c.missing)
		}
	}
}

func TestLevelRefused(t *testing.T) {
	r := rules(t)
	cl := []data.Substance{tonnes("Cl2", 20)}
	for _, c := range []struct {
		method     string
		inputs     in
		substances []data.Substance
		field      string
		words      string
	}{
		{"LES", nil, nil, "level_method", "condition_class"},
		{"LEC", in{"L": 2, "E": 6, "C": 15}, nil, "level_inputs.L", "0.5"},
		{"LEC", in{"C": 14}, nil, "level_inputs.C", "40"},
		{"LEC", in{"L": "often"}, nil, "level_inputs.L", "often"},
		{"LEC", in{"E": true}, nil, "level_inputs.E", "true"},
		{"LEC", in{"E": math.NaN()}, nil, "level_inputs.E", "NaN"},
		{"LEC", in{"E": "0x6"}, nil, "level_inputs.E", "0x6"},
		{"LEC", in{"E": []any{func() {}}}, nil, "level_inputs.E", "no JSON"},
		{"LS", in{"L": 2.5, "S": 2}, nil, "level_inputs.L", "whole number"},
		{"LS", in{"L": 2, "S": 6}, nil, "level_inputs.S", "1 to 5"},
		{"LS", in{"S": 0}, nil, "level_inputs.S", "1 to 5"},
		{"R", in{"residents_500m": -1}, cl, "level_inputs.residents_500m", "people"},
		{"R", in{"residents_500m": 1.5}, cl, "level_inputs.residents_500m", "whole"},
		{"R", in{"residents_500m": 120, "R": 60}, cl, "level_inputs.R", "R = 32"},
		{"R", in{"residents_500m": 120}, []data.Substance{tonnes("unobtainium", 1)}, "substances.name", "unobtainium"},
		{"R", nil, []data.Substance{tonnes("unobtainium", 1)}, "substances.name", "unobtainium"},
		{"R", in{"residents_500m": 120}, []data.Substance{tonnes("Cl2", -1)}, "substances.max_t", "tonnes"},
		{"R", in{"substances": "chlorine"}, nil, "level_inputs.substances", "max_t"},
		{"R", in{"S": -1, "R": 4}, nil, "level_inputs.S", "0 to"},
		{"key_unit", in{"dust_area_staff": -1}, nil, "level_inputs.dust_area_staff", "people"},
		{"key_unit", in{"building_class": "F"}, nil, "level_inputs.building_class", "A, B, C, D"},
		{"condition_class", in{"dam_class": 4}, nil, "level_inputs.dam_class", "1, 2, 3"},
	} {
		_, err := r.Level(c.method, "", c.inputs, c.substances)
		refused(t, err, c.field, c.words)
	}
}

func TestCheck(t *testing.T) {
	r := rules(t)
	lec := in{"L": 1.0, "E": 6.0, "C": 15.0}
	gases := []data.Substance{tonnes("Cl2", 20), tonnes("NH3", 50)}
	for _, c := range []struct {
		name  string
		level data.Level
		d     data.Detail
		field string // "" for accepted
		words []string
	}{
		{"given", 2, data.Detail{LevelMethod: "LEC", LevelInputs: lec}, "", nil},
		{"not given", 3, data.Detail{LevelMethod: "LEC", LevelInputs: lec}, "level", []string{`"3"`, "2: LEC gives D = 90, which is 2 general; or state override_reason"}},
		{"lower is refused too", 1, data.Detail{LevelMethod: "LEC", LevelInputs: lec}, "level", []string{"2:"}},
		{"overridden", 3, data.Detail{LevelMethod: "LEC", LevelInputs: lec, OverrideReason: "school beside it"}, "", nil},
		{"no reason", 3, data.Detail{LevelMethod: "LEC", LevelInputs: lec, OverrideReason: " \t"}, "level", nil},
		{"wrong input in spite of a reason", 3, data.Detail{LevelMethod: "LS", LevelInputs: in{"L": 9}, OverrideReason: "x"}, "level_inputs.L", nil},
		{"missing inputs", 4, data.Detail{LevelMethod: "LEC", LevelInputs: in{"L": 1.0}}, "", nil},
		{"another method", 4, data.Detail{LevelMethod: "expert", LevelInputs: lec}, "", nil},
		{"no method", 4, data.Detail{LevelInputs: lec}, "", nil},
		{"R", 3, data.Detail{LevelMethod: "R", LevelInputs: in{"residents_500m": 100.0}, Substances: gases, MajorHazardGrade: 2}, "", nil},
		{"R by indicators", 3, data.Detail{LevelMethod: "R", Indicators: in{"residents_500m": 100.0}, Substances: gases, MajorHazardGrade: 2}, "", nil},
		{"R of another level", 2, data.Detail{LevelMethod: "R", Indicators: in{"residents_500m": 100.0}, Substances: gases}, "level", []string{"grade 2 (二级)", "R = 52"}},
		{"R of another grade", 3, data.Detail{LevelMethod: "R", LevelInputs: in{"residents_500m": 100.0}, Substances: gases, MajorHazardGrade: 1}, "major_hazard_grade", []string{`"1"`, "2: S = 9"}},
		{"grade overridden", 3, data.Detail{LevelMethod: "R", LevelInputs: in{"residents_500m": 100.0}, Substances: gases, MajorHazardGrade: 1, OverrideReason: "x"}, "", nil},
		{"grade beside another method", 4, data.Detail{LevelMethod: "QRA", LevelInputs: in{"residents_500m": 100.0}, Substances: gases, MajorHazardGrade: 3}, "major_hazard_grade", nil},
		{"grade beside LS, whose S is no sum", 1, data.Detail{LevelMethod: "LS", LevelInputs: in{"L": 1, "S": 5, "R": 1}, MajorHazardGrade: 3}, "", nil},
		{"grade, residents unknown", 3, data.Detail{LevelMethod: "QRA", Substances: gases, MajorHazardGrade: 4}, "", nil},
		{"grade, substance unknown", 3, data.Detail{LevelMethod: "QRA", LevelInputs: in{"residents_500m": 1.0}, Substances: []data.Substance{tonnes("?", 1)}, MajorHazardGrade: 4}, "", nil},
		{"R by its grade", 4, data.Detail{LevelMethod: "R", MajorHazardGrade: 1}, "", nil},
		{"R by another grade", 4, data.Detail{LevelMethod: "R", MajorHazardGrade: 2}, "level", []string{"3: major_hazard_grade 2 (二级) gives 3 significant"}},
		{"under the threshold", 1, data.Detail{LevelMethod: "R", LevelInputs: in{"residents_500m": 0.0}, Substances: []data.Substance{tonnes("Cl2", 4)}}, "level", []string{"another level_method", "S is under 1"}},
		{"grade under the threshold", 2, data.Detail{LevelMethod: "R", LevelInputs: in{"residents_500m": 0.0}, Substances: []data.Substance{tonnes("Cl2", 4)}, MajorHazardGrade: 4}, "major_hazard_grade", []string{"no grade"}},
		{"substance unknown", 4, data.Detail{LevelMethod: "R", LevelInputs: in{"residents_500m": 0.0}, Substances: []data.Substance{tonnes("?", 4)}}, "", nil},
		{"substance contradicts itself", 4, data.Detail{LevelMethod: "R", Substances: []data.Substance{{Name: "氯", CAS: "7664-41-7", MaxT: 4}}}, "substances.cas", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := r.Check("I01", c.level, &c.d)
			if c.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused(t, err, c.field, c.words...)
		})
	}
	if o, err := r.Check("", 3, &data.Detail{LevelMethod: "LEC", LevelInputs: lec, OverrideReason: "x"}); err != nil || o.Level != 2 {
		t.Errorf("an overridden record's outcome: %+v, %v", o, err)
	}
}

func TestFind(t *testing.T) {
	for range 20 {
		if v, ok := find(in{"l": 2, "ℓ": 3, "X": 4}, "L"); !ok || v != 2 {
			t.Fatalf("%v, %v", v, ok)
		}
		if v, ok := find(in{"aB": 1, "ab": 2, "Ab": 3}, "AB"); !ok || v != 3 {
			t.Fatalf("of several spellings %v, %v", v, ok)
		}
	}
	if _, ok := find(in{"": 1}, "L"); ok {
		t.Error("found what is not there")
	}
}

func BenchmarkCheck(b *testing.B) {
	r := rules(b)
	d := &data.Detail{LevelMethod: "R", LevelInputs: in{"residents_500m": 100.0}, Substances: []data.Substance{tonnes("Cl2", 20), tonnes("NH3", 50)}, MajorHazardGrade: 2}
	for b.Loop() {
		if _, err := r.Check("I08", data.Significant, d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever the inputs, there is a level of 1 to 4, a reason why there is none, or
// an error; and Check accepts exactly the level that is computed.
func FuzzLevel(f *testing.F) {
	f.Add("LEC", `{"L":3,"E":6,"C":15}`, `[]`)
	f.Add("LS", `{"L":"5","S":5}`, `null`)
	f.Add("R", `{"residents_500m":10,"substances":[{"name":"Cl2","max_t":1e308}]}`, `[{"name":"氨","max_t":-0}]`)
	f.Add("R", `{"S":1e308,"R":1e308}`, `[{"class":"W5.1","max_t":4}]`)
	f.Add("key_unit", `{"dust_area_staff":[],"dam_class":{"a":1}}`, `[]`)
	f.Add("condition_class", `{"Bridge_Class":"Ａ"}`, `[]`)
	r := rules(f)
	f.Fuzz(func(t *testing.T, method, inputs, substances string) {
		var values map[string]any
		var list []data.Substance
		_ = json.Unmarshal([]byte(inputs), &values)
		_ = json.Unmarshal([]byte(substances), &list)
		o, err := r.Level(method, "", values, list)
		if err != nil {
			if !strings.Contains(err.Error(), "want") {
				t.Fatalf("error %v", err)
			}
			return
		}
		if !o.Computed && (o.Level != 0 || o.Why == "") || o.Level > data.Major || o.Computed && o.Level == 0 && o.Rule != "gb18218-r" {
			t.Fatalf("%+v", o)
		}
		for level := data.Low; level <= data.Major; level++ {
			_, err := r.Check("", level, &data.Detail{LevelMethod: method, LevelInputs: values, Substances: list})
			if (err == nil) != (!o.Computed || o.Level == level) {
				t.Fatalf("%+v, checked %d: %v", o, level, err)
			}
		}
	})
}
