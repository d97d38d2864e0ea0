package index

import (
	"hash/maphash"
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// fan is how many children a node of a packed tree has.
const fan = 16

// packed is a city's hazards in static arrays: the active ones in the order of a
// Hilbert curve, over which lie two trees without pointers, of boxes of shapes
// and of extents (node i of a level has the children fan·i to fan·i+fan-1 of the
// level below), and by id and by class. A place is a position in items. It is
// immutable, and holds no state that changes made after it.
type packed struct {
	items   []item // active ones in Hilbert order, then all others
	active  int
	shapes  boxTree
	extents boxTree
	marks   [][]mark // of both trees' nodes, by level from 1

	byID    []uint32 // places in the order of ids
	slots   []uint32 // places + 1 by hash of the id, 0 where free; a power of two
	seed    maphash.Seed
	byClass []uint32 // places of active ones, by class
	starts  []uint32 // by class number: where it starts in byClass; one more at the end
}

// boxTree has boxes by level: 0 has those of items.
type boxTree [][]orb.Bound

// mark says what lies below a node: sets of industries, of levels, and of
// districts of all vintages folded to 64.
type mark struct {
	industries, districts uint64
	levels                uint8
}

func districtBit(d data.District) uint64 { return 1 << (d & 63) }

func markOf(c *data.Class) mark {
	m := mark{industries: 1 << c.Industry, levels: 1 << c.Level}
	for _, d := range c.Districts {
		m.districts |= districtBit(d)
	}
	return m
}

func (m *mark) join(o mark) {
	m.industries |= o.industries
	m.districts |= o.districts
	m.levels |= o.levels
}

// newPacked packs items that are given by id. It works on all cores.
func newPacked(sorted []item) *packed {
	p := &packed{items: make([]item, len(sorted)), byID: make([]uint32, len(sorted)), seed: maphash.MakeSeed()}
	order := hilbertOrder(sorted)
	p.active = len(order)
	shapes, extents := make([]orb.Bound, p.active), make([]orb.Bound, p.active)
	inParallel(len(order), func(from, to int) {
		for place := from; place < to; place++ {
			was := uint32(order[place])
			it := sorted[was]
			p.items[place], p.byID[was] = it, uint32(place)
			shapes[place], extents[place] = it.hazard.Bound(), it.hazard.Extent()
		}
	})
	place := p.active
	for i, it := range sorted {
		if it.hazard.Status != data.Active {
			p.items[place], p.byID[i] = it, uint32(place)
			place++
		}
	}
	var work sync.WaitGroup
	work.Go(p.hashIDs)
	work.Go(p.groupClasses)
	work.Go(func() { p.shapes = newBoxTree(shapes) })
	work.Go(func() { p.extents = newBoxTree(extents) })
	p.markNodes()
	work.Wait()
	return p
}

// inParallel splits n things among all cores, when there are many.
func inParallel(n int, f func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), n/2048)
	if workers < 2 {
		f(0, n)
		return
	}
	var work sync.WaitGroup
	for w := range workers {
		work.Go(func() { f(n*w/workers, n*(w+1)/workers) })
	}
	work.Wait()
}

// hilbertOrder gives the active items' indices, in the low halves, along the
// curve through the middles of their shapes' boxes.
func hilbertOrder(items []item) []uint64 {
	order := make([]uint64, 0, len(items))
	var bound orb.Bound
	for i, it := range items {
		if it.hazard.Status == data.Active {
			if len(order) == 0 {
				bound = it.hazard.Bound()
			} else {
				bound = joined(bound, it.hazard.Bound())
			}
			order = append(order, uint64(i))
		}
	}
	const side = 1<<16 - 1
	scale := [2]float64{}
	for axis := range scale {
		if size := bound.Max[axis] - bound.Min[axis]; size > 0 {
			scale[axis] = side / size
		}
	}
	inParallel(len(order), func(from, to int) {
		for k, i := range order[from:to] {
			b := items[i].hazard.Bound()
			x := uint32(((b.Min[0]+b.Max[0])/2 - bound.Min[0]) * scale[0])
			y := uint32(((b.Min[1]+b.Max[1])/2 - bound.Min[1]) * scale[1])
			order[from+k] |= uint64(hilbert(min(x, side), min(y, side))) << 32
		}
	})
	return sortHigh(order)
}

// hilbert is the distance along the Hilbert curve of order 16 of a cell (the
// rotations of Hacker's Delight, 2nd edition, 16-1, taken bit by bit).
func hilbert(x, y uint32) (d uint32) {
	for s := uint32(1 << 15); s > 0; s >>= 1 {
		rx, ry := x&s, y&s
		d <<= 2
		switch {
		case rx == 0 && ry == 0:
			x, y = y, x
		case rx == 0:
			d |= 1
		case ry != 0:
			d |= 2
		default:
			d |= 3
			x, y = ^y, ^x
		}
	}
	return d
}

// sortHigh sorts by the high 32 bits, stably, by three passes of counting; it
// may give back another slice.
func sortHigh(a []uint64) []uint64 {
	b := make([]uint64, len(a))
	for _, shift := range [3]int{32, 43, 54} {
		var starts [1 << 11]int
		for _, v := range a {
			starts[v>>shift&(1<<11-1)]++
		}
		sum := 0
		for i, n := range starts {
			starts[i], sum = sum, sum+n
		}
		for _, v := range a {
			k := v >> shift & (1<<11 - 1)
			b[starts[k]] = v
			starts[k]++
		}
		a, b = b, a
	}
	return a
}

func newBoxTree(leaves []orb.Bound) boxTree {
	t := boxTree{leaves}
	for below := leaves; len(below) > fan; below = t[len(t)-1] {
		nodes := make([]orb.Bound, (len(below)+fan-1)/fan)
		for i := range nodes {
			box := below[i*fan]
			for _, b := range below[i*fan+1 : min(i*fan+fan, len(below))] {
				box = joined(box, b)
			}
			nodes[i] = box
		}
		t = append(t, nodes)
	}
	return t
}

func joined(a, b orb.Bound) orb.Bound {
	return orb.Bound{
		Min: orb.Point{min(a.Min[0], b.Min[0]), min(a.Min[1], b.Min[1])},
		Max: orb.Point{max(a.Max[0], b.Max[0]), max(a.Max[1], b.Max[1])},
	}
}

func (p *packed) markNodes() {
	p.marks = [][]mark{nil}
	for n := p.active; n > fan; {
		n = (n + fan - 1) / fan
		p.marks = append(p.marks, make([]mark, n))
	}
	if len(p.marks) == 1 {
		return
	}
	first := p.marks[1]
	inParallel(len(first), func(from, to int) {
		for i := from; i < to; i++ {
			for k := i * fan; k < min(i*fan+fan, p.active); k++ {
				first[i].join(markOf(&p.items[k].hazard.Class))
			}
		}
	})
	for level := 2; level < len(p.marks); level++ {
		for i, m := range p.marks[level-1] {
			p.marks[level][i/fan].join(m)
		}
	}
}

func (p *packed) hashIDs() {
	p.slots = make([]uint32, 1<<bits.Len(uint(2*len(p.items))))
	for place, it := range p.items {
		at := p.slot(it.hazard.ID)
		for p.slots[at] != 0 {
			at = (at + 1) & uint64(len(p.slots)-1)
		}
		p.slots[at] = uint32(place + 1)
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
