package assess

import (
	"math"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

// liquidVessel is the tree of a flammable liquid: a pool fire where the spill
// ignites, an explosion of its vapour where that is late; a leak burns as a pool
// as wide as it feeds.
func (w *work) liquidVessel(it *item) error {
	var spills []factor
	for _, key := range []string{"instantaneous", "ten_minutes"} {
		if f, ok := it.failure(key); ok {
			spills = append(spills, f)
		}
	}
	if err := w.spill(it, it.massKg, spills, term{it.many()}, perYear, data.PerSource); err != nil {
		return err
	}
	leak, ok := it.failure("hole_10mm")
	if !ok {
		return nil
	}
	rate := it.vessel.ReleaseKgS
	if rate == 0 {
		var err error
		if rate, err = w.outflow(it, w.rules.value("hole_diameter")); err != nil {
			return err
		}
	}
	return w.fedPool(it, rate, leak, term{it.many()}, perYear, data.PerSource)
}

// spill is the release of a mass of liquid at once.
func (w *work) spill(it *item, massKg float64, fails []factor, many term, unit string, per data.Per) error {
	diameter := w.pool(it, massKg)
	direct, err := w.ignition(it.substance, massKg/w.rules.value("release_time"))
	if err != nil {
		return err
	}
	r, err := w.result("pool", it.substance, consequence.PoolFire{Substance: it.substance, DiameterMetres: diameter}, diameter)
	if err != nil {
		return err
	}
	burning, exploding := w.late(it, fails, many, direct)
	src := source{it: it, inputs: map[string]any{"spilled_kg": rounded(massKg)}}
	if err := w.add(r, sum(unit, burning...), per, src); err != nil {
		return err
	}
	fuel := math.Min(massKg, w.rules.value("evaporation_rate")*w.rules.value("evaporation_time")*math.Pi/4*diameter*diameter)
	if it.substance.LFL == nil || fuel < 1 {
		return nil
	}
	if r, err = (consequence.VapourCloud{FuelKg: fuel, Substance: it.substance}).Result(); err != nil {
		return err
	}
	src.limits = []string{"the cloud is what a pool of " + number(diameter) + " m evaporates in " + number(w.rules.value("evaporation_time")) + " s (" + w.rules.Numbers["evaporation_rate"].Source + ")"}
	return w.add(r, sum(unit, exploding...), per, src)
}

// late are the terms of a spill that burns, at once or after a flash, and of one
// that explodes.
func (w *work) late(it *item, fails []factor, many term, direct factor) (burning, exploding []term) {
	delayed := w.rule("delayed_ignition_liquid", "delayed ignition")
	if it.substance.LFL == nil || direct.value == w.rules.value("ignition_slow_liquid") {
		delayed.value = 0
	}
	explosion := w.rule("explosion_share", "explosion")
	for _, f := range fails {
		burning = append(burning, with(many, f, direct), with(many, f, not(direct), delayed, rest(explosion, "flash fire")))
		exploding = append(exploding, with(many, f, not(direct), delayed, explosion))
	}
	return burning, exploding
}

// with extends a term by factors.
func with(t term, more ...factor) term { return append(append(term(nil), t...), more...) }

// pool is the diameter of the pool that a mass of liquid makes, metres: what it
// spreads to, no more than the bund, or without one than the greatest pool.
func (w *work) pool(it *item, massKg float64) float64 {
	area := math.Inf(1)
	if s := it.substance; s.LiquidDensity != nil {
		area = massKg / s.LiquidDensity.Value / w.rules.value("spill_thickness")
	}
	if it.vessel.BundM > 0 {
		return math.Min(it.vessel.BundM, math.Sqrt(4*area/math.Pi))
	}
	return math.Sqrt(4 * math.Min(area, w.rules.value("spill_area")) / math.Pi)
}

// fedPool is a leak whose pool grows until it burns as fast as it is fed.
func (w *work) fedPool(it *item, kgPerS float64, leak factor, many term, unit string, per data.Per) error {
	if it.substance.Burning == nil {
		return nil
	}
	diameter := math.Sqrt(4 * kgPerS / (math.Pi * it.substance.Burning.Value))
	if it.vessel.BundM > 0 {
		diameter = math.Min(diameter, it.vessel.BundM)
	}
	diameter = math.Min(diameter, math.Sqrt(4*w.rules.value("spill_area")/math.Pi))
	if diameter < 0.5 {
		w.note("%s: a leak of %s kg/s feeds a pool under 0.5 m: left out", it.label(), number(kgPerS))
		return nil
	}
	direct, err := w.ignition(it.substance, kgPerS)
	if err != nil {
		return err
	}
	r, err := w.result("pool", it.substance, consequence.PoolFire{Substance: it.substance, DiameterMetres: diameter}, diameter)
	if err != nil {
		return err
	}
	burning, _ := w.late(it, []factor{leak}, many, direct)
	return w.add(r, sum(unit, burning...), per, source{it: it, inputs: map[string]any{"release_kg_s": rounded(kgPerS)},
		limits: []string{"the pool is as wide as burns what the leak feeds"}})
}

// gasVessel is the tree of a flammable gas under pressure: a fireball where all
// of it ignites at once; else flash fires and explosions, of all of it and of the
// clouds that a release in ten minutes and a leak keep up.
func (w *work) gasVessel(it *item) error {
	release := it.massKg / w.rules.value("release_time")
	many := term{it.many()}
	var lasting []term // what feeds the cloud of a release in ten minutes
	if f, ok := it.failure("instantaneous"); ok {
		direct, err := w.ignition(it.substance, it.massKg/100)
		if err != nil {
			return err
		}
		direct.what += ", taken for all at once by a hundredth of the mass per second"
		if err := w.atOnce(it, f, direct, many); err != nil {
			return err
		}
		lasting = append(lasting, with(many, f, not(direct)))
	}
	var explode []term
	if f, ok := it.failure("ten_minutes"); ok {
		direct, err := w.ignition(it.substance, release)
		if err != nil {
			return err
		}
		lasting = append(lasting, with(many, f, not(direct)))
		explode = append(explode, with(many, f, not(direct)))
	}
	if err := w.cloudFires(it, release, it.massKg, lasting, explode, perYear, data.PerSource); err != nil {
		return err
	}
	f, ok := it.failure("hole_10mm")
	if !ok {
		return nil
	}
	rate := it.vessel.ReleaseKgS
	if rate == 0 {
		var err error
		if rate, err = w.outflow(it, w.rules.value("hole_diameter")); err != nil {
			return err
		}
	}
	direct, err := w.ignition(it.substance, rate)
	if err != nil {
		return err
	}
	leak := []term{with(many, f, not(direct))}
	return w.cloudFires(it, rate, it.massKg, leak, leak, perYear, data.PerSource)
}

// atOnce is the fireball of all of a vessel, and its explosion where it ignites
// late.
func (w *work) atOnce(it *item, f, direct factor, many term) error {
	r, err := w.result("fireball", it.substance, consequence.Fireball{MassKg: it.massKg}, it.massKg)
	if err != nil {
		return err
	}
	src := source{it: it}
	if w.compressed(it) {
		src.limits = []string{"compressed gas as the fireball of its mass"}
	}
	if err := w.add(r, sum(perYear, with(many, f, direct)), data.PerSource, src); err != nil {
		return err
	}
	if r, err = (consequence.VapourCloud{FuelKg: it.massKg, Substance: it.substance}).Result(); err != nil {
		return err
	}
	return w.add(r, sum(perYear, with(many, f, not(direct), w.rule("delayed_ignition_gas", "delayed ignition"), w.rule("explosion_share", "explosion"))), data.PerSource, src)
}

// jetLimit is said of every cloud of gas that may burn at its source.
const jetLimit = "jet fires are not modelled: a lasting release that ignites at once is not counted"

// cloudFires are the flash fire and the explosion of the cloud that a lasting
// release keeps up, over the city's weather.
func (w *work) cloudFires(it *item, kgPerS, massKg float64, flash, explode []term, unit string, per data.Per) error {
	if len(flash) == 0 || it.substance.LFL == nil || it.substance.MolarMass == nil {
		return nil
	}
	climate, err := w.weather()
	if err != nil {
		return err
	}
	release := consequence.Release{Substance: it.substance, KgPerS: kgPerS, Terrain: w.terrain}
	r, err := w.result("flash", it.substance, consequence.RoseFlashFire{Release: release, Climate: climate}, kgPerS)
	if err != nil {
		return err
	}
	delayed := w.rule("delayed_ignition_gas", "delayed ignition")
	explosion := w.rule("explosion_share", "explosion")
	src := source{it: it, inputs: map[string]any{"release_kg_s": rounded(kgPerS)}, limits: []string{jetLimit}}
	if err := w.add(r, sum(unit, each(flash, delayed, rest(explosion, "flash fire"))...), per, src); err != nil {
		return err
	}
	metres, _ := r.Radius(consequence.EffectLethality, 0.5)
	wind := math.Inf(1)
	for _, c := range climate.Weather {
		wind = math.Min(wind, c.WindMPerS)
	}
	fuel := kgPerS * metres / wind
	if massKg > 0 {
		fuel = math.Min(fuel, massKg)
	}
	if fuel < 1 || len(explode) == 0 {
		return nil
	}
	if r, err = (consequence.VapourCloud{FuelKg: fuel, Substance: it.substance}).Result(); err != nil {
		return err
	}
	src.limits = []string{jetLimit, "the cloud is what the release gives while the slowest wind, " + number(wind) + " m/s, goes to the lower flammable limit, " + number(metres) + " m"}
	return w.add(r, sum(unit, each(explode, delayed, explosion)...), per, src)
}

// each extends every term by factors.
func each(terms []term, more ...factor) []term {
	out := make([]term, len(terms))
	for i, t := range terms {
		out[i] = with(t, more...)
	}
	return out
}
