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
	pieces  forest // of those shapes that are not small: for Nearest
	small   int    // how many first leaves of shapes are small

	exposed []data.Exposed // of the active ones: for Crowd, which asks no hazard

	byID    []uint32 // places in the order of ids
	slots   []uint32 // places + 1 by hash of the id, 0 where free; a power of two
	seed    maphash.Seed
	byClass []uint32 // places of active ones, by class
	starts  []uint32 // by class number: where it starts in byClass; one more at the end
}

// newPacked packs items that are given by id, on all cores.
func newPacked(sorted []item) *packed { return packedOn(allCores(), sorted) }

// packedOn is newPacked on so many cores. It reads each hazard once: they lie all
// over the memory.
func packedOn(on cores, sorted []item) *packed {
	p := &packed{items: make([]item, len(sorted)), byID: make([]uint32, len(sorted)), seed: maphash.MakeSeed()}
	n := 0
	for i := range sorted {
		if sorted[i].hazard.Status == data.Active {
			n++
		}
	}
	p.active = n
	from, others := make([]uint32, 0, n), make([]uint32, 0, len(sorted)-n)
	for i := range sorted {
		if sorted[i].hazard.Status == data.Active {
			from = append(from, uint32(i))
		} else {
			others = append(others, uint32(i))
		}
	}
	bounds, extents, exposed := make([]orb.Bound, n), make([]orb.Bound, n), make([]data.Exposed, n)
	p.exposed = make([]data.Exposed, n)
	on.split(n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			h := sorted[from[i]].hazard
			bounds[i], extents[i], exposed[i] = h.Bound(), h.Extent(), h.Exposed
		}
	})
	order, bands := curve(bounds, on)
	p.small = bands[1]
	leaves, places := make([]orb.Bound, n), make([]uint32, n) // places of those in from
	on.split(n, func(lo, hi int) {
		for place := lo; place < hi; place++ {
			i := uint32(order[place])
			p.items[place], leaves[place] = sorted[from[i]], bounds[i]
			p.byID[from[i]], places[i] = uint32(place), uint32(place)
			p.exposed[place] = exposed[i]
		}
	})
	for k, i := range others {
		p.items[n+k], p.byID[i] = sorted[i], uint32(n+k)
	}
	marks := classMarks(sorted)
	var work sync.WaitGroup
	on.beside(&work, p.hashIDs)
	on.beside(&work, p.groupClasses)
	on.beside(&work, func() {
		p.shapes = newForest(leaves, nil, bands, p.items, marks, on)
		p.tally(on)
	})
	on.beside(&work, func() {
		p.extents = p.forestOf(extents, places, marks, on)
		p.extents.items = make([]item, n)
		for leaf, place := range p.extents.places { // once more, so that a search reads in a row
			p.extents.items[leaf] = p.items[place]
		}
	})
	p.growPieces(leaves, marks, on)
	work.Wait()
	return p
}

// classMarks gives the marks of classes by number.
func classMarks(items []item) []mark {
	var marks []mark
	for i := range items {
		class := int(items[i].class)
		if class >= len(marks) {
			marks = append(marks, make([]mark, class+1-len(marks))...)
		}
		if marks[class].levels == 0 { // every hazard has a level
			marks[class] = markOf(&items[i].hazard.Class)
		}
	}
	return marks
}

func (p *packed) growPieces(bounds []orb.Bound, marks []mark, on cores) {
	boxes, places := make([]orb.Bound, 0, 4*(p.active-p.small)), make([]uint32, 0, 4*(p.active-p.small))
	for place := p.small; place < p.active; place++ {
		switch shape := p.items[place].hazard.Shape.(type) {
		case orb.Point, orb.Polygon:
			boxes = append(boxes, bounds[place])
		default:
			boxes = pieces(boxes, shape)
		}
		for len(places) < len(boxes) {
			places = append(places, uint32(place))
		}
	}
	p.pieces = p.forestOf(boxes, places, marks, on)
}

// forestOf puts boxes, each of an item, in order and builds over them.
func (p *packed) forestOf(boxes []orb.Bound, of []uint32, marks []mark, on cores) forest {
	order, starts := curve(boxes, on)
	leaves, places := make([]orb.Bound, len(boxes)), make([]uint32, len(boxes))
	on.split(len(boxes), func(from, to int) {
		for leaf := from; leaf < to; leaf++ {
			i := uint32(order[leaf])
			leaves[leaf], places[leaf] = boxes[i], of[i]
		}
	})
	return newForest(leaves, places, starts, p.items, marks, on)
}

func (p *packed) hashIDs() {
	p.slots = make([]uint32, 1<<bits.Len(uint(2*len(p.items))))
	for _, place := range p.byID {
		at := p.slot(p.items[place].hazard.ID)
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
