package riskgrid

import (
	"math"
	"sort"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// One place, or one cell, needs none of what many cells share: no rows, no list
// of edges. What follows is the painter's arithmetic for its first row and column
// and gives its values to the bit; what a shape's edges have to do with the cell
// itself, and zones, are left to the painter.

// share is one hazard's.
func (s *sharer) share(h *data.Hazard) Share {
	share := Share{Hazard: h}
	if h.Status != data.Active {
		return share
	}
	if q, ok := h.Shape.(orb.Point); ok {
		s.ofPoint(&share, q)
	} else if s.reached(h) {
		s.ofShape(&share)
	}
	return share
}

func (s *Share) add(i int, r Risk) {
	s.Risk += r
	s.ByBasis[s.Hazard.Scenarios[i].Basis&1] += r
}

// byPainter adds a scenario as the painter has it.
func (s *sharer) byPainter(share *Share, i int) {
	s.sum[0] = 0
	s.scenario(share.Hazard, i, 1)
	share.add(i, s.sum[0])
}

// ofPoint adds the scenarios of a point source.
func (s *sharer) ofPoint(share *Share, q orb.Point) {
	g, h := &s.g, share.Hazard
	north := float64((g.lat[0] - q[1]) * data.MetresPerDegree)
	reach2 := h.Reach() * h.Reach() * (1 + slack)
	lifted := g.lift && q[1] <= g.north[0] && q[1] > g.north[1] && q[0] >= g.west[0] && q[0] < g.west[1]
	n2 := float64(north * north)
	near := n2 <= reach2
	var east, d2 float64
	if near {
		east = float64(float64((g.lon[0]-q[0])*data.MetresPerDegree) * g.cosAt(0, (q[1]+g.lat[0])/2))
		d2 = float64(east*east) + n2
		near = d2 <= reach2
	}
	for i := range h.Scenarios {
		c := &h.Scenarios[i]
		switch {
		case c.Footprint.Kind == data.Zone:
			if s.reached(h) {
				s.byPainter(share, i)
			}
		case g.all.empty() || !lifted && !near:
		case lifted:
			share.add(i, fixed(c.Footprint.At(0, 0)*(c.PerYear*perUnit)))
		default:
			share.add(i, s.fromPoint(c, q, d2, east, north))
		}
	}
}

// fromPoint is a scenario of a point that lies that far, squared, from the place.
func (s *sharer) fromPoint(c *data.Scenario, q orb.Point, d2, east, north float64) Risk {
	f, units := c.Footprint, c.PerYear*perUnit
	reach2 := f.Reach() * f.Reach() * (1 + slack)
	if d2 > reach2 {
		return 0
	}
	// The rows that the painter goes over.
	south := q[1] - math.Sqrt(reach2)/data.MetresPerDegree*(1+slack)
	if lat := s.g.lat[0]; lat < south || lat >= q[1]+q[1]-south {
		return 0
	}
	if (f.Kind == data.Step || f.Kind == data.Linear) && d2 <= f.R1*f.R1*(1-slack) {
		return fixed(f.V0 * units)
	}
	return s.atDistance(f, units, math.Sqrt(d2), east, north)
}

// atDistance is what a footprint gives d metres from its shape's nearest point,
// from which the place lies east and north metres. A kernel is not worth making.
func (s *sharer) atDistance(f *data.Footprint, units, d, east, north float64) Risk {
	k := kernel{f: f, units: units}
	switch f.Kind {
	case data.Step, data.Linear:
		switch {
		case d <= f.R1:
			return fixed(f.V0 * units)
		case d >= f.R2:
			return 0
		}
		k.fall = f.V0 / (f.R2 - f.R1) * units
		return k.linear(d)
	case data.Table, data.Polar:
		if d > f.Reach() {
			return 0
		}
		if f.Kind == data.Polar {
			if d == 0 {
				return fixed(f.At(0, 0) * units)
			}
			k.rose = closeRose(f)
		}
		k.metre = sort.SearchFloat64s(f.Metres, d)
		if f.Kind == data.Polar {
			return fixed(k.polar(d, east, north) * units)
		}
		return fixed(k.table(d) * units)
	}
	return 0
}
