package riskgrid

import (
	"math"
	"math/big"
	"math/bits"
)

// Headcount is a number of people in fixed point: 1e-4 person, so that people
// who are spread over ground are neither lost nor made by rounding.
type Headcount int64

const perPerson = 1e4 // units of Headcount in one person

// Persons is the number of people.
func (n Headcount) Persons() float64 { return float64(n) / perPerson }

// Loss is an expected number of deaths per year (potential loss of life) in
// fixed point: the product of a Risk and a Headcount, 1e-19 per year, in 128
// bits. Sums are exact, free of order, and can be taken back. The zero value is
// none. It is comparable.
type Loss struct{ hi, lo uint64 }

const perLoss = perUnit * perPerson // units of Loss in one death per year

// lossOf is the loss of n people under a risk of r, neither under 0.
func lossOf(r Risk, n Headcount) Loss {
	hi, lo := bits.Mul64(uint64(r), uint64(n))
	return Loss{hi, lo}
}

// Plus is the sum.
func (l Loss) Plus(m Loss) Loss {
	lo, carry := bits.Add64(l.lo, m.lo, 0)
	hi, _ := bits.Add64(l.hi, m.hi, carry)
	return Loss{hi, lo}
}

// Minus is the difference, which may be under 0.
func (l Loss) Minus(m Loss) Loss {
	lo, borrow := bits.Sub64(l.lo, m.lo, 0)
	hi, _ := bits.Sub64(l.hi, m.hi, borrow)
	return Loss{hi, lo}
}

// Cmp is -1, 0 or 1 where l is less than, equal to or greater than m.
func (l Loss) Cmp(m Loss) int {
	switch {
	case l == m:
		return 0
	case int64(l.hi) < int64(m.hi) || l.hi == m.hi && l.lo < m.lo:
		return -1
	}
	return 1
}

// IsZero reports whether there is none.
func (l Loss) IsZero() bool { return l == Loss{} }

// PerYear is the loss as a number of deaths per year, to 2^-52 of it.
func (l Loss) PerYear() float64 { return l.units() / perLoss }

func (l Loss) units() float64 {
	if int64(l.hi) < 0 {
		return -(Loss{}).Minus(l).units()
	}
	return math.Ldexp(float64(l.hi), 64) + float64(l.lo)
}

// Of is the share of a whole, 0 to 1; 0 of a whole that is none. Shares of parts
// that sum to the whole sum to 1 but for the rounding of each.
func (l Loss) Of(whole Loss) float64 {
	if whole.IsZero() {
		return 0
	}
	return l.units() / whole.units()
}

// String is the exact number of deaths per year.
func (l Loss) String() string {
	n := new(big.Int).Lsh(big.NewInt(int64(l.hi)), 64)
	n.Add(n, new(big.Int).SetUint64(l.lo))
	return new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(19), nil)).FloatString(19)
}
