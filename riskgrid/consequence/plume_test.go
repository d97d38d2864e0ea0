package consequence

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// north is a wind direction to point to.
func from(deg float64) *float64 { return &deg }

// chlorine is the release of the oracles.
func chlorine(t testing.TB) Release {
	return Release{Substance: substance(t, "chlorine"), KgPerS: 1, ExposureMinutes: 10, Terrain: Urban, HeightMetres: 1, ReceiverMetres: 1}
}

var (
	d5  = Weather{Stability: "D", WindMPerS: 5, Share: 0.6}
	f15 = Weather{Stability: "F", WindMPerS: 1.5, Share: 0.4}
)

// hangzhou is the climate of the oracles.
var climate = Climate{
	Rose:    [16]float64{.08, .06, .07, .07, .09, .07, .06, .05, .06, .06, .06, .04, .05, .05, .06, .07},
	Weather: []Weather{d5, f15},
}

func TestGaussianOracles(t *testing.T) {
	// Published: CCPS 1999 p. 97, with its own standard deviations.
	x := 500.0
	sy := 0.0674 * math.Pow(x, 0.9)
	sz := 0.01122 * math.Pow(x, 1.4024) * math.Exp(-0.0540*math.Log(x)*math.Log(x))
	is(t, "CCPS", Gaussian(0.1, 2, sy, sz, 0, 0, 0), "1.0346728e-4")
	for terrain, printed := range map[Terrain]string{Rural: "1.172e-4", Urban: "1.048e-5"} {
		sy, sz, err := Sigma(terrain, "F", 500)
		if err != nil {
			t.Fatal(err)
		}
		is(t, "Briggs "+string(terrain), Gaussian(0.1, 2, sy, sz, 0, 0, 0), printed)
	}
	for _, c := range []struct {
		terrain   Terrain
		stability string
		sy, sz    string
	}{{Rural, "D", "39.04", "22.68"}, {Rural, "F", "19.52", "6.957"}, {Urban, "D", "73.03", "65.28"}, {Urban, "F", "50.21", "30.24"}} {
		sy, sz, err := Sigma(c.terrain, c.stability, 500)
		if err != nil {
			t.Fatal(err)
		}
		is(t, "sigma y", sy, c.sy)
		is(t, "sigma z", sz, c.sz)
	}
}

func TestPlumeOracles(t *testing.T) {
	for _, c := range []struct {
		weather Weather
		x       float64
		mg, p   string
	}{{d5, 100, "292.6", "0.008417"}, {f15, 100, "2591", "0.7285"}, {f15, 200, "710.7", "0.1210"}, {f15, 300, "340.6", "0.01457"}} {
		var k check
		cl := chlorine(t).cloud(&k, c.weather)
		if k.err != nil {
			t.Fatal(k.err)
		}
		is(t, "C", cl.mgPerM3(c.x, 0), c.mg)
		is(t, "P", cl.kill(c.x, 0), c.p)
	}
	d := result(t, Plume{Release: chlorine(t), Weather: d5, WindFrom: from(0)})
	radius(t, d, EffectLethality, 0.01, "97.65")
	radius(t, d, EffectLethality, 0.5, "40.99")
	f := result(t, Plume{Release: chlorine(t), Weather: f15, WindFrom: from(0)})
	radius(t, f, EffectLethality, 0.01, "318.3")
	radius(t, f, EffectLethality, 0.5, "126.5")
}

// TestPlumeNow is a commander's sixth question.
func TestPlumeNow(t *testing.T) {
	at := orb.Point{120.35, 30.3}
	r, err := Compute("plume", []byte(`{"substance": "液氯", "kg_per_s": 1, "terrain": "urban", "stability": "F",
		"wind_m_per_s": 1.5, "wind_from": 0, "at": [120.35, 30.3], "mg_per_m3": [340.6]}`), substances(t))
	if err != nil {
		t.Fatal(err)
	}
	radius(t, r, EffectLethality, 0.5, "126.5")
	radius(t, r, EffectLethality, 0.01, "318.3")
	is(t, "axis", value(t, r, "axis"), "180")
	if m, ok := r.Reach(EffectConcentration, 340.6); !ok || math.Abs(m-300) > 0.1 {
		t.Errorf("340.6 mg/m3 at %v m", m)
	}
	if len(r.Contours) != 3 {
		t.Fatalf("%d contours", len(r.Contours))
	}
	for _, k := range r.Contours {
		contourHolds(t, chlorine(t), f15, at, 180, k)
	}
	is(t, "length of the 1 % contour", r.Contours[2].LengthMetres, "318.3")
	south := place(at, 180, 318, 0)
	if d := data.Distance(at, south); math.Abs(d-318) > 0.01 || south[1] >= at[1] {
		t.Errorf("the axis is %v m long, to %v", d, south)
	}
}

