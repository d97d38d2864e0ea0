package riskgrid

import "riskatlas/data"

// Region is where a base cell lies: its district in every vintage, as
// data.Class.Districts has that of a source. Where the city has a district,
// every vintage has a position, its outside included.
type Region [data.MaxVintages]data.District

// Tally is a piece of ground and the people on it, by the level of its cells
// under each criterion. Levels are those of the field, with the cell rule; [0] is
// what is at or under the floor or was never assessed. Under a criterion that
// the city has no cuts for, all is [0].
type Tally struct {
	Area   [CriteriaCount][5]int64     // square centimetres of base cells
	People [CriteriaCount][5]Headcount // all 0 where nobody knows where people live
}

// SquareMetres is the ground by level.
func (g *Tally) SquareMetres(c Criterion) [5]float64 {
	var out [5]float64
	for l, a := range g.Area[c] {
		out[l] = float64(a) / 1e4
	}
	return out
}

// Persons is the people by level.
func (g *Tally) Persons(c Criterion) [5]float64 {
	var out [5]float64
	for l, n := range g.People[c] {
		out[l] = n.Persons()
	}
	return out
}

// AllPeople is everybody on it.
func (g *Tally) AllPeople() Headcount {
	var sum Headcount
	for _, n := range g.People[InService] {
		sum += n
	}
	return sum
}

// AllArea is the whole of it in square centimetres.
func (g *Tally) AllArea() int64 {
	var sum int64
	for _, a := range g.Area[InService] {
		sum += a
	}
	return sum
}

// Add takes in another piece.
func (g *Tally) Add(o *Tally) { g.take(o, 1) }

func (g *Tally) take(o *Tally, sign int64) {
	for c := range g.Area {
		for l := range g.Area[c] {
			g.Area[c][l] += sign * o.Area[c][l]
			g.People[c][l] += Headcount(sign) * o.People[c][l]
		}
	}
}

// Patch is what lies on a piece of ground: the ground by level, and the loss of
// the people who live there. The loss is 0 where people are taken from the
// sources, which do not say on which ground they are.
type Patch struct {
	Tally
	Loss Loss
}

// Land is what a city has beside risk: who lives where, how it is divided, and
// the cuts by which ground is judged. It is immutable.
type Land struct {
	People  *People  // nil: nobody knows; losses are then by the sources' own exposure
	Regions *Regions // nil: no districts
	Cuts    [CriteriaCount]Cuts
}

// judged reports whether the criterion has cuts.
func (l *Land) judged(c Criterion) bool { return l.Cuts[c] != Cuts{} }
