package consequence

import "math"

// airKgPerM3 is the density of air in Thomas's formula.
const airKgPerM3 = 1.2

// gravity in m/s2.
const gravity = 9.81

// FlameMetres is the height of the flame of a pool of a diameter in metres that
// burns kg/(m2 s): 42 D (m”/(rho sqrt(g D)))^0.61 (Thomas 1963).
func FlameMetres(diameterMetres, kgPerM2S float64) float64 {
	return 42 * diameterMetres * math.Pow(kgPerM2S/(airKgPerM3*math.Sqrt(gravity*diameterMetres)), 0.61)
}

// Result computes the pool fire.
func (p PoolFire) Result() (*Result, error) {
	var c check
	p.fill(&c)
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "pool_fire_point_source", Outcome: poolFire}
	r.in("diameter", p.DiameterMetres, "m")
	r.in("burning_rate", p.BurningKgPerM2S, "kg/(m2 s)")
	r.in("heat_of_combustion", p.HeatMJPerKg, "MJ/kg")
	r.in("radiant_share", p.RadiantShare, "1")
	r.Limits = []string{
		"point source: adequate from 1.5 pool diameters on; no wind, upright flame, no shielding",
		"lethality is 1 inside the pool; exposure 20 s",
	}
	r.humid(p.WaterVapourPa)
	r.Sources = []string{"Thomas 1963: flame height", "SFPE Handbook, point source model: q = tau chi m'' A Hc / (4 pi (x^2 + (L/2)^2))",
		ThermalTNO.Source + ": thermal probit"}
	flame := FlameMetres(p.DiameterMetres, p.BurningKgPerM2S)
	radiated := p.RadiantShare * p.BurningKgPerM2S * math.Pi / 4 * p.DiameterMetres * p.DiameterMetres * p.HeatMJPerKg * 1e6
	r.out("flame_height", flame, "m")
	r.out("radiated_power", radiated, "W")
	flux := func(x float64) float64 {
		return Transmissivity(p.WaterVapourPa, x) * radiated / (4 * math.Pi * (x*x + flame*flame/4))
	}
	return r.heat(fire{flux: flux, inside: p.DiameterMetres / 2, seconds: MostExposureSeconds})
}

// fill sets what follows from the area and the substance and checks all.
func (p *PoolFire) fill(c *check) {
	switch {
	case p.AreaM2 != 0 && p.DiameterMetres != 0:
		c.fail("area_m2", p.AreaM2, "either diameter_metres or area_m2, not both")
	case p.AreaM2 != 0:
		c.within("area_m2", p.AreaM2, 0.2, 17_671, "m2")
		p.DiameterMetres = math.Sqrt(4 * max(p.AreaM2, 0) / math.Pi)
	}
	c.within("diameter_metres", p.DiameterMetres, 0.5, 150, "m")
	if p.BurningKgPerM2S == 0 && p.Substance != nil {
		if p.Substance.Burning == nil {
			c.fail("substance", p.Substance.Key, "a substance with a known burning rate, or burning_kg_per_m2_s in kg/(m2 s)")
			return
		}
		p.BurningKgPerM2S = p.Substance.Burning.Value
	}
	c.within("burning_kg_per_m2_s", p.BurningKgPerM2S, 0.005, 0.2, "kg/(m2 s)")
	c.heat(&p.HeatMJPerKg, p.Substance, 5, 150)
	c.orElse("radiant_share", &p.RadiantShare, 0.35, 0.1, 0.6, "of the heat of combustion")
	c.humid(p.WaterVapourPa)
}

// griFlux is 2348 p d^2 / (I r^2) = 1 with p in psi, d in inches, I in Btu/(h
// ft2) and r in feet (GRI-00/0189), as I r^2 / (p d^2) in SI: W m^2/(Pa m^2).
const griFlux = 2348 * 3.154590745 * (0.3048 * 0.3048) / (6894.757293 * (0.0254 * 0.0254))

// Result computes the fire.
func (g GasPipeFire) Result() (*Result, error) {
	var c check
	c.within("diameter_mm", g.DiameterMM, 50, 1500, "mm")
	c.pascals("pressure_pa", g.PressurePa, 1e5, 2e7)
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "gas_pipe_rupture_gri", Outcome: jetFire}
	r.in("diameter", g.DiameterMM, "mm")
	r.in("pressure", g.PressurePa, "Pa")
	d := g.DiameterMM / 1e3
	power := griFlux * g.PressurePa * d * d // W, flux times the square of the distance
	// The radius of the standard: 5000 Btu/(h ft2).
	r.out("potential_impact_radius", math.Sqrt(power/(5000*3.154590745)), "m")
	r.Limits = []string{
		"full rupture of a natural-gas transmission pipe fed from both ends, ignited at once; not for leaks, not for low-pressure mains",
		"heat falls with the square of the distance from the rupture; exposure 20 s",
	}
	r.Sources = []string{"Stephens 2000, GRI-00/0189; ASME B31.8S: potential impact radius", ThermalTNO.Source + ": thermal probit"}
	flux := func(x float64) float64 { return power / max(x*x, 1) }
	return r.heat(fire{flux: flux, seconds: MostExposureSeconds})
}
