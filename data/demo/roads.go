package demo

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// ringMetres are the radii of the ring roads around the first centre.
var ringMetres = []float64{4_000, 9_000, 20_000}

// roads gives ring roads around the first centre and an arterial from it to
// every other one, as lines that stay in the city. What leaves it on its way is
// in several lines; a road that the city has no ground for is left out.
func roads(g *ground, rng *rand.Rand) []data.Unit {
	var units []data.Unit
	add := func(name, nameEn string, course []orb.Point) {
		shape := g.within(course)
		if shape == nil {
			return
		}
		n := len(units) + 1
		units = append(units, data.Unit{Code: fmt.Sprintf("DEMO-ROAD-%02d", n), Name: fmt.Sprintf("演示%s %02d", name, n),
			NameEn: fmt.Sprintf("Demonstration %s %02d", nameEn, n), Class: data.RoadClass, Shape: shape, Props: madeUp()})
	}
	middle := g.centres[0].at
	for _, r := range ringMetres {
		add("环线", "ring road", ring(middle, r, rng))
	}
	for _, c := range g.centres[1:] {
		add("干道", "arterial", arterial(middle, c.at, rng))
	}
	return units
}

// ring is a closed course around a point, not quite round.
func ring(middle orb.Point, metres float64, rng *rand.Rand) []orb.Point {
	const steps = 72
	phase := rng.Float64() * 2 * math.Pi
	var course []orb.Point
	for i := range steps {
		a := float64(i) * 2 * math.Pi / steps
		r := metres * (1 + 0.06*math.Sin(2*a+phase) + 0.03*math.Sin(5*a+2*phase))
		course = append(course, move(middle, r*math.Cos(a), r*math.Sin(a)))
	}
	return append(course, course[0])
}

// arterial is a course that swings a little to either side of the straight way.
func arterial(from, to orb.Point, rng *rand.Rand) []orb.Point {
	x := (to[0] - from[0]) * data.MetresPerDegree * math.Cos(from[1]*math.Pi/180)
	y := (to[1] - from[1]) * data.MetresPerDegree
	away := math.Hypot(x, y)
	steps := max(8, int(away/1500))
	swing := 0.05 * (2*rng.Float64() - 1)
	var course []orb.Point
	for i := range steps + 1 {
		t := float64(i) / float64(steps)
		side := swing * math.Sin(2*math.Pi*t)
		course = append(course, move(from, t*x-side*y, t*y+side*x))
	}
	return course
}

// within gives the parts of a course whose vertices lie in the city: a
// LineString, a MultiLineString, or nil where there are none.
func (g *ground) within(course []orb.Point) orb.Geometry {
	var lines orb.MultiLineString
	var line orb.LineString
	end := func() {
		if len(line) > 1 {
			lines = append(lines, line)
		}
		line = nil
	}
	for _, p := range course {
		if g.holds(p) {
			line = append(line, p)
		} else {
			end()
		}
	}
	end()
	switch len(lines) {
	case 0:
		return nil
	case 1:
		return lines[0]
	}
	return lines
}
