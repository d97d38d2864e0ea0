package riskgrid

import (
	"cmp"
	"iter"
	"slices"
	"sync"

	"riskatlas/data"
)

// newMerge gives what does one thing at a time.
func newMerge() func(do func()) {
	var lock sync.Mutex
	return func(do func()) {
		lock.Lock()
		defer lock.Unlock()
		do()
	}
}

// retally gives the ground by level of the field f, from that of the totals' own.
func (t *Totals) retally(f *Field) []Tally {
	changed := t.field.differences(f)
	if len(changed) == 0 {
		return t.ground
	}
	out := slices.Clone(t.ground)
	merge := newMerge()
	inParallel(len(changed), func() (func(int), func()) {
		own := make([]Tally, len(out))
		var cells [blockCells]Risk
		return func(i int) {
				c := changed[i]
				t.land.tally(c.at, c.old, own, -1, &cells)
				t.land.tally(c.at, c.new, own, 1, &cells)
			}, func() {
				merge(func() {
					for i := range own {
						out[i].take(&own[i], 1)
					}
				})
			}
	})
	return out
}

// tally adds a block's cells over the floor, by region's number. What they add to
// a level is taken from level 0. cells is room.
func (l *Land) tally(at place, b *block, into []Tally, sign int64, cells *[blockCells]Risk) {
	if b == nil {
		return
	}
	d := l.Regions.of(at)
	var people *crowded
	if l.People != nil {
		people = l.People.blocks[at]
	}
	b.unpack(cells)
	for y := range blockSide {
		area := sign * rowArea(at.y<<blockShift+y)
		for i := y << blockShift; i < (y+1)<<blockShift; i++ {
			r := cells[i]
			if r == 0 {
				continue
			}
			number := d.at(i)
			who := Headcount(0)
			if people != nil {
				who = Headcount(sign) * people.at(i)
			}
			for c := range l.Cuts {
				level := l.level(Criterion(c), r)
				if level == data.LevelNone {
					continue
				}
				g := &into[number]
				if number != 0 {
					g.Area[c][0] -= area
				}
				g.Area[c][level] += area
				g.People[c][0] -= who
				g.People[c][level] += who
			}
		}
	}
}

func (l *Land) level(c Criterion, r Risk) data.Level {
	if !l.judged(c) {
		return data.LevelNone
	}
	return l.Cuts[c].Level(r)
}

// Regions gives the ground of every region that there is any of, in the order of
// the regions. Of ground outside of every district only what is over the floor is
// counted, for nobody says where it ends, but everybody who lives there.
func (t *Totals) Regions() iter.Seq2[Region, Tally] {
	order := make([]uint16, len(t.ground))
	for i := range order {
		order[i] = uint16(i)
	}
	slices.SortFunc(order, func(a, b uint16) int {
		x, y := t.land.Regions.region(a), t.land.Regions.region(b)
		return slices.CompareFunc(x[:], y[:], cmp.Compare[data.District])
	})
	return func(yield func(Region, Tally) bool) {
		for _, i := range order {
			if !yield(t.land.Regions.region(i), t.whole(i)) {
				return
			}
		}
	}
}

// whole is the ground of a region, with what is at level 0.
func (t *Totals) whole(number uint16) Tally {
	g := t.ground[number]
	area := int64(0)
	if t.land.Regions != nil {
		area = t.land.Regions.area[number]
	}
	for c := range g.Area {
		g.Area[c][0] += area
		g.People[c][0] += t.settled[number]
	}
	return g
}

// Ground sums the regions that are asked for.
func (t *Totals) Ground(of func(Region) bool) Tally {
	var sum Tally
	for i := range t.ground {
		if of(t.land.Regions.region(uint16(i))) {
			g := t.whole(uint16(i))
			sum.Add(&g)
		}
	}
	return sum
}

// By gives the ground of each position of a vintage, by position, which may end
// before the vintage does: what is past the end is nothing.
func (t *Totals) By(vintage int) []Tally {
	var out []Tally
	for i := range t.ground {
		at := int(t.land.Regions.region(uint16(i))[vintage])
		if at >= len(out) {
			out = append(out, make([]Tally, at+1-len(out))...)
		}
		g := t.whole(uint16(i))
		out[at].Add(&g)
	}
	return out
}
