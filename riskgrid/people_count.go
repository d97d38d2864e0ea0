package riskgrid

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"riskatlas/data"
)

// headcounts reads the units' numbers. Those that are finer than 1e-4 person are
// rounded by largest remainder, of equal ones the earlier unit's.
func headcounts(units []data.Unit) ([]Headcount, error) {
	out := make([]Headcount, len(units))
	var finer []int
	rests := make([]float64, len(units))
	sum, left := 0.0, 0.0
	for i := range units {
		var err error
		if out[i], rests[i], err = headcount(units[i].Props[data.PeopleProp]); err != nil {
			return nil, fmt.Errorf("people of unit %s: %w", units[i].Code, err)
		}
		sum += float64(out[i])
		if rests[i] > 0 {
			finer = append(finer, i)
			left += rests[i]
		}
	}
	if sum > mostPeople*perPerson {
		return nil, &data.Invalid{Field: data.PeopleProp, Value: fmt.Sprintf("%.0f people in all", sum/perPerson),
			Want: fmt.Sprintf("at most %.0g people", mostPeople)}
	}
	slices.SortStableFunc(finer, func(a, b int) int {
		switch {
		case rests[a] > rests[b]:
			return -1
		case rests[a] < rests[b]:
			return 1
		}
		return 0
	})
	for _, i := range finer[:int(math.RoundToEven(left))] {
		out[i]++
	}
	return out, nil
}

// mostPeople bounds a city, so that losses stay in their range.
const mostPeople = 1e11

// headcount reads a decimal: whole units of Headcount and what is left, 0 to 1.
func headcount(s string) (Headcount, float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= mostPeople) || len(s) > 64 || strings.ContainsAny(s, "xXpP_") {
		return 0, 0, &data.Invalid{Field: data.PeopleProp, Value: s, Want: "a decimal number of people, 0 or more"}
	}
	if v == 0 {
		return 0, 0, nil
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, 0, &data.Invalid{Field: data.PeopleProp, Value: s, Want: "a decimal number of people, 0 or more"}
	}
	r.Mul(r, big.NewRat(perPerson, 1))
	whole := new(big.Int).Quo(r.Num(), r.Denom())
	rest, _ := r.Sub(r, new(big.Rat).SetInt(whole)).Float64()
	return Headcount(whole.Int64()), rest, nil
}
