package consequence

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
)

func lpg(t testing.TB) Release {
	return Release{Substance: substance(t, "lpg"), KgPerS: 20, Terrain: Rural}
}

func TestFlashFire(t *testing.T) {
	at := orb.Point{120.35, 30.3}
	r := result(t, FlashFire{Release: lpg(t), Weather: f15, WindFrom: from(270), At: &at})
	end, ok := r.Reach(EffectLethality, Cut)
	if !ok || r.Footprint.Kind != data.Zone || len(r.Contours) != 1 {
		t.Fatalf("%+v", r)
	}
	x := lpg(t)
	x.HeightMetres, x.ReceiverMetres = 1, 1
	contourHolds(t, x, f15, at, 90, r.Contours[0])
	// LFL 1.9 % of a gas of 46 g/mol at 20 C.
	if mg := r.Contours[0].MgPerM3; math.Abs(mg/(0.019*46/24.055*1e6)-1) > 1e-3 {
		t.Errorf("the limit is %v mg/m3", mg)
	}
	for d, want := range map[float64]float64{end * 0.5: 1, end * 0.99: 1, end * 1.01: 0} {
		if got := zoneAt(r.Footprint, place(at, 90, d, 0)); got != want {
			t.Errorf("%v m downwind: %v", d, got)
		}
	}
	if got := zoneAt(r.Footprint, place(at, 270, 20, 0)); got != 0 {
		t.Errorf("upwind: %v", got)
	}
	half := result(t, FlashFire{Release: lpg(t), Weather: f15, WindFrom: from(270), At: &at, LFLShare: 0.5})
	if far, _ := half.Reach(EffectLethality, Cut); far <= end {
		t.Errorf("half the limit reaches %v m, the limit %v", far, end)
	}
	thin := lpg(t)
	thin.KgPerS = 1e-9
	if f := result(t, FlashFire{Release: thin, Weather: d5, WindFrom: from(270), At: &at}).Footprint; f.Reach() != 0 || f.At(0, 0) != 0 {
		t.Errorf("a gas too thin to burn: %+v", f)
	}
}

// TestRoseFlashFire compares the closed form over the rose with many winds.
func TestRoseFlashFire(t *testing.T) {
	r := result(t, RoseFlashFire{Release: lpg(t), Climate: climate})
	x := lpg(t)
	x.HeightMetres, x.ReceiverMetres = 1, 1
	limit := x.Substance.limit()
	var c check
	clouds := []*cloud{x.cloud(&c, d5), x.cloud(&c, f15)}
	for _, d := range []float64{20, 60, 120} {
		for bearing := 0.0; bearing < 360; bearing += 22.5 {
			want := 0.0
			const winds = 14400
			for i := range winds {
				wind := (float64(i) + 0.5) * 360 / winds
				sector := int(math.Floor((wind+sectorDegrees/2)/sectorDegrees)) % sectors
				sin, cos := math.Sincos((bearing - wind - 180) * math.Pi / 180)
				for _, cl := range clouds {
					if cl.mgPerM3(d*cos, d*sin) >= limit {
						want += cl.Share * climate.Rose[sector] * sectors / winds
					}
				}
			}
			if got := r.Footprint.At(d, bearing); math.Abs(got-want) > 0.02*want+1e-3 {
				t.Errorf("%v m at %v: %v, by winds %v", d, bearing, got, want)
			}
		}
	}
	if far, _ := r.Reach(EffectLethality, Cut); r.Footprint.Reach() != far {
		t.Errorf("reach %v, contour to %v", r.Footprint.Reach(), far)
	}
}

func TestCalmIsSpread(t *testing.T) {
	still := climate
	for k := range still.Rose {
		still.Rose[k] *= 0.75
	}
	still.Calm = 0.25
	a, err := RosePlume{Release: chlorine(t), Climate: climate}.Lethality(200, 180)
	if err != nil {
		t.Fatal(err)
	}
	b, err := RosePlume{Release: chlorine(t), Climate: still}.Lethality(200, 180)
	if err != nil || math.Abs(a/b-1) > 1e-12 {
		t.Errorf("%v, with a quarter calm %v, %v", a, b, err)
	}
	s := result(t, RosePlume{Release: chlorine(t), Climate: Climate{Rose: climate.Rose, Weather: climate.Weather, Source: "a mast", Placeholder: true}}).Sources
	if last := s[1]; last != "a mast (placeholder, not the city's own record)" {
		t.Errorf("sources %q", s)
	}
}

// TestPlumeTable: one plume's table is near the plume itself.
func TestPlumeTable(t *testing.T) {
	for _, terrain := range []Terrain{Rural, Urban} {
		x := chlorine(t)
		x.Terrain = terrain
		r := result(t, Plume{Release: x, Weather: f15, WindFrom: from(123)})
		var c check
		cl := x.cloud(&c, f15)
		if n := len(r.Footprint.Lethality); n > 6000 {
			t.Errorf("%s: %d values", terrain, n)
		}
		sum, off := 0.0, 0.0
		reach := r.Footprint.Reach()
		for i := range 200 {
			for a := -60.0; a <= 60; a += 0.31 {
				d := reach * (float64(i) + 0.5) / 200
				want := cl.kill(d, math.Abs(a))
				if want < Cut {
					want = 0
				}
				sum += want * d
				off += math.Abs(r.Footprint.At(d, 303+a)-want) * d
			}
		}
		if off > 0.05*sum {
			t.Errorf("%s: table and plume differ by %.3f of the lethal ground", terrain, off/sum)
		}
	}
}

