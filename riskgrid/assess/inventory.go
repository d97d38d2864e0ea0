package assess

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

// item is a number of vessels alike, with what is known of their substance.
type item struct {
	at        string // where the record says it, such as "vessels[0]."
	vessel    data.Vessel
	kind      string // of data.VesselKinds, never ""
	count     int
	substance *consequence.Substance
	equipment *consequence.Equipment
	massKg    float64 // in each; 0 of a pipe
	assumed   string  // why it is an assumption, or ""
}

// noun says what count counts.
func (it *item) noun() string {
	if it.count == 1 {
		return "vessel or pipe"
	}
	return "vessels or pipes alike"
}

// label names the item in notes.
func (it *item) label() string {
	if it.vessel.Name != "" {
		return it.vessel.Name + " (" + it.substance.Key + ")"
	}
	return it.substance.Key + " in " + it.kind
}

// items reads the vessels of a record, alike ones together, and takes each
// substance that no vessel holds as one vessel of all of it. What it leaves out
// it says in a note.
func (l *Library) items(d *data.Detail) (items []*item, notes []string, err error) {
	held := map[*consequence.Substance]bool{}
	for i, v := range d.Vessels {
		s, err := l.substances.Find(v.Substance)
		if err != nil {
			return nil, nil, within(fmt.Sprintf("vessels[%d].", i), err)
		}
		held[s] = true
		same := func(o *item) bool {
			a, b := o.vessel, v
			a.Name, b.Name, a.Count, b.Count, a.Substance, b.Substance = "", "", 0, 0, "", ""
			return o.substance == s && a == b
		}
		if at := slices.IndexFunc(items, same); at >= 0 {
			items[at].count += max(v.Count, 1)
			continue
		}
		it := &item{at: fmt.Sprintf("vessels[%d].", i), vessel: v, count: max(v.Count, 1), substance: s}
		if err := l.complete(it); err != nil {
			return nil, nil, within(it.at, err)
		}
		items = append(items, it)
	}
	for i, x := range d.Substances {
		s, err := l.substances.Find(x.Name)
		if err != nil && x.CAS != "" {
			if byCAS, casErr := l.substances.Find(x.CAS); casErr == nil {
				s, err = byCAS, nil
			}
		}
		switch {
		case err != nil:
			notes = append(notes, fmt.Sprintf("substances[%d] %q is not in the table of substances: no scenario is derived from it", i, x.Name))
			continue
		case held[s]:
			continue
		}
		it := &item{at: fmt.Sprintf("substances[%d].", i), vessel: data.Vessel{Substance: x.Name, AmountKg: x.MaxT * 1000}, count: 1, substance: s,
			assumed: "no vessel is stated: the greatest amount of " + s.Key + " is taken as one vessel"}
		if err := l.complete(it); err != nil {
			return nil, nil, within(it.at, err)
		}
		items = append(items, it)
	}
	return items, notes, nil
}

// within names the member of the inventory that an error is about.
func within(prefix string, err error) error {
	if bad, ok := err.(*data.Invalid); ok {
		return &data.Invalid{Field: prefix + bad.Field, Value: bad.Value, Want: bad.Want, Allowed: bad.Allowed}
	}
	return err
}

// liquid reports whether a substance is one that burns as a pool at 20 C.
func (l *Library) liquid(s *consequence.Substance) bool {
	return s.Burning != nil && !l.boils(s)
}

// boils reports whether a substance is a gas at 20 C.
func (l *Library) boils(s *consequence.Substance) bool {
	if s.BoilingC != nil {
		return s.BoilingC.Value < l.rules.value("boils_under")
	}
	return s.LFL != nil && s.Burning == nil
}

// equipmentKeys are the entries of the frequencies for kinds of vessel.
var equipmentKeys = map[string]string{"pressure_vessel": "pressure_vessel", "atmospheric_tank": "atmospheric_tank",
	"road_tanker_pressurised": "tanker_pressurised", "road_tanker_atmospheric": "tanker_atmospheric",
	"underground_pipeline": "underground_pipeline", "underground_pipeline_nen3650": "underground_pipeline_nen3650",
	"gas_transmission_pipeline": "gas_transmission_pipeline"}

