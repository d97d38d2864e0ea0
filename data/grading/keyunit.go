package grading

import (
	"math"
	"slices"
	"strings"

	"riskatlas/data"
)

// keyUnitFile is the format of rules/key_units.json.
type keyUnitFile struct {
	Rules []keyUnit `json:"rules"`
}

// keyUnit is one rule. It has either steps of a number (at_least or over, worst
// first, and else) or classes.
type keyUnit struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Unit       string      `json:"unit"`
	Industries []string    `json:"industries"` // codes of those that it is for
	Inputs     []string    `json:"inputs"`     // names of its input, the first one preferred
	AtLeast    []unitStep  `json:"at_least"`
	Over       []unitStep  `json:"over"`
	Else       data.Level  `json:"else"`
	Classes    []unitClass `json:"classes"`
	Source     string      `json:"source"`
}

type unitStep struct {
	Value float64    `json:"value"`
	Level data.Level `json:"level"`
}

type unitClass struct {
	Is    []string   `json:"is"`
	Level data.Level `json:"level"`
}

func (r *Rules) readKeyUnits(raw []byte) error {
	if err := decode(raw, &r.units); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range r.units.Rules {
		u := &r.units.Rules[i]
		if u.ID == "" || seen[u.ID] || len(u.Inputs) == 0 {
			return &data.Invalid{Field: "rules.id", Value: u.ID, Want: "an id that stands once, with at least one input"}
		}
		seen[u.ID] = true
		if err := sourced("rules.source of "+u.ID, u.Source); err != nil {
			return err
		}
		if err := u.check(); err != nil {
			return err
		}
	}
	return nil
}

func (u *keyUnit) check() error {
	kinds := 0
	for _, steps := range [][]unitStep{u.AtLeast, u.Over} {
		if len(steps) == 0 {
			continue
		}
		kinds++
		var cuts []cut
		for _, s := range steps {
			cuts = append(cuts, cut{s.Value, s.Level})
		}
		if err := falling("rules.steps of "+u.ID, cuts, 0); err != nil {
			return err
		}
		if err := aLevel("rules.else of "+u.ID, u.Else); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, c := range u.Classes {
		if err := aLevel("rules.classes of "+u.ID, c.Level); err != nil {
			return err
		}
		for _, name := range c.Is {
			if seen[fold(name)] || fold(name) == "" {
				return &data.Invalid{Field: "rules.classes of " + u.ID, Value: name, Want: "a class that stands once"}
			}
			seen[fold(name)] = true
		}
		if len(c.Is) == 0 {
			return &data.Invalid{Field: "rules.classes of " + u.ID, Value: "none", Want: "the names of the class"}
		}
	}
	if len(u.Classes) > 0 {
		kinds++
	}
	if kinds != 1 {
		return &data.Invalid{Field: "rules", Value: u.ID, Want: "one of at_least, over and classes"}
	}
	return nil
}

// keyUnit applies every rule whose input is there, and takes the highest level.
// Where some rules are for the industry only they are asked. classes leaves out
// the rules of numbers.
func (r *Rules) keyUnit(industry string, inputs map[string]any, classes bool) (Outcome, error) {
	var out Outcome
	for _, u := range r.unitRules(industry, classes) {
		text, level, ok, err := u.apply(inputs)
		switch {
		case err != nil:
			return Outcome{}, err
		case !ok:
			out.Missing = append(out.Missing, u.Inputs[0])
		case !out.Computed || level > out.Level:
			value, _ := u.number(inputs)
			out = Outcome{Computed: true, Level: level, Quantity: u.Inputs[0], Value: value, Rule: u.ID, Missing: out.Missing,
				Why: u.ID + " gives " + levelText(level) + ": " + u.Name + " " + text, Source: u.Source}
		}
	}
	if out.Computed {
		out.Missing = nil // one rule is enough
	} else {
		out.Why = "no input of a key-unit rule: " + strings.Join(out.Missing, ", ")
	}
	return out, nil
}

func (r *Rules) unitRules(industry string, classes bool) []*keyUnit {
	var all, its []*keyUnit
	for i := range r.units.Rules {
		u := &r.units.Rules[i]
		if classes && len(u.Classes) == 0 {
			continue
		}
		all = append(all, u)
		if slices.Contains(u.Industries, industry) {
			its = append(its, u)
		}
	}
	if len(its) > 0 {
		return its
	}
	return all
}

// apply gives the input as text and the level; ok is false without the input.
func (u *keyUnit) apply(inputs map[string]any) (text string, level data.Level, ok bool, err error) {
	for _, name := range u.Inputs {
		raw, there := find(inputs, name)
		if !there {
			continue
		}
		if len(u.Classes) > 0 {
			text = show(raw)
			level, err = u.class(name, text)
			return text, level, err == nil, err
		}
		v, _, err := number(inputs, name, u.Unit, 0, math.MaxFloat64)
		if err != nil {
			return "", 0, false, err
		}
		return ftoa(v) + " " + u.Unit, u.level(v), true, nil
	}
	return "", 0, false, nil
}

func (u *keyUnit) class(name, text string) (data.Level, error) {
	var allowed []string
	for _, c := range u.Classes {
		for _, is := range c.Is {
			if fold(is) == fold(text) {
				return c.Level, nil
			}
		}
		allowed = append(allowed, c.Is[0])
	}
	return 0, &data.Invalid{Field: inputsField + "." + name, Value: text, Want: u.Name + ", one of", Allowed: allowed}
}

func (u *keyUnit) level(v float64) data.Level {
	for _, s := range u.AtLeast {
		if v >= s.Value*(1-tolerance) {
			return s.Level
		}
	}
	for _, s := range u.Over {
		if v > s.Value*(1+tolerance) {
			return s.Level
		}
	}
	return u.Else
}

// number is the input of a rule of numbers, for the outcome's value.
func (u *keyUnit) number(inputs map[string]any) (float64, bool) {
	for _, name := range u.Inputs {
		if raw, ok := find(inputs, name); ok && len(u.Classes) == 0 {
			return asNumber(raw)
		}
	}
	return 0, false
}
