package data

import "github.com/paulmach/orb"

// Class is what a filter looks at. Districts has the hazard's position in every
// vintage of the taxonomy; entries past the last vintage repeat the first.
type Class struct {
	Industry  Industry
	Level     Level
	Districts [MaxVintages]District
}

// Hazard is one risk source: the part that is held in memory for the whole
// city. Fill the exported fields and call Seal; a sealed hazard is immutable
// and may be shared by any number of goroutines and snapshots.
//
// A city holds a million of them: the fields lie so that no byte between them is
// lost, and what a point has no need of is behind one pointer.
type Hazard struct {
	ID           ID
	Name, NameEn string
	Class
	Stated      District // the district that the record states, of any vintage; 0 when none
	Status      Status
	Sensitivity Sensitivity
	Protection  Protection   // as a target of others' risk; Unprotected takes the industry's
	Exposed     Exposed      // people, by its own record
	pad         [4]float32   // how far the extent goes beyond the bound, degrees: west, south, east, north
	Regulator   string       // the body that answers for it; "" takes the industry's
	Shape       orb.Geometry // Point, LineString, Polygon or a Multi of one; WGS 84
	Scenarios   []Scenario
	Rev         Revision // the revision that wrote it

	reach      float64
	outline    *outline // of a shape that is no point
	risk, show uint64
}

// outline is what a shape that is no point has to be measured for.
type outline struct {
	bound orb.Bound
	label orb.Point
}

// Bound is the box of the shape.
func (h *Hazard) Bound() orb.Bound {
	if h.outline != nil {
		return h.outline.bound
	}
	p := h.Label()
	return orb.Bound{Min: p, Max: p}
}

// Label is the point that stands for the shape: the point itself, the middle of
// a line's length, a point inside an area.
func (h *Hazard) Label() orb.Point {
	if h.outline != nil {
		return h.outline.label
	}
	p, _ := h.Shape.(orb.Point)
	return p
}

// Extent is a box that holds every place that the hazard's risk can reach, its
// zones included. It may be a little too large, never too small.
func (h *Hazard) Extent() orb.Bound {
	b := h.Bound()
	for i := range 2 {
		b.Min[i] -= float64(h.pad[i])
		b.Max[i] += float64(h.pad[2+i])
	}
	return b
}

// Reach is the greatest distance in metres from the shape at which a scenario
// still counts. Zone footprints are absolute: they are in Extent, not in Reach.
func (h *Hazard) Reach() float64 { return h.reach }

// Digest is a hash of what the layer shows or sums of this hazard: equal
// digests of all hazards in reach mean an equal layer. It does not depend on
// process or machine.
func (h *Hazard) Digest(l Layer) uint64 {
	switch l {
	case LayerRisk, LayerGrid, LayerDiff:
		return h.risk
	case LayerHazards, LayerLines, LayerAreas:
		return h.show
	}
	return 0
}
