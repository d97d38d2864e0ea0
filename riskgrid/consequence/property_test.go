package consequence

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"riskatlas/data"
)

// falls fails where a footprint leaves [0, 1], rises with distance or does not
// end at its reach.
func falls(t *rapid.T, f *data.Footprint) {
	reach := f.Reach()
	bearing := rapid.Float64Range(0, 359.999).Draw(t, "bearing")
	last := 1.0
	for i := range 301 {
		d := reach * float64(i) / 300
		v := f.At(d, bearing)
		if !(v >= 0 && v <= 1) {
			t.Fatalf("lethality %v at %v m", v, d)
		}
		if v > last {
			t.Fatalf("lethality rises from %v to %v at %v m of %v", last, v, d, reach)
		}
		last = v
	}
	if v := f.At(math.Nextafter(reach, math.Inf(1)), bearing); v != 0 {
		t.Fatalf("lethality %v past the reach", v)
	}
}

func ok(t *rapid.T, m Model) *Result {
	r, err := m.Result()
	if err != nil {
		t.Fatalf("%+v: %v", m, err)
	}
	return r
}

// logarithmic draws evenly over the magnitudes.
func logarithmic(t *rapid.T, lo, hi float64, name string) float64 {
	return math.Exp(rapid.Float64Range(math.Log(lo), math.Log(hi)).Draw(t, name))
}

func TestBlastFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := rapid.SampledFrom([]Rule{RuleStep, RuleLungEisenberg, RuleLungHSE, RuleCollapse}).Draw(t, "rule")
		r := ok(t, Blast{TNTKg: logarithmic(t, 0.02, 4e6, "kg"), Rule: rule})
		falls(t, r.Footprint)
		reachesAgree(t, r)
	})
}

func TestFireFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vapour := rapid.SampledFrom([]float64{0, 500, 1636, 4000}).Draw(t, "vapour")
		m := rapid.SampledFrom([]Model{
			Fireball{MassKg: logarithmic(t, 1, 2e6, "kg"), TNO: rapid.Bool().Draw(t, "tno"),
				Touching: rapid.Bool().Draw(t, "touching"), WaterVapourPa: vapour},
			PoolFire{DiameterMetres: logarithmic(t, 0.5, 150, "m"), BurningKgPerM2S: rapid.Float64Range(0.01, 0.15).Draw(t, "burning"),
				HeatMJPerKg: rapid.Float64Range(15, 50).Draw(t, "heat"), WaterVapourPa: vapour},
			GasPipeFire{DiameterMM: logarithmic(t, 50, 1500, "mm"), PressurePa: logarithmic(t, 1e5, 2e7, "Pa")},
		}).Draw(t, "model")
		r := ok(t, m)
		falls(t, r.Footprint)
		reachesAgree(t, r)
	})
}

// reachesAgree: the footprint has a lethality out to that lethality's reach, and
// ends at that of 1 %; a greater value of an effect reaches less far.
func reachesAgree(t *rapid.T, r *Result) {
	r01, _ := r.Reach(EffectLethality, Cut)
	if r.Footprint.Reach() != r01 {
		t.Fatalf("reach %v, 1 %% at %v", r.Footprint.Reach(), r01)
	}
	last := math.Inf(1)
	for _, v := range []float64{0.01, 0.1, 0.5, 0.9, 0.99} {
		metres, err := r.Radius(EffectLethality, v)
		if err != nil {
			t.Fatal(err)
		}
		if metres > last {
			t.Fatalf("lethality %v reaches %v m, a lower one %v", v, metres, last)
		}
		last = metres
		if got := r.Footprint.At(metres*0.9999, 0); got < v-0.005*v-3*tableError {
			t.Fatalf("lethality %v at %v m, the reach of %v", got, metres, v)
		}
	}
}

func TestIndexFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r2 := rapid.Float64Range(1, 20000).Draw(t, "r2")
		r := ok(t, Index{V0: rapid.Float64Range(0.01, 1).Draw(t, "v0"), R1Metres: r2 * rapid.Float64Range(0, 1).Draw(t, "part"), R2Metres: r2})
		falls(t, r.Footprint)
	})
}

func TestPlumeStaysWithinBounds(t *testing.T) {
	all, err := LoadSubstances()
	if err != nil {
		t.Fatal(err)
	}
	var poisons []*Substance
	for _, s := range all.All() {
		if s.Toxic != nil {
			poisons = append(poisons, s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		weather := Weather{Stability: rapid.SampledFrom([]string{"A", "B", "C", "D", "E", "F"}).Draw(t, "stability"),
			WindMPerS: rapid.Float64Range(1, 12).Draw(t, "wind"), Share: 1}
		x := Release{Substance: rapid.SampledFrom(poisons).Draw(t, "substance"), KgPerS: logarithmic(t, 1e-4, 100, "kg/s"),
			Terrain: rapid.SampledFrom([]Terrain{Rural, Urban}).Draw(t, "terrain"), HeightMetres: rapid.SampledFrom([]float64{0, 1, 5, 40}).Draw(t, "height")}
		wind := rapid.Float64Range(0, 359.99).Draw(t, "from")
		r := ok(t, Plume{Release: x, Weather: weather, WindFrom: &wind})
		r01, _ := r.Reach(EffectLethality, Cut)
		f := r.Footprint
		if math.Abs(f.Reach()-r01) > 1e-9*r01 {
			t.Fatalf("reach %v, 1 %% at %v", f.Reach(), r01)
		}
		axis := math.Mod(wind+180, 360)
		peak, last := 0.0, 0.0
		for i := range 201 {
			d := f.Reach() * float64(i) / 200
			v := f.At(d, axis)
			if !(v >= 0 && v <= 1) {
				t.Fatalf("lethality %v", v)
			}
			if v > last && peak > last+0.011 {
				t.Fatalf("lethality rises again at %v m: %v after %v, peak %v", d, v, last, peak)
			}
			peak, last = max(peak, v), v
			if up := f.At(d, wind); d > 0 && up != 0 {
				t.Fatalf("lethality %v upwind", up)
			}
		}
	})
}
