package grading

import (
	"fmt"
	"math"

	"riskatlas/data"
)

// severityFile is the format of rules/severity.json, worst first.
type severityFile struct {
	Source string     `json:"source"`
	List   []Severity `json:"list"`
}

// Severity is a class of accidents by what they cost (State Council Order 493,
// art. 3), with the numbers from which each column reaches it. Its words (重大,
// 较大, 一般) are those of risk levels too and mean something else: a severity is
// no level and its key is never one.
type Severity struct {
	Key             string  `json:"key"`     // particularly_serious, serious, comparatively_serious, ordinary
	Name            string  `json:"name"`    // 特别重大事故, 重大事故, 较大事故, 一般事故
	NameEn          string  `json:"name_en"` // in English
	Deaths          float64 `json:"deaths"`
	SeriousInjuries float64 `json:"serious_injuries"` // acute poisonings included
	LossCNY         float64 `json:"loss_cny"`         // direct loss
}

// Toll is what an accident costs. Deaths and injuries may be expected values.
type Toll struct{ Deaths, SeriousInjuries, LossCNY float64 }

func (r *Rules) readSeverity(raw []byte) error {
	f := &r.severity
	if err := decode(raw, f); err != nil {
		return err
	}
	if err := sourced("source", f.Source); err != nil {
		return err
	}
	for i, s := range f.List {
		for _, level := range data.LevelKeys {
			if s.Key == level || s.Key == "" {
				return &data.Invalid{Field: "list.key", Value: s.Key, Want: "a key that no level has"}
			}
		}
		if i == 0 {
			continue
		}
		if over := f.List[i-1]; !(s.Deaths < over.Deaths && s.SeriousInjuries < over.SeriousInjuries && s.LossCNY < over.LossCNY) {
			return &data.Invalid{Field: "list", Value: s.Key, Want: "numbers under those of " + over.Key}
		}
	}
	if n := len(f.List); n == 0 || f.List[n-1].Deaths != 0 || f.List[n-1].SeriousInjuries != 0 || f.List[n-1].LossCNY != 0 {
		return &data.Invalid{Field: "list", Value: fmt.Sprint(n), Want: "classes down to one from 0"}
	}
	return nil
}

// Severity is the highest class that any number of the toll reaches. A number
// that is negative or not finite is a *data.Invalid.
func (r *Rules) Severity(t Toll) (Severity, error) {
	for _, in := range []struct {
		name string
		v    float64
	}{{"deaths", t.Deaths}, {"serious_injuries", t.SeriousInjuries}, {"loss_cny", t.LossCNY}} {
		if !(in.v >= 0) || math.IsInf(in.v, 0) {
			return Severity{}, &data.Invalid{Field: in.name, Value: ftoa(in.v), Want: "a number of 0 or more"}
		}
	}
	for _, s := range r.severity.List {
		if reaches(t.Deaths, s.Deaths) || reaches(t.SeriousInjuries, s.SeriousInjuries) || reaches(t.LossCNY, s.LossCNY) {
			return s, nil
		}
	}
	return r.severity.List[len(r.severity.List)-1], nil
}

func reaches(v, cut float64) bool { return v >= cut*(1-tolerance) }

// Severities are the classes, worst first; a copy.
func (r *Rules) Severities() []Severity { return append([]Severity(nil), r.severity.List...) }
