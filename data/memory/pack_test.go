package memory

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/storetest"
)

// odd are details of which storetest's have none.
func odd() []data.Detail {
	zero, long := 0, strings.Repeat("long ", 200)
	return []data.Detail{
		{},
		{Address: long, ExposedDay: &zero, AccidentTypes: []string{}, SourceCoords: json.RawMessage{}, Measures: &data.Measures{}},
		{SourceCoords: json.RawMessage("[1,\x00]"), NetExplosiveKg: math.Copysign(0, -1), Synthetic: true, MajorHazardGrade: -3},
		{Indicators: map[string]any{}, LevelInputs: map[string]any{"": nil, "b": true, "n": 7, "f": -0.5, "t": "x", "l": []any{1.5, "y", []any{}, []any(nil), nil},
			"m": map[string]any{"deep": map[string]any{"er": false}}, "none": map[string]any(nil)}},
		// What packing does not know.
		{Kind: "site", Indicators: map[string]any{"a": int64(1)}},
		{Kind: "site", Indicators: map[string]any{"a": []any{json.Number("1")}, "b": struct{ X int }{2}}},
	}
}

func TestDetailComesBack(t *testing.T) {
	details := odd()
	for n := range 50 {
		details = append(details, storetest.Detail(n))
	}
	full := texts{at: map[string]uint64{}, all: make([]string, mostTexts)} // it takes no more
	for i, table := range []*texts{{at: map[string]uint64{}}, &full} {
		for round := range 2 {
			for j, d := range details {
				p := table.pack(&d)
				if got := table.unpack(p); !reflect.DeepEqual(got, d) {
					t.Errorf("table %d, round %d, detail %d: %+v, want %+v", i, round, j, got, d)
				}
				if whole := p.whole != nil; whole != (j == 4 || j == 5) {
					t.Errorf("detail %d is kept whole: %v", j, whole)
				}
			}
		}
	}
	if len(full.all) != mostTexts {
		t.Errorf("%d texts, %d are the most", len(full.all), mostTexts)
	}
}

// BenchmarkPack packs details; x-json is how many bytes their JSON takes for one.
func BenchmarkPack(b *testing.B) {
	table := texts{at: map[string]uint64{}}
	d := storetest.Detail(4)
	text, err := json.Marshal(&d)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("pack", func(b *testing.B) {
		b.ReportAllocs()
		var p packed
		for b.Loop() {
			p = table.pack(&d)
		}
		b.ReportMetric(float64(len(text))/float64(len(p.bytes)), "x-json-bytes")
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(&d); err != nil {
				b.Fatal(err)
			}
		}
	})
}
