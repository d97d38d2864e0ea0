package assess

import (
	"bytes"
	_ "embed" // the rules
	"encoding/json"
	"slices"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

//go:embed scenarios.json
var rulesFile []byte

// rules are what the event trees take that is neither a substance's nor a piece
// of equipment's: data with sources, so that a correction is an edit.
type rules struct {
	Format     string `json:"format"`
	Industries struct {
		Source string   `json:"source"`
		Slugs  []string `json:"slugs"` // whose scenarios are derived
	} `json:"industries"`
	Reactivity struct {
		Source string   `json:"source"`
		Low    []string `json:"low"`          // gases of low reactivity, by key
		Slow   []string `json:"slow_liquids"` // liquids that hardly ignite
	} `json:"ignition"`
	Pressures struct {
		Source string             `json:"source"`
		Unit   string             `json:"unit"`
		Values map[string]float64 `json:"values"` // gauge, by key of a substance
	} `json:"pressures"`
	Numbers map[string]consequence.Constant `json:"numbers"`
}

// numberUnits are the numbers that the rules must have, with their units.
var numberUnits = map[string]string{
	"delayed_ignition_gas": "1", "delayed_ignition_liquid": "1", "ignition_slow_liquid": "1", "explosion_share": "1",
	"spill_thickness": "m", "spill_area": "m2", "evaporation_rate": "kg/(m2 s)", "evaporation_time": "s", "release_time": "s",
	"hole_diameter": "m", "pipe_leak_share": "1", "pipe_leak_most": "m", "liquid_head": "m", "heat_ratio": "1",
	"vessel_fill": "1", "boils_under": "degrees C", "explosives_store": "1/yr", "dust_explosion": "1/yr",
	"road_accident": "1/(vehicle km)", "road_release": "1", "road_ignition": "1", "rupture_share": "1",
}

// readRules reads a file in the form of scenarios.json. The error names the entry
// that is missing or breaks a rule.
func readRules(raw []byte, known *consequence.Substances) (*rules, error) {
	r := &rules{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(r); err != nil {
		return nil, &data.Invalid{Field: "scenarios", Value: err.Error(), Want: "JSON of the documented members"}
	}
	if r.Format != "riskatlas-scenarios/1" {
		return nil, &data.Invalid{Field: "format", Value: r.Format, Want: "riskatlas-scenarios/1"}
	}
	for name := range r.Numbers {
		if _, ok := numberUnits[name]; !ok {
			return nil, &data.Invalid{Field: "numbers", Value: name, Want: "one of", Allowed: sorted(numberUnits)}
		}
	}
	for _, name := range sorted(numberUnits) {
		n, unit := r.Numbers[name], numberUnits[name]
		switch {
		case n.Source == "" || n.Unit != unit:
			return nil, &data.Invalid{Field: "numbers." + name, Value: n.Unit, Want: "a value in " + unit + " with its source"}
		case !(n.Value > 0) || unit == "1" && name != "heat_ratio" && n.Value > 1 || unit == "1/yr" && n.Value > data.MaxPerYear:
			return nil, &data.Invalid{Field: "numbers." + name, Value: number(n.Value), Want: "over 0; a share at most 1, a frequency at most 0.01 per year"}
		}
	}
	keys := slices.Concat(r.Reactivity.Low, r.Reactivity.Slow, sorted(r.Pressures.Values))
	for _, key := range keys {
		if s, err := known.Find(key); err != nil || s.Key != key {
			return nil, &data.Invalid{Field: "substance", Value: key, Want: "the key of a substance of the table"}
		}
	}
	for _, key := range sorted(r.Pressures.Values) {
		if p := r.Pressures.Values[key]; !(p > 0 && p <= 100) || r.Pressures.Unit != "MPa" {
			return nil, &data.Invalid{Field: "pressures." + key, Value: number(p), Want: "over 0 and at most 100 MPa, gauge"}
		}
	}
	return r, nil
}

func (r *rules) value(name string) float64 { return r.Numbers[name].Value }
