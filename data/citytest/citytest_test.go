package citytest

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

func TestHazardsCoverEveryKind(t *testing.T) {
	hs := Hazards(rand.New(rand.NewPCG(1, 2)), 3000, Bound)
	shapes, prints, status := map[string]int{}, map[data.FootprintKind]int{}, map[data.Status]int{}
	spread, perKm, outside := 0, 0, 0
	tax := Taxonomy()
	for i, h := range hs {
		if h.ID != ID(i) || i > 0 && h.ID <= hs[i-1].ID {
			t.Fatalf("id %q at %d", h.ID, i)
		}
		shapes[h.Shape.GeoJSONType()]++
		status[h.Status]++
		for v := range tax.Vintages {
			if !tax.Vintages[v].Holds(h.Districts[v]) {
				t.Fatalf("%s: position %d is not of vintage %s", h.ID, h.Districts[v], tax.Vintages[v].Name)
			}
		}
		if h.Districts[1] == tax.Vintages[1].Outside() {
			outside++
		}
		for _, s := range h.Scenarios {
			prints[s.Footprint.Kind]++
			if s.Footprint.Over == data.OverSpread {
				spread++
			}
			if s.Per == data.PerKm {
				perKm++
			}
		}
	}
	if len(shapes) != 6 || len(prints) != 5 || len(status) != 4 || spread == 0 || perKm == 0 || outside == 0 {
		t.Errorf("shapes %v, footprints %v, status %v, spread %d, per km %d, outside %d", shapes, prints, status, spread, perKm, outside)
	}
}

func TestHazardsAreReproducible(t *testing.T) {
	a := Hazards(rand.New(rand.NewPCG(7, 7)), 300, Bound)
	b := Hazards(rand.New(rand.NewPCG(7, 7)), 300, Bound)
	for i := range a {
		if a[i].Digest(data.LayerRisk) != b[i].Digest(data.LayerRisk) || a[i].Digest(data.LayerHazards) != b[i].Digest(data.LayerHazards) {
			t.Fatalf("%s differs", a[i].ID)
		}
	}
}

func TestDistrictsDoNotOverlap(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, vintage := range vintages {
		units := Districts(vintage, Bound)
		held := 0
		for range 2000 {
			p := orb.Point{
				Bound.Min[0] + rng.Float64()*(Bound.Max[0]-Bound.Min[0]),
				Bound.Min[1] + rng.Float64()*(Bound.Max[1]-Bound.Min[1])}
			in := 0
			for _, u := range units {
				if data.Contains(u.Shape.(orb.Polygon), p) {
					in++
				}
			}
			if in > 1 {
				t.Fatalf("%v lies in %d districts of %s", p, in, vintage)
			}
			held += in
		}
		if held < 1400 || held == 2000 {
			t.Errorf("%s: %d of 2000 places in a district, want most and not all", vintage, held)
		}
	}
}
