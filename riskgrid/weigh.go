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
		if old := base.regions[at]; g != old {
			n += g.bytes(old)
		}
	}
	return n
}

// bytes is how much memory the region takes beside another one; nil: alone.
func (g *region) bytes(beside *region) int64 {
	n := int64(unsafe.Sizeof(*g))
	for i, b := range g.blocks {
		if b != nil && (beside == nil || beside.blocks[i] != b) {
			n += b.bytes()
		}
	}
	return n
}

func (b *block) bytes() int64 {
	return int64(unsafe.Sizeof(*b)) + int64(cap(b.plots))*int64(unsafe.Sizeof(plot{})) + int64(cap(b.cells))
}

// Limit is the greatest risk that is at or under a limit (1/yr) to a relative
// 1e-9 of it.
func Limit(perYear float64) Risk {
	return Risk(math.Floor(perYear * perUnit * (1 + cutTolerance)))
}