func TestContours(t *testing.T) {
	s := substances(t)
	rapid.Check(t, func(r *rapid.T) {
		key := rapid.SampledFrom([]string{"chlorine", "ammonia", "phosgene", "nitrogen_dioxide"}).Draw(r, "substance")
		x, err := s.Find(key)
		if err != nil {
			r.Fatal(err)
		}
		at := orb.Point{rapid.Float64Range(-170, 170).Draw(r, "lon"), rapid.Float64Range(-70, 70).Draw(r, "lat")}
		wind := rapid.Float64Range(0, 359.9).Draw(r, "from")
		release := Release{Substance: x, KgPerS: logarithmic(r, 0.01, 50, "kg/s"), Terrain: Urban, HeightMetres: rapid.SampledFrom([]float64{1, 10, 60}).Draw(r, "height"), ReceiverMetres: 1, ExposureMinutes: 10}
		w := Weather{Stability: rapid.SampledFrom([]string{"A", "D", "F"}).Draw(r, "stability"), WindMPerS: 2}
		p := ok(r, Plume{Release: release, Weather: w, WindFrom: &wind, At: &at})
		axis := math.Mod(wind+180, 360)
		last := math.Inf(1)
		for i := len(p.Contours) - 1; i >= 0; i-- { // from the widest inwards
			k := p.Contours[i]
			contourHolds(t, release, w, at, axis, k)
			if k.Shape[0].Orientation() != orb.CCW {
				r.Fatalf("contour %v runs clockwise", k.Lethality)
			}
			if k.LengthMetres > last {
				r.Fatalf("contour %v is longer than a wider one", k.Lethality)
			}
			last = k.LengthMetres
			if reach, _ := p.Reach(EffectLethality, k.Lethality); reach != k.LengthMetres {
				r.Fatalf("contour of %v m, reach %v", k.LengthMetres, reach)
			}
		}
	})
}

func TestGround(t *testing.T) {
	square := orb.Polygon{{{120, 30}, {120.02, 30}, {120.02, 30.01}, {120, 30.01}, {120, 30}}}
	inside, near, far := orb.Point{120.01, 30.005}, orb.Point{120.01, 30.011}, orb.Point{120.01, 30.02}
	dam := result(t, DamFlood{Flooded: square, People: 5000, WarningHours: 0.5, Forceful: true, SkirtMetres: 200})
	is(t, "dead", value(t, dam, "loss_of_life"), "86.93")
	v := value(t, dam, "lethality")
	skirt := 1 - data.Distance(near, orb.Point{120.01, 30.01})/200
	for at, want := range map[orb.Point]float64{inside: v, near: v * skirt, far: 0} {
		if got := zoneAt(dam.Footprint, at); math.Abs(got-want) > 1e-9 {
			t.Errorf("flood at %v: %v, want %v", at, got, want)
		}
	}
	if dam.Outcome.String() != "flood" {
		t.Errorf("outcome %s", dam.Outcome)
	}
	slide := result(t, RunOut{Ground: square, Lethality: 0.8})
	if zoneAt(slide.Footprint, inside) != 0.8 || zoneAt(slide.Footprint, near) != 0 || slide.Outcome.String() != "collapse" {
		t.Errorf("run-out %+v", slide)
	}
	inner := orb.Polygon{{{120.005, 30.002}, {120.015, 30.002}, {120.015, 30.008}, {120.005, 30.008}, {120.005, 30.002}}}
	slab := result(t, External{Outcome: "toxic", Program: "SLAB", Pieces: []data.ZonePiece{{Shape: square, Lethality: 0.1}, {Shape: inner, Lethality: 0.9}}})
	if zoneAt(slab.Footprint, inside) != 0.9 || zoneAt(slab.Footprint, orb.Point{120.001, 30.005}) != 0.1 || slab.Outcome.String() != "toxic" {
		t.Errorf("external %+v", slab)
	}
	in, err := slab.Indoors()
	if err != nil || math.Abs(zoneAt(in, inside)-0.09) > 1e-12 || zoneAt(slab.Footprint, inside) != 0.9 {
		t.Errorf("indoors %v, %v", zoneAt(in, inside), err)
	}
}

// TestGasPipe compares with the standard's r = 0.69 d sqrt(p), feet, inches and
// psi, for natural gas and 5000 Btu/(h ft2).
func TestGasPipe(t *testing.T) {
	r := result(t, GasPipeFire{DiameterMM: 30 * 25.4, PressurePa: 1000 * 6894.757})
	want := 0.69 * 30 * math.Sqrt(1000) * 0.3048
	if got := value(t, r, "potential_impact_radius"); math.Abs(got/want-1) > 0.01 {
		t.Errorf("%v m, by the standard %v", got, want)
	}
	if got, err := r.Radius(EffectHeatFlux, 5000*3.154590745/1e3); err != nil || math.Abs(got/want-1) > 0.01 {
		t.Errorf("15.77 kW/m2 at %v m, %v", got, err)
	}
}
