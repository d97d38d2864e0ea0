package ingest

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"riskatlas/data"
)

// What the program writes of an inventory it reads.
func TestInventoryComesBack(t *testing.T) {
	p := profile(t, "hangzhou")
	props := `{"name":"n","industry":"I07","level":2,"status":"active","scenarios":[{"outcome":"toxic","per_year":1e-6,"basis":"qra","footprint":{"kind":"step","r":5}}],` +
		`"level_method":"QRA","accident_types":["TOX"],"substances":[{"name":"液氯","cas":"7782-50-5","max_t":1,"class":"J1"}],` +
		`"vessels":[{"name":"1 号","substance":"液氯","kind":"pressure_vessel","count":2,"amount_kg":500,"release_kg_s":1,"release_s":600,"pressure_mpa":0.6},` +
		`{"substance":"LPG","kind":"road_tanker_pressurised","volume_m3":20,"fill":0.8,"bund_diameter_m":8,"trips_per_year":300},` +
		`{"substance":"LPG","kind":"pipe","pipe_diameter_mm":80,"length_m":120}],"net_explosive_kg":12.5,` +
		`"flood":{"geometry":{"type":"Polygon","coordinates":[[[120.1,30.2],[120.12,30.2],[120.12,30.22],[120.1,30.2]]]},"people":5000,"warning_hours":0.5,"forceful":true,"skirt_m":60},` +
		`"derivations":[{"scenario":0,"outcome":"toxic","model":"m","inputs":{"mass_kg":500},"values":{"r01_m":318.3},"frequency":"f","limits":["l"],"sources":["s"]}],` +
		`"protection_class":"general_3","indicators":{"dust_mass_kg":50,"dust_type":"铝粉"}}`
	want, err := p.Taxonomy.ParseFeature([]byte(featureText(`"A-1"`, pointText, props)))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := p.Taxonomy.AppendFeature(nil, want)
	b := parse(t, "a.geojson", collection("", string(text)), Options{Profile: p})
	totals(t, b, "read 1 accepted 1 rejected 0 quarantined 0")
	if diff := cmp.Diff([]string{string(text)}, features(t, p.Taxonomy, b)); diff != "" {
		t.Errorf("the record changed:\n%s", diff)
	}
	if len(b.Report.Kinds) != 0 || len(b.Report.Files[0].Unused) != 0 {
		t.Errorf("%v, unused %q", b.Report.Problems, b.Report.Files[0].Unused)
	}
	// The ground of a flood is in the file's datum, as every place is.
	b = parse(t, "a.geojson", collection("", string(text)), Options{Profile: p, Datum: "gcj02"})
	ground, err := b.Records[0].Detail.Flood.Ground()
	if err != nil {
		t.Fatal(err)
	}
	first, _ := want.Detail.Flood.Ground()
	if moved := data.Distance(data.LabelPoint(ground), data.LabelPoint(first)); moved < 400 || moved > 700 {
		t.Errorf("the flood moved by %g m", moved)
	}
}

