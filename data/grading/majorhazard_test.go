package grading

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"riskatlas/data"
)

func tonnes(name string, t float64) data.Substance { return data.Substance{Name: name, MaxT: t} }

func TestMajorHazard(t *testing.T) {
	r := rules(t)
	gases := []data.Substance{tonnes("Cl2", 20), tonnes("氨", 50)}
	for _, c := range []struct {
		name       string
		substances []data.Substance
		residents  int
		s, r       float64
		grade      int
		level      data.Level
	}{
		{"chlorine and ammonia, many people", gases, 100, 9, 52, 2, 3},
		{"chlorine and ammonia, nobody", gases, 0, 9, 13, 3, 2},
		{"LPG", []data.Substance{tonnes("LPG", 600)}, 250, 12, 36, 3, 2},
		{"gasoline", []data.Substance{tonnes("汽油", 300)}, 60, 1.5, 2.25, 4, 2},
		{"R on 100", []data.Substance{tonnes("chlorine", 62.5)}, 100, 12.5, 100, 1, 4},
		{"R under 100", []data.Substance{tonnes("chlorine", 62.49)}, 100, 12.498, 99.984, 2, 3},
		{"R on 50", []data.Substance{tonnes("chlorine", 31.25)}, 100, 6.25, 50, 2, 3},
		{"R under 50", []data.Substance{tonnes("chlorine", 31.24)}, 100, 6.248, 49.984, 3, 2},
		{"R on 10", []data.Substance{tonnes("chlorine", 6.25)}, 100, 1.25, 10, 3, 2},
		{"R under 10", []data.Substance{tonnes("chlorine", 6.24)}, 100, 1.248, 9.984, 4, 2},
		{"S on 1", []data.Substance{tonnes("氢", 5)}, 0, 1, 0.75, 4, 2},
		{"S under 1, R over 10", []data.Substance{tonnes("光气", 0.29)}, 100, 0.29 / 0.3, 0.29 / 0.3 * 40, 0, 0},
		{"thirds", []data.Substance{tonnes("氢", 5.0/3), tonnes("氢", 5.0/3), tonnes("氢", 5.0/3)}, 0, 1, 0.75, 4, 2},
		{"nothing", nil, 0, 0, 0, 0, 0},
	} {
		m, err := r.MajorHazard(c.substances, c.residents)
		if err != nil || math.Abs(m.S-c.s) > 1e-12*c.s || math.Abs(m.R-c.r) > 1e-12*c.r || m.Grade != c.grade || m.Level != c.level {
			t.Errorf("%s: %+v, %v; want S %v R %v grade %d level %d", c.name, m, err, c.s, c.r, c.grade, c.level)
		}
	}
	for residents, want := range map[int]float64{0: 0.5, 1: 1, 29: 1, 30: 1.2, 49: 1.2, 50: 1.5, 99: 1.5, 100: 2, 1e6: 2} {
		if m, err := r.MajorHazard(gases, residents); err != nil || m.Alpha != want {
			t.Errorf("%d residents: alpha %v, %v, want %v", residents, m.Alpha, err, want)
		}
	}
	_, err := r.MajorHazard(gases, -1)
	refused(t, err, "level_inputs.residents_500m", "-1")
}

