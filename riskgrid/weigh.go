package riskgrid

import (
	"math"
	"unsafe"

	"riskatlas/data"
)

// Reached is how many cells of zoom 14 the hazards of the swaps reach, each
// hazard counted by itself: the work of Apply.
func Reached(swaps []Swap) int {
	n := 0
	for _, s := range swaps {
		for _, h := range [2]*data.Hazard{s.Old, s.New} {
			if h != nil && h.Status == data.Active {
				w := blocksOf(h.Extent())
				n += w.W * w.H
			}
		}
	}
	return n
}

// OwnBytes is how much memory the field takes beside that of another one that it
// was made of by Apply.
func (f *Field) OwnBytes(base *Field) int64 {
	n := int64(len(f.regions)) * int64(unsafe.Sizeof(place{})+unsafe.Sizeof(uintptr(0))) * 2
	for at, g := range f.regions {
		old := base.regions[at]
		if g == old {
			continue
		}
		n += int64(unsafe.Sizeof(region{}))
		for i, b := range g.blocks {
			if b != nil && (old == nil || old.blocks[i] != b) {
				n += int64(unsafe.Sizeof(block{}))
			}
		}
	}
	return n
}

// Limit is the greatest risk that is at or under a limit (1/yr) to a relative
// 1e-9 of it.
func Limit(perYear float64) Risk {
	return Risk(math.Floor(perYear * perUnit * (1 + cutTolerance)))
}
