package riskgrid

import (
	"math/bits"
	"slices"
	"sync"
)

// blockZoom is the zoom of the blocks in which a Field keeps base cells: one
// block is one z14 tile.
const (
	blockZoom  = 14
	blockShift = BaseZoom - blockZoom
	blockSide  = 1 << blockShift                 // base cells on a side
	blockCells = blockSide * blockSide           // base cells
	plotZoom   = 17                              // finest pooled cells that a block keeps
	plotShift  = BaseZoom - plotZoom             // base cells on a side of those
	plotSide   = 1 << plotShift                  // likewise
	plotCells  = plotSide * plotSide             // base cells
	blockPlots = blockCells / plotCells          // pooled cells of zoom 17
	blockTop   = (blockPlots - 1) / 3            // pooled cells of zoom 14 to 16
	regionZoom = 11                              // coarsest pooled cells
	regionSide = 8                               // blocks on a side of a region
	regionTop  = (regionSide*regionSide - 1) / 3 // pooled cells of zoom 11 to 13
)

// Pooled is what a cell of BaseZoom or coarser carries of its base cells.
type Pooled struct {
	Max    Risk
	Sum    Risk      // over base cells; past the range of Risk it stays at the greatest
	Counts [5]uint32 // base cells by level; index 0 is the rest
}

// baseCells is the number of base cells of a cell.
func baseCells(zoom uint8) uint32 { return 1 << (2 * (BaseZoom - zoom)) }

// add takes in another piece of ground but for its level 0: the rest follows
// from the number of base cells.
func (p *Pooled) add(q *Pooled) {
	p.Max = max(p.Max, q.Max)
	p.Sum = p.Sum.plus(q.Sum)
	for l := 1; l < len(p.Counts); l++ {
		p.Counts[l] += q.Counts[l]
	}
}

// one takes in a base cell.
func (p *Pooled) one(r Risk, cuts *Cuts) {
	p.Max = max(p.Max, r)
	p.Sum = p.Sum.plus(r)
	p.Counts[cuts.Level(r)]++
}

// rest sets level 0 from the others.
func (p *Pooled) rest(zoom uint8) {
	p.Counts[0] = baseCells(zoom) - p.Counts[1] - p.Counts[2] - p.Counts[3] - p.Counts[4]
}

// node is a Pooled of at most one block under every criterion, in 32 bytes.
type node struct {
	max, sum Risk
	counts   [CriteriaCount][4]uint16 // levels 1 to 4: a block has 4 096 cells
}

func (n *node) pooled(c Criterion) Pooled {
	k := &n.counts[c]
	return Pooled{Max: n.max, Sum: n.sum, Counts: [5]uint32{0, uint32(k[0]), uint32(k[1]), uint32(k[2]), uint32(k[3])}}
}

func (n *node) add(m *node) {
	n.max = max(n.max, m.max)
	n.sum = n.sum.plus(m.sum)
	for c := range n.counts {
		for l := range n.counts[c] {
			n.counts[c][l] += m.counts[c][l]
		}
	}
}

// block is the base cells of one z14 tile and the pooled cells of zoom 14 to 17
// above them. Of its plots, the cells of zoom 17, it has those that hold any
// risk, packed one after the other. Immutable.
type block struct {
	print uint64 // of the hazards that it was made of; 0 of none
	have  uint64 // the plots that it has, a bit each, row by row
	plots []plot // those
	cells []byte // their cells
	top   [blockTop]node
}

// nodeStart is where the pooled cells of a zoom from 14 to 16 begin.
func nodeStart(zoom uint8) int { return (1<<(2*(zoom-blockZoom)) - 1) / 3 }

// plot gives one plot by its number; nil where it holds no risk.
func (b *block) plot(i int) *plot {
	if b.have>>i&1 == 0 {
		return nil
	}
	return &b.plots[bits.OnesCount64(b.have&(1<<i-1))]
}

// cell is the risk of a base cell, by its number row by row.
func (b *block) cell(i int) Risk {
	x, y := i&(blockSide-1), i>>blockShift
	p := b.plot(y>>plotShift<<plotShift + x>>plotShift)
	if p == nil {
		return 0
	}
	return p.at(b.cells, y&(plotSide-1)<<plotShift+x&(plotSide-1))
}

