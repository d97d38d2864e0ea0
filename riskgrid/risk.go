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
// whatever lies on it: 9 223 per year. Call it once per revision, or keep a Sum.
func CheckTotal(hazards iter.Seq[*data.Hazard]) error {
	var s Sum
	for h := range hazards {
		s = s.Plus(h)
	}
	return s.Check()
}

// Sum is the frequencies of hazards together, as CheckTotal takes them. It is an
// integer, so that whatever was added can be taken back, in any order and for ever:
// 1e-15 per year in 128 bits; a scenario past 9 223 per year counts as that. The
// zero value is none.
type Sum struct{ units Loss }

// Plus adds a hazard.
func (s Sum) Plus(h *data.Hazard) Sum { return Sum{s.units.Plus(frequency(h))} }

// Minus takes a hazard back.
func (s Sum) Minus(h *data.Hazard) Sum { return Sum{s.units.Minus(frequency(h))} }

func frequency(h *data.Hazard) (units Loss) {
	for i := range h.Scenarios {
		n := uint64(math.MaxInt64)
		if f := perYear(h, &h.Scenarios[i]) * perUnit; f < math.MaxInt64 {
			n = uint64(f)
		}
		units = units.Plus(Loss{lo: n})
	}
	return units
}

// Check is CheckTotal of what was added.
func (s Sum) Check() error {
	const most = float64(math.MaxInt64) / perUnit * (1 - 1e-6)
	total := s.units.units() / perUnit
	if total <= most {
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
