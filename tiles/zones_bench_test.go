package tiles

import (
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
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
	return maker.after(v, s, nil)
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