// contourHolds: a contour is a valid ring, and the concentration on it is its own.
func contourHolds(t *testing.T, x Release, w Weather, at orb.Point, axis float64, k Contour) {
	t.Helper()
	if err := data.CheckShape(k.Shape); err != nil {
		t.Fatal(err)
	}
	var c check
	cl := x.cloud(&c, w)
	for i, p := range k.Shape[0] {
		d, off := data.Distance(at, p), data.Bearing(at, p)-axis
		sin, cos := math.Sincos(off * math.Pi / 180)
		along, across := d*cos, d*sin
		if along < 1.01 {
			continue // the blunt end at the release
		}
		if got := cl.mgPerM3(along, across); math.Abs(got/k.MgPerM3-1) > 0.001 {
			t.Fatalf("point %d at %v, %v m: %v mg/m3, want %v", i, along, across, got, k.MgPerM3)
		}
	}
}

func TestRoseOracles(t *testing.T) {
	p := RosePlume{Release: chlorine(t), Climate: climate}
	footprint := result(t, p).Footprint
	is(t, "reach", footprint.Reach(), "318.3")
	for bearing, printed := range map[float64]string{180: "1.609e-8", 270: "1.810e-8", 0: "1.207e-8", 90: "1.006e-8"} {
		v, err := p.Lethality(200, bearing)
		if err != nil {
			t.Fatal(err)
		}
		is(t, fmt.Sprint("bearing ", bearing), 1e-5*v, printed)
		if table := footprint.At(200, bearing); math.Abs(table/v-1) > 0.01 {
			t.Errorf("bearing %v: table %v, exact %v", bearing, table, v)
		}
	}
	v, err := p.Lethality(500, 0)
	if err != nil {
		t.Fatal(err)
	}
	is(t, "500 m north", 1e-5*v, "2.209e-11")
	if got := footprint.At(500, 0); got != 0 {
		t.Errorf("past the cut: %v", got)
	}
}

// TestWindFrom: the wind that blows FROM north kills in the south.
func TestWindFrom(t *testing.T) {
	p := RosePlume{Release: chlorine(t), Climate: climate}
	shares := map[float64]float64{180: .08, 270: .09, 0: .06, 90: .05}
	for bearing, share := range shares {
		v, err := p.Lethality(200, bearing)
		if err != nil {
			t.Fatal(err)
		}
		south, _ := p.Lethality(200, 180)
		if math.Abs(v/south/(share/.08)-1) > 1e-3 {
			t.Errorf("bearing %v: %v of the south's, want %v", bearing, v/south, share/.08)
		}
	}
	for deg := 0.0; deg < 360; deg += 30 {
		r := result(t, Plume{Release: chlorine(t), Weather: f15, WindFrom: from(deg)})
		down := math.Mod(deg+180, 360)
		for off := -90.0; off <= 180; off += 45 {
			v := r.Footprint.At(150, math.Mod(down+off+360, 360))
			if (v > 0.3) != (off == 0) {
				t.Errorf("wind from %v: lethality %v at %v off the axis", deg, v, off)
			}
		}
	}
}

func TestSubDirections(t *testing.T) {
	p := RosePlume{Release: chlorine(t), Climate: climate, SubDirections: 5}
	q := p
	q.SubDirections = 61
	for bearing := 0.0; bearing < 360; bearing += 90 {
		a, err := p.Lethality(200, bearing)
		if err != nil {
			t.Fatal(err)
		}
		b, err := q.Lethality(200, bearing)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(a/b-1) > 0.0005 {
			t.Errorf("bearing %v: %v with 5, %v with 61", bearing, a, b)
		}
	}
}

// TestRoseTable: the table by bilinear lookup is near the exact average.
func TestRoseTable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name    string
		terrain Terrain
		kgPerS  float64
	}{{"chlorine", Urban, 1}, {"chlorine", Rural, 1}, {"ammonia", Urban, 20}, {"phosgene", Rural, 0.5}} {
		x := chlorine(t)
		x.Substance, x.Terrain, x.KgPerS = substance(t, c.name), c.terrain, c.kgPerS
		p := RosePlume{Release: x, Climate: climate}
		f := result(t, p).Footprint
		if n := len(f.Lethality); n > 5000 {
			t.Errorf("%s %s: %d values", c.name, c.terrain, n)
		}
		near := func(d, b, relative, floor float64) {
			v, err := p.Lethality(d, b)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.At(d, b); math.Abs(got-v) > max(relative*v, floor) {
				t.Errorf("%s %s at %v m, %v degrees: %v, exact %v", c.name, c.terrain, d, b, got, v)
			}
		}
		for range 500 {
			d, b := f.Reach()*math.Sqrt(random.Float64()), 360*random.Float64()
			near(max(d, 1), b, 0, 1e-3)
			if v := f.At(d, b); v >= 1e-3 {
				near(d, b, 0.05, 0)
			} else if v >= 1e-4 {
				near(d, b, 0.12, 0)
			}
			near(d, f.Bearings[random.IntN(len(f.Bearings))], 0.011, 1.1e-5)
		}
	}
}

func BenchmarkRoseTable(b *testing.B) {
	p := RosePlume{Release: chlorine(b), Climate: climate}
	for b.Loop() {
		if _, err := p.Result(); err != nil {
			b.Fatal(err)
		}
	}
}
