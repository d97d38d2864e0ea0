package data

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"
	"weak"
)

// prints gives the footprint of canonical bytes.
type prints interface {
	footprint(b []byte) (*Footprint, error)
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

// HotReader reads what AppendHot wrote of many hazards one after the other, as
// DecodeHot does, and remembers the footprints that it met: one that it knows
// costs no digest and no lock. It is for one goroutine and for the time of one
// loading, since it keeps what it remembers.
type HotReader struct {
	in    *Intern
	known map[string]*Footprint // by canonical bytes
	bytes int                   // of the keys of known
}

// hotReaderBytes bounds what a HotReader remembers: a city shares some thousand
// footprints of a few kilobytes at most; what is past that is asked of its Intern.
const hotReaderBytes = 16 << 20

// NewHotReader makes a reader whose footprints come from in.
func NewHotReader(in *Intern) *HotReader {
	return &HotReader{in: in, known: map[string]*Footprint{}}
}

// Decode reads into h what AppendHot wrote, as DecodeHot.
func (r *HotReader) Decode(b []byte, h *Hazard) error { return decodeHot(b, h, r) }

func (r *HotReader) footprint(b []byte) (*Footprint, error) {
	if f, ok := r.known[string(b)]; ok {
		return f, nil
	}
	f, err := r.in.footprint(b)
	if err == nil && r.bytes+len(b) <= hotReaderBytes {
		r.bytes += len(b)
		r.known[string(b)] = f
	}
	return f, err
}
