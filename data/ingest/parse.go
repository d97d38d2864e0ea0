package ingest

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"riskatlas/data"
)

// parseNumber reads a finite decimal number. Fullwidth digits count; hexadecimal,
// NaN, infinities, thousands separators and units do not.
func parseNumber(text string) (float64, error) {
	s := norm.NFKC.String(strings.TrimSpace(text))
	for _, c := range s {
		if !strings.ContainsRune("+-.0123456789eE", c) {
			return 0, &data.Invalid{Field: "number", Value: text, Want: "a decimal number"}
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, &data.Invalid{Field: "number", Value: text, Want: "a decimal number"}
	}
	return v, nil
}

// parseCount reads a whole number; spreadsheets write 120 as 120.0.
func parseCount(field, text string) (int, error) {
	v, err := parseNumber(text)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1e9 {
		return 0, &data.Invalid{Field: field, Value: text, Want: "a whole number"}
	}
	return int(v), nil
}

// levelWords are the words for the four levels (安委办〔2016〕11号: 重大, 较大, 一般
// and 低风险 are red, orange, yellow and blue) and the keys of the interchange.
var levelWords = map[string]data.Level{
	"4": data.Major, "重大": data.Major, "红": data.Major, "红色": data.Major, "red": data.Major, "major": data.Major,
	"3": data.Significant, "较大": data.Significant, "橙": data.Significant, "橙色": data.Significant, "orange": data.Significant, "significant": data.Significant,
	"2": data.General, "一般": data.General, "黄": data.General, "黄色": data.General, "yellow": data.General, "general": data.General,
	"1": data.Low, "低": data.Low, "蓝": data.Low, "蓝色": data.Low, "blue": data.Low, "low": data.Low,
}

// parseLevel reads a level. Grades (一级 to 四级, Ⅰ to Ⅳ) are refused: some
// lists count the worst as the first and some as the last.
func parseLevel(text string) (data.Level, error) {
	s := strings.ToLower(norm.NFKC.String(strings.TrimSpace(text)))
	for _, end := range []string{"风险", "等级", " risk"} {
		s = strings.TrimSuffix(s, end)
	}
	if l, ok := levelWords[s]; ok {
		return l, nil
	}
	if v, err := parseNumber(s); err == nil && v == math.Trunc(v) && v >= 1 && v <= 4 {
		return data.Level(v), nil
	}
	bad := &data.Invalid{Field: "level", Value: text, Want: "1 (low) to 4 (major), 重大, 较大, 一般, 低, or 红, 橙, 黄, 蓝"}
	if gradeForm.MatchString(s) {
		bad.Want += "; a grade does not say which end is worst: give --values level=FILE"
	}
	return 0, bad
}

var gradeForm = regexp.MustCompile(`^(第?[一二三四1-4]|i{1,3}|iv)级?$|级`)

var statusWords = map[string]data.Status{
	"在用": data.Active, "正常": data.Active, "运行": data.Active, "运行中": data.Active, "营业": data.Active,
	"停用": data.Suspended, "停产": data.Suspended, "停业": data.Suspended,
	"关闭": data.Closed, "已关闭": data.Closed, "规划": data.Planned, "拟建": data.Planned,
}

func parseStatus(text string) (data.Status, error) {
	if s, ok := statusWords[text]; ok {
		return s, nil
	}
	return data.ParseStatus(strings.ToLower(text))
}

var sensitivityWords = map[string]data.Sensitivity{"公开": data.Public, "内部": data.Internal, "秘密": data.Secret}

func parseSensitivity(text string) (data.Sensitivity, error) {
	if s, ok := sensitivityWords[text]; ok {
		return s, nil
	}
	return data.ParseSensitivity(strings.ToLower(text))
}

var dateForm = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?$`)

// parseDate reads year, month and day in that order and gives YYYY-MM-DD.
func parseDate(text string) (string, bool) {
	m := dateForm.FindStringSubmatch(norm.NFKC.String(text))
	if m == nil {
		return "", false
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// parseList reads a list: JSON, or phrases with semicolons, Chinese enumeration
// commas, bars or line breaks between them.
func parseList(text string) []string {
	var list []string
	if !strings.HasPrefix(text, "[") || json.Unmarshal([]byte(text), &list) != nil {
		list = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";；、|\n", r) })
	}
	out := []string{}
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// decode reads a cell that holds JSON into v, its depth bounded.
func decode(field, text, want string, v any) error {
	if tooDeep([]byte(text)) {
		return &data.Invalid{Field: field, Value: text, Want: "JSON of less depth"}
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return &data.Invalid{Field: field, Value: text, Want: want}
	}
	return nil
}

// cleanText takes control characters out and keeps at most `most` characters.
func cleanText(text string, most int) (clean string, cut bool) {
	clean = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	clean = strings.TrimSpace(clean)
	if len(clean) <= most {
		return clean, false
	}
	n := 0
	for i := range clean {
		if n == most {
			return strings.TrimSpace(clean[:i]), true
		}
		n++
	}
	return clean, false
}

// usccAlphabet is that of the unified social credit code: its position is the
// character's value (GB 32100-2015, clause 4; I, O, S, V, Z are left out).
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// validUSCC checks the form and the check character, modulus 31 with weights
// 3^i mod 31 (GB 32100-2015, clause 4 and annex A).
func validUSCC(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(usccAlphabet, code[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum%31)%31] == code[17]
}

var phoneForm = regexp.MustCompile(`^(0\d{2,3}-?)?\d{7,8}$|^1\d{10}$`)
