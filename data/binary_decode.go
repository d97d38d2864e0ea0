package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// AppendShape writes the canonical bytes of a shape.
func AppendShape(b []byte, g orb.Geometry) []byte { return appendShape(b, g) }

// DecodeShape reads what AppendShape wrote. Bytes from outside give an error,
// never a panic, and take no more memory than a small multiple of their length.
// It checks the form alone; what a source may have is CheckShape's.
func DecodeShape(b []byte) (orb.Geometry, error) {
	d := decoder{rest: b}
	g := d.shape()
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes past the end", len(d.rest))
	}
	if d.err != nil {
		return nil, fmt.Errorf("shape: %w", d.err)
	}
	return g, nil
}

var errShort = errors.New("it ends too early")

// decoder reads the canonical bytes. After an error all it gives is zero.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
	d.rest = nil
}

func (d *decoder) take(n int) []byte {
	if n > len(d.rest) {
		if d.err == nil {
			d.err = errShort
		}
		d.rest = nil
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) float() float64 {
	if b := d.take(8); b != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// count reads a list's length. A list that cannot fit into the bytes that are
// left, each item taking at least so many, is refused before any memory is.
func (d *decoder) count(least int) int {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.take(len(d.rest) + 1)
		return 0
	}
	d.rest = d.rest[size:]
	if n > uint64(len(d.rest)/least) {
		d.fail("a list of %d in %d bytes", n, len(d.rest))
		return 0
	}
	return int(n)
}

// number reads a whole number of 0 to 2^31-1.
func (d *decoder) number() int32 {
	b := d.take(4)
	if b == nil {
		return 0
	}
	n := binary.LittleEndian.Uint32(b)
	if n > math.MaxInt32 {
		d.fail("number %d, want at most %d", n, math.MaxInt32)
		return 0
	}
	return int32(n)
}

func (d *decoder) floats() []float64 {
	n := d.count(8)
	if n == 0 {
		return nil
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = d.float()
	}
	return out
}

func (d *decoder) points() []orb.Point {
	out := make([]orb.Point, d.count(16))
	for i := range out {
		out[i] = orb.Point{d.float(), d.float()}
	}
	return out
}

func (d *decoder) rings() orb.Polygon {
	p := make(orb.Polygon, d.count(1))
	for i := range p {
		p[i] = d.points()
	}
	return p
}

func (d *decoder) shape() orb.Geometry {
	switch kind := d.byte(); kind {
	case 1:
		ps := d.points()
		if d.err == nil && len(ps) != 1 {
			d.fail("a point of %d positions", len(ps))
		}
		if d.err != nil {
			return nil
		}
		return ps[0]
	case 2:
		return orb.MultiPoint(d.points())
	case 3:
		return orb.LineString(d.points())
	case 4:
		m := make(orb.MultiLineString, d.count(1))
		for i := range m {
			m[i] = d.points()
		}
		return m
	case 5:
		return d.rings()
	case 6:
		m := make(orb.MultiPolygon, d.count(1))
		for i := range m {
			m[i] = d.rings()
		}
		return m
	default:
		d.fail("shape of type %d, want 1 to 6", kind)
		return nil
	}
}
