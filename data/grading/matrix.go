package grading

import (
	"fmt"
	"math"

	"riskatlas/data"
)

// lecFile is the format of rules/lec.json.
type lecFile struct {
	Source string     `json:"source"`
	Strict bool       `json:"strict"` // records must give table values
	L      []lecValue `json:"l"`
	E      []lecValue `json:"e"`
	C      []lecValue `json:"c"`
	Over   []struct {
		D     float64    `json:"d"` // exclusive
		Level data.Level `json:"level"`
	} `json:"over"` // worst first
	Else data.Level `json:"else"`
}

type lecValue struct {
	Value   float64 `json:"value"`
	Meaning string  `json:"meaning"`
}

func (r *Rules) readLEC(raw []byte) error {
	f := &r.lec
	if err := decode(raw, f); err != nil {
		return err
	}
	if err := sourced("source", f.Source); err != nil {
		return err
	}
	for _, table := range []struct {
		name string
		list []lecValue
	}{{"l", f.L}, {"e", f.E}, {"c", f.C}} {
		for i, v := range table.list {
			if !(v.Value > 0) || i > 0 && v.Value >= table.list[i-1].Value {
				return &data.Invalid{Field: table.name, Value: ftoa(v.Value), Want: "values over 0 that fall"}
			}
		}
		if len(table.list) == 0 {
			return &data.Invalid{Field: table.name, Value: "none", Want: "at least one value"}
		}
	}
	var cuts []cut
	for _, o := range f.Over {
		cuts = append(cuts, cut{o.D, o.Level})
	}
	if err := falling("over", cuts, 0); err != nil {
		return err
	}
	return aLevel("else", f.Else)
}

// LEC is D = L E C. strict wants each to be a value of its table; otherwise each
// is over 0 and at most the table's greatest.
func (r *Rules) LEC(l, e, c float64, strict bool) (d float64, level data.Level, err error) {
	for _, in := range []struct {
		name  string
		v     float64
		table []lecValue
	}{{"L", l, r.lec.L}, {"E", e, r.lec.E}, {"C", c, r.lec.C}} {
		if err := lecInput(in.name, in.v, in.table, strict); err != nil {
			return 0, 0, err
		}
	}
	d = l * e * c
	level, err = r.LevelOfD(d)
	return d, level, err
}

func lecInput(name string, v float64, table []lecValue, strict bool) error {
	values := make([]string, len(table))
	for i, t := range table {
		if t.Value == v {
			return nil
		}
		values[i] = ftoa(t.Value)
	}
	if !strict && v > 0 && v <= table[0].Value {
		return nil
	}
	if !strict {
		return &data.Invalid{Field: inputsField + "." + name, Value: ftoa(v), Want: "a number over 0, at most " + values[0]}
	}
	return &data.Invalid{Field: inputsField + "." + name, Value: ftoa(v), Want: "a value of the table of " + name, Allowed: values}
}

// LevelOfD is the level of a D of LEC, which is over 0.
func (r *Rules) LevelOfD(d float64) (data.Level, error) {
	if !(d > 0) || math.IsInf(d, 0) {
		return 0, &data.Invalid{Field: inputsField + ".D", Value: ftoa(d), Want: "a number over 0"}
	}
	for _, o := range r.lec.Over {
		if d > o.D*(1+tolerance) {
			return o.Level, nil
		}
	}
	return r.lec.Else, nil
}

// lsFile is the format of rules/ls.json.
type lsFile struct {
	Source  string `json:"source"`
	Most    int    `json:"most"` // of L and of S, from 1
	AtLeast []struct {
		R     float64    `json:"r"` // inclusive
		Level data.Level `json:"level"`
	} `json:"at_least"` // worst first
	Else data.Level `json:"else"`
}

func (r *Rules) readLS(raw []byte) error {
	f := &r.ls
	if err := decode(raw, f); err != nil {
		return err
	}
	if err := sourced("source", f.Source); err != nil {
		return err
	}
	if f.Most < 1 || f.Most > 1000 {
		return &data.Invalid{Field: "most", Value: fmt.Sprint(f.Most), Want: "1 to 1000"}
	}
	var cuts []cut
	for _, o := range f.AtLeast {
		cuts = append(cuts, cut{o.R, o.Level})
	}
	if err := falling("at_least", cuts, 1); err != nil {
		return err
	}
	return aLevel("else", f.Else)
}

// LS is R = L S of the risk matrix, both whole numbers of 1 to 5.
func (r *Rules) LS(l, s int) (value int, level data.Level, err error) {
	for _, in := range []struct {
		name string
		v    int
	}{{"L", l}, {"S", s}} {
		if in.v < 1 || in.v > r.ls.Most {
			return 0, 0, r.lsInput(in.name, fmt.Sprint(in.v))
		}
	}
	value = l * s
	for _, o := range r.ls.AtLeast {
		if float64(value) >= o.R {
			return value, o.Level, nil
		}
	}
	return value, r.ls.Else, nil
}

func (r *Rules) lsInput(name, value string) error {
	return &data.Invalid{Field: inputsField + "." + name, Value: value, Want: fmt.Sprintf("a whole number, 1 to %d", r.ls.Most)}
}

// levelText is a level as explanations name it.
func levelText(l data.Level) string { return fmt.Sprintf("%d %s", uint8(l), l) }
