package data

import (
	"encoding/json"
	"errors"

	"github.com/paulmach/orb"
)

// Flood is the ground that the breach of a dam puts under water, as somebody
// mapped it, and who is there.
type Flood struct {
	Geometry     json.RawMessage `json:"geometry"`           // GeoJSON Polygon or MultiPolygon, WGS 84
	People       float64         `json:"people"`             // at risk, over 0
	WarningHours float64         `json:"warning_hours"`      // 0 to 24
	Forceful     bool            `json:"forceful,omitempty"` // deep fast water, as in a gorge
	SkirtM       float64         `json:"skirt_m,omitempty"`  // metres over which the edge falls to nothing
}

// Ground checks the flood and gives its ground. The error names the field.
func (f *Flood) Ground() (orb.Geometry, error) {
	for _, q := range []struct {
		name  string
		value float64
		ok    bool
		want  string
	}{
		{"people", f.People, f.People > 0 && f.People <= 1e8, "people at risk, over 0 and at most 1e8"},
		{"warning_hours", f.WarningHours, f.WarningHours >= 0 && f.WarningHours <= 24, "0 to 24 hours"},
		{"skirt_m", f.SkirtM, f.SkirtM >= 0 && f.SkirtM <= MaxReachMetres, "0 to 20000 metres"},
	} {
		if !q.ok {
			return nil, &Invalid{Field: "flood." + q.name, Value: ftoa(q.value), Want: q.want}
		}
	}
	g, err := ParseGeometry(f.Geometry)
	if err != nil {
		if bad := (*Invalid)(nil); errors.As(err, &bad) {
			return nil, &Invalid{Field: "flood." + bad.Field, Value: bad.Value, Want: bad.Want, Allowed: bad.Allowed}
		}
		return nil, err
	}
	switch g.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return g, nil
	}
	return nil, &Invalid{Field: "flood.geometry", Value: g.GeoJSONType(), Want: "a Polygon or MultiPolygon"}
}
