package demo

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// The size of the synthetic population. A city of Hangzhou's ground has about
// its real number of people; less ground has less, as densely as a big city.
const (
	mostPeople   = 12_400_000.0
	peoplePerKm2 = 1500.0 // of the whole ground, at most
)

// How the population is dealt out: shares near the centres and the parks, the
// rest in villages.
const (
	centreShare = 0.70
	parkShare   = 0.05
	ruralShare  = 1 - centreShare - parkShare
)

// The squares of the population: wide ones, and four for one where many live.
const (
	squareMetres = 1000.0
	divideFrom   = 2500.0 // people per km2
	fewest       = 60.0   // people per km2: where fewer live nobody is counted
	mostSquares  = 12_000
	leastSquares = 1_000 // of a small city
	riverMetres  = 600.0 // nobody lives nearer to the middle of the river
	valleyStep   = 6     // squares from one node of the valleys to the next
)

// People gives a synthetic population on squares of a kilometre, and of half a
// kilometre where many live: gathered around the centres and in valleys, only on
// squares whose corners and middle lie in the city. A city of n sources has at
// most n squares (1000 to 12 000): a small one keeps the fullest and those who
// live there. The same seed gives the same people.
func People(p *city.Profile, n int, seed uint64) []data.Unit {
	s := &settler{rng: rand.New(rand.NewPCG(seed, 0x9e091e))}
	s.ground = newGround(p, s.rng)
	s.survey()
	s.settle()
	sum := 0.0
	for _, q := range s.squares {
		sum += q.people
	}
	s.keep(min(max(n, leastSquares), mostSquares))
	total := math.Min(mostPeople, peoplePerKm2*s.km2)
	units := make([]data.Unit, 0, len(s.squares))
	for _, q := range s.squares {
		people := int(math.Round(q.people / sum * total))
		if people == 0 {
			continue
		}
		units = append(units, data.Unit{Code: q.code, Shape: q.shape(),
			Props: map[string]string{data.PeopleProp: strconv.Itoa(people), "synthetic": "true"}})
	}
	return units
}

// settler deals people out over a lattice of squares.
type settler struct {
	rng     *rand.Rand
	ground  *ground
	dx, dy  float64 // degrees of one square
	nx, ny  int
	inside  []bool    // by node of the lattice
	valleys []float64 // by coarse node, 0 to 1
	km2     float64   // of squares in the city
	squares []square
}

// square is one piece of ground with its people, before they are made to add up.
type square struct {
	code        string
	west, south float64
	dx, dy      float64
	people      float64
}

func (q *square) shape() orb.Polygon {
	w, s, e, n := round7(q.west), round7(q.south), round7(q.west+q.dx), round7(q.south+q.dy)
	return orb.Polygon{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}
}

// survey lays the lattice over the city and draws its valleys.
func (s *settler) survey() {
	b := s.ground.bound
	middle := b.Center()[1] * math.Pi / 180
	s.dy = squareMetres / data.MetresPerDegree
	s.dx = s.dy / math.Cos(middle)
	s.nx, s.ny = int((b.Max[0]-b.Min[0])/s.dx), int((b.Max[1]-b.Min[1])/s.dy)
	s.inside = make([]bool, (s.nx+1)*(s.ny+1))
	for j := range s.ny + 1 {
		for i := range s.nx + 1 {
			s.inside[j*(s.nx+1)+i] = s.ground.holds(s.at(float64(i), float64(j)))
		}
	}
	s.valleys = make([]float64, s.coarse()*(s.ny/valleyStep+2))
	for i := range s.valleys {
		s.valleys[i] = s.rng.Float64()
	}
}

func (s *settler) coarse() int { return s.nx/valleyStep + 2 }

func (s *settler) at(i, j float64) orb.Point {
	return orb.Point{s.ground.bound.Min[0] + i*s.dx, s.ground.bound.Min[1] + j*s.dy}
}

// holds reports whether the square of column i and row j lies in the city.
func (s *settler) holds(i, j int) bool {
	a := j*(s.nx+1) + i
	b := a + s.nx + 1
	return s.inside[a] && s.inside[a+1] && s.inside[b] && s.inside[b+1] && s.ground.holds(s.at(float64(i)+0.5, float64(j)+0.5))
}

