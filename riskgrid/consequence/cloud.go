package consequence

import (
	"math"

	"riskatlas/data"
)

// cloud is a plume in one weather, its axis along +x from the release.
type cloud struct {
	Release
	Weather
	sigma [2]spread
}

// mgPerM3 is the concentration at a place downwind and across, metres.
func (c *cloud) mgPerM3(x, y float64) float64 {
	if x <= 0 {
		return 0
	}
	x = max(x, 1)
	return 1e6 * Gaussian(c.KgPerS, c.WindMPerS, c.sigma[0].at(x), c.sigma[1].at(x), y, c.ReceiverMetres, c.HeightMetres)
}

// span is where the axis holds at least a concentration: from its first metre to
// its last, within the greatest reach.
func (c *cloud) span(mgPerM3 float64) (from, to float64, ok bool) {
	const steps = 400
	axis := func(x float64) float64 { return c.mgPerM3(x, 0) }
	step := func(i int) float64 { return math.Pow(data.MaxReachMetres, float64(i)/steps) } // 1 m to 20 km
	first, final := -1, -1
	for i := range steps + 1 {
		if axis(step(i)) >= mgPerM3 {
			if first < 0 {
				first = i
			}
			final = i
		}
	}
	if first < 0 {
		return 0, 0, false
	}
	if first > 0 {
		from, _ = last(func(x float64) float64 { return -axis(x) }, step(first-1), step(first), -mgPerM3)
	}
	to = data.MaxReachMetres
	if final < steps {
		to, _ = last(axis, step(final), step(final+1), mgPerM3)
	}
	return from, to, true
}

// half is half the width in metres of the ground with at least a concentration,
// at a distance downwind; 0 where the axis has less.
func (c *cloud) half(x, mgPerM3 float64) float64 {
	ratio := c.mgPerM3(max(x, 1), 0) / mgPerM3
	if !(ratio > 1) {
		return 0
	}
	return c.sigma[0].at(max(x, 1)) * math.Sqrt(2*math.Log(ratio))
}

// angle is the angle in degrees off the axis, up to 90, within which a distance
// from the release has at least a concentration; 0 where the axis has less.
func (c *cloud) angle(metres, mgPerM3 float64) float64 {
	at := func(deg float64) float64 {
		sin, cos := math.Sincos(deg * (math.Pi / 180))
		return c.mgPerM3(metres*cos, metres*sin)
	}
	deg, ok := last(at, 0, 90, mgPerM3)
	if !ok {
		return 0
	}
	return deg
}

// kill is the toxic lethality at a distance and an angle in degrees off the axis.
func (c *cloud) kill(metres, degrees float64) float64 {
	if degrees >= 90 {
		return 0
	}
	sin, cos := math.Sincos(degrees * (math.Pi / 180))
	metres = max(metres, 1)
	return c.Substance.Toxic.Lethality(c.mgPerM3(metres*cos, metres*sin), c.ExposureMinutes)
}

// fill sets the defaults of a release and checks it.
func (r *Release) fill(c *check, flammable bool) {
	if r.Substance == nil {
		c.fail("substance", "none", "a known substance")
		return
	}
	switch {
	case flammable && (r.Substance.LFL == nil || r.Substance.MolarMass == nil):
		c.fail("substance", r.Substance.Key, "a substance with a known lower flammable limit")
	case !flammable && r.Substance.Toxic == nil:
		c.fail("substance", r.Substance.Key, "a substance with a known toxic probit")
	}
	c.over("kg_per_s", r.KgPerS, 1e4, "kg/s")
	if !flammable {
		if r.ExposureMinutes == 0 {
			r.ExposureMinutes = 10
		}
		c.over("exposure_minutes", r.ExposureMinutes, 1440, "min, of which 30 count")
	}
	c.orElse("height_metres", &r.HeightMetres, 1, 0, 300, "m")
	c.orElse("receiver_metres", &r.ReceiverMetres, 1, 0, 50, "m")
}

// over asks for 0 < v <= hi.
func (c *check) over(field string, v, hi float64, unit string) {
	switch {
	case v == 0:
		c.fail(field, "none or 0", "over 0 and at most "+trim(hi)+" "+unit)
	case !(v > 0 && v <= hi):
		c.fail(field, v, "over 0 and at most "+trim(hi)+" "+unit)
	}
}

// cloud checks the weather and joins it with the release.
func (r Release) cloud(c *check, w Weather) *cloud {
	out := &cloud{Release: r, Weather: w, sigma: c.sigma(r.Terrain, w.Stability)}
	c.within("wind_m_per_s", w.WindMPerS, 1, 30, "m/s at 10 m; no plume model holds in calmer air")
	return out
}

// inputs lists a release among a result's inputs.
func (r *Result) release(x Release) {
	r.in("release_rate", x.KgPerS, "kg/s")
	if x.ExposureMinutes > 0 {
		r.in("exposure", x.ExposureMinutes, "min")
	}
	r.in("terrain_"+string(x.Terrain), 1, "yes")
	r.in("release_height", x.HeightMetres, "m")
	r.in("receiver_height", x.ReceiverMetres, "m")
	if t := x.Substance.Toxic; t != nil && x.ExposureMinutes > 0 {
		r.in(x.Substance.Key+"_probit_a", t.A, "1")
		r.in(x.Substance.Key+"_probit_b", t.B, "1")
		r.in(x.Substance.Key+"_probit_n", t.N, "1")
	}
	r.Limits = append(r.Limits,
		"passive gas: dense gas (chlorine, cold ammonia) spreads wider and lower than this; a heavy-gas program's result can be given as an external footprint",
		"Briggs "+string(x.Terrain)+" dispersion for 100 m to 10 km, flat ground, steady wind of at least 1 m/s; nearer than 1 m counts as 1 m, beyond 20 km is not followed",
	)
	r.Sources = append(r.Sources, "Gaussian plume with ground reflection, Briggs 1973 (CCPS 1999)")
}

// limit is the concentration of the lower flammable limit in mg/m3 at 20 C.
func (s *Substance) limit() float64 {
	return MgPerM3OfPPM(s.LFL.Value*1e4, s.MolarMass.Value)
}
