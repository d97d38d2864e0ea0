package data

import (
	"encoding/json"
	"fmt"
)

// The interchange form of scenarios and footprints. Pointers tell a member that
// is missing from one that is 0.

type footprintJSON struct {
	Kind      string          `json:"kind"`
	Over      string          `json:"over,omitempty"`
	R         *float64        `json:"r,omitempty"`
	R1        *float64        `json:"r1,omitempty"`
	R2        *float64        `json:"r2,omitempty"`
	V0        *float64        `json:"v0,omitempty"`
	Metres    []float64       `json:"metres,omitempty"`
	Bearings  []float64       `json:"bearings,omitempty"`
	Lethality json.RawMessage `json:"lethality,omitempty"`
	Zones     []zoneJSON      `json:"zones,omitempty"`
	Skirt     *[2]float64     `json:"skirt,omitempty"`
}

type zoneJSON struct {
	Geometry  json.RawMessage `json:"geometry"`
	Lethality float64         `json:"lethality"`
}

type scenarioJSON struct {
	Outcome   string        `json:"outcome"`
	PerYear   float64       `json:"per_year"`
	Per       string        `json:"per,omitempty"`
	Basis     string        `json:"basis"`
	Derived   bool          `json:"derived,omitempty"`
	Footprint footprintJSON `json:"footprint"`
}

// MarshalJSON writes the scenario in the interchange form.
func (s Scenario) MarshalJSON() ([]byte, error) {
	j := scenarioJSON{Outcome: s.Outcome.String(), PerYear: s.PerYear, Basis: s.Basis.String(), Derived: s.Derived}
	if s.Per == PerKm {
		j.Per = "km"
	}
	f, err := s.Footprint.json()
	if err != nil {
		return nil, err
	}
	j.Footprint = f
	return json.Marshal(j)
}

// UnmarshalJSON reads the interchange form. The error is an *Invalid where a
// member breaks a rule. Whether it fits a source's shape is Scenario.Check's.
func (s *Scenario) UnmarshalJSON(raw []byte) error {
	var j scenarioJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return &Invalid{Field: "scenarios", Value: string(raw), Want: "a scenario: " + err.Error()}
	}
	out := Scenario{PerYear: j.PerYear, Derived: j.Derived}
	var err error
	if out.Outcome, err = ParseOutcome(j.Outcome); err != nil {
		return err
	}
	if out.Basis, err = ParseBasis(j.Basis); err != nil {
		return err
	}
	switch j.Per {
	case "":
	case "km":
		out.Per = PerKm
	default:
		return &Invalid{Field: "scenarios.per", Value: j.Per, Want: "km, or nothing for the whole source"}
	}
	if out.Footprint, err = j.Footprint.footprint(); err != nil {
		return err
	}
	*s = out
	return nil
}

func (f *Footprint) json() (footprintJSON, error) {
	j := footprintJSON{Kind: f.Kind.String()}
	if f.Over == OverSpread {
		j.Over = f.Over.String()
	}
	if (f.Kind == Step || f.Kind == Linear) && f.V0 != 1 {
		j.V0 = &f.V0
	}
	var err error
	switch f.Kind {
	case Step:
		j.R = &f.R2
	case Linear:
		j.R1, j.R2 = &f.R1, &f.R2
	case Table:
		j.Metres = f.Metres
		j.Lethality, err = json.Marshal(f.Lethality)
	case Polar:
		j.Metres, j.Bearings = f.Metres, f.Bearings
		rows := make([][]float64, len(f.Bearings))
		for i := range rows {
			rows[i] = f.Lethality[i*len(f.Metres) : (i+1)*len(f.Metres)]
		}
		j.Lethality, err = json.Marshal(rows)
	case Zone:
		for _, z := range f.Zones {
			j.Zones = append(j.Zones, zoneJSON{AppendGeometry(nil, z.Shape), z.Lethality})
		}
		j.Skirt = &f.Skirt
	}
	return j, err
}

func (j *footprintJSON) footprint() (*Footprint, error) {
	f := Footprint{V0: 1}
	kind, err := parseKey("footprint.kind", FootprintKinds[:], j.Kind, -1)
	if err != nil || kind < 0 {
		return nil, &Invalid{Field: "footprint.kind", Value: j.Kind, Want: "one of", Allowed: FootprintKinds[:]}
	}
	f.Kind = FootprintKind(kind)
	over, err := parseKey("footprint.over", OverKeys[:], j.Over, 0)
	if err != nil {
		return nil, err
	}
	f.Over = Over(over)
	if j.V0 != nil {
		f.V0 = *j.V0
	}
	need := func(name string, v *float64) float64 {
		if v == nil {
			if err == nil {
				err = &Invalid{Field: "footprint." + name, Value: "none", Want: "metres"}
			}
			return 0
		}
		return *v
	}
	switch f.Kind {
	case Step:
		f.R1 = need("r", j.R)
		f.R2 = f.R1
	case Linear:
		f.R1, f.R2 = need("r1", j.R1), need("r2", j.R2)
	case Table:
		f.V0, f.Metres = 0, j.Metres
		if json.Unmarshal(j.Lethality, &f.Lethality) != nil {
			err = &Invalid{Field: "footprint.lethality", Value: string(j.Lethality), Want: "a list of numbers, one for each metre"}
		}
	case Polar:
		f.V0, f.Metres, f.Bearings = 0, j.Metres, j.Bearings
		f.Lethality, err = polarRows(j)
	case Zone:
		f.V0 = 0
		if j.Skirt != nil {
			f.Skirt = *j.Skirt
		}
		f.Zones, err = zonePieces(j.Zones)
	}
	if err != nil {
		return nil, err
	}
	return NewFootprint(f)
}

func polarRows(j *footprintJSON) ([]float64, error) {
	var rows [][]float64
	if err := json.Unmarshal(j.Lethality, &rows); err != nil || len(rows) != len(j.Bearings) {
		return nil, &Invalid{Field: "footprint.lethality", Value: string(j.Lethality), Want: "one list of numbers for each bearing"}
	}
	var flat []float64
	for i, row := range rows {
		if len(row) != len(j.Metres) {
			return nil, &Invalid{Field: "footprint.lethality", Value: fmt.Sprintf("%d numbers at bearing %v", len(row), j.Bearings[i]),
				Want: fmt.Sprintf("%d, one for each metre", len(j.Metres))}
		}
		flat = append(flat, row...)
	}
	return flat, nil
}

func zonePieces(zones []zoneJSON) ([]ZonePiece, error) {
	var out []ZonePiece
	for _, z := range zones {
		g, err := ParseGeometry(z.Geometry)
		if err != nil {
			return nil, err
		}
		out = append(out, ZonePiece{g, z.Lethality})
	}
	return out, nil
}
