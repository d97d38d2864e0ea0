package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Taxonomy is the one that stores under test are opened with: three industries,
// two vintages of districts, the second one the default. Code D2 is in both.
func Taxonomy() *data.Taxonomy {
	tax, err := data.NewTaxonomy(data.Taxonomy{
		Groups: []data.GroupInfo{{Key: "industrial"}, {Key: "public"}},
		Industries: []data.IndustryInfo{
			{Code: "I04", Slug: "petrol-station", Name: "加油站", Group: 0},
			{Code: "P07", Slug: "metro", Name: "地铁", Group: 1},
			{Code: "P09", Slug: "dam", Name: "水库大坝", Group: 1}},
		Vintages: []data.Vintage{
			{Name: "2019", Districts: []data.DistrictInfo{{Code: "D1"}, {Code: "D2"}}},
			{Name: "2021", Districts: []data.DistrictInfo{{Code: "D2"}, {Code: "D3"}}}},
		Default: 1,
	})
	if err != nil {
		panic(err) // the lists above are constants
	}
	return tax
}

// Record makes a synthetic record whose content depends on the id and the number
// alone. Over some dozen numbers all shapes, footprint kinds, levels, statuses,
// sensitivities and districts come up.
func Record(id data.ID, n int) *data.Record {
	rng := rand.New(rand.NewPCG(uint64(n), 42))
	place := orb.Point{120 + rng.Float64(), 30 + rng.Float64()}
	h := data.Hazard{
		ID: id, Name: fmt.Sprintf("演示源 %d 号 (合成) \"'\n", n), NameEn: fmt.Sprintf("Synthetic source %d", n),
		Class:       data.Class{Industry: data.Industry(rng.IntN(3)), Level: data.Level(1 + rng.IntN(4))},
		Stated:      []data.District{0, 1, 2, 4, 5}[n%5],
		Status:      data.Status(rng.IntN(len(data.StatusKeys))),
		Sensitivity: data.Sensitivity(rng.IntN(len(data.SensitivityKeys))),
		Shape:       shape(n, place),
	}
	if n%3 == 0 {
		h.Regulator = "应急管理局"
	}
	for i := range n % 4 {
		h.Scenarios = append(h.Scenarios, scenario(h.Shape, n+i, place))
	}
	r := &data.Record{Hazard: seal(h)}
	if n%2 == 0 {
		r.Detail = Detail(n)
	}
	return r
}

func seal(h data.Hazard) *data.Hazard {
	sealed, err := h.Seal()
	if err != nil {
		panic(err) // a fault of this package
	}
	return sealed
}

func ring(p orb.Point, size float64) orb.Ring {
	return orb.Ring{{p[0], p[1]}, {p[0] + size, p[1]}, {p[0] + size, p[1] + size}, {p[0] - size/3, p[1] + size}, {p[0], p[1]}}
}

func shape(n int, p orb.Point) orb.Geometry {
	q := orb.Point{p[0] + 0.01, p[1] - 0.02}
	area := orb.Polygon{ring(p, 0.01), ring(orb.Point{p[0] + 0.003, p[1] + 0.003}, 0.002)}
	switch n % 6 {
	case 1:
		return orb.MultiPoint{p, q}
	case 2:
		return orb.LineString{p, q, {q[0], p[1]}}
	case 3:
		return orb.MultiLineString{{p, q}, {q, {q[0] + 0.01, q[1]}, p}}
	case 4:
		return area
	case 5:
		return orb.MultiPolygon{area, {ring(orb.Point{p[0] + 0.1, p[1]}, 0.02)}}
	}
	return p
}

func scenario(g orb.Geometry, n int, p orb.Point) data.Scenario {
	f := data.Footprint{Kind: data.FootprintKind(n % 5), V0: 1}
	switch f.Kind {
	case data.Step:
		f.R1, f.R2, f.V0 = 40, 40, 0.75
	case data.Linear:
		f.R1, f.R2 = 30, float64(100+n%7)
	case data.Table:
		f.V0, f.Metres, f.Lethality = 0, []float64{0, 30, 30, 60}, []float64{1, 0.5, 0.25, 0}
	case data.Polar:
		f.V0, f.Metres, f.Bearings = 0, []float64{10, 100}, []float64{0, 120.5, 240}
		f.Lethality = []float64{1, 0.1, 0.9, 0.2, 0.8, 0}
	case data.Zone:
		f.V0, f.Skirt = 0, [2]float64{10, 50}
		f.Zones = []data.ZonePiece{{Shape: orb.Polygon{ring(p, 0.02)}, Lethality: 0.3},
			{Shape: orb.MultiPolygon{{ring(p, 0.005)}, {ring(orb.Point{p[0] + 1, p[1]}, 0.01)}}, Lethality: 0.6}}
	}
	s := data.Scenario{Outcome: data.Outcome(n % len(data.Outcomes)), Basis: data.Basis(n % 2), PerYear: 1e-6 / float64(n%9+1)}
	switch g.(type) {
	case orb.LineString, orb.MultiLineString:
		if f.Kind != data.Zone {
			s.Per = data.PerKm
		}
	case orb.Polygon, orb.MultiPolygon:
		if f.Kind != data.Zone {
			f.Over = data.OverSpread
		}
	}
	var err error
	if s.Footprint, err = data.NewFootprint(f); err != nil {
		panic(err) // a fault of this package
	}
	return s
}