// unpack sets dst to all base cells, row by row.
func (b *block) unpack(dst *[blockCells]Risk) {
	clear(dst[:])
	var own [plotCells]Risk
	for i, left := 0, b.have; left != 0; i, left = i+1, left&(left-1) {
		n := bits.TrailingZeros64(left)
		b.plots[i].unpack(b.cells, &own)
		corner := n>>plotShift<<plotShift*blockSide + n&(plotSide-1)<<plotShift
		for y := range plotSide {
			copy(dst[corner+y*blockSide:][:plotSide], own[y*plotSide:])
		}
	}
}

// mason makes blocks: what is painted on its cells is packed and pooled. One
// goroutine at a time uses it.
type mason struct {
	painter
	ground [blockCells]Risk
	own    [plotCells]Risk
	nodes  [blockPlots]node
	plots  []plot
	cells  []byte
}

// masons are kept for the next change.
var masons = sync.Pool{New: func() any { return new(mason) }}

// block gives the block of the ground's cells, nil when nothing is left on them.
func (m *mason) block(print uint64, cuts *[CriteriaCount]Cuts) *block {
	m.plots, m.cells = m.plots[:0], m.cells[:0]
	b := &block{print: print}
	for i := range blockPlots {
		m.nodes[i] = node{}
		corner := i>>plotShift<<plotShift*blockSide + i&(plotSide-1)<<plotShift
		var any Risk
		for y := range plotSide {
			row := m.ground[corner+y*blockSide:][:plotSide]
			any |= row[0] | row[1] | row[2] | row[3] | row[4] | row[5] | row[6] | row[7]
			copy(m.own[y*plotSide:], row)
		}
		if any == 0 {
			continue
		}
		b.have |= 1 << i
		m.plots = append(m.plots, plot{})
		p := &m.plots[len(m.plots)-1]
		p.pool(&m.own, cuts)
		m.cells = p.pack(m.cells, &m.own)
		m.nodes[i] = p.node
	}
	if b.have == 0 {
		return nil
	}
	fine := m.nodes[:]
	for zoom := uint8(plotZoom); zoom > blockZoom; zoom-- {
		side := 1 << (zoom - blockZoom)
		coarse := b.top[nodeStart(zoom-1):][:side*side/4]
		for y := range side {
			for x := range side {
				coarse[y/2*(side/2)+x/2].add(&fine[y*side+x])
			}
		}
		fine = coarse
	}
	b.plots = slices.Clone(m.plots)
	b.cells = make([]byte, len(m.cells)+packMargin)
	copy(b.cells, m.cells)
	return b
}

// region is the blocks of one cell of zoom 11, row by row, and the pooled cells
// of zoom 11 to 13, likewise; level 0 is not counted in them.
type region struct {
	blocks [regionSide * regionSide]*block
	top    [CriteriaCount][regionTop]Pooled
}

// pool computes the pooled cells and reports whether the region holds anything.
func (g *region) pool() bool {
	any := false
	for c := range g.top {
		any = g.poolBy(Criterion(c))
	}
	return any
}

func (g *region) poolBy(c Criterion) bool {
	top := g.top[c][:]
	clear(top)
	any := false
	start := (1<<(2*(blockZoom-1-regionZoom)) - 1) / 3
	for i, b := range g.blocks {
		if b == nil {
			continue
		}
		any = true
		whole := b.top[0].pooled(c)
		top[start+i/regionSide/2*(regionSide/2)+i%regionSide/2].add(&whole)
	}
	for zoom := blockZoom - 1; zoom > regionZoom; zoom-- {
		side := 1 << (zoom - regionZoom)
		fine := (1<<(2*(zoom-regionZoom)) - 1) / 3
		coarse := (1<<(2*(zoom-1-regionZoom)) - 1) / 3
		for y := range side {
			for x := range side {
				top[coarse+y/2*(side/2)+x/2].add(&top[fine+y*side+x])
			}
		}
	}
	return any
}
