package datum

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// knownCodes lists what ByEPSG takes, by trying every code.
func knownCodes() []int {
	var codes []int
	for code := range 40_000 {
		if _, _, err := ByEPSG(code); err == nil {
			codes = append(codes, code)
		}
	}
	return codes
}

// Figures of PROJ, by GDAL 3.6.2's gdaltransform from +proj=longlat
// +datum=WGS84; for OSGB36, DHDN and MGI with the seven parameters that
// wroge/wgs84 has for them as +towgs84.
var projected = []struct {
	code       int
	wgs, plane orb.Point
}{
	{4549, orb.Point{118.5, 29.1}, orb.Point{353973.6812, 3221282.7388}},
	{4549, orb.Point{121.5, 31.2}, orb.Point{642964.1598, 3454118.1322}},
	{4528, orb.Point{119.04, 29.61}, orb.Point{40407010.8928, 3277267.1570}},
	{4548, orb.Point{118.9, 29.61}, orb.Point{684053.8917, 3278390.4143}},
	{4527, orb.Point{118.9, 29.61}, orb.Point{39684053.8917, 3278390.4143}},
	{4509, orb.Point{119.3, 30.42}, orb.Point{721007.1467, 3368919.7222}},
	{4498, orb.Point{119.3, 30.42}, orb.Point{20721007.1467, 3368919.7222}},
	{4554, orb.Point{134.2, 48.3}, orb.Point{440646.8816, 5352094.9559}},
	{4534, orb.Point{75.9, 39.4}, orb.Point{577523.5161, 4363298.1901}},
	{3857, orb.Point{120.1551, 30.2741}, orb.Point{13375604.5482, 3538831.7244}},
	{3857, orb.Point{-0.1276, 51.5072}, orb.Point{-14204.3670, 6711506.7054}},
	{32632, orb.Point{11.5, 48.1}, orb.Point{686121.7558, 5330438.1302}},
	{32632, orb.Point{6.2, 48.1}, orb.Point{291545.4398, 5331207.4966}},
	{32651, orb.Point{120.1551, 30.2741}, orb.Point{226317.4607, 3352585.6524}},
	{32650, orb.Point{119.04, 29.61}, orb.Point{697539.5628, 3277309.5011}},
	{32755, orb.Point{144.9631, -37.8136}, orb.Point{320704.4463, 5812911.6995}},
	{32760, orb.Point{-179.9, -17.2}, orb.Point{829755.7043, 8095679.9660}},
	{32601, orb.Point{179.8, 65.1}, orb.Point{349713.4960, 7223407.4745}},
	{25832, orb.Point{11.5, 48.1}, orb.Point{686121.7558, 5330438.1301}},
	{6355, orb.Point{-86.5, 33}, orb.Point{137699.7725, 277392.6307}},
	{6356, orb.Point{-87.9, 33}, orb.Point{562621.0817, 332683.5331}},
	{3416, orb.Point{16.3, 48.2}, orb.Point{620418.7353, 482014.6881}},
	{3035, orb.Point{16.3, 48.2}, orb.Point{4788891.7649, 2807360.2337}},
	{3035, orb.Point{-5.3, 40.2}, orb.Point{3021650.2770, 2032162.3278}},
	{2154, orb.Point{7.3, 48.2}, orb.Point{1019324.0148, 6797546.3093}},
	{3946, orb.Point{7.3, 46.2}, orb.Point{2031702.4791, 5231184.8538}},
	{3950, orb.Point{2.3, 49.9}, orb.Point{1649713.9019, 9189113.4566}},
	{3942, orb.Point{2.9, 42.1}, orb.Point{1691728.6040, 1211111.3128}},
	{27700, orb.Point{-0.1276, 51.5072}, orb.Point{530043.1950, 180358.2086}},
	{4277, orb.Point{-0.1276, 51.5072}, orb.Point{-0.125993510, 51.506689564}},
	{31467, orb.Point{8.5, 49}, orb.Point{3463489.5780, 5429307.7421}},
	{31469, orb.Point{13.4, 52.5}, orb.Point{5391482.2838, 5819737.5884}},
	{4314, orb.Point{8.5, 49}, orb.Point{8.500959528, 49.001034273}},
	{31257, orb.Point{10.5, 47.2}, orb.Point{162652.1568, 229025.6488}},
	{31259, orb.Point{16.37, 48.2}, orb.Point{752814.7714, 340177.4408}},
	{31285, orb.Point{13.1, 47.8}, orb.Point{432577.0545, 5295738.5483}},
	{31287, orb.Point{16.3, 48.2}, orb.Point{620478.4700, 482064.5966}},
}

