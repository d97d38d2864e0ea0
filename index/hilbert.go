package index

import (
	"math"

	"github.com/paulmach/orb"
)

// The size of a box is the longer of its sides in degrees. Boxes of like size
// share a tree: among small ones a large one would spoil every node above it.
const (
	smallDegrees = 0.0025 // of the first band: 250 m or so
	bandFactor   = 4      // from one band to the next
	bandCount    = 4      // the last has all that is larger
)

func bandOf(b *orb.Bound) uint64 {
	size := max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1])
	band, most := uint64(0), smallDegrees
	for band < bandCount-1 && size > most {
		band, most = band+1, most*bandFactor
	}
	return band
}

// curve sorts boxes by their band, then along the Hilbert curve through their
// middles. It gives their indices and where each band starts; one more at the end.
func curve(boxes []orb.Bound) (order []uint64, starts [bandCount + 1]int) {
	order = make([]uint64, len(boxes))
	whole := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for i := range boxes {
		whole = joined(whole, boxes[i])
	}
	var scale [2]float64
	for axis := range scale {
		if size := whole.Max[axis] - whole.Min[axis]; size > 0 {
			scale[axis] = hilbertSide / size
		}
	}
	inParallel(len(boxes), func(from, to int) {
		for i := from; i < to; i++ {
			b := &boxes[i]
			x := uint32(((b.Min[0]+b.Max[0])/2 - whole.Min[0]) * scale[0])
			y := uint32(((b.Min[1]+b.Max[1])/2 - whole.Min[1]) * scale[1])
			key := bandOf(b)<<(2*hilbertBits) | uint64(hilbert(min(x, hilbertSide), min(y, hilbertSide)))
			order[i] = key<<32 | uint64(i)
		}
	})
	order = sortHigh(order)
	band := uint64(0)
	for i, v := range order {
		for ; band < v>>(32+2*hilbertBits); band++ {
			starts[band+1] = i
		}
	}
	for ; band < bandCount; band++ {
		starts[band+1] = len(order)
	}
	return order, starts
}

const (
	hilbertBits = 15 // of each axis: 2 to 10 m in a city
	hilbertSide = 1<<hilbertBits - 1
)

// hilbert is the distance along the Hilbert curve of a cell: of each quarter the
// cell's place in its turn, the axes turned as the curve enters it.
func hilbert(x, y uint32) (d uint32) {
	for s := hilbertBits - 1; s >= 0; s-- { // without branches: they cannot be foretold
		rx, ry := x>>s&1, y>>s&1
		d = d<<2 | 3*rx ^ ry
		turn := ry - 1     // all bits in the two southern quarters,
		flip := turn & -rx // and in the last of them
		x, y = x^flip, y^flip
		swap := (x ^ y) & turn
		x, y = x^swap, y^swap
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
