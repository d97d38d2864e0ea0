package forms

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"riskatlas/data"
)

// Prefix begins the name of an indicator in messages and in the heads of columns.
const Prefix = "indicators."

// Check reads a record's indicators by the form of its industry. clean has them
// by key with values of the fields' types, numbers in the fields' units; what is
// empty is left out, and an indicator that the form does not know is kept as it
// is, with a warning that names the nearest ones. The error is the *data.Invalid
// of the first value, by key, that its field does not take. The given map is not
// changed.
func (b *Book) Check(in data.Industry, indicators map[string]any) (clean map[string]any, warnings []data.Invalid, err error) {
	f := b.Form(in)
	for _, name := range slices.Sorted(maps.Keys(indicators)) {
		key, v, warning, err := b.read(f, name, indicators[name])
		if err != nil {
			return nil, nil, err
		}
		if warning != nil {
			warnings = append(warnings, *warning)
		}
		if v == nil {
			continue
		}
		if clean == nil {
			clean = map[string]any{}
		}
		if _, twice := clean[key]; twice {
			return nil, nil, &data.Invalid{Field: Prefix + name, Value: show(indicators[name]), Want: "one value of " + key + ", which stands under another name too"}
		}
		clean[key] = v
	}
	return clean, warnings, nil
}

// Read reads one indicator by its name, as Check does: its key and value, which
// is nil where nothing is said.
func (b *Book) Read(in data.Industry, name string, value any) (key string, v any, warning *data.Invalid, err error) {
	return b.read(b.Form(in), name, value)
}

func (b *Book) read(f *Form, name string, value any) (string, any, *data.Invalid, error) {
	if said, ok := value.(string); ok && strings.TrimSpace(said) == "" || value == nil {
		return name, nil, nil, nil
	}
	x, ok := f.Indicator(name)
	if !ok {
		return name, value, b.unknown(f, name, value), nil
	}
	v, err := x.Read(value)
	return x.Key, v, nil, err
}

// unknown is the warning of an indicator that the form does not have.
func (b *Book) unknown(f *Form, name string, value any) *data.Invalid {
	w := &data.Invalid{Field: Prefix + name, Value: show(value), Want: "an indicator of " + f.Industry.Code}
	if codes := b.known[name]; len(codes) > 0 {
		w.Want += ", not of " + strings.Join(codes, ", ")
	}
	if w.Allowed = f.nearest(name); len(w.Allowed) > 0 {
		w.Want += "; the nearest are"
	}
	return w
}

// mostNear is how many names a warning proposes.
const mostNear = 3

// nearest gives the keys that are spelled like the name, the nearest first.
func (f *Form) nearest(name string) []string {
	type near struct {
		key  string
		away int
	}
	var all []near
	for i := range f.Indicators {
		x := &f.Indicators[i]
		away := math.MaxInt
		for _, other := range []string{x.Key, x.Name, x.NameEn} {
			a, b := []rune(fold(name)), []rune(fold(other))
			d := distance(a, b)
			if len(a) > 0 && (strings.Contains(string(b), string(a)) || strings.Contains(string(a), string(b))) {
				d = min(d, 1)
			}
			if d <= max(len(a), len(b))/2 {
				away = min(away, d)
			}
		}
		if away < math.MaxInt {
			all = append(all, near{x.Key, away})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return a.away - b.away })
	var out []string
	for _, n := range all[:min(len(all), mostNear)] {
		out = append(out, n.key)
	}
	return out
}

