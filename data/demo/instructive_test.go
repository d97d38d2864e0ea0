package demo

import (
	"context"
	"os"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/memory"
	"riskatlas/riskgrid"
)

// The demonstration map shows something at every zoom, however many sources it
// has: under a tenth of the core's base cells is red, and at zoom 8 by shares all
// four colours are there.
func TestTheMapIsInstructive(t *testing.T) {
	for _, n := range sizes() {
		p, all := records(t, n, 1)
		store := memory.New(p.Taxonomy)
		changes := make([]data.Change, len(all))
		for i, r := range all {
			changes[i] = data.Change{ID: r.Hazard.ID, New: r}
		}
		if _, err := store.Apply(context.Background(), data.Note{Who: "test"}, changes...); err != nil {
			t.Fatal(err)
		}
		var hazards []*data.Hazard
		_, seq := city.Wrap(store, p, city.InternalView).Load(context.Background())
		for h, err := range seq {
			if err != nil {
				t.Fatal(err)
			}
			hazards = append(hazards, h)
		}
		field := riskgrid.NewField(riskgrid.NewCuts(p.Cuts), func(yield func(*data.Hazard) bool) {
			for _, h := range hazards {
				if !yield(h) {
					return
				}
			}
		})
		core := window(orb.Point{120.0, 30.4}, orb.Point{120.4, 30.1}, riskgrid.BaseZoom)
		var cells, byLevel [5]int
		total := 0
		for _, c := range field.Pool(core) {
			total++
			byLevel[riskgrid.NewCuts(p.Cuts).Level(c.Max)]++
		}
		t.Logf("%d sources: core base cells by level %v of %d", n, byLevel, total)
		if red := float64(byLevel[data.Major]) / float64(total); red > 0.1 || red < 0.001 {
			t.Errorf("%d sources: %.1f %% of the core is red, want 0.1 to 10 %%", n, 100*red)
		}
		home := window(orb.Point{118.3, 30.6}, orb.Point{120.8, 29.1}, 14)
		for _, c := range field.Pool(home) {
			cells[byShares(c, p.Shares)]++
		}
		t.Logf("%d sources: cells of zoom 8 by shares %v", n, cells)
		for l := data.Low; l <= data.Major; l++ {
			if cells[l] == 0 {
				t.Errorf("%d sources: no cell of level %s at zoom 8 by shares", n, l)
			}
		}
	}
}

// sizes of demonstration cities; the largest takes its time.
func sizes() []int {
	if os.Getenv("RISKATLAS_SOAK") == "" {
		return []int{3000, 12_000}
	}
	return []int{3000, 12_000, 100_000}
}

func window(nw, se orb.Point, zoom uint8) riskgrid.Window {
	a, b := riskgrid.CellAt(nw, zoom), riskgrid.CellAt(se, zoom)
	return riskgrid.Window{X: int(a.X), Y: int(a.Y), W: int(b.X-a.X) + 1, H: int(b.Y-a.Y) + 1, Zoom: zoom}
}

// byShares is the district rule on a cell's base cells.
func byShares(c riskgrid.Pooled, rule city.ShareRule) data.Level {
	all := 0.0
	for _, n := range c.Counts {
		all += float64(n)
	}
	share := func(l data.Level) (s float64) {
		for ; l <= data.Major; l++ {
			s += float64(c.Counts[l]) / all
		}
		return s
	}
	switch {
	case share(data.Major) >= rule.Major:
		return data.Major
	case share(data.Significant) >= rule.Significant:
		return data.Significant
	case share(data.General) >= rule.General:
		return data.General
	case share(data.Low) > 0:
		return data.Low
	}
	return data.LevelNone
}