// settle fills the squares and keeps the fullest ones.
func (s *settler) settle() {
	for j := range s.ny {
		for i := range s.nx {
			if !s.holds(i, j) {
				continue
			}
			s.km2 += squareMetres * squareMetres / 1e6
			whole := s.density(float64(i)+0.5, float64(j)+0.5)
			if whole < divideFrom {
				s.add(i, j, "", 0, 0, 1, whole)
				continue
			}
			for k, part := range []string{"a", "b", "c", "d"} {
				x, y := float64(k%2)/2, float64(k/2)/2
				s.add(i, j, part, x, y, 0.5, s.density(float64(i)+x+0.25, float64(j)+y+0.25))
			}
		}
	}
	s.keep(mostSquares)
}

// keep leaves the fullest squares, in the order of their codes.
func (s *settler) keep(most int) {
	if len(s.squares) > most {
		slices.SortStableFunc(s.squares, func(a, b square) int { return cmp.Compare(b.people, a.people) })
		s.squares = s.squares[:most]
	}
	slices.SortFunc(s.squares, func(a, b square) int { return cmp.Compare(a.code, b.code) })
}

// add puts people on a square, or on a part of it that begins at x, y: more or
// fewer than usual by chance.
func (s *settler) add(i, j int, part string, x, y, size, usual float64) {
	density := usual * math.Exp(0.35*s.rng.NormFloat64())
	if density < fewest {
		return
	}
	at := s.at(float64(i)+x, float64(j)+y)
	s.squares = append(s.squares, square{code: fmt.Sprintf("DEMO-PEOPLE-%03d-%03d%s", i, j, part),
		west: at[0], south: at[1], dx: s.dx * size, dy: s.dy * size, people: density * size * size})
}

// density is how many people usually live there, per km2: falling exponentially
// away from the centres and parks, and more in the valleys.
func (s *settler) density(i, j float64) float64 {
	at := s.at(i, j)
	if s.ground.riverMetres(at) < riverMetres {
		return 0
	}
	sum := 4 * math.Max(0, s.valley(i, j)-0.45) * ruralShare * 1500
	sum += around(s.ground.centres, s.ground.urban, at, 1.4) * centreShare * mostPeople
	return sum + around(s.ground.parks, s.ground.works, at, 1.2)*parkShare*mostPeople
}

// around is the share of what gathers around the centres that is there, per km2.
// The mean distance from a centre is twice its spread times wide.
func around(cs []centre, cumulated []float64, at orb.Point, wide float64) float64 {
	const far = 12 // spreads, beyond which nothing is left
	sum, cos := 0.0, math.Cos(at[1]*math.Pi/180)
	for _, c := range cs {
		spread := c.km * wide
		x, y := (c.at[0]-at[0])*cos, c.at[1]-at[1]
		if away := math.Sqrt(x*x+y*y) * data.MetresPerDegree / 1000 / spread; away < far {
			sum += c.weight * math.Exp(-away) / (2 * math.Pi * spread * spread)
		}
	}
	return sum / cumulated[len(cumulated)-1]
}

// valley is the smooth field between the coarse nodes.
func (s *settler) valley(i, j float64) float64 {
	x, y := i/valleyStep, j/valleyStep
	cx, cy := int(x), int(y)
	fx, fy := x-float64(cx), y-float64(cy)
	a := cy*s.coarse() + cx
	b := a + s.coarse()
	return (s.valleys[a]*(1-fx)+s.valleys[a+1]*fx)*(1-fy) + (s.valleys[b]*(1-fx)+s.valleys[b+1]*fx)*fy
}

// riverMetres is the distance from the middle of the river.
func (g *ground) riverMetres(p orb.Point) float64 {
	best := math.Inf(1)
	cos := math.Cos(p[1] * math.Pi / 180)
	for i := 1; i < len(g.river); i++ {
		ax, ay := (g.river[i-1][0]-p[0])*cos, g.river[i-1][1]-p[1]
		bx, by := (g.river[i][0]-p[0])*cos, g.river[i][1]-p[1]
		dx, dy := bx-ax, by-ay
		t := math.Max(0, math.Min(1, -(ax*dx+ay*dy)/(dx*dx+dy*dy)))
		best = math.Min(best, math.Hypot(ax+t*dx, ay+t*dy))
	}
	return best * data.MetresPerDegree
}
