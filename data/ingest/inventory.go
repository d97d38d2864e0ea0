package ingest

import (
	"encoding/json"
	"errors"
	"strings"

	"riskatlas/data"
)

// inventory reads what is on a site: vessels, explosives, dust and the ground
// under a dam, and the flat columns that name one substance.
func (b *builder) inventory(d *data.Detail) {
	if text, _ := b.value(fieldVessels); text != "" {
		if err := strictly("vessels", text, "a JSON list of {substance, kind, count, amount_kg or volume_m3}", &d.Vessels); err != nil {
			b.rejectError("inventory_invalid", "vessels", err)
		}
	}
	if text, _ := b.value(fieldDerivations); text != "" {
		if err := decode("derivations", text, "a JSON list of derivations", &d.Derivations); err != nil {
			b.warn("derivations_unreadable", "derivations", text, "a JSON list as an export writes it; it was left out")
			d.Derivations = nil
		}
	}
	b.flood(d)
	d.NetExplosiveKg = b.amount(fieldNetExplosive, "kilograms of TNT, over 0")
	if kg := b.amount(fieldDustMass, "kilograms of dust in suspension, over 0"); kg > 0 {
		indicator(d, "dust_mass_kg", kg)
	}
	if text, _ := b.value(fieldDustType); text != "" {
		indicator(d, "dust_type", text)
	}
	b.flat(d)
}

// strictly decodes what derivation reads: a misspelt member would be a number
// that is silently missing.
func strictly(field, text, want string, v any) error {
	if err := decode(field, text, want, v); err != nil {
		return err
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return &data.Invalid{Field: field, Value: strings.TrimPrefix(err.Error(), "json: "), Want: want}
	}
	return nil
}

func indicator(d *data.Detail, name string, value any) {
	if d.Indicators == nil {
		d.Indicators = map[string]any{}
	}
	d.Indicators[name] = value
}

// flat reads the columns that say one substance with its greatest amount and the
// vessel that holds it.
func (b *builder) flat(d *data.Detail) {
	name, _ := b.value(fieldSubstance)
	cas, _ := b.value(fieldCAS)
	tonnes := b.amount(fieldMaxT, "tonnes, over 0")
	volume := b.amount(fieldVesselVolume, "cubic metres, over 0")
	count := b.amount(fieldVesselCount, "how many vessels, a whole number over 0")
	kind, _ := b.value(fieldVesselKind)
	bund := b.amount(fieldBund, "metres, over 0")
	if name == "" {
		name = cas
	}
	if name == "" {
		if tonnes > 0 || volume > 0 {
			b.warn("substance_missing", "substance", "", "the substance that the amount is of; the amount was left out")
		}
		return
	}
	if tonnes > 0 {
		d.Substances = append(d.Substances, data.Substance{Name: name, CAS: cas, MaxT: tonnes})
	}
	if volume == 0 && count == 0 && kind == "" && bund == 0 {
		return
	}
	v := data.Vessel{Substance: name, VolumeM3: volume, Count: int(count), BundM: bund}
	if count != float64(v.Count) {
		b.reject("number_range", "vessel_count", b.row.values[fieldVesselCount], "a whole number")
	}
	if v.VolumeM3 == 0 {
		v.AmountKg = tonnes * 1000 / max(count, 1) // the whole amount is theirs
	}
	if v.AmountKg == 0 && v.VolumeM3 == 0 {
		b.warn("amount_missing", "vessel_volume_m3", "", "the volume of a vessel or max_t; the vessel was left out")
		return
	}
	if kind != "" {
		known, ok := vesselWords[strings.ToLower(kind)]
		if !ok {
			b.warn("vessel_kind_unknown", "vessel_kind", kind, "one of: "+strings.Join(data.VesselKinds, ", ")+"; the kind was left out")
		}
		v.Kind = known
	}
	d.Vessels = append(d.Vessels, v)
}

// vesselWords are the kinds of vessel and the words that lists have for them.
var vesselWords = func() map[string]string {
	m := map[string]string{"压力容器": "pressure_vessel", "压力储罐": "pressure_vessel", "球罐": "pressure_vessel", "卧式压力罐": "pressure_vessel",
		"常压储罐": "atmospheric_tank", "固定顶罐": "atmospheric_tank", "拱顶罐": "atmospheric_tank", "浮顶罐": "atmospheric_tank", "内浮顶罐": "atmospheric_tank", "埋地油罐": "atmospheric_tank",
		"压力罐车": "road_tanker_pressurised", "常压罐车": "road_tanker_atmospheric", "管道": "pipe", "埋地管道": "underground_pipeline"}
	for _, k := range data.VesselKinds {
		m[k] = k
	}
	return m
}()

// amount reads a number over 0; 0 where the row gives none.
func (b *builder) amount(f field, want string) float64 {
	text, _ := b.value(f)
	if text == "" {
		return 0
	}
	v, err := parseNumber(text)
	if err != nil || v <= 0 {
		b.reject("number_range", b.table[f].name, text, want)
		return 0
	}
	return v
}

// flood reads the mapped flood of a dam, its ground brought to WGS 84.
func (b *builder) flood(d *data.Detail) {
	text, _ := b.value(fieldFlood)
	if text == "" {
		return
	}
	var f data.Flood
	err := strictly("flood", text, "a JSON object {geometry, people, warning_hours}", &f)
	if err == nil {
		ground, bad := f.Ground()
		if err = bad; err == nil {
			made := b.frame.convert(ground)
			err = checkValid(made)
			f.Geometry = data.AppendGeometry(nil, made)
		}
	}
	if err != nil {
		b.rejectError("inventory_invalid", "flood", err)
		return
	}
	d.Flood = &f
}

// derive gives the record its derived scenarios. That an inventory is not enough
// for them keeps no row out.
func (b *builder) derive(rec *data.Record) {
	if b.opts.Derive == nil {
		return
	}
	notes, err := b.opts.Derive(rec)
	for _, n := range notes {
		b.warn("inventory_in_part", "inventory", "", n)
	}
	var bad *data.Invalid
	switch {
	case errors.As(err, &bad):
		b.warn("not_assessed", bad.Field, bad.Value, want(bad)+"; no scenario was derived")
	case err != nil:
		b.warn("not_assessed", "inventory", "", err.Error()+"; no scenario was derived")
	}
}
