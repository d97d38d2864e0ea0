package consequence

import (
	"encoding/json"
	"maps"
	"slices"

	"riskatlas/data"
)

// Models are the names that Compute knows.
func Models() []string {
	return []string{"blast", "vapour_cloud", "dust", "fireball", "pool_fire", "gas_pipe", "plume", "flash_fire",
		"plume_rose", "flash_fire_rose", "index"}
}

// Compute runs a model by name on JSON inputs, the members of the model's struct
// by their tags; "substance" may be any name that s knows. Ground as a polygon
// (dam, run-out, external) is not for it. The error is a *data.Invalid and names
// an unknown model or member, or the input that is wrong.
func Compute(model string, inputs []byte, s *Substances) (*Result, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(inputs, &members); err != nil {
		return nil, &data.Invalid{Field: "inputs", Value: string(inputs), Want: "a JSON object of the model's inputs"}
	}
	members = maps.Clone(members)
	var substance *Substance
	if raw, ok := members["substance"]; ok {
		var name string
		if err := json.Unmarshal(raw, &name); err != nil {
			return nil, &data.Invalid{Field: "substance", Value: string(raw), Want: "a name"}
		}
		var err error
		if substance, err = s.Find(name); err != nil {
			return nil, err
		}
		delete(members, "substance")
	}
	rest, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	return compute(model, rest, substance)
}

func compute(model string, inputs []byte, substance *Substance) (*Result, error) {
	switch model {
	case "blast":
		return read(inputs, func(m *Blast) Model { return m })
	case "vapour_cloud":
		return read(inputs, func(m *VapourCloud) Model { m.Substance = substance; return m })
	case "dust":
		return read(inputs, func(m *DustExplosion) Model { m.Substance = substance; return m })
	case "fireball":
		return read(inputs, func(m *Fireball) Model { return m })
	case "pool_fire":
		return read(inputs, func(m *PoolFire) Model { m.Substance = substance; return m })
	case "gas_pipe":
		return read(inputs, func(m *GasPipeFire) Model { return m })
	case "plume":
		return read(inputs, func(m *Plume) Model { m.Substance = substance; return m })
	case "flash_fire":
		return read(inputs, func(m *FlashFire) Model { m.Substance = substance; return m })
	case "plume_rose":
		return read(inputs, func(m *RosePlume) Model { m.Substance = substance; return m })
	case "flash_fire_rose":
		return read(inputs, func(m *RoseFlashFire) Model { m.Substance = substance; return m })
	case "index":
		return read(inputs, func(m *Index) Model { return m })
	}
	return nil, &data.Invalid{Field: "model", Value: model, Want: "one of", Allowed: slices.Clone(Models())}
}

// read decodes a model's inputs and runs it.
func read[M any](inputs []byte, ready func(*M) Model) (*Result, error) {
	var m M
	if err := strict(inputs, "inputs", &m); err != nil {
		return nil, err
	}
	return ready(&m).Result()
}
