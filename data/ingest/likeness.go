package ingest

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// alike is the least likeness of two names that may be one.
const alike = 0.6

// plainName is a name as it is compared: compatibility characters and case
// folded, letters and digits alone.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(name))
}

// likeness compares two plain names: 1 for equal ones, else the Dice coefficient
// of their pairs of neighbouring characters (twice what they share over what they
// have), 0 where one has none.
func likeness(a, b string) float64 {
	if a == b && a != "" {
		return 1
	}
	pairs := map[[2]rune]int{}
	count := 0
	each(a, func(p [2]rune) { pairs[p]++; count++ })
	shared := 0
	each(b, func(p [2]rune) {
		count++
		if pairs[p] > 0 {
			pairs[p]--
			shared++
		}
	})
	if count == 0 {
		return 0
	}
	return 2 * float64(shared) / float64(count)
}

// each calls f for every two neighbouring characters.
func each(s string, f func([2]rune)) {
	var last rune
	for i, r := range s {
		if i > 0 {
			f([2]rune{last, r})
		}
		last = r
	}
}
