package demo

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// inventoryShare is the share of sources that say what they hold, among those of
// industries whose scenarios can be derived.
const inventoryShare = 0.25

// stock is what sources of an industry hold: a few sizes, one of which a source
// has. Amounts are usual ones of small and middling sites.
type stock struct {
	vessels    [][]data.Vessel
	explosives []float64 // kg of TNT
	dust       string    // its type; of dustKg in suspension
	dustKg     []float64
}

var stocks = map[string]stock{
	"I01": {vessels: [][]data.Vessel{
		{{Name: "甲醇储罐", Substance: "甲醇", Kind: "atmospheric_tank", Count: 4, VolumeM3: 500, Fill: 0.85, BundM: 25}},
		{{Name: "苯储罐", Substance: "苯", Kind: "atmospheric_tank", Count: 2, VolumeM3: 300, Fill: 0.85, BundM: 20}}}},
	"I02": {vessels: [][]data.Vessel{
		{{Name: "汽油储罐", Substance: "汽油", Kind: "atmospheric_tank", Count: 3, VolumeM3: 1000, Fill: 0.85, BundM: 30}},
		{{Name: "柴油储罐", Substance: "柴油", Kind: "atmospheric_tank", Count: 4, VolumeM3: 1000, Fill: 0.85, BundM: 30}}}},
	"I03": {vessels: [][]data.Vessel{
		{{Name: "乙醇储罐", Substance: "乙醇", Kind: "atmospheric_tank", Count: 2, VolumeM3: 20, BundM: 6}},
		{{Name: "丙酮储罐", Substance: "丙酮", Kind: "atmospheric_tank", Count: 1, VolumeM3: 10, BundM: 5}}}},
	"I04": {vessels: [][]data.Vessel{
		{{Name: "汽油罐", Substance: "汽油", Kind: "atmospheric_tank", Count: 3, VolumeM3: 30, BundM: 8},
			{Name: "卸油罐车", Substance: "汽油", Kind: "road_tanker_atmospheric", VolumeM3: 20, BundM: 8}},
		{{Name: "汽油罐", Substance: "汽油", Kind: "atmospheric_tank", Count: 2, VolumeM3: 25, BundM: 6},
			{Name: "柴油罐", Substance: "柴油", Kind: "atmospheric_tank", Count: 2, VolumeM3: 25, BundM: 6}}}},
	"I06": {explosives: []float64{500, 1000, 2000}},
	"I07": {dust: "铝粉", dustKg: []float64{20, 50}},
	"I08": {vessels: [][]data.Vessel{
		{{Name: "贮氨器", Substance: "液氨", Kind: "pressure_vessel", Count: 1, VolumeM3: 3, Fill: 0.7}},
		{{Name: "贮氨器", Substance: "液氨", Kind: "pressure_vessel", Count: 2, VolumeM3: 6, Fill: 0.7}}}},
	"I11": {vessels: [][]data.Vessel{
		{{Name: "输气干线", Substance: "天然气", Kind: "underground_pipeline_nen3650", PipeMm: 610, PressMPa: 6.3}},
		{{Name: "输气支线", Substance: "天然气", Kind: "gas_transmission_pipeline", PipeMm: 406, PressMPa: 4}}}},
	"I12": {explosives: []float64{2000, 5000}},
	"I14": {vessels: [][]data.Vessel{
		{{Name: "液化气储罐", Substance: "液化石油气", Kind: "pressure_vessel", Count: 2, VolumeM3: 50, Fill: 0.85}},
		{{Name: "储气瓶组", Substance: "天然气", Kind: "pressure_vessel", Count: 3, VolumeM3: 4, PressMPa: 25}}}},
	"I15": {vessels: [][]data.Vessel{
		{{Name: "汽油罐车", Substance: "汽油", Kind: "road_tanker_atmospheric", VolumeM3: 25, TripsYear: 8000}},
		{{Name: "液化气罐车", Substance: "液化石油气", Kind: "road_tanker_pressurised", AmountKg: 15_000, TripsYear: 1500}}}},
	"I16": {vessels: [][]data.Vessel{
		{{Name: "氯瓶", Substance: "液氯", Kind: "pressure_vessel", Count: 2, AmountKg: 1000}},
		{{Name: "氯瓶", Substance: "液氯", Kind: "pressure_vessel", Count: 4, AmountKg: 500}}}},
}

// inventory gives some sources what they hold. It is drawn from a stream of its
// own, so that all else of a city is as it was without it. The scenarios are not
// touched: what could be derived instead is for whoever has the models.
func (m *maker) inventory(f *draft, code string, h *data.Hazard, d *data.Detail) {
	size := f.stock
	if !f.stocked && f.i >= len(m.industries) { // the first of every industry shows what there is
		return
	}
	if code == "P09" {
		d.Flood = mapped(h, 200+size%2000)
		return
	}
	s := stocks[code]
	if n := len(s.vessels); n > 0 {
		d.Vessels = s.vessels[size%n]
	}
	if n := len(s.explosives); n > 0 {
		d.NetExplosiveKg = s.explosives[size%n]
	}
	if n := len(s.dustKg); n > 0 {
		if d.Indicators == nil {
			d.Indicators = map[string]any{}
		}
		d.Indicators["dust_type"], d.Indicators["dust_mass_kg"] = s.dust, s.dustKg[size%n]
	}
}

// mapped is the flood of a dam: the ground of its first scenario.
func mapped(h *data.Hazard, people int) *data.Flood {
	for _, s := range h.Scenarios {
		if f := s.Footprint; f.Kind == data.Zone {
			ground := f.Zones[len(f.Zones)-1].Shape
			if _, ok := ground.(orb.Polygon); !ok {
				return nil
			}
			return &data.Flood{Geometry: data.AppendGeometry(nil, ground), People: float64(people), WarningHours: 0.5, Forceful: people%3 == 0, SkirtM: 60}
		}
	}
	return nil
}
