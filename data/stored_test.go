package data

import (
	"errors"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func TestStoredDropsWhatIsNotKept(t *testing.T) {
	tax := testTaxonomy(t)
	r, err := tax.ParseFeature([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	h := *r.Hazard
	h.Districts = [MaxVintages]District{1, 5, 1, 1}
	derived := h.Scenarios[0]
	derived.Derived = true
	h.Scenarios = append([]Scenario{derived}, h.Scenarios...)
	given, err := h.Seal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tax.Stored(&Change{ID: h.ID, New: &Record{Hazard: given, Detail: r.Detail}}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if got.Hazard.Rev != 9 || got.Hazard.Districts != [MaxVintages]District{} || len(got.Hazard.Scenarios) != len(r.Hazard.Scenarios) ||
		got.Hazard.Digest(LayerRisk) != r.Hazard.Digest(LayerRisk) || got.Hazard.Digest(LayerHazards) != r.Hazard.Digest(LayerHazards) {
		t.Errorf("kept %+v", got.Hazard)
	}
	if len(given.Scenarios) != 3 || !given.Scenarios[0].Derived {
		t.Error("the given hazard was changed")
	}
}

func TestStoredNamesTheRecord(t *testing.T) {
	tax := testTaxonomy(t)
	for field, spoil := range map[string]func(*Record, *Hazard){
		"industry":        func(_ *Record, h *Hazard) { h.Industry = 2 },
		"district":        func(_ *Record, h *Hazard) { h.Stated = 200 },
		"status":          func(_ *Record, h *Hazard) { h.Status = 4 },
		"sensitivity":     func(_ *Record, h *Hazard) { h.Sensitivity = 4 },
		"name":            func(_ *Record, h *Hazard) { h.Name = "\xff" },
		"regulator":       func(_ *Record, h *Hazard) { h.Regulator = "a\x00b" },
		"level":           func(_ *Record, h *Hazard) { h.Level = 0 },
		"id":              func(_ *Record, h *Hazard) { h.ID = "other" },
		"scenarios":       func(_ *Record, h *Hazard) { h.Scenarios[0].Outcome = 99 },
		"staff":           func(r *Record, _ *Hazard) { n := -1; r.Detail.Staff = &n },
		"source_geometry": func(r *Record, _ *Hazard) { r.Detail.SourceCoords = []byte("{") },
	} {
		r, err := tax.ParseFeature([]byte(sample))
		if err != nil {
			t.Fatal(err)
		}
		spoil(r, r.Hazard)
		_, err = tax.Stored(&Change{ID: "HZ-I04-000123", New: r}, 1)
		var inv *Invalid
		if !errors.As(err, &inv) || inv.Field != field || !strings.Contains(err.Error(), "HZ-I04-000123") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestCheckUnits(t *testing.T) {
	square := orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}}
	long := make(orb.Ring, MaxVertices+2)
	for i := range long {
		long[i] = orb.Point{float64(i%(len(long)-1)) / 1000, 1}
	}
	got, err := CheckUnits("place", []Unit{{Code: "b", Shape: square}, {Code: "a", Shape: orb.MultiPolygon{{long}}}})
	if err != nil || got[0].Code != "a" || got[1].Code != "b" {
		t.Fatal(got, err)
	}
	for _, bad := range [][]Unit{
		{{Code: "", Shape: square}}, {{Code: "a"}}, {{Code: "a", Shape: orb.LineString{{0, 0}, {1, 1}}}},
		{{Code: "a", Shape: square}, {Code: "a", Shape: square}}, {{Code: "a", Shape: orb.Polygon{square[0][:4]}}},
	} {
		if _, err := CheckUnits("place", bad); err == nil {
			t.Errorf("%v taken", bad)
		}
	}
	if _, err := CheckUnits("", nil); err == nil {
		t.Error("no kind taken")
	}
}
