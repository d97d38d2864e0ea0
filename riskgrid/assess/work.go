package assess

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

// work gathers the scenarios of one record.
type work struct {
	*Library
	shape       orb.Geometry
	scenarios   []data.Scenario
	derivations []data.Derivation
	notes       []string
}

// all derives everything that the inventory of an industry's source gives.
func (w *work) all(d *data.Detail, slug string) error {
	if err := w.dam(d); err != nil {
		return err
	}
	items, notes, err := w.items(d)
	if err != nil {
		return err
	}
	w.notes = append(w.notes, notes...)
	if err := w.explosives(d, items); err != nil {
		return err
	}
	if err := w.dust(d, items, slug == "dust-explosion"); err != nil {
		return err
	}
	for _, it := range items {
		if it.substance.TNT != nil || it.substance.Dust {
			continue
		}
		if err := w.vessel(it); err != nil {
			if it.assumed != "" { // a bare list of amounts may name more than models know
				w.note("%s: %s", it.label(), err)
				continue
			}
			return within(it.at, err)
		}
	}
	return nil
}

func (w *work) note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

// vessel takes the event tree of an item by what its substance does.
func (w *work) vessel(it *item) error {
	s := it.substance
	line := isLine(w.shape)
	switch {
	case it.tanker() && (line || it.vessel.TripsYear > 0):
		return w.road(it)
	case it.pipe():
		return w.pipe(it)
	case s.Toxic != nil:
		return w.toxicVessel(it)
	case w.liquid(s):
		return w.liquidVessel(it)
	case w.boils(s) && s.Heat != nil:
		return w.gasVessel(it)
	}
	return &data.Invalid{Field: "substance", Value: s.Key, Want: "a substance that burns, explodes or is toxic by the table of substances"}
}

// source is where a scenario comes from beside its model.
type source struct {
	it     *item
	inputs map[string]any
	limits []string
}

// add takes a model's result with its frequency. A footprint of nothing is not a
// scenario.
func (w *work) add(r *consequence.Result, f chance, per data.Per, src source) error {
	if r.Footprint.Reach() == 0 && r.Footprint.Kind != data.Zone || f.perYear == 0 {
		return nil
	}
	unit := perYear
	if per == data.PerKm {
		unit = perKmYear
	}
	if err := checkFrequency(f.perYear, unit); err != nil {
		return err
	}
	limits := append([]string(nil), src.limits...)
	if src.it != nil && src.it.assumed != "" {
		limits = append(limits, src.it.assumed)
	}
	if r.Footprint.Kind != data.Zone {
		switch w.shape.(type) {
		case orb.Polygon, orb.MultiPolygon:
			limits = append(limits, "where on the site it happens is not known: distance counts from the site's edge, and is 0 on it")
		}
	}
	limits = append(limits, r.Limits...)
	if r.Footprint.Reach() >= data.MaxReachMetres {
		limits = append(limits, "the effect reaches further than 20 km and is cut there")
	}
	d := data.Derivation{Scenario: len(w.scenarios), Outcome: r.Outcome.String(), Model: r.Model,
		Inputs: map[string]any{}, Values: map[string]any{}, Frequency: f.text, Limits: limits, Sources: r.Sources}
	if it := src.it; it != nil {
		d.Inputs["substance"], d.Inputs["equipment"], d.Inputs["count"] = it.substance.Key, it.kind, float64(it.count)
		if it.massKg > 0 {
			d.Inputs["amount_each_kg"] = rounded(it.massKg)
		}
	}
	for name, v := range src.inputs {
		d.Inputs[name] = v
	}
	quantities(d.Inputs, r.Inputs)
	quantities(d.Values, r.Values)
	reaches(d.Values, r.Reaches)
	w.scenarios = append(w.scenarios, data.Scenario{Outcome: r.Outcome, Basis: data.QRA, Per: per, PerYear: f.perYear, Footprint: r.Footprint})
	w.derivations = append(w.derivations, d)
	return nil
}

// suffixes end the names of numbers in a derivation, by unit.
var suffixes = map[string]string{"1": "", "people": "", "lethality": "", "kg": "_kg", "m": "_m", "kg/s": "_kg_s", "MJ/kg": "_mj_kg", "kW/m2": "_kw_m2",
	"W": "_w", "s": "_s", "min": "_min", "h": "_h", "Pa": "_pa", "kPa": "_kpa", "mm": "_mm", "kg/(m2 s)": "_kg_m2_s", "mg/m3": "_mg_m3",
	"mg/m3 at 20 C": "_mg_m3", "% by volume": "_percent", "share of time": "_share", "m/s": "_m_s", "degrees clockwise from north": "_deg"}

// quantities names numbers with their units.
func quantities(to map[string]any, list []consequence.Quantity) {
	for _, q := range list {
		if q.Unit == "yes" {
			to[q.Name] = q.Value != 0
			continue
		}
		suffix, ok := suffixes[q.Unit]
		if !ok {
			suffix = "_" + strings.Map(plain, q.Unit)
		}
		to[q.Name+suffix] = rounded(q.Value)
	}
}

func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}

// reaches names distances: r01_m and r50_m for lethality, else by the effect.
func reaches(to map[string]any, list []consequence.Reach) {
	for _, x := range list {
		name := x.Effect + "_" + number(x.Value) + suffixes[x.Unit] + "_m"
		if x.Effect == consequence.EffectLethality {
			name = fmt.Sprintf("r%02.0f_m", x.Value*100)
		}
		to[name] = rounded(x.Metres)
	}
}
