package assess

import (
	"math"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

// puffLimit is said where all of a vessel escapes.
const puffLimit = "a release at once is taken as one in ten minutes: a puff is not modelled"

// toxicFireLimit is said of gases that burn as well.
const toxicFireLimit = "only the toxic effect is derived: fire and explosion of this gas are not"

// toxicVessel is the tree of a toxic gas: the plume of a release in ten minutes
// and of a leak, over the city's weather.
func (w *work) toxicVessel(it *item) error {
	seconds := w.rules.value("release_time")
	rate := it.massKg / seconds
	limits := []string{puffLimit}
	if it.kind == "atmospheric_tank" || it.kind == "road_tanker_atmospheric" {
		// It boils off a pool: how fast, only the record can say.
		if it.vessel.ReleaseKgS == 0 {
			return &data.Invalid{Field: "release_kg_s", Value: "none", Want: "the rate at which spilt " + it.substance.Key + " evaporates, over 0 to 10000 kg/s: it is not under pressure"}
		}
		rate, limits = it.vessel.ReleaseKgS, []string{"the spill evaporates at the rate stated"}
		seconds = it.vessel.ReleaseS
		if seconds == 0 {
			seconds = it.massKg / rate
		}
	}
	var whole []term
	for _, key := range []string{"instantaneous", "ten_minutes"} {
		if f, ok := it.failure(key); ok {
			whole = append(whole, term{it.many(), f})
		}
	}
	if err := w.plume(it, rate, seconds, sum(perYear, whole...), data.PerSource, limits...); err != nil {
		return err
	}
	f, ok := it.failure("hole_10mm")
	if !ok || it.kind == "atmospheric_tank" {
		return nil
	}
	leak := it.vessel.ReleaseKgS
	if leak == 0 {
		var err error
		if leak, err = w.outflow(it, w.rules.value("hole_diameter")); err != nil {
			return err
		}
	}
	lasts := it.vessel.ReleaseS
	if lasts == 0 {
		lasts = it.massKg / leak
	}
	return w.plume(it, leak, lasts, sum(perYear, term{it.many(), f}), data.PerSource)
}

// mostExposure is the time to which probits count, minutes.
const mostExposure = 30

// plume is one toxic release over the city's weather.
func (w *work) plume(it *item, kgPerS, seconds float64, f chance, per data.Per, limits ...string) error {
	climate, err := w.weather()
	if err != nil {
		return err
	}
	minutes := math.Min(seconds/60, mostExposure)
	release := consequence.Release{Substance: it.substance, KgPerS: kgPerS, ExposureMinutes: minutes, Terrain: w.terrain}
	r, err := w.result("toxic", it.substance, consequence.RosePlume{Release: release, Climate: climate}, kgPerS, minutes)
	if err != nil {
		return err
	}
	if it.substance.LFL != nil {
		limits = append(limits, toxicFireLimit)
	}
	return w.add(r, f, per, source{it: it, inputs: map[string]any{"release_kg_s": rounded(kgPerS), "release_s": rounded(seconds)}, limits: limits})
}
