package city_test

import (
	"context"
	"path/filepath"
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/data/gpkg"
	"riskatlas/data/memory"
)

// A city reads the same of a store that completes hazards while it makes them and
// of one whose hazards are completed in batches, in either view.
func TestBothWaysOfReadingAreOne(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	file, err := gpkg.Open(filepath.Join(t.TempDir(), "city.gpkg"), p.Taxonomy, gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	inMemory := memory.New(p.Taxonomy)
	const n = 9000 // more than a batch
	var changes []data.Change
	for r := range demo.Hazards(p, n, 3) {
		changes = append(changes, data.Change{ID: r.Hazard.ID, New: r})
	}
	for _, s := range []data.Store{file, inMemory} {
		if _, err := s.Apply(context.Background(), data.Note{}, changes...); err != nil {
			t.Fatal(err)
		}
	}
	for _, view := range []city.View{city.PublicView, city.InternalView} {
		read := func(s data.Store) (*city.City, []*data.Hazard) {
			c := city.Wrap(s, p, view)
			var out []*data.Hazard
			_, all := c.Load(context.Background())
			for h, err := range all {
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, h)
			}
			return c, out
		}
		made, a := read(file)
		shown, b := read(inMemory)
		if made.LeftOut() != shown.LeftOut() || len(a) != len(b) || len(a)+made.LeftOut() != n || (view == city.PublicView) != (made.LeftOut() > 0) {
			t.Fatalf("%s: %d and %d hazards, %d and %d left out", view, len(a), len(b), made.LeftOut(), shown.LeftOut())
		}
		for i := range a {
			x, y := a[i], b[i]
			if x.ID != y.ID || x.Class != y.Class || x.Regulator != y.Regulator || x.Protection != y.Protection || x.Sensitivity != y.Sensitivity ||
				x.Digest(data.LayerRisk) != y.Digest(data.LayerRisk) || x.Digest(data.LayerHazards) != y.Digest(data.LayerHazards) {
				t.Fatalf("%s: %+v, want %+v", view, x, y)
			}
		}
	}
}
