package api

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// What follows appends JSON to a buffer, byte for byte as encoding/json writes
// the same values with SetEscapeHTML(false), which is what all other answers are
// written with. The tests hold the two together.

const hexDigits = "0123456789abcdef"

// appendText appends a string, quoted. What is not UTF-8 becomes U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	if unescaped(s) {
		return append(append(b, s...), '"')
	}
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[from:i]...)
			b = appendEscape(b, c)
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(append(b, s[from:i]...), `\ufffd`...)
			from = i + size
		case r == '\u2028' || r == '\u2029': // line ends in JavaScript, but not in JSON
			b = append(append(b, s[from:i]...), `\u202`...)
			b = append(b, hexDigits[r&0xF])
			from = i + size
		}
		i += size
	}
	return append(append(b, s[from:]...), '"')
}

// unescaped reports that a string needs no look at its characters: nothing in it can
// be escaped or replaced. U+2028 and U+2029 begin with E2 80.
func unescaped(s string) bool {
	many := false
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' || c == 0xE2 && i+1 < len(s) && s[i+1] == 0x80 {
			return false
		}
		many = many || c >= utf8.RuneSelf
	}
	return !many || utf8.ValidString(s)
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
}

// appendNumber appends a finite number with the fewest digits that read back as
// the same float64.
func appendNumber(b []byte, x float64) []byte {
	if short, ok := appendDecimal(b, x); ok {
		return short
	}
	abs := math.Abs(x)
	if abs == 0 || abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(b, x, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, x, 'e', -1, 64)
	if n := len(b); n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-09 is e-9
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}

// appendDecimal appends a number that is k/10^7 for a whole k of at most 15
// digits, as places and rounded metres are: two decimals of at most 15 digits
// never share a float64, so those digits, without zeros behind, are the fewest.
// It reports false, and appends nothing, of any other.
func appendDecimal(b []byte, x float64) ([]byte, bool) {
	const places, unit = 7, 1e7
	scaled := math.Abs(x) * unit
	if !(scaled < 1e15) || x == 0 { // -0 has its sign
		return b, false
	}
	k := uint64(scaled + 0.5)
	if float64(k)/unit != math.Abs(x) || k < unit/1e6 { // under 1e-6 there is an exponent
		return b, false
	}
	if x < 0 {
		b = append(b, '-')
	}
	b = strconv.AppendUint(b, k/unit, 10)
	rest := k % unit
	if rest == 0 {
		return b, true
	}
	var digits [places]byte
	for i := places - 1; i >= 0; i-- {
		digits[i] = byte('0' + rest%10)
		rest /= 10
	}
	n := places
	for digits[n-1] == '0' {
		n--
	}
	return append(append(b, '.'), digits[:n]...), true
}

// appendCount appends a whole number.
func appendCount[T ~int | ~int32 | ~int64 | ~uint8](b []byte, n T) []byte {
	return strconv.AppendInt(b, int64(n), 10)
}

// appendTexts appends a list of strings, null when it is nil.
func appendTexts(b []byte, list []string) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, s)
	}
	return append(b, ']')
}

// appendShape appends a GeoJSON geometry.
func appendShape(b []byte, g orb.Geometry) []byte {
	p, point := g.(orb.Point)
	if !point {
		return data.AppendGeometry(b, g)
	}
	b = slices.Grow(b, 80)
	b = appendDegrees(append(b, `{"type":"Point","coordinates":[`...), p[0])
	b = appendDegrees(append(b, ','), p[1])
	return append(b, "]}"...)
}

// appendDegrees appends a coordinate as data.AppendGeometry does: never with an
// exponent.
func appendDegrees(b []byte, deg float64) []byte {
	if short, ok := appendDecimal(b, deg); ok {
		return short
	}
	return strconv.AppendFloat(b, deg, 'f', -1, 64)
}

// append writes the members of an answer, each with a comma behind.
func (a *Answer) append(b []byte) []byte {
	b = strconv.AppendUint(append(b, `"data_revision":`...), a.DataRevision, 10)
	if a.View != nil {
		b = appendText(append(b, `,"view":{"name":`...), a.View.Name)
		b = appendCount(append(b, `,"left_out":`...), a.View.LeftOut)
		b = append(b, '}')
	}
	if a.Synthetic {
		b = append(b, `,"synthetic":true`...)
	}
	if a.WhatIf {
		b = append(b, `,"whatif":true`...)
	}
	if a.AsOf != nil {
		b = strconv.AppendUint(append(b, `,"as_of":{"revision":`...), a.AsOf.Revision, 10)
		if a.AsOf.At != "" {
			b = appendText(append(b, `,"at":`...), a.AsOf.At)
		}
		b = append(b, '}')
	}
	if a.Stale {
		b = append(b, `,"stale":true`...)
	}
	return append(b, ',')
}

// append writes the sums of day and night as a People.
func (c *crowd) append(b []byte) []byte {
	b = appendCount(append(b, `{"day":`...), c.Day)
	b = appendCount(append(b, `,"night":`...), c.Night)
	b = appendCount(append(b, `,"sources_known":`...), c.Known)
	b = appendCount(append(b, `,"sources_unknown":`...), c.Unknown)
	return append(b, '}')
}

// appendJSON writes what is known when the program starts. It panics on what
// has no JSON, which is a fault of the program.
func appendJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
