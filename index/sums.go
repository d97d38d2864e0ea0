package index

import (
	"cmp"
	"slices"

	"github.com/tidwall/btree"
)

// entry is the sum of the digests of one class of hazards in a tile.
type entry struct {
	class uint32
	sum   uint64
}

// prints has for each kept tile that is not empty its entries by class, none of
// which has the sum 0, in runs: a run's key is the tile and the class from which
// on it has entries, up to the next run. A change so copies a few runs, not all
// entries of a tile that sees the whole city.
type prints = btree.Map[uint64, []entry]

// runLength is how many entries a run has when it is made; it is cut when it has
// twice as many.
const runLength = 128

func runKey(tile, class uint32) uint64 { return uint64(tile)<<32 | uint64(class) }

// tileSums gathers sums of one tile by class: a table with open addressing.
type tileSums struct {
	slots []entry // class + 1; 0 where free; a power of two
	n     int
}

func (t *tileSums) add(class uint32, digest uint64) {
	if 4*t.n >= 3*len(t.slots) {
		t.grow()
	}
	mask := uint32(len(t.slots) - 1)
	for at := class * 0x9e3779b1 >> 7; ; at++ {
		switch s := &t.slots[at&mask]; s.class {
		case class + 1:
			s.sum += digest
			return
		case 0:
			s.class, s.sum = class+1, digest
			t.n++
			return
		}
	}
}

func (t *tileSums) grow() {
	old := t.slots
	t.slots, t.n = make([]entry, max(4, 2*len(old))), 0
	for _, e := range old {
		if e.class != 0 {
			t.add(e.class-1, e.sum)
		}
	}
}

// entries are the sums that are not 0, by class.
func (t *tileSums) entries() []entry {
	out := make([]entry, 0, t.n)
	most := uint32(0)
	for _, e := range t.slots {
		if e.class != 0 && e.sum != 0 {
			out = append(out, entry{e.class - 1, e.sum})
			most = max(most, e.class-1)
		}
	}
	if len(out) < 64 || int(most) > 16*len(out) {
		slices.SortFunc(out, func(a, b entry) int { return cmp.Compare(a.class, b.class) })
		return out
	}
	at := make([]uint64, most+1) // so dense that a look at each class is less
	for _, e := range out {
		at[e.class] = e.sum
	}
	out = out[:0]
	for class, sum := range at {
		if sum != 0 {
			out = append(out, entry{uint32(class), sum})
		}
	}
	return out
}

// groupSums gathers sums of many tiles.
type groupSums struct {
	tiles  map[uint32]*tileSums
	recent [(maxKept - minKept + 1) << 4]recentTile // by zoom and the last bits of x and y
}

type recentTile struct {
	key  uint32
	sums *tileSums
}

func (g *groupSums) add(key, class uint32, digest uint64) {
	r := &g.recent[key>>28<<4|key>>12&12|key&3]
	if r.sums == nil || r.key != key {
		r.key, r.sums = key, g.tiles[key]
		if r.sums == nil {
			r.sums = &tileSums{}
			g.tiles[key] = r.sums
		}
	}
	r.sums.add(class, digest)
}

// merge adds the other's sums, which is not to be used any more.
func (g *groupSums) merge(o *groupSums) {
	for key, sums := range o.tiles {
		mine := g.tiles[key]
		if mine == nil {
			g.tiles[key] = sums
			continue
		}
		for _, e := range sums.slots {
			if e.class != 0 {
				mine.add(e.class-1, e.sum)
			}
		}
	}
}

// apply adds the sums to the prints.
func (g *groupSums) apply(p *prints) {
	keys := make([]uint32, 0, len(g.tiles))
	for key := range g.tiles {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	empty := p.Len() == 0
	for _, tile := range keys {
		es := g.tiles[tile].entries()
		delete(g.tiles, tile)
		if !empty {
			addRuns(p, tile, es)
			continue
		}
		for from := uint32(0); len(es) > 0; {
			n := len(es)
			if n >= 2*runLength {
				n = runLength
			}
			p.Load(runKey(tile, from), es[:n:n])
			if es = es[n:]; len(es) > 0 {
				from = es[0].class
			}
		}
	}
}

// addRuns adds entries to a tile's runs.
func addRuns(p *prints, tile uint32, es []entry) {
	for len(es) > 0 {
		key, old, next := runOf(p, tile, es[0].class)
		n := len(es)
		for uint64(tile)<<32|uint64(es[n-1].class) >= next {
			n--
		}
		now := mergeEntries(old, es[:n])
		es = es[n:]
		if len(now) == 0 {
			p.Delete(key)
			continue
		}
		for len(now) >= 2*runLength {
			p.Set(key, slices.Clone(now[:runLength]))
			now = now[runLength:]
			key = runKey(tile, now[0].class)
		}
		p.Set(key, now)
	}
}

// runOf finds the run that has or is to have a tile's class, and the key of the
// next one.
func runOf(p *prints, tile, class uint32) (key uint64, run []entry, next uint64) {
	key, next = runKey(tile, 0), runKey(tile, 0)+1<<32
	p.Descend(runKey(tile, class), func(k uint64, es []entry) bool {
		if k >= key {
			key, run = k, es
		}
		return false
	})
	p.Ascend(runKey(tile, class)+1, func(k uint64, _ []entry) bool {
		next = min(next, k)
		return false
	})
	return key, run, next
}

// mergeEntries adds two lists by class into a new one, without sums of 0.
func mergeEntries(old, more []entry) []entry {
	out := make([]entry, 0, len(old)+len(more))
	for _, e := range more {
		for len(old) > 0 && old[0].class < e.class {
			out, old = append(out, old[0]), old[1:]
		}
		if len(old) > 0 && old[0].class == e.class {
			e.sum += old[0].sum
			old = old[1:]
		}
		if e.sum != 0 {
			out = append(out, e)
		}
	}
	return append(out, old...)
}
