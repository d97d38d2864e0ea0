package riskgrid

import (
	"iter"

	"riskatlas/data"
)

// Part is the loss that the active sources of one class cause in one region by
// one kind of accident on one basis.
type Part struct {
	Class   data.Class
	Region  Region
	Outcome data.Outcome
	Basis   data.Basis
	Loss    Loss
}

// Parts gives the parts of the loss that the filter's sources cause, in no order.
// They sum to the filter's loss exactly. It costs one look at each class.
func (t *Totals) Parts(f data.Filter) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for class, c := range t.book().classes {
			if !f.MatchClass(class) {
				continue
			}
			for i := range c.parts {
				p := &c.parts[i]
				if !yield(Part{class, p.region, p.outcome, p.basis, p.loss}) {
					return
				}
			}
		}
	}
}

// Loss is the loss that the filter's sources cause.
func (t *Totals) Loss(f data.Filter) Loss {
	var sum Loss
	for p := range t.Parts(f) {
		sum = sum.Plus(p.Loss)
	}
	return sum
}

// Kinds gives, for each class of the filter, how many active sources have which
// kinds of accident, in no order.
func (t *Totals) Kinds(f data.Filter) iter.Seq2[data.Class, map[Accidents]int] {
	return func(yield func(data.Class, map[Accidents]int) bool) {
		for class, c := range t.book().classes {
			if f.MatchClass(class) && !yield(class, c.kinds) {
				return
			}
		}
	}
}

// Grid reports whether people are known by where they live. If not, losses are by
// the sources' own exposure.
func (t *Totals) Grid() bool { return t.land.People != nil }

// People is everybody on the grid; 0 without one.
func (t *Totals) People() Headcount { return t.land.People.Total() }

// Land is what the totals are made on.
func (t *Totals) Land() Land { return t.land }

// Silent is the number of active sources of the filter that do not say whom they
// expose.
func (t *Totals) Silent(f data.Filter) int {
	n := 0
	for class, c := range t.book().classes {
		if f.MatchClass(class) {
			n += c.silent
		}
	}
	return n
}

// Expected is what one scenario costs.
type Expected struct {
	Scenario int     // its position in the source's list
	PerYear  float64 // its frequency, 1/yr; per kilometre: of the whole line
	Deaths   float64 // expected in one such accident
	Loss     Loss    // per year
}

// Expected appends what each scenario of an active source costs.
func (t *Totals) Expected(dst []Expected, h *data.Hazard) []Expected {
	for i := range h.Scenarios {
		dst = append(dst, Expected{Scenario: i, PerYear: perYear(h, &h.Scenarios[i])})
	}
	out := dst[len(dst)-len(h.Scenarios):]
	for l := range t.book().of(h.ID) {
		out[l.scenario].Loss = out[l.scenario].Loss.Plus(l.loss)
	}
	for i := range out {
		// In units of Risk, so that whole people come out whole.
		if f := fixed(out[i].PerYear * perUnit); f > 0 {
			out[i].Deaths = out[i].Loss.units() / float64(f) / perPerson
		}
	}
	return dst
}

// Of gives the parts of one active source's loss, by scenario and region.
func (t *Totals) Of(h *data.Hazard) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for l := range t.book().of(h.ID) {
			s := &h.Scenarios[l.scenario]
			if !yield(Part{h.Class, t.land.regionOf(h, l.region), s.Outcome, s.Basis, l.loss}) {
				return
			}
		}
	}
}
