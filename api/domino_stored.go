package api

import (
	"context"
	"encoding/json"
	"strconv"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
	"riskatlas/tiles"
)

// storedReach finds how far a stored source meets a criterion: by how its
// scenarios were derived, or else by their footprints.
func (s *Server) storedReach(ctx context.Context, v *tiles.View, h *data.Hazard, k *consequence.Criterion) (reached, error) {
	records, err := s.details(ctx, v, h.ID)
	if err != nil {
		return reached{}, err
	}
	best := reached{model: "no scenario", basis: "none", note: "no scenario of the source has the criterion's effect"}
	if records[0] != nil { // nil: removed since the view
		for i := range records[0].Detail.Derivations {
			d := &records[0].Detail.Derivations[i]
			metres, known := derivedReach(d, k)
			if known && (best.basis == "none" || metres > best.metres) {
				best = reached{metres, d.Model, "derivation", "from the derivation of the source's scenario " + strconv.Itoa(d.Scenario) + " by " + d.Model}
			}
		}
	}
	if best.basis == "none" {
		return footprintReach(h, k, best), nil
	}
	return best, nil
}

// effectOutcomes are the outcomes whose footprint may stand in for an effect.
var effectOutcomes = map[string][]string{
	consequence.EffectHeatFlux:     {"pool_fire", "jet_fire", "flash_fire", "fireball"},
	consequence.EffectEngulfment:   {"flash_fire", "fireball"},
	consequence.EffectOverpressure: {"vce", "condensed_explosion", "dust_explosion"},
}

// footprintReach takes the furthest reach of the source's footprints of the right
// kind in place of the criterion's own.
func footprintReach(h *data.Hazard, k *consequence.Criterion, none reached) reached {
	best := none
	for i := range h.Scenarios {
		sc := &h.Scenarios[i]
		for _, outcome := range effectOutcomes[k.Effect] {
			if sc.Outcome.String() == outcome && sc.Footprint.Kind != data.Zone && (best.basis == "none" || sc.Footprint.Reach() > best.metres) {
				best = reached{sc.Footprint.Reach(), "the footprint of " + outcome, "footprint",
					"the record does not say how its scenarios were derived: the furthest lethal reach of its " + outcome +
						" stands in for the criterion's radius, and may be shorter or longer"}
			}
		}
	}
	return best
}

// derivedReach reads a criterion's radius off a derivation: listed among its
// values, or computed again from the figures that it keeps. known is false where
// it tells nothing of the effect, or its figures are none that the model takes.
func derivedReach(d *data.Derivation, k *consequence.Criterion) (metres float64, known bool) {
	units := map[string]string{"kW/m2": "_kw_m2", "kPa": "_kpa"}
	if x, ok := figure(d.Values, k.Effect+"_"+number(k.Value)+units[k.Unit]+"_m"); ok {
		return x, true
	}
	model := derivedModel(d)
	if model == nil {
		return 0, false
	}
	r, err := model.Result()
	if err != nil {
		return 0, false
	}
	metres, err = k.Metres(r)
	return metres, err == nil && metres > 0
}

// derivedModel makes the accident of a derivation again; nil where its figures do
// not tell it.
func derivedModel(d *data.Derivation) consequence.Model {
	get := func(from map[string]any, name string) float64 {
		x, _ := figure(from, name)
		return x
	}
	switch d.Model {
	case "blast_tnt", "vce_tnt", "dust_tnt":
		if tnt := get(d.Values, "tnt_kg"); tnt > 0 {
			return consequence.Blast{TNTKg: tnt}
		}
	case "fireball", "fireball_tno":
		if mass := get(d.Inputs, "mass_kg"); mass > 0 {
			return consequence.Fireball{MassKg: mass, TNO: d.Model == "fireball_tno", SEPKWPerM2: get(d.Inputs, "surface_emissive_power_kw_m2"),
				WaterVapourPa: get(d.Inputs, "water_vapour_pa"), Touching: get(d.Inputs, "centre_height_over_diameter") == 0.5}
		}
	case "pool_fire_point_source":
		if across := get(d.Inputs, "diameter_m"); across > 0 {
			return consequence.PoolFire{DiameterMetres: across, BurningKgPerM2S: get(d.Inputs, "burning_rate_kg_m2_s"),
				HeatMJPerKg: get(d.Inputs, "heat_of_combustion_mj_kg"), RadiantShare: get(d.Inputs, "radiant_share"), WaterVapourPa: get(d.Inputs, "water_vapour_pa")}
		}
	}
	return nil
}

// figure reads a number of a derivation, whichever way its JSON was read.
func figure(from map[string]any, name string) (float64, bool) {
	switch x := from[name].(type) {
	case float64:
		return x, true
	case int:
		return float64(x), true
	case json.Number:
		f, err := x.Float64()
		return f, err == nil
	}
	return 0, false
}
