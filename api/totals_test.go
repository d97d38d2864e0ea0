package api

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/grading"
)

// homesOf puts people on squares of 2 km over the middle of the city.
func homesOf() []data.Unit {
	var units []data.Unit
	for y := range 12 {
		for x := range 12 {
			b := orb.Bound{Min: orb.Point{120.05 + float64(x)*0.02, 30.16 + float64(y)*0.018}}
			b.Max = orb.Point{b.Min[0] + 0.02, b.Min[1] + 0.018}
			units = append(units, data.Unit{Code: fmt.Sprintf("H%02d%02d", y, x), Shape: b.ToPolygon(),
				Props: map[string]string{data.PeopleProp: fmt.Sprint(1000*(1+(x*y)%7) + x)}})
		}
	}
	return units
}

func sumRows(rows []SummaryRow) (pll, share, qra, equivalent float64) {
	for _, r := range rows {
		pll, share = pll+r.PLL, share+r.Share
		qra, equivalent = qra+r.ByBasis.QRA, equivalent+r.ByBasis.Equivalent
	}
	return
}

// The rows of every division of the summary add up to its total, whatever is asked
// for, and shares to 100 %; with people on the ground and without.
func TestSummaryLossesAddUp(t *testing.T) {
	records := town(t, 200, 9)
	for i, r := range records {
		if n := i * 7 % 90; i%5 > 0 {
			r.Detail.ExposedDay = &n
		}
	}
	without := newWorld(t, city.InternalView, records, nil)
	with := newWorld(t, city.InternalView, records, map[string][]data.Unit{data.PeopleKind: homesOf()})
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Max(a, b) }
	for name, w := range map[string]*world{"source exposure": without, "grid": with} {
		for _, query := range []string{"", "level=3,4", "industry=I04,C02", "group=crowded&district=330106", "vintage=2019&district=330103", "regulator=市应急局"} {
			first := read[Summary](w, "/api/v1/summary?"+query).Total
			if first.PLL <= 0 && query == "" || first.People.From != name {
				t.Fatalf("%s: PLL %g, people %+v", name, first.PLL, first.People)
			}
			for _, by := range []string{"industry", "group", "district", "level", "accident", "regulator"} {
				s := read[Summary](w, "/api/v1/summary?by="+by+"&"+query)
				pll, share, qra, equivalent := sumRows(s.Rows)
				if s.Total.PLL != first.PLL || !near(pll, first.PLL) || !near(qra, first.ByBasis.QRA) || !near(equivalent, first.ByBasis.Equivalent) ||
					first.PLL > 0 && (!near(share, 1) || s.Total.Share != 1) || !near(qra+equivalent, pll) {
					t.Errorf("%s %s by %s: rows %g (%g + %g, shares %g), total %+v", name, query, by, pll, qra, equivalent, share, s.Total.Losses)
				}
				if len(s.Meaning) < 3 || s.Total.Rule == nil {
					t.Errorf("%s by %s: says %v", name, by, s.Meaning)
				}
			}
			f := read[FN](w, "/api/v1/fn?"+query)
			if f.PLL != first.PLL || f.People != first.People {
				t.Errorf("%s %s: F-N has PLL %g, the summary %g", name, query, f.PLL, first.PLL)
			}
		}
	}
}

