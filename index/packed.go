package index

import (
	"hash/maphash"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// packed is a city's hazards in static arrays: the active ones by size and along
// a Hilbert curve, under forests of the boxes of their shapes and of their
// extents, and by id and by class. A place is a position in items. It is
// immutable and knows nothing of changes made after it.
type packed struct {
	items   []item // active ones in the order of shapes, then all others
	active  int
	shapes  forest // leaf i is of item i
	extents forest
	pieces  forest // of those shapes that are not small: for distances
	small   int    // how many first leaves of shapes are small

	lines, pieceLines outlines // of the small shapes, and of the pieces, by leaf

	exposed []data.Exposed // of the active ones: for Crowd, which asks no hazard

	byID    []uint32 // places in the order of ids
	slots   []uint32 // places + 1 by hash of the id, 0 where free; a power of two
	seed    maphash.Seed
	byClass []uint32 // places of active ones, by class
	starts  []uint32 // by class number: where it starts in byClass; one more at the end
}

// newPacked packs items that are given by id, on all cores.
func newPacked(sorted []item) *packed {
	seed := maphash.MakeSeed()
	p := pack(sweep(sorted, seed), seed)
	p.grow()
	return p.packed
}

// packing is a packed base in the making: its items have their places, and what
// is over them is still to grow.
type packing struct {
	*packed
	of     *swept
	order  []uint64    // of active items, by place: the number in of in the lower half
	leaves []orb.Bound // by place
	places []uint32    // by number in of
	bands  [bandCount + 1]int
}

// pack gives the items of a sweep, whose ids were hashed by the seed, their places.
func pack(of *swept, seed maphash.Seed) *packing {
	n := len(of.active)
	p := &packing{of: of, leaves: make([]orb.Bound, n), places: make([]uint32, n), packed: &packed{
		items: make([]item, len(of.items)), active: n, exposed: make([]data.Exposed, n), byID: make([]uint32, len(of.items)), seed: seed}}
	p.order, p.bands = curve(of.bounds)
	p.small = p.bands[1]
	inParallel(n, func(lo, hi int) {
		for place := lo; place < hi; place++ {
			i := uint32(p.order[place])
			at := of.active[i]
			p.items[place], p.leaves[place], p.exposed[place] = of.items[at], of.bounds[i], of.exposed[i]
			p.byID[at], p.places[i] = uint32(place), uint32(place)
		}
	})
	if others := len(of.items) - n; others > 0 {
		place, next := uint32(n), 0
		for at := range of.items {
			if next < n && int(of.active[next]) == at {
				next++
				continue
			}
			p.items[place], p.byID[at] = of.items[at], place
			place++
		}
	}
	return p
}

// grow makes all that is over the items.
func (p *packing) grow() {
	marks := p.classMarks()
	var work sync.WaitGroup
	work.Go(func() { p.hashIDs(p.of.hashes) })
	work.Go(p.groupClasses)
	work.Go(func() {
		p.shapes = newForest(p.leaves, nil, p.bands, p.items, marks)
		p.tally()
	})
	work.Go(func() {
		p.extents, _ = p.forestOf(p.of.extents, p.places, marks)
		p.extents.items = make([]item, p.active)
		inParallel(p.active, func(from, to int) {
			for leaf := from; leaf < to; leaf++ { // once more, so that a search reads in a row
				p.extents.items[leaf] = p.items[p.extents.places[leaf]]
			}
		})
	})
	work.Go(func() { p.outlineSmall(p.leaves) })
	p.growPieces(p.leaves, marks)
	work.Wait()
}

// classMarks gives the marks of classes by number.
func (p *packing) classMarks() []mark {
	var marks []mark
	for i := range p.of.items {
		class := int(p.of.items[i].class)
		if class >= len(marks) {
			marks = append(marks, make([]mark, class+1-len(marks))...)
		}
		if marks[class].levels == 0 { // every hazard has a level
			marks[class] = markOf(&p.of.items[i].hazard.Class)
		}
	}
	return marks
}

// forestOf puts boxes, each of an item, in order and builds over them; order has
// the boxes' positions by leaf in its low halves.
func (p *packed) forestOf(boxes []orb.Bound, of []uint32, marks []mark) (f forest, order []uint64) {
	order, starts := curve(boxes)
	leaves, places := make([]orb.Bound, len(boxes)), make([]uint32, len(boxes))
	inParallel(len(boxes), func(from, to int) {
		for leaf := from; leaf < to; leaf++ {
			i := uint32(order[leaf])
			leaves[leaf], places[leaf] = boxes[i], of[i]
		}
	})
	return newForest(leaves, places, starts, p.items, marks), order
}

// hashIDs makes the table of ids by their hashes, which are in the order of ids.
func (p *packed) hashIDs(hashes []uint64) {
	p.slots = make([]uint32, 1<<bits.Len(uint(2*len(p.items))))
	for i, place := range p.byID {
		at := hashes[i] & uint64(len(p.slots)-1)
		for p.slots[at] != 0 {
			at = (at + 1) & uint64(len(p.slots)-1)
		}
		p.slots[at] = place + 1
	}
}

func (p *packed) slot(id data.ID) uint64 {
	return maphash.String(p.seed, string(id)) & uint64(len(p.slots)-1)
}

// find gives the place of an id.
func (p *packed) find(id data.ID) (place uint32, ok bool) {
	for at := p.slot(id); p.slots[at] != 0; at = (at + 1) & uint64(len(p.slots)-1) {
		if place = p.slots[at] - 1; p.items[place].hazard.ID == id {
			return place, true
		}
	}
	return 0, false
}

// after gives the first position in byID whose id is greater.
func (p *packed) after(id data.ID) int {
	if id == "" {
		return 0
	}
	at, found := slices.BinarySearchFunc(p.byID, id, func(place uint32, id data.ID) int {
		switch mine := p.items[place].hazard.ID; {
		case mine < id:
			return -1
		case mine > id:
			return 1
		}
		return 0
	})
	if found {
		at++
	}
	return at
}

func (p *packed) groupClasses() {
	most := uint32(0)
	for _, it := range p.items[:p.active] {
		most = max(most, it.class+1)
	}
	p.starts = make([]uint32, most+2)
	for _, it := range p.items[:p.active] {
		p.starts[it.class+2]++
	}
	for i := 1; i < len(p.starts); i++ {
		p.starts[i] += p.starts[i-1]
	}
	p.byClass = make([]uint32, p.active)
	for place, it := range p.items[:p.active] { // starts[class+1] moves to the class's end
		at := &p.starts[it.class+1]
		p.byClass[*at] = uint32(place)
		*at++
	}
	p.starts = p.starts[:most+1]
}

// ofClass gives the places of the class's active hazards.
func (p *packed) ofClass(class uint32) []uint32 {
	if int(class)+1 >= len(p.starts) {
		return nil
	}
	return p.byClass[p.starts[class]:p.starts[class+1]]
}

// few is up to how many items that a selection has in a whole city they are asked
// one by one when looking for the nearest: looking at k of n costs about k, and
// going out until some are found n/k.
func (p *packed) few() int { return int(math.Sqrt(float64(p.active)) / 2) }

// count is how many items of the base the selection has, dead ones included;
// counting ends beyond the limit.
func (p *packed) count(sel *selection, limit int) (n int) {
	if sel.all {
		return p.active
	}
	for _, class := range sel.classes {
		if n += len(p.ofClass(class)); n > limit {
			break
		}
	}
	return n
}

// live reports whether an item is selected and not taken away since.
func (p *packed) live(dead *tombs, place uint32, sel *selection) bool {
	return sel.has(p.items[place].class) && !dead.has(place)
}
