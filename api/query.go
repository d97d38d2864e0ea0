package api

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
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
	return p
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
		if nameErr != nil || valueErr != nil || strings.Contains(pair, ";") {
			return badValue(shorten(name), value, "a well-formed query: percent signs followed by two hexadecimal digits, no semicolons")
		}
	}
	return newProblem(http.StatusBadRequest, "the query is malformed: "+err.Error())
}

func (p *params) unknown(values url.Values) *Problem {
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
var (
	decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)
	integer = regexp.MustCompile(`^[+-]?[0-9]{1,18}$`)
)

func checkValue(name, v string, s *huma.Schema) *Problem {
	switch s.Type {
	case huma.TypeNumber, huma.TypeInteger:
		syntax := decimal
		if s.Type == huma.TypeInteger {
			syntax = integer
		}
		x, err := strconv.ParseFloat(v, 64)
		if !syntax.MatchString(v) || err != nil || math.IsInf(x, 0) ||
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