func TestProjectedEqualPROJ(t *testing.T) {
	for _, c := range projected {
		metres, degrees := 0.001, 1e-8
		switch {
		case c.code == 27700, c.code >= 31257 && c.code <= 31469:
			// The inverse shift of datum is the forward one with its signs
			// changed, which is off by the square of its rotations.
			metres, degrees = 0.02, 2e-7
		case c.code == 4277, c.code == 4314:
			metres, degrees = 2e-7, 2e-7 // the plane is degrees too
		}
		to, from, err := ByEPSG(c.code)
		if err != nil {
			t.Fatal(err)
		}
		if got := from(c.wgs); !(apart(got, c.plane) <= metres) {
			t.Errorf("EPSG:%d of %v: got %.8f, want %.8f", c.code, c.wgs, got, c.plane)
		}
		if got := to(c.plane); !(apart(got, c.wgs) <= degrees) {
			t.Errorf("EPSG:%d at %.4f: got %.9f, want %.9f", c.code, c.plane, got, c.wgs)
		}
	}
}

// The points of the domain's table, to the millimetre printed there.
func TestHangzhouProjectedPoints(t *testing.T) {
	for _, c := range []struct {
		name              string
		wgs               orb.Point
		code              int
		easting, northing float64
	}{
		{"Hangzhou", orb.Point{120.1551, 30.2741}, 4549, 514923.734, 3350508.870},
		{"Hangzhou", orb.Point{120.1551, 30.2741}, 4528, 40514923.734, 3350508.870},
		{"Hangzhou", orb.Point{120.1551, 30.2741}, 3857, 13375604.548, 3538831.724},
		{"Chun'an", orb.Point{119.04, 29.61}, 4549, 407010.893, 3277267.157},
		{"Linping", orb.Point{120.30, 30.42}, 4549, 528823.283, 3366711.122},
	} {
		to, from, err := ByEPSG(c.code)
		if err != nil {
			t.Fatal(err)
		}
		p := orb.Point{c.easting, c.northing}
		if got := from(c.wgs); apart(got, p) > 0.001 {
			t.Errorf("%s in EPSG:%d: got %.4f, want %.3f", c.name, c.code, got, p)
		}
		if got := to(p); apart(got, c.wgs) > 1e-8 {
			t.Errorf("%s from EPSG:%d: got %.9f, want %.9f", c.name, c.code, got, c.wgs)
		}
	}
}

// Either order of axes gives the same place, over each zone of the Chinese
// systems and beyond the zone's edge.
func TestChineseAxesAreReadByValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.IntRange(4491, 4554).Draw(t, "code")
		m := gaussKrueger2000(code)
		p := orb.Point{
			m.meridian + rapid.Float64Range(-3.5, 3.5).Draw(t, "lon from the meridian"),
			rapid.Float64Range(10, 54).Draw(t, "lat"),
		}
		to, from, err := ByEPSG(code)
		if err != nil {
			t.Fatal(err)
		}
		q := from(p)
		eastingFirst, northingFirst := to(q), to(orb.Point{q[1], q[0]})
		if eastingFirst != northingFirst || !(apart(eastingFirst, p) < 1e-10) {
			t.Fatalf("EPSG:%d: %v is %v, read as %v and %v", code, p, q, eastingFirst, northingFirst)
		}
	})
}

