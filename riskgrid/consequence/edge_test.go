package consequence

import (
	"math"
	"testing"
)

// TestFireballHoldsItsPeak: between the flame's edge and the distance of the
// greatest flux, the greatest holds.
func TestFireballHoldsItsPeak(t *testing.T) {
	r := result(t, Fireball{MassKg: 3000})
	d, h, s := value(t, r, "diameter"), value(t, r, "centre_height"), value(t, r, "duration")
	flux := func(x float64) float64 { return 350e3 * FireballView(x, d, h) }
	edge, peak := d/2, 0.5303*d
	if flux(edge) >= flux(peak) {
		t.Fatal("the flux does not rise: the test shows nothing")
	}
	for _, x := range []float64{edge * 1.0001, (edge + peak) / 2, peak} {
		if got, want := r.Footprint.At(x, 0), thermal(flux(peak), s); math.Abs(got-want) > 2*tableError {
			t.Errorf("%v at %v m, want %v", got, x, want)
		}
	}
	if r.Footprint.At(edge, 0) != 1 {
		t.Error("the flame's edge is not lethal")
	}
	most, err := r.Radius(EffectHeatFlux, flux(peak)*0.999999/1e3)
	if err != nil || math.Abs(most-peak) > 0.01*d {
		t.Errorf("the greatest flux at %v m, want %v: %v", most, peak, err)
	}
	if none, err := r.Radius(EffectHeatFlux, flux(peak)*1.01/1e3); err != nil || none != 0 {
		t.Errorf("a flux that is nowhere reaches %v m, %v", none, err)
	}
}

func TestExposureIsBounded(t *testing.T) {
	p := substance(t, "ammonia").Toxic
	if a, b := p.MgPerM3(0.5, 30), p.MgPerM3(0.5, 300); a != b {
		t.Errorf("LC50 of 30 min %v, of 300 min %v", a, b)
	}
	r := result(t, Fireball{MassKg: 1e6})
	if s := value(t, r, "duration"); s < 25 {
		t.Fatalf("%v s: the test shows nothing", s)
	}
	r01, err := r.Radius(EffectLethality, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	q := 350 * FireballView(r01, value(t, r, "diameter"), value(t, r, "centre_height"))
	is(t, "flux of 1 % over 20 s", q, "9.845")
}

func TestPlumeIsCutAtItsSides(t *testing.T) {
	r := result(t, Plume{Release: chlorine(t), Weather: f15, WindFrom: from(180)})
	for _, v := range r.Footprint.Lethality {
		if v > 0 && v < Cut {
			t.Fatalf("lethality %v below the cut", v)
		}
	}
	var c check
	cl := chlorine(t).cloud(&c, f15)
	if a, b := cl.mgPerM3(0.2, 0), cl.mgPerM3(1, 0); a != b || cl.mgPerM3(0, 0) != 0 || cl.mgPerM3(-5, 0) != 0 {
		t.Errorf("%v mg/m3 at 0.2 m, %v at 1 m", a, b)
	}
}

// TestProbitInverse: DoseOf and MgPerM3 undo Chance.
func TestProbitInverse(t *testing.T) {
	for _, p := range Probits() {
		for _, v := range []float64{0.01, 0.5, 0.99} {
			if got := p.Chance(p.DoseOf(v)); math.Abs(got-v) > 1e-9 {
				t.Errorf("%s: %v of %v", p.Key, got, v)
			}
		}
		if p.Chance(0) != 0 || p.Chance(-1) != 0 || p.Source == "" || p.Dose == "" {
			t.Errorf("%+v", p)
		}
	}
}
