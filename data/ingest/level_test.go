package ingest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"riskatlas/data"
)

// A level that its inputs do not give keeps its row out, unless a reason stands
// beside it.
func TestLevelChecked(t *testing.T) {
	p := profile(t, "hangzhou")
	type cells = map[string]string
	for _, c := range []struct {
		name              string
		cells             cells
		kind, field, want string // "" for accepted
	}{
		{"given", cells{"level_method": "LEC", "level_inputs": `{"L":1,"E":6,"C":15}`}, "", "", ""},
		{"not given", cells{"level": "4", "level_method": "LEC", "level_inputs": `{"L":1,"E":6,"C":15}`},
			"level_not_given_by_inputs", "level", "2: LEC gives D = 90, which is 2 general; or state override_reason"},
		{"too low", cells{"level": "1", "level_method": "lec", "level_inputs": `{"L":1,"E":6,"C":15}`}, "level_not_given_by_inputs", "level", "2: LEC"},
		{"overridden", cells{"level": "4", "level_method": "LEC", "level_inputs": `{"L":1,"E":6,"C":15}`, "override_reason": "学校相邻"}, "", "", ""},
		{"columns", cells{"level": "3", "level_method": "LEC", "L": "3", "E": "6", "C": "15"}, "", "", ""},
		{"columns not given", cells{"level_method": "LEC", "可能性": "3", "暴露频率": "６", "后果": "15"}, "level_not_given_by_inputs", "level", "3: LEC gives D = 270"},
		{"column over object", cells{"level": "3", "level_method": "LEC", "level_inputs": `{"L":1,"E":6,"C":15}`, "level_inputs.L": "3"}, "", "", ""},
		{"no table value", cells{"level_method": "LEC", "L": "2", "E": "6", "C": "15"}, "level_input_invalid", "level_inputs.L", "10, 6, 3, 1, 0.5, 0.2, 0.1"},
		{"a word", cells{"level_method": "LS", "可能性": "较大", "严重性": "3"}, "level_input_invalid", "level_inputs.L", "1 to 5"},
		{"past the matrix", cells{"level_method": "LS", "level_inputs": `{"L":3,"S":6}`}, "level_input_invalid", "level_inputs.S", "1 to 5"},
		{"matrix", cells{"level_method": "LS", "level_inputs.L": "3", "level_inputs.S": "3"}, "", "", ""},
		{"key unit", cells{"industry": "I07", "level_method": "key_unit", "level_inputs.dust_area_staff": "30"}, "level_not_given_by_inputs", "level", "4: dust-staff"},
		{"bridge", cells{"industry": "P06", "level_method": "condition_class", "level_inputs.bridge_class": "C级"}, "", "", ""},
		{"R", cells{"industry": "I08", "level": "3", "level_method": "R", "500米内常住人口": "120", "major_hazard_grade": "二级", "substances": `[{"name":"氯","max_t":20},{"name":"NH3","max_t":50}]`}, "", "", ""},
		{"R by indicators", cells{"industry": "I08", "level": "4", "level_method": "R", "indicators.residents_500m": "120", "substances": `[{"name":"氯","max_t":20},{"name":"NH3","max_t":50}]`},
			"level_not_given_by_inputs", "level", "R = 52"},
		{"grade", cells{"industry": "I08", "level": "3", "level_method": "R", "level_inputs.residents_500m": "120", "major_hazard_grade": "一级", "substances": `[{"name":"氯","max_t":20},{"name":"NH3","max_t":50}]`},
			"grade_not_given_by_inputs", "major_hazard_grade", "2: S = 9"},
		{"no major hazard", cells{"industry": "I08", "level": "1", "level_method": "R", "residents_500m": "0", "substances": `[{"name":"氯","max_t":1}]`},
			"level_not_given_by_inputs", "level", "another level_method"},
		{"another method's inputs", cells{"level_method": "expert", "level_inputs": `{"L":2}`}, "", "", ""},
	} {
		b := parse(t, "a.csv", csvOf(c.cells), Options{Profile: p})
		if c.kind == "" {
			if b.Report.Accepted != 1 || b.Report.Kinds["level_unchecked"] != 0 {
				t.Errorf("%s: %s, %v", c.name, b.Report.Totals(), b.Report.Problems)
			}
			continue
		}
		if b.Report.Rejected != 1 || len(b.Report.Problems) != 1 {
			t.Errorf("%s: %s, %v", c.name, b.Report.Totals(), b.Report.Problems)
			continue
		}
		if q := b.Report.Problems[0]; q.Kind != c.kind || q.Field != c.field || !strings.Contains(q.Want, c.want) {
			t.Errorf("%s: %+v", c.name, q)
		}
	}
}

