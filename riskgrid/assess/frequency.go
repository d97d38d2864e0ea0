package assess

import (
	"math"
	"slices"
	"strings"

	"riskatlas/riskgrid/consequence"
)

// factor is one number of a product with what it is.
type factor struct {
	value  float64
	what   string
	source string
}

// term is a product of factors.
type term []factor

// chance is a frequency with the arithmetic that it came from.
type chance struct {
	perYear float64
	text    string
}

// sum adds products and writes down how.
func sum(unit string, terms ...term) chance {
	total := 0.0
	var parts, sources []string
	for _, t := range terms {
		product := 1.0
		var words []string
		for _, f := range t {
			product *= f.value
			words = append(words, number(f.value)+" ("+f.what+")")
			if f.source != "" && !slices.Contains(sources, f.source) {
				sources = append(sources, f.source)
			}
		}
		if product == 0 {
			continue
		}
		total += product
		parts = append(parts, strings.Join(words, " x "))
	}
	total = rounded(total)
	return chance{total, strings.Join(parts, " + ") + " = " + number(total) + " " + unit + ". Sources: " + strings.Join(sources, "; ")}
}

// rounded keeps ten digits, so that 8e-7 is not 8.000000000000001e-07.
func rounded(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	scale := math.Pow(10, 9-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

// Units of a frequency.
const (
	perYear   = "per year"
	perKmYear = "per kilometre and year"
)

// rule is a number of the rules as a factor.
func (l *Library) rule(name, what string) factor {
	n := l.rules.Numbers[name]
	return factor{n.Value, what, n.Source}
}

// not is the chance that a factor's event does not happen.
func not(f factor) factor { return factor{1 - f.value, "not " + f.what, f.source} }

// rest is what a share leaves.
func rest(f factor, what string) factor { return factor{1 - f.value, what, f.source} }

// how many alike.
func (it *item) many() factor { return factor{float64(it.count), it.noun(), ""} }

// failure is how often a piece of equipment fails in one way, per year and
// vessel or per year and metre of pipe.
func (it *item) failure(key string) (factor, bool) {
	f, err := it.equipment.Failure(key)
	if err != nil {
		return factor{}, false
	}
	return factor{f.Value, f.Unit + ", " + it.equipment.NameEn + ", " + strings.ReplaceAll(key, "_", " "), f.Source}, true
}

// ignition is the chance that a release ignites at once.
func (l *Library) ignition(s *consequence.Substance, kgPerS float64) (factor, error) {
	class := "high"
	switch {
	case slices.Contains(l.rules.Reactivity.Slow, s.Key):
		return l.rule("ignition_slow_liquid", "direct ignition"), nil
	case l.liquid(s):
		class = "gasoline"
	case slices.Contains(l.rules.Reactivity.Low, s.Key):
		class = "low"
	}
	p, err := l.frequencies.Ignition(class, kgPerS)
	return factor{p, "direct ignition, " + class + " at " + number(kgPerS) + " kg/s", "direct ignition of the table of frequencies (by default Purple Book CPR 18E chapter 4, by recollection)"}, err
}
