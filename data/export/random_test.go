package export

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
)

func hangzhou(t testing.TB) *city.Profile {
	t.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// words are texts that a table may mistake for something else.
var words = []string{"加油站", "=1+1", "+86 571", "-5", "@SUM(A1)", "'=1+1", "''@x", "'quoted'", "＝1", "－x", "007", "1e3", "120.0", "TRUE", "a,b", `say "x"`,
	"a;b", "甲、乙", "a|b", "[1]", `["x"]`, "{}", "NULL", "2019-11-20", "消防水炮", "😀 emoji", "x'y", "#N/A", "name#2", strings.Repeat("长", 120)}

// random makes n random records of all shapes, footprints and fields.
func random(rng *rand.Rand, p *city.Profile, n int) []*data.Record {
	m := citytest.NewMaker(rng, citytest.Bound)
	out := make([]*data.Record, n)
	for i := range out {
		h := *m.Hazard(citytest.ID(i))
		h.Name, h.NameEn, h.Regulator = word(rng), word(rng), ""
		h.Industry = data.Industry(rng.IntN(len(p.Taxonomy.Industries)))
		h.Sensitivity = data.Sensitivity(rng.IntN(len(data.SensitivityKeys)))
		h.Districts, h.Stated, h.Rev = [data.MaxVintages]data.District{}, 0, data.Revision(1+rng.IntN(9))
		v := &p.Taxonomy.Vintages[rng.IntN(len(p.Taxonomy.Vintages))]
		if rng.IntN(2) == 0 {
			h.Stated = v.First + data.District(rng.IntN(len(v.Districts)))
		}
		if rng.IntN(2) == 0 {
			h.Regulator = word(rng)
		}
		if rng.IntN(4) == 0 {
			h.Scenarios = nil
		}
		out[i] = &data.Record{Hazard: citytest.Seal(h)}
		if rng.IntN(5) > 0 {
			out[i].Detail = detail(rng, p, h.Shape)
		}
	}
	return out
}

func word(rng *rand.Rand) string { return words[rng.IntN(len(words))] }

func phrases(rng *rand.Rand) []string {
	out := []string{}
	for range rng.IntN(4) {
		out = append(out, word(rng))
	}
	return out
}

func some(rng *rand.Rand, most int) *int {
	if rng.IntN(3) == 0 {
		return nil
	}
	n := rng.IntN(most)
	return &n
}

func detail(rng *rand.Rand, p *city.Profile, g orb.Geometry) data.Detail {
	accuracy, types := rng.Float64()*30, p.Taxonomy.AccidentTypes
	d := data.Detail{Kind: "site", Address: word(rng), StreetCode: "330106001", LevelMethod: "expert", OverrideReason: word(rng),
		LevelInputs: map[string]any{"L": rng.Float64(), "=x": word(rng), "n": 1e21, "ok": true}, MajorHazardGrade: rng.IntN(5),
		CoordAccuracyM: &accuracy, AccidentTypes: []string{types[rng.IntN(len(types))].Code},
		Substances: []data.Substance{{Name: word(rng), CAS: "7782-50-5", MaxT: 0.1 + rng.Float64()}},
		Vessels:    []data.Vessel{{Name: word(rng), Substance: "chlorine", AmountKg: 1e-7 + rng.Float64()}}, NetExplosiveKg: rng.Float64() * 1e-7,
		Derivations:  []data.Derivation{{Scenario: 1, Outcome: "toxic", Model: word(rng), Inputs: map[string]any{"mass_kg": rng.Float64()}, Frequency: word(rng)}},
		EffectRadius: &data.EffectRadius{Death: 1, Serious: 1 + rng.Float64(), Minor: 1e3}, ProtectionClass: data.ProtectionKeys[rng.IntN(len(data.ProtectionKeys))],
		ExposedDay: some(rng, 1e6), ExposedNight: some(rng, 1e6), OccupancyMax: some(rng, 10), Staff: some(rng, 2), HiddenDangersOpen: some(rng, 1000),
		Enterprise: word(rng), USCC: "91350100M000100Y43", Responsible: word(rng), DutyPhone: "+86-571-00000000", RegulatorContact: word(rng), GridOfficer: word(rng),
		LevelOfControl: "city", EmergencyPlan: word(rng), FireStation: word(rng), Shelter: word(rng), ValidFrom: "2019-01-01", ValidTo: "2029-12-31",
		AssessedAt: "2019-11-20", Assessor: word(rng), NextReview: "2020-11-20", DataSource: word(rng), CollectedAt: "2019-11-19", Synthetic: rng.IntN(2) == 0,
		Indicators: map[string]any{"peak": rng.Float64(), "甲": word(rng), "list": []any{1.5, "=x"}, "deep": map[string]any{"a": nil}}}
	if rng.IntN(3) > 0 {
		d.Measures = &data.Measures{Engineering: phrases(rng), Management: phrases(rng), Emergency: phrases(rng), Monitoring: phrases(rng)}
	}
	if rng.IntN(2) == 0 {
		d.SourceCRS, d.SourceCoords = "GCJ02", json.RawMessage(data.AppendGeometry(nil, g))
	}
	if rng.IntN(4) == 0 {
		p := citytest.Bound.Center()
		ring := orb.Ring{{p[0] - 1e-3, p[1]}}
		for range 1500 { // longer than a cell of a workbook
			ring = append(ring, orb.Point{p[0] + rng.Float64()*1e-3, p[1] + float64(len(ring))*1e-5})
		}
		ring = append(ring, orb.Point{p[0] - 1e-3, p[1] + 0.016}, ring[0])
		d.Flood = &data.Flood{Geometry: data.AppendGeometry(nil, orb.Polygon{ring}), People: 0.1 + rng.Float64(), WarningHours: 1.5}
	}
	return d
}

func sequence(records []*data.Record) Records {
	return func(yield func(*data.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func digest(t testing.TB, tax *data.Taxonomy, records []*data.Record) (sum uint64) {
	t.Helper()
	for _, r := range records {
		one, err := tax.ContentDigest(r)
		if err != nil {
			t.Fatal(err)
		}
		sum += one
	}
	return sum
}

func describe(tax *data.Taxonomy, r *data.Record) string {
	text, err := tax.AppendFeature(nil, r)
	return fmt.Sprint(string(text), err)
}
