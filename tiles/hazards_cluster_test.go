package tiles

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
)

// Tiles drawn from kept clusters have the bytes of those drawn hazard by hazard,
// after any history, by any filter, at any zoom.
func TestClustersEqualTheClearPath(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	m := citytest.NewMaker(rng, downtown)
	v := keyView(citytest.Hazards(rng, 3000, downtown)...)
	drawn, filtered := 0, 0
	for range 6 {
		for z := maptile.Zoom(5); z <= 14; z++ {
			for range 12 {
				at := tileAt(z, rng.IntN(3)-1, rng.IntN(3)-1)
				f := randomFilter(rng, v.City.Taxonomy)
				c := newCanvas(at, datum.Datum(rng.IntN(4)/3*int(datum.GCJ02)))
				got := v.appendHazardsOf(nil, c, f, v.Within(c.bound(), f))
				if want := appendHazards(nil, c, v.Within(c.bound(), f), v.City.Taxonomy); !bytes.Equal(got, want) {
					t.Fatalf("%v %+v: %d bytes, want other %d", at, f, len(got), len(want))
				}
				if len(got) > 0 && z < clusterZoom && !c.offset {
					drawn++
					if f != data.All() {
						filtered++
					}
				}
			}
		}
		var changes []data.Change
		for range 1 + rng.IntN(60) {
			id := citytest.ID(rng.IntN(3200))
			change := data.Change{ID: id}
			if rng.IntN(2) == 0 {
				change.New = &data.Record{Hazard: m.Hazard(id)}
			}
			changes = append(changes, change)
		}
		w := *v
		w.Snapshot = v.Snapshot.With(changes...)
		v = &w
	}
	if drawn < 100 || filtered < 30 {
		t.Errorf("%d tiles drawn from clusters, %d of them filtered", drawn, filtered)
	}
}