// The flat columns of lists as they are.
func TestFlatInventory(t *testing.T) {
	p := profile(t, "hangzhou")
	text := "编号,名称,行业,风险等级,经度,纬度,危险化学品名称,CAS号,最大储量（吨）,储罐类型,单罐容积（m3）,储罐数量,围堰直径,净药量(kg),粉尘量_kg,粉尘种类,防护目标分类\n" +
		"A,氨库,I08,较大,120.1551,30.2741,液氨,7664-41-7,8,球罐,5,2,,,,,\n" +
		"B,油库,I02,较大,120.1552,30.2742,汽油,,60,常压储罐,,3,12.5,,,,一般三类\n" +
		"C,炮库,I06,一般,120.1553,30.2743,,,,,,,,1500,,,\n" +
		"D,铝厂,I07,一般,120.1554,30.2744,,,,,,,,,50,铝粉,\n" +
		"E,氯库,I16,一般,120.1555,30.2745,液氯,,1,,,,,,,,\n"
	b := parse(t, "a.csv", text, Options{Profile: p})
	totals(t, b, "read 5 accepted 5 rejected 0 quarantined 0")
	var got []data.Detail
	for _, r := range b.Records {
		d := r.Detail
		got = append(got, data.Detail{Substances: d.Substances, Vessels: d.Vessels, NetExplosiveKg: d.NetExplosiveKg, Indicators: d.Indicators, ProtectionClass: d.ProtectionClass})
	}
	want := []data.Detail{
		{Substances: []data.Substance{{Name: "液氨", CAS: "7664-41-7", MaxT: 8}}, Vessels: []data.Vessel{{Substance: "液氨", Kind: "pressure_vessel", VolumeM3: 5, Count: 2}}},
		{Substances: []data.Substance{{Name: "汽油", MaxT: 60}}, Vessels: []data.Vessel{{Substance: "汽油", Kind: "atmospheric_tank", AmountKg: 20_000, Count: 3, BundM: 12.5}}, ProtectionClass: "general_3"},
		{NetExplosiveKg: 1500},
		{Indicators: map[string]any{"dust_mass_kg": 50.0, "dust_type": "铝粉"}},
		{Substances: []data.Substance{{Name: "液氯", MaxT: 1}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestInventoryProblems(t *testing.T) {
	p := profile(t, "hangzhou")
	square := `{"type":"Polygon","coordinates":[[[120.1,30.2],[120.12,30.2],[120.12,30.22],[120.1,30.2]]]}`
	for _, c := range []struct {
		kind, field, want string
		severity          Severity
		cells             map[string]string
	}{
		{"number_range", "vessels.amount_kg", "0 to 1e+09 kg", Rejected, map[string]string{"vessels": `[{"substance":"LPG","amount_kg":-5}]`}},
		{"number_range", "vessels.pressure_mpa", "MPa, gauge", Rejected, map[string]string{"vessels": `[{"substance":"LPG","pressure_mpa":700000}]`}},
		{"number_range", "vessels.kind", "pressure_vessel", Rejected, map[string]string{"vessels": `[{"substance":"LPG","kind":"bucket","amount_kg":5}]`}},
		{"number_range", "vessels.substance", "CAS", Rejected, map[string]string{"vessels": `[{"amount_kg":5}]`}},
		{"inventory_invalid", "vessels", "amount_kg or volume_m3", Rejected, map[string]string{"vessels": `[{"substance":"LPG","ammount_kg":5}]`}},
		{"inventory_invalid", "vessels", "JSON list", Rejected, map[string]string{"vessels": `LPG`}},
		{"inventory_invalid", "vessels", "depth", Rejected, map[string]string{"vessels": strings.Repeat("[", 100)}},
		{"inventory_invalid", "flood.people", "over 0", Rejected, map[string]string{"flood": `{"geometry":` + square + `}`}},
		{"inventory_invalid", "flood.geometry", "Polygon", Rejected, map[string]string{"flood": `{"geometry":{"type":"Point","coordinates":[120.1,30.2]},"people":1}`}},
		{"number_range", "net_explosive_kg", "TNT", Rejected, map[string]string{"净药量": "-1"}},
		{"number_range", "max_t", "tonnes", Rejected, map[string]string{"substance": "LPG", "max_t": "约5"}},
		{"number_range", "vessel_count", "whole number", Rejected, map[string]string{"substance": "LPG", "max_t": "5", "vessel_count": "1.5"}},
		{"substance_missing", "substance", "left out", Warning, map[string]string{"max_t": "5"}},
		{"amount_missing", "vessel_volume_m3", "left out", Warning, map[string]string{"substance": "LPG", "vessel_count": "2"}},
		{"vessel_kind_unknown", "vessel_kind", "pressure_vessel", Warning, map[string]string{"substance": "LPG", "max_t": "5", "储罐类型": "罐"}},
		{"protection_class_unknown", "protection_class", "general_1", Warning, map[string]string{"protection_class": "best"}},
		{"derivations_unreadable", "derivations", "left out", Warning, map[string]string{"derivations": "by hand"}},
	} {
		b := parse(t, "a.csv", csvOf(c.cells), Options{Profile: p})
		found := false
		for _, q := range b.Report.Problems {
			found = found || q.Kind == c.kind && q.Field == c.field && strings.Contains(q.Want, c.want) && q.Severity == c.severity
		}
		if !found || (b.Report.Accepted == 1) != (c.severity == Warning) {
			t.Errorf("%v: %s, %+v", c.cells, b.Report.Totals(), b.Report.Problems)
		}
	}
}

// A row that cannot be assessed stands, and the report says why.
func TestDerivingWhileReading(t *testing.T) {
	p := profile(t, "hangzhou")
	told := 0
	derive := func(r *data.Record) ([]string, error) {
		told++
		switch r.Hazard.ID {
		case "A":
			r.Detail.Derivations = []data.Derivation{{Outcome: "toxic"}}
			return []string{"half of it"}, nil
		case "B":
			return nil, &data.Invalid{Field: "vessels[0].substance", Value: "xx", Want: "one of", Allowed: []string{"lpg"}}
		}
		return nil, errors.New("no weather")
	}
	text := "id,industry,level,lon,lat\nA,I04,2,120.1551,30.2741\nB,I04,2,120.1552,30.2742\nC,I04,2,120.1553,30.2743\nD,bank,2,120.1553,30.2743\n"
	b := parse(t, "a.csv", text, Options{Profile: p, Derive: derive})
	totals(t, b, "read 4 accepted 3 rejected 0 quarantined 1")
	if told != 3 || len(b.Records[0].Detail.Derivations) != 1 {
		t.Errorf("told of %d records", told)
	}
	var got []Problem
	for _, q := range b.Report.Problems {
		if q.Kind == "inventory_in_part" || q.Kind == "not_assessed" {
			q.File, q.Line = "", 0
			got = append(got, q)
		}
	}
	want := []Problem{
		{ID: "A", Kind: "inventory_in_part", Severity: Warning, Field: "inventory", Want: "half of it"},
		{ID: "B", Kind: "not_assessed", Severity: Warning, Field: "vessels[0].substance", Value: "xx", Want: "one of: lpg; no scenario was derived"},
		{ID: "C", Kind: "not_assessed", Severity: Warning, Field: "inventory", Want: "no weather; no scenario was derived"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
