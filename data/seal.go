package data

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Complete fills in what a reader of a store adds to a hazard before it is
// sealed. Bound and Label hold already; shape and scenarios are shared and not to
// be changed in place. ErrLeftOut leaves the hazard out.
type Complete func(h *Hazard) error

// ErrLeftOut is a Complete's word for a hazard that its reader may not see.
var ErrLeftOut = errors.New("left out")

// Seal checks the hazard and returns it with its bounds, reach and digests
// computed. The copy shares shape and scenarios with the receiver.
func (h Hazard) Seal() (*Hazard, error) { return h.SealAs(nil) }

// SealAs is Seal of the hazard as complete leaves it, whose error it gives as it
// is. A nil complete leaves it as it is.
func (h Hazard) SealAs(complete Complete) (*Hazard, error) {
	if err := h.SealHere(complete); err != nil {
		return nil, err
	}
	return &h, nil
}

// SealHere is SealAs of the receiver itself, which nobody else has yet. After an
// error it is not sealed.
func (h *Hazard) SealHere(complete Complete) error {
	if err := h.ID.Validate(); err != nil {
		return err
	}
	if h.Level < Low || h.Level > Major {
		return &Invalid{Field: "level", Value: fmt.Sprint(uint8(h.Level)), Want: "1 to 4"}
	}
	if h.Industry >= MaxIndustries {
		return &Invalid{Field: "industry", Value: fmt.Sprint(uint8(h.Industry)), Want: "a position in the taxonomy"}
	}
	if err := CheckShape(h.Shape); err != nil {
		return err
	}
	h.outline = nil
	if _, point := h.Shape.(orb.Point); !point {
		h.outline = &outline{h.Shape.Bound(), labelPoint(h.Shape)}
	}
	if complete != nil {
		if err := complete(h); err != nil {
			return err
		}
	}
	if err := h.extend(); err != nil {
		return err
	}
	h.digests()
	return nil
}

// extend checks the scenarios and measures how far they reach.
func (h *Hazard) extend() error {
	bound := h.Bound()
	extent := bound
	h.reach = 0
	for i := range h.Scenarios {
		s := &h.Scenarios[i]
		if err := s.Check(h.Shape); err != nil {
			return err
		}
		if s.Footprint.Kind == Zone {
			for _, z := range s.Footprint.Zones {
				extent = extent.Union(PadMetres(z.Shape.Bound(), s.Footprint.reach))
			}
			continue
		}
		h.reach = max(h.reach, s.Footprint.reach)
	}
	extent = extent.Union(PadMetres(bound, h.reach))
	for i := range 2 {
		h.pad[i] = above(bound.Min[i] - extent.Min[i])
		h.pad[2+i] = above(extent.Max[i] - bound.Max[i])
	}
	return nil
}

// above is a distance in degrees as a float32 that is not under it, with 1e-12
// degrees (0.1 micrometres) for what is lost when a coordinate is moved by it.
func above(degrees float64) float32 {
	f := float32(degrees + 1e-12)
	if float64(f) < degrees+1e-12 {
		f = math.Nextafter32(f, math.MaxFloat32)
	}
	return f
}

// sealBytes is what most hazards' canonical bytes fit into.
const sealBytes = 512

func (h *Hazard) digests() {
	var shapes, rest [sealBytes]byte
	shape := appendShape(shapes[:0], h.Shape)
	// Industry is in the risk digest for the grid's chief industry; class and
	// geometry are all else that superposition reads.
	b := append(append(rest[:0], byte(h.Industry)), shape...)
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
