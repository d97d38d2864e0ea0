package consequence

// Rule says how overpressure becomes lethality.
type Rule string

// The rules for explosions.
const (
	RuleStep          Rule = "step"           // 1 from 30 kPa, else 0 (Purple Book CPR 18E 5.2); the default
	RuleLungEisenberg Rule = "lung_eisenberg" // lung haemorrhage, Eisenberg
	RuleLungHSE       Rule = "lung_hse"       // lung haemorrhage, HSE; long tail
	RuleCollapse      Rule = "collapse"       // collapse of buildings; long tail
)

// Blast is a condensed charge on the ground.
type Blast struct {
	TNTKg float64 `json:"tnt_kg"` // 0.01 to 5e6 kg of TNT equivalent
	Rule  Rule    `json:"rule"`   // default step
}

// VapourCloud is an explosion of a cloud of vapour by TNT equivalence.
type VapourCloud struct {
	FuelKg      float64    `json:"fuel_kg"`        // flammable mass in the cloud
	Substance   *Substance `json:"-"`              // gives the heat of combustion unless HeatMJPerKg is set
	HeatMJPerKg float64    `json:"heat_mj_per_kg"` // 5 to 150
	Yield       float64    `json:"yield"`          // 0.02 to 0.15; default 0.04
	Rule        Rule       `json:"rule"`
}

// DustExplosion is an explosion of a dust cloud, counted as TNT and confined to
// the step rule: no standard closed form holds outside the building.
type DustExplosion struct {
	DustKg      float64    `json:"dust_kg"`        // dust in suspension
	Substance   *Substance `json:"-"`              // gives the heat of combustion unless HeatMJPerKg is set
	HeatMJPerKg float64    `json:"heat_mj_per_kg"` // 5 to 50
	Yield       float64    `json:"yield"`          // 0.01 to 0.04; default 0.04
}
