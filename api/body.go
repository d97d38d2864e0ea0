package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"riskatlas/data"
)

// posted declares a question by POST, which changes nothing of the city. It takes a JSON body of B beside the parameters
// of I and answers JSON of O's Body. Unknown members of the body and values of
// another kind are refused by name; what is in range is the handler's to check.
func posted[I, B, O any](r *router, path, id, summary string, handle func(context.Context, *I, *B) (*O, error)) {
	schema := r.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[B](), true, id+"Request")
	op := huma.Operation{Method: http.MethodPost, Path: path, OperationID: id, Summary: summary,
		Tags: []string{tagOf(path)}, Responses: problems(), DefaultStatus: http.StatusOK, Metadata: map[string]any{questionKey: true}}
	huma.Register(r.api, op, failing(func(ctx context.Context, in *I) (*O, error) {
		body, err := readBody[B](exchangeOf(ctx).r)
		if err != nil {
			return nil, err
		}
		return handle(ctx, in, body)
	}))
	// Described after the route is declared: huma would read the body itself.
	r.api.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{Required: true,
		Content: map[string]*huma.MediaType{jsonType: {Schema: schema}}}
}

// readBody reads one JSON value and nothing after it.
func readBody[B any](r *http.Request) (*B, error) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind != "" && kind != jsonType && kind != geoJSONType {
		p := newProblem(http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type: %q: want %s", shorten(kind), jsonType))
		p.Parameter, p.Value, p.Allowed = "Content-Type", shorten(kind), []string{jsonType, geoJSONType}
		return nil, p
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var body B
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		return nil, bodyProblem(err, reflect.TypeFor[B]())
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, badValue("body", "more after the first value", "one JSON object and nothing after it")
	}
	return &body, nil
}

// bodyProblem says what of a body is wrong.
func bodyProblem(err error, body reflect.Type) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return badValue("body", fmt.Sprintf("byte %d", syntax.Offset), "JSON ("+syntax.Error()+")")
	case errors.As(err, &kind):
		return badValue(memberPath(kind.Field), "a "+kind.Value, "a "+jsonKind(kind.Type))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return badValue("body", "", "a JSON object; the body is empty or ends too early")
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return badValue(strings.Trim(name, `"`), "", "a member that is known, one of", members(body)...)
	}
	var invalid *data.Invalid
	if errors.As(err, &invalid) {
		return invalid
	}
	return badValue("body", err.Error(), "the members that the OpenAPI document describes")
}

// memberPath is a path of members without the Go names of embedded structs, which
// begin with a capital as no member does.
func memberPath(field string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(field, "."), func(part string) bool {
		return part != "" && part[0] >= 'A' && part[0] <= 'Z'
	}), ".")
}

func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "JSON object"
	case reflect.Slice, reflect.Array:
		return "list"
	case reflect.Float64, reflect.Float32:
		return "number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	}
	return "whole number"
}

// members are the names of a struct's members in JSON.
func members(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			out = append(out, members(f.Type)...)
		case name != "" && name != "-":
			out = append(out, name)
		}
	}
	return out
}

// deleted declares a DELETE route of what no store keeps, which answers 204 without a body.
func deleted[I any](r *router, path, id, summary string, handle func(context.Context, *I) (*struct{}, error)) {
	huma.Register(r.api, huma.Operation{Method: http.MethodDelete, Path: path, OperationID: id, Summary: summary,
		Tags: []string{tagOf(path)}, Responses: problems(), DefaultStatus: http.StatusNoContent, Metadata: map[string]any{questionKey: true}}, failing(handle))
}
