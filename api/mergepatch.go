package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"riskatlas/data"
)

const mergePatchType = "application/merge-patch+json"

// mergePatch applies a JSON merge patch (RFC 7396) to an object. Numbers keep
// their digits.
func mergePatch(target, patch []byte) ([]byte, error) {
	t, err := decodeNumbers(target)
	if err != nil {
		return nil, err
	}
	p, err := decodeNumbers(patch)
	if err != nil {
		return nil, err
	}
	if _, ok := p.(map[string]any); !ok {
		return nil, badValue("body", string(patch), "a JSON object of what changes (RFC 7396)")
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err = enc.Encode(mergedWith(t, p))
	return out.Bytes(), err
}

// mergedWith is MergePatch of RFC 7396, section 2. It may change target.
func mergedWith(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for name, value := range changes {
		if value == nil {
			delete(object, name)
		} else {
			object[name] = mergedWith(object[name], value)
		}
	}
	return object
}

func decodeNumbers(raw []byte) (v any, err error) {
	if deeper(raw, maxJSONDepth) {
		return nil, &data.Invalid{Field: "body", Value: "deeper", Want: "JSON of at most 64 levels"}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, badValue("body", shorten(string(raw)), "JSON ("+err.Error()+")")
		}
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, badValue("body", "more after the first value", "one JSON object and nothing after it")
	}
	return v, nil
}

// maxJSONDepth bounds the nesting of what is merged: merging is recursive.
const maxJSONDepth = 64

// deeper reports whether JSON is nested deeper than most.
func deeper(raw []byte, most int) bool {
	depth, quoted, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth++; depth > most {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
