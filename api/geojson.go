package api

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/datum"
)

// Geometry is a GeoJSON geometry, written.
type Geometry json.RawMessage

func geometryOf(g orb.Geometry, d datum.Datum) Geometry {
	return Geometry(data.AppendGeometry(nil, shownShape(g, d)))
}

// MarshalJSON gives the bytes as they are.
func (g Geometry) MarshalJSON() ([]byte, error) { return g, nil }

// UnmarshalJSON keeps the bytes as they are.
func (g *Geometry) UnmarshalJSON(b []byte) error {
	*g = append((*g)[:0], b...)
	return nil
}

// Schema describes a geometry in the OpenAPI document.
func (Geometry) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Description: "GeoJSON geometry (RFC 7946).", Required: []string{"type", "coordinates"},
		Properties: map[string]*huma.Schema{
			"type":        {Type: huma.TypeString, Enum: []any{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}},
			"coordinates": {Type: huma.TypeArray, Items: &huma.Schema{}},
		}}
}

// Feature is one GeoJSON feature.
type Feature[P any] struct {
	Type       string   `json:"type" enum:"Feature"`
	ID         string   `json:"id"`
	Geometry   Geometry `json:"geometry"`
	Properties P        `json:"properties"`
}

// Collection is the head of a GeoJSON feature collection.
type Collection struct {
	Type string `json:"type" enum:"FeatureCollection"`
	Answer
	CRS string `json:"datum" enum:"wgs84,gcj02,bd09" doc:"Datum of the coordinates: wgs84 unless crs= asked for another."`
}

// ContentType is GeoJSON's media type.
func (Collection) ContentType(string) string { return geoJSONType }

func (s *Server) collection(a Answer, d datum.Datum) Collection {
	return Collection{Type: "FeatureCollection", Answer: a, CRS: d.String()}
}

// HazardProperties documents the properties of a source in the interchange
// form, which data.Taxonomy writes.
type HazardProperties struct {
	Name            string           `json:"name"`
	NameEn          string           `json:"name_en,omitempty"`
	Industry        string           `json:"industry" doc:"Code."`
	District        string           `json:"district,omitempty" doc:"Code, as stated, else of the default vintage."`
	DistrictVintage string           `json:"district_vintage,omitempty" doc:"There when it is not the default one."`
	Level           int              `json:"level" minimum:"1" maximum:"4" doc:"Assessed level."`
	Status          string           `json:"status" enum:"active,suspended,closed,planned"`
	Sensitivity     string           `json:"sensitivity,omitempty" enum:"public,internal,secret"`
	Regulator       string           `json:"regulator,omitempty"`
	Scenarios       []map[string]any `json:"scenarios,omitempty" doc:"Accidents: outcome, per_year (1/yr), basis, footprint (metres, lethality)."`
	data.Detail
	Rev uint64 `json:"rev,omitempty" doc:"The revision that wrote it."`
}
