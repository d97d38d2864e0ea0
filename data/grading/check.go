package grading

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"riskatlas/data"
)

// Check computes what the record's method and inputs give and compares its level
// and its major_hazard_grade with it. industry is the record's code. A
// difference is a *data.Invalid of the field unless the record has an
// override_reason; an input that is wrong in itself is one in any case. What
// cannot be computed is not compared: the outcome says why and what is missing.
//
// The grade is compared with R whatever the method, when substances and
// residents are known; a method R that has a grade but no inputs is compared by
// its grade. A substance that the tables do not have is no fault of the record:
// it leaves R uncomputed.
func (r *Rules) Check(industry string, level data.Level, d *data.Detail) (Outcome, error) {
	out, err := r.Level(d.LevelMethod, industry, r.inputs(d), d.Substances)
	isR := strings.EqualFold(d.LevelMethod, "R")
	if isR && unknownSubstance(err) {
		out, err = Outcome{Why: err.Error(), Missing: []string{"substances"}}, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	if isR && !out.Computed && validGrade(d.MajorHazardGrade) {
		out.Computed, out.Grade, out.Level = true, d.MajorHazardGrade, r.gradeLevel(d.MajorHazardGrade)
		out.Rule, out.Source, out.Quantity, out.Value = "gb18218-grade", r.hazard.Grades.Source, "major_hazard_grade", float64(out.Grade)
		out.Why = fmt.Sprintf("major_hazard_grade %d (%s) gives %s", out.Grade, r.hazard.Grades.Steps[out.Grade-1].Name, levelText(out.Level))
	}
	if strings.TrimSpace(d.OverrideReason) != "" {
		return out, nil
	}
	if err := r.checkGrade(out, isR, d); err != nil {
		return out, err
	}
	if out.Computed && out.Level != level {
		want := fmt.Sprintf("%d: %s; or state override_reason", uint8(out.Level), out.Why)
		if out.Level == data.LevelNone {
			want = "another level_method: " + out.Why + "; or state override_reason"
		}
		return out, &data.Invalid{Field: "level", Value: fmt.Sprint(uint8(level)), Want: want}
	}
	return out, nil
}

// checkGrade compares a stated grade with R. out is the method's outcome; other
// methods' records have R computed beside it.
func (r *Rules) checkGrade(out Outcome, isR bool, d *data.Detail) error {
	if d.MajorHazardGrade == 0 {
		return nil
	}
	if !isR {
		var err error
		// Other methods' inputs are not R's: S of LS is no sum of q/Q.
		inputs := map[string]any{}
		if v, ok := find(r.inputs(d), "residents_500m"); ok {
			inputs["residents_500m"] = v
		}
		if out, err = r.Level("R", "", inputs, d.Substances); err != nil {
			if unknownSubstance(err) {
				return nil
			}
			return err
		}
	}
	if !out.Computed || out.Grade == d.MajorHazardGrade {
		return nil
	}
	want := fmt.Sprintf("%d: %s; or state override_reason", out.Grade, out.Why)
	if out.Grade == 0 {
		want = "no grade: " + out.Why + "; or state override_reason"
	}
	return &data.Invalid{Field: "major_hazard_grade", Value: fmt.Sprint(d.MajorHazardGrade), Want: want}
}

// inputs are the record's, with the residents of its indicators where the inputs
// lack them.
func (r *Rules) inputs(d *data.Detail) map[string]any {
	residents, ok := find(d.Indicators, "residents_500m")
	if _, given := find(d.LevelInputs, "residents_500m"); given || !ok {
		return d.LevelInputs
	}
	inputs := maps.Clone(d.LevelInputs)
	if inputs == nil {
		inputs = map[string]any{}
	}
	inputs["residents_500m"] = residents
	return inputs
}

func unknownSubstance(err error) bool {
	var bad *data.Invalid
	return errors.As(err, &bad) && bad.Field == "substances.name"
}

func validGrade(n int) bool { return n >= 1 && n <= 4 }
