package consequence

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

// is compares with a number as it is printed: within half a unit of its last
// digit.
func is(t *testing.T, what string, got float64, printed string) {
	t.Helper()
	want, err := strconv.ParseFloat(printed, 64)
	if err != nil {
		t.Fatal(err)
	}
	mantissa, exponent, _ := strings.Cut(printed, "e")
	unit := 1.0
	if _, decimals, ok := strings.Cut(mantissa, "."); ok {
		unit = math.Pow(10, -float64(len(decimals)))
	}
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil {
			t.Fatal(err)
		}
		unit *= math.Pow(10, float64(e))
	}
	if !(math.Abs(got-want) <= unit*0.5000001) {
		t.Errorf("%s: %.10g, want %s", what, got, printed)
	}
}

func result(t *testing.T, m Model) *Result {
	t.Helper()
	r, err := m.Result()
	if err != nil {
		t.Fatalf("%+v: %v", m, err)
	}
	return r
}

func radius(t *testing.T, r *Result, effect string, value float64, printed string) {
	t.Helper()
	metres, err := r.Radius(effect, value)
	if err != nil {
		t.Fatal(err)
	}
	is(t, fmt.Sprint(r.Model, " ", effect, " ", value), metres, printed)
}

func value(t *testing.T, r *Result, name string) float64 {
	t.Helper()
	for _, q := range r.Values {
		if q.Name == name {
			return q.Value
		}
	}
	t.Fatalf("%s has no value %s", r.Model, name)
	return 0
}

