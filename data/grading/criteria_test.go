package grading

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"riskatlas/data"
)

func TestLimits(t *testing.T) {
	r := rules(t)
	for class, want := range map[data.Protection][2]float64{ // new build, in service
		data.HighSensitive: {3e-7, 3e-6}, data.Important: {3e-7, 3e-6}, data.General1: {3e-7, 3e-6},
		data.General2: {3e-6, 1e-5}, data.General3: {1e-5, 3e-5},
	} {
		for i, limit := range want {
			if got := r.Limit(class, i == 0); got != limit {
				t.Errorf("%s, new %v: %v, want %v", class, i == 0, got, limit)
			}
			for share, ok := range map[float64]bool{0: true, 0.999: true, 1: true, 1 + 5e-10: true, 1 + 1e-8: false, 1.01: false} {
				if got := r.Allowed(class, i == 0, limit*share); got != ok {
					t.Errorf("%s, new %v, %v of the limit: %v", class, i == 0, share, got)
				}
			}
		}
	}
	one := 1e-6
	if !r.Allowed(data.General1, false, one+one+one) {
		t.Error("three sources of 1e-6 are over 3e-6")
	}
	if !math.IsInf(r.Limit(data.Unprotected, true), 1) || !math.IsInf(r.Limit(99, false), 1) || r.Allowed(data.General1, false, math.NaN()) {
		t.Error("what is no target has a limit, or no number is allowed")
	}
}

func TestTarget(t *testing.T) {
	r := rules(t)
	type sizes = map[string]any
	for _, c := range []struct {
		use   string
		sizes sizes
		want  data.Protection
	}{
		{"education", nil, data.HighSensitive}, {"medical", nil, data.HighSensitive}, {"welfare", nil, data.HighSensitive}, {"culture", nil, data.HighSensitive},
		{"religious", nil, data.Important}, {"rail_transit", nil, data.Important}, {"heritage", nil, data.Important}, {"exhibition", nil, data.Important},
		{"military", nil, data.Important}, {"foreign_affairs", nil, data.Important}, {"filling_station", nil, data.General2},
		{"dwelling", sizes{"households": 30}, data.General1}, {"dwelling", sizes{"households": 29}, data.General2},
		{"dwelling", sizes{"households": 10}, data.General2}, {"dwelling", sizes{"households": 9}, data.General3},
		{"dwelling", sizes{"people": 100}, data.General1}, {"dwelling", sizes{"people": 99}, data.General2},
		{"dwelling", sizes{"people": 30}, data.General2}, {"dwelling", sizes{"people": 29}, data.General3},
		{"dwelling", sizes{"households": 9, "people": 100}, data.General1}, {"dwelling", sizes{"households": 30, "people": 1}, data.General1},
		{"office", sizes{"people": 100}, data.General1}, {"office", sizes{"people": 99}, data.General2},
		{"stadium", sizes{"floor_area_m2": 5000}, data.General1}, {"stadium", sizes{"floor_area_m2": 4999.9}, data.General2},
		{"shop", sizes{"floor_area_m2": 5000}, data.General1}, {"shop", sizes{"floor_area_m2": 4999}, data.General2},
		{"shop", sizes{"floor_area_m2": "1500"}, data.General2}, {"shop", sizes{"floor_area_m2": 1499}, data.General3},
		{"catering", sizes{"people": 300}, data.General1}, {"catering", sizes{"people": 299}, data.General2},
		{"catering", sizes{"people": 100}, data.General2}, {"catering", sizes{"people": 99}, data.General3},
		{"lodging", sizes{"beds": 100}, data.General1}, {"lodging", sizes{"beds": 99}, data.General2},
		{"entertainment", sizes{"floor_area_m2": 3000}, data.General1}, {"entertainment", sizes{"floor_area_m2": 2999}, data.General2},
		{"entertainment", sizes{"people": 100}, data.General1}, {"entertainment", sizes{"people": 99}, data.General2},
		{"factory", sizes{"staff_on_shift": 100}, data.General2}, {"factory", sizes{"staff_on_shift": 99}, data.General3},
		{"transport_hub", sizes{"people": 100}, data.General1}, {"transport_hub", sizes{"people": 99}, data.General2},
		{"park", sizes{"ground_area_m2": 5000}, data.General1}, {"park", sizes{"ground_area_m2": 4999}, data.General2},
		{"park", sizes{"ground_area_m2": 1500}, data.General2}, {"park", sizes{"ground_area_m2": 1499}, data.General3},
	} {
		if got, err := r.Target(c.use, c.sizes); err != nil || got != c.want {
			t.Errorf("%s %v: %s, %v, want %s", c.use, c.sizes, got, err, c.want)
		}
	}
	_, err := r.Target("castle", nil)
	refused(t, err, "use", "dwelling")
	_, err = r.Target("shop", sizes{"beds": 7})
	refused(t, err, "indicators", "floor_area_m2, people")
	_, err = r.Target("shop", sizes{"people": -1})
	refused(t, err, "indicators.people", "-1")
}

