package demo

import (
	"reflect"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

func TestPlacesAreBelievable(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	v := &p.Taxonomy.Vintages[p.Taxonomy.Default]
	outlines := city.NewLocator(p.Outlines(v.Name))
	units := Places(p, UsualPlaces, 1)
	if _, err := data.CheckUnits(data.PlaceKind, units); err != nil {
		t.Fatal(err)
	}
	counts, rooms := map[string]int{}, map[string]string{}
	for _, u := range units {
		counts[u.Class]++
		if u.Props["synthetic"] != "true" || u.Props["phone"] != "" || u.Props["contact"] != "" {
			t.Fatalf("%s: %v", u.Code, u.Props)
		}
		at := data.LabelPoint(u.Shape)
		in, ok := outlines.Locate(at)
		if !ok {
			t.Errorf("%s lies outside the city at %v", u.Code, at)
		}
		if code := u.Props["district"]; code != "" {
			if code != in || u.Class != "duty_room" {
				t.Errorf("%s of %s is a %s in %s", u.Code, code, u.Class, in)
			}
			rooms[code] = u.Code
		}
	}
	if len(rooms) != len(v.Districts) {
		t.Errorf("%d districts have a duty room: %v", len(rooms), rooms)
	}
	for class, least := range map[string]int{"shelter": 600, "hospital": 240, "material": 120, "fire_station": 100, "rescue_team": 80, "duty_room": 30, "road": 15} {
		if counts[class] < least || counts[class] > 2*least {
			t.Errorf("%d places of kind %s, want %d or more", counts[class], class, least)
		}
	}
	t.Log(counts)
}

// Roads are lines in the city, of the length of roads.
func TestRoadsFollowTheLayout(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, u := range Places(p, 0, 1) {
		if u.Class != data.RoadClass {
			continue
		}
		n++
		metres := data.LengthMetres(u.Shape)
		if metres < 3_000 || metres > 200_000 {
			t.Errorf("%s is %.0f m long", u.Code, metres)
		}
		switch line := u.Shape.(type) {
		case orb.LineString:
			if n == 1 && line[0] != line[len(line)-1] {
				t.Error("the inner ring is open")
			}
		case orb.MultiLineString:
		default:
			t.Errorf("%s is a %T", u.Code, u.Shape)
		}
	}
	if n != len(ringMetres)+len(centres)-1 {
		t.Errorf("%d roads", n)
	}
}

// What is known of a source's size is of its own stream of numbers, and gives
// the class of target that the standard gives.
func TestSizesOfSources(t *testing.T) {
	p, all := records(t, 3000, 1)
	seen := map[string]map[string]bool{}
	for _, r := range all {
		code := p.Taxonomy.Industries[r.Hazard.Industry].Code
		if r.Detail.ExposedDay == nil || r.Detail.ExposedNight == nil || *r.Detail.ExposedDay+*r.Detail.ExposedNight == 0 {
			t.Errorf("%s exposes nobody", r.Hazard.ID)
		}
		e, ok := extents[code]
		if !ok {
			continue
		}
		if e.floor > 0 && r.Detail.Indicators["floor_area_m2"] == nil {
			t.Errorf("%s has no floor area: %v", r.Hazard.ID, r.Detail.Indicators)
		}
		if (r.Detail.ProtectionClass == "") != (e.use == noUse) {
			t.Errorf("%s is a target of class %q", r.Hazard.ID, r.Detail.ProtectionClass)
		}
		if seen[code] == nil {
			seen[code] = map[string]bool{}
		}
		seen[code][r.Detail.ProtectionClass] = true
	}
	if !seen["C06"]["general_2"] || !seen["C07"]["general_1"] || !seen["C07"]["general_2"] || !seen["C02"]["general_1"] {
		t.Errorf("%v", seen)
	}
	for _, c := range []struct {
		use    use
		sizes  map[string]any
		people float64
		want   data.Protection
	}{
		{trade, map[string]any{"floor_area_m2": 5000.0}, 0, data.General1}, {trade, map[string]any{"floor_area_m2": 1500.0}, 0, data.General2},
		{trade, nil, 299, data.General2}, {trade, nil, 99, data.General3}, {dwelling, map[string]any{"households": 30.0}, 0, data.General1},
		{dwelling, map[string]any{"households": 10.0}, 29, data.General2}, {lodging, map[string]any{"beds": 99.0}, 500, data.General2},
		{factory, map[string]any{"staff_on_shift": 100.0}, 0, data.General2}, {park, map[string]any{"ground_area_m2": 1499.0}, 0, data.General3},
	} {
		if got := protection(c.use, c.sizes, c.people); got != c.want {
			t.Errorf("%d %v %v: %v, want %v", c.use, c.sizes, c.people, got, c.want)
		}
	}
	if reflect.DeepEqual(all[0].Detail.Indicators, all[1].Detail.Indicators) && all[0].Detail.Indicators != nil {
		t.Error("sizes do not vary")
	}
}
