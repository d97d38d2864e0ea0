package datum

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func apart(a, b orb.Point) float64 {
	return math.Max(math.Abs(a[0]-b[0]), math.Abs(a[1]-b[1]))
}

// Shanghai and Beijing are published test points of other implementations; the
// rest were computed with the published formula, apart from this package.
var offsetPoints = []struct {
	name         string
	wgs, gcj, bd orb.Point
}{
	{"Shanghai", orb.Point{121.5272106, 31.1774276}, orb.Point{121.53154186, 31.17530398}, orb.Point{121.53801569, 31.18132861}},
	{"Beijing", orb.Point{116.377817, 39.911954}, orb.Point{116.38404722, 39.91334546}, orb.Point{116.39045471, 39.91957555}},
	{"Hangzhou", orb.Point{120.1551, 30.2741}, orb.Point{120.15979448, 30.27177122}, orb.Point{120.16635835, 30.27759922}},
	{"Xiasha", orb.Point{120.35, 30.31}, orb.Point{120.35456588, 30.30768685}, orb.Point{120.36097102, 30.31403148}},
	{"Linping", orb.Point{120.30, 30.42}, orb.Point{120.30450265, 30.41761425}, orb.Point{120.31109379, 30.42326393}},
	{"Chun'an", orb.Point{119.04, 29.61}, orb.Point{119.04516704, 29.60758551}, orb.Point{119.0515622, 29.61392487}},
}

func TestOffsetsEqualPublishedPoints(t *testing.T) {
	const printed = 1e-8 // half a unit of the eighth decimal, and the oracle's own rounding
	for _, c := range offsetPoints {
		for _, s := range []struct {
			d    Datum
			want orb.Point
		}{{GCJ02, c.gcj}, {BD09, c.bd}} {
			if got := s.d.FromWGS84(c.wgs); apart(got, s.want) > printed {
				t.Errorf("%s to %v: got %.9f, want %.9f", c.name, s.d, got, s.want)
			}
			if got := s.d.ToWGS84(s.want); apart(got, c.wgs) > printed {
				t.Errorf("%s from %v: got %.9f, want %.9f", c.name, s.d, got, c.wgs)
			}
		}
	}
}

func TestIdentityOutsideTheOffsetBox(t *testing.T) {
	for _, p := range []orb.Point{
		{-0.1276, 51.5072}, {144.9631, -37.8136}, {72, 30}, {137.84, 30}, {120, 0.82}, {120, 55.83},
		{math.NaN(), 30}, {120, math.Inf(1)}, {1e300, 30},
	} {
		for d := WGS84; d <= BD09; d++ {
			for _, got := range []orb.Point{d.FromWGS84(p), d.ToWGS84(p)} {
				same := func(i int) bool { return got[i] == p[i] || math.IsNaN(got[i]) && math.IsNaN(p[i]) }
				if near := inOffsetBox(p, 0.1); !near && !(same(0) && same(1)) {
					t.Errorf("%v of %v: got %v, want it unchanged", d, p, got)
				}
			}
			if got := d.FromWGS84(p); !inOffsetBox(p, 0) && got[0] == got[0] && got != p {
				t.Errorf("%v from WGS 84 at %v: got %v, want it unchanged", d, p, got)
			}
		}
	}
	inside := orb.Point{120, 30}
	for _, d := range []Datum{WGS84, CGCS2000, Datum(77)} {
		if d.FromWGS84(inside) != inside || d.ToWGS84(inside) != inside {
			t.Errorf("%v moves %v", d, inside)
		}
	}
}

func roundTrips(t *testing.T, west, south, east, north, leastShift float64) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		p := orb.Point{rapid.Float64Range(west, east).Draw(t, "lon"), rapid.Float64Range(south, north).Draw(t, "lat")}
		for _, d := range []Datum{GCJ02, BD09} {
			q := d.FromWGS84(p)
			if got := d.ToWGS84(q); apart(got, p) > 1e-9 {
				t.Fatalf("%v there and back: %.12f became %.12f", d, p, got)
			}
			if got := d.FromWGS84(d.ToWGS84(p)); inOffsetBox(p, -0.1) && apart(got, p) > 1e-9 {
				t.Fatalf("%v back and there: %.12f became %.12f", d, p, got)
			}
			if shift := apart(p, q); shift < leastShift || shift > 0.05 {
				t.Fatalf("%v shifts %v by %v degrees", d, p, shift)
			}
		}
	})
}

func TestRoundTripsOverHangzhou(t *testing.T) { roundTrips(t, 118.33, 29.18, 120.73, 30.57, 0.004) }

func TestRoundTripsOverTheOffsetBox(t *testing.T) {
	roundTrips(t, boxWest, boxSouth, boxEast, boxNorth, 0)
}

