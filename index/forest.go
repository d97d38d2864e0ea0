package index

import (
	"runtime"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// fan is how many children a node has.
const fan = 16

// forest is boxes under trees without pointers, one for each band of sizes: node
// i of a level has the children fan·i to fan·i+fan-1 of the level below. Each
// leaf is of an item. Immutable.
type forest struct {
	leaves []orb.Bound
	places []uint32 // of items, by leaf; nil: leaf i is of item i
	items  []item   // by leaf; not of pieces
	trees  []tree   // those that are not empty
	whole  orb.Bound
}

// tree is one band. Level 0 has the leaves from first on.
type tree struct {
	first  int
	levels [][]orb.Bound
	marks  [][]mark  // by level from 1
	crowds [][]Crowd // by level from 1; of shapes alone
}

func (f *forest) place(leaf int) uint32 {
	if f.places == nil {
		return uint32(leaf)
	}
	return f.places[leaf]
}

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

// newForest builds over leaves that are in the order of curve; of has the marks of
// classes by number.
func newForest(leaves []orb.Bound, places []uint32, starts [bandCount + 1]int, items []item, of []mark) forest {
	f := forest{leaves: leaves, places: places, items: items}
	if places != nil {
		f.items = nil
	}
	for band := range bandCount {
		if starts[band] == starts[band+1] {
			continue
		}
		t := tree{first: starts[band], levels: [][]orb.Bound{leaves[starts[band]:starts[band+1]]}, marks: [][]mark{nil}}
		for below := t.levels[0]; len(below) > fan; below = t.levels[len(t.levels)-1] {
			n := (len(below) + fan - 1) / fan
			nodes, marks := make([]orb.Bound, n), make([]mark, n)
			level := len(t.levels)
			inParallel(n, func(from, to int) {
				for i := from; i < to; i++ {
					box := below[i*fan]
					for k := i * fan; k < min(i*fan+fan, len(below)); k++ {
						box = joined(box, below[k])
						if level == 1 {
							marks[i].join(of[items[f.place(t.first+k)].class])
						} else {
							marks[i].join(t.marks[level-1][k])
						}
					}
					nodes[i] = box
				}
			})
			t.levels, t.marks = append(t.levels, nodes), append(t.marks, marks)
		}
		for i, top := range t.levels[len(t.levels)-1] {
			if i == 0 && len(f.trees) == 0 {
				f.whole = top
			}
			f.whole = joined(f.whole, top)
		}
		f.trees = append(f.trees, t)
	}
	return f
}

func joined(a, b orb.Bound) orb.Bound {
	for axis := range 2 { // no min and max: they look for NaN
		if b.Min[axis] < a.Min[axis] {
			a.Min[axis] = b.Min[axis]
		}
		if b.Max[axis] > a.Max[axis] {
			a.Max[axis] = b.Max[axis]
		}
	}
	return a
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