// Inputs too few to check by are a warning; none at all is not worth one.
func TestLevelUnchecked(t *testing.T) {
	p := profile(t, "hangzhou")
	for want, cells := range map[string]map[string]string{
		"E, C":           {"level_method": "LEC", "L": "3"},
		"residents_500m": {"level_method": "R", "substances": `[{"name":"氯","max_t":20}]`},
		"substances":     {"level_method": "R", "residents_500m": "7", "substances": `[{"name":"某种液体","max_t":20}]`},
		"":               {"level_method": "LEC"},
	} {
		b := parse(t, "a.csv", csvOf(cells), Options{Profile: p})
		n := 0
		for _, q := range b.Report.Problems {
			if q.Kind == "level_unchecked" {
				n++
				if q.Value != want || q.Severity != Warning {
					t.Errorf("%v: %+v", cells, q)
				}
			}
		}
		if b.Report.Accepted != 1 || (n == 1) != (want != "") {
			t.Errorf("%v: %s, %v", cells, b.Report.Totals(), b.Report.Problems)
		}
	}
}

func TestLevelInputsKept(t *testing.T) {
	p := profile(t, "hangzhou")
	want := map[string]any{"L": 3.0, "E": 6.0, "C": 15.0, "note": "甲", "residents_500m": 12.0}
	for name, b := range map[string]*Batch{
		"csv": parse(t, "a.csv", csvOf(map[string]string{"level": "3", "level_method": "LEC", "level_inputs": `{"L":1,"C":15}`, "可能性": "3", "level_inputs.E": "6",
			"level_inputs.note": "甲", "residents_500m": "12"}), Options{Profile: p}),
		"geojson": parse(t, "a.geojson", collection("", featureText(`"a"`, pointText, `{"industry":"I04","level":3,"level_method":"LEC","level_inputs":{"L":1,"C":15},
			"L":3,"level_inputs.E":"6","level_inputs.note":"甲","residents_500m":12}`)), Options{Profile: p}),
	} {
		totals(t, b, "read 1 accepted 1 rejected 0 quarantined 0")
		if diff := cmp.Diff(want, b.Records[0].Detail.LevelInputs); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if u := b.Report.Files[0].Unused; len(u) != 0 {
			t.Errorf("%s: unused %q", name, u)
		}
	}
	for word, class := range map[string]string{"高敏感防护目标": "high_sensitive", "general_2": "general_2", "贵宾": ""} {
		b := parse(t, "a.csv", csvOf(map[string]string{"防护目标类别": word}), Options{Profile: p})
		if len(b.Records) != 1 || b.Records[0].Detail.ProtectionClass != class || (b.Report.Kinds["protection_class_unknown"] == 1) != (class == "") {
			t.Errorf("protection class %s: %v", word, b.Report.Problems)
		}
	}
	// --set gives a file its method; a row's inputs still count.
	b := parse(t, "a.csv", csvOf(map[string]string{"L": "1", "E": "6", "C": "15"}), Options{Profile: p, Set: map[string]string{"level_method": "LEC", "level": "3"}})
	if b.Report.Kinds["level_not_given_by_inputs"] != 1 || b.Report.Rejected != 1 {
		t.Errorf("%s, %v", b.Report.Totals(), b.Report.Problems)
	}
	b = parse(t, "a.csv", csvOf(map[string]string{"level_method": "LEC", "risk": "1", "E": "6", "C": "15"}), Options{Profile: p, Map: map[string]string{"level_inputs.L": "risk"}})
	if len(b.Records) != 1 || b.Records[0].Hazard.Level != data.General || b.Records[0].Detail.LevelInputs["L"] != 1.0 {
		t.Errorf("mapped input: %s, %v", b.Report.Totals(), b.Report.Problems)
	}
}
