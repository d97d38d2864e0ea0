package riskgrid

import (
	"iter"
	"math"
	"math/bits"
)

// Pool reads a window of cells of zoom 11 to BaseZoom, row by row from the
// north-west; base cells are counted by the cuts in service. Cells outside the
// world have no risk and only level 0. Any other zoom panics.
func (f *Field) Pool(w Window) []Pooled { return f.PoolBy(w, InService) }

// PoolBy is Pool with base cells counted by the cuts of the criterion.
func (f *Field) PoolBy(w Window, c Criterion) []Pooled {
	out := make([]Pooled, w.W*w.H)
	f.PoolInto(out, w, c)
	return out
}

// PoolInto is PoolBy into the first W·H of dst.
func (f *Field) PoolInto(dst []Pooled, w Window, c Criterion) {
	checkPoolZoom(w.Zoom)
	dst = dst[:w.W*w.H]
	clear(dst)
	if len(dst) == 0 {
		return
	}
	r := newReader(w)
	for range r.pieces(f) {
		switch {
		case w.Zoom < blockZoom:
			for i, n := range r.cells() {
				dst[i] = r.region.top[c][n]
			}
		case w.Zoom < plotZoom:
			for i, n := range r.cells() {
				dst[i] = r.block.top[n].pooled(c)
			}
		default:
			for p := range r.plots() {
				r.poolPlot(p, dst, c, &f.cuts[c])
			}
		}
	}
	for i := range dst {
		dst[i].rest(w.Zoom)
	}
}

// Maxima reads the greatest base cell of each cell of a window of zoom 11 to
// BaseZoom into the first W·H of dst: Pool's Max, for less.
func (f *Field) Maxima(dst []Risk, w Window) {
	checkPoolZoom(w.Zoom)
	dst = dst[:w.W*w.H]
	clear(dst)
	if len(dst) == 0 {
		return
	}
	r := newReader(w)
	for range r.pieces(f) {
		switch {
		case w.Zoom < blockZoom:
			for i, n := range r.cells() {
				dst[i] = r.region.top[InService][n].Max
			}
		case w.Zoom < plotZoom:
			for i, n := range r.cells() {
				dst[i] = r.block.top[n].max
			}
		default:
			for p := range r.plots() {
				r.maxPlot(p, dst)
			}
		}
	}
}

func checkPoolZoom(zoom uint8) {
	if zoom < regionZoom || zoom > BaseZoom {
		panic("riskgrid: cells are pooled at zoom 11 to 20")
	}
}

// reader reads the pieces of a field that a window meets: regions below
// blockZoom, else blocks.
type reader struct {
	window Window
	zoom   uint8   // of the pieces
	region *region // the piece, or that it lies in
	block  *block  // the piece; nil: a region
	part   Window  // the window's cells in the piece
	plotAt place   // the plot's north-west cell, of the window's zoom
	own    [plotCells]Risk
}

// newReader is for a window that is not empty.
func newReader(w Window) *reader {
	if w.Zoom < blockZoom {
		return &reader{window: w, zoom: regionZoom}
	}
	return &reader{window: w, zoom: blockZoom}
}

// pieces goes to each piece that holds any risk.
func (r *reader) pieces(f *Field) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		for at, g := range f.regionsOver(r.window.under(regionZoom)) {
			r.region = g
			if r.zoom == regionZoom {
				r.piece(at)
				if !yield(struct{}{}) {
					return
				}
				continue
			}
			in := Window{X: at.x, Y: at.y, W: 1, H: 1, Zoom: regionZoom}.at(blockZoom).meet(r.window.under(blockZoom))
			for y := in.Y; y < in.Y+in.H; y++ {
				for x := in.X; x < in.X+in.W; x++ {
					r.block = g.blocks[y%regionSide*regionSide+x%regionSide]
					if r.block == nil {
						continue
					}
					r.piece(place{x, y})
					if !yield(struct{}{}) {
						return
					}
				}
			}
		}
	}
}

func (r *reader) piece(at place) {
	r.part = Window{X: at.x, Y: at.y, W: 1, H: 1, Zoom: r.zoom}.at(r.window.Zoom).meet(r.window)
}

// regionsOver gives the regions of the window, which is of regionZoom.
func (f *Field) regionsOver(w Window) iter.Seq2[place, *region] {
	return func(yield func(place, *region) bool) {
		if w.W*w.H > len(f.regions) {
			for at, g := range f.regions {
				if at.x >= w.X && at.x < w.X+w.W && at.y >= w.Y && at.y < w.Y+w.H && !yield(at, g) {
					return
				}
			}
			return
		}
		for y := w.Y; y < w.Y+w.H; y++ {
			for x := w.X; x < w.X+w.W; x++ {
				if g := f.regions[place{x, y}]; g != nil && !yield(place{x, y}, g) {
					return
				}
			}
		}
	}
}