func TestProtection(t *testing.T) {
	r := rules(t)
	people, staff := 120, 100
	for _, c := range []struct {
		industry string
		d        data.Detail
		want     data.Protection
	}{
		{"C09", data.Detail{}, data.HighSensitive}, {"C12", data.Detail{}, data.Important}, {"I04", data.Detail{}, data.General2},
		{"C01", data.Detail{}, data.Unprotected}, {"I01", data.Detail{Staff: &staff}, data.Unprotected}, {"??", data.Detail{}, data.Unprotected},
		{"C01", data.Detail{OccupancyMax: &people}, data.General2}, {"I10", data.Detail{Staff: &staff}, data.General2},
		{"C01", data.Detail{OccupancyMax: &people, Indicators: map[string]any{"people": 300.0}}, data.General1},
		{"C03", data.Detail{Indicators: map[string]any{"households": 12.0}}, data.General2},
		{"C03", data.Detail{OccupancyMax: &people, Indicators: map[string]any{"households": 2.0}}, data.General1},
		{"C01", data.Detail{ProtectionClass: "important", OccupancyMax: &people}, data.Important},
	} {
		if got, err := r.Protection(c.industry, &c.d); err != nil || got != c.want {
			t.Errorf("%s %+v: %s, %v, want %s", c.industry, c.d, got, err, c.want)
		}
	}
	_, err := r.Protection("C01", &data.Detail{ProtectionClass: "vip"})
	refused(t, err, "protection_class", "general_3")
	_, err = r.Protection("C01", &data.Detail{Indicators: map[string]any{"people": "many"}})
	refused(t, err, "indicators.people", "many")
}

func TestSeverity(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		toll Toll
		want string
	}{
		{Toll{Deaths: 30}, "particularly_serious"}, {Toll{Deaths: 29}, "serious"}, {Toll{Deaths: 29.5}, "serious"}, {Toll{Deaths: 10}, "serious"},
		{Toll{Deaths: 9}, "comparatively_serious"}, {Toll{Deaths: 3}, "comparatively_serious"}, {Toll{Deaths: 2.99}, "ordinary"}, {Toll{}, "ordinary"},
		{Toll{SeriousInjuries: 100}, "particularly_serious"}, {Toll{SeriousInjuries: 99}, "serious"}, {Toll{SeriousInjuries: 50}, "serious"},
		{Toll{SeriousInjuries: 49}, "comparatively_serious"}, {Toll{SeriousInjuries: 10}, "comparatively_serious"}, {Toll{SeriousInjuries: 9}, "ordinary"},
		{Toll{LossCNY: 100e6}, "particularly_serious"}, {Toll{LossCNY: 99.99e6}, "serious"}, {Toll{LossCNY: 50e6}, "serious"},
		{Toll{LossCNY: 49.99e6}, "comparatively_serious"}, {Toll{LossCNY: 10e6}, "comparatively_serious"}, {Toll{LossCNY: 9.99e6}, "ordinary"},
		{Toll{Deaths: 2, SeriousInjuries: 12, LossCNY: 60e6}, "serious"}, {Toll{Deaths: 31, SeriousInjuries: 1}, "particularly_serious"},
	} {
		got, err := r.Severity(c.toll)
		if err != nil || got.Key != c.want {
			t.Errorf("%+v: %s, %v, want %s", c.toll, got.Key, err, c.want)
		}
		if _, err := data.ParseLevel(got.Key); err == nil {
			t.Errorf("%s is a level's key too", got.Key)
		}
	}
	for field, toll := range map[string]Toll{"deaths": {Deaths: -1}, "serious_injuries": {SeriousInjuries: math.NaN()}, "loss_cny": {LossCNY: math.Inf(1)}} {
		_, err := r.Severity(toll)
		refused(t, err, field)
	}
	if len(r.Severities()) != 4 {
		t.Error("not four severities")
	}
}

// The oracle of domain 3.11.
var oracle = []FN{{2, 1e-4}, {8, 3e-5}, {25, 1e-5}, {120, 2e-6}, {600, 5e-7}}

