package data

import (
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
)

// The canonical bytes of shapes, footprints and scenarios: little-endian, every
// list with its length before it, so that no two values share an encoding.

func appendFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

func appendFloats(b []byte, vs []float64) []byte {
	b = binary.AppendUvarint(b, uint64(len(vs)))
	for _, v := range vs {
		b = appendFloat(b, v)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendPoints(b []byte, ps []orb.Point) []byte {
	b = binary.AppendUvarint(b, uint64(len(ps)))
	for _, p := range ps {
		b = appendFloat(appendFloat(b, p[0]), p[1])
	}
	return b
}

func appendShape(b []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		return appendPoints(append(b, 1), []orb.Point{g})
	case orb.MultiPoint:
		return appendPoints(append(b, 2), g)
	case orb.LineString:
		return appendPoints(append(b, 3), g)
	case orb.MultiLineString:
		b = binary.AppendUvarint(append(b, 4), uint64(len(g)))
		for _, l := range g {
			b = appendPoints(b, l)
		}
		return b
	case orb.Polygon:
		return appendRings(append(b, 5), g)
	case orb.MultiPolygon:
		b = binary.AppendUvarint(append(b, 6), uint64(len(g)))
		for _, p := range g {
			b = appendRings(b, p)
		}
		return b
	}
	return append(b, 0)
}

func appendRings(b []byte, p orb.Polygon) []byte {
	b = binary.AppendUvarint(b, uint64(len(p)))
	for _, r := range p {
		b = appendPoints(b, r)
	}
	return b
}

func (f *Footprint) append(b []byte) []byte {
	b = append(b, byte(f.Kind), byte(f.Over))
	b = appendFloats(b, []float64{f.V0, f.R1, f.R2, f.Skirt[0], f.Skirt[1]})
	b = appendFloats(b, f.Metres)
	b = appendFloats(b, f.Lethality)
	b = appendFloats(b, f.Bearings)
	b = binary.AppendUvarint(b, uint64(len(f.Zones)))
	for _, z := range f.Zones {
		b = appendShape(appendFloat(b, z.Lethality), z.Shape)
	}
	return b
}

// appendKey identifies the scenario by content, its footprint by digest.
func (s *Scenario) appendKey(b []byte) []byte {
	b = append(b, byte(s.Outcome), byte(s.Basis), byte(s.Per))
	b = appendFloat(b, s.PerYear)
	return append(b, s.Footprint.digest[:]...)
}
