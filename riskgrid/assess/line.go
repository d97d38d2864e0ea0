package assess

import (
	"math"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

// metresPerKm turns a frequency per metre into one per kilometre.
const metresPerKm = 1000

// pipe is the tree of a pipe: per kilometre of a line, else over the length that
// is stated.
func (w *work) pipe(it *item) error {
	many, unit, per := term{it.many()}, perYear, data.PerSource
	switch {
	case it.underground() && isLine(w.shape):
		many = term{factor{float64(it.count), "pipelines side by side", ""}, factor{metresPerKm, "m per km", ""}}
		unit, per = perKmYear, data.PerKm
	case it.vessel.LengthM > 0:
		many = with(many, factor{it.vessel.LengthM, "m of pipe", ""})
	default:
		return &data.Invalid{Field: "length_m", Value: "none", Want: "the length of the pipe in m, over 0: the source is no line along it"}
	}
	rupture, ok := it.failure("rupture")
	if !ok {
		all, ok := it.failure("all")
		if !ok {
			return &data.Invalid{Field: "kind", Value: it.kind, Want: "a pipe with known ruptures"}
		}
		many = with(many, w.rule("rupture_share", "full ruptures"))
		rupture = all
	}
	if it.underground() && w.compressed(it) {
		return w.gasMain(it, rupture, many, unit, per)
	}
	if err := w.broken(it, rupture, many, 1, unit, per); err != nil {
		return err
	}
	leak, ok := it.failure("leak")
	if !ok {
		return nil
	}
	share := w.rules.value("pipe_leak_share")
	if it.vessel.PipeMm > 0 {
		share = math.Min(share, w.rules.value("pipe_leak_most")*1000/it.vessel.PipeMm)
	}
	return w.broken(it, leak, many, share, unit, per)
}

// gasMain is the fire at a rupture of a pipe of natural gas.
func (w *work) gasMain(it *item, rupture factor, many term, unit string, per data.Per) error {
	if s := it.substance.Key; s != "natural_gas" && s != "methane" {
		return &data.Invalid{Field: "substance", Value: s, Want: "natural_gas or methane: the model of a gas pipeline holds for them", Allowed: []string{"natural_gas", "methane"}}
	}
	if it.vessel.PipeMm == 0 {
		return &data.Invalid{Field: "pipe_diameter_mm", Value: "none", Want: "the diameter of the pipeline, 50 to 1500 mm"}
	}
	pa, err := w.gauge(it)
	if err != nil {
		return err
	}
	r, err := w.result("gas pipe", it.substance, consequence.GasPipeFire{DiameterMM: it.vessel.PipeMm, PressurePa: pa}, it.vessel.PipeMm, pa)
	if err != nil {
		return err
	}
	rate := it.vessel.ReleaseKgS
	limits := []string{"leaks of gas pipelines are not counted: their jet fires are not modelled"}
	if rate == 0 {
		if rate, err = w.outflow(it, it.vessel.PipeMm/1000); err != nil {
			return err
		}
		limits = append(limits, "the ignition is that of the flow through the open pipe")
	}
	direct, err := w.ignition(it.substance, rate)
	if err != nil {
		return err
	}
	return w.add(r, sum(unit, with(many, rupture, direct)), per, source{it: it, limits: limits})
}

// broken is a pipe that opens over a share of its diameter.
func (w *work) broken(it *item, f factor, many term, share float64, unit string, per data.Per) error {
	rate := it.vessel.ReleaseKgS * share * share
	if rate == 0 {
		if it.vessel.PipeMm == 0 {
			return &data.Invalid{Field: "release_kg_s", Value: "none", Want: "the rate of a rupture, over 0 to 10000 kg/s, or pipe_diameter_mm and pressure_mpa"}
		}
		var err error
		if rate, err = w.outflow(it, it.vessel.PipeMm/1000*share); err != nil {
			return err
		}
	}
	seconds := it.vessel.ReleaseS
	if seconds == 0 {
		seconds = w.rules.value("release_time")
	}
	s := it.substance
	switch {
	case s.Toxic != nil:
		return w.plume(it, rate, seconds, sum(unit, with(many, f)), per)
	case w.liquid(s) && share == 1:
		return w.spill(it, rate*seconds, []factor{f}, many, unit, per)
	case w.liquid(s):
		return w.fedPool(it, rate, f, many, unit, per)
	}
	direct, err := w.ignition(s, rate)
	if err != nil {
		return err
	}
	fed := []term{with(many, f, not(direct))}
	return w.cloudFires(it, rate, 0, fed, fed, unit, per)
}

// road is a tanker on a road: accidents per vehicle and kilometre, those that
// release, and of what burns those that ignite.
func (w *work) road(it *item) error {
	v := it.vessel
	switch {
	case v.TripsYear == 0:
		return &data.Invalid{Field: "trips_per_year", Value: "none", Want: "how many such tankers pass a year, over 0: the source is a road"}
	case !isLine(w.shape):
		return &data.Invalid{Field: "trips_per_year", Value: number(v.TripsYear), Want: "a source that is a line: trips count along a road"}
	}
	released := term{w.rule("road_accident", "accidents per vehicle and km"), factor{v.TripsYear * float64(it.count), "vehicles a year", ""}, w.rule("road_release", "release")}
	s := it.substance
	seconds := w.rules.value("release_time")
	if s.Toxic != nil {
		rate := it.massKg / seconds
		limits := []string{puffLimit}
		if it.kind == "road_tanker_atmospheric" {
			return &data.Invalid{Field: "kind", Value: it.kind, Want: "road_tanker_pressurised: " + s.Key + " is carried under pressure"}
		}
		return w.plume(it, rate, seconds, sum(perKmYear, released), data.PerKm, limits...)
	}
	ignited := sum(perKmYear, with(released, w.rule("road_ignition", "ignition")))
	kind, of := "fireball", it.massKg
	var m consequence.Model = consequence.Fireball{MassKg: it.massKg}
	limits := []string{"every release is of the whole tanker"}
	switch {
	case w.liquid(s):
		kind, of = "pool", w.pool(it, it.massKg)
		m = consequence.PoolFire{Substance: s, DiameterMetres: of}
	case !w.boils(s) || s.Heat == nil:
		return &data.Invalid{Field: "substance", Value: s.Key, Want: "a substance that burns or is toxic by the table of substances"}
	}
	r, err := w.result(kind, s, m, of)
	if err != nil {
		return err
	}
	return w.add(r, ignited, data.PerKm, source{it: it, limits: limits})
}
