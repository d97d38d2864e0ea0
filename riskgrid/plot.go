package riskgrid

import (
	"encoding/binary"
	"math/bits"
)

// plot is an 8 × 8 piece of base cells, one cell of zoom 17, pooled and packed:
// of every number only what it exceeds the least of them by, in as many bits as
// the greatest of these takes. Neighbouring cells differ little, so that a
// number takes some 30 bits and not 64. The maxima of the four cells of zoom 18
// are packed behind the base cells.
type plot struct {
	node
	least Risk
	start uint32 // first byte
	width uint8  // bits of a number: 0 to widest, or 64
}

const (
	plotNumbers = plotCells + 4
	widest      = 57 // bits that one read of 8 bytes gives from any bit of a byte on
	packMargin  = 8  // bytes behind the last number, so that it can be read likewise
)

// pool sets the node and the numbers' range from the cells.
func (p *plot) pool(cells *[plotCells]Risk, cuts *[CriteriaCount]Cuts) {
	least, most := cells[0], cells[0]
	sum := uint64(0)
	for _, r := range cells {
		least, most = min(least, r), max(most, r)
		sum += uint64(r)
	}
	p.least, p.max, p.sum = least, max(most, 0), Risk(sum)
	if bits.Len64(uint64(most)) > widest {
		p.sum = 0
		for _, r := range cells {
			p.sum = p.sum.plus(r)
		}
	}
	p.width = uint8(bits.Len64(uint64(most - least)))
	if p.width > widest {
		p.width = 64
	}
	for c := range cuts {
		p.count(cells, least, most, c, &cuts[c])
	}
}

// count counts the levels under one criterion: where the least and the greatest
// have one, all have it.
func (p *plot) count(cells *[plotCells]Risk, least, most Risk, c int, cuts *Cuts) {
	if l := cuts.Level(least); l == cuts.Level(most) {
		if l > 0 {
			p.counts[c][l-1] = plotCells
		}
		return
	}
	for _, r := range cells {
		if l := cuts.Level(r); l > 0 {
			p.counts[c][l-1]++
		}
	}
}

// pack appends the cells and the maxima.
func (p *plot) pack(dst []byte, cells *[plotCells]Risk) []byte {
	p.start = uint32(len(dst))
	if p.width == 0 {
		return dst
	}
	var numbers [plotNumbers]uint64
	for i, r := range cells {
		numbers[i] = uint64(r - p.least)
		q := &numbers[plotCells+quarterOf(i)]
		*q = max(*q, numbers[i])
	}
	w := uint(p.width)
	word, filled := uint64(0), uint(0)
	for _, n := range numbers {
		word |= n << filled
		if filled += w; filled >= 64 {
			dst = binary.LittleEndian.AppendUint64(dst, word)
			filled -= 64
			word = n >> (w - filled) // what is left of n; 0 for a shift by 64
		}
	}
	for ; filled > 0; filled -= min(filled, 8) {
		dst = append(dst, byte(word))
		word >>= 8
	}
	return dst
}

// quarterOf is the number of the zoom 18 cell of a plot's cell.
func quarterOf(i int) int { return i>>(2*plotShift-1)<<1 + i>>(plotShift-1)&1 }

func (p *plot) number(cells []byte, i int) Risk {
	bit := uint(i) * uint(p.width)
	word := binary.LittleEndian.Uint64(cells[uint(p.start)+bit>>3:])
	return p.least + Risk(word>>(bit&7)&(1<<p.width-1))
}

// at is the risk of a base cell by its number in the plot, row by row.
func (p *plot) at(cells []byte, i int) Risk { return p.number(cells, i) }

// quarter is the greatest risk in one of the four cells of zoom 18.
func (p *plot) quarter(cells []byte, i int) Risk { return p.number(cells, plotCells+i) }

// unpack sets dst to the base cells.
func (p *plot) unpack(cells []byte, dst *[plotCells]Risk) {
	w, mask := uint(p.width), uint64(1)<<p.width-1
	from := cells[p.start:]
	bit := uint(0)
	for i := range dst {
		dst[i] = p.least + Risk(binary.LittleEndian.Uint64(from[bit>>3:])>>(bit&7)&mask)
		bit += w
	}
}
