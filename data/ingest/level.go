package ingest

import (
	"errors"

	"riskatlas/data"
)

// levelInputs reads what the level was found by: a JSON object, over which count
// columns of single inputs.
func (b *builder) levelInputs(d *data.Detail) {
	if text, _ := b.value(fieldLevelInputs); text != "" {
		var whole map[string]any
		if err := decode("level_inputs", text, "a JSON object", &whole); err != nil {
			b.warn("level_inputs_unreadable", "level_inputs", text, "a JSON object; it was left out")
		}
		for name, v := range whole {
			if _, given := d.LevelInputs[name]; !given {
				setInput(d, name, v)
			}
		}
	}
	for name, text := range b.row.inputs {
		if text != "" {
			setInput(d, name, numberOrText(text))
		}
	}
}

func setInput(d *data.Detail, name string, v any) {
	if d.LevelInputs == nil {
		d.LevelInputs = map[string]any{}
	}
	d.LevelInputs[name] = v
}

// numberOrText is a cell as JSON would have it.
func numberOrText(text string) any {
	if v, err := parseNumber(text); err == nil {
		return v
	}
	return text
}

// checkLevel rejects the row when its level or grade is not what its inputs give
// and no reason is stated, and warns when its inputs are too few to say.
func (b *builder) checkLevel(h *data.Hazard, d *data.Detail) {
	out, err := b.rules.Check(b.tax.Industries[h.Industry].Code, h.Level, d)
	if err != nil {
		kind := "level_input_invalid"
		var bad *data.Invalid
		if errors.As(err, &bad) {
			switch bad.Field {
			case "level":
				kind = "level_not_given_by_inputs"
			case "major_hazard_grade":
				kind = "grade_not_given_by_inputs"
			}
		}
		b.rejectError(kind, "level_inputs", err)
		return
	}
	if f, odd := levelUnchecked(out, d); odd {
		b.found(f)
	}
}
