package consequence

// Fireball is a BLEVE of a vessel of liquefied flammable gas.
type Fireball struct {
	MassKg        float64 `json:"mass_kg"`         // 1 to 2e6 kg of fuel in the fireball
	TNO           bool    `json:"tno"`             // D = 6.48 m^0.325, t = 0.852 m^0.26 instead of 5.8 m^(1/3)
	Touching      bool    `json:"touching"`        // centre at D/2, the fireball touching ground, instead of 0.75 D
	SEPKWPerM2    float64 `json:"sep_kw_per_m2"`   // surface emissive power, 100 to 450; default 350
	WaterVapourPa float64 `json:"water_vapour_pa"` // partial pressure, 100 to 13000 Pa; 0: transmissivity 1
}

// PoolFire is a fire of a pool of liquid, seen as a point source at half the
// flame's height.
type PoolFire struct {
	Substance       *Substance `json:"-"`                   // gives burning rate and heat unless set
	DiameterMetres  float64    `json:"diameter_metres"`     // 0.5 to 150; or
	AreaM2          float64    `json:"area_m2"`             // the pool's (bund's) area, taken as a disc
	BurningKgPerM2S float64    `json:"burning_kg_per_m2_s"` // 0.005 to 0.2
	HeatMJPerKg     float64    `json:"heat_mj_per_kg"`      // 5 to 150
	RadiantShare    float64    `json:"radiant_share"`       // 0.1 to 0.6; default 0.35
	WaterVapourPa   float64    `json:"water_vapour_pa"`     // 100 to 13000 Pa; 0: transmissivity 1
}

// GasPipeFire is the fire at a full rupture of a natural-gas transmission pipe
// (GRI-00/0189).
type GasPipeFire struct {
	DiameterMM float64 `json:"diameter_mm"` // outside diameter, 50 to 1500
	PressurePa float64 `json:"pressure_pa"` // gauge, 1e5 to 2e7
}
