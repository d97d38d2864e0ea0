package riskgrid

// blockZoom is the zoom of the blocks in which a Field keeps base cells: one
// block is one z14 tile.
const (
	blockZoom  = 14
	blockShift = BaseZoom - blockZoom
	blockSide  = 1 << blockShift                 // base cells on a side
	blockCells = blockSide * blockSide           // base cells
	keptZoom   = 18                              // finest pooled cells that a block keeps
	keptShift  = BaseZoom - keptZoom             // base cells on a side of those
	blockNodes = (256*4 - 1) / 3                 // pooled cells of zoom 14 to 18
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

// block is the base cells of one z14 tile, row by row from the north-west, and
// the pooled cells of zoom 14 to 18 above them: zoom z from nodeStart(z) on, row
// by row.
type block struct {
	base  [blockCells]Risk
	nodes [blockNodes]node
}

func nodeStart(zoom uint8) int { return (1<<(2*(zoom-blockZoom)) - 1) / 3 }

// pool computes the nodes and reports whether the block holds anything.
func (b *block) pool(cuts *[CriteriaCount]Cuts) bool {
	const side = blockSide >> keptShift
	kept := b.nodes[nodeStart(keptZoom):]
	clear(kept)
	for y := range blockSide {
		row := b.base[y*blockSide : (y+1)*blockSide]
		for x, r := range row {
			if r == 0 {
				continue
			}
			n := &kept[y>>keptShift*side+x>>keptShift]
			n.max = max(n.max, r)
			n.sum = n.sum.plus(r)
			for c := range cuts {
				if l := cuts[c].Level(r); l > 0 {
					n.counts[c][l-1]++
				}
			}
		}
	}
	for zoom := uint8(keptZoom); zoom > blockZoom; zoom-- {
		side := 1 << (zoom - blockZoom)
		fine, coarse := b.nodes[nodeStart(zoom):], b.nodes[nodeStart(zoom-1):nodeStart(zoom)]
		clear(coarse)
		for y := range side {
			for x := range side {
				coarse[y/2*(side/2)+x/2].add(&fine[y*side+x])
			}
		}
	}
	return b.nodes[0].max != 0
}

// at pools one cell of the block, of zoom 14 to 20, at x, y from its north-west.
// cuts are those of the criterion.
func (b *block) at(x, y int, zoom uint8, c Criterion, cuts *Cuts) Pooled {
	if zoom <= keptZoom {
		n := &b.nodes[nodeStart(zoom)+y<<(zoom-blockZoom)+x]
		return n.pooled(c)
	}
	var out Pooled
	k := BaseZoom - zoom
	for j := y << k; j < (y+1)<<k; j++ {
		for i := x << k; i < (x+1)<<k; i++ {
			out.one(b.base[j*blockSide+i], cuts)
		}
	}
	return out
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
		whole := b.nodes[0].pooled(c)
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

// pooled reads a cell of zoom 11 to 20 that lies in the region, but for its level
// 0.
func (g *region) pooled(x, y int, zoom uint8, c Criterion, cuts *Cuts) Pooled {
	if zoom < blockZoom {
		k := zoom - regionZoom
		return g.top[c][(1<<(2*k)-1)/3+(y&(1<<k-1))<<k+x&(1<<k-1)]
	}
	k := zoom - blockZoom
	b := g.blocks[y>>k%regionSide*regionSide+x>>k%regionSide]
	if b == nil {
		return Pooled{}
	}
	p := b.at(x&(1<<k-1), y&(1<<k-1), zoom, c, cuts)
	p.Counts[0] = 0
	return p
}
