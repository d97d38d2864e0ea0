package gpkg

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"riskatlas/data"
)

// ranked is a hazard with the beginning of its id, as numbers that compare as the
// text does: most comparisons of a sort then touch no text.
type ranked struct {
	high, low uint64
	hazard    *data.Hazard
}

func (a ranked) compare(b ranked) int {
	if c := cmp.Compare(a.high, b.high); c != 0 {
		return c
	}
	if c := cmp.Compare(a.low, b.low); c != 0 {
		return c
	}
	return strings.Compare(string(a.hazard.ID), string(b.hazard.ID))
}

// inOrder joins the pieces in the order of ids. Rows lie in the order of their
// first writing, which may be that of ids already.
func inOrder(pieces [][]*data.Hazard) []*data.Hazard {
	n := 0
	for _, p := range pieces {
		n += len(p)
	}
	all := make([]*data.Hazard, 0, n)
	for i, p := range pieces {
		all = append(all, p...)
		pieces[i] = nil
	}
	byID := func(a, b *data.Hazard) int { return strings.Compare(string(a.ID), string(b.ID)) }
	if slices.IsSortedFunc(all, byID) {
		return all
	}
	common := commonPrefix(all)
	list := make([]ranked, n)
	half := n / 2
	var wg sync.WaitGroup
	for _, part := range [2][2]int{{0, half}, {half, n}} {
		wg.Go(func() {
			for i := part[0]; i < part[1]; i++ {
				list[i].hazard = all[i]
				list[i].high, list[i].low = rank(string(all[i].ID)[common:])
			}
			slices.SortFunc(list[part[0]:part[1]], ranked.compare)
		})
	}
	wg.Wait()
	a, b := list[:half], list[half:]
	for i := range all {
		if len(b) == 0 || len(a) > 0 && a[0].compare(b[0]) < 0 {
			all[i], a = a[0].hazard, a[1:]
		} else {
			all[i], b = b[0].hazard, b[1:]
		}
	}
	return all
}

// commonPrefix is how many bytes all ids begin with alike.
func commonPrefix(all []*data.Hazard) int {
	first := string(all[0].ID)
	n := len(first)
	for _, h := range all[1:] {
		n = min(n, len(h.ID))
		for i := range n {
			if h.ID[i] != first[i] {
				n = i
				break
			}
		}
	}
	return n
}

// rank is the first 16 bytes as numbers. An id has no byte 0: the end of a short
// one comes before any that goes on.
func rank(id string) (high, low uint64) {
	var b [16]byte
	copy(b[:], id)
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
}