// Districts carry the loss on their ground, and their people sum to the city's.
func TestDistrictFigures(t *testing.T) {
	_, records := theTown(t)
	w := newWorld(t, city.InternalView, records, map[string][]data.Unit{data.PeopleKind: homesOf()})
	everybody := 0.0
	for _, u := range homesOf() {
		n := 0.0
		fmt.Sscan(u.Props[data.PeopleProp], &n)
		everybody += n
	}
	for _, vintage := range []string{"2021", "2019"} {
		s := read[Summary](w, "/api/v1/summary?by=district&vintage="+vintage)
		people := 0.0
		for _, r := range s.Rows {
			people += *r.People
			if r.Key == outside {
				if r.PerKM2 != nil || r.DistrictFigures.Level != 0 {
					t.Errorf("outside: %+v", r.DistrictFigures)
				}
				continue
			}
			d := read[District](w, "/api/v1/districts/"+r.Key+"?vintage="+vintage).Properties
			byLevel := d.PeopleByLevel.Rest + d.PeopleByLevel.Low + d.PeopleByLevel.General + d.PeopleByLevel.Significant + d.PeopleByLevel.Major
			g := d.GroundKM2
			area := g.Rest + g.Low + g.General + g.Significant + g.Major
			if d.PLL != r.PLL || d.People.Count != *r.People || d.Level != r.DistrictFigures.Level || math.Abs(byLevel-*r.People) > 1e-3 ||
				d.GroundKM2 != r.GroundKM2 || d.People.From != "grid" {
				t.Errorf("%s: %+v, the summary says %+v", r.Key, d, r)
			}
			if math.Abs(*r.PerKM2*area-r.PLL) > 1e-6*r.PLL || *r.People > 0 && math.Abs(*r.PerHeads**r.People/1e4-r.PLL) > 1e-9*r.PLL {
				t.Errorf("%s: %g per km2, %g of PLL", r.Key, *r.PerKM2, r.PLL)
			}
			if (d.Rule.From == "people") != (d.People.Count > 0) || d.Level < d.Rule.ByFloors || d.Level != max(d.Rule.ByShares, d.Rule.ByFloors) {
				t.Errorf("%s: level %d by %+v", r.Key, d.Level, d.Rule)
			}
		}
		if math.Abs(people-everybody) > 1e-6 || s.Total.People.Count != everybody {
			t.Errorf("%s: districts have %g people, the total says %g of %g", vintage, people, s.Total.People.Count, everybody)
		}
		if math.Abs(*s.Total.MeanIR*everybody-s.Total.PLL) > 1e-9*s.Total.PLL {
			t.Errorf("mean %g", *s.Total.MeanIR)
		}
	}
}

// The worked curve: five sources of one scenario each, whose people are their own.
func TestFNOracle(t *testing.T) {
	var records []*data.Record
	for i, s := range []struct {
		f float64
		n int
	}{{1e-4, 2}, {3e-5, 8}, {1e-5, 25}, {2e-6, 120}, {5e-7, 600}, {1e-3, 0}} {
		r := source(t, fmt.Sprintf("FN-%d", i), "I04", data.Low, orb.Point{120.15, 30.27}, scenario(t, s.f, step(50)))
		r.Detail.ExposedDay, r.Detail.ExposedNight = &s.n, &s.n
		records = append(records, r)
	}
	w := newWorld(t, city.InternalView, records, nil)
	f := read[FN](w, "/api/v1/fn")
	want := []FNPair{{2, 1.425e-4}, {8, 4.25e-5}, {25, 1.25e-5}, {120, 2.5e-6}, {600, 5e-7}}
	if len(f.Lines.Upper) != 2 || f.Lines.Upper[0] != (FNPair{1, 1e-3}) || f.Lines.Upper[1] != (FNPair{1000, 1e-6}) {
		t.Fatalf("upper line %v", f.Lines.Upper)
	}
	upper := func(n float64) float64 { return 1e-3 / n } // that line
	for i, p := range f.Points {
		if p.Deaths != want[i].Deaths || math.Abs(p.PerYear-want[i].PerYear) > 1e-15 || p.Zone != "alarp" {
			t.Errorf("point %d: %+v, want %+v", i, p, want[i])
		}
		ratio := []float64{.285, .34, .3125, .3, .3}[i]
		if math.Abs(p.PerYear/upper(p.Deaths)-ratio) > 1e-9 {
			t.Errorf("F(%g) is %g of the upper line, want %g", p.Deaths, p.PerYear/upper(p.Deaths), ratio)
		}
	}
	if len(f.Points) != 5 || f.Zone != "alarp" || f.Scenarios != 6 || fmt.Sprintf("%.3e", f.PLL) != "1.230e-03" || f.Thinned {
		t.Errorf("%d points, zone %s, %d scenarios, PLL %g", len(f.Points), f.Zone, f.Scenarios, f.PLL)
	}
	counts := []int{}
	for _, s := range f.Severity {
		counts = append(counts, s.Scenarios)
	}
	if fmt.Sprint(counts) != "[2 1 1 2]" || strings.Contains(f.Severity[0].Key, "major") {
		t.Errorf("severity %+v", f.Severity)
	}
}

func TestThinKeepsEnds(t *testing.T) {
	curve := make([]grading.FN, 5000)
	for i := range curve {
		curve[i] = grading.FN{Deaths: 1 + float64(i)/10, PerYear: 1 / float64(i+1)}
	}
	out := thin(curve)
	if len(out) > 700 || out[0] != curve[0] || out[len(out)-1] != curve[len(curve)-1] {
		t.Errorf("%d points", len(out))
	}
	if small := thin(curve[:1000]); len(small) != 1000 {
		t.Errorf("%d of 1000 points", len(small))
	}
}
