package gpkg

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// A geometry is stored as a GeoPackageBinary (OGC 12-128r17, 2.1.3): a header of
// 8 bytes, the envelope, then WKB (OGC 06-103r4), all little-endian.

// envelope is min x, max x, min y, max y, in the order of the header.
type envelope [4]float64

const (
	headerBytes = 8 + 4*8
	headerFlags = 1<<1 | 1 // envelope of x and y; little-endian
	wgs84       = 4326
)

func boundEnvelope(b orb.Bound) envelope {
	return envelope{b.Min[0], b.Max[0], b.Min[1], b.Max[1]}
}

// encode writes a shape as the file keeps it.
func encode(g orb.Geometry) []byte {
	b := make([]byte, 0, headerBytes+25+16*vertices(g))
	b = append(b, 'G', 'P', 0, headerFlags)
	b = binary.LittleEndian.AppendUint32(b, wgs84)
	for _, v := range boundEnvelope(g.Bound()) {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return appendWKB(b, g)
}

func vertices(g orb.Geometry) int {
	n := 0
	switch g := g.(type) {
	case orb.LineString:
		return len(g)
	case orb.Polygon:
		for _, r := range g {
			n += len(r) + 1
		}
	case orb.MultiPolygon:
		for _, p := range g {
			n += vertices(p) + 1
		}
	}
	return n
}

// The WKB codes of the shapes.
const (
	wkbPoint = 1 + iota
	wkbLineString
	wkbPolygon
	wkbMultiPoint
	wkbMultiLineString
	wkbMultiPolygon
)

func appendWKB(b []byte, g orb.Geometry) []byte {
	head := func(code, n int) {
		b = binary.LittleEndian.AppendUint32(append(b, 1), uint32(code))
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	switch g := g.(type) {
	case orb.Point:
		b = binary.LittleEndian.AppendUint32(append(b, 1), wkbPoint)
		b = appendPoints(b, []orb.Point{g})
	case orb.LineString:
		head(wkbLineString, len(g))
		b = appendPoints(b, g)
	case orb.Polygon:
		head(wkbPolygon, len(g))
		for _, r := range g {
			b = binary.LittleEndian.AppendUint32(b, uint32(len(r)))
			b = appendPoints(b, r)
		}
	case orb.MultiPoint:
		head(wkbMultiPoint, len(g))
		for _, p := range g {
			b = appendWKB(b, p)
		}
	case orb.MultiLineString:
		head(wkbMultiLineString, len(g))
		for _, l := range g {
			b = appendWKB(b, l)
		}
	case orb.MultiPolygon:
		head(wkbMultiPolygon, len(g))
		for _, p := range g {
			b = appendWKB(b, p)
		}
	}
	return b
}

func appendPoints(b []byte, ps []orb.Point) []byte {
	for _, p := range ps {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[0]))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[1]))
	}
	return b
}

// splitBlob reads the header and leaves the WKB.
func splitBlob(b []byte) (e envelope, wkb []byte, err error) {
	if len(b) < headerBytes || b[0] != 'G' || b[1] != 'P' || b[2] != 0 || b[3] != headerFlags {
		return e, nil, fmt.Errorf("geometry: %d bytes that are no geometry of this program's", len(b))
	}
	if srs := binary.LittleEndian.Uint32(b[4:]); srs != wgs84 {
		return e, nil, fmt.Errorf("geometry: reference system %d, want %d", srs, wgs84)
	}
	for i := range e {
		e[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8+8*i:]))
	}
	return e, b[headerBytes:], nil
}

// decode reads what encode wrote. Damaged bytes give an error, never a panic,
// and take no more memory than a small multiple of their length. What a source
// may have is data.CheckShape's.
func decode(b []byte) (orb.Geometry, error) {
	_, wkb, err := splitBlob(b)
	if err != nil {
		return nil, err
	}
	r := wkbReader{rest: wkb}
	g := r.geometry(0)
	if r.err == nil && len(r.rest) > 0 {
		r.fail(fmt.Sprintf("%d bytes past the end", len(r.rest)))
	}
	return g, r.err
}

// wkbReader reads little-endian WKB. After an error all it gives is zero.
type wkbReader struct {
	rest []byte
	err  error
}

func (r *wkbReader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("geometry: %s", what)
	}
	r.rest = nil
}

func (r *wkbReader) uint32() uint32 {
	if len(r.rest) < 4 {
		r.fail("it ends too early")
		return 0
	}
	v := binary.LittleEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return v
}

// count reads a list's length; each item takes at least so many bytes.
func (r *wkbReader) count(least int) int {
	n := r.uint32()
	if uint64(n) > uint64(len(r.rest)/least) {
		r.fail(fmt.Sprintf("a list of %d in %d bytes", n, len(r.rest)))
		return 0
	}
	return int(n)
}

func (r *wkbReader) point() (p orb.Point, ok bool) {
	if len(r.rest) < 16 {
		r.fail("it ends too early")
		return p, false
	}
	p[0] = math.Float64frombits(binary.LittleEndian.Uint64(r.rest))
	p[1] = math.Float64frombits(binary.LittleEndian.Uint64(r.rest[8:]))
	r.rest = r.rest[16:]
	return p, true
}

func (r *wkbReader) points(n int) []orb.Point {
	if len(r.rest) < 16*n {
		r.fail("it ends too early")
		n = 0
	}
	out := make([]orb.Point, n)
	for i := range out {
		out[i][0] = math.Float64frombits(binary.LittleEndian.Uint64(r.rest[16*i:]))
		out[i][1] = math.Float64frombits(binary.LittleEndian.Uint64(r.rest[16*i+8:]))
	}
	r.rest = r.rest[16*n:]
	return out
}

// code reads the head of a geometry; part is the code that a Multi's parts must
// have, which bounds the nesting, or 0.
func (r *wkbReader) code(part uint32) uint32 {
	if len(r.rest) == 0 || r.rest[0] != 1 {
		r.fail("not little-endian WKB")
		return 0
	}
	r.rest = r.rest[1:]
	code := r.uint32()
	if r.err == nil && part != 0 && code != part {
		r.fail(fmt.Sprintf("a part of type %d, want %d", code, part))
		return 0
	}
	return code
}

func (r *wkbReader) polygon() orb.Polygon {
	p := make(orb.Polygon, r.count(4))
	for i := range p {
		p[i] = r.points(r.count(16))
	}
	return p
}

func (r *wkbReader) geometry(part uint32) orb.Geometry {
	switch code := r.code(part); code {
	case wkbPoint:
		if p, ok := r.point(); ok {
			return p
		}
	case wkbLineString:
		return orb.LineString(r.points(r.count(16)))
	case wkbPolygon:
		return r.polygon()
	case wkbMultiPoint:
		m := make(orb.MultiPoint, r.count(21))
		for i := range m {
			m[i], _ = r.geometry(wkbPoint).(orb.Point)
		}
		return m
	case wkbMultiLineString:
		m := make(orb.MultiLineString, r.count(9))
		for i := range m {
			m[i], _ = r.geometry(wkbLineString).(orb.LineString)
		}
		return m
	case wkbMultiPolygon:
		m := make(orb.MultiPolygon, r.count(9))
		for i := range m {
			m[i], _ = r.geometry(wkbPolygon).(orb.Polygon)
		}
		return m
	default:
		r.fail(fmt.Sprintf("type %d, want 1 to 6", code))
	}
	return nil
}
