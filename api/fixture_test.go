package api

import (
	"fmt"
	"math"
	"net/http"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// The emergency fixture: an incident and seven places around it, with the people
// there. Distances are haversine on the sphere of radius 6,371,008.8 m.
var incident = orb.Point{120.35, 30.30}

func commandFixture(t testing.TB) []*data.Record {
	records := []*data.Record{
		source(t, "S1", "C09", data.Low, orb.Point{120.3500, 30.2950}),
		source(t, "S2", "C05", data.Low, orb.Point{120.3450, 30.2960}),
		source(t, "S3", "C02", data.Low, orb.Point{120.3600, 30.3000}),
		source(t, "S4", "C10", data.Low, orb.Point{120.3500, 30.3060}),
		source(t, "S5", "I14", data.Major, orb.Point{120.3530, 30.3010}),
		source(t, "S6", "I02", data.Significant, orb.Point{120.3470, 30.2990}),
		source(t, "S7", "C13", data.General, orb.Point{120.3400, 30.2850}),
	}
	for i, people := range []int{1200, 800, 3000, 150, 20, 60, 5000} {
		records[i].Detail.ExposedDay, records[i].Detail.ExposedNight = &people, &people
	}
	return records
}

func TestNearbyGivesTheFixturesList(t *testing.T) {
	w := newWorld(t, city.InternalView, commandFixture(t), nil)
	for _, c := range []struct {
		query string
		ids   []string
		at    []float64
	}{
		{"&radius=1000", []string{"S5", "S6", "S1", "S2", "S4", "S3"}, []float64{308.7, 308.7, 556.0, 654.4, 667.2, 960.1}},
		{"", []string{"S5", "S6", "S1", "S2", "S4", "S3"}, []float64{308.7, 308.7, 556.0, 654.4, 667.2, 960.1}}, // 1000 is the default
		{"&radius=500", []string{"S5", "S6"}, []float64{308.7, 308.7}},
		{"&radius=1900", []string{"S5", "S6", "S1", "S2", "S4", "S3"}, []float64{308.7, 308.7, 556.0, 654.4, 667.2, 960.1}},
		{"&radius=1925", []string{"S5", "S6", "S1", "S2", "S4", "S3", "S7"}, []float64{308.7, 308.7, 556.0, 654.4, 667.2, 960.1, 1924.5}},
		{"&radius=1000&limit=3", []string{"S5", "S6", "S1"}, []float64{308.7, 308.7, 556.0}},
		{"&radius=1000&industry=I14,I02", []string{"S5", "S6"}, []float64{308.7, 308.7}},
		{"&radius=1000&group=crowded&level=4", nil, nil},
	} {
		got := read[Nearby](w, "/api/v1/nearby?"+at(incident)+c.query)
		if len(got.Features) != len(c.ids) || got.Returned != len(c.ids) {
			t.Fatalf("%q: %d features, want %v", c.query, len(got.Features), c.ids)
		}
		for i, f := range got.Features {
			if f.ID != c.ids[i] || math.Abs(f.Properties.Distance-c.at[i]) > 0.05 {
				t.Errorf("%q: at %d %s %.2f m, want %s %.1f m", c.query, i, f.ID, f.Properties.Distance, c.ids[i], c.at[i])
			}
		}
		if want := c.query == "&radius=1000&limit=3"; got.More != want {
			t.Errorf("%q: more is %v", c.query, got.More)
		}
		if got.DataRevision == 0 || got.Type != "FeatureCollection" {
			t.Errorf("%q: %+v", c.query, got.Collection)
		}
	}
	north := read[Nearby](w, "/api/v1/nearby?"+at(incident)+"&industry=C10").Features[0].Properties
	if north.Bearing != 0 {
		t.Errorf("S4 is due north, not at %v", north.Bearing)
	}
}

func TestEqualDistancesAreInOrderOfID(t *testing.T) {
	p := orb.Point{120.36, 30.30}
	w := newWorld(t, city.InternalView, []*data.Record{
		source(t, "b", "C02", 1, p), source(t, "a", "C02", 1, p), source(t, "c", "C02", 1, p)}, nil)
	for _, reach := range []string{"", "&reach=true"} {
		got := read[Nearby](w, "/api/v1/nearby?"+at(p)+reach)
		if len(got.Features) != 3 || got.Features[0].ID != "a" || got.Features[1].ID != "b" || got.Features[2].ID != "c" {
			t.Errorf("%q: %+v", reach, got.Features)
		}
	}
}

func TestReachListsWhatCanReachByContribution(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	far, near := orb.Point{120.16, 30.27}, orb.Point{120.1505, 30.27} // 960 m, 48 m
	w := newWorld(t, city.InternalView, []*data.Record{
		source(t, "far", "I01", 4, far, scenario(t, 4e-5, step(1000))),
		source(t, "near", "I04", 2, near, scenario(t, 1e-6, step(60))),
		source(t, "out", "I04", 2, orb.Point{120.152, 30.27}, scenario(t, 1e-6, step(60))),
	}, nil)
	got := read[Nearby](w, "/api/v1/nearby?"+at(p)+"&reach=true")
	if len(got.Features) != 2 || got.Features[0].ID != "far" || got.Features[1].ID != "near" {
		t.Fatalf("%+v", got.Features)
	}
	if *got.IR != 4.1e-5 || *got.Level != data.Major || *got.Features[0].Properties.IR != 4e-5 || *got.Features[1].Properties.IR != 1e-6 {
		t.Errorf("ir %v level %v parts %v %v", *got.IR, *got.Level, *got.Features[0].Properties.IR, *got.Features[1].Properties.IR)
	}
	near1 := read[Nearby](w, "/api/v1/nearby?"+at(p)+"&reach=true&radius=100")
	if len(near1.Features) != 1 || near1.Features[0].ID != "near" || *near1.IR != 1e-6 {
		t.Errorf("within 100 m: %+v", near1.Features)
	}
	if cut := read[Nearby](w, "/api/v1/nearby?"+at(p)+"&reach=true&limit=1"); len(cut.Features) != 1 || !cut.More || *cut.IR != 4.1e-5 {
		t.Errorf("cut: %+v", cut)
	}
}

// Question 12: what is the standing risk here, and from what? The superposition
// oracle's P2, with A as a table of its printed value at that distance.
func TestRiskSplitsTheOraclesPlace(t *testing.T) {
	p2 := orb.Point{120.2, 30.3}
	metresNorth := func(m float64) orb.Point { return orb.Point{p2[0], p2[1] + m/data.MetresPerDegree} }
	table := data.Footprint{Kind: data.Table, Metres: []float64{0, 200, 301}, Lethality: []float64{0.9, 0.821844, 0.821844}}
	linear := data.Footprint{Kind: data.Linear, V0: 0.5, R1: 100, R2: 500}
	w := newWorld(t, city.InternalView, []*data.Record{
		source(t, "A", "I14", 3, metresNorth(-300), scenario(t, 1e-5, table)),
		source(t, "C", "C13", 3, metresNorth(300), scenario(t, 5e-5, linear, func(s *data.Scenario) { s.Basis = data.Equivalent })),
	}, nil)
	got := read[Risk](w, "/api/v1/risk?"+at(p2))
	if math.Abs(got.IR-2.07184e-5) > 1e-10 || got.Level != data.Significant || len(got.Contributions) != 2 {
		t.Fatalf("ir %v level %v of %d", got.IR, got.Level, len(got.Contributions))
	}
	c, a := got.Contributions[0], got.Contributions[1]
	if c.ID != "C" || math.Abs(c.IR-1.25e-5) > 1e-10 || a.ID != "A" || math.Abs(a.IR-8.21844e-6) > 1e-10 {
		t.Errorf("C %v A %v", c, a)
	}
	if got.ByBasis.Equivalent != c.IR || got.ByBasis.QRA != a.IR || math.Abs(c.Share-0.6033) > 1e-4 {
		t.Errorf("split %+v, share %v", got.ByBasis, c.Share)
	}
	if math.Abs(c.DistanceM-300) > 0.01 || c.Bearing != 0 || a.Bearing != 180 {
		t.Errorf("C %v m at %v, A at %v", c.DistanceM, c.Bearing, a.Bearing)
	}
}

func TestLevelFollowsTheCuts(t *testing.T) {
	var records []*data.Record
	cases := []struct {
		perYear float64
		level   data.Level
	}{{1e-9, 0}, {1.1e-9, 1}, {2.999e-6, 1}, {3e-6, 2}, {9.99e-6, 2}, {1e-5, 3}, {2.99e-5, 3}, {3e-5, 4}, {1e-2, 4}}
	place := func(i int) orb.Point { return orb.Point{120.1 + 0.01*float64(i), 30.27} }
	for i, c := range cases {
		records = append(records, source(t, fmt.Sprint("h", i), "I04", data.Low, place(i), scenario(t, c.perYear, step(100))))
	}
	w := newWorld(t, city.InternalView, records, nil)
	for i, c := range cases {
		for _, zoom := range []string{"", "&zoom=9", "&zoom=16"} {
			got := read[Risk](w, "/api/v1/risk?"+at(place(i))+zoom)
			if got.IR != c.perYear || got.Level != c.level {
				t.Errorf("%v: ir %v level %d, want level %d", c.perYear, got.IR, got.Level, c.level)
			}
			if zoom == "&zoom=16" && (got.Cell.IR != c.perYear || got.Cell.Level != c.level) {
				t.Errorf("%v: cell ir %v level %d, want level %d", c.perYear, got.Cell.IR, got.Cell.Level, c.level)
			}
		}
	}
	nothing := read[Risk](w, "/api/v1/risk?lon=119.5&lat=29.9&zoom=12")
	if nothing.IR != 0 || nothing.Level != 0 || len(nothing.Contributions) != 0 || nothing.Cell.IR != 0 || nothing.Cell.Level != 0 {
		t.Errorf("where nothing is: %+v", nothing)
	}
}

// Question 14: red sources of an industry in a district.
func TestRedSourcesOfAnIndustryInADistrict(t *testing.T) {
	w := newWorld(t, city.InternalView, commandFixture(t), nil)
	for _, c := range []struct {
		query string
		want  int
	}{
		{"industry=I14&district=330114&level=4", 1},
		{"industry=lpg&district=330114&level=4", -1},
		{"industry=I14&district=330114&level=major&bbox=120.35,30.29,120.36,30.31", 1},
		{"industry=I14&district=330114&level=4&bbox=120.0,30.29,120.1,30.31", 0},
		{"industry=I14&district=330106&level=4", 0},
		{"industry=I14&level=1", 0},
	} {
		target := "/api/v1/hazards?" + c.query
		if c.want < 0 {
			if p := w.problem(target, http.StatusBadRequest); p.Parameter != "industry" {
				t.Errorf("%+v", p)
			}
			continue
		}
		got := read[hazardList](w, target)
		if len(got.Features) != c.want || *got.Matched != c.want || got.Returned != c.want {
			t.Errorf("%s: %d of %d, want %d", c.query, len(got.Features), *got.Matched, c.want)
		}
	}
}
