package xlsx

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// format is what a number's format makes of it.
type format struct {
	kind  formatKind
	zeros string // of padded: the format, such as 0000 or 000-0000
}

type formatKind uint8

const (
	plain formatKind = iota
	day              // a date, with the time where there is one
	clock            // a time of day
	span             // hours beyond 24
	percent
	padded // leading zeros
)

// mostStyles bounds the formats: Excel's own limit is 65,490.
const mostStyles = 70_000

// readStyles reads the formats of cells (18.8.10, 18.8.30).
func (w *Workbook) readStyles() error {
	codes := map[string]string{}
	return w.part("xl/styles.xml", false, func(s xml.StartElement, around []string) {
		inside := ""
		if len(around) > 0 {
			inside = around[len(around)-1]
		}
		switch {
		case s.Name.Local == "numFmt" && inside == "numFmts" && len(codes) < mostStyles:
			codes[attribute(s, "numFmtId")] = attribute(s, "formatCode")
		case s.Name.Local == "xf" && inside == "cellXfs" && len(w.styles) < mostStyles:
			id := attribute(s, "numFmtId")
			code, ok := codes[id]
			if !ok {
				code = builtIn(id)
			}
			w.styles = append(w.styles, formatOf(code))
		}
	})
}

// builtIn gives the code of a format that has only a number (18.8.30), those of
// Chinese systems included.
func builtIn(id string) string {
	n, _ := strconv.Atoi(id)
	switch {
	case n == 9, n == 10:
		return "0%"
	case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 54, n == 57, n == 58:
		return "yyyy-mm-dd"
	case n == 22:
		return "yyyy-mm-dd hh:mm"
	case n >= 18 && n <= 21, n >= 32 && n <= 35, n == 45, n == 47, n == 55, n == 56:
		return "hh:mm:ss"
	case n == 46:
		return "[h]:mm:ss"
	}
	return ""
}

// formatOf reads a format's code: its first section, without what is quoted,
// escaped or in brackets.
func formatOf(code string) format {
	var bare strings.Builder
	elapsed := false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			i = len(code)
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				i = len(code)
			} else {
				i += end + 1
			}
		case '\\', '_', '*':
			i++
			if c == '\\' && i < len(code) && (code[i] == '-' || code[i] == ' ') {
				bare.WriteByte(code[i])
			}
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				i = len(code)
				break
			}
			switch strings.ToLower(strings.Trim(code[i+1:i+end], "hmsHMS")) {
			case "":
				elapsed = elapsed || end > 1
			}
			i += end
		default:
			bare.WriteByte(c)
		}
	}
	s := strings.ToLower(bare.String())
	switch {
	case elapsed:
		return format{kind: span}
	case s == "general", strings.HasPrefix(s, "general"):
		return format{}
	case strings.ContainsAny(s, "yd"), strings.Contains(s, "m") && !strings.ContainsAny(s, "hs"):
		return format{kind: day}
	case strings.ContainsAny(s, "hs"):
		return format{kind: clock}
	case strings.Contains(s, "%"):
		return format{kind: percent}
	case len(s) > 1 && s[0] == '0' && strings.Trim(s, "0- ") == "":
		return format{kind: padded, zeros: s}
	}
	return format{}
}

// number gives the text of a cell's number. rounded says that it is a whole
// number beyond the 15 digits that a spreadsheet keeps.
func (w *Workbook) number(raw string, style int) (text string, rounded, ok bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return raw, false, false
	}
	var f format
	if style >= 0 && style < len(w.styles) {
		f = w.styles[style]
	}
	switch f.kind {
	case day, clock:
		if text, ok := w.date(v, f.kind); ok {
			return text, false, true
		}
	case span:
		seconds := math.Round(v * 86400)
		if seconds >= 0 && seconds < 1e9 {
			n := int(seconds)
			return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60), false, true
		}
	case percent:
		// The decimal point moves two digits; the digits stay.
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
		if e, err := strconv.Atoi(exponent); err == nil {
			if moved, err := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(e+2), 64); err == nil {
				return strconv.FormatFloat(moved, 'f', -1, 64) + "%", false, true
			}
		}
	case padded:
		if v >= 0 && v == math.Trunc(v) && v < 1e15 {
			return pad(strconv.FormatFloat(v, 'f', 0, 64), f.zeros), false, true
		}
	}
	if math.Abs(v) >= 1e21 {
		return strconv.FormatFloat(v, 'g', -1, 64), true, true
	}
	return strconv.FormatFloat(v, 'f', -1, 64), math.Abs(v) >= 1e15 && v == math.Trunc(v), true
}

// pad lays digits into a format of zeros from the right.
func pad(digits, zeros string) string {
	out := []byte(zeros)
	i := len(digits)
	for k := len(out) - 1; k >= 0; k-- {
		if out[k] == '0' && i > 0 {
			i--
			out[k] = digits[i]
		}
	}
	return digits[:i] + string(out)
}

// date gives a serial number as a date, a time or both. In the system of 1900
// day 60 is the 29 February that the year did not have, so that days before it
// count one more (18.17.4.1); in that of 1904 the first day is 0.
func (w *Workbook) date(v float64, kind formatKind) (string, bool) {
	if v < 0 || v >= 2958466 { // the year 10000
		return "", false
	}
	whole := math.Floor(v)
	seconds := int(math.Round((v - whole) * 86400))
	if seconds == 86400 {
		whole, seconds = whole+1, 0
	}
	at := time.Date(1904, 1, 1, 0, 0, seconds, 0, time.UTC)
	if !w.since04 {
		at = time.Date(1899, 12, 30, 0, 0, seconds, 0, time.UTC)
		if whole < 61 {
			if whole == 60 {
				return "", false
			}
			at = at.AddDate(0, 0, 1)
		}
	}
	at = at.AddDate(0, 0, int(whole))
	switch {
	case kind == clock && whole == 0:
		return at.Format(time.TimeOnly), true
	case seconds == 0 && kind == day:
		return at.Format(time.DateOnly), true
	}
	return at.Format(time.DateTime), true
}
