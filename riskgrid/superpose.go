package riskgrid

import (
	"iter"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Superpose adds to dst, W·H values row by row from the north-west, the risk of
// every hazard on every cell of the window at the window's own resolution.
// Hazards that do not reach the window cost little and add nothing. Many hazards
// are shared out to all cores.
func Superpose(dst []Risk, w Window, hazards iter.Seq[*data.Hazard]) {
	if w.W <= 0 || w.H <= 0 {
		return
	}
	p := painters.Get().(*painter)
	defer p.done()
	p.window(w, dst)
	var here []*data.Hazard
	for h := range hazards {
		if p.reached(h) {
			here = append(here, h)
		}
	}
	if len(here) < crowd {
		for _, h := range here {
			p.add(h, 1)
		}
		return
	}
	var lock sync.Mutex
	inParallel((len(here)+crowd-1)/crowd, func() (func(int), func()) {
		p := painters.Get().(*painter)
		own := make([]Risk, w.W*w.H)
		p.window(w, own)
		do := func(i int) {
			for _, h := range here[i*crowd : min(len(here), (i+1)*crowd)] {
				p.add(h, 1)
			}
		}
		return do, func() {
			p.done()
			lock.Lock()
			defer lock.Unlock()
			for i, r := range own {
				dst[i] += r
			}
		}
	})
}

// crowd is the number of hazards from which a window is shared out, and that a
// core takes at once. Integer sums do not depend on who adds what.
const crowd = 64

// painter adds hazards to the cells of one lattice. It owns the scratch memory;
// one goroutine at a time uses it. A 1 × 1 window runs the same code as a large
// one, which is what makes a contribution one function.
type painter struct {
	g     lattice
	bound orb.Bound // of the lattice
	dst   []Risk
	sum   [1]Risk // what a sharer adds to

	edges []edge         // shape: its edges near the lattice
	odd   []bool         // shape: crossings of a row, by column
	dist  []float64      // shape: metres to it, by cell; +Inf far away
	near  []orb.Point    // shape: its nearest point, or the sample point where dist is 0
	runs  []columns      // shape: by row where dist is not +Inf
	worst []Risk         // zone: greatest of its pieces, by cell
	skirt data.Footprint // zone: of the last piece
	most  []float64      // spill: the lethality, by cell

	whole     []edge     // line: the edges before they are divided
	line      []float64  // line: integrals over the edges, by column
	tables    []*tabled  // line: the last footprints of many pieces
	oldest    int        // line: of these, modulo their number
	met       []met      // line: the cells that it meets
	mark      []int32    // one over their places in met, by cell; 0 between uses
	stretches []stretch  // spread: the area's rings
	seen      []straight // spread: near edges from the place
	sectors   []sector   // spread: stretches past the reach
	turned    turns      // spread: the angles of these
	pieces    []piece    // integrals: the footprint as straight pieces
	cuts      []float64  // polar integrals: where a panel ends
	sums      []float64  // polar integrals: antiderivative at each bearing and metre
	rose      []bearing  // polar integrals: directions of the bearings
}

// painters are those that nobody uses. They keep their scratch memory and what
// they made ready of footprints; what they add does not depend on that.
var painters = sync.Pool{New: func() any { return new(painter) }}

// done gives a painter of the pool back.
func (p *painter) done() {
	p.dst = nil
	painters.Put(p)
}

// window makes dst, row by row, what the painter adds to.
func (p *painter) window(w Window, dst []Risk) {
	p.g.setWindow(w)
	p.dst = dst[:w.W*w.H]
	p.bound = w.Bound()
}

// place makes one place as it is, without the cell rule, what it adds to.
func (p *painter) place(at orb.Point, dst []Risk) {
	p.g.setPlace(at)
	p.dst = dst[:1]
	p.bound = orb.Bound{Min: at, Max: at}
}

// hazard adds all scenarios of a hazard that counts here times sign, 1 or -1.
func (p *painter) hazard(h *data.Hazard, sign float64) {
	if p.reached(h) {
		p.add(h, sign)
	}
}

// add is hazard for one that is known to count here: where there are many, most of
// their extents are in no cache.
func (p *painter) add(h *data.Hazard, sign float64) {
	if q, ok := h.Shape.(orb.Point); ok {
		for i := range h.Scenarios {
			p.pointScenario(&h.Scenarios[i], q, sign)
		}
		return
	}
	// Scenarios that ask for the distance to the shape share one search for it.
	reach, polar := -1.0, false
	for i := range h.Scenarios {
		s := &h.Scenarios[i]
		if byDistance(s) {
			reach = max(reach, s.Footprint.Reach())
			polar = polar || s.Footprint.Kind == data.Polar
		} else {
			p.special(h.Shape, s, sign)
		}
	}
	if reach < 0 {
		return
	}
	cells := p.measure(h.Shape, reach, polar)
	for i := range h.Scenarios {
		if s := &h.Scenarios[i]; byDistance(s) {
			p.apply(cells, s.Footprint, s.PerYear*perUnit*sign)
		}
	}
}

// scenario adds one scenario of an active hazard times sign.
func (p *painter) scenario(h *data.Hazard, i int, sign float64) {
	s := &h.Scenarios[i]
	if !p.reached(h) {
		return
	}
	if q, ok := h.Shape.(orb.Point); ok {
		p.pointScenario(s, q, sign)
	} else if byDistance(s) {
		cells := p.measure(h.Shape, s.Footprint.Reach(), s.Footprint.Kind == data.Polar)
		p.apply(cells, s.Footprint, s.PerYear*perUnit*sign)
	} else {
		p.special(h.Shape, s, sign)
	}
}

// reached reports whether the hazard counts here. Closed boxes: a shape on the
// world's last meridian meets the last column.
func (p *painter) reached(h *data.Hazard) bool {
	e := h.Extent()
	return h.Status == data.Active && p.bound.Min[0] <= e.Max[0] && e.Min[0] <= p.bound.Max[0] &&
		p.bound.Min[1] <= e.Max[1] && e.Min[1] <= p.bound.Max[1]
}

// byDistance reports whether the scenario's value follows from the distance to
// the shape alone.
func byDistance(s *data.Scenario) bool {
	return s.Per == data.PerSource && s.Footprint.Over == data.OverShape && s.Footprint.Kind != data.Zone
}

func (p *painter) pointScenario(s *data.Scenario, q orb.Point, sign float64) {
	units := s.PerYear * perUnit * sign
	if s.Footprint.Kind == data.Zone {
		p.zone(s.Footprint, units)
		return
	}
	p.point(s.Footprint, units, q)
}

// special adds the scenarios of lines and areas that are not byDistance.
func (p *painter) special(shape orb.Geometry, s *data.Scenario, sign float64) {
	units := s.PerYear * perUnit * sign
	switch {
	case s.Footprint.Kind == data.Zone:
		p.zone(s.Footprint, units)
	case s.Per == data.PerKm:
		p.perKm(shape, s.Footprint, units)
	default:
		p.spread(shape, s.Footprint, units)
	}
}

// apply adds a scenario to cells whose distances were measured.
func (p *painter) apply(s span, f *data.Footprint, units float64) {
	if s.empty() {
		return
	}
	k := newKernel(f, units)
	g := &p.g
	for r := s.r0; r < s.r1; r++ {
		run := p.runs[r]
		if run.from >= run.to {
			continue
		}
		i, j := r*g.w+run.from, r*g.w+run.to
		dst, dist := p.dst[i:j], p.dist[i:j]
		switch f.Kind {
		case data.Step, data.Linear:
			k.rampRow(dst, dist)
		case data.Polar:
			k.polarRow(dst, dist, p.near[i:j], g, r, run.from)
		default:
			k.tableRow(dst, dist)
		}
	}
}

// rampRow adds a step or ramp at distances; 0 counts as all of it.
func (k *kernel) rampRow(dst []Risk, dist []float64) {
	near, reach, core := k.f.R1, k.f.R2, k.core
	for i, d := range dist[:len(dst)] {
		if d <= near {
			dst[i] += core
		} else if d < reach {
			dst[i] += k.linear(d)
		}
	}
}

func (k *kernel) tableRow(dst []Risk, dist []float64) {
	reach := k.f.Reach()
	for i, d := range dist[:len(dst)] {
		if d == 0 {
			dst[i] += k.core
		} else if d <= reach {
			dst[i] += fixed(k.table(d) * k.units)
		}
	}
}

// polarRow is for cells of row r from a column on, whose nearest points are near.
func (k *kernel) polarRow(dst []Risk, dist []float64, near []orb.Point, g *lattice, r, column int) {
	reach := k.f.Reach()
	for i, d := range dist[:len(dst)] {
		if d == 0 {
			dst[i] += k.core
		} else if d <= reach {
			q := near[i]
			e := float64((g.lon[column+i]-q[0])*data.MetresPerDegree) * g.cosAt(r, (g.lat[r]+q[1])/2)
			dst[i] += k.at(d, e, float64((g.lat[r]-q[1])*data.MetresPerDegree))
		}
	}
}
