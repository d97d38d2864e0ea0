package index

import (
	"slices"

	"github.com/tidwall/btree"

	"riskatlas/data"
)

// group is a set of layers that share their sums.
type group int

const (
	groupRisk   group = iota // risk, grid, diff: what reaches
	groupPoints              // hazards: points and label points
	groupLines               // lines
	groupAreas               // areas
	groupCount
)

func groupOf(l data.Layer) (group, bool) {
	switch l {
	case data.LayerRisk, data.LayerGrid, data.LayerDiff:
		return groupRisk, true
	case data.LayerHazards:
		return groupPoints, true
	case data.LayerLines:
		return groupLines, true
	case data.LayerAreas:
		return groupAreas, true
	}
	return 0, false
}

// entry is the sum of the digests of one class of hazards in a tile.
type entry struct {
	class uint32
	sum   uint64
}

// prints has for each kept tile that is not empty its entries by class; none
// has the sum 0.
type prints = btree.Map[uint32, []entry]

// tally gathers changes of sums. It is scratch space for one goroutine.
type tally struct {
	classes *classes
	units   *unitSet // the districts, may be nil
	sums    [groupCount]map[uint64]uint64
	reach   []uint64 // by unit of units
	hit     []bool
	odd     []bool
	cover   cover
	grounds []ground
}

func newTally(c *classes, districts *unitSet) *tally {
	t := &tally{classes: c, units: districts}
	for g := range t.sums {
		t.sums[g] = map[uint64]uint64{}
	}
	if districts != nil {
		n := len(districts.units)
		t.reach, t.hit, t.odd = make([]uint64, n), make([]bool, n), make([]bool, n)
	}
	return t
}

// change takes the old hazard out of the sums and puts the new one in.
func (t *tally) change(c Change) {
	if c.Old != nil && c.New != nil && sameSums(c.Old, c.New) {
		return
	}
	t.add(c.Old, ^uint64(0))
	t.add(c.New, 1)
}

// sameSums reports whether a hazard may stand for another in every sum: a change
// of a telephone number needs no more than this look.
func sameSums(a, b *data.Hazard) bool {
	return a.Status == b.Status && a.Class == b.Class &&
		a.Digest(data.LayerRisk) == b.Digest(data.LayerRisk) &&
		a.Digest(data.LayerHazards) == b.Digest(data.LayerHazards)
}

func (t *tally) add(h *data.Hazard, sign uint64) {
	if h == nil || h.Status != data.Active {
		return
	}
	risk, show := h.Digest(data.LayerRisk)*sign, h.Digest(data.LayerHazards)*sign
	class := t.classes.numbers[h.Class]

	t.grounds = grounds(t.grounds[:0], h, 0)
	t.cover.tiles(cellGrow, t.grounds...)
	t.put(groupRisk, class, risk)

	t.cover.tiles(pointGrow, ground{shape: shownIn(h, data.LayerHazards)})
	t.put(groupPoints, class, show)
	if g := groupPoints + group(h.Shape.Dimensions()); g != groupPoints {
		t.cover.tiles(shapeGrow, ground{shape: h.Shape})
		t.put(g, class, show)
	}
	t.addReach(h, risk)
}

// addReach adds the digest to the districts that the hazard reaches.
func (t *tally) addReach(h *data.Hazard, digest uint64) {
	if t.units == nil {
		return
	}
	clear(t.hit)
	t.grounds = grounds(t.grounds[:0], h, districtExtra)
	for _, g := range t.grounds {
		t.units.reach(g, t.hit, t.odd)
	}
	for u, hit := range t.hit {
		if hit {
			t.reach[u] += digest
		}
	}
}

func (t *tally) put(g group, class uint32, digest uint64) {
	for _, key := range t.cover.keys {
		t.sums[g][uint64(key)<<32|uint64(class)] += digest
	}
}

// merge adds the other's sums.
func (t *tally) merge(o *tally) {
	for g := range t.sums {
		for k, v := range o.sums[g] {
			t.sums[g][k] += v
		}
	}
	for i, v := range o.reach {
		t.reach[i] += v
	}
}

// apply adds the sums to the prints.
func apply(p *prints, sums map[uint64]uint64) {
	keys := make([]uint64, 0, len(sums))
	for k, v := range sums {
		if v != 0 {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for len(keys) > 0 {
		tile := uint32(keys[0] >> 32)
		n := 1
		for n < len(keys) && uint32(keys[n]>>32) == tile {
			n++
		}
		before, _ := p.Get(tile)
		if after := mergeEntries(before, keys[:n], sums); len(after) > 0 {
			p.Set(tile, after)
		} else {
			p.Delete(tile)
		}
		keys = keys[n:]
	}
}

func mergeEntries(old []entry, keys []uint64, sums map[uint64]uint64) []entry {
	out := make([]entry, 0, len(old)+len(keys))
	for _, k := range keys {
		class, sum := uint32(k), sums[k]
		for len(old) > 0 && old[0].class < class {
			out, old = append(out, old[0]), old[1:]
		}
		if len(old) > 0 && old[0].class == class {
			sum += old[0].sum
			old = old[1:]
		}
		if sum != 0 {
			out = append(out, entry{class, sum})
		}
	}
	return slices.Clip(append(out, old...))
}
