package riskgrid

import (
	"context"
	"math/bits"
	"slices"

	"riskatlas/data"
)

// ledger is all losses of one revision. Immutable.
type ledger struct {
	field   *Field
	cells   map[place]*extras // where people live
	sources *[shards]*shard
	classes map[data.Class]*classSum
}

// after gives the ledger after the swaps, f being the field after them, on so many
// cores. The error is the context's.
func (l *ledger) after(ctx context.Context, land *Land, f *Field, swaps []Swap, cores int) (*ledger, error) {
	out := &ledger{field: f, cells: l.cells}
	c := newChanges(swaps, land.People != nil)
	if land.People != nil {
		made, err := c.assess(ctx, land, l, f, cores)
		if err != nil {
			return nil, err
		}
		out.cells = made
	} else {
		c.ask()
	}
	return out, out.record(ctx, land, l, c, cores)
}

// borne is the risk at the centres of a block's cells, as places.
type borne struct {
	base  *block  // nil: none
	extra *extras // nil: none
}

func (l *ledger) borne(at place) borne { return borne{l.field.block(at), l.cells[at]} }

// at is the risk at a cell's centre, where somebody lives.
func (b borne) at(i int) Risk {
	r := b.extra.at(i)
	if b.base != nil {
		r += b.base.cell(i)
	}
	return r
}

// unpack sets dst to the risk at all cells' centres. Where nobody lives it is the
// field's.
func (b borne) unpack(dst *[blockCells]Risk) {
	clear(dst[:])
	if b.base != nil {
		b.base.unpack(dst)
	}
	if b.extra != nil {
		n := 0
		for y, left := range b.extra.bits {
			for ; left != 0; left &= left - 1 {
				dst[y<<blockShift+bits.TrailingZeros64(left)] += b.extra.values[n]
				n++
			}
		}
	}
}

func (b borne) none() bool { return b.base == nil && b.extra == nil }

// extras is what the risk at the centres of a block's cells exceeds the field's
// by, which takes sources that meet a cell to be as near as can be: mostly 0, and
// where it is not, mostly under it.
type extras struct {
	bits   [blockSide]uint64 // by row: the cells where it is not 0
	starts [blockSide]uint16 // by row: how many there are in the rows before
	values []Risk
}

func (e *extras) at(i int) Risk {
	if e == nil {
		return 0
	}
	y, bit := i>>blockShift, uint64(1)<<(i&(blockSide-1))
	if e.bits[y]&bit == 0 {
		return 0
	}
	return e.values[int(e.starts[y])+bits.OnesCount64(e.bits[y]&(bit-1))]
}

// newExtras gives what cells exceed those of the field by where people live; nil
// where they do nowhere. buf is room, which it gives back.
func newExtras(cells, field *[blockCells]Risk, people *[blockCells]uint32, buf []Risk) (*extras, []Risk) {
	var e extras
	buf = buf[:0]
	for y := range blockSide {
		e.starts[y] = uint16(len(buf))
		for x := range blockSide {
			i := y<<blockShift + x
			if r := cells[i] - field[i]; r != 0 && people[i] != 0 {
				e.bits[y] |= 1 << x
				buf = append(buf, r)
			}
		}
	}
	if len(buf) == 0 {
		return nil, buf
	}
	e.values = slices.Clone(buf)
	return &e, buf
}