func TestSubstances(t *testing.T) {
	r := rules(t)
	for name, want := range map[string][2]float64{ // threshold t, beta
		"CO": {20, 2}, "SO2": {20, 2}, "NH3": {10, 2}, "ethylene oxide": {10, 2}, "HCl": {20, 3}, "CH3Br": {10, 3}, "Cl2": {5, 4},
		"H2S": {5, 5}, "HF": {1, 5}, "NO2": {1, 10}, "HCN": {1, 10}, "COCl2": {0.3, 20}, "PH3": {1, 20}, "CH3NCO": {0.75, 20},
		"H2": {5, 1.5}, "acetylene": {1, 1.5}, "natural gas": {50, 1.5}, "Methane": {50, 1.5}, "LPG": {50, 1.5}, "gasoline": {200, 1},
		"ethanol": {500, 1}, "methanol": {500, 1}, "benzene": {50, 1}, "toluene": {500, 1}, "硝酸铵(含可燃物>0.2%)": {5, 2},
		"硝酸铵（含可燃物≤0.2％）": {50, 1}, "硝酸铵肥料": {200, 1}, "oxygen": {200, 1},
	} {
		m, err := r.MajorHazard([]data.Substance{tonnes(name, 1)}, 1)
		if err != nil || m.Terms[0].Q != want[0] || m.Terms[0].Beta != want[1] {
			t.Errorf("%s: %+v, %v, want %v", name, m.Terms, err, want)
		}
	}
	for class, want := range map[string][2]float64{
		"J1": {5, 4}, "J2": {50, 1}, "J3": {50, 2}, "J4": {50, 2}, "J5": {500, 1}, "W1.1": {1, 2}, "W1.2": {10, 2}, "W1.3": {50, 2},
		"W2": {10, 1.5}, "W3": {150, 1}, "W4": {50, 1}, "W5.1": {10, 1.5}, "W5.2": {50, 1}, "W5.3": {1000, 1}, "w5.4": {5000, 1},
		"W6.1": {10, 1.5}, "W6.2": {50, 1}, "W7.1": {10, 1.5}, "W7.2": {50, 1}, "W8": {50, 1}, "W9.1": {50, 1}, "W9.2": {200, 1},
		"W10": {200, 1}, "W11": {200, 1},
	} {
		m, err := r.MajorHazard([]data.Substance{{Name: "其他", Class: class, MaxT: 1}}, 1)
		if err != nil || m.Terms[0].Q != want[0] || m.Terms[0].Beta != want[1] {
			t.Errorf("class %s: %+v, %v, want %v", class, m.Terms, err, want)
		}
	}
	for _, s := range []data.Substance{
		{Name: "某气", CAS: "7782-50-5", MaxT: 5}, {Name: " liquid  Chlorine", MaxT: 5}, {Name: "氯", CAS: "7782-50-5", Class: "3", MaxT: 5},
		{Name: "氯", CAS: "0000-00-0", MaxT: 5},
	} {
		if m, err := r.MajorHazard([]data.Substance{s}, 1); err != nil || m.S != 1 || m.R != 4 || m.Terms[0].Name != "氯" {
			t.Errorf("%+v: %+v, %v", s, m, err)
		}
	}
	// A stated class decides beta of a listed substance, never its threshold.
	if m, err := r.MajorHazard([]data.Substance{{Name: "汽油", Class: "W5.1", MaxT: 200}}, 1); err != nil || m.S != 1 || m.R != 1.5 {
		t.Errorf("gasoline as W5.1: %+v, %v", m, err)
	}
	for _, c := range []struct {
		s     data.Substance
		field string
		words string
	}{
		{data.Substance{Name: "unobtainium", CAS: "1-2-3", MaxT: 1}, "substances.name", "unobtainium, 1-2-3"},
		{data.Substance{Name: "unobtainium", Class: "3", MaxT: 1}, "substances.name", "W5.1"},
		{data.Substance{MaxT: 1}, "substances.name", "J1"},
		{data.Substance{Name: "氯", CAS: "7664-41-7", MaxT: 1}, "substances.cas", "氨"},
		{data.Substance{Name: "硝酸铵", CAS: "6484-52-2", MaxT: 1}, "substances.name", "硝酸铵肥料"},
		{data.Substance{Name: "氯", MaxT: 0}, "substances.max_t", "tonnes"},
		{data.Substance{Name: "氯", MaxT: -2}, "substances.max_t", "-2"},
		{data.Substance{Name: "氯", MaxT: math.NaN()}, "substances.max_t", "NaN"},
		{data.Substance{Name: "氯", MaxT: math.Inf(1)}, "substances.max_t", "Inf"},
	} {
		_, err := r.MajorHazard([]data.Substance{c.s}, 1)
		refused(t, err, c.field, c.words)
	}
	if m, err := r.MajorHazard([]data.Substance{{Name: "硝酸铵肥料", CAS: "6484-52-2", MaxT: 200}}, 1); err != nil || m.S != 1 {
		t.Errorf("a name decides among entries of one number: %+v, %v", m, err)
	}
}

// More of anything and more residents never lower S, R or the level, and the
// order of the substances is nothing.
func TestMajorHazardMonotone(t *testing.T) {
	r := rules(t)
	names := []string{"Cl2", "NH3", "LPG", "汽油", "光气", "乙醇", "氧"}
	rapid.Check(t, func(t *rapid.T) {
		var list, more []data.Substance
		for range rapid.IntRange(1, 5).Draw(t, "n") {
			s := tonnes(rapid.SampledFrom(names).Draw(t, "name"), rapid.Float64Range(0.001, 1000).Draw(t, "t"))
			list = append(list, s)
			s.MaxT *= rapid.Float64Range(1, 3).Draw(t, "growth")
			more = append(more, s)
		}
		people := rapid.IntRange(0, 150).Draw(t, "people")
		a, err := r.MajorHazard(list, people)
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.MajorHazard(more, people+rapid.IntRange(0, 60).Draw(t, "moved in"))
		if err != nil || b.S < a.S || b.R < a.R || b.Level < a.Level {
			t.Fatalf("%+v then %+v, %v", a, b, err)
		}
		if a.Grade > 0 && b.Grade > a.Grade {
			t.Fatalf("grade %d then %d", a.Grade, b.Grade)
		}
		list[0], list[len(list)-1] = list[len(list)-1], list[0]
		c, _ := r.MajorHazard(list, people)
		if math.Abs(c.R-a.R) > 1e-12*a.R || math.Abs(c.S-a.S) > 1e-12*a.S {
			t.Fatalf("order counts: %v, %v", a.R, c.R)
		}
	})
}
