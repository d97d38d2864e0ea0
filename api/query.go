package api

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// params is what a route's query may hold, read off its OpenAPI operation.
type params struct {
	names    []string // sorted
	schemas  map[string]*huma.Schema
	listed   []*huma.Schema // by position in names
	required []string
}

func paramsOf(op *huma.Operation) *params {
	p := &params{names: []string{}, schemas: map[string]*huma.Schema{}}
	for _, q := range op.Parameters {
		if q.In != "query" {
			continue
		}
		p.names = append(p.names, q.Name)
		p.schemas[q.Name] = q.Schema
		if q.Required {
			p.required = append(p.required, q.Name)
		}
	}
	slices.Sort(p.names)
	for _, name := range p.names {
		p.listed = append(p.listed, p.schemas[name])
	}
	return p
}

// position finds a parameter among the names.
func (p *params) position(name string) (int, bool) {
	for i, n := range p.names {
		if n == name {
			return i, true
		}
	}
	return 0, false
}

// allows reports whether canonical would take the value, unescaped, of the
// parameter at the position.
func (p *params) allows(at int, value string) bool {
	s := p.listed[at]
	if s.Type != huma.TypeArray {
		return value != "" && checkValue(p.names[at], value, s) == nil
	}
	for item := range strings.SplitSeq(value, ",") {
		if item == "" || checkValue(p.names[at], item, s.Items) != nil {
			return false
		}
	}
	return true
}

// canonical checks a raw query against the route's parameters and gives it back
// in one form: names sorted, repeated lists joined by commas. Every refusal
// names the parameter, its value and what is allowed.
func (p *params) canonical(raw string) (string, *Problem) {
	if raw == "" && len(p.required) == 0 {
		return "", nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", malformed(raw, err)
	}
	names := make([]string, 0, len(values))
	for name := range values {
		if _, known := p.schemas[name]; !known {
			return "", p.unknown(values)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if problem := checkParam(name, values[name], p.schemas[name]); problem != nil {
			return "", problem
		}
		if len(values[name]) > 1 {
			values[name] = []string{strings.Join(values[name], ",")}
		}
	}
	for _, name := range p.required {
		if !values.Has(name) {
			problem := newProblem(http.StatusBadRequest, fmt.Sprintf("%s is missing: want %s", name, wanted(p.schemas[name])))
			problem.Parameter = name
			return "", problem
		}
	}
	return values.Encode(), nil
}

// malformed finds the pair that does not parse, so that the problem can name it.
func malformed(raw string, err error) *Problem {
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		_, nameErr := url.QueryUnescape(name)
		_, valueErr := url.QueryUnescape(value)
		if isSecretName(name) {
			return secretInQuery(name)
		}
		if nameErr != nil || valueErr != nil || strings.Contains(pair, ";") {
			return badValue(shorten(name), value, "a well-formed query: percent signs followed by two hexadecimal digits, no semicolons")
		}
	}
	return newProblem(http.StatusBadRequest, "the query is malformed: "+err.Error())
}

func (p *params) unknown(values url.Values) *Problem {
	for name := range values {
		if _, known := p.schemas[name]; !known && isSecretName(name) {
			return secretInQuery(name)
		}
	}
	var unknown []string
	for name := range values {
		if _, known := p.schemas[name]; !known {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	name := shorten(unknown[0])
	detail := fmt.Sprintf("%q is no parameter of this route", name)
	if len(p.names) > 0 {
		detail += "; allowed are " + strings.Join(p.names, ", ")
	} else {
		detail += ", which takes none"
	}
	problem := newProblem(http.StatusBadRequest, detail)
	problem.Parameter, problem.Value, problem.Allowed = name, shorten(values.Get(unknown[0])), p.names
	return problem
}

func checkParam(name string, values []string, s *huma.Schema) *Problem {
	list := s.Type == huma.TypeArray
	if len(values) > 1 && !list {
		return badValue(name, strings.Join(values, ", "), "one value, not "+strconv.Itoa(len(values)))
	}
	item := s
	if list {
		item = s.Items
		values = strings.Split(strings.Join(values, ","), ",")
	}
	for _, v := range values {
		if v == "" {
			return badValue(name, v, "a value; leave the parameter out to restrict nothing")
		}
		if problem := checkValue(name, v, item); problem != nil {
			return problem
		}
	}
	return nil
}

// Go's own number syntax takes more than a query should: NaN, hexadecimal
// floats, underscores.

// isDecimal reports whether s is [+-]? then digits with at most one point among
// them, then an exponent of up to three digits or none.
func isDecimal(s string) bool {
	s = unsigned(s)
	whole := digits(s)
	s = s[whole:]
	if s != "" && s[0] == '.' {
		part := digits(s[1:])
		s = s[1+part:]
		whole += part
	}
	if whole == 0 {
		return false
	}
	if s != "" && s[0]|0x20 == 'e' {
		s = unsigned(s[1:])
		n := digits(s)
		return n >= 1 && n <= 3 && n == len(s)
	}
	return s == ""
}

// isInteger reports whether s is [+-]? and 1 to 18 digits.
func isInteger(s string) bool {
	s = unsigned(s)
	return len(s) >= 1 && len(s) <= 18 && digits(s) == len(s)
}

func unsigned(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

// digits is how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func checkValue(name, v string, s *huma.Schema) *Problem {
	switch s.Type {
	case huma.TypeNumber, huma.TypeInteger:
		syntax := isDecimal
		if s.Type == huma.TypeInteger {
			syntax = isInteger
		}
		x, err := strconv.ParseFloat(v, 64)
		if !syntax(v) || err != nil || math.IsInf(x, 0) ||
			s.Minimum != nil && x < *s.Minimum || s.Maximum != nil && x > *s.Maximum ||
			s.ExclusiveMinimum != nil && x <= *s.ExclusiveMinimum {
			return badValue(name, v, wanted(s))
		}
	case huma.TypeBoolean:
		if v != "true" && v != "false" {
			return badValue(name, v, "one of", "true", "false")
		}
	default:
		if !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) {
			return badValue(name, v, "UTF-8 text without control characters")
		}
		if s.MaxLength != nil && utf8.RuneCountInString(v) > *s.MaxLength {
			return badValue(name, v, fmt.Sprintf("at most %d characters", *s.MaxLength))
		}
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, any(v)) {
			return badValue(name, v, "one of", words(s.Enum)...)
		}
	}
	return nil
}

// wanted says in words what a parameter takes.
func wanted(s *huma.Schema) string {
	what := map[string]string{huma.TypeNumber: "a number", huma.TypeInteger: "a whole number",
		huma.TypeBoolean: "true or false", huma.TypeString: "a text", huma.TypeArray: "a list"}[s.Type]
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		what += fmt.Sprintf(" from %v to %v", *s.Minimum, *s.Maximum)
	case s.ExclusiveMinimum != nil && s.Maximum != nil:
		what += fmt.Sprintf(" over %v and at most %v", *s.ExclusiveMinimum, *s.Maximum)
	case len(s.Enum) > 0:
		what += ", one of " + strings.Join(words(s.Enum), ", ")
	}
	return what
}

func words(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return out
}