// The closed inverse that is usually published must not agree, or the iteration
// would not be needed.
func TestClosedBaiduInverseIsInexact(t *testing.T) {
	worst := 0.0
	for _, c := range offsetPoints {
		x, y := c.bd[0]-bdShiftLon, c.bd[1]-bdShiftLat
		r := math.Hypot(x, y) - bdRadial*math.Sin(y*bdWave)
		a := math.Atan2(y, x) - bdAngular*math.Cos(x*bdWave)
		worst = math.Max(worst, apart(orb.Point{r * math.Cos(a), r * math.Sin(a)}, c.gcj))
	}
	if worst < 1e-7 || worst > 3e-6 {
		t.Errorf("closed inverse off by %v degrees, want 1e-7 to 3e-6", worst)
	}
}

func TestParse(t *testing.T) {
	for name, want := range map[string]Datum{
		"wgs84": WGS84, "WGS 84": WGS84, "EPSG:4326": WGS84, "urn:ogc:def:crs:OGC:1.3:CRS84": WGS84,
		"CGCS2000": CGCS2000, "epsg:4490": CGCS2000, "urn:ogc:def:crs:EPSG::4490": CGCS2000,
		"GCJ-02": GCJ02, "gcj02": GCJ02, "Bd09": BD09, "bd_09": BD09, "bd09ll": BD09,
	} {
		if got, err := Parse(name); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", name, got, err, want)
		}
	}
	for d := WGS84; d <= BD09; d++ {
		if got, err := Parse(d.String()); err != nil || got != d {
			t.Errorf("Parse(%q) = %v, %v", d.String(), got, err)
		}
	}
	for _, name := range []string{"", "bd09mc", "EPSG:4549", "beijing54", "杭州独立坐标系", strings.Repeat("x", 1e5)} {
		_, err := Parse(name)
		if !errors.Is(err, ErrUnknownDatum) || len(err.Error()) > 300 {
			t.Fatalf("Parse(%.20q): error %.400v", name, err)
		}
		for _, allowed := range []string{"wgs84", "cgcs2000", "gcj02", "bd09"} {
			if !strings.Contains(err.Error(), allowed) {
				t.Errorf("Parse(%.20q): %v does not name %s", name, err, allowed)
			}
		}
	}
}

func FuzzNoInputPanics(f *testing.F) {
	codes := knownCodes()
	f.Add(120.1551, 30.2741, uint16(0))
	for i := range codes {
		f.Add(math.NaN(), math.Inf(-1), uint16(i))
		f.Add(1e308, -1e308, uint16(i))
		f.Add(500000.0, 3350000.0, uint16(i))
		f.Add(180.0, 90.0, uint16(i))
		f.Add(0.0, math.Copysign(0, -1), uint16(i))
	}
	f.Fuzz(func(t *testing.T, a, b float64, i uint16) {
		p := orb.Point{a, b}
		for d := WGS84; d <= BD09+1; d++ {
			if q := d.ToWGS84(d.FromWGS84(p)); apart(p, q) > 0.1 {
				t.Fatalf("%v moves %v to %v", d, p, q)
			}
			if q := d.ToWGS84(p); apart(p, q) > 0.1 {
				t.Fatalf("%v moves %v to %v", d, p, q)
			}
		}
		code := codes[int(i)%len(codes)]
		to, from, err := ByEPSG(code)
		if err != nil {
			t.Fatal(err)
		}
		from(p)
		w := to(p)
		if (gaussKrueger2000(code) != nil || utm(code) != nil) && !math.IsNaN(w[0]) {
			// The series is right within some 1,000 km, hence the centimetre.
			q := from(w)
			swapped := orb.Point{p[1], p[0]}
			if math.Min(apart(q, p), apart(q, swapped)) > 0.01 && math.Abs(w[1]) < 89 {
				t.Fatalf("EPSG:%d: %v became %v became %v", code, p, w, q)
			}
		}
	})
}

func BenchmarkFromWGS84(b *testing.B) { benchmark(b, Datum.FromWGS84) }

func BenchmarkToWGS84(b *testing.B) { benchmark(b, Datum.ToWGS84) }

// benchmark reports the cost against one evaluation of the bare GCJ-02 formula.
func benchmark(b *testing.B, convert func(Datum, orb.Point) orb.Point) {
	for _, d := range []Datum{WGS84, GCJ02, BD09} {
		b.Run(d.String(), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				sink = convert(d, offsetPoints[i%len(offsetPoints)].gcj)
				i++
			}
			perOp := b.Elapsed().Seconds() / float64(b.N)
			const n = 100_000
			start := time.Now()
			for i := range n {
				sink = gcjFromWGS(offsetPoints[i%len(offsetPoints)].gcj)
			}
			formula := time.Since(start).Seconds() / n
			b.ReportMetric(perOp/formula, "x-formula")
		})
	}
}

var sink orb.Point
