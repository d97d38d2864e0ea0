package demo

import (
	"math"

	"github.com/paulmach/orb"
)

// shape draws the geometry of a source.
func (m *maker) shape(k kind) orb.Geometry {
	at := m.ground.place(m.rng, k.terrain)
	size := k.size * (0.6 + 0.9*m.rng.Float64())
	switch k.form {
	case 'L':
		return m.line(at, size, k)
	case 'A':
		return m.area(at, size)
	}
	return at
}

// line walks from its middle to both sides with a slowly turning course: streets
// in two main directions, roads and pipelines anywhere, bridges across the river.
func (m *maker) line(at orb.Point, metres float64, k kind) orb.LineString {
	course := m.rng.Float64() * 2 * math.Pi
	switch k.terrain {
	case urban:
		course = float64(m.rng.IntN(4))*math.Pi/2 + 0.12*m.rng.NormFloat64()
	case river:
		course = m.ground.riverDirection(at)
		if m.rng.Float64() < 0.6 {
			course += math.Pi / 2
		}
	}
	steps := 3 + int(metres/250)
	if steps > 40 {
		steps = 40
	}
	p := move(at, -metres/2*math.Cos(course), -metres/2*math.Sin(course))
	line := orb.LineString{p}
	for range steps {
		if k.terrain == road {
			course += 0.12 * m.rng.NormFloat64()
		}
		next := move(p, metres/float64(steps)*math.Cos(course), metres/float64(steps)*math.Sin(course))
		if !m.ground.holds(next) {
			break
		}
		line = append(line, next)
		p = next
	}
	if len(line) < 2 {
		line = append(line, move(at, 100*math.Cos(course), 100*math.Sin(course)))
	}
	return line
}

// area draws a plot: a rotated rectangle, or now and then a round or five-sided one.
func (m *maker) area(at orb.Point, width float64) orb.Polygon {
	turn := float64(m.rng.IntN(3))*math.Pi/6 + 0.1*m.rng.NormFloat64()
	corners := []float64{math.Pi / 4, 3 * math.Pi / 4, 5 * math.Pi / 4, 7 * math.Pi / 4}
	if m.rng.Float64() < 0.3 {
		n := 5 + m.rng.IntN(8)
		corners = corners[:0]
		for i := range n {
			corners = append(corners, float64(i)*2*math.Pi/float64(n))
		}
	}
	long := width * (0.5 + 0.5*m.rng.Float64())
	var ring orb.Ring
	for _, a := range corners {
		x, y := width/2*math.Cos(a)*math.Sqrt2, long/2*math.Sin(a)*math.Sqrt2
		ring = append(ring, move(at, x*math.Cos(turn)-y*math.Sin(turn), x*math.Sin(turn)+y*math.Cos(turn)))
	}
	return orb.Polygon{append(ring, ring[0])}
}

// tongue is the ground below a dam or a heap: it widens and bends away from it.
func (m *maker) tongue(at orb.Point, metres, width, course float64) orb.Polygon {
	var left, right orb.Ring
	p := at
	const steps = 6
	for i := range steps + 1 {
		half := width * (0.3 + 0.7*float64(i)/steps) / 2
		left = append(left, move(p, -half*math.Sin(course), half*math.Cos(course)))
		right = append(right, move(p, half*math.Sin(course), -half*math.Cos(course)))
		p = move(p, metres/steps*math.Cos(course), metres/steps*math.Sin(course))
	}
	ring := left
	for i := len(right) - 1; i >= 0; i-- {
		ring = append(ring, right[i])
	}
	return orb.Polygon{append(ring, ring[0])}
}
