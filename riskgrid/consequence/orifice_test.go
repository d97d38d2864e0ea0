package consequence

import (
	"math"
	"testing"
)

func TestHoles(t *testing.T) {
	// By hand: 0.62 x 7.854e-5 m2 x sqrt(2 x 1562 x 6e5) = 2.1082 kg/s.
	q, err := LiquidHoleKgPerS(10, 1562, 6e5, 0)
	if err != nil {
		t.Fatal(err)
	}
	is(t, "chlorine", q, "2.108")
	open, err := LiquidHoleKgPerS(10, 1000, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	is(t, "water", open, "0.6821") // 0.62 A rho sqrt(2 g h)
	// Choked, in its own form: Cd A p sqrt(gamma M/(R T) (2/(gamma+1))^((gamma+1)/(gamma-1))).
	g := 1.3
	want := 0.62 * math.Pi / 4 * 1e-4 * (4e6 + 101325) * math.Sqrt(g*0.0168/(8.314462618*288.15)*math.Pow(2/(g+1), (g+1)/(g-1)))
	got, err := GasHoleKgPerS(10, 16.8, 4e6, 15, g)
	if err != nil || math.Abs(got/want-1) > 1e-9 {
		t.Errorf("choked %v, want %v, %v", got, want, err)
	}
	last := 0.0
	for pa := 1e3; pa < 3e7; pa *= 1.05 {
		got, err := GasHoleKgPerS(10, 16.8, pa, 15, g)
		if err != nil || got <= last {
			t.Fatalf("%v kg/s at %v Pa, less at lower pressure %v, %v", got, pa, last, err)
		}
		if last > 0 && got/last > 1.06 {
			t.Errorf("a jump from %v to %v at %v Pa", last, got, pa)
		}
		last = got
	}
	_, err = GasHoleKgPerS(10, 16.8, 40, 15, g)
	refused(t, err, "pressure_pa", "40", "Pa", "looks like bar")
	_, err = LiquidHoleKgPerS(10, 1562, 6, 0)
	refused(t, err, "pressure_pa", "6", "looks like bar")
	_, err = LiquidHoleKgPerS(10, 1562, 0, 0)
	refused(t, err, "head_metres", "Pa")
	_, err = LiquidHoleKgPerS(-10, 1562, 6e5, 0)
	refused(t, err, "hole_mm", "-10")
	_, err = GasHoleKgPerS(10, 16.8, 4e6, 15, 14)
	refused(t, err, "gamma", "14")
	_, err = GasHoleKgPerS(10, 16.8, 4e6, -300, g)
	refused(t, err, "degrees_c", "-300")
}

// TestMajorHazardNumbers: the substances carry what GB 18218 needs.
func TestMajorHazardNumbers(t *testing.T) {
	r := func(alpha float64, tonnes map[string]float64) float64 {
		sum := 0.0
		for key, q := range tonnes {
			g := substance(t, key).GB18218
			sum += g.Beta * q / g.ThresholdT
		}
		return alpha * sum
	}
	is(t, "chlorine and ammonia", r(2, map[string]float64{"chlorine": 20, "ammonia": 50}), "52.0")
	is(t, "chlorine and ammonia, nobody near", r(0.5, map[string]float64{"chlorine": 20, "ammonia": 50}), "13.0")
	is(t, "LPG", r(2, map[string]float64{"lpg": 600}), "36.0")
	is(t, "gasoline", r(1.5, map[string]float64{"gasoline": 300}), "2.25")
}
