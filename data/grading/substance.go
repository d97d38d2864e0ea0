package grading

import (
	"riskatlas/data"
)

// substanceFile is the format of rules/substances.json.
type substanceFile struct {
	Source     string   `json:"source"`
	BetaSource string   `json:"beta_source"`
	List       []listed `json:"list"`
}

type listed struct {
	Name       string   `json:"name"`
	NameEn     string   `json:"name_en"`
	Formula    string   `json:"formula"`
	CAS        []string `json:"cas"`
	Also       []string `json:"also"`
	Class      string   `json:"class"`       // gives beta where Beta is 0
	ThresholdT float64  `json:"threshold_t"` // Q, tonnes
	Beta       float64  `json:"beta"`
	Source     string   `json:"source"` // where it is not the file's
}

func (r *Rules) readSubstances(raw []byte) error {
	f := &r.listed
	if err := decode(raw, f); err != nil {
		return err
	}
	if err := sourced("source", f.Source); err != nil {
		return err
	}
	if err := sourced("beta_source", f.BetaSource); err != nil {
		return err
	}
	r.names, r.cas = map[string][]int{}, map[string][]int{}
	for i, s := range f.List {
		if s.Name == "" || s.NameEn == "" || !(s.ThresholdT > 0) || s.Beta < 0 {
			return &data.Invalid{Field: "list", Value: s.Name + ", " + s.NameEn, Want: "a name in both languages and threshold_t in tonnes over 0"}
		}
		if _, known := r.class(s.Class); !known && !(s.Class == "" && s.Beta > 0) {
			return &data.Invalid{Field: "list.class", Value: s.Class, Want: "a class of major_hazard.json, or none and a beta for " + s.Name, Allowed: r.classNames()}
		}
		for _, name := range append([]string{s.Name, s.NameEn, s.Formula}, s.Also...) {
			if name == "" {
				continue
			}
			if at := r.names[fold(name)]; len(at) > 0 && at[0] != i {
				return &data.Invalid{Field: "list.name", Value: name, Want: "a name that no other substance has"}
			}
			r.names[fold(name)] = []int{i}
		}
		for _, cas := range s.CAS {
			if !validCAS(cas) {
				return &data.Invalid{Field: "list.cas", Value: cas, Want: "a CAS number whose check digit is right"}
			}
			r.cas[cas] = append(r.cas[cas], i)
		}
	}
	return nil
}

// validCAS checks the form and the check digit of a CAS registry number: the sum
// of its digits, each times its place from the right, modulo 10.
func validCAS(s string) bool {
	sum, place, dashes := 0, 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		switch c := s[i]; {
		case c == '-' && (i == len(s)-2 || i == len(s)-5):
			dashes++
		case c >= '0' && c <= '9':
			sum += place * int(c-'0')
			place++
		default:
			return false
		}
	}
	return dashes == 2 && place >= 5 && place <= 10 && sum%10 == int(s[len(s)-1]-'0')
}

// maxTonnes is more than any site holds; what is over it is in another unit.
const maxTonnes = 1e8

// term finds the substance's threshold and beta. A class that the record states
// and the standard has decides beta for listed substances without one of their
// own, and everything for those that are not listed.
func (r *Rules) term(s data.Substance) (Term, error) {
	if !(s.MaxT > 0 && s.MaxT <= maxTonnes) {
		return Term{}, &data.Invalid{Field: "substances.max_t", Value: ftoa(s.MaxT), Want: "tonnes over 0, at most " + ftoa(maxTonnes)}
	}
	entry, err := r.substance(s)
	if err != nil {
		return Term{}, err
	}
	t := Term{MaxT: s.MaxT}
	stated, known := r.class(s.Class)
	switch {
	case entry == nil && !known:
		return Term{}, &data.Invalid{Field: "substances.name", Value: s.Name + casText(s),
			Want: "a substance of GB 18218 by name, formula or CAS number, or a class beside it, one of", Allowed: r.classNames()}
	case entry == nil:
		t.Name, t.Q, t.Beta = s.Name+" as "+stated.Class, stated.ThresholdT, stated.Beta
	default:
		t.Name, t.Q, t.Beta = entry.Name, entry.ThresholdT, entry.Beta
		if t.Beta == 0 && known {
			t.Beta = stated.Beta
		} else if t.Beta == 0 {
			own, _ := r.class(entry.Class)
			t.Beta = own.Beta
		}
	}
	t.Ratio = t.MaxT / t.Q
	return t, nil
}

func casText(s data.Substance) string {
	if s.CAS == "" {
		return ""
	}
	return ", " + s.CAS
}

// substance gives the table's entry for the name and CAS number, or nil. Both
// must mean the same one; a number that several entries have (ammonium nitrate)
// needs a name beside it.
func (r *Rules) substance(s data.Substance) (*listed, error) {
	named, numbered := r.names[fold(s.Name)], r.cas[fold(s.CAS)]
	switch {
	case len(named) == 0 && len(numbered) == 0:
		return nil, nil
	case len(numbered) == 0:
		return &r.listed.List[named[0]], nil
	case len(named) == 0 && len(numbered) == 1:
		return &r.listed.List[numbered[0]], nil
	}
	var allowed []string
	for _, i := range numbered {
		if len(named) > 0 && i == named[0] {
			return &r.listed.List[i], nil
		}
		allowed = append(allowed, r.listed.List[i].Name)
	}
	if len(named) > 0 {
		return nil, &data.Invalid{Field: "substances.cas", Value: s.CAS, Want: "the CAS number of " + s.Name + "; this one is of", Allowed: allowed}
	}
	return nil, &data.Invalid{Field: "substances.name", Value: s.Name, Want: "with CAS " + s.CAS + " one of", Allowed: allowed}
}
