package grading

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"riskatlas/data"
)

// Methods are the methods by which a record may say that its level was found.
var Methods = []string{"R", "QRA", "consequence", "LEC", "LS", "key_unit", "expert", "condition_class"}

const residentsInput = inputsField + ".residents_500m"

// Outcome is what a method gives.
type Outcome struct {
	Computed bool       // false: the method computes none, or inputs are missing
	Level    data.Level // LevelNone where R finds no major hazard installation
	Grade    int        // of GB 18218, 1 (一级, worst) to 4; 0: none
	Quantity string     // the name of Value: R, D, or a key unit's input
	Value    float64    // 0 where the input is a class
	Rule     string     // id of the rule: gb18218-r, lec, ls, or a key unit's
	Source   string     // where the rule comes from
	Why      string     // one phrase: how the level was found, or why it was not
	Missing  []string   // names of inputs without which nothing can be computed
}

// Level is the one door from a record's method and inputs to a level. The inputs
// are those of level_inputs, numbers of JSON or Go or their text:
//
//   - LEC: L, E, C
//   - LS: L, S
//   - R: residents_500m with the substances (level_inputs may have its own list
//     of substances, which then counts instead), or S and R themselves
//   - key_unit, condition_class: the inputs of rules/key_units.json; industry is
//     a code, or "" to ask all rules
//
// QRA, consequence and expert compute no level here: Computed is false and that
// is no error, as with missing inputs. An input that is out of its range, a
// substance that the tables do not have and an unknown method are a
// *data.Invalid.
func (r *Rules) Level(method, industry string, inputs map[string]any, substances []data.Substance) (Outcome, error) {
	switch strings.ToLower(method) {
	case "lec":
		return r.levelLEC(inputs)
	case "ls":
		return r.levelLS(inputs)
	case "r":
		return r.levelR(inputs, substances)
	case "key_unit":
		return r.keyUnit(industry, inputs, false)
	case "condition_class":
		return r.keyUnit(industry, inputs, true)
	case "qra", "consequence", "expert":
		return Outcome{Why: method + " gives no level by inputs"}, nil
	case "":
		return Outcome{Why: "no level_method"}, nil
	}
	return Outcome{}, &data.Invalid{Field: "level_method", Value: method, Want: "one of", Allowed: Methods}
}

// numbers reads inputs of the same range and names those that are missing.
func numbers(inputs map[string]any, least, most float64, names ...string) (values []float64, missing []string, err error) {
	for _, name := range names {
		v, ok, err := number(inputs, name, "", least, most)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			missing = append(missing, name)
		}
		values = append(values, v)
	}
	return values, missing, nil
}

func lacking(method string, missing []string) Outcome {
	return Outcome{Missing: missing, Why: method + " wants " + strings.Join(missing, ", ")}
}

func (r *Rules) levelLEC(inputs map[string]any) (Outcome, error) {
	v, missing, err := numbers(inputs, 0, math.MaxFloat64, "L", "E", "C")
	if err != nil {
		return Outcome{}, err
	}
	for i, table := range [][]lecValue{r.lec.L, r.lec.E, r.lec.C} {
		name := [...]string{"L", "E", "C"}[i]
		if _, there := find(inputs, name); there {
			if err := lecInput(name, v[i], table, r.lec.Strict); err != nil {
				return Outcome{}, err
			}
		}
	}
	if len(missing) > 0 {
		return lacking("LEC", missing), nil
	}
	d, level, err := r.LEC(v[0], v[1], v[2], r.lec.Strict)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Computed: true, Level: level, Quantity: "D", Value: d, Rule: "lec", Source: r.lec.Source,
		Why: fmt.Sprintf("LEC gives D = %.6g, which is %s", d, levelText(level))}, nil
}

func (r *Rules) levelLS(inputs map[string]any) (Outcome, error) {
	v, missing, err := numbers(inputs, 1, float64(r.ls.Most), "L", "S")
	if err != nil {
		return Outcome{}, err
	}
	for i, name := range [...]string{"L", "S"} {
		if _, there := find(inputs, name); there && v[i] != math.Trunc(v[i]) {
			return Outcome{}, r.lsInput(name, ftoa(v[i]))
		}
	}
	if len(missing) > 0 {
		return lacking("LS", missing), nil
	}
	value, level, err := r.LS(int(v[0]), int(v[1]))
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Computed: true, Level: level, Quantity: "R", Value: float64(value), Rule: "ls", Source: r.ls.Source,
		Why: fmt.Sprintf("LS gives R = %d, which is %s", value, levelText(level))}, nil
}

func (r *Rules) levelR(inputs map[string]any, substances []data.Substance) (Outcome, error) {
	direct, lacks, err := numbers(inputs, 0, 1e9, "S", "R")
	if err != nil {
		return Outcome{}, err
	}
	residents, known, err := number(inputs, "residents_500m", "people", 0, 1e7)
	if err != nil {
		return Outcome{}, err
	}
	if known && residents != math.Trunc(residents) {
		return Outcome{}, &data.Invalid{Field: residentsInput, Value: ftoa(residents), Want: "a whole number of people"}
	}
	if raw, ok := find(inputs, "substances"); ok {
		if substances, err = substanceList(raw); err != nil {
			return Outcome{}, err
		}
	}
	if known && len(substances) > 0 {
		m, err := r.MajorHazard(substances, int(residents))
		if unknownSubstance(err) && len(lacks) == 0 {
			return r.stated(direct[0], direct[1]), nil
		}
		if err != nil {
			return Outcome{}, err
		}
		if _, stated := find(inputs, "R"); stated && math.Abs(direct[1]-m.R) > 0.01*m.R {
			return Outcome{}, &data.Invalid{Field: inputsField + ".R", Value: ftoa(direct[1]), Want: "what the substances give, within 1 %: " + m.explain()}
		}
		return r.graded(m.S, m.R, m.explain()), nil
	}
	if len(lacks) == 0 {
		return r.stated(direct[0], direct[1]), nil
	}
	// An unknown substance is an error whether or not the residents are known.
	if _, err := r.MajorHazard(substances, 0); err != nil {
		return Outcome{}, err
	}
	var missing []string
	if !known {
		missing = append(missing, "residents_500m")
	}
	if len(substances) == 0 {
		missing = append(missing, "substances")
	}
	return lacking("R", missing), nil
}

// stated grades an R that somebody else computed.
func (r *Rules) stated(s, rValue float64) Outcome {
	return r.graded(s, rValue, fmt.Sprintf("S = %.6g, R = %.6g as stated", s, rValue))
}

func (r *Rules) graded(s, rValue float64, how string) Outcome {
	o := Outcome{Computed: true, Quantity: "R", Value: rValue, Rule: "gb18218-r", Source: r.hazard.Grades.Source}
	o.Grade, o.Level = r.grade(s, rValue)
	if o.Grade == 0 {
		o.Why = how + ": S is under " + ftoa(r.hazard.Threshold.S) + ", no major hazard installation, so R gives no level"
	} else {
		o.Why = how + fmt.Sprintf(": grade %d (%s), which is %s", o.Grade, r.hazard.Grades.Steps[o.Grade-1].Name, levelText(o.Level))
	}
	return o
}

// substanceList reads a list of substances as JSON has it.
func substanceList(raw any) ([]data.Substance, error) {
	text, err := json.Marshal(raw)
	if s, isText := raw.(string); isText {
		text, err = []byte(s), nil
	}
	var list []data.Substance
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		return nil, &data.Invalid{Field: inputsField + ".substances", Value: show(raw), Want: "a list of {name, max_t}, amounts in tonnes"}
	}
	return list, nil
}
