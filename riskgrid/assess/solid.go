package assess

import (
	"fmt"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

// explosives is the mass detonation of each store: of those that vessels state,
// else of the net explosive as one store, else of the greatest amounts.
func (w *work) explosives(d *data.Detail, items []*item) error {
	frequency := w.rule("explosives_store", "1/yr, mass detonation of a store")
	var loose float64 // kg of TNT of amounts without a store
	stores := 0
	for _, it := range items {
		s := it.substance
		if s.TNT == nil {
			continue
		}
		if it.assumed != "" {
			loose += it.massKg * s.TNT.Value
			continue
		}
		if it.massKg == 0 {
			return &data.Invalid{Field: it.at + "amount_kg", Value: "none", Want: "the explosive in each store, over 0 kg"}
		}
		stores++
		r, err := consequence.Blast{TNTKg: it.massKg * s.TNT.Value}.Result()
		if err != nil {
			return within(it.at, err)
		}
		src := source{it: it, inputs: map[string]any{"tnt_equivalent": s.TNT.Value}}
		if err := w.add(r, sum(perYear, term{factor{float64(it.count), "stores", ""}, frequency}), data.PerSource, src); err != nil {
			return err
		}
	}
	kg, what := d.NetExplosiveKg, "the net explosive is taken as one store"
	if kg == 0 {
		kg, what = loose, "no store is stated: the greatest amounts are taken as one, by their equivalents of TNT"
	}
	if kg == 0 || stores > 0 {
		if stores > 0 && kg > 0 {
			w.note("net_explosive_kg and amounts of explosives are not used: the stores in vessels say where they are")
		}
		return nil
	}
	r, err := consequence.Blast{TNTKg: kg}.Result()
	if err != nil {
		return within("net_explosive_kg as ", err)
	}
	return w.add(r, sum(perYear, term{frequency}), data.PerSource, source{limits: []string{what}})
}

// dustMass and dustType are the indicators of a plant with combustible dust.
const (
	dustMass = "dust_mass_kg" // in suspension
	dustType = "dust_type"    // a substance of the table
)

// dust is the explosion of the dust in suspension.
func (w *work) dust(d *data.Detail, items []*item, wanted bool) error {
	var of *consequence.Substance
	for _, it := range items {
		if it.substance.Dust {
			of = it.substance
		}
	}
	if name, ok := d.Indicators[dustType]; ok {
		s, err := w.substances.Find(fmt.Sprint(name))
		if err != nil {
			return within("indicators."+dustType+" as ", err)
		}
		of = s
	}
	kg, ok := d.Indicators[dustMass].(float64)
	if d.Indicators[dustMass] == nil {
		if of != nil && wanted {
			return &data.Invalid{Field: "indicators." + dustMass, Value: "none", Want: "the dust in suspension, 0.1 to 1000000 kg"}
		}
		return nil
	}
	if !ok {
		return &data.Invalid{Field: "indicators." + dustMass, Value: fmt.Sprint(d.Indicators[dustMass]), Want: "a number of kg, 0.1 to 1000000"}
	}
	if of == nil || !of.Dust {
		return &data.Invalid{Field: "indicators." + dustType, Value: fmt.Sprint(d.Indicators[dustType]), Want: "a dust, one of", Allowed: w.dusts()}
	}
	r, err := consequence.DustExplosion{DustKg: kg, Substance: of}.Result()
	if err != nil {
		return within("indicators."+dustMass+" as ", err)
	}
	return w.add(r, sum(perYear, term{w.rule("dust_explosion", "1/yr, explosion of dust in a plant")}), data.PerSource,
		source{inputs: map[string]any{"substance": of.Key}})
}

func (l *Library) dusts() (keys []string) {
	for _, s := range l.substances.All() {
		if s.Dust {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// dam is the breach of a dam over its mapped flood.
func (w *work) dam(d *data.Detail) error {
	if d.Flood == nil {
		return nil
	}
	ground, err := d.Flood.Ground()
	if err != nil {
		return err
	}
	e, err := w.frequencies.Equipment("dam_china")
	if err != nil {
		return err
	}
	f, err := e.Failure("breach")
	if err != nil {
		return err
	}
	r, err := consequence.DamFlood{Flooded: ground, People: d.Flood.People, WarningHours: d.Flood.WarningHours, Forceful: d.Flood.Forceful, SkirtMetres: d.Flood.SkirtM}.Result()
	if err != nil {
		return within("flood.", err)
	}
	return w.add(r, sum(perYear, term{factor{f.Value, f.Unit + ", " + e.NameEn + ", breach", f.Source}}), data.PerSource, source{})
}
