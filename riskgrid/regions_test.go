package riskgrid

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// Every cell lies in the district that holds its centre, in every vintage, and
// the areas of regions are those of their cells.
func TestRegionsHoldTheirCentres(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	units := func(kind string) []data.Unit {
		for _, v := range p.Taxonomy.Vintages {
			if data.DistrictKind(v.Name) == kind {
				return p.Outlines(v.Name)
			}
		}
		return nil
	}
	r := NewRegions(p.Taxonomy, units)
	rng := rand.New(rand.NewPCG(3, 9))
	inside := 0
	for range 30_000 {
		q := orb.Point{p.Bound.Min[0] + rng.Float64()*(p.Bound.Max[0]-p.Bound.Min[0]), p.Bound.Min[1] + rng.Float64()*(p.Bound.Max[1]-p.Bound.Min[1])}
		c := CellAt(q, BaseZoom)
		got := r.At(c)
		for i := range p.Taxonomy.Vintages {
			v := &p.Taxonomy.Vintages[i]
			want := v.Outside()
			for _, u := range units(data.DistrictKind(v.Name)) {
				at, err := v.District(u.Code)
				if err == nil && holdsPoint(u.Shape, c.Centre()) {
					want = at
					inside++
					break
				}
			}
			if got[i] != want {
				t.Fatalf("cell %v of vintage %s is in %d, want %d", c, v.Name, got[i], want)
			}
		}
	}
	if inside < 10_000 {
		t.Errorf("only %d of the places lie in a district", inside)
	}
	area := make([]int64, len(r.list))
	for at, d := range r.blocks {
		for i := range blockCells {
			if n := d.at(i); n != 0 {
				area[n] += rowArea(at.y<<blockShift + i>>blockShift)
			}
		}
	}
	for n := range area {
		if area[n] != r.area[n] {
			t.Errorf("region %v has %d cm2, its cells %d", r.list[n], r.area[n], area[n])
		}
	}
}

func holdsPoint(g orb.Geometry, p orb.Point) bool {
	for _, poly := range areaPolygons(g) {
		if data.Contains(poly, p) {
			return true
		}
	}
	return false
}