func TestWrongZoneNumberIsNaN(t *testing.T) {
	for code, p := range map[int]orb.Point{
		4549:  {40514923.734, 3350508.870}, // zone number in a system without
		4528:  {514923.734, 3350508.870},   // and the reverse
		4527:  {40514923.734, 3350508.870},
		32650: {1e8, 1},
	} {
		to, _, err := ByEPSG(code)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []orb.Point{p, {p[1], p[0]}, {math.NaN(), 0}, {math.Inf(1), math.Inf(1)}} {
			if got := to(p); !math.IsNaN(got[0]) || !math.IsNaN(got[1]) {
				t.Errorf("EPSG:%d at %v: got %v, want NaN", code, p, got)
			}
		}
	}
	_, from, err := ByEPSG(4549)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []orb.Point{{-60, 30}, {120, 90.1}, {128, 30}, {math.NaN(), 30}, {120, math.Inf(1)}} {
		if got := from(p); !math.IsNaN(got[0]) {
			t.Errorf("EPSG:4549 of %v: got %v, want NaN", p, got)
		}
	}
}

// On the central meridian the northing is the meridian's arc: the integral of
// its radius of curvature, here by Simpson's rule.
func TestNorthingIsTheMeridianArc(t *testing.T) {
	m := gaussKrueger2000(4549)
	radius := func(lat float64) float64 {
		sin := math.Sin(lat)
		return 6378137 * (1 - m.e2) / math.Pow(1-m.e2*sin*sin, 1.5)
	}
	for _, lat := range []float64{0, 1, 30.2741, 45, 89, -20} {
		const n = 2000
		h := lat * math.Pi / 180 / n
		sum := radius(0) + radius(lat*math.Pi/180)
		for i := 1; i < n; i++ {
			sum += radius(float64(i)*h) * float64(2+2*(i%2))
		}
		if east, north := m.project(120, lat); math.Abs(north-sum*h/3) > 1e-6 || math.Abs(east-500_000) > 1e-6 {
			t.Errorf("latitude %v: got %.7f, %.7f, want 500000, %.7f", lat, east, north, sum*h/3)
		}
	}
}

func TestEveryKnownCodeIsListedAndConverts(t *testing.T) {
	codes := knownCodes()
	if len(codes) < 64+120+11+30 {
		t.Fatalf("only %d codes known", len(codes))
	}
	for _, code := range codes {
		if !listed(code) {
			t.Errorf("EPSG:%d is converted and not in %q", code, Known)
		}
	}
	for _, code := range []int{-1, 0, 4978, 6414, 4214, 4610, 4555, 4490_0, 32661, 1 << 40} {
		_, _, err := ByEPSG(code)
		if !errors.Is(err, ErrUnknownEPSG) || !strings.Contains(err.Error(), fmt.Sprint(code)) || !strings.Contains(err.Error(), "4549") {
			t.Errorf("EPSG:%d: error %v", code, err)
		}
	}
}

// listed reads Known as a person does: numbers and ranges outside parentheses.
func listed(code int) bool {
	depth, text := 0, strings.Builder{}
	for _, r := range Known {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case depth == 0:
			text.WriteRune(r)
		}
	}
	for _, word := range strings.FieldsFunc(text.String(), func(r rune) bool { return r == ',' || r == ' ' }) {
		var low, high int
		switch n, _ := fmt.Sscanf(word, "%d-%d", &low, &high); n {
		case 1:
			high = low
		case 0:
			continue
		}
		if low <= code && code <= high {
			return true
		}
	}
	return false
}

func TestProjectionsDoNotAllocate(t *testing.T) {
	for _, c := range projected {
		to, from, err := ByEPSG(c.code)
		if err != nil {
			t.Fatal(err)
		}
		if european(c.code) != nil {
			continue
		}
		if n := testing.AllocsPerRun(20, func() { sink = to(from(c.wgs)) }); n != 0 {
			t.Errorf("EPSG:%d: %v allocations", c.code, n)
		}
	}
	for d := WGS84; d <= BD09; d++ {
		if n := testing.AllocsPerRun(20, func() { sink = d.ToWGS84(d.FromWGS84(orb.Point{120, 30})) }); n != 0 {
			t.Errorf("%v: %v allocations", d, n)
		}
	}
}

func BenchmarkByEPSG(b *testing.B) {
	for _, code := range []int{3857, 4549, 32651, 2154, 27700} {
		to, from, err := ByEPSG(code)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(code), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = to(from(orb.Point{120.1551, 30.2741}))
			}
		})
	}
}
