package mvtcheck

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/peterstace/simplefeatures/geom"
)

// FuzzDecode gives any bytes to the checker: it must answer, with a tile whose
// features have what their type says, or with an error.
func FuzzDecode(f *testing.F) {
	f.Add(layer(tagged(0, 0), tags))
	f.Add(layer(feature(Lines, 9, 4, 4, 18, 0, 16, 16, 0)))
	f.Add(layer(feature(Polygons, polygon(square(0, 0, 20), reversed(square(2, 2, 10)), square(4, 4, 2))...)))
	if tiles, err := filepath.Glob(filepath.Join(os.Getenv("RISKATLAS_NODE_MODULES"), "@mapbox/mvt-fixtures/fixtures/*/tile.mvt")); err == nil {
		for _, path := range tiles {
			if b, err := os.ReadFile(path); err == nil {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		tile, err := Decode(b)
		if err != nil {
			return
		}
		for _, l := range tile.Layers {
			for _, x := range l.Features {
				if x.Type == Points && len(x.Points) == 0 || x.Type == Lines && len(x.Lines) == 0 || x.Type == Polygons && len(x.Polygons) == 0 {
					t.Fatalf("a feature of type %v without geometry", x.Type)
				}
			}
		}
		_, _ = Strict(b, 64)
	})
}

// FuzzPolygon makes rings of small numbers and compares the verdict on them with
// another program's.
func FuzzPolygon(f *testing.F) {
	f.Add([]byte{0, 0, 9, 0, 9, 9, 0, 9}, uint8(0))
	f.Add([]byte{0, 0, 15, 0, 15, 15, 0, 15, 2, 2, 2, 5, 5, 5}, uint8(4))
	f.Add([]byte{0, 0, 15, 0, 15, 15, 0, 15, 0, 5, 3, 6, 3, 4}, uint8(4))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		var all Ring
		for i := 0; i+1 < len(b) && i < 40; i += 2 {
			all = append(all, Point{int64(b[i] % 16), int64(b[i+1] % 16)})
		}
		rings := []Ring{all}
		if n := int(cut); n >= 3 && len(all)-n >= 3 {
			rings = []Ring{all[:n], all[n:]}
		}
		var p Polygon
		for i, r := range rings {
			if len(r) < 3 || r.Area() == 0 {
				return
			}
			for k := range r {
				if r[k] == r[(k+1)%len(r)] {
					return // said before rings are compared
				}
			}
			if (r.Area() > 0) != (i == 0) {
				r = reversed(r)
			}
			p = append(p, r)
		}
		var lines []geom.LineString
		for _, r := range p {
			var xy []float64
			for _, v := range append(append(Ring{}, r...), r[0]) {
				xy = append(xy, float64(v.X), float64(v.Y))
			}
			lines = append(lines, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
		}
		got, want := p.check(), geom.NewPolygon(lines).Validate()
		if (got == nil) != (want == nil) {
			// Where rings touch the two differ: here they may touch in several
			// points, which parts the inside, since the specification is silent on
			// it; there a hole outside that touches the exterior ring is let pass.
			if len(p) > 1 && (got == nil && touches(p) > 1 || want == nil && touches(p) > 0 && sidesOf(p[0], p[1], true)&outside != 0) {
				return
			}
			t.Fatalf("%v: %v, the other says %v", p, got, want)
		}
	})
}

// touches counts the vertices of each of two rings that are on the other.
func touches(p Polygon) (n int) {
	for i, r := range p {
		for _, v := range r {
			if p[1-i].side(Point{2 * v.X, 2 * v.Y}) == on {
				n++
			}
		}
	}
	return n
}
