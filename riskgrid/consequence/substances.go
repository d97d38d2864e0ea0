package consequence

import (
	"bytes"
	_ "embed" // the data files
	"encoding/json"
	"fmt"
	"strings"

	"riskatlas/data"
)

//go:embed substances.json
var substancesFile []byte

// Substances is a table of substances, read-only.
type Substances struct {
	list   []*Substance
	byName map[string]*Substance
}

// LoadSubstances reads the table that comes with the program. Its numbers are
// defaults, each with its source; a city's own file goes through ReadSubstances.
func LoadSubstances() (*Substances, error) { return ReadSubstances(substancesFile) }

// ReadSubstances reads a table in the form of substances.json. The error names
// the substance and the field that break a rule.
func ReadSubstances(raw []byte) (*Substances, error) {
	var file struct {
		Format     string       `json:"format"`
		Substances []*Substance `json:"substances"`
	}
	if err := strict(raw, "substances", &file); err != nil {
		return nil, err
	}
	if err := format(file.Format, "riskatlas-substances/1"); err != nil {
		return nil, err
	}
	s := &Substances{list: file.Substances, byName: map[string]*Substance{}}
	for i, x := range s.list {
		if x == nil {
			return nil, &data.Invalid{Field: fmt.Sprintf("substances[%d]", i), Value: "null", Want: "a substance"}
		}
		if err := x.check(); err != nil {
			return nil, err
		}
		for _, name := range append([]string{x.Key, x.Name, x.NameEn, x.Formula, x.CAS}, x.Aliases...) {
			name = fold(name)
			if name == "" {
				continue
			}
			if other := s.byName[name]; other != nil && other != x {
				return nil, &data.Invalid{Field: "substances." + x.Key, Value: name, Want: "a name that " + other.Key + " does not have"}
			}
			s.byName[name] = x
		}
	}
	for _, x := range s.list { // several may share a UN number: the first has it
		for _, un := range []string{x.UN, "UN" + x.UN} {
			if name := fold(un); x.UN != "" && s.byName[name] == nil {
				s.byName[name] = x
			}
		}
	}
	return s, nil
}

// fold makes spellings alike: no case, no spaces, hyphens or underscores.
func fold(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "", "　", "").Replace(strings.ToLower(strings.TrimSpace(name)))
}

// Find gives a substance by key, Chinese or English name, formula, CAS or UN
// number, or alias, whatever the case. The error names what is known.
func (s *Substances) Find(name string) (*Substance, error) {
	if x := s.byName[fold(name)]; x != nil {
		return x, nil
	}
	known := make([]string, len(s.list))
	for i, x := range s.list {
		known[i] = x.Key
	}
	return nil, &data.Invalid{Field: "substance", Value: name,
		Want: "a known substance, by Chinese or English name, formula, CAS or UN number, one of", Allowed: known}
}

// All gives the substances in the file's order; it is not to be changed.
func (s *Substances) All() []*Substance { return s.list }

func (x *Substance) check() error {
	c := check{}
	at := "substances." + x.Key
	if x.Key == "" || x.Name == "" || x.NameEn == "" {
		c.fail(at, x.Name+"/"+x.NameEn, "a key, a name and a name_en")
	}
	if t := x.Toxic; t != nil {
		c.within(at+".toxic.b", t.B, 0.05, 20, "")
		c.within(at+".toxic.n", t.N, 0.2, 5, "")
		if !(t.A > -100 && t.A < 10) {
			c.fail(at+".toxic.a", t.A, "-100 to 10")
		}
		c.source(at+".toxic", t.Source)
	}
	c.constant(at+".heat_of_combustion", x.Heat, "MJ/kg", 1, 150)
	c.constant(at+".burning_rate", x.Burning, "kg/(m2 s)", 0.005, 0.2)
	c.constant(at+".lfl", x.LFL, "% by volume", 0.3, 30)
	c.constant(at+".molar_mass", x.MolarMass, "g/mol", 1, 1000)
	c.constant(at+".liquid_density", x.LiquidDensity, "kg/m3", 50, 20_000)
	c.constant(at+".boiling_point", x.BoilingC, "degrees C", -273.15, 3000)
	c.constant(at+".tnt_equivalent", x.TNT, "kg TNT/kg", 0.05, 2)
	if g := x.GB18218; g != nil {
		c.within(at+".gb18218.threshold_t", g.ThresholdT, 0.01, 10_000, "t")
		c.within(at+".gb18218.beta", g.Beta, 0.5, 50, "")
		c.source(at+".gb18218", g.Source)
	}
	return c.err
}

func (c *check) constant(field string, k *Constant, unit string, lo, hi float64) {
	if k == nil {
		return
	}
	if k.Unit != unit {
		c.fail(field+".unit", k.Unit, unit)
	}
	if !(k.Value >= lo && k.Value <= hi) {
		c.fail(field+".value", k.Value, fmt.Sprintf("%g to %g %s", lo, hi, unit))
	}
	c.source(field, k.Source)
}

func (c *check) source(field, source string) {
	if strings.TrimSpace(source) == "" {
		c.fail(field+".source", "none", "where the number comes from")
	}
}

// strict reads JSON without unknown members and without anything after it.
func strict(raw []byte, field string, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = fmt.Errorf("more follows after the value")
	}
	if err != nil {
		return &data.Invalid{Field: field, Value: err.Error(), Want: "JSON of the documented members"}
	}
	return nil
}

func format(got, want string) error {
	if got != want {
		return &data.Invalid{Field: "format", Value: got, Want: want}
	}
	return nil
}
