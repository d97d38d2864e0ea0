package api

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// reader fills a query struct Q from a raw query in one pass: what its fields'
// tags say, as huma would, without its maps. Immutable; safe for concurrent use.
type reader[Q any] struct {
	known    *params
	fields   []readField // by the parameter's position in known.names
	required uint64      // bits of those
	defaults Q
}

// readField is where a parameter's value goes.
type readField struct {
	index []int
	kind  reflect.Kind
}

// newReader makes the reader of a route's parameters. It panics on a query
// struct that it cannot fill, which is a fault of the program.
func newReader[Q any](known *params) *reader[Q] {
	r := &reader[Q]{known: known, fields: make([]readField, len(known.names))}
	if len(known.names) > 64 {
		panic("api: a query of more than 64 parameters")
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Q]()) {
		name, tagged := f.Tag.Lookup("query")
		if !tagged {
			continue
		}
		at, ok := known.position(name)
		if !ok {
			panic(fmt.Sprintf("api: %T.%s: %q is no parameter of the route", r.defaults, f.Name, name))
		}
		r.fields[at] = readField{f.Index, f.Type.Kind()}
		if value, ok := f.Tag.Lookup("default"); ok && !r.fields[at].set(&r.defaults, value) {
			panic(fmt.Sprintf("api: %T.%s: no default %q", r.defaults, f.Name, value))
		}
	}
	for at, name := range known.names {
		if r.fields[at].index == nil {
			panic(fmt.Sprintf("api: %T has no field for %q", r.defaults, name))
		}
	}
	for _, name := range known.required {
		at, _ := known.position(name)
		r.required |= 1 << at
	}
	return r
}

// read gives what a raw query asks. Every refusal is canonical's.
func (r *reader[Q]) read(raw string) (Q, *Problem) {
	q := r.defaults
	if r.fill(&q, raw) {
		return q, nil
	}
	// Whatever is not as most queries are: repeated parameters, and faults.
	raw, problem := r.known.canonical(raw)
	if problem != nil {
		return q, problem
	}
	q = r.defaults
	if !r.fill(&q, raw) {
		return q, problemOf(fmt.Errorf("a query that is right was not read: %q", raw))
	}
	return q, nil
}

// fill reads a query whose parameters come once each; false when it is not such
// a one, or when anything in it is wrong.
func (r *reader[Q]) fill(q *Q, raw string) bool {
	var seen uint64
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, valued := strings.Cut(pair, "=")
		at, ok := r.known.position(name)
		if !ok || !valued || seen>>at&1 != 0 || strings.IndexByte(value, ';') >= 0 {
			return false
		}
		seen |= 1 << at
		if strings.IndexByte(value, '%') >= 0 || strings.IndexByte(value, '+') >= 0 {
			var err error
			if value, err = url.QueryUnescape(value); err != nil {
				return false
			}
		}
		if !r.known.allows(at, value) || !r.fields[at].set(q, value) {
			return false
		}
	}
	return seen&r.required == r.required
}

// set puts a value, which the route's parameters allow, in its field of q.
func (f *readField) set(q any, value string) bool {
	v := reflect.ValueOf(q).Elem().FieldByIndex(f.index)
	switch f.kind {
	case reflect.String:
		v.SetString(value)
	case reflect.Float64:
		x, err := strconv.ParseFloat(value, 64)
		v.SetFloat(x)
		return err == nil
	case reflect.Int:
		n, err := strconv.ParseInt(value, 10, 64)
		v.SetInt(n)
		return err == nil
	case reflect.Bool:
		v.SetBool(value == "true")
	case reflect.Slice:
		list, ok := v.Addr().Interface().(*[]string)
		if ok {
			*list = strings.Split(value, ",")
		}
		return ok
	default:
		return false
	}
	return true
}
