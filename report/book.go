package report

import (
	"cmp"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// book is the city's losses and numbers of sources in one pass, so that every
// chapter divides the same whole. Losses are exact: any division of them sums to
// all.
type book struct {
	all      riskgrid.Loss
	industry []portion                  // by Industry
	district map[data.District]*portion // losses by where they fall, kinds by where sources are
	outcome  portion
	types    map[string]*accidents // by code of the accident type that scenarios count as, or none
	basis    [len(data.BasisKeys)]riskgrid.Loss
	based    [len(data.BasisKeys)]int // sources that have a scenario of the basis
	levels   int                      // sources that have no quantitative one
	exposed  float64                  // people by the sources' own records, mean over day and night
	counts   map[lot]Counts
}

// portion is the part of the whole that falls to one chapter.
type portion struct {
	loss  riskgrid.Loss
	by    [len(data.Outcomes)]riskgrid.Loss
	kinds [len(data.Outcomes)]int // active sources that have such a scenario
}

// accidents is what accidents of one type cost, and how many active sources can
// have one.
type accidents struct {
	loss    riskgrid.Loss
	sources int
}

// untyped is the key of scenarios that count as no type.
const untyped = "—"

// lot is the sources of an industry in a district of the default vintage.
type lot struct {
	industry data.Industry
	district data.District
}

func newBook(v *tiles.View, t *riskgrid.Totals, at int) *book {
	b := &book{industry: make([]portion, len(v.City.Taxonomy.Industries)), district: map[data.District]*portion{}, types: map[string]*accidents{}, counts: map[lot]Counts{}}
	for p := range t.Parts(data.All()) {
		b.all = b.all.Plus(p.Loss)
		b.basis[p.Basis] = b.basis[p.Basis].Plus(p.Loss)
		a := b.typed(v.City.Taxonomy, p.Class.Industry, p.Outcome)
		a.loss = a.loss.Plus(p.Loss)
		for _, s := range []*portion{&b.outcome, &b.industry[p.Class.Industry], b.at(p.Region[at])} {
			s.loss = s.loss.Plus(p.Loss)
			s.by[p.Outcome] = s.by[p.Outcome].Plus(p.Loss)
		}
	}
	for class, kinds := range t.Kinds(data.All()) {
		b.countTypes(v.City.Taxonomy, class.Industry, kinds)
		for _, s := range []*portion{&b.outcome, &b.industry[class.Industry], b.at(class.Districts[at])} {
			for set, n := range kinds {
				for o := range set.All() {
					s.kinds[o] += n
				}
			}
		}
	}
	for class, n := range v.Classes() {
		l := lot{class.Industry, class.Districts[at]}
		c := b.counts[l]
		c[class.Level] += n
		b.counts[l] = c
	}
	return b
}

func (b *book) typed(tax *data.Taxonomy, in data.Industry, o data.Outcome) *accidents {
	code := cmp.Or(tax.Accident(in, o), untyped)
	a := b.types[code]
	if a == nil {
		a = &accidents{}
		b.types[code] = a
	}
	return a
}

// countTypes counts each source once in every type that it can have.
func (b *book) countTypes(tax *data.Taxonomy, in data.Industry, kinds map[riskgrid.Accidents]int) {
	for set, n := range kinds {
		seen := map[*accidents]bool{}
		for o := range set.All() {
			if a := b.typed(tax, in, o); !seen[a] {
				seen[a] = true
				a.sources += n
			}
		}
	}
}

func (b *book) at(d data.District) *portion {
	s := b.district[d]
	if s == nil {
		s = &portion{}
		b.district[d] = s
	}
	return s
}

// note takes in what only a look at the source tells.
func (b *book) note(h *data.Hazard) {
	var has [len(data.BasisKeys)]bool
	for i := range h.Scenarios {
		has[h.Scenarios[i].Basis] = true
	}
	for i, yes := range has {
		if yes {
			b.based[i]++
		}
	}
	if !has[data.QRA] {
		b.levels++
	}
	b.exposed += h.Exposed.Mean()
}

// plus adds another part.
func (s *portion) plus(o *portion) {
	s.loss = s.loss.Plus(o.loss)
	for i := range s.by {
		s.by[i] = s.by[i].Plus(o.by[i])
		s.kinds[i] += o.kinds[i]
	}
}

// accidents lists the kinds of accident of a part, all that occur.
func (s *portion) accidents() []Part {
	var out []Part
	for o := range s.by {
		if s.kinds[o] > 0 || !s.by[o].IsZero() {
			out = append(out, Part{Title: outcomeTitle(data.Outcome(o)), Count: s.kinds[o], PLL: s.by[o].PerYear(), Share: s.by[o].Of(s.loss)})
		}
	}
	return out
}

// count sums the numbers of sources of the lots that are asked for.
func (b *book) count(of func(lot) bool) Counts {
	var sum Counts
	for l, c := range b.counts {
		if of(l) {
			sum.add(c)
		}
	}
	return sum
}

func (c *Counts) add(o Counts) {
	for l := range c {
		c[l] += o[l]
	}
}

// Sum is the number of sources of every level.
func (c Counts) Sum() int { return c[1] + c[2] + c[3] + c[4] }

// AtLeast is the number of sources of a level and up.
func (c Counts) AtLeast(l data.Level) int {
	n := 0
	for ; int(l) < len(c); l++ {
		n += c[l]
	}
	return n
}
