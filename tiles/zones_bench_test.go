package tiles

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/memory"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// BenchmarkPart makes the view of a part of the city of 100,000 sources: anew,
// and from the last one after a change.
func BenchmarkPart(b *testing.B) {
	v := benchCity(b, 100_000).View()
	for _, c := range []struct {
		name  string
		share float64
	}{{"one in a hundred", 0.01}, {"half", 0.5}} {
		keep := nearest(v, c.share)
		b.Run(c.name, func(b *testing.B) {
			var p *View
			for range b.N {
				p = v.Part(nil, keep)
			}
			b.ReportMetric(float64(p.Len()), "sources")
			b.ReportMetric(float64(p.Blocks()), "blocks")
		})
		b.Run(c.name+" after a change", func(b *testing.B) {
			p := v.Part(nil, keep)
			for h := range p.All(data.All(), "") {
				n := changed(b, v, h)
				b.ResetTimer()
				for range b.N {
					n.Part(p, keep)
				}
				return
			}
		})
	}
}

// BenchmarkZones counts in 196 and in 10,000 zones: the table made anew, after a
// change, and asked for under a filter.
func BenchmarkZones(b *testing.B) {
	base := benchCity(b, 100_000).View()
	some := data.All()
	some.Levels = 1 << data.Major
	for _, n := range []int{14, 100} {
		tax := base.City.Taxonomy
		v := withZones(b, base, tax, gridUnits(base.City.Bound, n))
		b.Run(fmt.Sprint(n*n), func(b *testing.B) {
			for range b.N {
				v.zoned = new(zoneMemo)
				v.CountZones("bench", data.All())
			}
		})
		b.Run(fmt.Sprint(n*n, " under a filter"), func(b *testing.B) {
			for range b.N {
				v.CountZones("bench", some)
			}
		})
		b.Run(fmt.Sprint(n*n, " with levels"), func(b *testing.B) {
			for range b.N {
				v.zoned = new(zoneMemo)
				for i := range n * n {
					v.ZoneLevel("bench", i)
				}
			}
		})
	}
}

// BenchmarkShare reads the levels of a tile by shares under the cuts for what is
// to be built, which the field keeps.
func BenchmarkShare(b *testing.B) {
	v := benchCity(b, 100_000).View()
	for _, z := range []maptile.Zoom{5, 8, 10, 13} {
		for c := range riskgrid.CriteriaCount {
			b.Run(fmt.Sprintf("z%d %s", z, c), func(b *testing.B) {
				at := benchTiles(benchCity(b, 100_000), z)
				for i := range b.N {
					req := Request{Tile: at[i%len(at)], Layers: Layers(data.LayerRisk), Filter: data.All(), Stat: Share, Criterion: c}
					v.surface(b.Context(), nil, newCanvas(req.Tile, req.Datum), req)
				}
			})
		}
	}
}

// withZones is the view with a set of zones more.
func withZones(b *testing.B, v *View, tax *data.Taxonomy, units []data.Unit) *View {
	b.Helper()
	store := memory.New(tax)
	if _, err := store.Replace(b.Context(), data.Note{Who: "bench"}, data.ZoneKind("bench"), units); err != nil {
		b.Fatal(err)
	}
	var changes []data.Change
	for h := range v.All(data.All(), "") {
		changes = append(changes, data.Change{ID: h.ID, New: &data.Record{Hazard: h}})
	}
	if _, err := store.Apply(b.Context(), data.Note{Who: "bench"}, changes...); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var s *index.Snapshot
	_ = index.New(tax).Follow(ctx, store, func(u index.Update) { s = u.Snapshot; cancel() })
	return &View{Snapshot: s, Field: v.Field, City: v.City, Who: v.Who, Cuts: v.Cuts, criteria: v.criteria, zoned: new(zoneMemo)}
}

// nearest is the test for the part of the sources that is nearest to the middle.
func nearest(v *View, share float64) func(*data.Hazard) bool {
	middle := orb.Point{120.17, 30.27}
	lo, hi := 0.0, 5.0
	for range 40 {
		r, n := (lo+hi)/2, 0
		for h := range v.All(data.All(), "") {
			if p := h.Label(); math.Hypot(p[0]-middle[0], p[1]-middle[1]) < r {
				n++
			}
		}
		if float64(n) < share*float64(v.Len()) {
			lo = r
		} else {
			hi = r
		}
	}
	return func(h *data.Hazard) bool {
		p := h.Label()
		return math.Hypot(p[0]-middle[0], p[1]-middle[1]) < hi
	}
}

// changed is the view after one hazard got another level.
func changed(tb testing.TB, v *View, h *data.Hazard) *View {
	tb.Helper()
	g := *h
	g.Level = data.Major + data.Low - g.Level
	sealed, err := g.Seal()
	if err != nil {
		tb.Fatal(err)
	}
	maker := Viewer{city: v.City, who: v.Who, cuts: v.Cuts, criteria: v.criteria}
	s := v.Snapshot.With(data.Change{ID: h.ID, New: &data.Record{Hazard: sealed}})
	return maker.next(v, s, nil, nil)
}

// grid is n by n zones over the city's bound.
func gridUnits(bound orb.Bound, n int) (units []data.Unit) {
	dx, dy := (bound.Max[0]-bound.Min[0])/float64(n), (bound.Max[1]-bound.Min[1])/float64(n)
	for y := range n {
		for x := range n {
			b := orb.Bound{Min: orb.Point{bound.Min[0] + float64(x)*dx, bound.Min[1] + float64(y)*dy}}
			b.Max = orb.Point{b.Min[0] + dx, b.Min[1] + dy}
			units = append(units, data.Unit{Code: fmt.Sprintf("G-%03d-%03d", y, x), Name: fmt.Sprintf("Cell %d, %d", x, y), Shape: b.ToPolygon()})
		}
	}
	return units
}
