package report

import (
	"math"
	"strconv"
	"strings"
)

// superscripts are the digits and the sign of a power of ten.
var superscripts = strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
	"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

// unknown stands where a number is not known.
const unknown = "–"

// power writes a number to three significant digits as 2.07×10⁻⁵.
func power(v float64) string {
	if v == 0 || !finite(v) {
		return plain(v)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e")
	exponent = strings.TrimPrefix(exponent, "+")
	n, _ := strconv.Atoi(exponent)
	return mantissa + "×10" + superscripts.Replace(strconv.Itoa(n))
}

// loss writes expected deaths to three significant digits: as a decimal where
// that is easily read, else as a power of ten.
func loss(v float64) string {
	size := math.Abs(v)
	switch {
	case v == 0 || !finite(v):
		return plain(v)
	case size < 0.001:
		return power(v)
	case size >= 99.95:
		return thousands(v, 0)
	}
	digits := 2 - int(math.Floor(math.Log10(size)))
	return strconv.FormatFloat(v, 'f', max(digits, 0), 64)
}

// share writes a part of one in per cent; what is small but not nothing is
// never shown as nothing.
func share(v float64) string {
	percent := 100 * v
	switch {
	case v == 0 || !finite(v):
		return plain(v) + "%"
	case math.Abs(percent) < 0.01:
		return "<0.01%"
	case math.Abs(percent) < 1:
		return strconv.FormatFloat(percent, 'f', 2, 64) + "%"
	}
	return strconv.FormatFloat(percent, 'f', 1, 64) + "%"
}

// area writes square kilometres.
func area(v float64) string {
	switch {
	case v == 0 || !finite(v):
		return plain(v)
	case v < 0.01:
		return "<0.01"
	case v < 100:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return thousands(v, 1)
}

// whole writes people and counts, with separators of thousands.
func whole(v float64) string {
	if v > 0 && v < 0.5 {
		return "<1"
	}
	return thousands(v, 0)
}

// round writes a number of an unknown kind to four significant digits.
func round(v float64) string {
	size := math.Abs(v)
	switch {
	case v == 0 || !finite(v):
		return plain(v)
	case v == math.Trunc(v) && size < 1e15:
		return thousands(v, 0)
	case size < 0.001:
		return power(v)
	case size >= 1000:
		return thousands(v, 1)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func thousands(v float64, decimals int) string {
	if !finite(v) {
		return unknown
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	digits, rest, _ := strings.Cut(text, ".")
	var b strings.Builder
	if v < 0 && strings.Trim(text, "0.") != "" {
		b.WriteByte('-')
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if rest != "" {
		b.WriteString("." + rest)
	}
	return b.String()
}

func plain(v float64) string {
	if !finite(v) {
		return unknown
	}
	return "0"
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
