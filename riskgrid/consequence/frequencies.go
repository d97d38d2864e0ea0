package consequence

import (
	_ "embed" // the data file
	"fmt"

	"riskatlas/data"
)

//go:embed frequencies.json
var frequenciesFile []byte

// Failure is how often a piece of equipment fails in one way.
type Failure struct {
	Key    string  `json:"key"` // instantaneous, ten_minutes, hole_10mm, rupture, leak, all, breach
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"` // 1/yr, or 1/(m yr) of pipe
	Source string  `json:"source"`
}

// Equipment is a kind of equipment and its ways to fail.
type Equipment struct {
	Key      string    `json:"key"`
	Name     string    `json:"name"` // Chinese
	NameEn   string    `json:"name_en"`
	Failures []Failure `json:"failures"`
}

// Failure gives one way to fail. The error names those that there are.
func (e *Equipment) Failure(key string) (Failure, error) {
	var known []string
	for _, f := range e.Failures {
		if f.Key == key {
			return f, nil
		}
		known = append(known, f.Key)
	}
	return Failure{}, &data.Invalid{Field: "failure", Value: key, Want: "a way in which " + e.Key + " fails, one of", Allowed: known}
}

// Ignition is the chance that what escapes is ignited at once, by the rate.
type Ignition struct {
	Key    string `json:"key"` // low, high, gasoline
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
	Unit   string `json:"unit"`
	Source string `json:"source"`
	Steps  []struct {
		ToKgPerS    float64 `json:"to_kg_per_s"` // inclusive; 0 in the last: no end
		Probability float64 `json:"probability"`
	} `json:"steps"`
}

// Frequencies are default frequencies of failure and chances of ignition. They
// are data: a city's own take their place.
type Frequencies struct {
	equipment []*Equipment
	ignition  []*Ignition
}

// LoadFrequencies reads the table that comes with the program.
func LoadFrequencies() (*Frequencies, error) { return ReadFrequencies(frequenciesFile) }

// ReadFrequencies reads a table in the form of frequencies.json. The error names
// the entry that breaks a rule.
func ReadFrequencies(raw []byte) (*Frequencies, error) {
	var file struct {
		Format    string       `json:"format"`
		Equipment []*Equipment `json:"equipment"`
		Ignition  []*Ignition  `json:"direct_ignition"`
	}
	if err := strict(raw, "frequencies", &file); err != nil {
		return nil, err
	}
	if err := format(file.Format, "riskatlas-frequencies/1"); err != nil {
		return nil, err
	}
	var c check
	seen := map[string]bool{}
	for i, e := range file.Equipment {
		if e == nil || e.Key == "" || seen[e.Key] {
			return nil, &data.Invalid{Field: fmt.Sprintf("equipment[%d].key", i), Value: "none or twice", Want: "a key of its own"}
		}
		seen[e.Key] = true
		c.failures("equipment."+e.Key, e.Failures)
	}
	for i, g := range file.Ignition {
		if g == nil || g.Key == "" || len(g.Steps) == 0 {
			return nil, &data.Invalid{Field: fmt.Sprintf("direct_ignition[%d]", i), Value: "none", Want: "a key and steps"}
		}
		c.ignition(g)
	}
	return &Frequencies{file.Equipment, file.Ignition}, c.err
}

func (c *check) failures(field string, all []Failure) {
	if len(all) == 0 {
		c.fail(field+".failures", "none", "at least one way to fail")
	}
	for _, f := range all {
		at := field + "." + f.Key
		if !(f.Value > 0 && f.Value <= data.MaxPerYear) {
			c.fail(at+".value", f.Value, "over 0 and at most 0.01 "+f.Unit)
		}
		if f.Unit != "1/yr" && f.Unit != "1/(m yr)" {
			c.fail(at+".unit", f.Unit, "one of", "1/yr", "1/(m yr)")
		}
		c.source(at, f.Source)
	}
}

func (c *check) ignition(g *Ignition) {
	at, last := "direct_ignition."+g.Key, 0.0
	for i, s := range g.Steps {
		if !(s.Probability > 0 && s.Probability <= 1) {
			c.fail(at+".probability", s.Probability, "over 0 and at most 1")
		}
		if end := i == len(g.Steps)-1; end != (s.ToKgPerS == 0) || !end && !(s.ToKgPerS > last) {
			c.fail(at+".to_kg_per_s", s.ToKgPerS, "rising rates in kg/s, the last step without one")
		}
		last = s.ToKgPerS
	}
	c.source(at, g.Source)
}

// Equipment gives a kind of equipment by key. The error names those known.
func (f *Frequencies) Equipment(key string) (*Equipment, error) {
	var known []string
	for _, e := range f.equipment {
		if e.Key == key {
			return e, nil
		}
		known = append(known, e.Key)
	}
	return nil, &data.Invalid{Field: "equipment", Value: key, Want: "one of", Allowed: known}
}

// All gives the equipment in the file's order; it is not to be changed.
func (f *Frequencies) All() []*Equipment { return f.equipment }

// Ignition is the chance of direct ignition of a release of kg/s by reactivity
// (low, high, gasoline). The error names what is wrong.
func (f *Frequencies) Ignition(reactivity string, kgPerS float64) (float64, error) {
	var c check
	c.over("kg_per_s", kgPerS, 1e6, "kg/s")
	var known []string
	for _, g := range f.ignition {
		known = append(known, g.Key)
		if g.Key != reactivity || c.err != nil {
			continue
		}
		for _, s := range g.Steps {
			if s.ToKgPerS == 0 || kgPerS <= s.ToKgPerS {
				return s.Probability, nil
			}
		}
	}
	c.fail("reactivity", reactivity, "one of", known...)
	return 0, c.err
}
