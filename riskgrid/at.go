package riskgrid

import (
	"iter"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Share is one hazard's part of a sum, split by basis.
type Share struct {
	Hazard  *data.Hazard
	Risk    Risk
	ByBasis [2]Risk // by data.Basis
}

// At is the risk at a place itself and the shares of the hazards that reach it,
// greatest first, then by id; the shares sum to the value.
func At(p orb.Point, hazards iter.Seq[*data.Hazard]) (Risk, []Share) {
	s := newSharer()
	defer s.done()
	s.place(p, s.sum[:])
	return s.shares(hazards)
}

// AtCell is the same for a cell, with the cell rule, so that the value is the
// one that the map shows.
func AtCell(c Cell, hazards iter.Seq[*data.Hazard]) (Risk, []Share) {
	s := newSharer()
	defer s.done()
	s.window(c.window(), s.sum[:])
	return s.shares(hazards)
}

// Contribution is what one scenario of a hazard puts on a cell: one function's
// value rounded once to 1e-15, the number that Superpose adds.
func Contribution(h *data.Hazard, scenario int, c Cell) Risk {
	s := newSharer()
	defer s.done()
	s.sum[0] = 0
	s.window(c.window(), s.sum[:])
	s.scenario(h, scenario, 1)
	return s.sum[0]
}

// sharer is a painter of one value, which is in sum.
type sharer struct{ *painter }

func newSharer() sharer { return sharer{painters.Get().(*painter)} }

func (s sharer) shares(hazards iter.Seq[*data.Hazard]) (Risk, []Share) {
	var total Risk
	var out []Share
	for h := range hazards {
		if !s.reached(h) {
			continue
		}
		if share := s.share(h); share.Risk != 0 {
			total += share.Risk
			out = append(out, share)
		}
	}
	slices.SortFunc(out, greater)
	return total, out
}

// share is that of a hazard that counts here.
func (s sharer) share(h *data.Hazard) Share {
	share := Share{Hazard: h}
	q, point := h.Shape.(orb.Point)
	// Scenarios that ask for the distance to the shape share one search for it.
	reach, polar := -1.0, false
	for i := range h.Scenarios {
		sc := &h.Scenarios[i]
		s.sum[0] = 0
		switch {
		case point:
			s.pointScenario(sc, q, 1)
		case byDistance(sc):
			reach = max(reach, sc.Footprint.Reach())
			polar = polar || sc.Footprint.Kind == data.Polar
			continue
		default:
			s.special(h.Shape, sc, 1)
		}
		share.add(sc, s.sum[0])
	}
	if reach < 0 {
		return share
	}
	cells := s.measure(h.Shape, reach, polar)
	for i := range h.Scenarios {
		if sc := &h.Scenarios[i]; byDistance(sc) {
			s.sum[0] = 0
			s.apply(cells, sc.Footprint, sc.PerYear*perUnit)
			share.add(sc, s.sum[0])
		}
	}
	return share
}

func (s *Share) add(of *data.Scenario, r Risk) {
	s.ByBasis[of.Basis&1] += r
	s.Risk += r
}
