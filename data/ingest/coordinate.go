package ingest

import (
	"math"
	"strings"

	"github.com/paulmach/orb"
	"golang.org/x/text/unicode/norm"

	"riskatlas/data"
)

// parseCoordinate reads one ordinate: a decimal number, or for lon and lat
// degrees, minutes and seconds.
func parseCoordinate(field, text string) (float64, error) {
	v, err := parseNumber(text)
	if err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		return v, nil
	}
	if v, ok := parseDegrees(text, field == "lat"); ok {
		return v, nil
	}
	return 0, &data.Invalid{Field: field, Value: text, Want: "a decimal number, such as 120.1551, or degrees as 120°9'18.4\""}
}

// signs are what stands behind degrees, minutes and seconds, in writing and in
// the replacements for it, after norm.NFKC, which makes two single primes of a
// double one.
var signs = [3][]string{
	{"°", "度", ":"},
	{"'", "′", "’", "‘", "分", ":"},
	{"\"", "′′", "''", "’’", "”", "“", "秒"},
}

// degreeSigns are characters that look like the sign of degrees, which norm.NFKC
// would make something else of.
var degreeSigns = strings.NewReplacer("º", "°", "˚", "°", "᾿", "'")

// parseDegrees reads degrees, minutes and seconds with their signs, such as
// 120°9'18.4"E, 北纬30度16分26.8秒 or 30:16:26.8 N. Only the last number may have
// a fraction; minutes and seconds are below 60; at least two numbers or one with
// its sign must stand there. A hemisphere of the other axis is refused.
func parseDegrees(text string, lat bool) (float64, bool) {
	s := strings.ToLower(strings.TrimSpace(norm.NFKC.String(degreeSigns.Replace(text))))
	s, sign, ok := cutHemisphere(s, lat)
	if !ok {
		return 0, false
	}
	total, scale, n, last := 0.0, 1.0, 0, ""
	whole := true
	for ; n < 3 && s != ""; n++ {
		digits := s[:len(s)-len(strings.TrimLeft(s, "0123456789."))]
		v, err := parseNumber(digits)
		if err != nil || !whole || n > 0 && v >= 60 {
			return 0, false
		}
		whole = !strings.Contains(digits, ".")
		s = strings.TrimSpace(s[len(digits):])
		found := false
		for _, mark := range signs[n] {
			// Two single marks after minutes are one of seconds.
			if rest, ok := strings.CutPrefix(s, mark); ok && !(n == 1 && strings.HasPrefix(rest, mark)) {
				s, found, last = strings.TrimSpace(rest), true, mark
				break
			}
		}
		// Only with colons does the last number stand without a sign.
		if !found && (s != "" || last != ":") {
			return 0, false
		}
		total += v / scale
		scale *= 60
	}
	limit := 180.0
	if lat {
		limit = 90
	}
	if s != "" || n == 0 || total > limit {
		return 0, false
	}
	return sign * total, true
}

// cutHemisphere takes the letter or word of a hemisphere off either end.
func cutHemisphere(s string, lat bool) (rest string, sign float64, ok bool) {
	if r, minus := strings.CutPrefix(s, "-"); minus {
		return strings.TrimSpace(r), -1, true
	}
	for _, h := range []struct {
		word string
		sign float64
		lat  bool
	}{{"东经", 1, false}, {"西经", -1, false}, {"北纬", 1, true}, {"南纬", -1, true}, {"e", 1, false}, {"w", -1, false}, {"n", 1, true}, {"s", -1, true}} {
		r, found := strings.CutPrefix(s, h.word)
		if !found {
			if r, found = strings.CutSuffix(s, h.word); !found {
				continue
			}
		}
		return strings.TrimSpace(r), h.sign, h.lat == lat
	}
	return s, 1, true
}

// parsePair reads a longitude and a latitude in one cell, with a comma, a
// semicolon or a space between, in brackets or not.
func parsePair(text string) (orb.Point, bool) {
	s := strings.TrimSpace(norm.NFKC.String(text))
	if inner, ok := strings.CutPrefix(s, "("); ok {
		if s, ok = strings.CutSuffix(inner, ")"); !ok {
			return orb.Point{}, false
		}
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;、 \t", r) })
	if len(parts) != 2 {
		return orb.Point{}, false
	}
	lon, err1 := parseCoordinate("lon", parts[0])
	lat, err2 := parseCoordinate("lat", parts[1])
	return orb.Point{lon, lat}, err1 == nil && err2 == nil
}
