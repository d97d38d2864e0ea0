package citytest

import (
	"fmt"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Hazards makes n random sealed hazards within the bound, in the order of their
// ids. They have all shapes (two thirds points), all footprint kinds, frequencies
// spread over areas and counted by kilometre of line, reaches from 0 m to some
// kilometres, and positions in the districts of Districts over the same bound.
// One in twenty is not active, one in ten shares its place with another or lies
// exactly on the corner or the centre of a cell of zoom 20. A line or an area
// may hang over the bound by its size. The same generator state gives the same
// hazards.
func Hazards(rng *rand.Rand, n int, bound orb.Bound) []*data.Hazard {
	m := NewMaker(rng, bound)
	hs := make([]*data.Hazard, n)
	for i := range hs {
		hs[i] = m.Hazard(ID(i))
	}
	return hs
}

// ID is the id of the i-th hazard; ids order as their numbers do.
func ID(i int) data.ID { return data.ID(fmt.Sprintf("T-%07d", i)) }

// Maker makes random hazards one by one. It is not safe for concurrent use.
type Maker struct {
	rng    *rand.Rand
	bound  orb.Bound
	placer *Placer
	last   orb.Point
	prints []*data.Footprint // shared between hazards, as a store interns them
}

// NewMaker makes a maker.
func NewMaker(rng *rand.Rand, bound orb.Bound) *Maker {
	m := &Maker{rng: rng, bound: bound, placer: NewPlacer(bound), last: bound.Center()}
	for range 64 {
		m.prints = append(m.prints, m.footprint())
	}
	return m
}

// Hazard makes the next random hazard and gives it the id.
func (m *Maker) Hazard(id data.ID) *data.Hazard {
	return m.Shaped(id, m.shape())
}

// Shaped makes a random hazard of the given shape, which must be one that
// data.CheckShape takes.
func (m *Maker) Shaped(id data.ID, shape orb.Geometry) *data.Hazard {
	r := m.rng
	h := data.Hazard{
		ID: id, Name: "Synthetic source " + string(id),
		Sensitivity: data.Public, Shape: shape,
		Class: data.Class{Industry: data.Industry(r.IntN(industries)), Level: m.level()},
	}
	if r.IntN(20) == 0 {
		h.Status = data.Status(1 + r.IntN(3))
	}
	for range 1 + r.IntN(3) {
		h.Scenarios = append(h.Scenarios, m.scenario(shape))
	}
	// The districts follow the label, which Seal computes.
	sealed := Seal(h)
	h.Districts = m.placer.Districts(sealed.Label())
	if h.Stated = h.Districts[1]; h.Stated == m.placer.tax.Vintages[1].Outside() {
		h.Stated = 0
	}
	return Seal(h)
}

// Seal seals a hazard that the caller knows to be right; it panics when it is not.
func Seal(h data.Hazard) *data.Hazard {
	sealed, err := h.Seal()
	if err != nil {
		panic(err)
	}
	return sealed
}

// Changed gives the hazard another content and the same id: now and then only
// its name, its level, its status or its revision, else anything.
func (m *Maker) Changed(h *data.Hazard) *data.Hazard {
	g := *h
	switch m.rng.IntN(6) {
	case 0:
		g.Name += "'"
	case 1:
		g.Level = g.Level%4 + 1
	case 2:
		g.Status = data.Status(m.rng.IntN(2))
	case 3:
		g.Rev++
	default:
		return m.Hazard(h.ID)
	}
	return Seal(g)
}

func (m *Maker) level() data.Level {
	switch k := m.rng.IntN(100); {
	case k < 1:
		return data.Major
	case k < 7:
		return data.Significant
	case k < 32:
		return data.General
	}
	return data.Low
}

func (m *Maker) scenario(shape orb.Geometry) data.Scenario {
	r := m.rng
	s := data.Scenario{
		Outcome:   data.Outcome(r.IntN(len(data.Outcomes))),
		Basis:     data.Basis(r.IntN(2)),
		PerYear:   []float64{1e-7, 3e-6, 2e-5, 1e-4, 1e-2}[r.IntN(5)] * (0.1 + 0.9*r.Float64()),
		Footprint: m.prints[r.IntN(len(m.prints))],
	}
	switch shape.(type) {
	case orb.LineString, orb.MultiLineString:
		if r.IntN(3) == 0 {
			s.Per = data.PerKm
			return s
		}
	case orb.Polygon, orb.MultiPolygon:
		if r.IntN(3) == 0 {
			s.Footprint = spread(s.Footprint)
			return s
		}
	}
	if r.IntN(12) == 0 {
		s.Footprint = m.zone()
	}
	return s
}
