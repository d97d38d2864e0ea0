package consequence

import (
	_ "embed" // the data file
	"fmt"
	"math"

	"riskatlas/data"
)

//go:embed domino.json
var dominoFile []byte

// Criterion says from which effect on a kind of equipment may fail and pass an
// accident on. All are for screening, one step only.
type Criterion struct {
	Key    string  `json:"key"`
	Name   string  `json:"name"` // Chinese
	NameEn string  `json:"name_en"`
	Effect string  `json:"effect"` // heat_flux, overpressure, engulfment
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Target string  `json:"target"` // atmospheric, pressurised, elongated, any
	Source string  `json:"source"`
}

// Metres is how far from the accident the criterion is met; 0 is nowhere, also
// where the accident has no such effect.
func (k *Criterion) Metres(r *Result) (float64, error) {
	if r.inverse[k.Effect] == nil {
		return 0, nil
	}
	return r.Radius(k.Effect, k.Value)
}

// Domino is a table of criteria, read-only.
type Domino struct{ list []*Criterion }

// LoadDomino reads the table that comes with the program.
func LoadDomino() (*Domino, error) { return ReadDomino(dominoFile) }

// ReadDomino reads a table in the form of domino.json. The error names the entry
// that breaks a rule.
func ReadDomino(raw []byte) (*Domino, error) {
	var file struct {
		Format   string       `json:"format"`
		Criteria []*Criterion `json:"criteria"`
	}
	if err := strict(raw, "domino", &file); err != nil {
		return nil, err
	}
	if err := format(file.Format, "riskatlas-domino/1"); err != nil {
		return nil, err
	}
	var c check
	seen := map[string]bool{}
	for i, k := range file.Criteria {
		if k == nil || k.Key == "" || seen[k.Key] {
			return nil, &data.Invalid{Field: fmt.Sprintf("criteria[%d].key", i), Value: "none or twice", Want: "a key of its own"}
		}
		seen[k.Key] = true
		switch k.Effect {
		case EffectHeatFlux, EffectOverpressure, EffectEngulfment:
			if k.Unit != effectUnits[k.Effect] {
				c.fail("criteria."+k.Key+".unit", k.Unit, effectUnits[k.Effect])
			}
			c.within("criteria."+k.Key+".value", k.Value, 0.1, 1000, k.Unit)
		default:
			c.fail("criteria."+k.Key+".effect", k.Effect, "one of", EffectHeatFlux, EffectOverpressure, EffectEngulfment)
		}
		c.source("criteria."+k.Key, k.Source)
	}
	return &Domino{file.Criteria}, c.err
}

// All gives the criteria in the file's order; it is not to be changed.
func (d *Domino) All() []*Criterion { return d.list }

// Criterion gives one by key. The error names those known.
func (d *Domino) Criterion(key string) (*Criterion, error) {
	known := make([]string, len(d.list))
	for i, k := range d.list {
		if k.Key == key {
			return k, nil
		}
		known[i] = k.Key
	}
	return nil, &data.Invalid{Field: "criterion", Value: key, Want: "one of", Allowed: known}
}

// equipmentProbits are those of Cozzani and Salzano 2004 for damage by blast, p
// in Pa.
var equipmentProbits = map[string]Probit{
	"atmospheric": {"blast_atmospheric", -18.96, 2.44, "p, Pa", "Cozzani and Salzano 2004"},
	"pressurised": {"blast_pressurised", -42.44, 4.33, "p, Pa", "Cozzani and Salzano 2004"},
	"elongated":   {"blast_elongated", -28.07, 3.16, "p, Pa", "Cozzani and Salzano 2004"},
}

// BlastDamage is the share of vessels of a kind (atmospheric, pressurised,
// elongated) that an overpressure in Pa damages.
func BlastDamage(target string, pa float64) (float64, error) {
	var c check
	p, ok := equipmentProbits[target]
	if !ok {
		c.fail("target", orNone(target), "one of", "atmospheric", "pressurised", "elongated")
	}
	c.pascals("overpressure_pa", pa, 500, 1e8)
	if c.err != nil {
		return 0, c.err
	}
	return p.Chance(pa), nil
}

// SecondsToFailure is how long an atmospheric vessel of a volume in m3 stands in
// a heat flux in kW/m2: ln ttf = -1.128 ln I - 2.667e-5 V + 9.877 (Cozzani et al.
// 2006).
func SecondsToFailure(kWPerM2, volumeM3 float64) (float64, error) {
	var c check
	c.over("heat_flux", kWPerM2, 500, "kW/m2")
	c.over("volume_m3", volumeM3, 200_000, "m3")
	if c.err != nil {
		return 0, c.err
	}
	return math.Exp(-1.128*math.Log(kWPerM2) - 2.667e-5*volumeM3 + 9.877), nil
}

// FireDamagePr is the probit value of damage to a vessel that stands for seconds:
// 12.54 - 1.847 ln(ttf in minutes) (Landucci et al. 2009).
func FireDamagePr(secondsToFailure float64) float64 {
	return 12.54 - 1.847*math.Log(secondsToFailure/60)
}
