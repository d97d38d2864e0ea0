package riskgrid

import (
	"cmp"
	"iter"
	"slices"
	"sync"

	"github.com/paulmach/orb"

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

// tally adds a block's cells over the floor, by region's number. What they add to
// a level is taken from level 0.
func (l *Land) tally(at place, b *block, into []Tally, sign int64) {
	if b == nil {
		return
	}
	d := l.Regions.of(at)
	var people *[blockCells]uint32
	if l.People != nil {
		people = l.People.blocks[at]
	}
	var risk [blockCells]Risk
	b.unpack(&risk)
	for y := range blockSide {
		area := sign * rowArea(at.y<<blockShift+y)
		for i := y << blockShift; i < (y+1)<<blockShift; i++ {
			r := risk[i]
			if r == 0 {
				continue
			}
			number := d.at(i)
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
				if people != nil {
					n := Headcount(sign) * Headcount(people[i])
					g.People[c][0] -= n
					g.People[c][level] += n
				}
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

// Within is what lies in the polygons: in base cells whose centre does, each
// counted once. It costs about a microsecond for each 10 ha.
func (t *Totals) Within(p orb.MultiPolygon) Patch {
	var out Patch
	var all int64
	for _, r := range runsOf(p) {
		area := rowArea(r.y)
		all += int64(r.x1-r.x0) * area
		r.eachBlock(func(at place, from, n int) { t.within(&out, at, from, n, area) })
	}
	for c := range out.Area {
		out.Area[c][0] = all - out.Area[c][1] - out.Area[c][2] - out.Area[c][3] - out.Area[c][4]
	}
	return out
}

// within adds n cells of a row of a block, but for the area at level 0.
func (t *Totals) within(out *Patch, at place, from, n int, area int64) {
	b := t.field.block(at)
	var people *[blockCells]uint32
	if t.land.People != nil {
		people = t.land.People.blocks[at]
	}
	if b == nil && people == nil {
		return
	}
	cells := t.cells[at]
	for i := from; i < from+n; i++ {
		var r Risk
		var who Headcount
		if b != nil {
			r = b.cell(i)
		}
		if people != nil {
			who = Headcount(people[i])
		}
		if r == 0 && who == 0 {
			continue
		}
		for c := range out.Area {
			level := t.land.level(Criterion(c), r)
			out.People[c][level] += who
			if level != 0 {
				out.Area[c][level] += area
			}
		}
		if cells != nil && who != 0 {
			out.Loss = out.Loss.Plus(lossOf(cells[i], who))
		}
	}
}
