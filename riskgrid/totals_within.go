package riskgrid

import "github.com/paulmach/orb"

// Within is what lies in the polygons: in base cells whose centre does, each
// counted once. It costs about a microsecond for each 10 ha, and waits for the
// losses.
func (t *Totals) Within(p orb.MultiPolygon) Patch {
	w := survey{t: t, book: t.book()}
	w.sum(p)
	return w.out
}

// GroundWithin is Within without the loss, for which it does not wait.
func (t *Totals) GroundWithin(p orb.MultiPolygon) Tally {
	w := survey{t: t}
	w.sum(p)
	return w.out.Tally
}

// survey sums what lies in polygons.
type survey struct {
	t    *Totals
	book *ledger // nil: losses are not asked for
	out  Patch
}

func (w *survey) sum(p orb.MultiPolygon) {
	var all int64
	for _, r := range runsOf(p) {
		area := rowArea(r.y)
		all += int64(r.x1-r.x0) * area
		r.eachBlock(func(at place, from, n int) { w.row(at, from, n, area) })
	}
	for c := range w.out.Area {
		a := &w.out.Area[c]
		a[0] = all - a[1] - a[2] - a[3] - a[4]
	}
}

// row adds n cells of a row of a block, but for the area at level 0.
func (w *survey) row(at place, from, n int, area int64) {
	b := w.t.field.block(at)
	var people *crowded
	if w.t.land.People != nil {
		people = w.t.land.People.blocks[at]
	}
	if b == nil && people == nil {
		return
	}
	var risk borne
	if w.book != nil && people != nil {
		risk = w.book.borne(at)
	}
	for i := from; i < from+n; i++ {
		var r Risk
		var who Headcount
		if b != nil {
			r = b.cell(i)
		}
		if people != nil {
			who = people.at(i)
		}
		if r == 0 && who == 0 {
			continue
		}
		for c := range w.out.Area {
			level := w.t.land.level(Criterion(c), r)
			w.out.People[c][level] += who
			if level != 0 {
				w.out.Area[c][level] += area
			}
		}
		if who != 0 {
			w.out.Loss = w.out.Loss.Plus(lossOf(risk.at(i), who))
		}
	}
}
