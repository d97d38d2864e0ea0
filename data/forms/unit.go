package forms

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Measures, each with the units that texts give and their factor to its base.
// Lengths, areas, volumes and masses are exact by definition (亩 is 2000/3 m2;
// 1 bar is 0.1 MPa).
var measures = map[string]map[string]float64{
	"length":   {"m": 1, "米": 1, "km": 1000, "公里": 1000, "千米": 1000, "cm": 0.01, "厘米": 0.01, "mm": 0.001, "毫米": 0.001, "里": 500},
	"area":     {"m2": 1, "㎡": 1, "m^2": 1, "平方米": 1, "平米": 1, "平方": 1, "ha": 1e4, "公顷": 1e4, "亩": 2000. / 3, "km2": 1e6, "平方公里": 1e6, "平方千米": 1e6},
	"volume":   {"m3": 1, "m^3": 1, "立方米": 1, "立方": 1, "方": 1, "l": 0.001, "升": 0.001},
	"mass":     {"t": 1, "吨": 1, "kg": 0.001, "千克": 0.001, "公斤": 0.001, "g": 1e-6, "克": 1e-6, "斤": 0.0005},
	"pressure": {"mpa": 1, "兆帕": 1, "kpa": 0.001, "千帕": 0.001, "pa": 1e-6, "帕": 1e-6, "bar": 0.1},
	"voltage":  {"kv": 1, "千伏": 1, "v": 0.001, "伏": 0.001},
	"power":    {"mva": 1, "兆伏安": 1, "kva": 0.001, "千伏安": 0.001},
	"time":     {"h": 1, "小时": 1, "时": 1, "min": 1. / 60, "分钟": 1. / 60, "d": 24, "天": 24},
	"angle":    {"deg": 1, "°": 1, "度": 1},
	"degrees":  {"degc": 1, "°c": 1, "c": 1, "摄氏度": 1, "度": 1},
	"share":    {"%": 1, "percent": 1},
	"year":     {"a": 1, "年": 1},
	"people":   {"people": 1, "人": 1, "名": 1, "位": 1, "persons": 1},
	"crowding": {"people/m2": 1, "人/m2": 1, "人/平方米": 1, "人/平米": 1},
	"perDay":   {"1/d": 1, "班": 1, "班次": 1, "班/日": 1, "班/天": 1},
	"perYear":  {"1/a": 1, "次": 1, "起": 1, "场": 1, "次/年": 1, "起/年": 1, "场/年": 1},
	"massYear": {"t/a": 1, "吨/年": 1, "t": 1, "吨": 1, "kg/a": 0.001, "公斤/年": 0.001},
	"dayFlow":  {"people/d": 1, "人/日": 1, "人/天": 1, "人次/日": 1, "人次/天": 1, "人次": 1, "人": 1},
	"hourFlow": {"people/h": 1, "人/h": 1, "人/小时": 1, "人次/小时": 1, "人次": 1},
	"deaths":   {"people/a": 1, "人/年": 1, "人": 1},
	"vehicles": {"veh/d": 1, "辆/日": 1, "辆/天": 1, "辆": 1, "pcu/d": 1},
	"count": {"": 1, "个": 1, "座": 1, "台": 1, "辆": 1, "条": 1, "层": 1, "间": 1, "处": 1, "户": 1, "张": 1, "套": 1, "只": 1, "艘": 1, "栋": 1, "幢": 1,
		"点": 1, "家": 1, "所": 1, "项": 1, "口": 1, "瓶": 1, "罐": 1, "枚": 1, "位": 1, "床": 1, "次": 1, "人": 1},
}

// measureOf is the measure of each unit that fields have, by the unit.
var measureOf = map[string]string{"": "count", "m": "length", "km": "length", "mm": "length", "m2": "area", "m3": "volume", "t": "mass", "kg": "mass", "MPa": "pressure",
	"kV": "voltage", "MVA": "power", "h": "time", "deg": "angle", "degC": "degrees", "%": "share", "a": "year", "people": "people", "people/m2": "crowding",
	"1/d": "perDay", "1/a": "perYear", "t/a": "massYear", "people/d": "dayFlow", "people/h": "hourFlow", "people/a": "deaths", "veh/d": "vehicles"}

func knownUnit(unit string) bool { return measureOf[unit] != "" }

// shown are the units as people read them: Chinese, then English.
var shown = map[string][2]string{"m2": {"m²", "m²"}, "m3": {"m³", "m³"}, "deg": {"°", "°"}, "degC": {"℃", "°C"}, "a": {"年", "year"}, "people": {"人", "people"},
	"people/m2": {"人/m²", "people/m²"}, "1/d": {"班/日", "a day"}, "1/a": {"次/年", "a year"}, "t/a": {"t/年", "t/year"}, "people/d": {"人/日", "people/day"},
	"people/h": {"人/h", "people/h"}, "people/a": {"人/年", "people/year"}, "veh/d": {"辆/日", "vehicles/day"}}

// ShowUnit is a unit as people read it in the language; "" of a plain number.
func ShowUnit(unit, lang string) string {
	if s, ok := shown[unit]; ok {
		return pick(lang, s[0], s[1])
	}
	return unit
}

// unitsOf are the units that a text may give for a field of the unit.
func unitsOf(unit string) []string {
	var out []string
	for u := range measures[measureOf[unit]] {
		if u != "" {
			out = append(out, u)
		}
	}
	slices.Sort(out)
	return out
}

// multipliers are Chinese powers of ten, written between a number and its unit.
var multipliers = map[string]float64{"百": 100, "千": 1000, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}

// decimal reads a text of a number, in the field's unit or with one that
// converts to it: 30, 1.2 km, 12万立方米. ok is false for anything else,
// hexadecimal and thousands separators among it.
func decimal(text, unit string) (v float64, ok bool) {
	s := strings.ToLower(norm.NFKC.String(strings.TrimSpace(text)))
	end := 0
	for end < len(s) && strings.IndexByte("+-.0123456789", s[end]) >= 0 {
		end++
	}
	// An exponent, unless the letter begins a unit.
	if rest := s[end:]; strings.HasPrefix(rest, "e") && len(strings.TrimLeft(rest[1:], "+-0123456789")) < len(rest)-1 {
		end = len(s) - len(strings.TrimLeft(rest[1:], "+-0123456789"))
	}
	v, err := strconv.ParseFloat(s[:end], 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, false
	}
	rest := strings.ReplaceAll(s[end:], " ", "")
	if rest == "" {
		return v, true
	}
	factor, ok := factorOf(rest, unit)
	if !ok {
		return 0, false
	}
	// What binary factors add after the fifteenth digit was not said.
	v, err = strconv.ParseFloat(strconv.FormatFloat(v*factor, 'g', 15, 64), 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// factorOf is by what a number with the written unit is multiplied to be in the
// field's.
func factorOf(written, unit string) (float64, bool) {
	table := measures[measureOf[unit]]
	to := table[strings.ToLower(unit)]
	if from, ok := table[written]; ok {
		return from / to, true
	}
	for _, word := range []string{"百万", "千万", "百", "千", "万", "亿"} {
		rest, has := strings.CutPrefix(written, word)
		if !has {
			continue
		}
		if rest == "" {
			return multipliers[word], true
		}
		if from, ok := table[rest]; ok {
			return multipliers[word] * from / to, true
		}
	}
	return 0, false
}
