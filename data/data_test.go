package data

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func testTaxonomy(t *testing.T) *Taxonomy {
	t.Helper()
	tax, err := NewTaxonomy(Taxonomy{
		Groups: []GroupInfo{{Key: "industrial"}, {Key: "public"}},
		Industries: []IndustryInfo{
			{Code: "I04", Slug: "petrol-station", Name: "加油站", Group: 0},
			{Code: "P09", Slug: "dam", Name: "水库大坝", Group: 1}},
		Vintages: []Vintage{
			{Name: "2019", Districts: []DistrictInfo{{Code: "330103"}, {Code: "330106"}}},
			{Name: "2021", Districts: []DistrictInfo{{Code: "330105"}, {Code: "330106"}}}},
		Default: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return tax
}

const sample = `{"type":"Feature","id":"HZ-I04-000123","geometry":{"type":"Point","coordinates":[120.15,30.27]},"properties":{"name":"演示","industry":"I04","district":"330106","level":3,"status":"active","sensitivity":"public","scenarios":[{"outcome":"pool_fire","per_year":0.00002,"basis":"qra","footprint":{"kind":"table","metres":[0,30,60],"lethality":[1,0.5,0]}},{"outcome":"index","per_year":0.00002,"basis":"equivalent","footprint":{"kind":"linear","r1":30,"r2":100}}],"accident_types":["FIRE"],"exposed_day":120,"synthetic":true}}`

func TestFeatureRoundTrip(t *testing.T) {
	tax := testTaxonomy(t)
	r, err := tax.ParseFeature([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	out, err := tax.AppendFeature(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if json.Unmarshal([]byte(sample), &a) != nil || json.Unmarshal(out, &b) != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("got  %s\nwant %s", out, sample)
	}
	if got := tax.DistrictCode(r.Hazard.Stated); got != "330106" {
		t.Errorf("district %q", got)
	}
}

func TestFeatureErrorsNameTheField(t *testing.T) {
	tax := testTaxonomy(t)
	for _, c := range []struct{ old, new, field string }{
		{`"I04"`, `"I99"`, "industry"},
		{`"level":3`, `"level":0`, "level"},
		{`"330106"`, `"999999"`, "district"},
		{`120.15`, `1200.15`, "geometry"},
		{`"linear"`, `"conical"`, "footprint.kind"},
		{`0.00002,"basis":"qra"`, `2,"basis":"qra"`, "scenarios.per_year"},
		{`"name":`, `"nmae":`, "properties"},
		{`"exposed_day":120`, `"exposed_day":-1`, "exposed_day"},
		{`"HZ-`, `"H Z-`, "id"},
	} {
		_, err := tax.ParseFeature([]byte(strings.Replace(sample, c.old, c.new, 1)))
		inv, ok := err.(*Invalid)
		if !ok || inv.Field != c.field {
			t.Errorf("%s: got %v, want field %s", c.new, err, c.field)
		}
	}
}

func TestFootprintIntervalsCloseAtTheFarEnd(t *testing.T) {
	fp := func(f Footprint) *Footprint {
		p, err := NewFootprint(f)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	step := fp(Footprint{Kind: Step, V0: 0.5, R1: 100, R2: 100})
	linear := fp(Footprint{Kind: Linear, V0: 1, R1: 50, R2: 200}) // domain 3.8
	table := fp(Footprint{Kind: Table, Metres: []float64{10, 30, 30, 60}, Lethality: []float64{1, 0.8, 0.5, 0.2}})
	polar := fp(Footprint{Kind: Polar, Metres: []float64{0, 100}, Bearings: []float64{90, 270}, Lethality: []float64{0.4, 0.2, 0.8, 0.6}})
	for _, c := range []struct {
		f          *Footprint
		d, b, want float64
	}{
		{step, 100, 0, 0.5}, {step, 100.001, 0, 0},
		{linear, 50, 0, 1}, {linear, 100, 0, 2.0 / 3}, {linear, 125, 0, 0.5}, {linear, 200, 0, 0},
		{table, 0, 0, 1}, {table, 20, 0, 0.9}, {table, 30, 0, 0.8}, {table, 45, 0, 0.35}, {table, 60, 0, 0.2}, {table, 60.1, 0, 0},
		{polar, 0, 0, 0.8}, {polar, 50, 90, 0.3}, {polar, 50, 180, 0.5}, {polar, 50, 0, 0.5}, {polar, 100, 315, 0.5},
	} {
		if got := c.f.At(c.d, c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s at %v m, %v°: %v, want %v", c.f.Kind, c.d, c.b, got, c.want)
		}
	}
}

func TestFilterMeaningsAreBits(t *testing.T) {
	tax := testTaxonomy(t)
	f, err := tax.Filter(Selection{Industries: []string{"I04"}, Groups: []string{"public"}})
	if err != nil || f != All() {
		t.Errorf("all industries named: %v %v, want the filter that restricts nothing", f, err)
	}
	f, _ = tax.Filter(Selection{Districts: []string{"330106"}, Levels: []string{"4", "significant"}})
	h := &Hazard{Class: Class{Level: Major, Districts: [4]District{2, 5, 2, 2}}}
	if !f.Match(h) {
		t.Errorf("district 330106 of 2021 is position 5: %+v", tax.Vintages)
	}
	h.Districts[1] = 4
	if f.Match(h) {
		t.Error("matches another district")
	}
	if _, err = tax.Filter(Selection{Vintage: "1999"}); err == nil {
		t.Error("unknown vintage taken")
	}
}

func TestNearestOnShapes(t *testing.T) {
	square := orb.Polygon{{{0, 0}, {0.01, 0}, {0.01, 0.01}, {0, 0.01}, {0, 0}}}
	if _, d := Nearest(square, orb.Point{0.005, 0.005}); d != 0 {
		t.Errorf("inside: %v", d)
	}
	q, d := Nearest(square, orb.Point{0.02, 0.005})
	if q != (orb.Point{0.01, 0.005}) || math.Abs(d-0.01*MetresPerDegree) > 1e-3 {
		t.Errorf("east of it: %v %v", q, d)
	}
	if b := Bearing(orb.Point{120, 30}, orb.Point{120, 29}); b != 180 {
		t.Errorf("south is %v", b)
	}
}

func TestDistanceFixture(t *testing.T) {
	at := orb.Point{120.35, 30.30} // domain.md 6
	for _, c := range []struct {
		p    orb.Point
		want float64
	}{{orb.Point{120.35, 30.295}, 556.0}, {orb.Point{120.345, 30.296}, 654.4}, {orb.Point{120.36, 30.3}, 960.1},
		{orb.Point{120.353, 30.301}, 308.7}, {orb.Point{120.34, 30.285}, 1924.5}} {
		if got := Distance(at, c.p); math.Abs(got-c.want) > 0.05 {
			t.Errorf("%v: %.1f m, want %.1f", c.p, got, c.want)
		}
	}
}
