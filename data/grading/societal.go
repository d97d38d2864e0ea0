package grading

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"riskatlas/data"
)

// societalFile is the format of rules/societal.json. The lines are straight on
// logarithmic axes between their points (deaths, 1/yr).
type societalFile struct {
	Source       string       `json:"source"`
	Upper        [][2]float64 `json:"upper"`
	Lower        [][2]float64 `json:"lower"`
	BeyondSource string       `json:"beyond_source"`
}

// FN is a point of the F-N diagram: of a scenario its frequency and expected
// deaths, of a curve or line the frequency of so many deaths or more.
type FN struct {
	Deaths  float64 `json:"deaths"`
	PerYear float64 `json:"per_year"`
}

// Zone is a zone of the F-N diagram.
type Zone uint8

// The zones, from best to worst. Unjudged is under one death.
const (
	Unjudged     Zone = iota
	Acceptable        // 可容许
	ALARP             // 尽可能降低
	Unacceptable      // 不可容许
)

// ZoneKeys are the zones' names in answers, by zone.
var ZoneKeys = [...]string{"", "acceptable", "alarp", "unacceptable"}

// String is the zone's key.
func (z Zone) String() string {
	if int(z) < len(ZoneKeys) {
		return ZoneKeys[z]
	}
	return "invalid"
}

func (r *Rules) readSocietal(raw []byte) error {
	var f societalFile
	if err := decode(raw, &f); err != nil {
		return err
	}
	if err := sourced("source", f.Source); err != nil {
		return err
	}
	if err := sourced("beyond_source", f.BeyondSource); err != nil {
		return err
	}
	var err error
	if r.upper, err = line("upper", f.Upper); err != nil {
		return err
	}
	if r.lower, err = line("lower", f.Lower); err != nil {
		return err
	}
	if r.upper[0].Deaths != r.lower[0].Deaths || r.upper[len(r.upper)-1].Deaths != r.lower[len(r.lower)-1].Deaths {
		return &data.Invalid{Field: "lower", Value: fmt.Sprint(f.Lower), Want: "a line over the same deaths as upper"}
	}
	// Between points both are straight, so that their points decide which is over.
	for _, p := range slices.Concat(r.upper, r.lower) {
		if at(r.lower, p.Deaths) > at(r.upper, p.Deaths) {
			return &data.Invalid{Field: "lower", Value: ftoa(p.Deaths), Want: "a line that is nowhere over upper"}
		}
	}
	return nil
}

func line(field string, points [][2]float64) ([]FN, error) {
	var out []FN
	for i, p := range points {
		if !(p[0] > 0 && p[1] > 0) || i > 0 && (p[0] <= points[i-1][0] || p[1] > points[i-1][1]) {
			return nil, &data.Invalid{Field: field, Value: fmt.Sprint(p), Want: "points (deaths, per year) over 0, deaths rising, frequency not rising"}
		}
		out = append(out, FN{Deaths: p[0], PerYear: p[1]})
	}
	if len(out) < 2 {
		return nil, &data.Invalid{Field: field, Value: fmt.Sprint(len(out)), Want: "at least 2 points"}
	}
	return out, nil
}

// at is the line's frequency at n deaths, within the line's ends.
func at(line []FN, n float64) float64 {
	i := 1
	for i < len(line)-1 && line[i].Deaths < n {
		i++
	}
	a, b := line[i-1], line[i]
	share := math.Log(n/a.Deaths) / math.Log(b.Deaths/a.Deaths)
	return math.Exp(math.Log(a.PerYear) + share*math.Log(b.PerYear/a.PerYear))
}

// Lines are the points of the two lines (GB 36894-2018 figure 1), copies that
// the caller may keep: over upper is unacceptable, up to lower acceptable.
func (r *Rules) Lines() (upper, lower []FN) { return slices.Clone(r.upper), slices.Clone(r.lower) }

// Zone judges the frequency (1/yr) of n deaths or more. Past the lines' end (1000
// deaths) what is over the lower line's end is unacceptable; before their
// beginning (1 death), and of no number, nothing is judged.
func (r *Rules) Zone(n, perYear float64) Zone {
	last := r.lower[len(r.lower)-1]
	switch {
	case !(n >= r.lower[0].Deaths) || math.IsInf(n, 0) || !(perYear >= 0):
		return Unjudged
	case n > last.Deaths && perYear > last.PerYear*(1+tolerance):
		return Unacceptable
	case n > last.Deaths:
		return Acceptable
	case perYear > at(r.upper, n)*(1+tolerance):
		return Unacceptable
	case perYear > at(r.lower, n)*(1+tolerance):
		return ALARP
	}
	return Acceptable
}

// Curve builds the F-N curve of scenarios: F(N) is the sum of the frequencies of
// those with N deaths or more (CCPS CHEF p. 267). The points rise in deaths, one
// for each number of deaths that occurs; F between two points is the second's.
// Scenarios of less than one death are not on the curve. A frequency or number
// that is negative or not finite is a *data.Invalid.
func Curve(scenarios []FN) ([]FN, error) {
	sorted := make([]FN, 0, len(scenarios))
	for _, s := range scenarios {
		if err := checkFN(s); err != nil {
			return nil, err
		}
		if s.Deaths >= 1 && s.PerYear > 0 {
			sorted = append(sorted, s)
		}
	}
	// Equal deaths sort by frequency, so that the order given decides no bit.
	slices.SortFunc(sorted, func(a, b FN) int {
		return cmp.Or(cmp.Compare(b.Deaths, a.Deaths), cmp.Compare(a.PerYear, b.PerYear))
	})
	var curve []FN
	sum := 0.0
	for _, s := range sorted {
		sum += s.PerYear
		if n := len(curve); n > 0 && curve[n-1].Deaths == s.Deaths {
			curve[n-1].PerYear = sum
		} else {
			curve = append(curve, FN{Deaths: s.Deaths, PerYear: sum})
		}
	}
	slices.Reverse(curve)
	return curve, nil
}

func checkFN(s FN) error {
	switch {
	case !(s.Deaths >= 0) || math.IsInf(s.Deaths, 0):
		return &data.Invalid{Field: "deaths", Value: ftoa(s.Deaths), Want: "a number of 0 or more"}
	case !(s.PerYear >= 0) || math.IsInf(s.PerYear, 0):
		return &data.Invalid{Field: "per_year", Value: ftoa(s.PerYear), Want: "a frequency per year of 0 or more"}
	}
	return nil
}

// PLL is the potential loss of life of scenarios, deaths per year: the sum of
// frequency times deaths, those of less than one death included.
func PLL(scenarios []FN) float64 {
	sum := 0.0
	for _, s := range scenarios {
		sum += s.PerYear * s.Deaths
	}
	return sum
}

// Judge gives the worst zone of a curve and the first of its points that is in
// it. The lines fall and the curve is level up to each of its points, so that the
// points decide. An empty curve is Unjudged.
func (r *Rules) Judge(curve []FN) (Zone, FN) {
	worst, where := Unjudged, FN{}
	for _, p := range curve {
		if z := r.Zone(p.Deaths, p.PerYear); z > worst {
			worst, where = z, p
		}
	}
	return worst, where
}
