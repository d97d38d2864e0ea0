package index

import (
	"github.com/paulmach/orb"

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

// tally gathers changes of sums. It is scratch space for one goroutine.
type tally struct {
	classes *classes
	units   *unitSet // the districts, may be nil
	sums    [groupCount]groupSums
	reach   []uint64 // by unit of units
	hit     []bool
	odd     []bool
	cover   cover
	grounds []ground
}

func newTally(c *classes, districts *unitSet) *tally {
	t := &tally{classes: c, units: districts}
	for g := range t.sums {
		t.sums[g].tiles = map[uint32]*tileSums{}
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

// add puts a hazard's digests in; a sign of -1 takes them out. nil is none.
func (t *tally) add(h *data.Hazard, sign uint64) {
	if h != nil && h.Status == data.Active {
		t.addItem(item{h, t.classes.numbers[h.Class]}, sign)
	}
}

// addItem is add of an active hazard whose class is known.
func (t *tally) addItem(it item, sign uint64) {
	h := it.hazard
	risk, show := h.Digest(data.LayerRisk)*sign, h.Digest(data.LayerHazards)*sign
	label := spotAt(h.Label())

	t.grounds = grounds(t.grounds[:0], h, 0)
	t.cover.reached(h, t.grounds, &label)
	t.put(groupRisk, it.class, risk)

	t.cover.marked(h, &label)
	t.put(groupPoints, it.class, show)
	if g := groupPoints + group(h.Shape.Dimensions()); g != groupPoints {
		t.cover.tiles(shapeGrow, ground{shape: h.Shape, bound: h.Bound()})
		t.put(g, it.class, show)
	}
	for i := range t.grounds {
		t.grounds[i].metres += districtExtra
	}
	t.addReach(risk)
}

// addFact is addItem of an active hazard that was swept. It looks at the hazard
// only where the fact does not say all.
func (t *tally) addFact(it item, f *fact) {
	if f.metres < 0 {
		t.addItem(it, 1)
		return
	}
	label := spotAt(f.label)
	t.cover.spotTiles(cellGrow, &label, f.metres)
	t.put(groupRisk, it.class, f.risk)
	t.cover.spotTiles(pointGrow, &label, 0)
	t.put(groupPoints, it.class, f.show)
	if t.units == nil {
		return
	}
	bound := orb.Bound{Min: f.label, Max: f.label}
	if units, ok := t.units.clearOf(bound, f.metres+districtExtra, t.odd); ok {
		for _, u := range units {
			t.reach[u] += f.risk
		}
		return
	}
	t.grounds = append(t.grounds[:0], ground{it.hazard.Shape, f.metres + districtExtra, bound})
	t.addNear(f.risk)
}

// addReach adds the digest to the districts that the grounds reach.
func (t *tally) addReach(digest uint64) {
	if t.units == nil {
		return
	}
	if len(t.grounds) == 1 {
		if units, ok := t.units.clearOf(t.grounds[0].bound, t.grounds[0].metres, t.odd); ok {
			for _, u := range units {
				t.reach[u] += digest
			}
			return
		}
	}
	t.addNear(digest)
}

// addNear is addReach by looking at borders.
func (t *tally) addNear(digest uint64) {
	clear(t.hit)
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
	sums := &t.sums[g]
	for _, key := range t.cover.keys {
		sums.add(key, class, digest)
	}
}

// merge adds the other's sums; it is not to be used any more.
func (t *tally) merge(o *tally) {
	for g := range t.sums {
		t.sums[g].merge(&o.sums[g])
	}
	for i, v := range o.reach {
		t.reach[i] += v
	}
}
