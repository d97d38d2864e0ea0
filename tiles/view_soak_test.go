package tiles

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/data/memory"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// A city after thousands of changes, one by one, is the one that is made of what
// its store holds in the end: its field, fingerprints, totals and districts. With
// RISKATLAS_SOAK=1 it is a large one.
func TestManyChangesEqualAFreshCity(t *testing.T) {
	n, rounds, sparse := 400, 80, 2
	if soaking() {
		n, rounds, sparse = 100_000, 10_000, 1
	}
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New(p.Taxonomy)
	defer store.Close()
	note := data.Note{Who: "test"}
	if _, err := store.Replace(t.Context(), note, data.PeopleKind, demo.People(p, n, 1)); err != nil {
		t.Fatal(err)
	}
	records := slices.Collect(demo.Hazards(p, n+n/4, 1))
	held := map[data.ID]*data.Record{}
	var first []data.Change
	for _, r := range records[:n] {
		held[r.Hazard.ID] = r
		first = append(first, data.Change{ID: r.Hazard.ID, New: r})
	}
	if _, err := store.Apply(t.Context(), note, first...); err != nil {
		t.Fatal(err)
	}
	follow := func() (*Viewer, chan data.Revision) {
		v, seen := NewViewer(p, city.InternalView), make(chan data.Revision)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = index.New(p.Taxonomy).Follow(ctx, city.Wrap(store, p, city.InternalView), func(u index.Update) {
				v.Publish(u)
				select {
				case seen <- u.Snapshot.Revision():
				case <-ctx.Done():
				}
			})
		}()
		t.Cleanup(func() { cancel(); <-done; v.Close() })
		<-seen
		return v, seen
	}
	v, seen := follow()
	rng := rand.New(rand.NewPCG(71, 1))
	for range rounds {
		drawn := records[rng.IntN(len(records))]
		id := drawn.Hazard.ID
		change := data.Change{ID: id, If: data.Any}
		switch old := held[id]; {
		case old == nil:
			change.New = drawn
		case rng.IntN(3) > 0:
			moved := *old
			moved.Hazard = movedBy(t, old.Hazard, 600*rng.Float64()-300)
			change.New = &moved
		}
		if change.New == nil {
			delete(held, id)
		} else {
			held[id] = change.New
		}
		rev, err := store.Apply(t.Context(), note, change)
		if err != nil {
			t.Fatal(err)
		}
		if got := <-seen; got != rev {
			t.Fatalf("revision %d, want %d", got, rev)
		}
	}
	fresh, _ := follow()
	sameCity(t, v.View(), fresh.View(), sparse)
}

// sameCity compares two views of one city: of base cells and fingerprints every so
// many tiles'.
func sameCity(t *testing.T, got, want *View, sparse int) {
	t.Helper()
	if figures(got) != figures(want) {
		t.Errorf("totals differ:\n%.1000s\nafresh\n%.1000s", figures(got), figures(want))
	}
	if got.total != want.total {
		t.Errorf("frequencies sum to %v, afresh %v", got.total, want.total)
	}
	some := data.All()
	some.Industries &^= 0b1010
	compared := 0
	for z := maptile.Zoom(8); z <= 14; z += 3 {
		b := want.City.Bound
		nw, se := maptile.At(orb.Point{b.Min[0], b.Max[1]}, z), maptile.At(orb.Point{b.Max[0], b.Min[1]}, z)
		for y := nw.Y; y <= se.Y; y++ {
			for x := nw.X; x <= se.X; x++ {
				if int(x+y)%sparse != 0 {
					continue
				}
				at := maptile.New(x, y, z)
				for _, l := range [...]data.Layer{data.LayerRisk, data.LayerHazards} {
					if got.Fingerprint(at, l, some) != want.Fingerprint(at, l, some) {
						t.Fatalf("tile %v: fingerprints of %v differ", at, l)
					}
				}
				if z != 14 {
					continue
				}
				w := riskgrid.TileWindow(uint8(z), x, y, 0)
				cells := want.Pool(w)
				if !slices.Equal(got.Pool(w), cells) {
					t.Fatalf("tile %v: base cells differ", at)
				}
				for i := range cells {
					compared += min(1, int(cells[i].Max))
				}
			}
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d cells hold any risk", compared)
	}
}
