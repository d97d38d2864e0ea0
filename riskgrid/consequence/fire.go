package consequence

import (
	"math"

	"riskatlas/data"
)

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

// Transmissivity is the share of heat that air lets through over metres at a
// partial pressure of water vapour in Pa: 2.02 (p X)^-0.09, at most 1; a pressure
// of 0 is clear air (TNO Yellow Book; for p X of 1e4 to 1e5 Pa m).
func Transmissivity(waterVapourPa, metres float64) float64 {
	if waterVapourPa <= 0 || metres <= 0 {
		return 1
	}
	return min(1, 2.02*math.Pow(waterVapourPa*metres, -0.09))
}

// FireballSize gives the diameter in metres and the duration in seconds of a
// fireball of a mass in kg: 5.8 m^(1/3), and 0.45 m^(1/3) below 30 t, 2.6 m^(1/6)
// from there (CCPS); or TNO's 6.48 m^0.325 and 0.852 m^0.26.
func FireballSize(massKg float64, tno bool) (diameterMetres, seconds float64) {
	switch {
	case tno:
		return 6.48 * math.Pow(massKg, 0.325), 0.852 * math.Pow(massKg, 0.26)
	case massKg < 30_000:
		return 5.8 * math.Cbrt(massKg), 0.45 * math.Cbrt(massKg)
	}
	return 5.8 * math.Cbrt(massKg), 2.6 * math.Pow(massKg, 1.0/6)
}

// FireballView is the view factor of a fireball for an upright receiver on the
// ground X metres from below its centre, which is H metres up: X (D/2)^2 /
// (X^2 + H^2)^(3/2). It rises up to X = H/sqrt 2 and then falls.
func FireballView(metres, diameterMetres, heightMetres float64) float64 {
	d2 := metres*metres + heightMetres*heightMetres
	return metres * diameterMetres * diameterMetres / 4 / (d2 * math.Sqrt(d2))
}

// Result computes the fireball.
func (f Fireball) Result() (*Result, error) {
	var c check
	c.within("mass_kg", f.MassKg, 1, 2e6, "kg of fuel in the fireball")
	c.orElse("sep_kw_per_m2", &f.SEPKWPerM2, 350, 100, 450, "kW/m2")
	c.humid(f.WaterVapourPa)
	if c.err != nil {
		return nil, c.err
	}
	diameter, seconds := FireballSize(f.MassKg, f.TNO)
	height, model := 0.75*diameter, "fireball"
	if f.Touching {
		height = diameter / 2
	}
	if f.TNO {
		model = "fireball_tno"
	}
	r := &Result{Model: model, Outcome: fireball}
	r.in("mass", f.MassKg, "kg")
	r.in("surface_emissive_power", f.SEPKWPerM2, "kW/m2")
	r.in("centre_height_over_diameter", height/diameter, "1")
	r.humid(f.WaterVapourPa)
	r.out("diameter", diameter, "m")
	r.out("duration", seconds, "s")
	r.out("centre_height", height, "m")
	flux := func(x float64) float64 { // W/m2
		return Transmissivity(f.WaterVapourPa, x) * f.SEPKWPerM2 * 1e3 * FireballView(x, diameter, height)
	}
	r.Limits = []string{
		"mass of 1 to 2e6 kg, all of it in the fireball; upright receiver on level ground, no shielding",
		"lethality is 1 out to the fireball's radius; between there and the distance of the greatest heat flux the greatest holds",
		"exposure for the fireball's duration, at most 20 s",
	}
	r.Sources = []string{fireballSource(f.TNO), ThermalTNO.Source + ": thermal probit"}
	return r.heat(fire{flux: flux, inside: diameter / 2, peak: peakOf(flux, height/math.Sqrt2), seconds: min(seconds, MostExposureSeconds)})
}

func fireballSource(tno bool) string {
	if tno {
		return "TNO Yellow Book CPR 14E: D 6.48 m^0.325, t 0.852 m^0.26"
	}
	return "CCPS 1999: D 5.8 m^(1/3), t 0.45 m^(1/3) below 30 t, else 2.6 m^(1/6)"
}

// peakOf is the distance of the greatest flux, which is not past a bound. Up to
// there the flux of a fireball rises, and falls only at its end.
func peakOf(flux func(float64) float64, bound float64) float64 {
	lo, hi := bound/2, bound
	for range 100 {
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if flux(a) < flux(b) {
			lo = a
		} else {
			hi = b
		}
	}
	if flux(bound) >= flux(hi) {
		return bound
	}
	return hi
}

// fire is heat that falls with distance.
type fire struct {
	flux    func(metres float64) float64 // W/m2; falls beyond peak
	inside  float64                      // metres: the flame, where lethality is 1
	peak    float64                      // metres
	seconds float64                      // exposure
}

// felt is the flux in W/m2 with the rise before the peak held at its greatest,
// so that it never rises with distance.
func (f fire) felt(metres float64) float64 { return f.flux(max(metres, f.peak)) }

// furthest is the distance at which the flux is still a value in W/m2.
func (f fire) furthest(wPerM2 float64) (float64, bool) {
	return last(f.flux, f.peak, data.MaxReachMetres, wPerM2)
}

// heat fills in what a fire does.
func (r *Result) heat(f fire) (*Result, error) {
	r.inverse = map[string]func(float64) (float64, bool){
		EffectHeatFlux:   func(kW float64) (float64, bool) { return f.furthest(kW * 1e3) },
		EffectEngulfment: func(float64) (float64, bool) { return f.inside, f.inside > 0 },
		EffectLethality: func(lethality float64) (float64, bool) {
			if lethality >= 1 {
				return f.inside, f.inside > 0
			}
			metres, _ := f.furthest(heatOf(lethality, f.seconds))
			metres = max(metres, f.inside)
			return metres, metres > 0
		},
	}
	r.reach(EffectLethality, 0.5, Cut)
	r.reach(EffectHeatFlux, 37.5, sureKWPerM2, 15, 12.5, 4)
	r.reach(EffectEngulfment, 1)
	end, _ := r.inverse[EffectLethality](Cut)
	var err error
	r.Footprint, err = tabulate(func(x float64) float64 { return thermal(f.felt(x), f.seconds) }, f.inside, end)
	return r, err
}

// sureKWPerM2 is the flux from which people are taken as dead indoors too
// (Purple Book CPR 18E 5.2, societal risk).
const sureKWPerM2 = 35

func (c *check) humid(waterVapourPa float64) {
	if waterVapourPa != 0 {
		c.pascals("water_vapour_pa", waterVapourPa, 100, 13_000)
	}
}

func (r *Result) humid(waterVapourPa float64) {
	if waterVapourPa == 0 {
		r.in("transmissivity", 1, "1")
		return
	}
	r.in("water_vapour", waterVapourPa, "Pa")
	r.Limits = append(r.Limits, "transmissivity 2.02 (p X)^-0.09 for p X of 1e4 to 1e5 Pa m, at most 1")
}
