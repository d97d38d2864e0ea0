package tiles

import (
	"math/bits"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// bandInput is the ground of a tile: the cells of canvas.window(1), row by row
// from the north-west.
type bandInput struct {
	Window riskgrid.Window
	Level  []data.Level    // W·H levels, 0 to 4
	Value  []riskgrid.Risk // W·H values, by which crossings are placed; not read when Fixed
	Cuts   riskgrid.Cuts
	Fixed  bool // crossings have fixed offsets: stat=share, whose level is no function of a value
}

// appendRisk appends the layer risk: for each level the band of ground that has
// it, as one feature whose id is the level. Nothing is appended where no cell
// has a level.
//
// The bands are disjoint and made by marching squares over the dual grid, whose
// corners are the cells' centres: at every centre the band is the cell's level,
// and band L is the region of level L and more less the region of L+1 and more,
// on the same vertices. Where two cells differ, each cut between them crosses
// their edge at a place that depends on these two cells alone, nearer the lower
// one; of a square with two high corners across, the high ones are joined. The
// bands end at the centres of the window's outermost cells.
func appendRisk(dst []byte, c *canvas, in bandInput) []byte {
	t := tracers.Get().(*bandTracer)
	defer t.release()
	if !t.begin(c, in) {
		return dst
	}
	t.squares()
	t.border()
	w := newLayer(riskKeys)
	for l := data.Low; l <= data.Major; l++ {
		if len(t.starts[l]) == 0 {
			continue
		}
		t.trace(l)
		w.feature(uint64(l))
		w.number(0, uint64(l))
		if t.draw(w, c) {
			w.end(polygonGeometry)
		}
	}
	return w.finish(dst, data.LayerRisk)
}

var riskKeys = []string{"level"}

// minGap is the least distance in tile units of two cuts on one edge, and of a
// cut from a cell's centre and from the middle between two cells. Two, and not
// one, so that vertices stay apart when an offset datum moves and rounds them.
const minGap = 2

// crossing is where the cut below level k crosses the way from a low cell's
// centre to a high one's: its distance from the low centre, in tile units. With
// half the distance of the centres it lies in 0 < crossing < half, grows with k
// by minGap or more, and depends on the two cells alone. low < k <= high.
func (in *bandInput) crossing(low, high int32, k data.Level, half int32) int32 {
	a, b := in.Level[low], in.Level[high]
	n := int32(b - a)
	if in.Fixed {
		return half * int32(k-a) / (n + 1)
	}
	// The share of the way is taken on a logarithmic scale, since cuts are a
	// factor of three apart. What is far below the floor counts as a tenth of it.
	least := max(1, in.Cuts[0]/10)
	la := log2(max(least, in.Value[low]))
	span := max(1, log2(max(least, in.Value[high]))-la)
	var at int32
	for m := int32(1); m <= int32(k-a); m++ {
		cut := log2(max(1, in.Cuts[int32(a)+m-1])) - la
		natural := (int64(half)*min(max(cut, 0), span) + span/2) / span
		at = max(at+minGap, min(int32(natural), half-minGap*(n-m+1)))
	}
	return at
}

// log2 is the binary logarithm of a risk over zero in units of 2^-16, read off
// the bits: straight between powers of two, so it errs by up to 0.09 but rises
// strictly and is the same on every machine.
func log2(r riskgrid.Risk) int64 {
	n := bits.Len64(uint64(r)) - 1
	mantissa := uint64(r) << (63 - n) << 1 // the fraction's bits, from the top
	return int64(n)<<16 | int64(mantissa>>48)
}