// under is the coarser cells that the window, which is not empty, meets.
func (w Window) under(zoom uint8) Window {
	k := w.Zoom - zoom
	x, y := w.X>>k, w.Y>>k
	return Window{X: x, Y: y, W: (w.X+w.W-1)>>k - x + 1, H: (w.Y+w.H-1)>>k - y + 1, Zoom: zoom}
}

// at is the number of a cell in the window.
func (r *reader) at(x, y int) int { return (y-r.window.Y)*r.window.W + x - r.window.X }

// cells gives for the window's cells in the piece their number in the window and
// among the piece's pooled cells.
func (r *reader) cells() iter.Seq2[int, int] {
	k := r.window.Zoom - r.zoom
	return func(yield func(int, int) bool) {
		for y := r.part.Y; y < r.part.Y+r.part.H; y++ {
			for x := r.part.X; x < r.part.X+r.part.W; x++ {
				if !yield(r.at(x, y), (1<<(2*k)-1)/3+(y&(1<<k-1))<<k+x&(1<<k-1)) {
					return
				}
			}
		}
	}
}

// plots gives the block's plots that the window meets.
func (r *reader) plots() iter.Seq[*plot] {
	in, at := r.part.under(plotZoom), r.part.under(blockZoom)
	k := r.window.Zoom - plotZoom
	return func(yield func(*plot) bool) {
		for i, left := 0, r.block.have; left != 0; i, left = i+1, left&(left-1) {
			n := bits.TrailingZeros64(left)
			x, y := at.X<<plotShift+n&(plotSide-1), at.Y<<plotShift+n>>plotShift
			if x < in.X || x >= in.X+in.W || y < in.Y || y >= in.Y+in.H {
				continue
			}
			r.plotAt = place{x << k, y << k}
			if !yield(&r.block.plots[i]) {
				return
			}
		}
	}
}

// inPlot is the part of the window's cells in the plot.
func (r *reader) inPlot() Window {
	side := 1 << (r.window.Zoom - plotZoom)
	return Window{X: r.plotAt.x, Y: r.plotAt.y, W: side, H: side, Zoom: r.window.Zoom}.meet(r.part)
}

func (r *reader) poolPlot(p *plot, dst []Pooled, c Criterion, cuts *Cuts) {
	if r.window.Zoom == plotZoom {
		dst[r.at(r.plotAt.x, r.plotAt.y)] = p.pooled(c)
		return
	}
	p.unpack(r.block.cells, &r.own)
	level := -1 // of all base cells; -1: they differ
	if p.counts[c] == [4]uint16{} {
		level = 0
	}
	for l, n := range p.counts[c] {
		if n == plotCells {
			level = l + 1
		}
	}
	k := BaseZoom - r.window.Zoom
	in := r.inPlot()
	for y := in.Y; y < in.Y+in.H; y++ {
		for x := in.X; x < in.X+in.W; x++ {
			out := &dst[r.at(x, y)]
			corner := (y-r.plotAt.y)<<k<<plotShift + (x-r.plotAt.x)<<k
			for j := range 1 << k {
				row := r.own[corner+j<<plotShift:][:1<<k]
				for _, risk := range row {
					out.Max = max(out.Max, risk)
					out.Sum += risk
				}
				if level < 0 {
					for _, risk := range row {
						out.Counts[cuts.Level(risk)]++
					}
				}
			}
			if p.sum == math.MaxInt64 { // it stays at the greatest, as may this
				out.Sum = 0
				for j := range 1 << k {
					for _, risk := range r.own[corner+j<<plotShift:][:1<<k] {
						out.Sum = out.Sum.plus(risk)
					}
				}
			}
			if level > 0 {
				out.Counts[level] = 1 << (2 * k)
			}
		}
	}
}

func (r *reader) maxPlot(p *plot, dst []Risk) {
	in := r.inPlot()
	switch r.window.Zoom {
	case plotZoom:
		dst[r.at(r.plotAt.x, r.plotAt.y)] = p.max
		return
	case plotZoom + 1:
		for y := in.Y; y < in.Y+in.H; y++ {
			for x := in.X; x < in.X+in.W; x++ {
				dst[r.at(x, y)] = p.quarter(r.block.cells, (y-r.plotAt.y)<<1+x-r.plotAt.x)
			}
		}
		return
	}
	p.unpack(r.block.cells, &r.own)
	for y := in.Y; y < in.Y+in.H; y++ {
		row := dst[r.at(in.X, y):][:in.W]
		x := in.X - r.plotAt.x
		if r.window.Zoom == BaseZoom {
			copy(row, r.own[(y-r.plotAt.y)<<plotShift+x:])
			continue
		}
		own := r.own[(y-r.plotAt.y)<<(plotShift+1):]
		for i := range row {
			a, b := own[2*(x+i):], own[2*(x+i)+plotSide:]
			row[i] = max(a[0], a[1], b[0], b[1])
		}
	}
}
