package riskgrid

import (
	"fmt"
	"iter"
	"math"

	"riskatlas/data"
)

// Risk is an individual risk in fixed point: 1e-15 per year. Sums are exact,
// free of order, and can be taken back.
type Risk int64

const perUnit = 1e15 // units of Risk in a risk of 1 per year

// PerYear is the risk as a number per year.
func (r Risk) PerYear() float64 { return float64(r) / perUnit }

// fixed rounds a number of units to the nearest, ties to even, so that
// fixed(-x) = -fixed(x).
func fixed(units float64) Risk { return Risk(math.RoundToEven(units)) }

// plus adds without wrapping: the greatest Risk stands for all beyond. Only sums
// over many cells need it; CheckTotal keeps every single cell in range.
func (r Risk) plus(s Risk) Risk {
	if sum := r + s; sum >= r {
		return sum
	}
	return math.MaxInt64
}

// CheckTotal reports whether the frequencies of all hazards together (those per
// kilometre times the line's length) fit in a Risk, so that no cell can wrap
// whatever lies on it: 9 223 per year. Call it once per revision.
func CheckTotal(hazards iter.Seq[*data.Hazard]) error { return CheckSum(Total(hazards)) }

// Total is the frequencies of all hazards together, as CheckTotal takes them.
func Total(hazards iter.Seq[*data.Hazard]) (perYear float64) {
	for h := range hazards {
		for i := range h.Scenarios {
			s := &h.Scenarios[i]
			f := s.PerYear
			if s.Per == data.PerKm {
				f *= data.LengthMetres(h.Shape) / 1000
			}
			perYear += f
		}
	}
	return perYear
}

// CheckSum is CheckTotal of a Total that is known.
func CheckSum(total float64) error {
	const most = float64(math.MaxInt64) / perUnit * (1 - 1e-6)
	if total <= most { // also false for NaN
		return nil
	}
	return &data.Invalid{Field: "scenarios.per_year", Value: fmt.Sprintf("%g per year summed over all sources", total),
		Want: fmt.Sprintf("a sum of at most %.0f per year, the range of the grid's numbers", most)}
}

// Cuts are the lower bounds of the levels: Cuts[0] the floor (exclusive), then
// general, significant, major (inclusive, with a relative tolerance of 1e-9).
type Cuts [4]Risk

const cutTolerance = 1e-9

// NewCuts turns per-year cuts into fixed point, tolerance taken in: a value is
// at or under the floor to 1e-9 of it, and at or over another cut likewise.
func NewCuts(perYear [4]float64) Cuts {
	var c Cuts
	c[0] = Risk(math.Floor(perYear[0] * perUnit * (1 + cutTolerance)))
	for i := 1; i < len(c); i++ {
		c[i] = Risk(math.Ceil(perYear[i] * perUnit * (1 - cutTolerance)))
	}
	return c
}

// Level is the level of ground with this risk.
func (c Cuts) Level(r Risk) data.Level {
	switch {
	case r <= c[0]:
		return data.LevelNone
	case r < c[1]:
		return data.Low
	case r < c[2]:
		return data.General
	case r < c[3]:
		return data.Significant
	}
	return data.Major
}
