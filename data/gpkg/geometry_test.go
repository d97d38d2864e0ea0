package gpkg

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

func shapes(n int) []orb.Geometry {
	var out []orb.Geometry
	for _, h := range citytest.Hazards(rand.New(rand.NewPCG(8, 9)), n, citytest.Bound) {
		out = append(out, h.Shape)
	}
	return out
}

// The oracle for both directions is orb's own WKB.
func TestGeometryIsWKBWithItsEnvelope(t *testing.T) {
	kinds := map[string]bool{}
	for _, g := range shapes(400) {
		b := encode(g)
		e, tail, err := splitBlob(b)
		if err != nil {
			t.Fatal(err)
		}
		if want := wkb.MustMarshal(g); !bytes.Equal(tail, want) {
			t.Fatalf("%v:\n%x\n%x", g, tail, want)
		}
		if e != boundEnvelope(g.Bound()) {
			t.Errorf("%v: envelope %v", g, e)
		}
		got, err := decode(b)
		if err != nil || !reflect.DeepEqual(got, g) {
			t.Fatalf("%v became %v, %v", g, got, err)
		}
		kinds[g.GeoJSONType()] = true
		for n := range min(len(b), 150) {
			if _, err := decode(b[:n]); err == nil {
				t.Fatalf("%v: %d of %d bytes taken", g, n, len(b))
			}
		}
		if _, err := decode(append(bytes.Clone(b), 0)); err == nil {
			t.Fatalf("%v: a byte past the end taken", g)
		}
	}
	if len(kinds) != 6 {
		t.Errorf("only %v", kinds)
	}
}

func TestGeometryRefusesNesting(t *testing.T) {
	head := encode(orb.Point{1, 2})[:headerBytes]
	for name, tail := range map[string][]byte{
		"collection":       {1, 7, 0, 0, 0, 0, 0, 0, 0},
		"multi of multi":   {1, 6, 0, 0, 0, 1, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0, 0},
		"big-endian":       {0, 0, 0, 0, 1},
		"2^32-1 rings":     {1, 3, 0, 0, 0, 255, 255, 255, 255},
		"2^31 positions":   {1, 2, 0, 0, 0, 0, 0, 0, 128, 1, 2, 3},
		"point with z":     {1, 233, 3, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8},
		"nothing whatever": nil,
	} {
		if g, err := decode(append(bytes.Clone(head), tail...)); err == nil {
			t.Errorf("%s: %v", name, g)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, g := range shapes(40) {
		f.Add(encode(g))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := decode(b)
		if err != nil || data.CheckShape(g) != nil {
			return
		}
		// The header's envelope is not compared with the shape on reading.
		if again := encode(g); !bytes.Equal(again[headerBytes:], b[headerBytes:]) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}

// BenchmarkDecode decodes shapes, and for its ratio with orb's decoder.
func BenchmarkDecode(b *testing.B) {
	var blobs [][]byte
	for _, g := range shapes(1000) {
		blobs = append(blobs, encode(g))
	}
	b.Run("orb", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := wkb.Unmarshal(blobs[i%len(blobs)][headerBytes:]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("own", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := decode(blobs[i%len(blobs)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
