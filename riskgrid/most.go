package riskgrid

import (
	"cmp"
	"iter"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Whole is the sum of all shares of a risk, by basis, and how many there are.
type Whole struct {
	Risk    Risk
	ByBasis [2]Risk // by data.Basis
	Count   int
}

// Most is At, and AtCell for a cell's window, of the greatest shares alone: the
// first limit of them, 0 or more, and the sums of all.
func Most(p orb.Point, hazards iter.Seq[*data.Hazard], limit int) (Whole, []Share) {
	s := newSharer()
	defer s.done()
	s.place(p, s.sum[:])
	return s.most(hazards, limit)
}

// MostOfCell is AtCell likewise.
func MostOfCell(c Cell, hazards iter.Seq[*data.Hazard], limit int) (Whole, []Share) {
	s := newSharer()
	defer s.done()
	s.window(c.window(), s.sum[:])
	return s.most(hazards, limit)
}

// most keeps the greatest shares in a heap, the least of them first.
func (s sharer) most(hazards iter.Seq[*data.Hazard], limit int) (whole Whole, top []Share) {
	top = make([]Share, 0, min(limit, 32))
	for h := range hazards {
		if !s.reached(h) {
			continue
		}
		share := s.share(h)
		if share.Risk == 0 {
			continue
		}
		whole.Count++
		whole.Risk += share.Risk
		whole.ByBasis[data.QRA] += share.ByBasis[data.QRA]
		whole.ByBasis[data.Equivalent] += share.ByBasis[data.Equivalent]
		switch {
		case len(top) < limit:
			if top = append(top, share); len(top) == limit {
				slices.SortFunc(top, func(a, b Share) int { return greater(b, a) }) // a sorted list is a heap
			}
		case limit > 0 && greater(share, top[0]) < 0:
			top[0] = share
			settle(top)
		}
	}
	slices.SortFunc(top, greater)
	return whole, top
}

// greater orders shares: the greatest first, then by id.
func greater(a, b Share) int {
	if c := cmp.Compare(b.Risk, a.Risk); c != 0 {
		return c
	}
	return cmp.Compare(a.Hazard.ID, b.Hazard.ID)
}

// settle puts the first share of a heap in its place.
func settle(heap []Share) {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(heap); child++ {
			if greater(heap[child], heap[least]) > 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}