func substances(t testing.TB) *Substances {
	t.Helper()
	s, err := LoadSubstances()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func substance(t testing.TB, name string) *Substance {
	t.Helper()
	x, err := substances(t).Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestProbitOracles(t *testing.T) {
	for _, c := range []struct {
		pr      float64
		printed string
	}{{2.67, "0.009903"}, {3.72, "0.1003"}, {5, "0.5"}, {7.33, "0.9901"}} {
		is(t, fmt.Sprint("Pr ", c.pr), Chance(c.pr), c.printed)
	}
	for _, c := range []struct {
		kW      float64
		printed string
	}{{10, "0.01151"}, {12.5, "0.06536"}, {15, "0.1870"}, {20, "0.5370"}, {25, "0.8036"}, {35, "0.9774"}, {37.5, "0.9874"}} {
		is(t, fmt.Sprint(c.kW, " kW/m2"), thermal(c.kW*1e3, 20), c.printed)
	}
	is(t, "Pr of 10 kW/m2", ThermalTNO.At(ThermalDose(10e3, 20)), "2.727")
	for _, c := range []struct {
		v       float64
		printed string
	}{{0.01, "9.845"}, {0.5, "19.46"}, {0.99, "38.48"}} {
		is(t, fmt.Sprint("heat of ", c.v), heatOf(c.v, 20)/1e3, c.printed)
	}
	// The Eisenberg law in its other form.
	dose := ThermalDose(20e3, 20)
	if a, b := ThermalEisenberg.At(dose), -14.9+2.56*math.Log(dose/1e4); math.Abs(a-b) > 0.01 {
		t.Errorf("Eisenberg %v, in its other form %v", a, b)
	}
}

func TestToxicOracles(t *testing.T) {
	for _, c := range []struct{ key, lc50, lc01 string }{
		{"chlorine", "1116", "205.6"}, {"ammonia", "5428", "1696"}, {"hydrogen_sulfide", "986.4", "290.0"},
		{"sulfur_dioxide", "5803", "2201"}, {"hydrogen_chloride", "3172", "1689"}, {"hydrogen_fluoride", "785.1", "166.5"},
		{"phosgene", "81.35", "25.42"}, {"carbon_monoxide", "8093", "790.3"}, {"nitrogen_dioxide", "234.9", "125.3"},
		{"hydrogen_cyanide", "115.5", "43.82"}, {"ethylene_oxide", "4442", "433.7"},
	} {
		p := substance(t, c.key).Toxic
		is(t, c.key+" LC50", p.MgPerM3(0.5, 30), c.lc50)
		is(t, c.key+" LC01", p.MgPerM3(0.01, 30), c.lc01)
	}
	for _, c := range []struct {
		key         string
		mg, minutes float64
		pr, p       string
	}{
		{"chlorine", 1000, 30, "4.849", "0.4399"}, {"chlorine", 300, 30, "3.193", "0.03540"},
		{"ammonia", 5000, 30, "4.836", "0.4347"}, {"ammonia", 2000, 10, "1.904", "0.0009820"},
	} {
		p := substance(t, c.key).Toxic
		is(t, c.key, p.At(c.mg, c.minutes), c.pr)
		is(t, c.key, p.Lethality(c.mg, c.minutes), c.p)
	}
	// Published: Withers and Lees, converted by the laws' own dose.
	for minutes, ppm := range map[float64]string{10: "433", 30: "250"} {
		is(t, "chlorine ppm", math.Sqrt(ChlorineWithers.DoseOf(0.5)/minutes), ppm)
	}
	is(t, "1 ppm of chlorine in mg/m3", MgPerM3OfPPM(1, 70.906), "2.948")
}

func TestToxicThinGas(t *testing.T) {
	p := substance(t, "nitrogen_dioxide").Toxic // the greatest exponent
	for _, mg := range []float64{0, -1, 5e-324, 1e-200, math.NaN()} {
		if v := p.Lethality(mg, 10); v != 0 {
			t.Errorf("%v mg/m3 kills %v", mg, v)
		}
	}
	if math.Pow(1e-200, p.N) != 0 {
		t.Error("this concentration does not underflow: the test shows nothing")
	}
	if pr := p.At(1e-200, 10); math.IsInf(pr, 0) || math.IsNaN(pr) {
		t.Errorf("Pr of thin gas is %v", pr)
	}
	if a, b := p.Lethality(300, 30), p.Lethality(300, 300); a != b {
		t.Errorf("over 30 min counts: %v, %v", a, b)
	}
}

func TestOverpressureOracles(t *testing.T) {
	for _, c := range []struct {
		pa, paS                  float64
		eisenberg, hse, collapse string
	}{
		{30000, 1000, "8.4e-28", "0.06433", "0.3198"},
		{100000, 2000, "0.005453", "0.5517", "0.9321"},
		{200000, 3000, "0.9876", "0.8598", "0.9956"},
	} {
		is(t, "Eisenberg", LungEisenberg.Chance(c.pa), c.eisenberg)
		is(t, "HSE", LungHSE.Chance(c.pa/1e5), c.hse)
		is(t, "collapse", Chance(Collapse(c.pa, c.paS)), c.collapse)
	}
	is(t, "HSE at 16 kPa", LungHSE.Chance(0.16), "0.0086")
	is(t, "collapse at 16 kPa", Chance(Collapse(16000, 1e9)), "0.068")
	if a, b := Chance(HeadImpact(30000, 500)), Chance(HeadImpact(300000, 5000)); !(a < b && b <= 1) {
		t.Errorf("head impact %v, %v", a, b)
	}
}

func TestBlastOracles(t *testing.T) {
	for z, printed := range map[float64]string{1: "1354", 2: "283.7", 5: "43.23", 10: "14.89", 20: "6.102", 40: "2.375", 100: "0.6544"} {
		is(t, fmt.Sprint("p at Z ", z), PeakKPa(z), printed)
	}
	for z, printed := range map[float64]string{5: "59.31", 10: "31.04", 20: "15.89"} {
		is(t, fmt.Sprint("i at Z ", z), ScaledImpulse(z), printed)
	}
	is(t, "1 psi at Z 18", PeakKPa(18)/6.894757, "1.0")
	is(t, "1.2 psi at Z 15.87", PeakKPa(15.87)/6.894757, "1.2")
	r := result(t, Blast{TNTKg: 1000})
	for kPa, printed := range map[float64]string{100: "32.16", 30: "62.22", 20: "81.14", 16: "94.92", 10: "135.2", 7: "179.3", 5: "234.1", 2: "451.9"} {
		radius(t, r, EffectOverpressure, kPa, printed)
		if _, ok := r.Reach(EffectOverpressure, kPa); !ok {
			t.Errorf("%v kPa is not listed", kPa)
		}
	}
	v := result(t, VapourCloud{FuelKg: 1000, Substance: substance(t, "丙烷")})
	w := value(t, v, "tnt")
	is(t, "W", w, "410.2")
	is(t, "p(100 m)", PeakKPa(100/math.Cbrt(w)), "10.06")
	radius(t, v, EffectOverpressure, 6.895, "134.8")
	// Published: CCPS CHEF, 1e6 kJ at 4600 kJ/kg.
	is(t, "CHEF W", 1e6/4600, "217")
	is(t, "CHEF radius", 18*math.Cbrt(1e6/4600.0), "108")
	is(t, "CHEF W", 1e6/4600, "217.4")
	is(t, "CHEF radius", 18*math.Cbrt(1e6/4600.0), "108.2")
	chef := result(t, Blast{TNTKg: 1e6 / 4600.0})
	radius(t, chef, EffectOverpressure, PeakKPa(18), "108.2")
	if math.Abs(SadovskyMPa(5)*1e3-PeakKPa(5))/PeakKPa(5) > 0.35 {
		t.Errorf("Sadovsky %v kPa at Z 5", SadovskyMPa(5)*1e3)
	}
}

func TestFireballOracles(t *testing.T) {
	mass := 22.7 * 0.9 * substance(t, "propane").LiquidDensity.Value
	is(t, "propane truck", mass, "11957.7")
	r := result(t, Fireball{MassKg: mass})
	d, s, h := value(t, r, "diameter"), value(t, r, "duration"), value(t, r, "centre_height")
	is(t, "D", d, "132.6")
	is(t, "t", s, "10.29")
	is(t, "F", FireballView(100, d, d/2), "0.2546")
	is(t, "q published", 350*FireballView(100, d, d/2), "89.1")
	is(t, "q", 350*FireballView(100, d, d/2), "89.10")
	q := func(x float64) float64 { return 350 * FireballView(x, d, h) }
	is(t, "q(100)", q(100), "54.85")
	is(t, "Pr(100)", ThermalTNO.At(ThermalDose(q(100)*1e3, s)), "6.835")
	is(t, "P(100)", r.Footprint.At(100, 0), "0.9668")
	is(t, "q(150)", q(150), "39.60")
	is(t, "P(150)", r.Footprint.At(150, 0), "0.7652")
	is(t, "q(200)", q(200), "27.62")
	is(t, "P(200)", thermal(q(200)*1e3, s), "0.3063")
	is(t, "q(300)", q(300), "14.63")
	is(t, "P(300)", thermal(q(300)*1e3, s), "0.003719")
	is(t, "tau", Transmissivity(1636, 100), "0.6857")
	touching := result(t, Fireball{MassKg: mass, Touching: true})
	radius(t, touching, EffectHeatFlux, 89.1, "100.0")
}

// TestFireballOf50t is also the fifth and seventh question of a commander.
func TestFireballOf50t(t *testing.T) {
	r, err := Compute("fireball", []byte(`{"mass_kg": 50000}`), substances(t))
	if err != nil {
		t.Fatal(err)
	}
	is(t, "D", value(t, r, "diameter"), "213.7")
	is(t, "t", value(t, r, "duration"), "15.78")
	is(t, "P(300)", r.Footprint.At(300, 0), "0.8218")
	radius(t, r, EffectLethality, 0.5, "362.6")
	radius(t, r, EffectLethality, 0.01, "548.1")
	is(t, "reach", r.Footprint.Reach(), "548.1")
	for kW, printed := range map[float64]string{37.5: "253.8", 15: "476.2", 12.5: "529.3", 4: "979.8"} {
		radius(t, r, EffectHeatFlux, kW, printed)
	}
	// The cut at 1 % takes 6 of the dead away; the printed numbers are without.
	is(t, "N cut", ExpectedDeaths(r.Footprint, 5000), "2175")
	uncut := *r
	d0, h0 := value(t, r, "diameter"), value(t, r, "centre_height")
	uncut.Footprint, err = tabulate(func(x float64) float64 {
		return thermal(350e3*FireballView(max(x, h0/math.Sqrt2), d0, h0), value(t, r, "duration"))
	}, d0/2, 900)
	if err != nil {
		t.Fatal(err)
	}
	is(t, "N", ExpectedDeaths(uncut.Footprint, 5000), "2181")
	clothed, err := uncut.OutdoorsClothed()
	if err != nil {
		t.Fatal(err)
	}
	is(t, "N clothed", ExpectedDeaths(clothed, 5000), "460")
	d, err := LoadDomino()
	if err != nil {
		t.Fatal(err)
	}
	for key, printed := range map[string]string{"screen_15kW": "476.2", "legacy_37_5kW": "253.8", "engulfment": "106.8", "overpressure_16kPa": "0"} {
		k, err := d.Criterion(key)
		if err != nil {
			t.Fatal(err)
		}
		metres, err := k.Metres(r)
		if err != nil {
			t.Fatal(err)
		}
		is(t, key, metres, printed)
	}
}

func TestPoolFireOracles(t *testing.T) {
	r := result(t, PoolFire{Substance: substance(t, "汽油"), DiameterMetres: 20})
	is(t, "L", value(t, r, "flame_height"), "25.61")
	q := value(t, r, "radiated_power")
	is(t, "Q_rad", q, "2.643e8")
	l := value(t, r, "flame_height")
	for _, c := range []struct {
		x    float64
		q, p string
	}{{30, "19.77", "0.5212"}, {40, "11.92", "0.04720"}, {50, "7.895", "0.001035"}} {
		flux := q / (4 * math.Pi * (c.x*c.x + l*l/4))
		is(t, "q", flux/1e3, c.q)
		is(t, "P", thermal(flux, 20), c.p)
		radius(t, r, EffectHeatFlux, flux/1e3, strconv.FormatFloat(c.x, 'f', 4, 64))
	}
	if v := r.Footprint.At(10, 0); v != 1 {
		t.Errorf("lethality %v at the pool's edge", v)
	}
	area := result(t, PoolFire{Substance: substance(t, "gasoline"), AreaM2: math.Pi * 100})
	is(t, "L of the area", value(t, area, "flame_height"), "25.61")
}

func TestDamAndKernelOracles(t *testing.T) {
	is(t, "LOL", LossOfLife(5000, 0.5, true), "86.93")
	is(t, "LOL", LossOfLife(5000, 1.5, false), "2.842")
	is(t, "LOL", LossOfLife(1000, 0, true), "137.6")
	r := result(t, Index{R1Metres: 50, R2Metres: 200})
	for x, printed := range map[float64]string{50: "1", 100: "0.6667", 125: "0.5", 200: "0"} {
		is(t, fmt.Sprint("kernel at ", x), r.Footprint.At(x, 0), printed)
	}
	radius(t, r, EffectLethality, 0.5, "125.0")
}

func TestDominoOracles(t *testing.T) {
	for target, printed := range map[string]string{"atmospheric": "0.8837", "pressurised": "0.002537", "elongated": "0.3108"} {
		v, err := BlastDamage(target, 30_000)
		if err != nil {
			t.Fatal(err)
		}
		is(t, target, v, printed)
	}
	s, err := SecondsToFailure(20, 1000)
	if err != nil {
		t.Fatal(err)
	}
	is(t, "ttf", s, "646.2")
	is(t, "Pr", FireDamagePr(s), "8.150")
}
