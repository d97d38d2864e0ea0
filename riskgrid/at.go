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
	s.window(c.window(), s.sum[:])
	s.scenario(h, scenario, 1)
	return s.sum[0]
}

// sharer is a painter of one value.
type sharer struct {
	*painter
	sum [1]Risk
}

func newSharer() *sharer { return &sharer{painter: painters.Get().(*painter)} }

func (s *sharer) done() { s.painter.done() }

func (s *sharer) shares(hazards iter.Seq[*data.Hazard]) (Risk, []Share) {
	var total Risk
	var out []Share
	for h := range hazards {
		if share := s.share(h); share.Risk != 0 {
			total += share.Risk
			out = append(out, share)
		}
	}
	slices.SortFunc(out, greater)
	return total, out
}