// complete finds the kind, equipment and mass of an item.
func (l *Library) complete(it *item) error {
	s, v := it.substance, it.vessel
	if s.TNT != nil || s.Dust { // counted by mass alone
		it.kind, it.massKg = "store", v.AmountKg
		return nil
	}
	if it.kind = v.Kind; it.kind == "" {
		it.kind = "atmospheric_tank"
		if l.boils(s) {
			it.kind = "pressure_vessel"
		}
	}
	key := equipmentKeys[it.kind]
	if it.kind == "pipe" {
		switch {
		case v.PipeMm == 0:
			return &data.Invalid{Field: "pipe_diameter_mm", Value: "none", Want: "the diameter of the pipe, over 0 to 5000 mm"}
		case v.PipeMm < 75:
			key = "pipe_under_75mm"
		case v.PipeMm <= 150:
			key = "pipe_75_150mm"
		default:
			key = "pipe_over_150mm"
		}
	}
	var err error
	if it.equipment, err = l.frequencies.Equipment(key); err != nil {
		return err
	}
	if it.pipe() {
		return nil
	}
	it.massKg, err = l.mass(it)
	return err
}

func (it *item) pipe() bool {
	return it.kind == "pipe" || it.underground()
}

func (it *item) underground() bool {
	return it.kind == "underground_pipeline" || it.kind == "underground_pipeline_nen3650" || it.kind == "gas_transmission_pipeline"
}

func (it *item) tanker() bool {
	return it.kind == "road_tanker_pressurised" || it.kind == "road_tanker_atmospheric"
}

// gasConstant in J/(mol K), and the air's pressure and the temperature that
// amounts of gas are counted at.
const (
	gasConstant = 8.314462618
	airPa       = 101_325
	celsius     = 20
)

// mass is what one vessel holds, kg: as stated, or by volume, fill and density,
// which of a compressed gas follows from its pressure.
func (l *Library) mass(it *item) (float64, error) {
	v, s := it.vessel, it.substance
	if v.AmountKg > 0 {
		return v.AmountKg, nil
	}
	if v.VolumeM3 == 0 {
		return 0, &data.Invalid{Field: "amount_kg", Value: "none", Want: "the amount in kg, over 0, or volume_m3 in m3"}
	}
	if l.compressed(it) {
		pa, err := l.gauge(it)
		if err != nil {
			return 0, err
		}
		return v.VolumeM3 * (pa + airPa) * s.MolarMass.Value / 1000 / (gasConstant * (celsius + 273.15)), nil
	}
	if s.LiquidDensity == nil {
		return 0, &data.Invalid{Field: "amount_kg", Value: "none", Want: "the amount in kg, over 0: the density of " + s.Key + " is not in the table of substances"}
	}
	fill := v.Fill
	if fill == 0 {
		fill = l.rules.value("vessel_fill")
	}
	return v.VolumeM3 * fill * s.LiquidDensity.Value, nil
}

// compressed reports whether a vessel holds gas and not liquid: its substance
// boils far under 20 C and no pressure is known at which it is liquid there.
func (l *Library) compressed(it *item) bool {
	_, liquefied := l.rules.Pressures.Values[it.substance.Key]
	return l.boils(it.substance) && !liquefied && it.kind != "atmospheric_tank" && it.substance.MolarMass != nil
}

// gauge is the pressure in a vessel or pipe, Pa over the air's: as stated, or of
// the saturated vapour.
func (l *Library) gauge(it *item) (float64, error) {
	if it.vessel.PressMPa > 0 {
		return it.vessel.PressMPa * 1e6, nil
	}
	if p, ok := l.rules.Pressures.Values[it.substance.Key]; ok && !it.pipe() {
		return p * 1e6, nil
	}
	return 0, &data.Invalid{Field: "pressure_mpa", Value: "none", Want: "the gauge pressure of " + it.substance.Key + ", over 0 to 100 MPa"}
}

// outflow is the rate through a hole of a diameter in metres, kg/s.
func (l *Library) outflow(it *item, metres float64) (float64, error) {
	s := it.substance
	if l.compressed(it) {
		pa, err := l.gauge(it)
		if err != nil {
			return 0, err
		}
		return consequence.GasHoleKgPerS(metres*1000, s.MolarMass.Value, pa, celsius, l.rules.value("heat_ratio"))
	}
	if s.LiquidDensity == nil {
		return 0, &data.Invalid{Field: "release_kg_s", Value: "none", Want: "the rate of a leak, over 0 to 10000 kg/s: the density of " + s.Key + " is not in the table of substances"}
	}
	if it.vessel.PressMPa == 0 && !l.boils(s) && !it.pipe() {
		return consequence.LiquidHoleKgPerS(metres*1000, s.LiquidDensity.Value, 0, l.rules.value("liquid_head"))
	}
	pa, err := l.gauge(it)
	if err != nil {
		return 0, err
	}
	return consequence.LiquidHoleKgPerS(metres*1000, s.LiquidDensity.Value, pa, 0)
}

// isLine reports whether frequencies can count per kilometre of the shape.
func isLine(g orb.Geometry) bool {
	switch g.(type) {
	case orb.LineString, orb.MultiLineString:
		return true
	}
	return false
}
