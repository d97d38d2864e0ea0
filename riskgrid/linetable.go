package riskgrid

import (
	"math"

	"riskatlas/data"
)

// tabled is a table footprint of many pieces made ready for quadrature along
// lines: what is left of the lethality without its jumps, by squared distance.
type tabled struct {
	print *data.Footprint
	jumps []jump
	left  []tablePart // equal parts of the squares from 0 to the squared reach
	each  float64     // parts in a square metre
	panel float64     // longest panel in metres; 0: the pieces must do
}

// jump is a distance past which the lethality is less by so much.
type jump struct{ r2, height float64 }

// tablePart is a value at its begin and how much more it is at its end.
type tablePart struct{ value, more float64 }

const (
	tableParts  = 1024
	manyPieces  = 8  // up to it the closed form by pieces is as fast
	tablesKept  = 16 // in a painter
	tableChecks = 12 // distances off a line at which a quadrature is tried

	// A quadrature may be off where it is tried by a share of the reach and one of
	// the value: a hundredth of what a frequency per kilometre may.
	tableOfReach, tableOfValue = 2e-6, 1e-5
)

// table gives what was made ready for the footprint, whose pieces are in p.pieces
// if it was not at hand.
func (p *painter) table(f *data.Footprint) *tabled {
	for _, t := range p.tables {
		if t.print == f {
			return t
		}
	}
	p.profile(f)
	t := p.newTable(f)
	if len(p.tables) < tablesKept {
		p.tables = append(p.tables, t)
	} else {
		p.tables[p.oldest%tablesKept] = t
		p.oldest++
	}
	return t
}

// newTable cuts the jumps off the pieces and looks for the longest panel whose
// quadratures are as good as the closed form. What it finds depends on the
// footprint alone.
func (p *painter) newTable(f *data.Footprint) *tabled {
	t := &tabled{print: f}
	reach := f.Reach()
	if len(p.pieces) <= manyPieces || !(reach > 0) {
		return t
	}
	for i := 1; i < len(p.pieces); i++ {
		u, v := &p.pieces[i-1], &p.pieces[i]
		if d := u.at(u.r1) - v.at(u.r1); math.Abs(d) > 1e-9 {
			t.jumps = append(t.jumps, jump{u.r2, d})
		}
	}
	if len(t.jumps) > manyPieces {
		return t
	}
	t.left, t.each = make([]tablePart, tableParts), tableParts/(reach*reach)
	before, piece := p.smoothAt(t, 0, 0), 0
	for i := range t.left {
		r := math.Sqrt(float64(i+1) / t.each)
		for piece+1 < len(p.pieces) && p.pieces[piece].r1 < r {
			piece++
		}
		after := p.smoothAt(t, piece, r)
		t.left[i] = tablePart{before, after - before}
		before = after
	}
	for panel := reach / 3; panel > reach/32; panel /= 1.5 {
		t.panel = panel
		if p.tableHolds(t, reach) {
			return t
		}
	}
	t.panel, t.left = 0, nil
	return t
}

// at is the lethality at a distance, as the piece goes on.
func (v *piece) at(r float64) float64 { return v.a + float64(v.b*r) }

// smoothAt is the lethality without the jumps at a distance in a piece.
func (p *painter) smoothAt(t *tabled, piece int, r float64) float64 {
	v := p.pieces[piece].at(r)
	for _, j := range t.jumps {
		if p.pieces[piece].r2 <= j.r2 {
			v -= j.height
		}
	}
	return v
}

// tableHolds reports whether quadratures are good along chords of the circle of
// the reach and along parts of them.
func (p *painter) tableHolds(t *tabled, reach float64) bool {
	for k := range tableChecks {
		h := reach * float64(k) / tableChecks
		h2 := h * h
		half := math.Sqrt(reach*reach - h2)
		for _, part := range [2]straight{{h2: h2, b: half}, {h2: h2, a: 0.37 * half, b: 0.83 * half}} {
			want := p.alongPieces(&part)
			if math.Abs(t.between(h2, part.a, part.b)-want) > tableOfReach*reach+tableOfValue*want {
				return false
			}
		}
	}
	return true
}

// alongTable is along for a footprint made ready for quadrature.
func (t *tabled) alongTable(sums, lons []float64, v *view, reach2 float64) {
	for i, lon := range lons[:len(sums)] {
		east := float64((v.lon - lon) * v.scale)
		h := float64(east*v.uy) - v.cross0
		a := float64(east*v.ux) + v.a0
		h2 := float64(h * h)
		room := reach2 - h2
		if room <= 0 {
			continue
		}
		half := math.Sqrt(room)
		sa, sb := max(a, -half), min(a+v.length, half)
		switch {
		case sa >= sb:
			continue
		case sa < 0 && sb > 0: // the distance has a corner at the foot
			sums[i] += max(t.between(h2, 0, -sa)+t.between(h2, 0, sb), 0)
		default:
			sums[i] += max(t.between(h2, min(math.Abs(sa), math.Abs(sb)), max(math.Abs(sa), math.Abs(sb))), 0)
		}
	}
}

// between is the integral from s0 to s1, which are at least 0 and in reach, along
// a line off the place: jumps in closed form, the rest by Gauss and Legendre's
// three points a panel.
func (t *tabled) between(h2, s0, s1 float64) float64 {
	const x = 0.774596669241483377
	n := int((s1-s0)/t.panel) + 1
	half := (s1 - s0) / float64(2*n)
	off := half * x
	ends, middles := 0.0, 0.0
	for k := range n {
		middle := s0 + half*float64(2*k+1)
		low, high := middle-off, middle+off
		ends += t.value(h2+low*low) + t.value(h2+high*high)
		middles += t.value(h2 + middle*middle)
	}
	sum := half * (ends*(5.0/9) + middles*(8.0/9))
	for i := range t.jumps {
		if c2 := t.jumps[i].r2 - h2; c2 > s0*s0 {
			sum += t.jumps[i].height * (min(math.Sqrt(c2), s1) - s0)
		}
	}
	return sum
}

// value is the lethality without the jumps at a squared distance in reach.
func (t *tabled) value(r2 float64) float64 {
	at := r2 * t.each
	i := min(int(at), tableParts-1)
	part := &t.left[i]
	return part.value + (at-float64(i))*part.more
}
