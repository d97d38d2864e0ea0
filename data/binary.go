package data

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"weak"
)

// scenariosVersion is the first byte of AppendScenarios' form.
const scenariosVersion = 1

// MaxScenarios bounds the scenarios of one record in binary form.
const MaxScenarios = 1000

// AppendScenarios writes scenarios in the binary form that stores keep beside a
// record, so that loading a city decodes no JSON: a version byte, the number of
// scenarios, and of each its outcome, basis, per, frequency and the canonical
// bytes of its footprint with their length before them. Numbers are
// little-endian. Derived is not written: derived scenarios are never stored.
func AppendScenarios(b []byte, scenarios []Scenario) []byte {
	b = binary.AppendUvarint(append(b, scenariosVersion), uint64(len(scenarios)))
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

// DecodeScenarios reads what AppendScenarios wrote. Every byte is checked: bytes
// from outside give an error, never a panic, and take no more memory than a
// small multiple of their length. Footprints come from in. Whether a scenario
// fits its source's shape is Scenario.Check's, which Seal asks.
func DecodeScenarios(b []byte, in *Intern) ([]Scenario, error) {
	d := decoder{rest: b}
	if v := d.byte(); d.err == nil && v != scenariosVersion {
		return nil, fmt.Errorf("scenarios: form %d, want %d", v, scenariosVersion)
	}
	n := d.count(12)
	if n > MaxScenarios {
		return nil, fmt.Errorf("scenarios: %d of them, want at most %d", n, MaxScenarios)
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
			return nil, fmt.Errorf("scenarios: %w", d.err)
		}
		if int(s.Outcome) >= len(Outcomes) || int(s.Basis) >= len(BasisKeys) || s.Per > PerKm {
			return nil, fmt.Errorf("scenarios: outcome %d, basis %d, per %d: want ones that exist", s.Outcome, s.Basis, s.Per)
		}
		if !(s.PerYear > 0 && s.PerYear <= MaxPerYear) {
			return nil, fmt.Errorf("scenarios: frequency %v, want over 0 and at most %v per year", s.PerYear, MaxPerYear)
		}
		var err error
		if s.Footprint, err = in.footprint(print); err != nil {
			return nil, fmt.Errorf("scenarios: %w", err)
		}
	}
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes past the end", len(d.rest))
	}
	if d.err != nil {
		return nil, fmt.Errorf("scenarios: %w", d.err)
	}
	return out, nil
}

// Intern keeps one footprint of each content, so that a million hazards that
// share some thousand footprints share their memory as well. It holds them
// weakly: what no hazard uses any more is let go. Safe for concurrent use; the
// zero value is ready.
type Intern struct {
	mu     sync.Mutex
	prints map[[32]byte]weak.Pointer[Footprint]
}

// Footprint gives the footprint that stands for all of this one's content.
func (in *Intern) Footprint(f *Footprint) *Footprint {
	in.mu.Lock()
	defer in.mu.Unlock()
	if p := in.prints[f.digest]; p != (weak.Pointer[Footprint]{}) {
		if held := p.Value(); held != nil {
			return held
		}
	}
	if in.prints == nil {
		in.prints = map[[32]byte]weak.Pointer[Footprint]{}
	}
	p := weak.Make(f)
	in.prints[f.digest] = p
	runtime.AddCleanup(f, func(digest [32]byte) {
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.prints[digest] == p { // not one that came after it
			delete(in.prints, digest)
		}
	}, f.digest)
	return f
}

// Len is the number of footprints held.
func (in *Intern) Len() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.prints)
}

func (in *Intern) footprint(b []byte) (*Footprint, error) {
	digest := sha256.Sum256(b) // NewFootprint's, as the form is canonical
	in.mu.Lock()
	held := in.prints[digest]
	in.mu.Unlock()
	if f := held.Value(); f != nil {
		return f, nil
	}
	f, err := decodeFootprint(b)
	if err != nil {
		return nil, err
	}
	if f.digest != digest {
		return nil, fmt.Errorf("a footprint that is not in its canonical form")
	}
	return in.Footprint(f), nil
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