// distance is how many characters must be put in, left out or changed to make
// one text of the other (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		last := row[0]
		row[0] = i + 1
		for j, y := range b {
			d := last
			if x != y {
				d++
			}
			last = row[j+1]
			row[j+1] = min(d, last+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// Read gives a value of the field's type: of JSON or Go, or the text of a cell.
// nil says nothing. The error is *data.Invalid.
func (f *Field) Read(value any) (any, error) {
	switch f.Type {
	case Integer, Number:
		return f.number(value)
	case Boolean:
		return f.boolean(value)
	case Enum:
		return f.choice(value)
	case Date:
		return f.date(value)
	case List:
		return f.list(value)
	case Text:
		return f.text(value)
	}
	return value, nil
}

func (f *Field) bad(value any, want string, allowed ...string) error {
	return &data.Invalid{Field: Prefix + f.Key, Value: show(value), Want: want, Allowed: allowed}
}

// wantNumber says which numbers the field takes.
func (f *Field) wantNumber() string {
	want := "a number"
	if f.Type == Integer {
		want = "a whole number"
	}
	if f.Min != nil || f.Max != nil {
		want += ", " + span(f.Min, f.Max, "en")
	}
	if f.Unit != "" {
		want += " " + f.Unit
	}
	return want
}

func (f *Field) number(value any) (any, error) {
	var v float64
	ok := true
	switch n := value.(type) {
	case float64:
		v = n
	case int:
		v = float64(n)
	case int64:
		v = float64(n)
	case json.Number:
		v, ok = decimal(string(n), f.Unit)
	case string:
		if v, ok = decimal(n, f.Unit); !ok {
			return nil, f.bad(value, f.wantNumber()+", alone or with one of the units", unitsOf(f.Unit)...)
		}
	default:
		ok = false
	}
	if !ok || math.IsNaN(v) || f.Min != nil && v < *f.Min || f.Max != nil && v > *f.Max || math.IsInf(v, 0) ||
		f.Type == Integer && v != math.Trunc(v) {
		return nil, f.bad(value, f.wantNumber())
	}
	return v, nil
}

var booleans = map[string]bool{"true": true, "yes": true, "y": true, "1": true, "是": true, "有": true, "√": true, "已": true,
	"false": false, "no": false, "n": false, "0": false, "否": false, "无": false, "×": false, "没有": false, "未": false}

func (f *Field) boolean(value any) (any, error) {
	if v, ok := value.(bool); ok {
		return v, nil
	}
	if v, ok := booleans[fold(show(value))]; ok {
		return v, nil
	}
	return nil, f.bad(value, "yes or no", "true", "false", "是", "否")
}

func (f *Field) choice(value any) (any, error) {
	folded := fold(show(value))
	for _, text := range []string{folded, bare(folded)} {
		if code, ok := f.byText[text]; ok {
			return code, nil
		}
	}
	return nil, f.bad(value, "one of", f.codes()...)
}

func (f *Field) codes() []string {
	out := make([]string, len(f.Choices))
	for i, c := range f.Choices {
		out[i] = c.Code
		if c.Name != c.Code {
			out[i] += " (" + c.Name + ")"
		}
	}
	return out
}

var dateForm = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ t]00:00(?::00)?(?:z)?)?$`)

// date reads year, month and day in that order.
func (f *Field) date(value any) (any, error) {
	text, _ := value.(string)
	if m := dateForm.FindStringSubmatch(strings.ToLower(norm.NFKC.String(strings.TrimSpace(text)))); m != nil {
		year, _ := strconv.Atoi(m[1])
		month, _ := strconv.Atoi(m[2])
		day, _ := strconv.Atoi(m[3])
		if t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); t.Day() == day && int(t.Month()) == month {
			return t.Format(time.DateOnly), nil
		}
	}
	return nil, f.bad(value, "a date as 2019-11-20")
}

// separators part the entries of a list in a cell.
const separators = ";；、|\n"

// list reads a list of JSON, or phrases with semicolons, enumeration commas or
// bars between them; what stands twice counts once.
func (f *Field) list(value any) (any, error) {
	var parts []any
	switch v := value.(type) {
	case []any:
		parts = v
	case []string:
		for _, s := range v {
			parts = append(parts, s)
		}
	case string:
		if !strings.HasPrefix(strings.TrimSpace(v), "[") || json.Unmarshal([]byte(v), &parts) != nil {
			parts = nil
			for _, s := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
				parts = append(parts, s)
			}
		}
	default:
		return nil, f.bad(value, "a list")
	}
	out := []any{}
	for _, p := range parts {
		text, ok := p.(string)
		if !ok {
			return nil, f.bad(value, "a list of texts")
		}
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		v, err := f.text(text)
		if len(f.Choices) > 0 {
			v, err = f.choice(text)
		}
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func (f *Field) text(value any) (any, error) {
	switch value.(type) {
	case string, float64, int, int64, json.Number:
	default:
		return nil, f.bad(value, "a text")
	}
	text := strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, show(value)))
	if n := utf8.RuneCountInString(text); n > f.most() {
		return nil, f.bad(text, fmt.Sprintf("at most %d characters, not %d", f.most(), n))
	}
	if f.pattern != nil && !f.pattern.MatchString(text) {
		return nil, f.bad(text, "a text of the form "+f.Pattern)
	}
	return text, nil
}

// show is a value as a cell would have it.
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number:
		return string(v)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
