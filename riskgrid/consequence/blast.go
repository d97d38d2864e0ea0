package consequence

import (
	"math"
	"slices"
)

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

// TNTMJPerKg is the blast energy of TNT (range in use 4.184 to 4.686 MJ/kg).
const TNTMJPerKg = 4.52

// Limits of the models of explosions.
const (
	leastTNTKg = 0.01
	mostTNTKg  = 5e6
	stepKPa    = 30 // Purple Book CPR 18E 5.2: lethality 1
	indoorKPa  = 10 // Purple Book CPR 18E 5.2: 0.025 indoors, in societal risk only
)

const (
	swisdak = "Swisdak 1994, fit of Kingery and Bulmash, hemispherical surface burst"
	purple  = "Purple Book CPR 18E 5.2"
)

// TNTKg is the mass of TNT with the blast of a fuel: yield x mass x heat of
// combustion / TNTMJPerKg (CCPS CHEF).
func TNTKg(fuelKg, heatMJPerKg, yield float64) float64 {
	return yield * fuelKg * heatMJPerKg / TNTMJPerKg
}

// Result computes the blast.
func (b Blast) Result() (*Result, error) {
	var c check
	c.within("tnt_kg", b.TNTKg, leastTNTKg, mostTNTKg, "kg of TNT")
	c.rule(&b.Rule)
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "blast_tnt", Outcome: condensed}
	return r.blast(b.TNTKg, b.Rule)
}

// Result computes the explosion.
func (v VapourCloud) Result() (*Result, error) {
	var c check
	c.within("fuel_kg", v.FuelKg, 1, 5e7, "kg of fuel in the cloud")
	c.heat(&v.HeatMJPerKg, v.Substance, 5, 150)
	c.orElse("yield", &v.Yield, 0.04, 0.02, 0.15, "of the heat of combustion")
	c.rule(&v.Rule)
	w := TNTKg(v.FuelKg, v.HeatMJPerKg, v.Yield)
	c.within("fuel_kg as TNT", w, leastTNTKg, mostTNTKg, "kg of TNT")
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "vce_tnt", Outcome: vapourCloud}
	r.fuel(v.FuelKg, v.HeatMJPerKg, v.Yield)
	r.Limits = append(r.Limits, "TNT equivalence: the cloud's centre is the source's place, and congestion enters by the yield alone; near field (over 100 kPa) is overestimated")
	r.Sources = append(r.Sources, "CCPS CHEF, TNT equivalence")
	return r.blast(w, v.Rule)
}

// Result computes the explosion.
func (d DustExplosion) Result() (*Result, error) {
	var c check
	c.within("dust_kg", d.DustKg, 0.1, 1e6, "kg of dust in suspension")
	c.heat(&d.HeatMJPerKg, d.Substance, 5, 50)
	c.orElse("yield", &d.Yield, 0.04, 0.01, 0.04, "of the heat of combustion")
	w := TNTKg(d.DustKg, d.HeatMJPerKg, d.Yield)
	c.within("dust_kg as TNT", w, leastTNTKg, mostTNTKg, "kg of TNT")
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "dust_tnt", Outcome: dust}
	r.fuel(d.DustKg, d.HeatMJPerKg, d.Yield)
	r.Limits = append(r.Limits, "dust as TNT is a convention: no standard closed form holds outside the building, so only the step radius is used")
	r.Sources = append(r.Sources, "convention of this project: 0.01 to 0.04 of the dust's heat of combustion as TNT")
	return r.blast(w, RuleStep)
}

func (c *check) rule(rule *Rule) {
	switch *rule {
	case "":
		*rule = RuleStep
	case RuleStep, RuleLungEisenberg, RuleLungHSE, RuleCollapse:
	default:
		c.fail("rule", string(*rule), "one of", string(RuleStep), string(RuleLungEisenberg), string(RuleLungHSE), string(RuleCollapse))
	}
}

func (r *Result) fuel(kg, heat, yield float64) {
	r.in("mass", kg, "kg")
	r.in("heat_of_combustion", heat, "MJ/kg")
	r.in("yield", yield, "1")
	r.in("tnt_energy", TNTMJPerKg, "MJ/kg")
}

// lethality is the rule's, at an overpressure in Pa and an impulse in Pa s.
func (rule Rule) lethality(pa, paS float64) float64 {
	switch rule {
	case RuleLungEisenberg:
		return LungEisenberg.Chance(pa)
	case RuleLungHSE:
		return LungHSE.Chance(pa / 1e5)
	case RuleCollapse:
		return Chance(Collapse(pa, paS))
	}
	if pa >= stepKPa*1e3 {
		return 1
	}
	return 0
}

// blast fills in what a mass of TNT on the ground does.
func (r *Result) blast(tntKg float64, rule Rule) (*Result, error) {
	scale := math.Cbrt(tntKg)
	v := func(metres float64) float64 {
		z := metres / scale
		if z < nearestZ {
			return 1
		}
		// The impulse has a hollow nearer than its first joint; what holds further
		// out holds there too.
		impulse := max(ScaledImpulse(z), ScaledImpulse(max(z, impulseBands[0].to)))
		return rule.lethality(PeakKPa(z)*1e3, impulse*scale)
	}
	r.inverse = map[string]func(float64) (float64, bool){
		EffectOverpressure: func(kPa float64) (float64, bool) {
			z, ok := peakZ(kPa)
			return z * scale, ok
		},
		EffectLethality: func(lethality float64) (float64, bool) {
			if rule == RuleStep {
				z, ok := peakZ(stepKPa)
				return z * scale, ok
			}
			metres, ok := last(v, nearestZ*scale, furthestZ*scale, lethality)
			if !ok {
				metres = nearestZ * scale // inside it everyone is taken as dead
			}
			return metres, true
		},
	}
	if len(r.Inputs) == 0 {
		r.in("tnt", tntKg, "kg")
	}
	r.out("tnt", tntKg, "kg")
	r.reach(EffectLethality, 0.5, Cut)
	r.reach(EffectOverpressure, 100, stepKPa, 20, 16, indoorKPa, 7, 5, 2)
	r.Limits = append(r.Limits,
		"charge on open level ground, no shielding, no fragments",
		"fit for 0.2 to 198.5 m/kg^(1/3): nearer everyone is taken as dead, further there is no pressure")
	r.Sources = append(r.Sources, swisdak)
	end, _ := r.inverse[EffectLethality](Cut)
	var err error
	if rule == RuleStep {
		r.Sources = append(r.Sources, purple+": lethality 1 from 30 kPa, 0 below outdoors")
		r.Footprint, err = tabulate(v, end, end)
	} else {
		r.Sources = append(r.Sources, "probit "+string(rule)+": "+rule.source())
		r.Footprint, err = tabulate(v, nearestZ*scale, end, jointMetres(scale)...)
	}
	return r, err
}

// jointMetres are the distances where the pieces of the fits meet, and step, for
// a charge of the cube of scale in kg.
func jointMetres(scale float64) []float64 {
	var out []float64
	for _, bands := range [][]band{peakBands[:], impulseBands[:]} {
		for _, b := range bands {
			out = append(out, b.to*scale)
		}
	}
	slices.Sort(out)
	return out
}

func (rule Rule) source() string {
	switch rule {
	case RuleLungEisenberg:
		return LungEisenberg.Source
	case RuleLungHSE:
		return LungHSE.Source
	}
	return "TNO Green Book, by " + hyram
}
