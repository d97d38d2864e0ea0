package api

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// MarshalJSON gives the bytes as they are.
func (f GivenFeature) MarshalJSON() ([]byte, error) {
	if len(f) == 0 {
		return []byte("null"), nil
	}
	return json.RawMessage(f), nil
}

// GivenPatch is a merge patch as it was sent.
type GivenPatch json.RawMessage

// UnmarshalJSON keeps the bytes as they are.
func (p *GivenPatch) UnmarshalJSON(b []byte) error {
	*p = append((*p)[:0], b...)
	return nil
}

// MarshalJSON gives the bytes as they are.
func (p GivenPatch) MarshalJSON() ([]byte, error) { return p, nil }

// Schema describes a patch in the OpenAPI document.
func (GivenPatch) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject,
		Description: "A JSON merge patch (RFC 7396) of the source as GeoJSON: members that it names are put in the place of the source's, null takes one away, lists are replaced whole."}
}

// exampleFeature is a source to copy from.
func exampleFeature() map[string]any {
	return map[string]any{
		"type":     "Feature",
		"geometry": map[string]any{"type": "Point", "coordinates": []float64{120.1634, 30.2723}},
		"properties": map[string]any{
			"name": "示例加油站", "industry": "I04", "level": 2, "status": "active", "address": "示例路 1 号",
			"district": "330105", "district_vintage": "2021",
			"level_method": "LEC", "level_inputs": map[string]any{"L": 1, "E": 6, "C": 15},
			"accident_types": []string{"FIRE", "EXPL"}, "exposed_day": 40, "exposed_night": 4,
		},
	}
}

// describeWritten adds what only a written route has to its operation: an example
// of the body, and the answers.
func (r *router) describeWritten(method, path string, example any) {
	op := r.operation(method, path)
	for _, content := range op.RequestBody.Content {
		content.Example = example
	}
	schemas := r.api.OpenAPI().Components.Schemas
	answer := func(description string, t reflect.Type, kind string) *huma.Response {
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{kind: {Schema: schemas.Schema(t, true, op.OperationID)}},
			Headers: map[string]*huma.Param{"ETag": {Description: "Of the source as it is written: for If-Match.", Schema: &huma.Schema{Type: huma.TypeString}}}}
	}
	op.Responses["200"] = answer("The source as it is stored", typeOf[writtenFeature](), geoJSONType)
	op.Responses["200"].Content[jsonType] = &huma.MediaType{Schema: schemas.Schema(typeOf[Judgement](), true, "Judgement")}
	op.Responses["202"] = answer("The source as it is stored; the city does not show it yet", typeOf[writtenFeature](), geoJSONType)
	if method != http.MethodPatch {
		op.Responses["201"] = answer("The new source as it is stored", typeOf[writtenFeature](), geoJSONType)
	}
}
