package demo

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
)

func records(t *testing.T, n int, seed uint64) (*city.Profile, []*data.Record) {
	t.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	var all []*data.Record
	for r := range Hazards(p, n, seed) {
		all = append(all, r)
	}
	return p, all
}

func TestTheSameSeedGivesTheSameCity(t *testing.T) {
	p, a := records(t, 300, 7)
	_, b := records(t, 300, 7)
	_, other := records(t, 300, 8)
	if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(Places(p, 50, 7), Places(p, 50, 7)) {
		t.Error("the same seed gave two cities")
	}
	if reflect.DeepEqual(a[200].Hazard.Shape, other[200].Hazard.Shape) {
		t.Error("another seed gave the same city")
	}
}

func TestSharesOfIndustriesAndLevels(t *testing.T) {
	const n = 20_000
	p, all := records(t, n, 1)
	industries := make([]int, len(p.Taxonomy.Industries))
	var levels [5]float64
	forms := map[string]int{}
	for _, r := range all {
		industries[r.Hazard.Industry]++
		levels[r.Hazard.Level]++
		forms[r.Hazard.Shape.GeoJSONType()]++
		if !p.Bound.Contains(r.Hazard.Label()) {
			t.Fatalf("%s lies outside the city", r.Hazard.ID)
		}
		if !r.Detail.Synthetic || r.Detail.DutyPhone != "" || !strings.Contains(r.Hazard.Name, "演示") {
			t.Fatalf("%s does not say that it is synthetic", r.Hazard.ID)
		}
	}
	for i, count := range industries {
		if count == 0 {
			t.Errorf("no source of %s", p.Taxonomy.Industries[i].Code)
		}
	}
	for l := data.Low; l <= data.Major; l++ {
		if got := levels[l] / n; math.Abs(got-levelShares[l]) > 0.25*levelShares[l] {
			t.Errorf("level %s: a share of %.4f, want about %v", l, got, levelShares[l])
		}
	}
	for _, form := range []string{"Point", "LineString", "Polygon"} {
		if forms[form] < n/100 {
			t.Errorf("%d of %d sources are of form %s", forms[form], n, form)
		}
	}
}

func TestEveryFootprintKindIsThere(t *testing.T) {
	_, all := records(t, 2000, 3)
	seen := map[data.FootprintKind]bool{}
	perKm, spread := 0, 0
	for _, r := range all {
		for _, s := range r.Hazard.Scenarios {
			seen[s.Footprint.Kind] = true
			if s.Per == data.PerKm {
				perKm++
			}
			if s.Footprint.Over == data.OverSpread {
				spread++
			}
		}
	}
	if len(seen) != len(data.FootprintKinds) || perKm == 0 || spread == 0 {
		t.Errorf("kinds %v, %d per km, %d spread", seen, perKm, spread)
	}
}
