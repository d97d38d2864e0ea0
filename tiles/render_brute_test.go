package tiles

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// brute is the superposition of the documentation in float64, hazard by hazard
// and cell by cell: the twin that tiles are compared with. It gives the least and
// the greatest value that the text allows, tolerance taken in. Frequencies spread
// over areas or along lines are integrals, whose twin is that of riskgrid's own
// tests; here they count as riskgrid says.
func brute(hazards []*data.Hazard, f data.Filter, cell riskgrid.Cell) (least, most float64) {
	for _, h := range hazards {
		if h.Status != data.Active || !f.Match(h) {
			continue
		}
		for i := range h.Scenarios {
			s := &h.Scenarios[i]
			if s.Per == data.PerKm || s.Footprint.Over == data.OverSpread {
				v := riskgrid.Contribution(h, i, cell).PerYear()
				least, most = least+v, most+v
				continue
			}
			lo, hi := lethality(h.Shape, s.Footprint, cell)
			if hi > 0 {
				least += s.PerYear*lo - 1e-4*s.PerYear - 1e-15
				most += s.PerYear*hi + 1e-4*s.PerYear + 1e-15
			}
		}
	}
	return least * (1 - 1e-12), most * (1 + 1e-12) // the sum's own rounding
}

// lethality is what the footprint does at a cell, as a range: a place at the
// very edge of a jump, or a shape that only touches the cell, may count or not.
func lethality(shape orb.Geometry, f *data.Footprint, cell riskgrid.Cell) (lo, hi float64) {
	if f.Kind != data.Zone {
		return over(shape, cell, f.At)
	}
	for _, z := range f.Zones {
		l, h := over(z.Shape, cell, func(d, _ float64) float64 {
			switch {
			case d <= f.Skirt[0]:
				return z.Lethality
			case d >= f.Skirt[1]:
				return 0
			}
			return z.Lethality * (f.Skirt[1] - d) / (f.Skirt[1] - f.Skirt[0])
		})
		lo, hi = math.Max(lo, l), math.Max(hi, h)
	}
	return lo, hi
}

func over(shape orb.Geometry, cell riskgrid.Cell, at func(metres, bearing float64) float64) (lo, hi float64) {
	lo, hi = math.Inf(1), 0
	take := func(v float64) { lo, hi = math.Min(lo, v), math.Max(hi, v) }
	surely, perhaps := meets(shape, cell)
	if perhaps {
		take(at(0, 0))
	}
	if !surely {
		centre := cell.Centre()
		q, d := data.Nearest(shape, centre)
		b := data.Bearing(q, centre)
		for _, k := range []float64{1 - 1e-9, 1, 1 + 1e-9} {
			take(at(d*k, b))
		}
	}
	return lo, hi
}

// meets reports whether the shape meets the half-open cell: surely, or perhaps
// where it touches no more than the border.
func meets(shape orb.Geometry, cell riskgrid.Cell) (surely, perhaps bool) {
	const eps = 1e-9 // degrees
	box := cell.Bound()
	line := func(ps []orb.Point) {
		for i := range ps {
			a := ps[max(i-1, 0)]
			surely = surely || crossesBox(box.Pad(-eps), a, ps[i])
			perhaps = perhaps || crossesBox(box.Pad(eps), a, ps[i])
		}
	}
	polygon := func(p orb.Polygon) {
		for _, r := range p {
			line(r)
		}
		if data.Contains(p, cell.Centre()) {
			surely = true
		}
	}
	switch g := shape.(type) {
	case orb.Point:
		surely = riskgrid.CellAt(g, cell.Zoom) == cell
	case orb.MultiPoint:
		for _, p := range g {
			surely = surely || riskgrid.CellAt(p, cell.Zoom) == cell
		}
	case orb.LineString:
		line(g)
	case orb.MultiLineString:
		for _, l := range g {
			line(l)
		}
	case orb.Polygon:
		polygon(g)
	case orb.MultiPolygon:
		for _, p := range g {
			polygon(p)
		}
	}
	return surely, surely || perhaps
}

// crossesBox clips the segment to the box (Liang and Barsky 1984).
func crossesBox(b orb.Bound, p, q orb.Point) bool {
	from, to := 0.0, 1.0
	for k := range 2 {
		d := q[k] - p[k]
		if d == 0 {
			if p[k] < b.Min[k] || p[k] > b.Max[k] {
				return false
			}
			continue
		}
		s, e := (b.Min[k]-p[k])/d, (b.Max[k]-p[k])/d
		if s > e {
			s, e = e, s
		}
		from, to = math.Max(from, s), math.Min(to, e)
	}
	return from <= to
}
