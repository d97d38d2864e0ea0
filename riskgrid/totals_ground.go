package riskgrid

import (
	"cmp"
	"iter"
	"runtime"
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
	// A core more for every few blocks: one change takes none from readers.
	onCores(min(runtime.GOMAXPROCS(0), 1+len(changed)/8), len(changed), func() (func(int), func()) {
		own := make([]Tally, len(out))
		var was, now [blockCells]Risk
		return func(i int) {
				t.land.tally(changed[i], own, &was, &now)
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

// tally adds to the ground by region's number what a block's cells over the floor
// have become, c, in the place of what they were. What a level gains is taken from
// level 0. was and now are room.
func (l *Land) tally(c difference, into []Tally, was, now *[blockCells]Risk) {
	c.old.unpackOrClear(was)
	c.new.unpackOrClear(now)
	d := l.Regions.of(c.at)
	var people *crowded
	if l.People != nil {
		people = l.People.blocks[c.at]
	}
	for y := range blockSide {
		area := int64(0)
		for i := y << blockShift; i < (y+1)<<blockShift; i++ {
			if was[i] == now[i] {
				continue
			}
			for k := range l.Cuts {
				from, to := l.level(Criterion(k), was[i]), l.level(Criterion(k), now[i])
				if from == to {
					continue
				}
				if area == 0 {
					area = rowArea(c.at.y<<blockShift + y)
				}
				who := Headcount(0)
				if people != nil {
					who = people.at(i)
				}
				number := d.at(i)
				into[number].shift(k, from, -area, -who, number != 0)
				into[number].shift(k, to, area, who, number != 0)
			}
		}
	}
}

// shift gives a level ground and people of level 0; the latter's ground only where
// somebody says how much there is.
func (g *Tally) shift(criterion int, level data.Level, area int64, who Headcount, bounded bool) {
	if level == data.LevelNone {
		return
	}
	if bounded {
		g.Area[criterion][0] -= area
	}
	g.Area[criterion][level] += area
	g.People[criterion][0] -= who
	g.People[criterion][level] += who
}

func (b *block) unpackOrClear(dst *[blockCells]Risk) {
	if b == nil {
		clear(dst[:])
		return
	}
	b.unpack(dst)
}

func (l *Land) level(c Criterion, r Risk) data.Level {
	if r == 0 || !l.judged(c) {
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
