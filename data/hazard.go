package data

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/paulmach/orb"
)

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
type Hazard struct {
	ID           ID
	Name, NameEn string
	Class
	Stated      District // the district that the record states, of any vintage; 0 when none
	Status      Status
	Sensitivity Sensitivity
	Exposed     Exposed      // people, by its own record
	Protection  Protection   // as a target of others' risk; Unprotected takes the industry's
	Regulator   string       // the body that answers for it; "" takes the industry's
	Shape       orb.Geometry // Point, LineString, Polygon or a Multi of one; WGS 84
	Scenarios   []Scenario
	Rev         Revision // the revision that wrote it

	bound, extent orb.Bound
	reach         float64
	label         orb.Point
	risk, show    uint64
}

// Seal checks the hazard and returns it with its bounds, reach and digests
// computed. The copy shares shape and scenarios with the receiver.
func (h Hazard) Seal() (*Hazard, error) {
	if err := h.ID.Validate(); err != nil {
		return nil, err
	}
	if h.Level < Low || h.Level > Major {
		return nil, &Invalid{Field: "level", Value: fmt.Sprint(uint8(h.Level)), Want: "1 to 4"}
	}
	if h.Industry >= MaxIndustries {
		return nil, &Invalid{Field: "industry", Value: fmt.Sprint(uint8(h.Industry)), Want: "a position in the taxonomy"}
	}
	if err := CheckShape(h.Shape); err != nil {
		return nil, err
	}
	h.bound = h.Shape.Bound()
	h.extent = h.bound
	h.reach = 0
	for i := range h.Scenarios {
		s := &h.Scenarios[i]
		if err := s.Check(h.Shape); err != nil {
			return nil, err
		}
		if s.Footprint.Kind == Zone {
			for _, z := range s.Footprint.Zones {
				h.extent = h.extent.Union(PadMetres(z.Shape.Bound(), s.Footprint.reach))
			}
			continue
		}
		h.reach = max(h.reach, s.Footprint.reach)
	}
	h.extent = h.extent.Union(PadMetres(h.bound, h.reach))
	h.label = labelPoint(h.Shape)
	h.seals()
	return &h, nil
}

// Bound is the box of the shape.
func (h *Hazard) Bound() orb.Bound { return h.bound }

// Extent is a box that holds every place that the hazard's risk can reach, its
// zones included. It may be a little too large, never too small.
func (h *Hazard) Extent() orb.Bound { return h.extent }

// Reach is the greatest distance in metres from the shape at which a scenario
// still counts. Zone footprints are absolute: they are in Extent, not in Reach.
func (h *Hazard) Reach() float64 { return h.reach }

// Label is the point that stands for the shape: the point itself, the middle of
// a line's length, a point inside an area.
func (h *Hazard) Label() orb.Point { return h.label }

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

func (h *Hazard) seals() {
	shape := appendShape(nil, h.Shape)
	// Industry is in the risk digest for the grid's chief industry; class and
	// geometry are all else that superposition reads.
	b := append([]byte{byte(h.Industry)}, shape...)
	for i := range h.Scenarios {
		b = h.Scenarios[i].appendKey(b)
	}
	h.risk = hash64(b)

	b = append(b[:0], byte(h.Industry), byte(h.Level))
	for _, d := range h.Districts {
		b = binary.LittleEndian.AppendUint16(b, uint16(d))
	}
	b = appendString(b, string(h.ID))
	b = appendString(b, h.Name)
	b = append(b, shape...)
	h.show = hash64(b)
}

// hash64 is the head of SHA-256: sums of such hashes do not collide by accident.
func hash64(b []byte) uint64 {
	sum := sha256.Sum256(b)
	return binary.LittleEndian.Uint64(sum[:8])
}
