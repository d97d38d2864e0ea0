package grading

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"riskatlas/data"
)

// inputsField is where inputs stand in the interchange, for errors.
const inputsField = "level_inputs"

func ftoa(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// find gives an input by name: as it is spelled, else in another case, the first
// in order of those that differ in case alone.
func find(inputs map[string]any, name string) (any, bool) {
	if v, ok := inputs[name]; ok {
		return v, v != nil
	}
	best, found := "", false
	for k := range inputs {
		if strings.EqualFold(k, name) && (!found || k < best) {
			best, found = k, true
		}
	}
	return inputs[best], found && inputs[best] != nil
}

// number reads an input as a finite number in least..most: a number of JSON or
// Go, or its text. ok is false where it is not there.
func number(inputs map[string]any, name, unit string, least, most float64) (v float64, ok bool, err error) {
	raw, ok := find(inputs, name)
	if !ok {
		return 0, false, nil
	}
	v, isNumber := asNumber(raw)
	if !isNumber || !(v >= least && v <= most) {
		want := "a number"
		if unit != "" {
			want += " of " + unit
		}
		return 0, false, &data.Invalid{Field: inputsField + "." + name, Value: show(raw), Want: want + ", " + span(least, most)}
	}
	return v, true, nil
}

func span(least, most float64) string {
	if math.IsInf(most, 1) {
		return ftoa(least) + " or more"
	}
	return ftoa(least) + " to " + ftoa(most)
}

// asNumber reads a finite number. Text must be a plain decimal: hexadecimal,
// underscores, NaN and infinities are none.
func asNumber(raw any) (float64, bool) {
	var v float64
	switch n := raw.(type) {
	case float64:
		v = n
	case float32:
		v = float64(n)
	case int:
		v = float64(n)
	case int64:
		v = float64(n)
	case json.Number:
		return parseNumber(string(n))
	case string:
		return parseNumber(n)
	default:
		return 0, false
	}
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}

func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// show is an input's value as an error prints it.
func show(raw any) string {
	switch v := raw.(type) {
	case string:
		return v
	case float64:
		return ftoa(v)
	case json.Number:
		return string(v)
	}
	text, err := json.Marshal(raw)
	if err != nil {
		return "what is no JSON"
	}
	return string(text)
}

// fold is the form in which names and classes compare: widths of brackets and
// case are no difference, spaces do not count.
func fold(s string) string {
	return foldRunes.Replace(strings.ToLower(strings.Join(strings.Fields(s), "")))
}

var foldRunes = strings.NewReplacer("（", "(", "）", ")", "，", ",", "％", "%")
