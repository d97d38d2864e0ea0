package demo

import (
	"math"
	"reflect"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

func TestPeopleLiveInTheCity(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	units := People(p, calm, 1)
	if !reflect.DeepEqual(units, People(p, calm, 1)) || reflect.DeepEqual(units, People(p, calm, 2)) {
		t.Error("people do not go by the seed alone")
	}
	checked, err := data.CheckUnits(data.PeopleKind, units)
	if err != nil {
		t.Fatal(err)
	}
	outlines := city.NewLocator(p.Outlines(p.Taxonomy.Vintages[p.Taxonomy.Default].Name))
	var total, near, densest float64
	fine := 0
	for i := range checked {
		u := &checked[i]
		if u.Props["synthetic"] != "true" {
			t.Fatalf("%s does not say that it is synthetic", u.Code)
		}
		people, _ := u.People()
		total += people
		box := u.Shape.Bound()
		for _, at := range append(orb.MultiPoint{box.Center()}, u.Shape.(orb.Polygon)[0]...) {
			if _, in := outlines.Locate(at); !in {
				t.Fatalf("%s reaches out of the city at %v", u.Code, at)
			}
		}
		side := data.Distance(box.Min, orb.Point{box.Min[0], box.Max[1]})
		if math.Abs(side-500) < 1 {
			fine++
		} else if math.Abs(side-1000) > 1 {
			t.Fatalf("%s is %v metres high", u.Code, side)
		}
		densest = math.Max(densest, people/(side/1000)/(side/1000))
		if data.Distance(box.Center(), centres[0].at) < 15_000 {
			near += people
		}
	}
	t.Logf("%.0f people on %d squares, %d of 500 m; at most %.0f per km2; %.0f %% within 15 km of the first centre",
		total, len(units), fine, densest, 100*near/total)
	if math.Abs(total-12.4e6) > 0.01*12.4e6 || len(units) > mostSquares || fine < 1000 || len(units)-fine < 1000 {
		t.Errorf("%.0f people on %d squares, %d of them fine", total, len(units), fine)
	}
	if densest < 10_000 || densest > 60_000 {
		t.Errorf("the densest square has %.0f people per km2", densest)
	}
	if near < 0.3*total || near > 0.7*total {
		t.Errorf("%.0f of %.0f people live within 15 km of the first centre", near, total)
	}
}

// Every profile has people, within bounds.
func TestPeopleOfOtherCities(t *testing.T) {
	for _, name := range []string{"generic", "../city/testdata/riverton.json"} {
		p, err := city.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		units, total := People(p, calm, 1), 0.0
		for i := range units {
			people, err := units[i].People()
			if err != nil || !p.Bound.Contains(units[i].Shape.Bound().Center()) {
				t.Fatalf("%s: %s: %v", name, units[i].Code, err)
			}
			total += people
		}
		t.Logf("%s: %.0f people on %d squares", name, total, len(units))
		if len(units) == 0 || len(units) > mostSquares || total > 1.01*mostPeople {
			t.Errorf("%s: %d squares, %.0f people", name, len(units), total)
		}
	}
}

func BenchmarkPeople(b *testing.B) {
	p, err := city.Load("hangzhou")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		People(p, calm, 1)
	}
}

// A small city keeps the fullest squares of the large one, as they are.
func TestSmallCitiesHaveFewerSquares(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	large := map[string]string{}
	for _, u := range People(p, calm, 1) {
		large[u.Code] = u.Props[data.PeopleProp]
	}
	small := People(p, 10, 1)
	if len(small) != leastSquares || len(large) != mostSquares {
		t.Fatalf("%d and %d squares", len(small), len(large))
	}
	least := math.Inf(1)
	for _, u := range small {
		if large[u.Code] != u.Props[data.PeopleProp] {
			t.Fatalf("%s has %s people, in the large city %q", u.Code, u.Props[data.PeopleProp], large[u.Code])
		}
		n, _ := u.People()
		least = math.Min(least, n)
		delete(large, u.Code)
	}
	for code, people := range large {
		if n, _ := strconv.ParseFloat(people, 64); n > least+1 {
			t.Fatalf("%s with %g people is left out, one with %g is not", code, n, least)
		}
	}
}
