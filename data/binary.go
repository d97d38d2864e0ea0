package data

import (
	"encoding/binary"
	"fmt"
)

// hotForm is the first byte of AppendHot's form.
const hotForm = 2

// MaxScenarios bounds the scenarios of one record in binary form.
const MaxScenarios = 1000

// AppendHot writes what loading a city needs of a hazard beside its columns, in
// the binary form that stores keep beside a record, so that no JSON is decoded: a
// version byte; the people that it exposes (1 and two numbers, or 0) and its
// protection class; the number of scenarios, and of each its outcome, basis, per,
// frequency and the canonical bytes of its footprint with their length before
// them. Numbers are little-endian. Derived is not written: derived scenarios are
// never stored.
func AppendHot(b []byte, h *Hazard) []byte {
	b = append(b, hotForm)
	if h.Exposed.Known {
		b = binary.LittleEndian.AppendUint32(append(b, 1), uint32(h.Exposed.Day))
		b = binary.LittleEndian.AppendUint32(b, uint32(h.Exposed.Night))
	} else {
		b = append(b, 0)
	}
	return appendScenarios(append(b, byte(h.Protection)), h.Scenarios)
}

func appendScenarios(b []byte, scenarios []Scenario) []byte {
	b = binary.AppendUvarint(b, uint64(len(scenarios)))
	var print []byte
	for i := range scenarios {
		s := &scenarios[i]
		b = append(b, byte(s.Outcome), byte(s.Basis), byte(s.Per))
		b = appendFloat(b, s.PerYear)
		print = s.Footprint.append(print[:0])
		b = binary.AppendUvarint(b, uint64(len(print)))
		b = append(b, print...)
	}
	return b
}

// DecodeHot reads into h what AppendHot wrote. Every byte is checked: bytes from
// outside give an error, never a panic, and take no more memory than a small
// multiple of their length. Footprints come from in. Whether a scenario fits its
// source's shape is Scenario.Check's, which Seal asks.
func DecodeHot(b []byte, h *Hazard, in *Intern) error { return decodeHot(b, h, in) }

func decodeHot(b []byte, h *Hazard, in prints) error {
	d := decoder{rest: b}
	if form := d.byte(); d.err == nil && form != hotForm {
		return fmt.Errorf("scenarios: form %d, want %d", form, hotForm)
	}
	d.people(h)
	var err error
	if h.Scenarios, err = d.scenarios(in); err != nil {
		return fmt.Errorf("scenarios: %w", err)
	}
	return nil
}

// people reads the head of the form.
func (d *decoder) people(h *Hazard) {
	h.Exposed = Exposed{}
	switch known := d.byte(); known {
	case 0:
	case 1:
		h.Exposed = Exposed{Day: d.number(), Night: d.number(), Known: true}
	default:
		d.fail("people: %d, want 0 or 1", known)
	}
	if h.Protection = Protection(d.byte()); int(h.Protection) >= len(ProtectionKeys) {
		d.fail("protection class %d, want one that exists", h.Protection)
	}
}

func (d *decoder) scenarios(in prints) ([]Scenario, error) {
	n := d.count(12)
	if n > MaxScenarios {
		return nil, fmt.Errorf("%d of them, want at most %d", n, MaxScenarios)
	}
	var out []Scenario
	if n > 0 {
		out = make([]Scenario, n)
	}
	for i := range out {
		s := &out[i]
		s.Outcome, s.Basis, s.Per = Outcome(d.byte()), Basis(d.byte()), Per(d.byte())
		s.PerYear = d.float()
		print := d.take(d.count(1))
		if d.err != nil {
			return nil, d.err
		}
		if int(s.Outcome) >= len(Outcomes) || int(s.Basis) >= len(BasisKeys) || s.Per > PerKm {
			return nil, fmt.Errorf("outcome %d, basis %d, per %d: want ones that exist", s.Outcome, s.Basis, s.Per)
		}
		if !(s.PerYear > 0 && s.PerYear <= MaxPerYear) {
			return nil, fmt.Errorf("frequency %v, want over 0 and at most %v per year", s.PerYear, MaxPerYear)
		}
		var err error
		if s.Footprint, err = in.footprint(print); err != nil {
			return nil, err
		}
	}
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes past the end", len(d.rest))
	}
	return out, d.err
}

func decodeFootprint(b []byte) (*Footprint, error) {
	d := decoder{rest: b}
	f := Footprint{Kind: FootprintKind(d.byte()), Over: Over(d.byte())}
	head := d.floats()
	if d.err == nil && len(head) != 5 {
		d.fail("%d radii, want 5", len(head))
	}
	if d.err != nil {
		return nil, d.err
	}
	f.V0, f.R1, f.R2, f.Skirt = head[0], head[1], head[2], [2]float64{head[3], head[4]}
	f.Metres, f.Lethality, f.Bearings = d.floats(), d.floats(), d.floats()
	if n := d.count(9); n > 0 {
		f.Zones = make([]ZonePiece, 0, n)
		for range n {
			z := ZonePiece{Lethality: d.float()}
			if z.Shape = d.shape(); d.err != nil {
				break
			}
			f.Zones = append(f.Zones, z)
		}
	}
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes past the end", len(d.rest))
	}
	if d.err != nil {
		return nil, d.err
	}
	return NewFootprint(f)
}