func TestCurve(t *testing.T) {
	r := rules(t)
	given := append([]FN{{0.4, 1e-2}, {0.999, 1}, {7, 0}}, oracle...)
	slices.Reverse(given)
	curve, err := Curve(given)
	want := []FN{{2, 1.425e-4}, {8, 4.25e-5}, {25, 1.25e-5}, {120, 2.5e-6}, {600, 5e-7}}
	ratios := []float64{0.285, 0.34, 0.3125, 0.3, 0.3}
	if err != nil || len(curve) != len(want) {
		t.Fatalf("%v, %v", curve, err)
	}
	for i, p := range curve {
		if p.Deaths != want[i].Deaths || math.Abs(p.PerYear-want[i].PerYear) > 1e-12*p.PerYear {
			t.Errorf("point %d: %+v, want %+v", i, p, want[i])
		}
		if got := p.PerYear / at(r.upper, p.Deaths); math.Abs(got-ratios[i]) > 1e-9 {
			t.Errorf("share of the upper line at %v: %v, want %v", p.Deaths, got, ratios[i])
		}
		if z := r.Zone(p.Deaths, p.PerYear); z != ALARP {
			t.Errorf("F(%v) is %s", p.Deaths, z)
		}
	}
	if z, at := r.Judge(curve); z != ALARP || at != curve[0] {
		t.Errorf("judged %s at %+v", z, at)
	}
	if got := PLL(oracle); math.Abs(got-1.230e-3) > 1e-15 {
		t.Errorf("PLL %v", got)
	}
	if got := PLL([]FN{{0.5, 1e-3}}); got != 5e-4 {
		t.Errorf("PLL of half a death: %v", got)
	}
	same, err := Curve([]FN{{2, 1e-5}, {2, 3e-5}, {1, 1e-6}})
	if err != nil || len(same) != 2 || same[1].PerYear != 4e-5 || same[0].Deaths != 1 {
		t.Errorf("equal deaths: %v, %v", same, err)
	}
	if z, _ := r.Judge(nil); z != Unjudged {
		t.Errorf("no curve is %s", z)
	}
	_, err = Curve([]FN{{-1, 1e-5}})
	refused(t, err, "deaths", "-1")
	_, err = Curve([]FN{{3, math.NaN()}})
	refused(t, err, "per_year", "NaN")
}

func TestZone(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		n, f float64
		want Zone
	}{
		{1, 1e-3, ALARP}, {1, 1.001e-3, Unacceptable}, {1, 1e-5, Acceptable}, {1, 1.001e-5, ALARP},
		{10, 1e-4, ALARP}, {10, 1.001e-4, Unacceptable}, {10, 1e-6, Acceptable}, {10, 1.001e-6, ALARP},
		{37, 1e-3 / 37, ALARP}, {37, 1.001e-3 / 37, Unacceptable}, {37, 1e-5 / 37, Acceptable}, {37, 1.001e-5 / 37, ALARP},
		{1000, 1e-6, ALARP}, {1000, 1.001e-6, Unacceptable}, {1000, 1e-8, Acceptable}, {1000, 1.001e-8, ALARP},
		{1001, 1e-8, Acceptable}, {1001, 1.001e-8, Unacceptable}, {1e6, 5e-8, Unacceptable}, {1e6, 0, Acceptable}, {5, 0, Acceptable},
		{0.99, 1, Unjudged}, {0, 1, Unjudged}, {-1, 1, Unjudged}, {math.NaN(), 1, Unjudged}, {math.Inf(1), 1, Unjudged}, {5, math.NaN(), Unjudged}, {5, -1, Unjudged},
	} {
		if got := r.Zone(c.n, c.f); got != c.want {
			t.Errorf("N %v, F %v: %s, want %s", c.n, c.f, got, c.want)
		}
	}
	upper, lower := r.Lines()
	if !slices.Equal(upper, []FN{{1, 1e-3}, {1000, 1e-6}}) || !slices.Equal(lower, []FN{{1, 1e-5}, {1000, 1e-8}}) {
		t.Errorf("lines %v, %v", upper, lower)
	}
	if Zone(9).String() != "invalid" || ALARP.String() != "alarp" {
		t.Error("names of zones")
	}
}

// F is what its definition says, never rises, and does not depend on the order.
func TestCurveProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) FN {
			return FN{Deaths: float64(rapid.IntRange(0, 40).Draw(t, "n")) / 2, PerYear: rapid.Float64Range(0, 1e-2).Draw(t, "f")}
		}), 0, 20).Draw(t, "scenarios")
		curve, err := Curve(list)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range curve {
			sum := 0.0
			for _, s := range list {
				if s.Deaths >= p.Deaths {
					sum += s.PerYear
				}
			}
			if math.Abs(sum-p.PerYear) > 1e-12 || i > 0 && (p.PerYear > curve[i-1].PerYear || p.Deaths <= curve[i-1].Deaths) {
				t.Fatalf("point %d of %v, want %v", i, curve, sum)
			}
		}
		slices.Reverse(list)
		if again, _ := Curve(list); !slices.Equal(curve, again) {
			t.Fatalf("order counts: %v, %v", curve, again)
		}
	})
}
