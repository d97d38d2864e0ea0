package consequence

import "math"

// dischargeShare is the discharge coefficient of a sharp-edged hole (Purple Book
// CPR 18E; TNO Yellow Book CPR 14E).
const dischargeShare = 0.62

// gasConstant in J/(mol K).
const gasConstant = 8.314462618

const atmospherePa = 101_325

// LiquidHoleKgPerS is the flow of a liquid of kg/m3 from a round hole of mm under
// a gauge pressure in Pa (0 for an open tank) and metres of liquid above it:
// 0.62 A sqrt(2 rho (p + rho g h)) (Bernoulli; TNO Yellow Book CPR 14E). The flow
// of the first moment, which is the greatest.
func LiquidHoleKgPerS(holeMM, kgPerM3, gaugePa, headMetres float64) (float64, error) {
	var c check
	c.within("hole_mm", holeMM, 1, 2000, "mm")
	c.within("density_kg_per_m3", kgPerM3, 50, 20_000, "kg/m3")
	if gaugePa != 0 {
		c.pascals("pressure_pa", gaugePa, 1e3, 3e7)
	}
	c.within("head_metres", headMetres, 0, 100, "m")
	if c.err == nil && gaugePa == 0 && headMetres == 0 {
		c.fail("head_metres", "none or 0", "a head in m or a gauge pressure in Pa: nothing drives the liquid out")
	}
	if c.err != nil {
		return 0, c.err
	}
	area := math.Pi / 4 * holeMM * holeMM / 1e6
	return dischargeShare * area * math.Sqrt(2*kgPerM3*(gaugePa+kgPerM3*gravity*headMetres)), nil
}

// GasHoleKgPerS is the flow of a gas of g/mol from a round hole of mm under a
// gauge pressure in Pa at degrees C, gamma the ratio of its specific heats (1.3
// for natural gas): choked from a ratio of pressures of ((gamma+1)/2)^(gamma /
// (gamma-1)) on, below that not (TNO Yellow Book CPR 14E).
func GasHoleKgPerS(holeMM, gPerMol, gaugePa, degreesC, gamma float64) (float64, error) {
	var c check
	c.within("hole_mm", holeMM, 1, 2000, "mm")
	c.within("molar_mass", gPerMol, 2, 500, "g/mol")
	c.pascals("pressure_pa", gaugePa, 1e3, 3e7)
	if !(degreesC >= -200 && degreesC <= 1000) {
		c.fail("degrees_c", degreesC, "-200 to 1000 degrees C")
	}
	c.within("gamma", gamma, 1.02, 1.67, "")
	if c.err != nil {
		return 0, c.err
	}
	area := math.Pi / 4 * holeMM * holeMM / 1e6
	pa := gaugePa + atmospherePa
	// The flow of sound through the hole, times how far the pressure drives it.
	flow := dischargeShare * area * pa * math.Sqrt(gPerMol/1e3/(gasConstant*(degreesC+273.15)))
	choked := math.Pow(2/(gamma+1), gamma/(gamma-1))
	ratio := max(atmospherePa/pa, choked)
	return flow * math.Sqrt(2*gamma/(gamma-1)*(math.Pow(ratio, 2/gamma)-math.Pow(ratio, (gamma+1)/gamma))), nil
}
