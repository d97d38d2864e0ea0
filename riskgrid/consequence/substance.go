package consequence

// ToxicProbit is Pr = A + B ln(C^N t), C in mg/m3, t in minutes, t <= 30.
type ToxicProbit struct {
	A      float64 `json:"a"`
	B      float64 `json:"b"`
	N      float64 `json:"n"`
	Source string  `json:"source"`
}

// Constant is a number with its unit and source.
type Constant struct {
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Source string  `json:"source"`
}

// Substance is what the models need to know of a substance; nil is unknown.
type Substance struct {
	Key     string   `json:"key"`  // stable, such as chlorine
	Name    string   `json:"name"` // Chinese
	NameEn  string   `json:"name_en"`
	Formula string   `json:"formula,omitempty"`
	CAS     string   `json:"cas,omitempty"`
	UN      string   `json:"un,omitempty"`
	Aliases []string `json:"aliases,omitempty"`

	Toxic         *ToxicProbit `json:"toxic,omitempty"`
	Heat          *Constant    `json:"heat_of_combustion,omitempty"` // MJ/kg
	Burning       *Constant    `json:"burning_rate,omitempty"`       // kg/(m2 s), of a wide pool
	LFL           *Constant    `json:"lfl,omitempty"`                // % by volume
	MolarMass     *Constant    `json:"molar_mass,omitempty"`         // g/mol
	LiquidDensity *Constant    `json:"liquid_density,omitempty"`     // kg/m3
	BoilingC      *Constant    `json:"boiling_point,omitempty"`      // degrees C at 1 atm
	TNT           *Constant    `json:"tnt_equivalent,omitempty"`     // kg TNT/kg, of explosives
	Dust          bool         `json:"dust,omitempty"`
	GB18218       *GB18218     `json:"gb18218,omitempty"`
}

// GB18218 is a substance's place in GB 18218-2018.
type GB18218 struct {
	Class      string  `json:"class,omitempty"` // of table 2, such as W2; empty: listed in table 1
	ThresholdT float64 `json:"threshold_t"`     // Q, tonnes
	Beta       float64 `json:"beta"`
	Source     string  `json:"source"`
}