// Detail makes a synthetic detail with every field filled.
func Detail(n int) data.Detail {
	some := func(v int) *int { return &v }
	accuracy := 0.1 + float64(n)
	return data.Detail{
		Kind: "site", Address: "演示路 1 号", StreetCode: "330106001", SourceCRS: "gcj02",
		SourceCoords:   json.RawMessage(`{"type":"Point","coordinates":[120.1,30.2]}`),
		CoordAccuracyM: &accuracy, LevelMethod: "lec", LevelInputs: map[string]any{"l": 3.0, "e": "6", "c": []any{1.0, nil}},
		OverrideReason: "<b>&\u2028", MajorHazardGrade: 1 + n%4, AccidentTypes: []string{"FIRE", "BLAST"},
		Substances: []data.Substance{{Name: "液氯", CAS: "7782-50-5", UN: "1017", MaxT: 5.5, Class: "toxic"}, {Name: "x", MaxT: 1}},
		Vessels:    []data.Vessel{{Name: "1 号罐", Substance: "液氯", Kind: "pressure_vessel", Count: 2, VolumeM3: 1.5, Fill: 0.8, ReleaseKgS: 1, PressMPa: 0.7, TripsYear: 3}},
		Flood: &data.Flood{Geometry: json.RawMessage(`{"type":"Polygon","coordinates":[[[120.1,30.2],[120.2,30.2],[120.2,30.3],[120.1,30.2]]]}`),
			People: 5000, WarningHours: 0.5, Forceful: true, SkirtM: 60},
		NetExplosiveKg: 12.5, ProtectionClass: data.ProtectionKeys[1+n%5],
		Derivations: []data.Derivation{{Scenario: 1, Outcome: "toxic", Model: "gaussian_plume", Inputs: map[string]any{"kg_s": 1.0},
			Values: map[string]any{"r01_m": 318.3}, Frequency: "5e-7 per year", Limits: []string{"1 m/s and more"}, Sources: []string{"CPR 18E"}}},
		EffectRadius: &data.EffectRadius{Death: 10, Serious: 20, Minor: 30.5},
		ExposedDay:   some(n), ExposedNight: some(0), OccupancyMax: some(1_000_000), Staff: some(7),
		Measures: &data.Measures{Engineering: []string{"喷淋", ""}, Management: []string{}, Emergency: nil, Monitoring: []string{"gas alarm"}},

		HiddenDangersOpen: some(2), Enterprise: "演示企业", USCC: "000000000000000000", Responsible: "演示",
		DutyPhone: "000", RegulatorContact: "000", GridOfficer: "演示", LevelOfControl: "district", EmergencyPlan: "plan-1",
		FireStation: "F-1", Shelter: "S-1", StatusReason: "rebuilt", ValidFrom: "2020-01-01", ValidTo: "2030-12-31", AssessedAt: "2019-11-20",
		Assessor: "演示", NextReview: "2027-01-01", DataSource: "synthetic", CollectedAt: "2019-11-01", Synthetic: true,
		Indicators: map[string]any{"oxygen": true, "area_m2": 12.25},
	}
}

// describe puts all that a store keeps of a record into words, its revision
// aside, so that records can be compared.
func describe(r *data.Record) string {
	if r == nil {
		return "none"
	}
	h := *r.Hazard
	h.Rev = 0
	b, err := Taxonomy().AppendFeature(nil, &data.Record{Hazard: &h, Detail: r.Detail})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s stated %d, %v", b, h.Stated, hot(&h))
}

// hot puts the sealed part of a hazard into words.
func hot(h *data.Hazard) string {
	return fmt.Sprintf("%s %q %q %d %d %v %s %s %q %v %v %v %x %x", h.ID, h.Name, h.NameEn, h.Industry, h.Level, h.Districts,
		h.Status, h.Sensitivity, h.Regulator, h.Extent(), h.Reach(), h.Label(), h.Digest(data.LayerRisk), h.Digest(data.LayerHazards))
}

func put(id data.ID, rev data.Revision, n int) data.Change {
	return data.Change{ID: id, If: rev, New: Record(id, n)}
}
