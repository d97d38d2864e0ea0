package riskgrid

import "riskatlas/data"

// zone adds a zone footprint: by cell the greatest of its pieces.
func (p *painter) zone(f *data.Footprint, units float64) {
	if len(f.Zones) == 1 {
		s, k := p.piece(f, 0, units)
		for r := s.r0; r < s.r1 && !s.empty(); r++ {
			from, to := r*p.g.w+p.runs[r].from, r*p.g.w+p.runs[r].to
			k.rampRow(p.dst[from:to], p.dist[from:to])
		}
		return
	}
	g := &p.g
	var all span
	p.worst = resize(p.worst, g.w*g.h)
	for i := range f.Zones {
		s, k := p.piece(f, i, units)
		if s.empty() {
			continue
		}
		all = p.grow(all, s)
		for r := s.r0; r < s.r1; r++ {
			from, to := r*g.w+p.runs[r].from, r*g.w+p.runs[r].to
			most, dist := p.worst[from:to], p.dist[from:to]
			for i, d := range dist {
				if d <= f.Skirt[1] {
					most[i] = further(most[i], k.linear(d))
				}
			}
		}
	}
	for r := all.r0; r < all.r1; r++ {
		dst := p.dst[r*g.w+all.c0:]
		for i, v := range p.worst[r*g.w+all.c0 : r*g.w+all.c1] {
			dst[i] += v
		}
	}
}

// piece measures a piece of a zone footprint and gives what follows from the
// distance: its value to the skirt's begin, falling to 0 at its end. That holds
// until the next piece.
func (p *painter) piece(f *data.Footprint, i int, units float64) (span, kernel) {
	z := &f.Zones[i]
	p.skirt = data.Footprint{Kind: data.Linear, V0: z.Lethality, R1: f.Skirt[0], R2: f.Skirt[1]}
	return p.measure(z.Shape, f.Skirt[1], false), newKernel(&p.skirt, units)
}

// grow is a span with another one, whose cells of p.worst are 0 where they are new.
func (p *painter) grow(all, s span) span {
	both := s
	if !all.empty() {
		both = span{min(all.c0, s.c0), max(all.c1, s.c1), min(all.r0, s.r0), max(all.r1, s.r1)}
	}
	for r := both.r0; r < both.r1; r++ {
		row := p.worst[r*p.g.w:]
		if r < all.r0 || r >= all.r1 {
			clear(row[both.c0:both.c1])
			continue
		}
		clear(row[both.c0:all.c0])
		clear(row[all.c1:both.c1])
	}
	return both
}

// further is the one that is further from 0: both have the sign of the frequency.
func further(a, b Risk) Risk {
	if b < 0 {
		return min(a, b)
	}
	return max(a, b)
}
